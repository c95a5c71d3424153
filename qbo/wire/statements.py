"""Statements in QuickBooks' query language, and the escaping they need.

https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/data-queries
The client encodes a statement for the URL; here it is plain text.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

PAGE_ROWS: Final = 1000  # the most that one answer holds
LISTS: Final = frozenset(
    {
        *("Customer", "Vendor", "Item", "Account", "Term", "PaymentMethod"),
        *("TaxCode", "TaxRate", "Class", "Department", "Employee"),
    }
)
"""Entities of which only active records are given unless both are asked for."""


def literal(value: str) -> str:
    r"""A text between apostrophes; an apostrophe inside is escaped as \'."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def moment(value: datetime) -> str:
    """A time as a literal, in UTC to the second (QuickBooks keeps no more)."""
    return literal(value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def equals(name: str, value: str) -> str:
    """A condition that a field has this value."""
    return f"{name} = {literal(value)}"


def among(name: str, values: Sequence[str]) -> str:
    """A condition that a field has one of these values."""
    return f"{name} IN ({', '.join(literal(value) for value in values)})"


def since(name: str, value: datetime) -> str:
    """A condition that a time is this one or later."""
    return f"{name} >= {moment(value)}"


def select(
    entity: str,
    *conditions: str,
    order: str = "Id",
    start: int = 1,
    rows: int = PAGE_ROWS,
) -> str:
    """A statement that gives whole records, inactive ones too, in a fixed order."""
    if entity in LISTS:
        conditions = (*conditions, "Active IN (true, false)")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return (
        f"SELECT * FROM {entity}{where} ORDERBY {order}"
        f" STARTPOSITION {start} MAXRESULTS {rows}"
    )
