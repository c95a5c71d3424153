"""A proposal of several lines: the list, where each line stands, what failed.

And the file that could not be read: its rows, and what is wrong with each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from approvals import lines
from approvals.lines import LineState, Stand
from approvals.proposal import Proposal, Status
from cards.card import SIGNS, Card, Fact, Section, Table, Tone
from cards.plain import banner, count, line, moment, summary
from qbo.books import Company, Verb

# More would leave no room for the rest of the card in a chat message.
ROWS_MAX = 20
_ASK = (
    "Nothing of it was proposed, and nothing was posted. Put these right in the file"
    " and upload it again."
)
_STARTED = frozenset(
    {Status.APPLYING, Status.UNCONFIRMED, Status.APPLIED, Status.FAILED}
)
_STANDS = {
    Stand.WAITING: "waits",
    Stand.UNKNOWN: "not known yet",
    Stand.LEFT: "not sent",
}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One thing in a file that cannot be proposed.

    `row` counts from 1 as a spreadsheet does, `column` is the heading there. `read` is
    what stands in the cell, `likely` what may have been meant.
    """

    row: int
    column: str
    read: str
    wrong: str
    likely: str = ""


def content(proposal: Proposal, heading: str) -> Section:
    """The list of what is posted, each line with where it stands."""
    draft = proposal.draft
    facts = tuple(Fact(each.label, each.value, each.before) for each in draft.shown)
    if _is_mail(proposal):
        facts = (Fact("Invoices", str(len(draft.steps))),)
    elif _is_of_expenses(proposal):
        total = (Fact("Total", str(draft.total)),) if draft.total else ()
        facts = (Fact("Expenses", str(len(draft.steps))), *total)
    return Section(heading=heading, facts=facts, table=_list(proposal))


def _is_mail(proposal: Proposal) -> bool:
    return all(step.verb is Verb.SEND for step in proposal.draft.steps)


def _is_of_expenses(proposal: Proposal) -> bool:
    return all(step.entity == "Purchase" for step in proposal.draft.steps)


def _list(proposal: Proposal) -> Table:
    states = lines.lines(proposal)
    has_state = proposal.status in _STARTED or bool(proposal.receipts)
    is_mail, of_expenses = _is_mail(proposal), _is_of_expenses(proposal)
    # Of these, day and amount stand among the words.
    is_short = is_mail or of_expenses
    columns = ("Invoice", "What") if is_mail else ("Customer", "What", "Date")
    if of_expenses:
        columns = ("Expense", "What")
    rows = []
    for each in states[:ROWS_MAX]:
        row = [_numbered(each), line(each.what)]
        if not is_short:
            row.append(line(each.when))
        if has_state:
            row.append(_state(each, is_mail=is_mail))
        if not is_short:
            row.append(str(each.amount) if each.amount else "")
        rows.append(tuple(row))
    columns = (
        *columns,
        *(("State",) if has_state else ()),
        *(() if is_short else ("Amount",)),
    )
    emphasis: tuple[int, ...] = ()
    total = proposal.draft.total
    if total is not None and not is_short:
        emphasis = (len(rows),)
        rows.append(("Total", *("",) * (len(columns) - 2), str(total)))
    left = len(states) - ROWS_MAX
    return Table(
        columns,
        tuple(rows),
        numeric=() if is_short else (len(columns) - 1,),
        emphasis=emphasis,
        more=f"… and {count(left, 'more line')}; all of them are on the proposal's"
        " page in the console, and in the total"
        if left > 0
        else None,
    )


def _numbered(each: LineState) -> str:
    return f"{each.number}. {line(each.name)}"


def _state(each: LineState, *, is_mail: bool) -> str:
    match each.stand:
        case Stand.DONE if is_mail:
            said = "e-mailed"
        case Stand.DONE:
            said = f"posted as {line(each.said)}" if each.said else "changed"
        case Stand.FAILED:
            said = "not e-mailed" if is_mail else "not posted"
            said = f"{SIGNS[Tone.BAD]}{said}"
        case _:
            return _STANDS[each.stand]
    if each.differences:
        said = f"{SIGNS[Tone.BAD]}{said}, not as approved"
    if each.mailed and each.stand is Stand.DONE:
        said = f"{said}; {line(each.mailed)}"
    return said


