"""What was sold or spent: the sum as the answer, its groups, and what changed."""

from decimal import Decimal

from cards.body import Body
from cards.card import Section, Table, Tone
from cards.plain import count, day, line
from qbo import styles
from qbo.books import Breakdown, Money, Slice

_HEADINGS = {
    "customer": "Customer",
    "vendor": "Vendor",
    "item": "Item",
    "account": "Account",
    "month": "Month",
}
_SUBJECTS = {"sales": "Sales", "spend": "Spending"}


def body(found: Breakdown) -> Body:
    """The card of what was sold or spent; each currency has a table of its own."""
    tables = [_section(found, None)]
    tables += [_section(each, each.total.currency) for each in found.foreign]
    sections = tuple(each for each in tables if each is not None)
    is_nothing = not found.whole.count and not any(
        each.whole.count for each in found.foreign
    )
    return Body(
        title=f"{_title(found)}.",
        tone=Tone.MUTED if is_nothing else Tone.PLAIN,
        sections=sections,
    )


def _title(found: Breakdown) -> str:
    subject = _SUBJECTS.get(found.subject, found.subject.title())
    words = " of " if found.subject == "sales" else " on "
    about = f"{words}{' and '.join(map(line, found.about))}" if found.about else ""
    text = f"{subject}{about}, {day(found.start)} to {day(found.end)}: {found.total}"
    others = [str(each.total) for each in found.foreign if each.whole.count]
    if others:
        text += f" and {' and '.join(others)}"
    if found.journals is not None and found.about:
        text += f" in bills and expenses, {found.journals.amount} by journal entries"
    return f"{text}{_compared(found)}"


def _compared(found: Breakdown) -> str:
    """How it compares: ", up $310.00 (12.4 %) from $2,500.00"."""
    change, before = found.whole.change, found.whole.compared
    if change is None or before is None:
        return ""
    days = ""
    if found.compared_start is not None and found.compared_end is not None:
        days = f" ({day(found.compared_start)} to {day(found.compared_end)})"
    if not change.amount:
        return f", the same as before{days}"
    verb = "up" if change.amount > 0 else "down"
    size = Money(abs(change.amount), change.currency)
    percent = found.whole.percent
    share = "" if percent is None else f", {percents(abs(percent))}"
    return f", {verb} {size}{share} from {before}{days}"


def percents(value: Decimal | None) -> str:
    """A percentage as people read it: "12.4 %"; a dash where there is none."""
    return "–" if value is None else f"{styles.current().number(f'{value:,}')} %"


def _section(found: Breakdown, heading: str | None) -> Section | None:
    if found.by is None:
        return _comparison(found, heading)
    if not found.rows:
        return None
    compares = found.whole.compared is not None
    months = found.by == "month"
    columns = [_HEADINGS.get(found.by, found.by.title())]
    columns += ["Amount", "Before", "Change", "%"] if compares else ["Share", "Amount"]
    rows = [_row(each, found, compares=compares, months=months) for each in found.rows]
    if found.rest is not None:
        rows.append(_row(found.rest, found, compares=compares, months=False))
    rows.append(_row(found.whole, found, compares=compares, months=False))
    noun = columns[0].lower()
    caption = None
    if found.rest is not None:
        shown, every = len(found.rows), count(found.groups, noun)
        caption = f"{shown:,} of {every}, the largest; the total is of all"
    return Section(
        heading=heading,
        table=Table(
            tuple(columns),
            tuple(rows),
            numeric=tuple(range(1, len(columns))),
            emphasis=(len(rows) - 1,),
            caption=caption,
        ),
    )


def _row(
    each: Slice, found: Breakdown, *, compares: bool, months: bool
) -> tuple[str, ...]:
    name = line(each.name) or "–"
    if not compares:
        return (name, _share(each, found), str(each.amount))
    if months and each.compared_name:
        name = f"{name} / {line(each.compared_name)}"
    return (
        name,
        str(each.amount),
        str(each.compared) if each.compared is not None else "–",
        str(each.change) if each.change is not None else "–",
        percents(each.percent),
    )


def _share(each: Slice, found: Breakdown) -> str:
    """How much of the whole it is; nothing where that would mean nothing."""
    whole = found.total.amount
    if each is found.whole or whole <= 0 or each.amount.amount < 0:
        return ""
    return percents((each.amount.amount * 100 / whole).quantize(Decimal("0.1")))


def _comparison(found: Breakdown, heading: str | None) -> Section | None:
    """Two sums beside each other; nothing where there is only one."""
    whole = found.whole
    if whole.compared is None or whole.change is None:
        return None
    row = (
        "Total",
        str(whole.amount),
        str(whole.compared),
        str(whole.change),
        percents(whole.percent),
    )
    columns = ("", "Amount", "Before", "Change", "%")
    return Section(heading=heading, table=Table(columns, (row,), numeric=(1, 2, 3, 4)))
