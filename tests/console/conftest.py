"""Fixtures of the console: a running one, and a browser."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.console.office import Office, opened

_ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# A machine that is busy with other things is slow, not wrong.
expect.set_options(timeout=15_000)


@pytest.fixture
async def office(engine: AsyncEngine) -> AsyncIterator[Office]:
    """The console of the demo, on loopback, over each kind of database."""
    async with opened(engine) as running:
        yield running


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """The system's Chromium; skipped without one, but never in CI."""
    found = shutil.which("chromium", path=f"/usr/bin:{os.environ.get('PATH', '')}")
    if found is None:
        lacking = "Chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(lacking)
        pytest.skip(lacking)
    async with async_playwright() as playwright:
        # A home of its own: nothing of the person's browser is read or kept.
        running = await playwright.chromium.launch(
            executable_path=found,
            args=_ARGUMENTS,
            env={**os.environ, "HOME": str(tmp_path)},
        )
        try:
            yield running
        finally:
            await running.close()
