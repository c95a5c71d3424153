"""The rules for journal entries and transfers."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator import faults
from qbo.simulator.company import Company
from qbo.simulator.draft import Draft, Rule
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.transactions import detail_of, number_lines, set_total, start

_LINES_MIN = 2
_PARTY_KINDS = {"Accounts Receivable": "Customer", "Accounts Payable": "Vendor"}
_BALANCE_SHEET = {"Asset", "Liability", "Equity"}


def journal_entry(draft: Draft) -> None:
    """A journal entry: debits and credits that add up."""
    body, company = draft.body, draft.company
    draft.require("Line")
    start(draft)
    lines = body["Line"]
    if len(lines) < _LINES_MIN:
        raise faults.missing("Line")
    debit = credit = ZERO
    for line in lines:
        if _side(company, line) == "Debit":
            debit += line["Amount"]
        else:
            credit += line["Amount"]
    if debit != credit:
        raise faults.business("Debits and credits must be equal.")
    body.setdefault("Adjustment", False)
    body["Line"] = number_lines(draft, lines)
    for line in body["Line"]:
        line.pop("LineNum", None)
    body["TxnTaxDetail"] = {}
    set_total(draft, debit)


def _side(company: Company, line: Json) -> str:
    _, detail = detail_of(line)
    if line.get("Amount") is None:
        raise faults.missing("Amount")
    if line["Amount"] < ZERO:
        raise faults.business("The amount of a line must be 0 or greater.")
    for name in ("AccountRef", "PostingType"):
        if not detail.get(name):
            raise faults.missing(name)
    account = company.find("Account", detail["AccountRef"]["value"])
    if account is None:
        raise faults.bad_reference("Accounts", detail["AccountRef"]["value"])
    wanted = _PARTY_KINDS.get(account.body["AccountType"])
    given = ((detail.get("Entity") or {}).get("EntityRef") or {}).get("value")
    if wanted and (not given or company.find(wanted, given) is None):
        raise faults.business(
            f"When you use {account.body['AccountType']}, you must choose a"
            f" {wanted.lower()} in the Name field."
        )
    return str(detail["PostingType"])


def transfer(draft: Draft) -> None:
    """A transfer between two accounts of the balance sheet."""
    draft.require("FromAccountRef", "ToAccountRef", "Amount")
    start(draft)
    if draft.ref("FromAccountRef") == draft.ref("ToAccountRef"):
        raise faults.business("The accounts of a transfer must be different.")
    for name in ("FromAccountRef", "ToAccountRef"):
        account = draft.company.find("Account", draft.ref(name))
        if account is None:
            raise faults.bad_reference("Accounts", draft.ref(name))
        if account.body["Classification"] not in _BALANCE_SHEET:
            raise faults.business("A transfer is between balance sheet accounts.")
    if draft.body["Amount"] < ZERO:
        raise faults.business("Transaction amount must be 0 or greater.")


RULES: Final[Mapping[str, Rule]] = {
    "JournalEntry": journal_entry,
    "Transfer": transfer,
}
