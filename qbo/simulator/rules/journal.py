"""The rules for journal entries, and for money that moves between accounts."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.rules import billing, taxes
from qbo.simulator.rules.draft import Draft, Rule
from qbo.simulator.rules.taxes.rates import tax_line
from qbo.simulator.rules.transactions import (
    check_account,
    check_currency,
    detail_of,
    number_lines,
    set_total,
    start,
)

_LINES_MIN = 2
_PARTY_KINDS = {"Accounts Receivable": "Customer", "Accounts Payable": "Vendor"}
_BALANCE_SHEET = {"Asset", "Liability", "Equity"}
_DETAIL: Final = "JournalEntryLineDetail"


def journal_entry(draft: Draft) -> None:
    """A journal entry: debits and credits that add up, tax included."""
    body = draft.body
    draft.require("Line")
    start(draft)
    lines = [line for line in body["Line"] if detail_of(line)[0] == _DETAIL]
    if len(lines) < _LINES_MIN:
        raise faults.missing("Line")
    billing.keep(draft)
    sums = {"Debit": ZERO, "Credit": ZERO}
    for line in lines:
        _check_line(draft, line)
        tax = line[_DETAIL].get("TaxAmount", ZERO)
        sums[line[_DETAIL]["PostingType"]] += line["Amount"] + tax
    if sums["Debit"] != sums["Credit"]:
        raise faults.business("Debits and credits must be equal.")
    body.setdefault("Adjustment", False)
    body["Line"] = number_lines(draft, body["Line"], first=0)
    for line in body["Line"]:
        line.pop("LineNum", None)
        line.pop("CustomField", None)
    _tax_detail(draft, lines)
    set_total(draft, sums["Debit"])


def _check_line(draft: Draft, line: Json) -> None:
    detail = line[_DETAIL]
    if line.get("Amount") is None:
        raise faults.missing("Amount")
    if line["Amount"] < ZERO:
        raise faults.business("The amount of a line must be 0 or greater.")
    for name in ("PostingType", "AccountRef"):
        if not detail.get(name):
            raise faults.missing(name)
    number = detail["AccountRef"]["value"]
    account = draft.company.find("Account", number)
    if account is None:
        raise faults.bad_reference("Accounts", number)
    entity = detail.get("Entity") or {}
    given = (entity.get("EntityRef") or {}).get("value")
    check_party(draft, account, given)
    check_currency(draft, account)
    if given:
        party = draft.company.party(given)
        entity["Type"] = party.entity.name if party else entity.get("Type")
    else:
        detail.pop("Entity", None)
    _set_tax(draft, line, detail)


def check_party(draft: Draft, account: Record, given: str | None) -> None:
    """Refuse a receivable without its customer, a payable without its vendor."""
    kind = account.body["AccountType"]
    wanted = _PARTY_KINDS.get(kind)
    if not wanted:
        return
    party = draft.company.find(wanted, given) if given else None
    if party is None:
        raise faults.business(
            f"When you use {kind}, you must choose a {wanted.lower()} in the Name"
            " field."
        )
    if party.ref("CurrencyRef") not in {"", draft.ref("CurrencyRef")}:
        raise faults.business("The currency of the name and the transaction differ.")


def _set_tax(draft: Draft, line: Json, detail: Json) -> None:
    """Work out a line's tax, where its code has a rate and none was given."""
    if draft.company.is_us or not detail.get("TaxCodeRef"):
        for name in ("TaxAmount", "TaxApplicableOn"):
            detail.pop(name, None)
        return
    detail.setdefault("TaxApplicableOn", "Sales")
    rates = _rates(draft.company, detail)
    if draft.body.get("GlobalTaxCalculation") == "NotApplicable":
        detail["TaxAmount"] = ZERO
    elif detail.get("TaxAmount") is None:
        share = sum((rate.share for rate in rates), ZERO)
        detail["TaxAmount"] = cents(line["Amount"] * share)
    if detail["TaxAmount"] and not any(rate.percent for rate in rates):
        raise faults.business("The tax code of a line with tax has no rate.")


