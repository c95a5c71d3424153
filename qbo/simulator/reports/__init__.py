"""Reports as Intuit writes them: header, columns, rows; every value a text."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from qbo.simulator import faults
from qbo.simulator.company import Company
from qbo.simulator.exact import Json
from qbo.simulator.reports import aging, financial
from qbo.simulator.reports.frame import Maker, Request

NAMES: Final[Mapping[str, Maker]] = {
    **financial.REPORTS,
    **aging.REPORTS,
}
_MAKERS: Final = {name.lower(): maker for name, maker in NAMES.items()}


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
