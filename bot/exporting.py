"""A gallery of what people see: answers and states from the demo company, and more.

    countersign cards export DIR

Each card as NAME.slack.json, NAME.teams.json, NAME.html and NAME.txt, its charts as
pictures, and an index.html that shows all of them, light and dark. The books are
those of the simulated company on a day of its own, asked and written for real; what
takes days or bad luck to come about is shown by the sample cards.
"""

import asyncio
import logging
import re
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from approvals.proposal import Person, Proposal
from bot import answering, demo, manifests
from bot import app as program
from bot.backstage import Asked, without_company
from bot.platform import Place, Sender
from bot.understanding.conversation import Context, interpret
from cards import gallery, html, pictures
from cards.card import Card, Chart
from qbo import asks, styles
from qbo.books import Company

DAY = date(2026, 11, 20)
SAM, PRIYA = "demo-sam", "demo-priya"
CUSTOMER, VENDOR = "Acme West", "Seed & Soil Wholesale"
_CONSOLE = Path(__file__).parent / "console" / "static"
_DARK = re.compile(
    r"@media \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}\s*\}", re.DOTALL
)
_ROOT = re.compile(r":root \{(.*?)\}", re.DOTALL)
_ENDINGS = {"slack.json": "slack", "teams.json": "teams", "txt": "text"}
# What is asked; the words are what a person would say.
READS: Mapping[str, str] = {
    "receivables": "who owes us money",
    "receivables-one": f"how much does {CUSTOMER} owe us",
    "payables": "who do we owe",
    "invoices-overdue": "overdue invoices",
    "invoices-open": "open invoices",
    "invoices-paid": "paid invoices this month",
    "invoices-due": "invoices due next week",
    "invoice": f"latest invoice for {CUSTOMER}",
    "document": "pdf of invoice 1609",
    "payments": "payments received this month",
    "credit-memos": "credit memos",
    "customer": f"show me {CUSTOMER}",
    "customers": "which customers have a balance",
    "vendor": f"show vendor {VENDOR}",
    "vendors": "list vendors",
    "bills": "open bills",
    "bill": "show bill 9004",
    "expenses": "expenses this month",
    "spend-by-vendor": "spend by vendor this year",
    "spend-by-account": "spend by account this year",
    "spend-by-month": "spend by month this year",
    "sales-by-customer": "sales by customer this year",
    "sales-by-item": "sales by item this year",
    "sales-by-month": "sales by month this year",
    "items": "price list",
    "item": "what do we charge for consulting",
    "accounts": "chart of accounts",
    "account": "how much is in checking",
    "profit-and-loss": "profit and loss this year",
    "profit-and-loss-by-month": "profit and loss by month this year",
    "profit-and-loss-compared": "P&L last quarter vs the quarter before",
    "balance-sheet": "balance sheet",
    "cash-flow": "cash flow this year",
    "ar-aging": "A/R aging",
    "ar-aging-detail": f"A/R aging detail for {CUSTOMER}",
    "ap-aging": "A/P aging",
    "company": "which company is this",
}
WRITE = f"invoice {CUSTOMER} for 10 hours consulting, net 30"


@dataclass(frozen=True, slots=True)
class Shop:
    """The running demo: its parts, its simulated QuickBooks, its people and day."""

    parts: program.Countersign
    simulator: str
    company: Company
    http: httpx.AsyncClient
    now: "_Clock"

    async def asked(self, person: str, words: str = "") -> Asked:
        """Something said by one of the demo's people in the console."""
        known = await self.parts.people.person(person)
        assert known is not None, "a person that the demo has not"
        return Asked(
            known,
            Sender("console", program.WORKSPACE, person),
            Place("console", program.WORKSPACE, person),
            secrets.token_hex(8),
            words,
            self.now().date(),
        )


