"""Rows of amounts: lines, sections with their sums, and trees of accounts or names."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from qbo.simulator.books.company import Company, Record, label_key
from qbo.simulator.exact import ZERO, Json, amount_text
from qbo.simulator.reports.books import Cut
from qbo.simulator.reports.frame import Amounts, Request, column


class Node(NamedTuple):
    """A record of a list with those below it."""

    record: Record
    children: list["Node"]


def forest(company: Company, entity: str, wanted: Collection[str]) -> list[Node]:
    """Some records of a list and all that stand above them, as trees by name."""
    shown: dict[str, Record] = {}
    for number in wanted:
        record = company.record(entity, number)
        shown[number] = record
        shown.update((one.id, one) for one in company.ancestors(record))
    nodes = {one.id: Node(one, []) for one in sorted(shown.values(), key=label_key)}
    roots: list[Node] = []
    for node in nodes.values():
        above = nodes.get(node.record.ref("ParentRef"))
        (above.children if above else roots).append(node)
    return roots


def short_name(record: Record) -> str:
    """A record's name below its parent."""
    return str(record.body[record.entity.name_field])


@dataclass(frozen=True)
class Sheet:
    """What rows are made with: the company, how many amounts, and in which style.

    `link` gives the address behind an account's amount, where addresses are wanted.
    `zeros` is whether a row says 0.00 where it has nothing, as the old service did in
    statements. `order` sorts rows by their last amounts ("ascend", "descend"); else
    they come by name.
    """

    company: Company
    width: int
    legacy: bool
    link: Callable[[str], str] | None = None
    zeros: bool = False
    order: str = ""

    @classmethod
    def of(cls, request: Request, cut: Cut, link: str = "") -> "Sheet":
        """The sheet for a report's columns; `link` is the report behind its amounts."""
        plain = cls.plain(request, len(cut.columns) + cut.has_total)
        return replace(plain, link=_linked(request, link), zeros=request.legacy)

    @classmethod
    def plain(cls, request: Request, width: int) -> "Sheet":
        """A sheet for so many amounts.

        Raises:
            Refused: rows cannot be sorted that way.
        """
        order = request.choice("sort_order", ("", "ascend", "descend"), "")
        return cls(request.company, width, request.legacy, order=order)

    def title(self, text: str) -> str:
        """A title that the old service wrote in capitals."""
        return text.upper() if self.legacy else text

    def cells(self, amounts: Amounts, *, summary: bool = False) -> list[Json]:
        """Amounts as cells; in a row a zero may be empty, in a sum it is 0.00."""
        shown = summary or self.zeros
        return [{"value": amount_text(a) if a or shown else ""} for a in amounts]

    def nothing(self) -> list[Json]:
        """The empty cells of a header."""
        return [{"value": ""} for _ in range(self.width)]

    def data(self, title: str, amounts: Amounts, number: str = "") -> Json:
        """A line of amounts."""
        name = {"value": title, "id": number} if number else {"value": title}
        return {"ColData": [name, *self._own(amounts, number)], "type": "Data"}

    def summary(self, title: str, amounts: Amounts) -> Json:
        """A line of sums."""
        return {"ColData": [{"value": title}, *self.cells(amounts, summary=True)]}

    def section(
        self, title: str, group: str, rows: list[Json], amounts: Amounts
    ) -> Json:
        """Rows under a title with their sum."""
        return {
            "Header": {"ColData": [{"value": title}, *self.nothing()]},
            "Rows": {"Row": rows} if rows else {},
            "Summary": self.summary(f"Total {title}", amounts),
            "type": "Section",
            "group": group,
        }

    def line(self, title: str, group: str, amounts: Amounts) -> Json:
        """A sum that stands alone: gross profit, net income."""
        summary = self.summary(title, amounts)
        return {"Summary": summary, "type": "Section", "group": group}

    def grand_total(self, amounts: Amounts) -> Json:
        """The last line of a report."""
        return self.line(self.title("Total"), "GrandTotal", amounts)

    def total(self, parts: Iterable[Amounts]) -> Amounts:
        """Amounts added up column by column."""
        total = [ZERO] * self.width
        for part in parts:
            total = [one + other for one, other in zip(total, part, strict=True)]
        return total

    def tree(self, entity: str, amounts: Mapping[str, Amounts]) -> list[Json]:
        """Rows for the records that have amounts, each below its parent."""
        wanted = [number for number, one in amounts.items() if number and any(one)]
        nodes = forest(self.company, entity, wanted)
        return [row for row, _ in self._branches(nodes, amounts)]

    def _branches(
        self, nodes: Iterable[Node], amounts: Mapping[str, Amounts]
    ) -> list[tuple[Json, Amounts]]:
        found = [self._branch(node, amounts) for node in nodes]
        if self.order:
            down = self.order == "descend"
            found.sort(key=lambda one: one[1][-1], reverse=down)
        return found

    def _branch(
        self, node: Node, amounts: Mapping[str, Amounts]
    ) -> tuple[Json, Amounts]:
        record, title = node.record, short_name(node.record)
        own = amounts.get(record.id, [ZERO] * self.width)
        if not node.children:
            return self.data(title, own, record.id), own
        below = self._branches(node.children, amounts)
        total = self.total([own, *(part for _, part in below)])
        name = {"value": title, "id": record.id}
        return {
            "Header": {"ColData": [name, *self._own(own, record.id)]},
            "Rows": {"Row": [row for row, _ in below]},
            "Summary": self.summary(f"Total {title}", total),
            "type": "Section",
        }, total

    def _own(self, amounts: Amounts, number: str) -> list[Json]:
        cells = self.cells(amounts)
        if self.link and number:
            for cell in cells:
                cell["href"] = self.link(number)
        return cells


def _linked(request: Request, report: str) -> Callable[[str], str] | None:
    """The address of the details behind an amount, if the request wants them."""
    if not report or not request.flag("qzurl"):
        return None
    span, _ = request.period()
    dates = f"start_date={span.start}&end_date={span.end}"
    basis = request.basis
    return lambda number: f"{report}?account={number}&{dates}&accounting_method={basis}"


def less(one: Amounts, other: Amounts) -> Amounts:
    """The difference, column by column."""
    return [a - b for a, b in zip(one, other, strict=True)]


def totalled(cut: Cut, amounts: Mapping[str, Amounts]) -> dict[str, Amounts]:
    """The same with the total of each row behind its amounts."""
    if not cut.has_total:
        return dict(amounts)
    return {one: [*part, sum(part, ZERO)] for one, part in amounts.items()}


def amount_columns(first: Json, cut: Cut) -> list[Json]:
    """The first column, one for each period or member, and the total.

    Only periods carry dates: by them clients tell the total from the rest.
    """
    shown = [first]
    for one in cut.columns:
        if one.member is not None:
            shown.append(column(one.title, "Money", one.member or "not_specified"))
        elif one.title != "Total":
            start, end = (day.isoformat() for day in one.span)
            dates = {"StartDate": start, "EndDate": end}
            shown.append(column(one.title, "Money", one.title, **dates))
    if cut.has_total or len(shown) == 1:
        shown.append(column("Total", "Money", "total"))
    return shown
