"""A little chaos on every run; `make chaos` is the whole of it."""

from pathlib import Path

import pytest

from tests.chaos.run import Plan, run

PLAN = Plan(
    proposals=12,
    seed=7,
    speed=6.0,
    kill_every=(2.0, 5.0),
    at_once=8,
    seconds_max=300.0,
    rest_seconds_max=150.0,
)


@pytest.mark.postgres
@pytest.mark.timeout(400)  # a minute where the machine has nothing else to do
async def test_after_kills_and_lost_replies_all_is_as_it_was_approved(
    tmp_path: Path, postgres_url: str
) -> None:
    figures = await run(PLAN, tmp_path, postgres_url)

    assert not figures.breaches, f"{figures.told()}\n{_logs(tmp_path)}"
    assert figures.kills >= 1, figures.told()
    assert figures.proposals >= PLAN.proposals


def _logs(folder: Path) -> str:
    return "\n".join(path.read_text()[-2000:] for path in folder.glob("*.log"))
