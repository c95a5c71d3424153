"""Reports, computed from the ledger."""

from collections.abc import Mapping
from datetime import datetime

from qbo.simulator import faults
from qbo.simulator.company import Company
from qbo.simulator.exact import Json


def make(
    _company: Company,
    name: str,
    _wishes: Mapping[str, str],
    _now: datetime,
    _style: str,
) -> Json:
    """A report by its name in the address.

    Raises:
        Refused: there is no such report.
    """
    raise faults.refusal("500", f"Report {name} is not supported.", "Operation")