def undone(proposal: Proposal) -> Section | None:
    """The lines that were not done, each with its reason."""
    if not lines.has_several(proposal.draft):
        return None
    failed = [
        each
        for each in lines.lines(proposal)
        if each.stand in {Stand.FAILED, Stand.LEFT} and proposal.receipts
    ]
    if not failed:
        return None
    rows = tuple(
        (_numbered(each), line(each.said) or "It was not sent.")
        for each in failed[:ROWS_MAX]
    )
    left = len(failed) - ROWS_MAX
    what = "Not e-mailed" if _is_mail(proposal) else "Not posted"
    texts: tuple[str, ...] = ()
    if proposal.renewed_by is not None:
        texts = (f"They have been proposed again as {proposal.renewed_by}.",)
    return Section(
        heading=f"{what}: {count(len(failed), 'line')}",
        texts=texts,
        table=Table(
            (_first_column(proposal), "Why"),
            rows,
            more=f"… and {count(left, 'more line')}" if left > 0 else None,
        ),
    )


def _first_column(proposal: Proposal) -> str:
    if _is_of_expenses(proposal):
        return "Expense"
    return "Invoice" if _is_mail(proposal) else "Customer"


def applied(proposal: Proposal) -> tuple[str, ...]:
    """How a list has ended, where something of it was done."""
    if not proposal.is_complete:
        return ()  # its reason counts the lines
    total = len(lines.lines(proposal))
    if _is_mail(proposal):
        return (f"All {count(total, 'invoice')} were e-mailed by QuickBooks.",)
    if _is_of_expenses(proposal):
        return (f"All {count(total, 'expense')} are changed in QuickBooks.",)
    if total == 1:
        return ("The invoice is in QuickBooks.",)
    return (f"All {count(total, 'invoice')} are in QuickBooks.",)


def receipts(proposal: Proposal) -> tuple[Fact, ...]:
    """When it was done, and how the comparison ended, over all lines."""
    done = [each for each in proposal.receipts if not each.is_nothing]
    if not done:
        return ()
    last = max(each.posted_at for each in done)
    states = lines.lines(proposal)
    made = [each for each in states if each.stand is Stand.DONE]
    word = "E-mailed" if _is_mail(proposal) else "Posted"
    waiting = sum(not each.compared for each in done)
    different = sum(bool(each.differences) for each in made)
    equal = (
        "posted, not yet compared"
        if waiting
        else f"not equal in {count(different, 'line')}"
        if different
        else "equal"
    )
    return (
        Fact(word, f"{len(made)} of {count(len(states), 'line')}, {moment(last)}"),
        Fact("Compared with what was approved", equal),
    )


def unreadable(
    name: str,
    problems: Sequence[Unreadable],
    *,
    rows: int,
    company: Company | None = None,
) -> Card:
    """A file of which nothing was proposed, with all that is wrong in it."""
    found = len({each.row for each in problems})
    text = (
        f"“{line(name)}” was not proposed: {found} of {count(rows, 'row')} cannot be"
        " read."
        if rows
        else f"“{line(name)}” was not proposed."
    )
    shown = tuple(
        (
            f"{each.row}, {line(each.column)}" if each.column else str(each.row),
            line(each.read) or "(empty)",
            line(each.wrong),
            line(each.likely),
        )
        for each in problems[:ROWS_MAX]
    )
    left = len(problems) - ROWS_MAX
    return Card(
        title=text,
        summary=summary(company, text),
        banner=banner(company),
        status="Nothing was proposed",
        tone=Tone.BAD,
        sections=(
            Section(
                texts=(_ASK,),
                table=Table(
                    ("Row", "What stands there", "What is wrong", "Meant?"),
                    shown,
                    more=f"… and {count(left, 'more mistake')}; all of them are in"
                    " the list to download"
                    if left > 0
                    else None,
                ),
            ),
        ),
    )
