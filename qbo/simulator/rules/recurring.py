"""Templates of recurring transactions: what is to be made again and again, and when.

A template is a whole transaction of some kind with a RecurringInfo. It is wrapped,
{"RecurringTransaction": {"Invoice": {..}}}, has an Id among the transactions, and is
neither posted nor found among the invoices. It obeys the rules of its kind, but for
those of the day it would be written: it has no number, and its amounts count where they
differ from price times quantity.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from itertools import takewhile
from typing import Any, Final

from dateutil import rrule

from qbo.simulator import faults
from qbo.simulator.entities import ENTITIES
from qbo.simulator.entities.recurring import DAYS, KINDS, MONTHS, WRAPPER
from qbo.simulator.exact import Json
from qbo.simulator.rules.draft import Draft, Rule

_UNSENT: Final = ("DocNumber", "TxnDate", "DueDate")
"""What a template has only when it was sent."""
_OCCURRENCES_MAX: Final = 5_000


def unwrapped(given: Json) -> Json:
    """A wrapped template as one flat object that knows its kind.

    An Id by itself, without a wrapper, will do for a template that is there.

    Raises:
        Refused: there is nothing in it, or more than one thing.
    """
    kinds = [name for name in given if name in KINDS]
    if not kinds and given.get("Id"):
        return given
    if len(kinds) != 1 or not isinstance(given[kinds[0]], dict):
        raise faults.bad_property()
    kind, inner = kinds[0], given[kinds[0]]
    known = ENTITIES[kind].fields.keys() | {"RecurringInfo"}
    if inner.keys() - known:
        raise faults.bad_property()
    return {**inner, "Type": kind}


def rule(rules: Mapping[str, Rule]) -> Rule:
    """The rule for templates, out of those for all kinds."""

    def template(draft: Draft) -> None:
        kind = str(draft.body["Type"])
        if draft.old and draft.old.body["Type"] != kind:
            raise faults.bad_property()
        _check_info(draft)
        inner = replace(draft, entity=ENTITIES[kind], template=True)
        inner.require(*inner.entity.required)
        rules[kind](inner)
        for name in _UNSENT:
            if not draft.sent.get(name) and not (draft.old and name in draft.old.body):
                draft.body.pop(name, None)
        draft.body.pop("LinkedTxn", None)
        draft.notes.clear()

    return template


def _check_info(draft: Draft) -> None:
    info: Json | None = draft.body.get("RecurringInfo")
    if info is None:
        raise faults.missing("RecurringInfo")
    if not info.get("Name"):
        raise faults.missing("RecurringInfo.Name")
    for other in draft.company.records(WRAPPER):
        same = other.body["RecurringInfo"]["Name"].casefold() == info["Name"].casefold()
        if same and (draft.old is None or other.id != draft.old.id):
            raise faults.duplicate_name(other.id)
    info.setdefault("Active", True)
    info.setdefault("RecurType", "Automated")
    schedule = info.setdefault("ScheduleInfo", {})
    for name in ("NextDate", "PreviousDate"):
        schedule.pop(name, None)
    if schedule.get("IntervalType"):
        _add_dates(schedule, draft.today)


def _add_dates(schedule: Json, today: date) -> None:
    """Work out when the template is due next, and when it last was, before today."""
    schedule.setdefault("NumInterval", 1)
    before = list(takewhile(lambda day: day < today, occurrences(schedule, today)))
    following = (day for day in occurrences(schedule, today) if day >= today)
    if before:
        schedule["PreviousDate"] = before[-1].isoformat()
    upcoming = next(following, None)
    if upcoming is not None:
        schedule["NextDate"] = upcoming.isoformat()


def occurrences(schedule: Json, today: date) -> Iterator[date]:
    """The days of a schedule, as many as it has, from its start on (or from today)."""
    interval = str(schedule["IntervalType"])
    start = date.fromisoformat(schedule.get("StartDate") or today.isoformat())
    end = schedule.get("EndDate")
    options: dict[str, Any] = {
        "dtstart": datetime.combine(start, time()),
        "interval": max(int(schedule.get("NumInterval", 1)), 1),
    }
    if schedule.get("MaxOccurrences"):
        options["count"] = int(schedule["MaxOccurrences"])
    elif end:
        options["until"] = datetime.combine(date.fromisoformat(end), time())
    days = rrule.rrule(_FREQUENCIES[interval], **options, **_WHEN[interval](schedule))
    for count, moment in enumerate(days):
        day = moment.date()
        if count >= _OCCURRENCES_MAX or (end and day.isoformat() > end):
            return
        yield day


def _weekly(schedule: Json) -> Json:
    day = schedule.get("DayOfWeek")
    return {"byweekday": DAYS.index(day)} if day else {}


def _monthly(schedule: Json) -> Json:
    """A day of the month (its last, where it is shorter), or of one of its weeks."""
    day = int(schedule.get("DayOfMonth", 0))
    week = int(schedule.get("WeekOfMonth", 0))
    if week and schedule.get("DayOfWeek"):
        last = 5
        place = -1 if week >= last else week
        return {"byweekday": DAYS.index(schedule["DayOfWeek"]), "bysetpos": place}
    if not day:
        return {}
    return {"bymonthday": tuple(range(min(day, 28), day + 1)), "bysetpos": -1}


def _yearly(schedule: Json) -> Json:
    month = schedule.get("MonthOfYear")
    found = {"bymonth": MONTHS.index(month) + 1} if month else {}
    day = schedule.get("DayOfMonth")
    return {**found, "bymonthday": int(day)} if day else found


_FREQUENCIES: Final[Mapping[str, Any]] = {
    "Daily": rrule.DAILY,
    "Weekly": rrule.WEEKLY,
    "Monthly": rrule.MONTHLY,
    "Yearly": rrule.YEARLY,
}
_WHEN: Final[Mapping[str, Callable[[Json], Json]]] = {
    "Daily": lambda _schedule: {},
    "Weekly": _weekly,
    "Monthly": _monthly,
    "Yearly": _yearly,
}
