"""What one may want next after an answer: its buttons, from what it shows. Pure.

    steps(action, arguments, answer)   the next steps, the likeliest first

Each is a whole request with canonical arguments, so that a press needs no words.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

from bot.shown import Step
from cards import charts, sheets
from qbo import asks
from qbo.books import (
    Account,
    Answer,
    Bill,
    Breakdown,
    Customer,
    CustomerShow,
    Invoice,
    Item,
    Listing,
    Owing,
    Purchase,
    Vendor,
    VendorShow,
)
from qbo.drafting.invoice import SENDS_MAX

ASK = "answer.ask"
PROPOSE = "answer.propose"
CHART = "answer.chart"
CSV = "answer.csv"
XLSX = "answer.xlsx"
REFRESH = "answer.refresh"
VERBS = frozenset({ASK, PROPOSE, CHART, CSV, XLSX, REFRESH})

_Arguments = Mapping[str, Any]
_LIVE: Mapping[type, str] = {
    Invoice: "Invoice",
    Bill: "Bill",
    Customer: "Customer",
    Vendor: "Vendor",
    Item: "Item",
    Account: "Account",
}


def steps(action: str, arguments: _Arguments, answer: Answer) -> tuple[Step, ...]:
    """The next steps of an answer to that request."""
    said = dict(arguments)
    return (
        *_overdue(action, said, answer),
        *_reminder(action, said, answer),
        *_by_month(action, said),
        *_alike(said, action, answer.today),
        *_year_before(action, said, answer),
        *_chart(action, said, answer),
        *_files(action, said, answer),
        *_refresh(action, said, answer),
    )


def _overdue(action: str, said: dict[str, Any], answer: Answer) -> Iterator[Step]:
    """Only what is late, where the answer holds other things too."""
    value = answer.value
    if not isinstance(value, Listing) or not value.rows or value.pick:
        return
    rows: Sequence[Any] = value.rows
    first = rows[0]
    if isinstance(first, Owing):
        is_all = said.get("overdue") or said.get("min_days_overdue")
        late = any(row.overdue.amount for row in rows)
        if late and not is_all and value.count > 1:
            yield Step(ASK, "Overdue only", action, {**said, "overdue": True})
    elif isinstance(first, Invoice | Bill):
        states = {row.status(answer.today) for row in rows}
        is_open = said.get("status") in (None, "open")
        if is_open and "Overdue" in states and (len(states) > 1 or not value.complete):
            yield Step(ASK, "Overdue only", action, {**said, "status": "overdue"})


def _reminder(action: str, said: dict[str, Any], answer: Answer) -> Iterator[Step]:
    """E-mailing what is overdue once more; it becomes a proposal, never more."""
    value, today = answer.value, answer.today
    if isinstance(value, Invoice):
        if value.status(today) == "Overdue" and value.doc_number:
            wanted = {"invoice": value.doc_number}
            yield Step(PROPOSE, "Send reminder", "invoice.send", wanted)
        return
    label, wanted = "", {}
    if isinstance(value, CustomerShow):
        late = [r for r in value.open_invoices.rows if r.status(today) == "Overdue"]
        if late and value.open_invoices.complete and len(late) <= SENDS_MAX:
            label = _reminders(len(late))
            wanted = {"status": "overdue", "customer": value.customer.name}
    elif action == "invoices.list" and isinstance(value, Listing):
        chosen = said.keys() <= {"status", "customer"}
        if chosen and said.get("status") == "overdue" and 0 < value.count <= SENDS_MAX:
            label, wanted = _reminders(value.count), said
    if label:
        yield Step(PROPOSE, label, "invoice.send", wanted)


def _reminders(many: int) -> str:
    return "Send reminder" if many == 1 else f"Send {many} reminders"


def _by_month(action: str, said: dict[str, Any]) -> Iterator[Step]:
    """The same as a trend, where the period has more than a month."""
    if "compare_to" in said or not _is_long(said.get("period")):
        return
    if action in {"spend.total", "sales.total"} and said.get("group_by") != "month":
        rest = {name: value for name, value in said.items() if name != "limit"}
        yield Step(ASK, "By month", action, {**rest, "group_by": "month"})
    elif action == "report.profit_and_loss" and "by" not in said:
        yield Step(ASK, "By month", action, {**said, "by": "month"})


def _is_long(period: Any) -> bool:
    found = _days(period)
    return found is not None and (found[1] - found[0]).days > 31  # noqa: PLR2004


def _year_before(action: str, said: dict[str, Any], answer: Answer) -> Iterator[Step]:
    """The same a year earlier, or the two beside each other."""
    taken = asks.ASKS[action].__dataclass_fields__
    plain = {name: value for name, value in said.items() if name != "compare_to"}
    if "as_of" in taken:
        day = date.fromisoformat(said["as_of"]) if "as_of" in said else answer.today
        before: Any = _earlier(day).isoformat()
        yield Step(ASK, "Same a year earlier", action, {**plain, "as_of": before})
    elif days := _days(said.get("period")):
        before = {
            "start": _earlier(days[0]).isoformat(),
            "end": _earlier(days[1]).isoformat(),
        }
        if "compare_to" in taken and "compare_to" not in said and "by" not in said:
            beside = {**said, "compare_to": before}
            yield Step(ASK, "Compare with last year", action, beside)
        yield Step(ASK, "Same for last year", action, {**plain, "period": before})


def _alike(said: dict[str, Any], action: str, today: date) -> Iterator[Step]:
    """As much of the other period as there is of one that is not over yet."""
    now, other = _days(said.get("period")), _days(said.get("compare_to"))
    if now is None or other is None or not now[0] <= today < now[1]:
        return
    far = relativedelta(today, now[0])
    end = other[0] + far if far.months or far.years else other[0] + (today - now[0])
    if other[1] > end:
        so_far = {"start": said["period"]["start"], "end": today.isoformat()}
        as_far = {"start": said["compare_to"]["start"], "end": end.isoformat()}
        wanted = {**said, "period": so_far, "compare_to": as_far}
        yield Step(ASK, "As far as today", action, wanted)


def _days(period: Any) -> tuple[date, date] | None:
    if not isinstance(period, Mapping) or not (
        period.get("start") and period.get("end")
    ):
        return None
    return date.fromisoformat(period["start"]), date.fromisoformat(period["end"])


def _earlier(day: date) -> date:
    """The same day a year earlier; the last of February stays the last."""
    moved = day - relativedelta(years=1)
    is_last = (day + relativedelta(days=1)).day == 1
    return moved + relativedelta(day=31) if is_last else moved


def _chart(action: str, said: dict[str, Any], answer: Answer) -> Iterator[Step]:
    """A picture, where one can be made and does not stand there yet."""
    if charts.chart(answer) is not None:
        return
    value = answer.value
    if isinstance(value, Listing):
        parties = {charts.party(row) for row in value.rows}
        has = len(parties) > 1 and isinstance(
            value.rows[0], Owing | Invoice | Bill | Purchase
        )
        has = has and value.total is not None
    else:
        has = charts.asked_for(answer) is not None
    if has:
        yield Step(CHART, "Show chart", action, said)


def _files(action: str, said: dict[str, Any], answer: Answer) -> Iterator[Step]:
    """All rows as a file, where there are several."""
    value = answer.value
    if isinstance(value, Listing) and value.count < 2:  # noqa: PLR2004
        return
    if isinstance(value, Breakdown) and not value.rows:
        return
    if sheets.sheet(answer) is not None:
        yield Step(CSV, "Export CSV", action, said)
        yield Step(XLSX, "Export XLSX", action, said)


def _refresh(action: str, said: dict[str, Any], answer: Answer) -> Iterator[Step]:
    """One record read anew; "the latest" means this one from now on."""
    record: Any = answer.value
    if isinstance(record, Invoice):
        if not record.doc_number:
            return
        said = {"invoice": record.doc_number}
    elif isinstance(record, CustomerShow):
        record = record.customer
    elif isinstance(record, VendorShow):
        record = record.vendor
    entity = _LIVE.get(type(record))
    if entity:
        live = {"entity": entity, "id": record.id, "said": said}
        yield Step(REFRESH, "Refresh", action, live)
