"""Drafts of several invoices at once: one proposal, posted in batches of thirty.

Each line is drafted as an invoice of its own, with its own mark and its own check;
what is posted of it are exactly those bytes. QuickBooks' batch endpoint cannot send
e-mail, so invoices that are to be e-mailed have a step of their own after that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from qbo.asks import InvoiceCreate, InvoicesCreate
from qbo.batching import ITEMS_MAX, PATH
from qbo.books import (
    Circumstances,
    Draft,
    Line,
    Money,
    Part,
    Step,
    Verb,
    line_numbers,
)
from qbo.drafting import circumstances, invoice, standing
from qbo.drafting.assembly import JSON_TYPE, Around, Making, body_day, made_step
from qbo.faults import Ambiguous, BooksFault, NotTaken, Refused
from qbo.lookup import listed, preflight
from qbo.reports import day_label
from qbo.wire import records
from qbo.wire.exact import Json, dumps, loads

LINES_MAX: Final = 300
_ENTITY: Final = "Invoice"
_NAMED_MAX: Final = 5


class LinesUnfit(Refused):
    """Some of several lines cannot be prepared, so that none of them was.

    `problems` are the lines' places in the change (from 0) with what is wrong.
    """

    def __init__(self, problems: Sequence[tuple[int, BooksFault]], count: int) -> None:
        first = "; ".join(
            f"line {place + 1}: {no.sentence}" for place, no in problems[:_NAMED_MAX]
        )
        left = len(problems) - _NAMED_MAX
        more = f"; and {left} more" if left > 0 else ""
        super().__init__(
            f"{len(problems)} of {count} invoices cannot be prepared, so nothing was"
            f" proposed. In {first}{more}",
            code="preflight",
        )
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class _Lone:
    """One line as the draft of its own that it would be, and what is around it."""

    number: int
    draft: Draft
    around: Circumstances

    @property
    def body(self) -> Json:
        """The invoice as it is sent."""
        found: Json = loads(self.draft.steps[0].body)
        return found

    @property
    def address(self) -> str | None:
        """Where it is e-mailed to; None where it is not."""
        if len(self.draft.steps) == 1:
            return None
        return dict(self.draft.steps[1].query)["sendTo"]


async def create(around: Around, change: InvoicesCreate) -> tuple[Draft, Circumstances]:
    """Several invoices, and what is known around them all.

    Raises:
        Ambiguous: there are none.
        LinesUnfit: some of them cannot be prepared; it says which, and why.
        Refused: they are too many ("preflight").
        NotTaken: QuickBooks could not be read.
    """
    if not change.invoices:
        raise Ambiguous("Which invoices should be entered?", about="invoices")
    if len(change.invoices) > LINES_MAX:
        raise preflight(
            f"These are {len(change.invoices)} invoices, and one proposal holds at most"
            f" {LINES_MAX}. Ask for them in parts."
        )
    lines = await _lines(around, change.invoices)
    making = Making(around, change)
    for each in lines:
        for reliance in each.draft.reliances:
            making.join(reliance)
    total = _total([each.draft.total for each in lines])
    making.total = total
    making.tax = _total([each.draft.tax for each in lines]) if total else None
    making.lines = tuple(_shown_line(each) for each in lines)
    for start in range(0, len(lines), ITEMS_MAX):
        making.steps.append(_step(around, lines[start : start + ITEMS_MAX]))
    for each in lines:
        if each.address is not None:
            step = (each.number - 1) // ITEMS_MAX + 1
            making.send(_ENTITY, f"{{{step}.{each.number}.id}}", each.address)
    _show(making, lines)
    draft = making.made(_heading(lines, total))
    draft = replace(
        draft,
        home_total=_total([each.draft.home_total for each in lines]),
        independent=True,
    )
    return draft, await _around_all(around, draft, lines)


async def _lines(around: Around, wanted: Sequence[InvoiceCreate]) -> list[_Lone]:
    lines: list[_Lone] = []
    problems: list[tuple[int, BooksFault]] = []
    for place, each in enumerate(wanted):
        inside = replace(around, ref=f"{around.ref}/{place + 1}")
        try:
            draft = await invoice.create(inside, each)
            facts = await circumstances.of_draft(inside, draft)
        except NotTaken:
            raise
        except BooksFault as no:
            problems.append((place, no))
        else:
            lines.append(_Lone(place + 1, draft, facts))
    if problems:
        raise LinesUnfit(problems, len(wanted))
    return lines


def without(change: InvoicesCreate, places: Iterable[int]) -> InvoicesCreate | None:
    """The change without the lines at those places (from 0); None: none is left."""
    out = set(places)
    kept = [each for place, each in enumerate(change.invoices) if place not in out]
    return InvoicesCreate(tuple(kept)) if kept else None


def left_out(change: InvoicesCreate, unfit: LinesUnfit) -> tuple[str, ...]:
    """Sentences about the lines that cannot be prepared any more."""
    return tuple(
        f"Left out: the invoice for {change.invoices[place].customer}. {no.sentence}"
        for place, no in unfit.problems
    )


def moved(draft: Draft, found: Mapping[tuple[str, str], Json]) -> tuple[str, ...]:
    """Sentences about what differs from when the draft was made, with their lines."""
    parts = [part for step in draft.steps for part in step.parts]
    sentences = []
    for reliance in draft.reliances:
        key = (reliance.entity, reliance.record_id)
        said = standing.moved(replace(draft, reliances=(reliance,)), found)
        if said:
            lines = line_numbers([int(part.key) for part in parts if key in part.rests])
            sentences += [f"{lines}: {each}" if lines else each for each in said]
    return tuple(sentences)


# --- what is sent ---------------------------------------------------------------


def _step(around: Around, lines: Sequence[_Lone]) -> Step:
    items = [
        {"bId": str(each.number), "operation": "create", _ENTITY: each.body}
        for each in lines
    ]
    return made_step(
        around.company,
        Step(
            verb=Verb.CREATE,
            entity=_ENTITY,
            method="POST",
            path=PATH,
            query=(),
            content_type=JSON_TYPE,
            body=dumps({"BatchItemRequest": items}).encode(),
            request_id="",
            digest="",
            parts=tuple(_part(each) for each in lines),
        ),
    )


def _part(each: _Lone) -> Part:
    return Part(
        key=str(each.number),
        verb=Verb.CREATE,
        entity=_ENTITY,
        party=records.ref_name(each.body, "CustomerRef"),
        what="; ".join(_what(each)),
        more="; ".join(_more(each)),
        when=_when(each.body),
        total=each.draft.total,
        tax=each.draft.tax,
        rests=tuple((r.entity, r.record_id) for r in each.draft.reliances),
    )


# --- what is shown --------------------------------------------------------------


def _what(each: _Lone) -> list[str]:
    """What an invoice says, line by line, and what goes out."""
    said = [_line_text(line) for line in each.draft.lines]
    if each.draft.tax is not None and each.draft.tax.amount:
        said.append(f"tax {each.draft.tax} (estimate)")
    note = records.text(each.body, "PrivateNote") or ""
    if not note.startswith("Ref "):
        said.append(f"memo “{note}”")
    if each.address:
        said.append(f"e-mailed to {each.address}")
    return said


def _more(each: _Lone) -> list[str]:
    """What else is entered: the mark alone, and an address that nothing is sent to."""
    said = []
    note = records.text(each.body, "PrivateNote") or ""
    if note.startswith("Ref "):
        said.append(f"memo “{note}”")
    address = records.text(each.body, "BillEmail.Address")
    if address and not each.address:
        said.append(f"e-mail on it {address}, not sent")
    return said


def _line_text(line: Line) -> str:
    name = line.item or ""
    if line.description and line.description.casefold() != name.casefold():
        name = f"{name}: {line.description}" if name else line.description
    if line.quantity is None or line.rate is None:
        return f"{name} {line.amount}"
    return f"{name}, {_plain(line.quantity)} × {_plain(line.rate)}"


def _plain(value: Decimal) -> str:
    whole, _, fraction = f"{value:f}".partition(".")
    fraction = fraction.rstrip("0")
    return f"{int(whole):,}.{fraction:0<2}" if fraction else f"{int(whole):,}"


def _when(body: Json) -> str:
    terms = records.ref_name(body, "SalesTermRef")
    due = f"{body_day(body, 'TxnDate')}, due {body_day(body, 'DueDate')}"
    return f"{due} ({terms})" if terms else due


def _shown_line(each: _Lone) -> Line:
    total = each.draft.total
    assert total is not None, "an invoice without a total"
    party = records.ref_name(each.body, "CustomerRef")
    said = "; ".join([*_what(each), _when(each.body), *_more(each)])
    return Line(total, description=f"{party}: {said}")


def _show(making: Making, lines: Sequence[_Lone]) -> None:
    parties = {records.ref_id(each.body, "CustomerRef") for each in lines}
    count = len(lines)
    making.show(
        "Invoices",
        f"{count} for {len(parties)} customers" if len(parties) > 1 else str(count),
    )
    if len(parties) == 1:
        making.show("Customer", records.ref_name(lines[0].body, "CustomerRef"))
    making.show("Invoice date", _days(lines, "TxnDate"))
    making.show("Due date", _days(lines, "DueDate"))
    mark = f"Ref {making.around.ref}"
    making.show(
        "Memo", f"{mark}/1" if count == 1 else f"{mark}/1 to {mark}/{count}, one each"
    )
    if making.total is None:
        for total in _by_currency(lines):
            making.show(f"Total in {total.currency}", str(total))
    mailed = [each.number for each in lines if each.address is not None]
    if mailed:
        which = "all" if len(mailed) == count else line_numbers(mailed).lower()
        making.show("E-mailed", f"{which}, each after it was posted")
    said: defaultdict[str, list[int]] = defaultdict(list)
    for each in lines:
        for note in each.draft.notes:
            said[note].append(each.number)
    for note, of in said.items():
        making.notes.append(note if len(of) == count else f"{line_numbers(of)}: {note}")
    if count > ITEMS_MAX:
        requests = -(-count // ITEMS_MAX)
        making.notes.append(
            f"They go to QuickBooks in {requests} requests of at most {ITEMS_MAX}."
        )
    making.notes.append(
        "QuickBooks takes or refuses each invoice for itself: should it refuse some,"
        " the others are posted all the same."
    )


def _days(lines: Sequence[_Lone], name: str) -> str:
    days = sorted({date.fromisoformat(str(each.body[name])) for each in lines})
    first, last = day_label(days[0]), day_label(days[-1])
    return first if first == last else f"{first} to {last}"


def _heading(lines: Sequence[_Lone], total: Money | None) -> str:
    amounts = [total] if total else _by_currency(lines)
    what = f"{len(lines)} invoices" if len(lines) > 1 else "1 invoice"
    mailed = sum(each.address is not None for each in lines)
    also = ""
    if mailed:
        them = "it" if len(lines) == 1 else "them"
        also = f" and e-mail {them if mailed == len(lines) else mailed}"
    return f"{what} for {listed([str(each) for each in amounts])}{also}"


def _total(amounts: Sequence[Money | None]) -> Money | None:
    """The sum, where all are known and of one currency."""
    known = [each for each in amounts if each is not None]
    if len(known) != len(amounts) or len({each.currency for each in known}) != 1:
        return None
    total = known[0]
    for each in known[1:]:
        total += each
    return total


def _by_currency(lines: Sequence[_Lone]) -> list[Money]:
    sums: dict[str, Money] = {}
    for each in lines:
        total = each.draft.total
        assert total is not None, "an invoice without a total"
        before = sums.get(total.currency)
        sums[total.currency] = total if before is None else before + total
    return list(sums.values())


# --- what is around it ------------------------------------------------------------


async def _around_all(
    around: Around, draft: Draft, lines: Sequence[_Lone]
) -> Circumstances:
    """The facts of all lines together; what is of one line stays with that line."""
    whole = await circumstances.of_draft(around, draft)
    return replace(
        whole,
        duplicates=tuple(_twice(lines)),
        numbers=(),
        changed=(),
        prices=(),
        party_is_new=False,
        party_overdue=None,
        credit=None,
        credits=(),
        largest_before=None,
        median_before=None,
        parts=tuple(replace(each.around, effects=()) for each in lines),
    )


def _twice(lines: Sequence[_Lone]) -> list[str]:
    """Lines of this very proposal that look like the same thing."""
    alike: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for each in lines:
        party = records.ref_id(each.body, "CustomerRef")
        key = (party, str(each.body["TxnDate"]), str(each.draft.total))
        alike[key].append(each.number)
    return [
        f"{line_numbers(of).lower()} of this proposal, same customer, date and amount"
        for of in alike.values()
        if len(of) > 1
    ]
