"""Reports as Intuit writes them: header, columns, rows; every value a text."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import Company
from qbo.simulator.exact import Json
from qbo.simulator.reports import (
    aging,
    balances,
    financial,
    itemsales,
    ledgers,
    lists,
    sales,
)
from qbo.simulator.reports.frame import Maker, Request
from qbo.simulator.switches import Switches

NAMES: Final[Mapping[str, Maker]] = {
    **financial.REPORTS,
    **ledgers.REPORTS,
    **lists.REPORTS,
    **aging.REPORTS,
    **balances.REPORTS,
    **sales.REPORTS,
    **itemsales.REPORTS,
}
_BY_PATH: Final = {name.lower(): name for name in NAMES}


def make(
    company: Company,
    name: str,
    wishes: Mapping[str, str],
    now: datetime,
    switches: Switches,
) -> Json:
    """A report by its name in the address.

    Raises:
        Refused: there is no such report, or a parameter has no sense.
    """
    known = _BY_PATH.get(name.lower())
    if known is None:
        raise faults.refusal("500", f"Report {name} is not supported.", "Operation")
    legacy = switches.reports_style == "legacy"
    return NAMES[known](
        Request(company, known, wishes, now, legacy, switches.report_cells_max)
    )
