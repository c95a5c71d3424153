"""Reports that list: columns that a client picks, rows, sections and their sums."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, Generic, TypeVar

from qbo.simulator.exact import ZERO, Json, amount_text
from qbo.simulator.reports.frame import Request, column

T = TypeVar("T")

Value = Decimal | int | str | tuple[str, str] | None
"""What a cell says: an amount, a count, a text, a text with the id behind it."""


@dataclass(frozen=True)
class Shown(Generic[T]):
    """A column of a list: its title and type, and what it says of a row's subject.

    `adds` is whether sums are drawn under it.
    """

    title: str
    kind: str
    read: Callable[[T], Value]
    adds: bool = False


class Table(Generic[T]):
    """The columns of one report, and rows made with them.

    Columns come in their own order, whatever the order they were asked for in; what
    the report does not know is left out.
    """

    def __init__(
        self, request: Request, known: Mapping[str, Shown[T]], usual: Iterable[str]
    ) -> None:
        asked = {one.lower() for one in request.listed("columns")}
        wanted = asked & known.keys() or set(usual)
        self._shown = {key: one for key, one in known.items() if key in wanted}
        self._known = known
        self._title = request.wishes.get("sort_by", "").lower()
        self._descends = request.choice("sort_order", _ORDERS, _ORDERS[0]) == "descend"
        self._company = request.company
        self.legacy = request.legacy

    @property
    def columns(self) -> list[Json]:
        """The columns as a report gives them."""
        return [column(one.title, one.kind, key) for key, one in self._shown.items()]

    def sort(self, subjects: Iterable[T]) -> list[T]:
        """The subjects as the client wants them sorted, else in their own order."""
        found = list(subjects)
        if by := self._known.get(self._title):
            found.sort(key=lambda one: _sortable(by.read(one)))
        return found[::-1] if self._descends else found

    def rows(self, subjects: Iterable[T]) -> list[Json]:
        """A row for each subject.

        Transactions that were looked at may be let go of now and then: a report of
        many need not hold them all.
        """
        made = []
        for place, subject in enumerate(subjects):
            if place % _HELD_MAX == 0:
                self._company.freeze()
            made.append(self.row(subject))
        return made

    def row(self, subject: T, **instead: Value) -> Json:
        """One row; `instead` are cells that say something else, by column."""
        cells = [
            cell(instead[key] if key in instead else one.read(subject))
            for key, one in self._shown.items()
        ]
        return {"ColData": cells, "type": "Data"}

    def labelled(self, title: str, **values: Value) -> Json:
        """A row that begins with a title and is empty but for some columns."""
        cells = [cell(values.get(key)) for key in self._shown]
        cells[0] = {"value": title}
        return {"ColData": cells}

    def total(self, title: str, subjects: Iterable[T]) -> Json:
        """A line with the sums of those columns that have any."""
        adding = {key: one.read for key, one in self._shown.items() if one.adds}
        sums = dict.fromkeys(adding, ZERO)
        for subject in subjects:
            for key, read in adding.items():
                value = read(subject)
                if isinstance(value, Decimal):
                    sums[key] += value
        return self.labelled(title, **sums)

    def section(
        self,
        name: Value,
        rows: list[Json],
        total: Json | None,
        group: str = "",
    ) -> Json:
        """Rows under a name, with their sums."""
        header = [cell(name), *({"value": ""} for _ in range(len(self._shown) - 1))]
        made: Json = {"Header": {"ColData": header}, "Rows": {"Row": rows}}
        if total:
            made["Summary"] = total
        made["type"] = "Section"
        return {**made, "group": group} if group else made

    def line(self, total: Json, group: str = "GrandTotal") -> Json:
        """Sums that stand alone."""
        made = {"Summary": total, "type": "Section"}
        return {**made, "group": group} if group else made

    def grand_total(self, subjects: Iterable[T]) -> Json:
        """The last line of a report."""
        return self.line(self.total("TOTAL" if self.legacy else "Total", subjects))


_ORDERS: Final = ("ascend", "descend")
_HELD_MAX: Final = 1_000


def cell(value: Value) -> Json:
    """A value as a cell; amounts have two places. Nobody may change a cell."""
    if isinstance(value, Decimal):
        return {"value": amount_text(value)}
    return _text_cell(value)


@lru_cache(maxsize=20_000)
def _text_cell(value: int | str | tuple[str, str] | None) -> Json:
    """A text as a cell; long reports say the same again and again."""
    if isinstance(value, tuple):
        return {"value": value[0], "id": value[1]}
    return {"value": "" if value is None else str(value)}


def _sortable(value: Value) -> tuple[bool, Decimal, str]:
    if isinstance(value, Decimal | int):
        return True, Decimal(value), ""
    text = value[0] if isinstance(value, tuple) else value or ""
    return False, ZERO, text.casefold()
