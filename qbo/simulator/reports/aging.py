"""Open items by their age."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator import openitems, periods
from qbo.simulator.company import Record, label
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.openitems import PAYABLE, RECEIVABLE, Side
from qbo.simulator.periods import Span
from qbo.simulator.reports.frame import (
    Maker,
    Request,
    header_of,
    key_of,
    rows_of,
    whole_number,
)
from qbo.simulator.statements import Amounts, Sheet, added


def _aged_receivables(request: Request) -> Json:
    return _aged(request, RECEIVABLE, "Customer")


def _aged_payables(request: Request) -> Json:
    return _aged(request, PAYABLE, "Vendor")


def _aged(request: Request, side: Side, kind: str) -> Json:
    """Open items by how long they are overdue on the report's date."""
    company = request.company
    day = periods.day_of(request.wishes, "report_date") or request.today
    length = whole_number(request, "aging_period", 30)
    count = whole_number(request, "num_periods", 4)
    sums: dict[str, Amounts] = {}
    for item in openitems.open_items(company, side, day):
        late = (day - item.due).days
        bucket = min((late + length - 1) // length, count) if late > 0 else 0
        amounts = sums.setdefault(item.party, [ZERO] * (count + 2))
        amounts[bucket] += item.amount
        amounts[-1] += item.amount
    wanted = set(filter(None, request.wishes.get(kind.lower(), "").split(",")))
    sums = {
        party: amounts
        for party, amounts in sums.items()
        if any(amounts) and (not wanted or party in wanted)
    }
    sheet = Sheet(company, count + 2, legacy=False)
    rows = _party_rows(sheet, kind, sums)
    if rows:
        total = sheet.summary("TOTAL" if request.legacy else "Total", _all(sheet, sums))
        rows.append({"Summary": total, "type": "Section", "group": "GrandTotal"})
    span = Span(day, day)
    header = header_of(request, span, None, basis=None, has_data=bool(rows))
    header["Option"].insert(0, {"Name": "report_date", "Value": day.isoformat()})
    if "report_date" not in request.wishes:
        header["DateMacro"] = "today"
    columns = _aging_columns(kind, length, count)
    return {"Header": header, "Columns": {"Column": columns}, "Rows": rows_of(rows)}


def _all(sheet: Sheet, sums: Mapping[str, Amounts]) -> Amounts:
    return added(sheet.width, sums.values())


def _party_rows(sheet: Sheet, kind: str, sums: Mapping[str, Amounts]) -> list[Json]:
    """A row for each party, sub-customers below their parents."""
    company = sheet.company
    shown: dict[str, Record] = {}
    for party in sums:
        record = company.record(kind, party)
        shown[record.id] = record
        if kind == "Customer":
            shown.update({one.id: one for one in company.ancestors(record)})
    ordered = sorted(shown.values(), key=lambda one: label(one).casefold())
    rows = []
    for record in ordered:
        if record.ref("ParentRef") not in shown:
            rows += _party_tree(sheet, record, ordered, sums)[0]
    return rows


def _party_tree(
    sheet: Sheet, record: Record, ordered: list[Record], sums: Mapping[str, Amounts]
) -> tuple[list[Json], Amounts]:
    own = sums.get(record.id, [ZERO] * sheet.width)
    name = {"value": label(record), "id": record.id}
    rows, total = [], own
    for child in ordered:
        if child.ref("ParentRef") == record.id:
            below, part = _party_tree(sheet, child, ordered, sums)
            rows += below
            total = added(sheet.width, (total, part))
    if not rows:
        return [{"ColData": [name, *sheet.cells(own)], "type": "Data"}], own
    section = {
        "Header": {"ColData": [name, *sheet.cells(own)]},
        "Rows": {"Row": rows},
        "Summary": sheet.summary(f"Total {label(record)}", total),
        "type": "Section",
    }
    return [section], total


def _aging_columns(kind: str, length: int, count: int) -> list[Json]:
    ends = range(length, count * length, length)
    titles = ["Current", *(f"{end - length + 1} - {end}" for end in ends)]
    titles.append(f"{(count - 1) * length + 1} and over")
    columns: list[Json] = [
        {"ColTitle": "", "ColType": kind, "MetaData": key_of(kind.lower())}
    ]
    for place, title in enumerate(titles):
        key = "current" if place == 0 else str(place - 1)
        columns.append({"ColTitle": title, "ColType": "Money", "MetaData": key_of(key)})
    columns.append(
        {"ColTitle": "Total", "ColType": "Money", "MetaData": key_of("total")}
    )
    return columns


REPORTS: Final[Mapping[str, Maker]] = {
    "AgedReceivables": _aged_receivables,
    "AgedPayables": _aged_payables,
}
