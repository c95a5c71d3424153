"""Templates of recurring transactions."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from qbo.simulator.entities import money, sales, spending
from qbo.simulator.entities.kind import CREATE, DELETE, UPDATE, Entity
from qbo.simulator.fields import (
    Field,
    computed,
    day,
    filtered,
    flag,
    group,
    number,
    one_of,
    text,
)

WRAPPER: Final = "RecurringTransaction"
DAYS: Final = (
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
KINDS: Final = frozenset(
    {"Bill", "CreditMemo", "Deposit", "Estimate", "Invoice", "JournalEntry"}
    | {"Purchase", "PurchaseOrder", "RefundReceipt", "SalesReceipt", "Transfer"}
    | {"VendorCredit"}
)
INFO: Final = group(
    "RecurringInfo",
    text("Name", 100),
    one_of("RecurType", "Automated", "Reminded", "Reminder", "UnScheduled"),
    flag("Active"),
    group(
        "ScheduleInfo",
        one_of("IntervalType", "Daily", "Weekly", "Monthly", "Yearly"),
        number("NumInterval"),
        number("DayOfMonth"),
        one_of("DayOfWeek", *DAYS),
        number("WeekOfMonth"),
        one_of("MonthOfYear", *MONTHS),
        number("RemindDays"),
        number("DaysBefore"),
        number("MaxOccurrences"),
        day("StartDate"),
        day("EndDate"),
        *computed(day("NextDate"), day("PreviousDate")),
    ),
)


def _merged(tables: Iterable[Mapping[str, Field]]) -> dict[str, Field]:
    """The fields of several tables, those of one name put together."""
    result: dict[str, Field] = {}
    for one in (field for table in tables for field in table.values()):
        known = result.get(one.name, one)
        result[one.name] = replace(
            known,
            fields=_merged((known.fields, one.fields)),
            choices=tuple(dict.fromkeys((*known.choices, *one.choices))),
            read_only=known.read_only and one.read_only,
            query=False,
            sort=False,
        )
    return result


_TEMPLATES = (
    one.fields
    for one in (*sales.ENTITIES, *spending.ENTITIES, *money.ENTITIES)
    if one.name in KINDS
)
RECURRING: Final = Entity(
    WRAPPER,
    "Transactions",
    {
        **_merged(_TEMPLATES),
        "RecurringInfo": INFO,
        **{one.name: one for one in filtered(text("Type", 40))},
    },
    frozenset({CREATE, UPDATE, DELETE}),
    in_cdc=False,
    wrapped=True,
)
ENTITIES: Final = (RECURRING,)
