"""Reading reports: the amounts of rows, by account or name, and of whole columns."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.simulator.client import rows

Json = dict[str, Any]


def amount(cell: Json) -> Decimal:
    return Decimal(cell["value"] or "0")


def by_id(report: Json, column: int = -1) -> dict[str, Decimal]:
    """Each account's or name's own amount, whether it has others below it or not."""
    found: dict[str, Decimal] = {}
    for row in rows(report["Rows"]):
        cells = row.get("ColData") or row.get("Header", {}).get("ColData", [])
        if cells and "id" in cells[0]:
            found[cells[0]["id"]] = amount(cells[column])
    return found


def places(report: Json) -> dict[str, int]:
    """Where columns stand, by their keys."""
    return {
        meta["Value"]: place
        for place, column in enumerate(report["Columns"]["Column"])
        for meta in column["MetaData"]
        if meta["Name"] == "ColKey"
    }


def lines(report: Json) -> Iterator[dict[str, str]]:
    """The rows of a detail report: texts by column, ids as "key.id"."""
    keys = {place: key for key, place in places(report).items()}
    for row in rows(report["Rows"]):
        if "ColData" in row:
            found = {}
            for place, cell in enumerate(row["ColData"]):
                found[keys[place]] = cell["value"]
                if "id" in cell:
                    found[f"{keys[place]}.id"] = cell["id"]
            yield found


def summaries(report: Json) -> dict[str, list[Decimal]]:
    """The sums under groups; a text counts as nothing."""
    found = {}
    for row in rows(report["Rows"]):
        if "group" in row and "Summary" in row:
            found[row["group"]] = [
                _number(one) for one in row["Summary"]["ColData"][1:]
            ]
    return found


def _number(cell: Json) -> Decimal:
    text = cell["value"]
    return Decimal(text) if text and "%" not in text else Decimal(0)


def grand_total(report: Json, key: str = "") -> Decimal:
    """A report's last line: its last amount, or the one in a column."""
    if not report["Rows"]:
        return Decimal(0)
    cells = report["Rows"]["Row"][-1]["Summary"]["ColData"]
    return amount(cells[places(report)[key] if key else -1])


def group_sum(report: Json, group: str) -> Decimal:
    """The last amount under a group; nothing where the report has no such group."""
    return summaries(report).get(group, [Decimal(0)])[-1]
