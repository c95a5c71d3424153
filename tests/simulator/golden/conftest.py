"""One simulator, asked everything once."""

import asyncio

import pytest

from tests.simulator.golden.gathered import Gathered, gather


@pytest.fixture(scope="session")
def answers() -> Gathered:
    return asyncio.run(gather())
