"""What these tests share."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.bot.square import Square, opened
from tests.conftest import Clock


@pytest.fixture
async def square(engine: AsyncEngine, clock: Clock) -> AsyncIterator[Square]:
    async with opened(engine, clock) as made:
        yield made
