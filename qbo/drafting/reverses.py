"""Drafts that take back what was posted, by the lawful way that is left.

    invoice        voided; where its period is closed or a part of it is paid, credited
    payment        deleted where it is applied to nothing, else voided

What is bought and paid is in `reverses_spending`, changed invoices and credit memos in
`reverses_sales`, customers, vendors and items in `reverses_names`.

What was posted must still be as it was: what somebody changed since then is not
theirs to lose, and the draft is refused with what differs.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from qbo.asks import Posted, Undo, change_from
from qbo.books import Draft, Money, Part, Receipt, Shown, Step, Verb
from qbo.drafting import reverses_names, reverses_sales, reverses_spending
from qbo.drafting.assembly import JSON_TYPE, Around, Making, body_lines, reference
from qbo.drafting.invoice import VOID_PATHS
from qbo.drafting.sales import TAX_PATHS
from qbo.drafting.takeback import Reverse as _Reverse
from qbo.drafting.tax import Taxes
from qbo.lookup import preflight
from qbo.reports import day_label
from qbo.wire import records
from qbo.wire.exact import Json, dumps, loads, number
from qbo.wire.readback import differences

_PAYMENT_PATHS: Final = (
    *("CustomerRef.value", "CustomerRef.name", "TxnDate", "TotalAmt", "UnappliedAmt"),
    *("Line", "PrivateNote"),
)


def undo_of(
    draft: Draft,
    receipts: Sequence[Receipt],
    undone: Sequence[tuple[Draft, Sequence[Receipt]]] = (),
) -> Undo:
    """What takes back all that was posted of a draft; e-mails cannot be.

    `undone` are undos of it that were posted, with their receipts: what they have
    taken back is left out.

    Raises:
        Refused: nothing is left to take back ("preflight").
    """
    found: list[Posted] = []
    for receipt in receipts:
        step = draft.steps[receipt.step - 1]
        if step.verb is Verb.SEND or receipt.is_nothing:
            continue
        body = loads(step.body)
        if not step.parts:
            found.append(_posted(draft, step, body, receipt.record_id))
            continue
        items = {str(item["bId"]): item for item in body["BatchItemRequest"]}
        made = {each.key: each for each in receipt.parts if each.is_posted}
        found += [
            _posted(draft, part, items[part.key][part.entity], made[part.key].record_id)
            for part in step.parts
            if part.key in made
        ]
    gone = {each for undo_ in undone for each in _taken_back(*undo_)}
    left = [each for each in found if (each.entity, each.record_id) not in gone]
    if found and not left:
        raise preflight(
            f"All that was posted of {draft.ref} has been taken back already. Nothing"
            " has been changed."
        )
    return Undo(draft.ref, tuple(left))


def _taken_back(draft: Draft, receipts: Sequence[Receipt]) -> list[tuple[str, str]]:
    """The records that an undo has taken back: its steps stand in their order.

    A credit memo names no record of its own, so the steps cannot tell.
    """
    change = change_from(draft.change)
    assert isinstance(change, Undo), "an undo that was drafted as something else"
    done = {each.step for each in receipts if not each.is_nothing}
    return [
        (each.entity, each.record_id)
        for place, each in enumerate(change.records, start=1)
        if place in done
    ]


def _posted(draft: Draft, step: Step | Part, body: Json, record_id: str) -> Posted:
    before = [
        each.fields
        for each in draft.reliances
        if step.verb is Verb.UPDATE
        and (each.entity, each.record_id) == (step.entity, record_id)
    ]
    return Posted(
        step.verb.value,
        step.entity,
        record_id,
        dumps(body),
        before[0] if before else (),
    )


async def undo(around: Around, change: Undo) -> Draft:
    """What was posted taken back, each record by the way that is left for it.

    Raises:
        Refused: something was changed since, or cannot be taken back ("preflight").
    """
    making = Making(around, change)
    for entity in dict.fromkeys(each.entity for each in change.records):
        same = [each.record_id for each in change.records if each.entity == entity]
        await around.read_ahead(entity, same)
    if len(change.records) > 1:
        await around.read_ahead("Customer", _invoiced(change))
    done: list[_Reverse] = []
    for posted in change.records:
        record = await _as_it_is(around, change, posted)
        done.append(await _WAYS[posted.verb, posted.entity](making, posted, record))
    assert done, "an undo of nothing"
    if len(done) > 1:
        # One line each, in the order of the steps, so that each can be followed.
        making.shown = [Shown(one.name, one.what) for one in done]
        making.notes = list(dict.fromkeys(making.notes))
        making.lines = ()
    making.total = _sum([one.total for one in done])
    making.tax = done[0].tax if len(done) == 1 else None
    draft = making.made(_heading(change, done, making.total))
    several = len(done) > 1
    return replace(draft, action=_action(done), independent=several)


def _invoiced(change: Undo) -> list[str]:
    """The customers whose invoices are taken back: a credit memo is made to them."""
    sent = (loads(each.sent) for each in change.records if each.entity == "Invoice")
    return [each for one in sent if (each := records.ref_id(one, "CustomerRef"))]


def _heading(change: Undo, done: Sequence[_Reverse], total: Money | None) -> str:
    if len(done) == 1:
        return f"Undo {change.of}: {done[0].words}"
    amount = f", {total}" if total else ""
    return f"Undo {change.of}: {len(done)} documents{amount}"


def _action(done: Sequence[_Reverse]) -> str:
    """The operation, for a policy: of several documents "invoices.void" and so on.

    Of several kinds it is "invoices.void+credit_memos.create": each counts.
    """
    if len(done) == 1:
        return done[0].action
    kinds = dict.fromkeys(one.action.partition(".")[::2] for one in done)
    return "+".join(f"{kind}s.{verb}" for kind, verb in kinds)


def _sum(amounts: Sequence[Money | None]) -> Money | None:
    known = [each for each in amounts if each is not None]
    if len(known) != len(amounts) or len({each.currency for each in known}) != 1:
        return None
    total = known[0]
    for each in known[1:]:
        total += each
    return total


async def _as_it_is(around: Around, change: Undo, posted: Posted) -> Json:
    """The record as QuickBooks has it, if it is still what was posted.

    Raises:
        Refused: it is gone, voided, or differs ("preflight").
    """
    record = await around.live_one(posted.entity, posted.record_id)
    name = _name(posted.entity, record)
    if records.is_voided(record):
        raise preflight(f"{name} is voided already; there is nothing to undo.")
    found = differences(_as_sent(posted), record)
    if found:
        raise preflight(
            f"{name} was changed in QuickBooks after {change.of} was posted:"
            f" {' '.join(found)} So it is not undone here, or that would be lost."
            " Nothing has been changed."
        )
    return record


def _as_sent(posted: Posted) -> Step:
    """The step that posted it, as far as comparing needs it."""
    verb = Verb(posted.verb)
    content = posted.sent.encode()
    path = posted.entity.lower()
    return Step(verb, posted.entity, "POST", path, (), JSON_TYPE, content, "", "")


def _name(entity: str, record: Json) -> str:
    if entity in ("Customer", "Vendor", "Item"):
        return records.label(record)
    nouns = {"CreditMemo": "Credit memo", "BillPayment": "Bill payment"}
    noun = {**nouns, "Purchase": "Expense"}.get(entity, entity)
    if record.get("DocNumber"):
        return f"{noun} {record['DocNumber']}"
    return f"{noun} of {day_label(records.day(record, 'TxnDate'))}"


# --- invoices -------------------------------------------------------------------


async def _invoice(making: Making, posted: Posted, record: Json) -> _Reverse:
    around = making.around
    number_ = str(record.get("DocNumber") or posted.record_id)
    value = records.invoice(record, around.company.currency)
    paid = Money(value.total.amount - value.balance.amount, value.total.currency)
    closed = around.company.book_close_date
    why = ""
    if closed is not None and value.txn_date <= closed:
        why = (
            f"The books are closed up to {day_label(closed)}, so invoice {number_} of"
            f" {day_label(value.txn_date)} stays as it is, and a credit memo of today"
            " takes it back."
        )
    elif paid.amount > 0:
        why = (
            f"{paid} of invoice {number_} is paid, so it is not voided: a credit memo"
            " of the same lines takes it back, and the payment stays where it is."
        )
    if value.sent:
        making.notes.append("It was e-mailed; that cannot be called back.")
    if why:
        making.notes.append(why)
        return await _credited(making, posted, record, number_)
    making.show("Invoice", number_)
    making.show("Customer", value.customer)
    making.show("Invoice date", day_label(value.txn_date))
    nothing = Money(Decimal("0.00"), value.total.currency)
    making.show("Total", str(nothing), before=str(value.total))
    making.show("Open balance", str(nothing), before=str(value.balance))
    making.lines = value.lines
    making.notes.append(
        "It is voided: the amounts become zero and the record stays. A voided invoice"
        " cannot be brought back."
    )
    making.rely("Invoice", record, f"Invoice {number_}", VOID_PATHS)
    making.void("Invoice", record)
    words = f"void invoice {number_} of {value.customer}, {value.total}"
    what = f"void, {value.customer}, {value.total}"
    return _Reverse("invoice.void", words, f"Invoice {number_}", what, value.total)


async def _credited(
    making: Making, posted: Posted, record: Json, number_: str
) -> _Reverse:
    """A credit memo of the same lines, dated today."""
    around = making.around
    sent = loads(posted.sent)
    today = around.today
    closed = around.company.book_close_date
    customer = await around.live_one("Customer", records.ref_id(record, "CustomerRef"))
    name = records.label(customer)
    if customer.get("Active") is False:
        raise preflight(
            f"{name} is inactive in QuickBooks, so nothing can be credited. Make the"
            " customer active first."
        )
    if closed is not None and today <= closed:
        raise preflight(
            f"The books are closed up to {day_label(closed)}, also for today, so"
            f" invoice {number_} cannot be credited. Nothing has been changed."
        )
    body: Json = {
        "CustomerRef": reference(customer),
        "TxnDate": today.isoformat(),
        "Line": sent["Line"],
        "PrivateNote": around.note(f"Takes back invoice {number_}"),
    }
    for field in ("GlobalTaxCalculation", "CurrencyRef"):
        if field in sent:
            body[field] = sent[field]
    if record.get("ExchangeRate") and "CurrencyRef" in sent:
        # At the rate of the invoice, or a difference in rates would stay behind.
        body["ExchangeRate"] = number(record["ExchangeRate"])
    if around.company.custom_txn_numbers:
        before = sum(step.entity == "CreditMemo" for step in making.steps)
        body["DocNumber"] = await around.next_number(before)
        making.show("Number", body["DocNumber"])
    currency = records.currency(body, around.company.currency)
    making.show("Credits invoice", number_)
    making.show("Customer", name)
    making.show("Credit date", day_label(today))
    making.show("Memo", str(body["PrivateNote"]))
    making.lines = body_lines(body, currency)
    taxes = Taxes(around)
    estimate = await taxes.estimate(body)
    for entity, kept in taxes.used:
        paths = ["Name", *TAX_PATHS[entity]]
        making.rely(entity, kept, f"Tax {records.label(kept)}", paths)
    net = sum((line.amount.amount for line in making.lines), Decimal("0.00"))
    tax = Money(estimate.amount, currency) if estimate else None
    total = Money(net + (estimate.amount if estimate else 0), currency)
    if tax and tax.amount and estimate:
        making.show("Tax (estimate)", f"{tax} ({estimate.basis})")
    making.notes.append(
        f"The credit stays with {name} until somebody applies it, to invoice"
        f" {number_} or to another, or pays it back."
    )
    making.rest_on("Customer", customer, name)
    making.rely("Invoice", record, f"Invoice {number_}", VOID_PATHS)
    making.create("CreditMemo", body)
    words = f"credit invoice {number_} of {name}, {total}"
    memo = f"credit memo {body['DocNumber']}" if "DocNumber" in body else "credit memo"
    what = f"{memo}, {name}, {total}"
    document = f"Invoice {number_}"
    return _Reverse("credit_memo.create", words, document, what, total, tax)


# --- payments -------------------------------------------------------------------


async def _payment(making: Making, posted: Posted, record: Json) -> _Reverse:
    around = making.around
    value = records.payment(record, around.company.currency)
    closed = around.company.book_close_date
    name = f"the payment of {day_label(value.txn_date)}"
    if closed is not None and value.txn_date <= closed:
        raise preflight(
            f"The books are closed up to {day_label(closed)}, so {name} cannot be"
            " taken back. Have the closing date moved in QuickBooks first."
        )
    if any(link.get("TxnType") == "Deposit" for link in record.get("LinkedTxn") or ()):
        raise preflight(
            f"{name[:1].upper()}{name[1:]} is part of a bank deposit, and QuickBooks"
            " keeps it as it is. Take it out of the deposit there first."
        )
    applied = value.total.amount - value.unapplied.amount
    making.show("Customer", value.customer)
    making.show("Payment date", day_label(value.txn_date))
    making.show("Reference", value.reference)
    nothing = Money(Decimal("0.00"), value.total.currency)
    making.show("Amount", str(nothing), before=str(value.total))
    making.rely("Payment", record, f"Payment {posted.record_id}", _PAYMENT_PATHS)
    if applied > 0:
        making.notes.append(
            "It is applied to invoices, so it is voided: the record stays with no"
            " amount, and the invoices are open again."
        )
        making.void("Payment", record)
        verb, action = "void", "payment.void"
    else:
        making.notes.append("It is applied to nothing, so it is deleted.")
        making.delete("Payment", record)
        verb, action = "delete", "payment.delete"
    words = f"{verb} the payment of {value.total} from {value.customer}"
    what = f"{verb}, {value.customer}, {value.total}"
    return _Reverse(action, words, f"Payment {posted.record_id}", what, value.total)


_Way = Callable[[Making, Posted, Json], Any]
_WAYS: Final[dict[tuple[str, str], _Way]] = {
    ("create", "Invoice"): _invoice,
    ("create", "Payment"): _payment,
    ("create", "Customer"): reverses_names.new_customer,
    ("update", "Customer"): reverses_names.changed_customer,
    ("update", "Invoice"): reverses_sales.changed_invoice,
    ("create", "CreditMemo"): reverses_sales.credit_memo,
    ("create", "Item"): reverses_names.new_item,
    ("create", "Vendor"): reverses_names.new_vendor,
    ("update", "Vendor"): reverses_names.changed_vendor,
    ("create", "Bill"): reverses_spending.bill,
    ("create", "BillPayment"): reverses_spending.bill_payment,
    ("create", "Purchase"): reverses_spending.expense,
    ("update", "Purchase"): reverses_spending.other_account,
}
