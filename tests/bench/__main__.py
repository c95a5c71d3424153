"""`make bench`: how long the main job takes, as ratios against plain baselines.

Everything runs on loopback against the simulated QuickBooks; nothing here fails
because a machine is slow. Figures that were taken stand in docs/performance.md.
"""

import asyncio
import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

from bot import app as program
from cards import answers, slack
from qbo import asks
from tests.bench import simulator, understanding
from tests.bench.measure import Row, median
from tests.conversations.town import COMPANY, REALM, Town, town

TODAY = date(2026, 11, 20)


async def _reading(place: Town) -> Row:
    ledger = place.parts.ledger

    async def ours() -> object:
        ask = asks.ask("receivables.list", {})
        answer = await ledger.answer(COMPANY, ask, today=TODAY)
        return slack.payload(answers.card(answer))

    async def plain() -> object:
        return await place.query("SELECT * FROM Invoice WHERE Balance > '0'")

    return Row(
        '"who owes us money", drawn for Slack',
        await median(ours, 30),
        "one query of the open invoices at QuickBooks",
        await median(plain, 30),
    )


async def _report(place: Town) -> Row:
    ledger = place.parts.ledger

    async def ours() -> object:
        ask = asks.ask("report.profit_and_loss", {})
        return await ledger.answer(COMPANY, ask, today=TODAY)

    async def plain() -> object:
        token = await place.parts.connection.token(COMPANY)
        answer = await place.http.get(
            f"{place.simulator.url}/v3/company/{REALM}/reports/ProfitAndLoss",
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer.json()

    return Row(
        "profit and loss",
        await median(ours, 20),
        "the same report fetched plainly",
        await median(plain, 20),
    )


async def _writing(place: Town) -> Row:
    parts = place.parts
    approver = next(
        person
        for person in await parts.people.people(program.WORKSPACE)
        if person.name.startswith("Priya")
    )
    requester = next(
        person
        for person in await parts.people.people(program.WORKSPACE)
        if person.name.startswith("Sam")
    )
    change = asks.InvoiceCreate(
        customer="Acme West",
        lines=(asks.SaidLine(item="Consulting", quantity=Decimal(10)),),
    )

    async def ours() -> object:
        number = await parts.desk.reserve(program.WORKSPACE)
        draft, around = await parts.ledger.draft(
            COMPANY, change, ref=number, today=TODAY
        )
        connected = await parts.connection.company(COMPANY)
        proposal = await parts.desk.propose(
            draft,
            around,
            requester,
            connected.company,
            places=(),
            inbox_id=None,
            platform="bench",
        )
        token = parts.desk.token("", proposal, "approve")
        await parts.desk.decide(token, approver, platform="bench")
        return await parts.desk.apply(proposal.id)

    body = (await parts.ledger.draft(COMPANY, change, ref="P-0", today=TODAY))[0]

    async def plain() -> object:
        token = await parts.connection.token(COMPANY)
        answer = await place.http.post(
            f"{place.simulator.url}/v3/company/{REALM}/invoice",
            content=body.steps[0].body,
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
            },
        )
        answer.raise_for_status()
        return answer

    return Row(
        "draft, propose, approve, post, read back an invoice",
        await median(ours, 15),
        "one bare POST of the same invoice",
        await median(plain, 15),
    )


async def _loading(place: Town) -> Row:
    async def ours() -> object:
        await place.parts.ledger.load(COMPANY)
        return None

    async def plain() -> object:
        for entity in ("Invoice", "Payment", "Bill", "Purchase", "Customer"):
            await place.query(f"SELECT * FROM {entity} MAXRESULTS 1000")
        return None

    return Row(
        "read a company's books whole into the mirror",
        await median(ours, 3),
        "fetch its five largest lists plainly",
        await median(plain, 3),
    )


async def main() -> None:
    """Measure and print."""
    rows = await understanding.rows()
    with tempfile.TemporaryDirectory() as folder:
        async with town(Path(folder)) as place:
            for measured in (_reading, _report, _writing, _loading):
                rows.append(await measured(place))
    rows += await simulator.rows()
    out = sys.stdout.write
    out("| what | ms | baseline | ms | times |\n|---|---|---|---|---|\n")
    for row in rows:
        out(
            f"| {row.what} | {row.milliseconds:.1f} | {row.baseline}"
            f" | {row.baseline_milliseconds:.1f} | {row.ratio:.1f} |\n"
        )


if __name__ == "__main__":
    asyncio.run(main())
