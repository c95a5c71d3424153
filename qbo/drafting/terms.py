"""Payment terms: which are meant, and by which day they let a document be paid."""

import calendar
from datetime import date, timedelta

from qbo import lookup
from qbo.drafting.assembly import Around, Making, reference
from qbo.faults import Ambiguous
from qbo.reports import day_label
from qbo.wire import records
from qbo.wire.exact import Json, number


async def said(around: Around, name: str) -> Json:
    """The active terms of that name.

    Raises:
        Ambiguous: several could be meant.
        NotFound: there are none.
    """
    return await lookup.active(
        around.mirror, around.company.id, "Term", name, about="terms"
    )


def set_due(
    making: Making, body: Json, term: Json | None, said_due: date | None, of: str
) -> None:
    """Give a new document its terms and due date: the one said, else the terms' own.

    `of` names the document's date in a question: "the bill's date".

    Raises:
        Ambiguous: it would be due before its own date.
    """
    txn_date = date.fromisoformat(body["TxnDate"])
    due = txn_date
    if term is not None:
        body["SalesTermRef"] = reference(term)
        making.rest_on("Term", term, f"Terms {records.label(term)}")
        due = due_by(term, txn_date)
    if said_due is not None:
        due = said_due
    elif term is None:
        making.notes.append("There are no payment terms, so it is due at once.")
    check_due(due, txn_date, of)
    body["DueDate"] = due.isoformat()


def check_due(due: date, txn_date: date, of: str) -> None:
    """Ask again for a due date before the document's own.

    Raises:
        Ambiguous: it is.
    """
    if due < txn_date:
        raise Ambiguous(
            f"The due date {day_label(due)} lies before {of} {day_label(txn_date)}."
            " When is it due?",
            about="due_date",
        )


def due_by(term: Json, start: date) -> date:
    """The day by which payment terms let a document of that day be paid."""
    if term.get("DayOfMonthDue") is None:
        return start + timedelta(days=int(number(term.get("DueDays"))))
    day = int(number(term["DayOfMonthDue"]))
    ahead = int(number(term.get("DueNextMonthDays")))
    due = _day_of(start.year, start.month, day)
    # Within so many days of the due day, the next month's is meant.
    while due < start or (due - start).days < ahead:
        year, month = divmod(due.year * 12 + due.month, 12)
        due = _day_of(year, month + 1, day)
    return due


def _day_of(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
