"""What all reports share: what is asked for, and the header of the answer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from qbo.simulator import faults
from qbo.simulator.books.company import Company
from qbo.simulator.clock import PACIFIC, stamp
from qbo.simulator.exact import Json
from qbo.simulator.reports import periods
from qbo.simulator.reports.periods import Span

YEAR_TO_DATE: Final = "this fiscal year-to-date"
MONTH_TO_DATE: Final = "this month-to-date"
NOT_SPECIFIED: Final = "Not Specified"
_NUMBERS: Final = range(1, 366)
_DETAIL_COLUMNS: Final = 8
"""How many cells a line of a detail report has, about."""
_DIGITS: Final = re.compile(r"\d{1,9}", re.ASCII)


Amounts = list[Decimal]
"""A row's amounts, one for every column."""


class Dimension(NamedTuple):
    """A list that columns and rows can be made of.

    `entity` is the kind of its records, `wish` the parameter that picks some of them,
    `column_type` what a column of their names is called.
    """

    entity: str
    wish: str
    column_type: str


DIMENSIONS: Final[Mapping[str, Dimension]] = {
    "customers": Dimension("Customer", "customer", "Customer"),
    "vendors": Dimension("Vendor", "vendor", "Vendor"),
    "employees": Dimension("Employee", "employee", "Employee"),
    "classes": Dimension("Class", "class", "Class"),
    "departments": Dimension("Department", "department", "Department"),
    "productsandservices": Dimension("Item", "item", "ProductsAndService"),
}
"""By the word `summarize_column_by` has for it, in lower case."""


@dataclass(frozen=True)
class Request:
    """A report that was asked for; `legacy` is the style of the old service."""

    company: Company
    name: str
    wishes: Mapping[str, str]
    now: datetime
    legacy: bool
    cells_max: int = 0

    def check_size(self, lines: int) -> None:
        """Refuse a list that grows beyond what the service writes.

        Raises:
            Refused: so many lines come to more cells than `cells_max`; 0 allows all.
        """
        if self.cells_max and lines * _DETAIL_COLUMNS > self.cells_max:
            raise faults.refusal(
                "10000",
                "Unable to display more data. Please reduce the date range.",
                None,
            )

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
        prefs = self.company.preferences.get("ReportPrefs") or {}
        usual = str(prefs.get("ReportBasis") or "Accrual")
        return self.choice("accounting_method", ("Accrual", "Cash"), usual)

    @property
    def by(self) -> str:
        """What columns are made of, as it was written.

        Raises:
            Refused: columns cannot be made of that.
        """
        wish = self.wishes.get("summarize_column_by") or "Total"
        if not periods.is_period(wish) and wish.lower() not in DIMENSIONS:
            raise faults.refusal(
                "2170", f"Invalid Enumeration: {wish}", "summarize_column_by"
            )
        return wish

    @property
    def filters(self) -> dict[str, frozenset[str]]:
        """The ids that a report is restricted to, by parameter."""
        wishes = {name: self.listed(name) for name in _FILTERS}
        return {name: wanted for name, wanted in wishes.items() if wanted}

    def listed(self, name: str) -> frozenset[str]:
        """The values of a parameter that are separated by commas."""
        parts = self.wishes.get(name, "").split(",")
        return frozenset(part.strip() for part in parts if part.strip())

    def choice(self, name: str, values: tuple[str, ...], usual: str) -> str:
        """One of some words, in any case.

        Raises:
            Refused: it is another word.
        """
        wish = self.wishes.get(name) or usual
        for value in values:
            if value.lower() == wish.lower():
                return value
        raise faults.refusal("2170", f"Invalid Enumeration: {wish}", name)

    def whole_number(self, name: str, usual: int) -> int:
        """A whole number among the parameters, from 1 to 365.

        Raises:
            Refused: it is something else.
        """
        text = self.wishes.get(name, "")
        if not text:
            return usual
        if not _DIGITS.fullmatch(text) or int(text) not in _NUMBERS:
            raise faults.refusal("2080", f"Invalid Number : {text}", name)
        return int(text)

    def flag(self, name: str) -> bool:
        """Whether a parameter says true."""
        return self.wishes.get(name, "").lower() in {"true", "yes", "1"}

    def period(self, usual: str = YEAR_TO_DATE) -> tuple[Span, str | None]:
        """The dates the report covers, and the macro that chose them, if one did.

        All dates are those from the first posting on.
        """
        company = self.company
        span, macro = periods.chosen(
            self.wishes, self.today, company.fiscal_month, usual
        )
        if macro == "all":
            days = (day for one in company.ledger.daily.values() for day in one)
            span = Span(min(days, default=span.end), span.end)
            span = Span(min(span), span.end)
        return span, macro

    def as_of(self) -> tuple[date, str | None]:
        """The day of a report that looks at one day, and the macro that chose it.

        Raises:
            Refused: it is no date.
        """
        if day := periods.day_of(self.wishes, "report_date"):
            return day, None
        span, macro = periods.chosen(
            self.wishes, self.today, self.company.fiscal_month, "today"
        )
        return span.end, macro


_FILTERS: Final = (
    *(one.wish for one in DIMENSIONS.values()),
    "account",
)
_REPEATED: Final = {one.wish: one.entity for one in DIMENSIONS.values()}
"""The filters a header repeats, with their names there."""


def header_of(
    request: Request,
    span: Span,
    macro: str | None,
    *,
    has_data: bool,
    basis: str | None = None,
    by: str | None = None,
    **options: str,
) -> Json:
    """A report's header; `options` come before the one that says if there is data."""
    header: Json = {"Time": stamp(request.now), "ReportName": request.name}
    if macro:
        header["DateMacro"] = macro
    if basis:
        header["ReportBasis"] = basis
    if macro != "all":
        header["StartPeriod"] = span.start.isoformat()
        header["EndPeriod"] = span.end.isoformat()
    if by:
        header["SummarizeColumnsBy"] = by
    header["Currency"] = request.company.home
    for wish, name in _REPEATED.items():
        if wanted := request.wishes.get(wish):
            header[name] = wanted
    options["NoReportData"] = "false" if has_data else "true"
    header["Option"] = [{"Name": name, "Value": options[name]} for name in options]
    return header


def column(title: str, kind: str, key: str, **meta: str) -> Json:
    """A column; clients find it by its ColKey."""
    pairs = {**meta, "ColKey": key}
    return {
        "ColTitle": title,
        "ColType": kind,
        "MetaData": [{"Name": name, "Value": pairs[name]} for name in pairs],
    }


def report_of(header: Json, columns: list[Json], rows: list[Json]) -> Json:
    """A whole report; without rows its Rows are empty."""
    return {
        "Header": header,
        "Columns": {"Column": columns},
        "Rows": {"Row": rows} if rows else {},
    }


Maker = Callable[[Request], Json]
"""Makes one report."""
