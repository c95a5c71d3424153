"""The rules for payments and bill payments: what is paid, and what is left."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.company import Company, Record
from qbo.simulator.draft import Draft, Rule
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.transactions import start

_DEBTS: Final[Mapping[str, str]] = {"Payment": "Invoice", "BillPayment": "Bill"}
_CREDITS: Final[Mapping[str, frozenset[str]]] = {
    "Payment": frozenset({"CreditMemo"}),
    "BillPayment": frozenset({"VendorCredit"}),
}
_BILL_TYPES = {
    "BillPaymentCheck": "BillPayment",
    "BillPaymentCreditCard": "BillPayment",
}


def payment(draft: Draft) -> None:
    """A customer's payment, applied to invoices as far as its lines say."""
    body, company = draft.body, draft.company
    draft.require("CustomerRef", "TotalAmt")
    start(draft, draft.ref("CustomerRef"))
    if not draft.ref("DepositToAccountRef"):
        account = company.account_of("UndepositedFunds")
        body["DepositToAccountRef"] = {"value": account}
    body.setdefault("ProcessPayment", False)
    _apply(draft, draft.ref("CustomerRef"))


def bill_payment(draft: Draft) -> None:
    """A payment to a vendor, from a bank account or a card."""
    body = draft.body
    draft.require("VendorRef", "PayType", "TotalAmt", "Line")
    start(draft, draft.ref("VendorRef"))
    name, member, kind = (
        ("CheckPayment", "BankAccountRef", "Bank")
        if body["PayType"] == "Check"
        else ("CreditCardPayment", "CCAccountRef", "Credit Card")
    )
    account = ((body.get(name) or {}).get(member) or {}).get("value")
    if not account:
        raise faults.missing(f"{name}.{member}")
    record = draft.company.find("Account", account)
    if record is None:
        raise faults.bad_reference("Accounts", account)
    if record.body["AccountType"] != kind:
        raise faults.business(f"The account to pay from must be of type {kind}.")
    _apply(draft, draft.ref("VendorRef"))


def _apply(draft: Draft, party: str) -> None:
    body, company = draft.body, draft.company
    if body["TotalAmt"] < ZERO:
        raise faults.business("Transaction amount must be 0 or greater.")
    used: dict[str, Decimal] = {}
    lines, applied, credited = [], ZERO, ZERO
    for line in body.get("Line") or []:
        target = _target(draft, _link(line), party)
        used[target.id] = used.get(target.id, ZERO) + line["Amount"]
        if target.entity.name in _CREDITS[draft.entity.name]:
            credited += line["Amount"]
        else:
            applied += line["Amount"]
        lines.append(_line(line["Amount"], target))
    for number, amount in used.items():
        if amount > open_amount(company, number, without=draft.old):
            raise faults.business("You cannot apply more than the open balance.")
    if applied > body["TotalAmt"] + credited:
        raise faults.business("The amounts applied are more than the payment's total.")
    body["Line"] = lines
    if draft.entity.name == "Payment":
        body["UnappliedAmt"] = body["TotalAmt"] + credited - applied
    draft.links = used


def _link(line: Json) -> Json:
    """The one document a line speaks of."""
    links = line.get("LinkedTxn") or []
    if len(links) != 1:
        raise faults.missing("Line.LinkedTxn")
    if line.get("Amount") is None:
        raise faults.missing("Line.Amount")
    if line["Amount"] < ZERO:
        raise faults.business("An amount applied must be 0 or greater.")
    link: Json = links[0]
    return link


def _target(draft: Draft, link: Json, party: str) -> Record:
    kind = _BILL_TYPES.get(link.get("TxnType", ""), link.get("TxnType", ""))
    allowed = {_DEBTS[draft.entity.name], *_CREDITS[draft.entity.name]}
    if kind not in allowed:
        raise faults.refusal("620", f"Transaction type {kind} cannot be linked.")
    target = draft.company.find(kind, link.get("TxnId", ""))
    if target is None:
        raise faults.not_found(
            "Object Not Found : Another user has deleted this transaction."
        )
    owner = target.ref("CustomerRef") or target.ref("VendorRef")
    related = {owner}
    if draft.entity.name == "Payment":
        top = _top(draft.company, party)
        same = _top(draft.company, owner) == top
        related = draft.company.family(top) if same else set()
    if party not in related:
        raise faults.refusal(
            "620", "The linked transaction belongs to another customer or vendor."
        )
    return target