class _Clock:
    """The time on the gallery's day; it can be put forward."""

    def __init__(self) -> None:
        start = datetime(DAY.year, DAY.month, DAY.day, 14, 2, tzinfo=UTC)
        self.ahead = start - datetime.now(UTC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@asynccontextmanager
async def _opened() -> AsyncIterator[Shop]:
    """The demo in a folder of its own, on the gallery's day, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="countersign-") as folder:
        data, now = Path(folder), _Clock()
        with demo.simulator(data, "--today", DAY.isoformat()) as address:
            environ = {"COUNTERSIGN_PORT": str(demo.free_port(0))}
            settings = demo.settings(environ, data, address)
            app = program.build(settings, now=now)
            runner = await program.serve(app, settings)
            try:
                parts = app[program.PARTS]
                await demo.connect(parts)
                (known,) = await parts.connection.companies(program.WORKSPACE)
                async with httpx.AsyncClient(timeout=30) as http:
                    yield Shop(parts, address, known.company, http, now)
            finally:
                await runner.cleanup()


# --- what is shown ----------------------------------------------------------------


async def _answers(shop: Shop) -> dict[str, Card]:
    """Every read of the contract, asked in words."""
    names = await shop.parts.ledger.names(shop.company.id)
    made = {}
    for name, words in READS.items():
        meant = interpret(words, names, shop.now().date(), Context())
        action = meant.action or ""
        assert action in asks.ASKS, f"a question that is not understood: {words}"
        asked = await shop.asked(SAM, words)
        known = without_company(meant.arguments)
        with styles.written(asked.style(shop.company)):
            answer = await shop.parts.ledger.answer(
                shop.company.id, asks.ask(action, known), today=asked.today
            )
            card = await answering.furnished(
                shop.parts.back, asked, action, known, answer
            )
        notes = (*meant.assumptions, *card.footnotes)
        made[f"answers/{name}"] = replace(card, footnotes=notes)
    return made


async def _states(shop: Shop) -> dict[str, Card]:
    """A proposal in each state that can be brought about at once."""
    parts, sam, priya = shop.parts, await shop.asked(SAM), await shop.asked(PRIYA)
    waits = await _proposed(shop, sam)
    made = {
        "pending-requester": await _shown(shop, waits, sam.person),
        "pending-approver": await _shown(shop, waits, priya.person),
    }
    told = {"platform": "console", "where": ""}
    token = parts.desk.token("", waits, "approve")
    approved = await parts.desk.decide(token, priya.person, platform="console")
    made["approved"] = await _shown(shop, approved, sam.person)
    made["applied"] = await _shown(shop, await parts.desk.apply(waits.id), sam.person)

    refused = await _proposed(shop, sam)
    token = parts.desk.token("", refused, "reject")
    rejected = await parts.desk.decide(
        token, priya.person, platform="console", reason="They asked for a quote first."
    )
    made["rejected"] = await _shown(shop, rejected, sam.person)
    taken = await _proposed(shop, sam)
    taken = await parts.desk.withdraw(taken.id, sam.person, **told)
    made["withdrawn"] = await _shown(shop, taken, sam.person)

    fault = {"status": 400, "code": "6210", "detail": "Account Period Closed"}
    made["failed"] = await _posted_with(shop, fault)
    made["unconfirmed"] = await _posted_with(shop, {"drop": "before"})
    late = await _proposed(shop, sam)
    shop.now.ahead += timedelta(days=30)
    await parts.desk.resume()
    expired = await parts.desk.proposal(late.id)
    made["expired"] = await _shown(shop, expired, sam.person)
    return {f"states/{name}": card for name, card in made.items()}


async def _proposed(shop: Shop, asked: Asked) -> Proposal:
    names = await shop.parts.ledger.names(shop.company.id)
    meant = interpret(WRITE, names, asked.today, Context())
    assert meant.action is not None, "a request that is not understood"
    number = await shop.parts.desk.reserve(program.WORKSPACE)
    draft, around = await shop.parts.ledger.draft(
        shop.company.id,
        asks.change(meant.action, meant.arguments),
        ref=number,
        today=asked.today,
    )
    once = replace(asked, inbox=secrets.token_hex(8))
    return await shop.parts.back.propose(once, shop.company, draft, around, WRITE)


async def _posted_with(shop: Shop, fault: Mapping[str, object]) -> Card:
    """A proposal that is approved and then meets a fault at QuickBooks."""
    sam, priya = await shop.asked(SAM), await shop.asked(PRIYA)
    desk = shop.parts.desk
    made = await _proposed(shop, sam)
    faults = f"{shop.simulator}/_simulator/faults"
    match = {"path": "/invoice", "method": "POST"}
    (await shop.http.post(faults, json={"match": match, **fault})).raise_for_status()
    await desk.decide(desk.token("", made, "approve"), priya.person, platform="console")
    ended = await desk.apply(made.id)
    await shop.http.delete(faults)
    return await _shown(shop, ended, sam.person)


async def _shown(shop: Shop, proposal: Proposal, viewer: Person) -> Card:
    asked = await shop.asked(viewer.id)
    with styles.written(asked.style(shop.company)):
        return shop.parts.notices.card(proposal, "", viewer, is_console=True)


async def _made() -> dict[str, Card]:
    """All cards by name: the demo's first, then the samples of everything else."""
    async with _opened() as shop:
        live = {**await _answers(shop), **await _states(shop)}
    samples = {
        name: card
        for name, card in gallery.gallery().items()
        if not name.startswith("answers/")
    }
    return {**live, **samples}


# --- how it is written ------------------------------------------------------------


def export(folder: Path) -> int:
    """Write the gallery into a folder; how many cards it shows.

    Raises:
        DemoFailed: the simulated company did not come up.
    """
    # What goes wrong on order is shown, and need not be told to an operator.
    logging.disable(logging.WARNING)
    try:
        made = asyncio.run(_made())
    finally:
        logging.disable(logging.NOTSET)
    write(folder, made)
    return len(made)


def write(folder: Path, cards: Mapping[str, Card]) -> None:
    """Write cards in every form, and the page that shows them all."""
    folder.mkdir(parents=True, exist_ok=True)
    for sheet in ("console.css", "card.css"):
        shutil.copyfile(_CONSOLE / sheet, folder / sheet)
    (folder / "gallery.css").write_text(_both_looks())
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "gallery"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = []
    for name, card in cards.items():
        file = name.replace("/", "-")
        for ending, form in _ENDINGS.items():
            text = manifests.FORMS[form](card).rstrip("\n")
            (folder / f"{file}.{ending}").write_text(f"{text}\n")
        for number, chart in enumerate(card.charts):
            for look in ("light", "dark"):
                content = pictures.png(chart, dark=look == "dark")
                (folder / f"{file}-{number}.{look}.png").write_bytes(content)
        page = templates.get_template("card.html").render(
            card=_drawn(file, card), title=card.title
        )
        (folder / f"{file}.html").write_text(page)
        looks = (_drawn(file, card, look) for look in ("light", "dark"))
        shown.append((name, file, *looks))
    index = templates.get_template("index.html").render(shown=shown)
    (folder / "index.html").write_text(index)


def _drawn(file: str, card: Card, look: str = "") -> Markup:
    """A card with its pictures beside it; `look` is the only one, else both."""

    def picture(chart: Chart) -> html.Picture:
        base = f"{file}-{card.charts.index(chart)}"
        light, dark = f"{base}.{look or 'light'}.png", f"{base}.{look or 'dark'}.png"
        return html.Picture(light, dark, *pictures.size(chart))

    return html.html(card, action="", picture=picture)


def _both_looks() -> str:
    """The console's colours for a part of a page, whatever the browser prefers."""
    sheet = (_CONSOLE / "console.css").read_text()
    light, dark = _ROOT.search(sheet), _DARK.search(sheet)
    assert light is not None, "a style sheet without its colours"
    assert dark is not None, "a style sheet without its dark colours"
    return (
        f".look-light {{ color-scheme: light;{light[1]}}}\n"
        f".look-dark {{ color-scheme: dark;{dark[1]}}}\n"
        + (Path(__file__).parent / "gallery" / "gallery.css").read_text()
    )
