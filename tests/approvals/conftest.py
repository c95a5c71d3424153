import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.approvals.far import Rail
from tests.conftest import Clock


@pytest.fixture
def rail(engine: AsyncEngine, clock: Clock) -> Rail:
    return Rail(engine, clock)
