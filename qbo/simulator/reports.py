"""Reports as Intuit writes them: header, columns, rows; every value a text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from qbo.simulator import faults, openitems, periods, statements
from qbo.simulator.clock import PACIFIC, stamp
from qbo.simulator.company import Company, Record, label
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.openitems import PAYABLE, RECEIVABLE, Side
from qbo.simulator.periods import Column, Span
from qbo.simulator.statements import Amounts, Sheet, added


@dataclass(frozen=True)
class Request:
    """A report that was asked for."""

    company: Company
    name: str
    wishes: Mapping[str, str]
    now: datetime
    legacy: bool

    @property
    def today(self) -> date:
        """The date in California."""
        return self.now.astimezone(PACIFIC).date()

    @property
    def basis(self) -> str:
        """Accrual or Cash, as asked or as the company prefers.

        Raises:
            Refused: it is neither.
        """
        usual = (self.company.preferences.get("ReportPrefs") or {}).get("ReportBasis")
        wish = self.wishes.get("accounting_method") or usual or "Accrual"
        if wish.capitalize() not in {"Accrual", "Cash"}:
            raise faults.refusal(
                "2170", f"Invalid Enumeration: {wish}", "accounting_method"
            )
        return str(wish.capitalize())

    @property
    def by(self) -> str:
        """What columns are made of."""
        return self.wishes.get("summarize_column_by") or "Total"


def make(
    company: Company, name: str, wishes: Mapping[str, str], now: datetime, style: str
) -> Json:
    """A report by its name in the address; `style` is "modern" or "legacy".

    Raises:
        Refused: there is no such report, or a parameter has no sense.
    """
    maker = _MAKERS.get(name.lower())
    if maker is None:
        raise faults.refusal("500", f"Report {name} is not supported.", "Operation")
    known = next(one for one in NAMES if one.lower() == name.lower())
    return maker(Request(company, known, wishes, now, style == "legacy"))


def _profit_and_loss(request: Request) -> Json:
    company, basis = request.company, request.basis
    span, macro = periods.chosen(request.wishes, request.today, company.fiscal_month)
    if request.by.lower() == "customers":
        columns = _customer_columns(request, span)
    else:
        columns = periods.columns(span, request.by, company.fiscal_month)
    amounts = statements.moved(company, columns, basis)
    total = request.by.lower() != "total"
    if total:
        amounts = {one: [*part, sum(part, ZERO)] for one, part in amounts.items()}
    sheet = Sheet(company, len(columns) + total, request.legacy)
    has_data = any(any(part) for part in amounts.values())
    rows = statements.profit_and_loss(sheet, amounts) if has_data else []
    header = _header(request, span, macro, basis=basis, has_data=has_data)
    shown = _columns("Account", columns, total=total)
    return {"Header": header, "Columns": {"Column": shown}, "Rows": _rows(rows)}


def _customer_columns(request: Request, span: Span) -> list[Column]:
    """One column for every customer with income or expense, one for nobody."""
    company = request.company
    seen = {
        entry.party
        for posting in company.ledger.between(span.start, span.end)
        for entry in posting.entries
    }
    customers = [one for one in company.records("Customer") if one.id in seen]
    customers.sort(key=lambda one: label(one).casefold())
    columns = [Column(label(one), span, one.id) for one in customers]
    return [*columns, Column("Not Specified", span, "")]


def _balance_sheet(request: Request) -> Json:
    company, basis = request.company, request.basis
    span, macro = periods.chosen(request.wishes, request.today, company.fiscal_month)
    columns = periods.columns(span, request.by, company.fiscal_month)
    ends = [column.span.end for column in columns]
    amounts, net = statements.balances(company, ends, basis)
    sheet = Sheet(company, len(columns), request.legacy)
    has_data = any(any(part) for part in amounts.values())
    rows = statements.balance_sheet(sheet, amounts, net) if has_data else []
    header = _header(request, span, macro, basis=basis, has_data=has_data)
    shown = _columns("Account", columns, total=False)
    return {"Header": header, "Columns": {"Column": shown}, "Rows": _rows(rows)}


def _aged_receivables(request: Request) -> Json:
    return _aged(request, RECEIVABLE, "Customer")


def _aged_payables(request: Request) -> Json:
    return _aged(request, PAYABLE, "Vendor")


def _aged(request: Request, side: Side, kind: str) -> Json:
    """Open items by how long they are overdue on the report's date."""
    company = request.company
    day = periods.day_of(request.wishes, "report_date") or request.today
    length = _whole(request, "aging_period", 30)
    count = _whole(request, "num_periods", 4)
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
    header = _header(request, span, None, basis=None, has_data=bool(rows))
    header["Option"].insert(0, {"Name": "report_date", "Value": day.isoformat()})
    if "report_date" not in request.wishes:
        header["DateMacro"] = "today"
    columns = _aging_columns(kind, length, count)
    return {"Header": header, "Columns": {"Column": columns}, "Rows": _rows(rows)}


