"""A simulator on a free port, and a plain HTTP client in front of it."""

from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from qbo.simulator.serve import Options, Running, start
from tests.simulator.client import TOKEN, QuickBooks, plain
from tests.stories import told

TODAY = date(2026, 11, 20)


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    """Both companies with empty books."""
    companies = ("harbour-pine-us", "pennine-uk")
    options = Options(
        port=0, today=TODAY, invoices=0, companies=companies, tokens=(TOKEN,)
    )
    running = await start(options, told)
    yield running
    await running.stop()


@pytest.fixture
async def books(running: Running) -> AsyncIterator[QuickBooks]:
    """The American company."""
    async with QuickBooks(running.url, "9130350000000001") as client:
        yield client


@pytest.fixture
async def uk_books(running: Running) -> AsyncIterator[QuickBooks]:
    """The British company."""
    async with QuickBooks(running.url, "9130350000000002") as client:
        yield client


@pytest.fixture
async def web(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a token."""
    async with plain(running.url) as client:
        yield client
