"""Lines of a detail report, in sections for each account or name, as trees."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from qbo.simulator.books.company import Company
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.reports.lines import Line
from qbo.simulator.reports.sheet import Node, forest, short_name
from qbo.simulator.reports.table import Table

_BALANCES: Final = ("rbal_nat_amount", "rbal_nat_home_amount")
_SUBS: Final = {"Account": " with sub-accounts", "Customer": " with sub-customers"}


class Chapters:
    """Lines by the id of an account or a name, each below its parent's.

    `opened` is what accounts stood at before the first line, where that is told.
    """

    def __init__(
        self,
        entity: str,
        table: Table[Line],
        lines: Mapping[str, list[Line]],
        opened: Mapping[str, Decimal] | None = None,
    ) -> None:
        self._entity = entity
        self._table = table
        self._lines = lines
        self._opened = opened or {}

    def sections(self, company: Company, numbers: Iterable[str]) -> list[Json]:
        """A section for each that has lines, or stood at something."""
        wanted = [one for one in numbers if one in self._lines or one in self._opened]
        nodes = forest(company, self._entity, wanted)
        return [self._section(node)[0] for node in nodes]

    def _section(self, node: Node) -> tuple[Json, list[Line]]:
        record, table = node.record, self._table
        lines = list(self._lines.get(record.id, ()))
        rows = []
        balance = self._opened.get(record.id)
        if balance is not None:
            values = dict.fromkeys(_BALANCES, balance)
            opening = table.labelled("Beginning Balance", **values)
            rows.append({**opening, "type": "Data"})
        _run(lines, balance or ZERO)
        rows += table.rows(table.sort(lines))
        title = short_name(record)
        for child in node.children:
            below, more = self._section(child)
            rows.append(below)
            lines += more
        ending = _SUBS[self._entity] if node.children else ""
        total = table.total(f"Total for {title}{ending}", lines)
        return table.section((title, record.id), rows, total), lines


def _run(lines: Iterable[Line], balance: Decimal) -> None:
    """Let a balance run along lines."""
    for line in lines:
        balance += line.amount
        line.balance = balance