def _rates(company: Company, detail: Json) -> list[taxes.Rate]:
    code = detail["TaxCodeRef"]["value"]
    return taxes.rates_of(company, code, taxes.side_of(detail))


def tax_parts(company: Company, line: Json) -> Iterator[tuple[taxes.Rate, Decimal]]:
    """The tax of a line by its rates; the last of them takes what rounding leaves."""
    detail = line[_DETAIL]
    left = detail.get("TaxAmount", ZERO)
    rates = _rates(company, detail) if left else []
    for place, rate in enumerate(rates, start=1):
        part = left if place == len(rates) else cents(line["Amount"] * rate.share)
        left -= part
        yield rate, part


def _tax_detail(draft: Draft, lines: list[Json]) -> None:
    """Write TxnTaxDetail, a line for every rate.

    Credits count on sales and debits on purchases; the others are taken off.
    """
    taxed: dict[taxes.Rate, Decimal] = {}
    nets: dict[taxes.Rate, Decimal] = {}
    for line in lines:
        detail = line[_DETAIL]
        usual = "Debit" if detail.get("TaxApplicableOn") == "Purchase" else "Credit"
        sign = 1 if detail["PostingType"] == usual else -1
        for rate, part in tax_parts(draft.company, line):
            taxed[rate] = taxed.get(rate, ZERO) + sign * part
            nets[rate] = nets.get(rate, ZERO) + sign * line["Amount"]
    made = [{**tax_line(rate, nets[rate]), "Amount": taxed[rate]} for rate in taxed]
    draft.body["TxnTaxDetail"] = {"TaxLine": made} if made else {}


def transfer(draft: Draft) -> None:
    """A transfer between two accounts of the balance sheet."""
    draft.require("FromAccountRef", "ToAccountRef", "Amount")
    _take_currency(draft, "FromAccountRef", "ToAccountRef")
    start(draft)
    if draft.ref("FromAccountRef") == draft.ref("ToAccountRef"):
        raise faults.business("The accounts of a transfer must be different.")
    for name in ("FromAccountRef", "ToAccountRef"):
        account = draft.company.find("Account", draft.ref(name))
        if account is None:
            raise faults.bad_reference("Accounts", draft.ref(name))
        control = account.body["AccountType"] in _PARTY_KINDS
        if account.body["Classification"] not in _BALANCE_SHEET or control:
            raise faults.business("A transfer is between balance sheet accounts.")
        check_currency(draft, account)
    _check_amount(draft)


def credit_card_payment(draft: Draft) -> None:
    """A credit card's balance, paid from the bank."""
    body = draft.body
    draft.require("BankAccountRef", "CreditCardAccountRef", "Amount")
    _take_currency(draft, "BankAccountRef", "CreditCardAccountRef")
    start(draft)
    check_account(
        draft,
        draft.ref("CreditCardAccountRef"),
        {"Credit Card"},
        "You need to select a credit card account.",
    )
    check_account(
        draft,
        draft.ref("BankAccountRef"),
        {"Bank", "Other Current Asset", "Fixed Asset", "Other Asset"},
        "You need to select a bank account to pay from.",
    )
    body.setdefault("PrintStatus", "NotSet")
    _check_amount(draft)


def _check_amount(draft: Draft) -> None:
    if draft.body["Amount"] < ZERO:
        raise faults.business("Transaction amount must be 0 or greater.")


def _take_currency(draft: Draft, *names: str) -> None:
    """Between accounts the currency is that of the one that is foreign."""
    if draft.ref("CurrencyRef"):
        return
    home = draft.company.home
    for name in names:
        account = draft.company.find("Account", draft.ref(name))
        currency = account.ref("CurrencyRef") if account else ""
        if currency not in {"", home}:
            draft.body["CurrencyRef"] = {"value": currency}
            return


RULES: Final[Mapping[str, Rule]] = {
    "JournalEntry": journal_entry,
    "Transfer": transfer,
    "CreditCardPayment": credit_card_payment,
}
