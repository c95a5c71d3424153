"""What all reports are made of: the request, the header, the columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from qbo.simulator import faults
from qbo.simulator.clock import PACIFIC, stamp
from qbo.simulator.company import Company
from qbo.simulator.exact import Json
from qbo.simulator.periods import Column, Span


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


def whole_number(request: Request, name: str, usual: int) -> int:
    """A whole number among the parameters, from 1 to 365.

    Raises:
        Refused: it is something else.
    """
    text = request.wishes.get(name, "")
    if not text:
        return usual
    if not text.isdigit() or not 1 <= int(text) <= 365:  # noqa: PLR2004 - a year
        raise faults.refusal("2080", f"Invalid Number : {text}", name)
    return int(text)


def amount_columns(kind: str, columns: list[Column], *, total: bool) -> list[Json]:
    """The first column, one for each period or customer, and the total."""
    shown: list[Json] = [
        {"ColTitle": "", "ColType": kind, "MetaData": key_of("account")}
    ]
    for column in columns:
        meta = key_of("total" if column.title == "Total" else column.title)
        if column.customer is not None:
            meta = key_of(column.customer or "not_specified")
        elif column.title != "Total":
            meta = [
                {"Name": "StartDate", "Value": column.span.start.isoformat()},
                {"Name": "EndDate", "Value": column.span.end.isoformat()},
                *meta,
            ]
        shown.append({"ColTitle": column.title, "ColType": "Money", "MetaData": meta})
    if total:
        meta = key_of("total")
        shown.append({"ColTitle": "Total", "ColType": "Money", "MetaData": meta})
    return shown


def key_of(value: str) -> list[Json]:
    """The key by which clients find a column."""
    return [{"Name": "ColKey", "Value": value}]


def header_of(
    request: Request,
    span: Span,
    macro: str | None,
    *,
    basis: str | None,
    has_data: bool,
) -> Json:
    """A report's header."""
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


def rows_of(rows: list[Json]) -> Json:
    """The Rows object; without rows it is empty."""
    return {"Row": rows} if rows else {}


Maker = Callable[[Request], Json]
"""Makes one report."""
