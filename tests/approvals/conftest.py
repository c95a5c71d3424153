import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.approvals.far import Rail, rail
from tests.conftest import Clock


@pytest.fixture(name="rail")
def a_rail(engine: AsyncEngine, clock: Clock) -> Rail:
    return rail(engine, clock)
