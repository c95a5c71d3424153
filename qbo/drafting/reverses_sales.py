"""Drafts that take back a changed invoice or a credit memo.

changed invoice  the fields and lines that were changed get what they had
credit memo      deleted: QuickBooks voids none; one that is used stays
"""

from decimal import Decimal
from typing import Any, Final

from qbo.asks import Posted
from qbo.books import Money
from qbo.drafting.amendment import ALWAYS, LINES, as_kept, show_total
from qbo.drafting.assembly import Making
from qbo.drafting.reverses_names import term_as_it_was
from qbo.drafting.takeback import Reverse, check_open
from qbo.lookup import preflight
from qbo.reports import day_label
from qbo.wire import records
from qbo.wire.exact import Json, loads

_MEMO_PATHS: Final = (
    *("DocNumber", "CustomerRef.value", "CustomerRef.name", "TxnDate", "Line"),
    *("TotalAmt", "RemainingCredit", "PrivateNote"),
)
_NOT_CHANGED: Final = frozenset({"Id", "SyncToken", "sparse", "CustomerRef"})


async def changed_invoice(making: Making, posted: Posted, record: Json) -> Reverse:
    """What was changed of an invoice put back as it was.

    Raises:
        Refused: its period is closed, or more is paid than it came to ("preflight").
    """
    number_ = str(record.get("DocNumber") or posted.record_id)
    name = f"the change of invoice {number_}"
    check_open(making.around, record, name)
    before = {path: loads(text) for path, text in posted.before}
    body: Json = {}
    paths = [*ALWAYS]
    making.show("Invoice", number_)
    customer = records.ref_name(record, "CustomerRef")
    making.show("Customer", customer)
    for field in loads(posted.sent):
        if field in _NOT_CHANGED:
            continue
        body[field] = _put_back(field, before, record)
        if field == "SalesTermRef":
            paths += ["SalesTermRef.value", "SalesTermRef.name"]
        elif field != "Line":
            paths.append(field)
        _show(making, field, body[field], record)
    if "Line" in body:
        paths += LINES
    await show_total(making.around, making, record, body, number_)
    making.rely("Invoice", record, f"Invoice {number_}", paths)
    customer_ref = {"value": records.ref_id(record, "CustomerRef")}
    making.update("Invoice", record, {"CustomerRef": customer_ref, **body})
    assert making.total is not None, "an invoice without a total"
    return Reverse(
        "invoice.update",
        f"put invoice {number_} of {customer} back as it was, {making.total}",
        f"Invoice {number_}",
        f"put back, {customer}, {making.total}",
        making.total,
        making.tax,
    )


def _put_back(field: str, before: Json, record: Json) -> Any:
    """One field with the value that it had; an empty text clears it."""
    if field == "Line":
        there = {str(line.get("Id")) for line in record.get("Line") or ()}
        kept = [
            as_kept(line)
            for line in before["Line"]
            if line.get("DetailType") != "SubTotalLineDetail"
        ]
        for line in kept:
            if str(line.get("Id")) not in there:
                line.pop("Id", None)  # taken off meanwhile: it becomes a new line
        return kept
    if field == "SalesTermRef":
        return term_as_it_was(field, before)
    return before[field] or ""


_LABELS: Final = {"DueDate": "Due date", "PrivateNote": "Memo", "SalesTermRef": "Terms"}


def _show(making: Making, field: str, value: Any, record: Json) -> None:
    """A field as it will be again, beside what it is."""
    if field == "Line":
        making.notes.append("Its lines become again what they were before the change.")
        return
    if field == "SalesTermRef":
        after, now = value.get("name", ""), records.ref_name(record, field)
    elif field == "DueDate":
        after = day_label(records.day({field: value}, field)) if value else ""
        now = day_label(records.due_day(record))
    else:
        after, now = str(value), records.text(record, field) or ""
    making.show(_LABELS[field], after or "(none)", now or "(none)")


async def credit_memo(making: Making, posted: Posted, record: Json) -> Reverse:
    """A credit memo deleted, where nothing of it is used.

    Raises:
        Refused: some of it is used, or its period is closed ("preflight").
    """
    del posted
    value = records.credit_memo(record, making.around.company.currency)
    number_ = f" {value.doc_number}" if value.doc_number else ""
    check_open(making.around, record, f"credit memo{number_}")
    used = value.total.amount - value.remaining.amount
    if used:
        money = Money(used, value.total.currency)
        raise preflight(
            f"{money} of credit memo{number_} is applied already, so it is not deleted."
            " Nothing has been changed; take it off there in QuickBooks first."
        )
    making.show("Credit memo", value.doc_number or "without a number")
    making.show("Customer", value.customer)
    making.show("Credit date", day_label(value.txn_date))
    nothing = Money(Decimal("0.00"), value.total.currency)
    making.show("Total", str(nothing), before=str(value.total))
    making.lines = value.lines
    making.notes.append(
        "QuickBooks voids no credit memos: it is deleted, and cannot be brought back."
    )
    title = f"Credit memo{number_}"
    making.rely("CreditMemo", record, title, _MEMO_PATHS)
    making.delete("CreditMemo", record)
    return Reverse(
        "credit_memo.delete",
        f"delete credit memo{number_} of {value.customer}, {value.total}",
        title,
        f"delete, {value.customer}, {value.total}",
        value.total,
    )
