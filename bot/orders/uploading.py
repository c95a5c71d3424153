"""A file of invoices that somebody has uploaded: read, checked, proposed.

A platform keeps the file and then says "upload" with its id, as if the person had
written that; so it is in the inbox before the platform is told that it arrived.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rapidfuzz import fuzz, process

from approvals import moves
from approvals.proposal import Denied, Role
from bot import uploads
from bot.backstage import Asked, Backstage
from bot.orders.batches import FROM_FILE
from bot.orders.book import Order, order
from bot.uploaded import Upload
from bot.uploads import Reading, Row, Unusable
from cards import batch, talk
from cards.batch import Unreadable
from cards.card import Card
from qbo.asks import InvoiceCreate, InvoicesCreate
from qbo.books import Circumstances, Company, Document, Draft, Name, Names
from qbo.connection import State
from qbo.drafting.batch import LinesUnfit
from qbo.faults import Ambiguous, BooksFault, NotFound

_LIKENESS = 72
_COLUMN = {"lines": "item", "due_date": "due_date", "terms": "terms"}


def orders(back: Backstage) -> tuple[Order, ...]:
    """The one order: what a platform says for a person who gave it a file."""

    async def upload(asked: Asked, matched: re.Match[str]) -> Card | None:
        return await proposed(back, asked, matched["id"].lower())

    return (
        order(
            r"upload\s+(?P<id>[0-9a-f]{32})",
            upload,
            "Upload invoices (in the console)",
            "Propose the invoices of a CSV file, all together.",
        ),
    )


async def proposed(back: Backstage, asked: Asked, upload_id: str) -> Card | None:
    """One proposal of all invoices of a file; else the card that says what is wrong.

    Raises:
        Denied: an auditor, or the company is not confirmed.
        NotFound: there is no such file of this person.
        BooksFault: QuickBooks could not be read.
    """
    if Role.AUDITOR in asked.person.roles:
        raise Denied(moves.AUDITOR, rule="role")
    if await back.desk.by_inbox(asked.inbox) is not None:
        await back.show()  # proposed before a stop
        return None
    found = await back.uploads.one(upload_id, asked.person)
    if found is None:
        raise NotFound(
            "That file is not there any more. Please upload it again. (Nothing has been"
            " changed.)",
            kind="upload",
            name="",
        )
    talking = await back.chatlog.talk(asked.place, asked.person.id)
    connected = await back.company(asked, talking.company)
    if connected is None:
        return await back.unconnected(asked)
    company = connected.company
    if connected.state is State.CONFIRMING:
        raise Denied(
            f"{company.title} waits for the yes of the administrator who connected it."
            " Nothing has been proposed.",
            rule="unconfirmed",
        )
    names = await back.ledger.names(company.id)
    try:
        reading = uploads.read(found.content, names.country)
    except Unusable as no:
        return talk.sentence(f"“{found.name}”: {no.sentence}", company=company)
    number = await back.desk.reserve(asked.person.workspace)
    made = await _checked(back, asked, company, reading, number, names)
    if isinstance(made, tuple):
        draft, circumstances = made
        await _propose(back, asked, found, reading, company, draft, circumstances)
        return None
    problems = made
    await back.voice.deliver(
        asked.place,
        Document(
            f"Mistakes in {_stem(found.name)}.csv",
            "text/csv",
            uploads.problems_csv(problems),
        ),
    )
    rows = len(reading.sheet.rows)
    return batch.unreadable(found.name, problems, rows=rows, company=company)


async def _propose(
    back: Backstage,
    asked: Asked,
    found: Upload,
    reading: Reading,
    company: Company,
    draft: Draft,
    circumstances: Circumstances,
) -> None:
    again = tuple(
        f"the very same file was proposed as {number}"
        for number in await back.uploads.earlier(found, company.id)
    )
    # What was said of the file stands before what is said of the invoices.
    notes = tuple(f"{FROM_FILE}{note}" for note in reading.notes)
    rows = len(reading.sheet.rows)
    made = await back.propose(
        asked,
        company,
        replace(draft, notes=(*notes, *draft.notes)),
        replace(circumstances, duplicates=(*again, *circumstances.duplicates)),
        f"Upload of “{found.name}” ({rows} rows)",
    )
    await back.uploads.proposed(found, company.id, made.number)
    talking = await back.chatlog.talk(asked.place, asked.person.id)
    await back.chatlog.remember(
        asked.place, asked.person.id, replace(talking, proposal=made.id)
    )


async def _checked(
    back: Backstage,
    asked: Asked,
    company: Company,
    reading: Reading,
    number: str,
    names: Names,
) -> tuple[Draft, Circumstances] | list[Unreadable]:
    """The draft of the whole file, or all that is wrong in it, row by row."""
    problems = list(reading.problems)
    bad = {each.row for each in problems}
    sound = [
        rows for rows in reading.groups if not any(row.number in bad for row in rows)
    ]
    invoices = dict(zip(map(_key, reading.groups), reading.invoices, strict=True))
    change = [
        (rows, each) for rows in sound if (each := invoices[_key(rows)]) is not None
    ]
    if not change:
        return problems

    async def draft(wanted: Iterable[InvoiceCreate]) -> tuple[Draft, Circumstances]:
        several = InvoicesCreate(tuple(wanted))
        return await back.ledger.draft(
            company.id, several, ref=number, today=asked.today
        )

    try:
        made = await draft(each for _, each in change)
    except LinesUnfit as unfit:
        failing = [change[place] for place, _ in unfit.problems]
        # Once more, each row for itself, so that every row is told its own mistake.
        single = [
            (row, replace(invoice, lines=(line,)))
            for rows, invoice in failing
            for row, line in zip(rows, invoice.lines, strict=True)
        ]
        told = [(failing[at][0][0], no) for at, (_, no) in enumerate(unfit.problems)]
        try:
            await draft(each for _, each in single)
        except LinesUnfit as again:
            told = [(single[place][0], no) for place, no in again.problems]
        problems += [_problem(reading, row, no, names) for row, no in told]
        return sorted(_once(reading, problems), key=lambda each: each.row)
    return problems or made


def _key(rows: Sequence[Row]) -> int:
    return rows[0].number


def _once(reading: Reading, problems: Iterable[Unreadable]) -> list[Unreadable]:
    """A customer that is wrong is wrong in every row of the invoice: said once."""
    group = {row.number: _key(rows) for rows in reading.groups for row in rows}
    found: dict[tuple[int, str, str, str], Unreadable] = {}
    for each in problems:
        whose = group.get(each.row, each.row) if each.read else each.row
        found.setdefault((whose, each.column, each.read, each.wrong), each)
    return list(found.values())


def _problem(reading: Reading, row: Row, no: BooksFault, names: Names) -> Unreadable:
    """What QuickBooks' records say against a row, at the cell that it is about."""
    about, likely = "", ""
    if isinstance(no, NotFound):
        about = no.kind
        known: Mapping[str, tuple[Name, ...]] = {
            "customer": names.customers,
            "item": names.items,
            "terms": names.terms,
        }
        likely = _likely(no.name, known.get(no.kind, ()))
    elif isinstance(no, Ambiguous):
        about = _COLUMN.get(no.about, no.about)
        likely = ", ".join(no.choices[:3])
    else:
        about = next(
            (
                name
                for name in ("customer", "item", "terms")
                if row.cells.get(name) and row.cells[name] in no.sentence
            ),
            "",
        )
    heading = reading.sheet.headings.get(about, about.replace("_", " ").capitalize())
    return Unreadable(
        row.number, heading, row.cells.get(about, "")[:120], no.sentence, likely
    )


def _likely(name: str, known: Sequence[Name]) -> str:
    """The name that was probably meant; "" where none is near."""
    active = [each.name for each in known if each.active]
    best = process.extractOne(
        name, active, scorer=fuzz.WRatio, processor=str.casefold, score_cutoff=_LIKENESS
    )
    return str(best[0]) if best else ""


def _stem(name: str) -> str:
    return re.sub(r"\.[A-Za-z]{1,5}$", "", name) or "file"
