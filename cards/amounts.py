"""Amounts, quantities and lines as rows of text."""

from decimal import Decimal

from cards.card import Table
from cards.plain import line
from qbo import styles
from qbo.books import Line, Money


def number(value: Decimal, places: int = 0) -> str:
    """An exact number with thousands separators and at least `places` decimals."""
    whole, _, fraction = f"{value.copy_abs():f}".partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    sign = "-" if value < 0 else ""
    grouped = f"{sign}{int(whole):,}"
    return styles.current().number(f"{grouped}.{fraction}" if fraction else grouped)


def lines_table(
    lines: tuple[Line, ...],
    total: Money | None,
    *,
    what: str | None = None,
    more: tuple[tuple[str, Money], ...] = (),
) -> Table | None:
    """A document's lines with their total; None without lines.

    `what` heads the first column where the lines do not say it themselves; `more`
    are rows that belong to the total and are no lines.
    """
    if not lines:
        return None
    priced = any(each.quantity is not None or each.rate is not None for each in lines)
    what = what or _heading(lines)
    columns = (what, "Qty", "Rate", "Amount") if priced else (what, "Amount")
    rows = [
        (
            _what(each),
            *(
                (
                    number(each.quantity) if each.quantity is not None else "",
                    number(each.rate, 2) if each.rate is not None else "",
                )
                if priced
                else ()
            ),
            str(each.amount),
        )
        for each in lines
    ]
    blank = ("", "") if priced else ()
    rows += [(label, *blank, str(part)) for label, part in more]
    emphasis: tuple[int, ...] = ()
    if total is not None:
        emphasis = (len(rows),)
        rows.append(("Total", *blank, str(total)))
    return Table(
        columns,
        tuple(rows),
        numeric=tuple(range(1, len(columns))),
        emphasis=emphasis,
    )


def _heading(lines: tuple[Line, ...]) -> str:
    if any(each.item for each in lines):
        return "Item"
    return "Account" if any(each.account for each in lines) else "Description"


def _what(each: Line) -> str:
    name = line(each.item or each.account or "")
    if not each.description:
        return name or "(no description)"
    said = line(each.description)
    if said.casefold() == name.casefold():
        return name
    return f"{name}: {said}" if name else said