def _whole(request: Request, name: str, usual: int) -> int:
    text = request.wishes.get(name, "")
    if not text:
        return usual
    if not text.isdigit() or not 1 <= int(text) <= 365:  # noqa: PLR2004 - a year
        raise faults.refusal("2080", f"Invalid Number : {text}", name)
    return int(text)


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
        {"ColTitle": "", "ColType": kind, "MetaData": _key(kind.lower())}
    ]
    for place, title in enumerate(titles):
        key = "current" if place == 0 else str(place - 1)
        columns.append({"ColTitle": title, "ColType": "Money", "MetaData": _key(key)})
    columns.append({"ColTitle": "Total", "ColType": "Money", "MetaData": _key("total")})
    return columns


def _key(value: str) -> list[Json]:
    return [{"Name": "ColKey", "Value": value}]


def _columns(kind: str, columns: list[Column], *, total: bool) -> list[Json]:
    shown: list[Json] = [{"ColTitle": "", "ColType": kind, "MetaData": _key("account")}]
    for column in columns:
        meta = _key("total" if column.title == "Total" else column.title)
        if column.customer is not None:
            meta = _key(column.customer or "not_specified")
        elif column.title != "Total":
            meta = [
                {"Name": "StartDate", "Value": column.span.start.isoformat()},
                {"Name": "EndDate", "Value": column.span.end.isoformat()},
                *meta,
            ]
        shown.append({"ColTitle": column.title, "ColType": "Money", "MetaData": meta})
    if total:
        meta = _key("total")
        shown.append({"ColTitle": "Total", "ColType": "Money", "MetaData": meta})
    return shown


def _header(
    request: Request,
    span: Span,
    macro: str | None,
    *,
    basis: str | None,
    has_data: bool,
) -> Json:
    header: Json = {"Time": stamp(request.now), "ReportName": request.name}
    if macro:
        header["DateMacro"] = macro
    options = [{"Name": "NoReportData", "Value": "false" if has_data else "true"}]
    if basis:
        header["ReportBasis"] = basis
        options.insert(0, {"Name": "AccountingStandard", "Value": "GAAP"})
    return {
        **header,
        "StartPeriod": span.start.isoformat(),
        "EndPeriod": span.end.isoformat(),
        "SummarizeColumnsBy": request.by,
        "Currency": request.company.home,
        "Option": options,
    }


def _rows(rows: list[Json]) -> Json:
    return {"Row": rows} if rows else {}


NAMES: Final[Mapping[str, Callable[[Request], Json]]] = {
    "ProfitAndLoss": _profit_and_loss,
    "BalanceSheet": _balance_sheet,
    "AgedReceivables": _aged_receivables,
    "AgedPayables": _aged_payables,
}
_MAKERS: Final = {name.lower(): maker for name, maker in NAMES.items()}
