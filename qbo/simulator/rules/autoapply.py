"""Credits applied by themselves, in companies that prefer AutoApplyCredit.

A new credit memo goes to the customer's open invoices, the oldest first, and a new
invoice takes what is left of the customer's credit memos: each by a payment of nothing.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from qbo.simulator.books.company import Company, Record
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.rules.draft import Draft, Enter, Follow

_OTHER: Final = {"CreditMemo": "Invoice", "Invoice": "CreditMemo"}


def apply(draft: Draft, record: Record, enter: Enter) -> None:
    """Apply a new credit memo to invoices, or credit memos to a new invoice."""
    prefs = draft.company.preferences.get("SalesFormsPrefs") or {}
    wanted = bool(prefs.get("AutoApplyCredit"))
    if draft.old or not wanted or draft.switches.get("auto_apply_credit") == "off":
        return
    left: Decimal = record.body["Balance"]
    for other in _open(draft.company, record):
        amount = min(left, other.body["Balance"])
        if amount <= ZERO:
            break
        left -= amount
        enter("Payment", _payment(record, other, amount))


def _open(company: Company, record: Record) -> Iterator[Record]:
    """The customer's other documents with something open, the oldest first."""
    kind, party = _OTHER[record.entity.name], record.ref("CustomerRef")
    currency = record.ref("CurrencyRef")
    found = [
        one
        for one in company.records(kind)
        if one.ref("CustomerRef") == party
        and one.ref("CurrencyRef") == currency
        and one.body["Balance"] > ZERO
    ]
    yield from sorted(found, key=lambda one: (one.day, int(one.id)))


def _payment(record: Record, other: Record, amount: Decimal) -> Json:
    lines = [
        {
            "Amount": amount,
            "LinkedTxn": [{"TxnId": one.id, "TxnType": one.entity.name}],
        }
        for one in sorted((record, other), key=lambda one: one.entity.name != "Invoice")
    ]
    return {
        "CustomerRef": {"value": record.ref("CustomerRef")},
        "CurrencyRef": {"value": record.ref("CurrencyRef")},
        "TxnDate": max(record.day, other.day).isoformat(),
        "TotalAmt": ZERO,
        "Line": lines,
    }


FOLLOWS: Final[Mapping[str, tuple[Follow, ...]]] = {
    "CreditMemo": (apply,),
    "Invoice": (apply,),
}
