"""Open items by their age, added up and one by one."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from qbo.simulator.exact import ZERO, Json
from qbo.simulator.reports import periods
from qbo.simulator.reports.frame import (
    Amounts,
    Maker,
    Request,
    column,
    header_of,
    report_of,
)
from qbo.simulator.reports.lines import Line, table_of
from qbo.simulator.reports.periods import Span
from qbo.simulator.reports.sheet import Sheet
from qbo.simulator.reports.table import Table
from qbo.simulator.rules import openitems
from qbo.simulator.rules.claims import BY_LINE, PAYABLE, RECEIVABLE, Side
from qbo.simulator.rules.openitems import OpenItem
from qbo.simulator.rules.transactions import in_home

_METHODS: Final = ("Report_Date", "Current")


class Ages(NamedTuple):
    """How a report sorts open items by age.

    `day` is when they are open, `length` the days of a bucket, `buckets` how many
    there are behind "current"; `macro` is what chose the day.
    """

    day: date
    macro: str | None
    length: int
    buckets: int

    @classmethod
    def of(cls, request: Request) -> "Ages":
        """As a request wants it; aged "Current", items are looked at as of today."""
        day, macro = request.as_of()
        method = request.choice("aging_method", _METHODS, _METHODS[0])
        if method == "Current":
            day = request.today
        length = request.whole_number("aging_period", 30)
        return cls(day, macro, length, request.whole_number("num_periods", 4))

    def late(self, item: OpenItem) -> int:
        """The days an item is past due; negative before that."""
        return (self.day - item.due).days

    def bucket(self, item: OpenItem) -> int:
        """Where an item belongs: 0 is current, the last is the oldest."""
        late = self.late(item)
        return (
            min((late + self.length - 1) // self.length, self.buckets)
            if late > 0
            else 0
        )

    def titles(self) -> list[str]:
        """The buckets' titles, from current to the oldest."""
        ends = range(self.length, self.buckets * self.length, self.length)
        ranges = [f"{end - self.length + 1} - {end}" for end in ends]
        return ["Current", *ranges, f"{(self.buckets - 1) * self.length + 1} and over"]


def _aged_receivables(request: Request) -> Json:
    return _aged(request, RECEIVABLE, "Customer")


def _aged_payables(request: Request) -> Json:
    return _aged(request, PAYABLE, "Vendor")


def _aged(request: Request, side: Side, kind: str) -> Json:
    ages = Ages.of(request)
    width = ages.buckets + 2
    sums: dict[str, Amounts] = {}
    for item in open_items(request, side, ages.day):
        if is_wanted(request, item):
            amounts = sums.setdefault(item.party, [ZERO] * width)
            amounts[ages.bucket(item)] += item.amount
            amounts[-1] += item.amount
    sheet = Sheet.plain(request, width)
    rows = sheet.tree(kind, sums)
    if rows:
        rows.append(sheet.grand_total(sheet.total(sums.values())))
    header = as_of_header(
        request, ages.day, ages.macro, has_data=bool(rows), by="Total"
    )
    shown = [column("", kind, kind.lower())]
    for place, title in enumerate(ages.titles()):
        shown.append(column(title, "Money", str(place - 1) if place else "current"))
    return report_of(header, [*shown, column("Total", "Money", "total")], rows)


def as_of_header(
    request: Request,
    day: date,
    macro: str | None,
    *,
    has_data: bool,
    by: str | None = None,
) -> Json:
    """The header of a report that looks at one day."""
    return header_of(
        request,
        Span(day, day),
        macro,
        has_data=has_data,
        by=by,
        report_date=day.isoformat(),
    )


def open_items(request: Request, side: Side, day: date) -> Iterator[OpenItem]:
    """What is open on a day, of the parties, departments and terms asked for."""
    party = request.listed("customer" if side is RECEIVABLE else "vendor")
    department, term = request.listed("department"), request.listed("term")
    for item in openitems.open_items(request.company, side, day):
        record = item.record
        if (
            (not party or item.party in party)
            and (not department or record.ref("DepartmentRef") in department)
            and (not term or record.ref("SalesTermRef") in term)
        ):
            yield item


def is_wanted(request: Request, item: OpenItem) -> bool:
    """Whether an item is due when the request says."""
    start = periods.day_of(request.wishes, "start_duedate")
    end = periods.day_of(request.wishes, "end_duedate")
    return (start is None or start <= item.due) and (end is None or item.due <= end)


# One by one


def _receivable_detail(request: Request) -> Json:
    table = table_of(
        request, *_FIRST, "cust_name", *_DUE, "subt_amount", "subt_open_bal"
    )
    return _detailed(request, RECEIVABLE, table)


def _payable_detail(request: Request) -> Json:
    table = table_of(
        request, *_FIRST, "vend_name", *_DUE, "subt_neg_amount", "subt_neg_open_bal"
    )
    return _detailed(request, PAYABLE, table)


def _detailed(request: Request, side: Side, table: Table[Line]) -> Json:
    """Each open item, in sections by age, the oldest first."""
    ages = Ages.of(request)
    least = (
        request.whole_number("past_due", 0) if "past_due" in request.wishes else None
    )
    buckets: dict[int, list[Line]] = {}
    for item in open_items(request, side, ages.day):
        late = ages.late(item)
        if is_wanted(request, item) and (least is None or late >= least):
            line = line_of_item(request, item, late)
            buckets.setdefault(ages.bucket(item), []).append(line)
    rows: list[Json] = []
    titles = [title.replace("and over", "or more") for title in ages.titles()]
    for bucket in sorted(buckets, reverse=True):
        title = f"{titles[bucket]} days past due" if bucket else titles[0]
        lines = sorted(buckets[bucket], key=lambda one: (one.day, one.due or one.day))
        total = table.total(f"Total for {title}", lines)
        rows.append(table.section(title, table.rows(table.sort(lines)), total))
    if rows:
        every = [line for lines in buckets.values() for line in lines]
        rows.append(table.grand_total(every))
    header = as_of_header(request, ages.day, ages.macro, has_data=bool(rows))
    return report_of(header, table.columns, rows)


def line_of_item(request: Request, item: OpenItem, late: int | None = None) -> Line:
    """An open item as a line: its transaction's total, and what is open of it."""
    record = item.record
    amount = item.amount
    if record.entity.name not in BY_LINE:
        total = in_home(record.body, record.body["TotalAmt"])
        amount = total if record.entity.name in _DEBTS else -total
    return Line(
        request.company,
        record,
        record.day,
        amount,
        open=item.amount,
        due=item.due,
        late=late,
        party=item.party,
        legacy=request.legacy,
    )


_FIRST: Final = ("tx_date", "txn_type", "doc_num")
_DEBTS: Final = ("Invoice", "Bill")
_DUE: Final = ("due_date", "past_due")

REPORTS: Final[Mapping[str, Maker]] = {
    "AgedReceivableDetail": _receivable_detail,
    "AgedPayableDetail": _payable_detail,
    "AgedReceivables": _aged_receivables,
    "AgedPayables": _aged_payables,
}
