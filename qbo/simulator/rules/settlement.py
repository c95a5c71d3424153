"""The rules for payments and bill payments: what is paid, and what is left."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.rules.claims import PAYERS, Claim, Key, Links, claims_of, open_amount
from qbo.simulator.rules.draft import Draft, Rule
from qbo.simulator.rules.transactions import check_account, link_type, start

_KINDS: Final[Mapping[str, str]] = {
    "Check": "Purchase",
    "Expense": "Purchase",
    "CreditCardCredit": "Purchase",
}
"""Words for kinds of transaction that are not the entity's name."""
_TARGETS: Final[Mapping[str, frozenset[str]]] = {
    "Payment": frozenset(
        {"Invoice", "CreditMemo", "JournalEntry", "Deposit", "Purchase"}
    ),
    "BillPayment": frozenset(
        {"Bill", "VendorCredit", "JournalEntry", "Deposit", "Purchase"}
    ),
}


def payment(draft: Draft) -> None:
    """A customer's payment, applied as far as its lines say."""
    body, company = draft.body, draft.company
    draft.require("CustomerRef", "TotalAmt")
    _check_party(draft)
    start(draft, draft.ref("CustomerRef"))
    if not draft.ref("DepositToAccountRef"):
        account = company.account_of("UndepositedFunds")
        body["DepositToAccountRef"] = {"value": account}
    check_account(
        draft,
        draft.ref("DepositToAccountRef"),
        {"Bank", "Other Current Asset"},
        "You need to select a bank account or an other current asset account to"
        " deposit to.",
    )
    if draft.ref("ARAccountRef"):
        check_account(
            draft,
            draft.ref("ARAccountRef"),
            {"Accounts Receivable"},
            "You need to select an accounts receivable account.",
        )
    body.setdefault("ProcessPayment", False)
    _apply(draft, draft.ref("CustomerRef"))


def bill_payment(draft: Draft) -> None:
    """A payment to a vendor, from a bank account or a card."""
    body = draft.body
    draft.require("VendorRef", "PayType", "TotalAmt")
    if draft.old is None:
        draft.require("Line")
    _check_party(draft)
    start(draft, draft.ref("VendorRef"))
    name, member, kind = (
        ("CheckPayment", "BankAccountRef", "Bank")
        if body["PayType"] == "Check"
        else ("CreditCardPayment", "CCAccountRef", "Credit Card")
    )
    body.pop({"Check": "CreditCardPayment"}.get(body["PayType"], "CheckPayment"), None)
    account = ((body.get(name) or {}).get(member) or {}).get("value")
    if not account:
        raise faults.missing(f"{name}.{member}")
    check_account(
        draft, account, {kind}, f"The account to pay from must be of type {kind}."
    )
    if name == "CheckPayment":
        body[name].setdefault("PrintStatus", "NotSet")
    if draft.ref("APAccountRef"):
        check_account(
            draft,
            draft.ref("APAccountRef"),
            {"Accounts Payable"},
            "You need to select an accounts payable account.",
        )
    _apply(draft, draft.ref("VendorRef"))


def _check_party(draft: Draft) -> None:
    kind = PAYERS[draft.entity.name].party
    number = draft.ref(f"{kind}Ref")
    if draft.company.find(kind, number) is None:
        raise faults.bad_reference("Names", number)


def _apply(draft: Draft, party: str) -> None:
    """Check the lines against what is open, and write them anew."""
    body, company = draft.body, draft.company
    if body["TotalAmt"] < ZERO:
        raise faults.business("Transaction amount must be 0 or greater.")
    own = draft.old.id if draft.old else ""
    links: Links = {}
    lines: list[Json] = []
    for line in body.get("Line") or []:
        claim = _target(draft, _link(line), party)
        room = open_amount(company, claim, without=own)
        amount = line["Amount"].copy_sign(claim.amount)
        links[claim.key] = links.get(claim.key, ZERO) + amount
        if abs(links[claim.key]) > abs(room):
            raise faults.business("You cannot apply more than the open balance.")
        lines.append(_line(line["Amount"], claim, party, abs(room)))
    if sum(links.values(), ZERO) > body["TotalAmt"]:
        raise faults.business("The amounts applied are more than the payment's total.")
    body["Line"] = lines
    draft.links = {key: amount for key, amount in links.items() if amount}


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


