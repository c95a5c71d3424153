"""Opening balances: what a customer, vendor or account brings into the books.

The amount is written once, with the record; a journal entry against Opening Balance
Equity carries it, which can be settled, changed and deleted like any other.
"""

from datetime import date
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import CONTROL_TYPES, Record
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.rules.draft import Draft, Enter
from qbo.simulator.rules.transactions import check_open

_DETAIL: Final = "JournalEntryLineDetail"
_SIDES: Final = {"Customer": "Accounts Receivable", "Vendor": "Accounts Payable"}


def take(draft: Draft, amount: str, day: str) -> None:
    """Move an opening balance from the body to the draft; later ones are ignored.

    Raises:
        Refused: its day is in the closed period.
    """
    opening, since = draft.body.pop(amount, None), draft.body.pop(day, None)
    if draft.old is None and opening and since:
        check_open(draft.company, date.fromisoformat(since))
        if not draft.company.account_of("OpeningBalanceEquity"):
            raise faults.business("There is no account for opening balances.")
        draft.opening = (since, opening)


def enter_balance(draft: Draft, record: Record, enter: Enter) -> None:
    """Enter the journal entry of an opening balance."""
    if draft.opening is None:
        return
    day, amount = draft.opening
    account, entity = _account(draft, record)
    owed = record.entity.name == "Vendor" or record.body.get("Classification") in {
        "Liability",
        "Equity",
    }
    against = draft.company.account_of("OpeningBalanceEquity")
    sides = [account, against] if (amount > ZERO) is not owed else [against, account]
    lines = [
        _line(side, number, abs(amount), entity if number == account else {})
        for side, number in zip(("Debit", "Credit"), sides, strict=True)
    ]
    enter(
        "JournalEntry",
        {
            "TxnDate": day,
            "PrivateNote": "Opening Balance",
            "CurrencyRef": {"value": record.ref("CurrencyRef")},
            "Line": lines,
        },
    )


def _account(draft: Draft, record: Record) -> tuple[str, Json]:
    side = _SIDES.get(record.entity.name)
    if side is None:
        return record.id, {}
    number = draft.company.control(side, record.ref("CurrencyRef"))
    entity = {"Type": record.entity.name, "EntityRef": {"value": record.id}}
    return number, {"Entity": entity}


def _line(side: str, account: str, amount: Decimal, more: Json) -> Json:
    detail = {"PostingType": side, "AccountRef": {"value": account}, **more}
    return {
        "Amount": amount,
        "Description": "Opening Balance",
        "DetailType": _DETAIL,
        _DETAIL: detail,
    }


def has_balance_sheet(draft: Draft) -> bool:
    """Whether an account in the making can have an opening balance."""
    body = draft.body
    return (
        body["Classification"] not in {"Revenue", "Expense"}
        and body["AccountType"] not in CONTROL_TYPES
    )
