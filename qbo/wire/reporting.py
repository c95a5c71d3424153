"""Reading QuickBooks' reports: columns by type and key, rows, cells, amounts.

https://developer.intuit.com/app/developer/qbo/docs/workflows/run-reports
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qbo.books import Money
from qbo.wire.exact import Json, number


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a row: its text, and the id of the record it speaks of."""

    text: str
    id: str | None


def money_columns(report: Json) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Where the money stands: places in a row, and the titles of those columns."""
    found = (report.get("Columns") or {}).get("Column") or []
    money = [
        (place, column)
        for place, column in enumerate(found)
        if column_type(column) == "money"
    ]
    return (
        tuple(place for place, _ in money),
        tuple(str(column.get("ColTitle") or "") or "Total" for _, column in money),
    )


def column_keys(report: Json) -> dict[str, int]:
    """The place of each column, by its ColKey."""
    found = (report.get("Columns") or {}).get("Column") or []
    return {
        str(each.get("Value")): place
        for place, column in enumerate(found)
        for each in column.get("MetaData") or ()
        if each.get("Name") == "ColKey"
    }


def column_type(column: Mapping[str, Any]) -> str:
    """What a column is of, in lower case; "" where it does not say."""
    if kind := str(column.get("ColType") or ""):
        return kind.casefold()
    keys = {
        str(each.get("Name")): str(each.get("Value"))
        for each in column.get("MetaData") or ()
    }
    return "money" if keys.get("ColKey", "").casefold() == "total" else ""


def rows_in(holder: Mapping[str, Any]) -> list[Json]:
    """The rows of a report or of a section."""
    return (holder.get("Rows") or {}).get("Row") or []


def cells_in(holder: Any) -> list[Cell]:
    """The cells of a row, a header or a summary."""
    found = (holder or {}).get("ColData") or []
    return [
        Cell(str(cell.get("value") or ""), str(cell["id"]) if cell.get("id") else None)
        for cell in found
    ]


def money_in(cells: Sequence[Cell], place: int, currency: str) -> Money | None:
    """The amount in a cell; None where it is blank."""
    text = cells[place].text if place < len(cells) else ""
    return Money(_places(number(text)), currency) if text else None


def _places(value: Decimal) -> Decimal:
    """A report's number with at least two places."""
    exponent = value.as_tuple().exponent
    is_short = isinstance(exponent, int) and exponent > -2  # noqa: PLR2004
    return value.quantize(Decimal("0.01")) if is_short else value