def _target(draft: Draft, link: Json, party: str) -> Claim:
    """The claim a line settles.

    Raises:
        Refused: it cannot be linked, is not there, or is somebody else's.
    """
    word = link.get("TxnType", "")
    kind = _KINDS.get(word, word)
    if kind not in _TARGETS[draft.entity.name]:
        raise faults.refusal("620", f"Transaction type {word} cannot be linked.")
    target = draft.company.find(kind, link.get("TxnId", ""))
    if target is None:
        raise faults.not_found(
            "Object Not Found : Another user has deleted this transaction."
        )
    side = PAYERS[draft.entity.name]
    known = claims_of(draft.company, target)
    known = {name: one for name, one in known.items() if one.side is side}
    if not known:
        raise faults.refusal("620", f"{word} {target.id} has nothing open to link to.")
    related = _related(draft.company, known, party)
    owner = owner_of(draft.company, target, link.get("TxnLineId", ""), party)
    if owner not in related:
        raise faults.refusal(
            "620", "The linked transaction belongs to another customer or vendor."
        )
    if target.ref("CurrencyRef") != draft.ref("CurrencyRef"):
        raise faults.business("The currency of the linked transaction differs.")
    return known[owner]


def owner_of(company: Company, target: Record, line: str, party: str) -> str:
    """Whose claim a link means: that of the line it names, or the payer's own.

    Where neither is there, the first of the payer's family, or else of anybody.
    """
    known = claims_of(company, target)
    related = _related(company, known, party)
    for name in related:
        if line and known[name].line == line:
            return name
    if party in known:
        return party
    return next(iter(related or known), "")


def _related(company: Company, known: Mapping[str, Claim], party: str) -> list[str]:
    """The names among them that a customer or vendor may pay for."""
    if len(known) == 1 and party in known:
        return [party]
    top = _top(company, party)
    return [name for name in known if name == party or _top(company, name) == top]


def _top(company: Company, party: str) -> str:
    record = company.find("Customer", party)
    if record is None:
        return party
    above = list(company.ancestors(record))
    return above[-1].id if above else party


def _line(amount: Decimal, claim: Claim, party: str, room: Decimal) -> Json:
    target = claim.record
    pairs = [
        ("txnId", target.id),
        ("txnOpenBalance", f"{room:.2f}"),
        ("txnReferenceNumber", target.body.get("DocNumber")),
    ]
    link = {"TxnId": target.id, "TxnType": link_type(target)}
    if claim.line and claim.party != party:
        link["TxnLineId"] = claim.line
    return {
        "Amount": amount,
        "LinkedTxn": [link],
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


def links_of(company: Company, payer: Record) -> Links:
    """What a stored payment settles, read from its lines."""
    side = PAYERS[payer.entity.name]
    party = payer.ref(f"{side.party}Ref")
    links: Links = {}
    for line in payer.body.get("Line") or []:
        link = line["LinkedTxn"][0]
        target = company.transaction(link["TxnId"])
        assert target is not None, f"{payer.id} is linked to nothing"
        owner = owner_of(company, target, link.get("TxnLineId", ""), party)
        claim = claims_of(company, target)[owner]
        amount = line["Amount"].copy_sign(claim.amount)
        if amount:
            links[claim.key] = links.get(claim.key, ZERO) + amount
    return links


def shrunk(company: Company, payer: Record, key: Key, kept: Decimal) -> Links:
    """Make a payment settle less of one claim; gives all it settles then.

    What is freed is unapplied. When a credit shrinks, what it paid opens again, the
    last line first.
    """
    links = dict(company.settles[payer.id])
    lines: list[tuple[Key, Json]] = [
        (_key(company, payer, line), line) for line in payer.body["Line"]
    ]
    _cut(lines, key, abs(links[key] - kept))
    links[key] = kept
    over = sum(links.values(), ZERO) - payer.body["TotalAmt"]
    for other in dict.fromkeys(one for one, _ in reversed(lines)):
        if over > ZERO and links.get(other, ZERO) > ZERO:
            less = min(over, links[other])
            _cut(lines, other, less)
            links[other] -= less
            over -= less
    payer.body["Line"] = [line for _, line in lines if line["Amount"]]
    return {one: amount for one, amount in links.items() if amount}


def _key(company: Company, payer: Record, line: Json) -> Key:
    """The claim that a line of a payment settles."""
    link = line["LinkedTxn"][0]
    same = [key for key in company.settles[payer.id] if key[0] == link["TxnId"]]
    if len(same) == 1:
        return same[0]
    target = company.transaction(link["TxnId"])
    assert target is not None, f"{payer.id} is linked to nothing"
    party = payer.ref(f"{PAYERS[payer.entity.name].party}Ref")
    return target.id, owner_of(company, target, link.get("TxnLineId", ""), party)


def _cut(lines: list[tuple[Key, Json]], key: Key, less: Decimal) -> None:
    """Take an amount from the lines of one claim, the last line first."""
    for other, line in reversed(lines):
        if other == key:
            part = min(less, line["Amount"])
            line["Amount"] -= part
            less -= part


RULES: Final[Mapping[str, Rule]] = {
    "Payment": payment,
    "BillPayment": bill_payment,
}
