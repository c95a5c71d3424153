"""Fixtures of the console: a running one, and a browser."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.console.office import Office, opened


@pytest.fixture
async def office(engine: AsyncEngine) -> AsyncIterator[Office]:
    """The console of the demo, on loopback, over each kind of database."""
    async with opened(engine) as running:
        yield running
