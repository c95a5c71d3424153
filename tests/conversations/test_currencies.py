"""A sum said in one currency for somebody who is billed in another."""

from pathlib import Path

from approvals.proposal import Status
from bot import app as program
from tests.conversations.town import SAM, town


async def test_pounds_are_not_posted_as_euros(tmp_path: Path) -> None:
    async with (
        town(tmp_path, companies=("pennine-uk",)) as place,
        place.visit(SAM) as sam,
    ):
        await sam.say("dublin docks paid £300")
        await sam.sees("You said GBP, but this would be entered in EUR")

        waiting = await place.parts.desk.proposals(
            program.WORKSPACE, statuses=frozenset({Status.PENDING})
        )
        await sam.say("dublin docks paid 300")
        await sam.sees("Payment of €300.00 from Dublin Docks Management")

    assert not waiting