def _top(company: Company, customer: str) -> str:
    record = company.find("Customer", customer)
    if record is None:
        return customer
    above = list(company.ancestors(record))
    return above[-1].id if above else customer


def open_amount(company: Company, number: str, *, without: Record | None) -> Decimal:
    """What is still open on a document, leaving one payment out of account."""
    record = company.transaction(number)
    assert record is not None, f"{number} was found a moment ago"
    paid = sum(
        (
            amount
            for payer, amount in company.applied.get(number, {}).items()
            if without is None or payer != without.id
        ),
        ZERO,
    )
    total: Decimal = record.body["TotalAmt"] - record.body.get("Deposit", ZERO)
    return total - paid


def _line(amount: Decimal, target: Record) -> Json:
    pairs = [
        ("txnId", target.id),
        ("txnReferenceNumber", target.body.get("DocNumber")),
    ]
    return {
        "Amount": amount,
        "LinkedTxn": [{"TxnId": target.id, "TxnType": target.entity.name}],
        "LineEx": {"any": [_pair(name, value) for name, value in pairs if value]},
    }


def _pair(name: str, value: str) -> Json:
    return {
        "name": "{http://schema.intuit.com/finance/v3}NameValue",
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": {"Name": name, "Value": value},
        "nil": False,
        "globalScope": True,
        "typeSubstituted": False,
    }


def shrink(company: Company, payer: Record, target: str, amount: Decimal) -> set[str]:
    """Make a payment apply at most that much to a document; the rest is unapplied.

    When a credit memo shrinks, what it paid opens again. Gives the ids of all
    documents whose balance moved.
    """
    moved = {target}
    _cap(payer, target, amount)
    over = -_left(payer)
    for line in reversed(payer.body["Line"]):
        if over > ZERO and not _is_credit(payer, line):
            less = min(over, line["Amount"])
            line["Amount"] -= less
            over -= less
            moved.add(line["LinkedTxn"][0]["TxnId"])
    payer.body["Line"] = [line for line in payer.body["Line"] if line["Amount"]]
    if payer.entity.name == "Payment":
        payer.body["UnappliedAmt"] = _left(payer)
    for number in moved:
        now = _applied_by(payer, number)
        if now:
            company.applied[number][payer.id] = now
        else:
            company.applied[number].pop(payer.id, None)
    company.settles[payer.id] = links_of(payer)
    return moved


def links_of(payer: Record) -> dict[str, Decimal]:
    """What a stored payment applies to each document."""
    used: dict[str, Decimal] = {}
    for line in payer.body.get("Line") or []:
        number = line["LinkedTxn"][0]["TxnId"]
        used[number] = used.get(number, ZERO) + line["Amount"]
    return used


def _cap(payer: Record, target: str, amount: Decimal) -> None:
    room = amount
    for line in payer.body["Line"]:
        if line["LinkedTxn"][0]["TxnId"] == target:
            line["Amount"] = min(line["Amount"], room)
            room -= line["Amount"]


def _left(payer: Record) -> Decimal:
    left: Decimal = payer.body["TotalAmt"]
    for line in payer.body["Line"]:
        left += line["Amount"] if _is_credit(payer, line) else -line["Amount"]
    return left


def _is_credit(payer: Record, line: Json) -> bool:
    return line["LinkedTxn"][0]["TxnType"] in _CREDITS[payer.entity.name]


def _applied_by(payer: Record, target: str) -> Decimal:
    return links_of(payer).get(target, ZERO)


RULES: Final[Mapping[str, Rule]] = {
    "Payment": payment,
    "BillPayment": bill_payment,
}
