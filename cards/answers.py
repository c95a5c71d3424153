"""What was read from the books as a card: the answer first, then the working.

One card per kind of value. Lists, reports and single records live in files of
their own; here they are told apart and given company, moment and working.
"""

from typing import assert_never

from cards import breakdowns, charts, linked, lists, records, reports
from cards.body import Body
from cards.card import Card
from cards.plain import banner, line, moment, summary
from qbo.books import (
    Account,
    Aging,
    AgingDetail,
    Answer,
    Bill,
    Breakdown,
    Company,
    CustomerShow,
    Document,
    Invoice,
    Item,
    Listing,
    Statement,
    VendorShow,
)


def card(answer: Answer) -> Card:
    """The card for an answer; statuses and days are those of `answer.today`."""
    body = _body(answer)
    first = line(body.title)
    return Card(
        title=first,
        summary=summary(answer.company, first),
        banner=banner(answer.company),
        status=body.status,
        tone=body.tone,
        sections=charts.drawn(answer, linked.sections(answer, body.sections)),
        buttons=body.buttons,
        links=linked.links(answer),
        footnotes=(*body.footnotes, *_working(answer)),
    )


def _body(answer: Answer) -> Body:  # noqa: C901, PLR0911, PLR0912 - one a kind
    value, today = answer.value, answer.today
    match value:
        case Listing():
            return lists.body(value, today)
        case Aging():
            return reports.aging(value)
        case AgingDetail():
            return reports.aging_detail(value)
        case Breakdown():
            return breakdowns.body(value)
        case Statement():
            return reports.statement(value)
        case CustomerShow():
            return records.customer(value, today)
        case Invoice():
            return records.invoice(value, today)
        case Bill():
            return records.bill(value, today)
        case VendorShow():
            return records.vendor(value, today)
        case Item():
            return records.item(value)
        case Account():
            return records.account(value)
        case Document():
            return records.document(value)
        case Company():
            return records.company(value)
        case _:
            assert_never(value)


def _working(answer: Answer) -> tuple[str, ...]:
    """How the answer came about, and the moment it speaks of."""
    if isinstance(answer.value, Document | Company):
        return answer.working
    moment_text = moment(answer.as_of, answer.today)
    if answer.is_live:
        return (*answer.working, f"Read from QuickBooks at {moment_text}.")
    source = f", {line(answer.source)}" if answer.source else ""
    return (*answer.working, *_whole(answer), f"As of {moment_text}{source}.")


def _whole(answer: Answer) -> tuple[str, ...]:
    """Whether a list is whole."""
    value = answer.value
    if not isinstance(value, Listing) or not value.rows:
        return ()
    shown = min(len(value.rows), lists.ROWS_MAX)
    if shown == value.count:
        return ("The list is complete.",)
    return (f"{shown:,} of {value.count:,} are shown.",)
