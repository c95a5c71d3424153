"""A request that a language model helped to read, from the words to the trail."""

from pathlib import Path
from typing import Any

from approvals.proposal import Status
from bot import check
from tests.bot.provider import provider
from tests.conversations.town import PRIYA, SAM, environ_for, town

WORDS = "invoice Acme West for the usual ten hours of consulting stuff"
LINES = [{"item": "Consulting", "quantity": "10"}]
HELPED = "Read with the help of a language model: 127.0.0.1 (small-1)."


async def test_a_model_helps_to_read_and_everybody_can_see_that(tmp_path: Path) -> None:
    async with provider() as far:
        asked: dict[str, Any] = {
            "COUNTERSIGN_MODEL": "openai:small-1",
            "COUNTERSIGN_MODEL_URL": f"{far.url}/v1",
            "OPENAI_API_KEY": "sk-of-the-tests",
        }
        async with town(tmp_path, **asked) as here, here.visit(SAM) as sam:
            await here.parts.reader.prepare()
            far.says("invoice.create", customer="Acme West", lines=LINES)
            await sam.say(WORDS)
            await sam.sees("P-1")

            proposal = await here.proposal("P-1")
            async with here.visit(PRIYA) as priya:
                shown = await priya.sees(r"P-1 .*language model")
            evidence = await here.parts.desk.audit.evidence(proposal.id)
            await sam.say("/model")
            standing = await sam.sees("When I am not sure what you mean, I ask")
            await sam.say("model claude")
            denied = await sam.sees("is no model that is set up here")
            await sam.say("model off")
            await sam.sees("No language model is asked about what you write")
            await sam.say("whats the damage for acme west")
            await sam.sees("whats the damage for acme west")
            metrics = (await here.http.get(f"{here.url}/metrics")).text
            said: list[str] = []
            environ = environ_for(
                tmp_path, here.simulator.url, COUNTERSIGN_ADMINS="a@b.example", **asked
            )
            far.says("receivables.list", "read")
            await check.run(environ, said.append)

    assert proposal.status is Status.PENDING
    assert proposal.words == WORDS
    assert proposal.doubts[0] == HELPED
    assert proposal.confidence is not None
    assert f"Read with {proposal.confidence} % certainty" in shown
    assert HELPED in shown
    assert HELPED in str(evidence)
    assert "127.0.0.1 (small-1)" in standing
    assert "740 of 2,000,000 tokens" in standing
    assert "Nothing has been changed" in denied
    # Off means off; the second question was the operator's own.
    assert [far.question(at)["message"] for at in range(len(far.arrived))] == [
        WORDS,
        "who owes us money",
    ]
    asked_total = 'countersign_model_asked_total{outcome="write",provider="openai"} 1.0'
    assert asked_total in metrics
    assert 'countersign_model_tokens_total{provider="openai"} 740.0' in metrics
    (line,) = [each for each in said if "language model" in each]
    assert line.startswith("ok   language model 127.0.0.1 (small-1): answers, after")
    assert "sk-of-the-tests" not in "".join(said)
