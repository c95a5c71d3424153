"""The rules for deposits: money taken to the bank, and thereby locked."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.rules import taxes
from qbo.simulator.rules.claims import BY_LINE
from qbo.simulator.rules.draft import Draft, Rule
from qbo.simulator.rules.journal import check_party
from qbo.simulator.rules.transactions import (
    check_account,
    check_currency,
    link_type,
    number_lines,
    set_total,
    start,
)

KIND: Final = "Deposit"
_DETAIL: Final = "DepositLineDetail"
_LINKABLE: Final = frozenset(
    {"Payment", "SalesReceipt", "RefundReceipt", "JournalEntry", "Transfer", "Purchase"}
)
_BANKS: Final = frozenset({"Bank", "Other Current Asset"})
_PICK_BANK: Final = (
    "You need to select a bank account or an other current asset account to deposit to."
)
_WORDS: Final[Mapping[str, str]] = {"Check": "Purchase", "Expense": "Purchase"}


def deposit(draft: Draft) -> None:
    """A deposit: money that was waiting, and money that comes in directly."""
    body = draft.body
    draft.require("DepositToAccountRef", "Line")
    start(draft)
    check_account(draft, draft.ref("DepositToAccountRef"), _BANKS, _PICK_BANK)
    taken: set[str] = set()
    lines = [_line(draft, line, taken) for line in body["Line"]]
    tax = _tax(draft, lines)
    total = sum((line["Amount"] for line in lines), tax) - _cash_back(draft)
    body["Line"] = _numbered(draft, lines)
    set_total(draft, total)


def _tax(draft: Draft, lines: list[Json]) -> Decimal:
    """Work out the tax of those lines that have a code; in the US none has any.

    Like the amounts it counts as money that comes in: that of a fee is negative.
    """
    if draft.company.is_us:
        return ZERO
    charged: list[taxes.Charged] = []
    for line in lines:
        detail = line.get(_DETAIL) or {}
        if "DetailType" in line and detail.get("TaxCodeRef"):
            detail.setdefault("TaxApplicableOn", "Sales")
            side = taxes.side_of(detail)
            charged += taxes.opened(draft, [(line, detail)], side)
    if not charged:
        draft.body.pop("TxnTaxDetail", None)
        return ZERO
    return taxes.charge(draft, charged)


def _line(draft: Draft, line: Json, taken: set[str]) -> Json:
    line.pop("CustomField", None)
    links = line.get("LinkedTxn") or []
    if not links:
        return _direct(draft, line)
    if len(links) != 1:
        raise faults.missing("Line.LinkedTxn")
    linked = _waiting(draft, links[0])
    if linked.id in taken:
        raise faults.business("A transaction can be deposited only once.")
    taken.add(linked.id)
    waits = amount_waiting(draft.company, linked)
    if line.get("Amount") is None:
        line["Amount"] = waits
    if line["Amount"] != waits:
        raise faults.business(
            f"The amount of the linked transaction is {waits:.2f}, and all of it is"
            " deposited."
        )
    link = {"TxnId": linked.id, "TxnType": link_type(linked), "TxnLineId": "0"}
    detail = line.get(_DETAIL) or {}
    detail.pop("AccountRef", None)
    kept = {_DETAIL: detail} if detail else {}
    return {"Amount": line["Amount"], "LinkedTxn": [link], **kept}


def _direct(draft: Draft, line: Json) -> Json:
    detail = line.setdefault(_DETAIL, {})
    line["DetailType"] = _DETAIL
    if line.get("Amount") is None:
        raise faults.missing("Amount")
    number = (detail.get("AccountRef") or {}).get("value")
    if not number:
        raise faults.missing("AccountRef")
    account = draft.company.find("Account", number)
    if account is None:
        raise faults.bad_reference("Accounts", number)
    check_party(draft, account, (detail.get("Entity") or {}).get("value"))
    check_currency(draft, account)
    return line


def _numbered(draft: Draft, lines: list[Json]) -> list[Json]:
    """Only lines of their own have an id; what is linked keeps its place."""
    own = number_lines(draft, [line for line in lines if "DetailType" in line])
    numbered = iter(own)
    return [next(numbered) if "DetailType" in line else line for line in lines]


def _cash_back(draft: Draft) -> Decimal:
    """What of a deposit is kept in cash, or in another account."""
    back = draft.body.get("CashBack")
    if not back:
        return ZERO
    for name in ("AccountRef", "Amount"):
        if back.get(name) is None:
            raise faults.missing(f"CashBack.{name}")
    if back["Amount"] < ZERO:
        raise faults.business("Transaction amount must be 0 or greater.")
    account = draft.company.find("Account", back["AccountRef"]["value"])
    if account is None:
        raise faults.bad_reference("Accounts", back["AccountRef"]["value"])
    check_party(draft, account, None)
    check_currency(draft, account)
    amount: Decimal = back["Amount"]
    return amount


def _waiting(draft: Draft, link: Json) -> Record:
    """The transaction a line takes to the bank.

    Raises:
        Refused: it is not there, waits nowhere, or was taken there already.
    """
    word = link.get("TxnType", "")
    kind = _WORDS.get(word, word)
    if kind not in _LINKABLE:
        raise faults.refusal("620", f"Transaction type {word} cannot be linked.")
    record = draft.company.find(kind, link.get("TxnId", ""))
    if record is None:
        raise faults.not_found(
            "Object Not Found : Another user has deleted this transaction."
        )
    other = deposit_of(draft.company, record)
    if other and (draft.old is None or other != draft.old.id):
        raise faults.refusal(
            "620",
            f"The transaction is in deposit {other} already and cannot be linked.",
        )
    if not amount_waiting(draft.company, record):
        raise faults.refusal(
            "620", "The transaction has nothing in the account of undeposited funds."
        )
    if record.ref("CurrencyRef") != draft.ref("CurrencyRef"):
        raise faults.business("The currency of the linked transaction differs.")
    return record


def undeposited(company: Company) -> set[str]:
    """The accounts where money waits to be taken to the bank."""
    return {
        account.id
        for account in company.records("Account")
        if account.body["AccountSubType"] == "UndepositedFunds"
    }


def amount_waiting(company: Company, record: Record) -> Decimal:
    """What a transaction put into undeposited funds, in its own currency."""
    funds = undeposited(company)
    return sum(
        (amount for account, amount in _moved(company, record) if account in funds),
        ZERO,
    )


def _moved(company: Company, record: Record) -> Iterator[tuple[str, Decimal]]:
    """The accounts money went to, with what each got."""
    body, kind = record.body, record.entity.name
    if kind in {"Payment", "SalesReceipt", "RefundReceipt"}:
        sign = -1 if kind == "RefundReceipt" else 1
        into = record.ref("DepositToAccountRef") or company.account_of(
            "UndepositedFunds"
        )
        yield into, sign * body["TotalAmt"]
    elif kind == "Transfer":
        yield record.ref("ToAccountRef"), body["Amount"]
        yield record.ref("FromAccountRef"), -body["Amount"]
    elif kind == "Purchase":
        yield record.ref("AccountRef"), ZERO
    if kind in BY_LINE:
        yield from _by_line(record)


def _by_line(record: Record) -> Iterator[tuple[str, Decimal]]:
    for line in record.body.get("Line") or ():
        journal = line.get("JournalEntryLineDetail")
        spent = line.get("AccountBasedExpenseLineDetail")
        detail = journal or spent or {}
        account = (detail.get("AccountRef") or {}).get("value", "")
        credit = journal and journal["PostingType"] == "Credit"
        if account:
            yield account, -line["Amount"] if credit else line["Amount"]


def deposit_of(company: Company, record: Record) -> str:
    """The deposit a transaction was taken to the bank with, or an empty text."""
    known = company.tied.get(record.id, ()) if record.entity.transaction else ()
    for number in known:
        if company.find(KIND, number):
            return number
    return ""


def check_free(company: Company, record: Record) -> None:
    """Refuse to touch what was deposited: the deposit comes first."""
    if deposit_of(company, record):
        raise faults.refusal(
            "6540",
            "This transaction has been deposited. If you want to change or delete it,"
            " you must first edit the deposit it appears on and remove it.",
        )


RULES: Final[Mapping[str, Rule]] = {KIND: deposit}
