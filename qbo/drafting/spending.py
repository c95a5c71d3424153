"""What bills and expenses share: accounts, their lines, and where money comes from.

A cost goes to an account, and is paid from a bank account or a card. What was not
said is filled in with what was so the last time, and is named among the assumptions.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy import select

from qbo import lookup
from qbo.asks import SaidLine
from qbo.drafting.assembly import Around, Making, reference
from qbo.drafting.purchase_tax import PurchaseTaxes, charge
from qbo.faults import Ambiguous
from qbo.lookup import preflight
from qbo.mirror import RECORDS
from qbo.wire import records
from qbo.wire.exact import Json, at, cents

BANK: Final = "Bank"
CARD: Final = "Credit Card"
_DETAIL: Final = "AccountBasedExpenseLineDetail"
_DESCRIPTION_MAX: Final = 4000  # quickbooks.md 4.9
# What is paid from, owed, or owed to us is no cost: it moves by a document of its own.
_NO_COSTS: Final = {
    BANK: "a bank account",
    CARD: "a credit card",
    "Accounts Payable": "what is owed to vendors",
    "Accounts Receivable": "what customers owe",
}
C: Final = RECORDS.c


async def vendor_named(around: Around, making: Making, name: str) -> Json:
    """The active vendor of that name; the draft rests on it.

    Raises:
        NotFound, Ambiguous: there is none, or there are several.
        Refused: it is inactive ("preflight").
    """
    found = await lookup.active(around.mirror, around.company.id, "Vendor", name)
    making.rest_on("Vendor", found, records.label(found))
    return found


def set_currency(around: Around, making: Making, body: Json, vendor: Json) -> str:
    """The vendor's currency, which is that of all that is entered for it."""
    used = records.currency(vendor, around.company.currency)
    if used != around.company.currency:
        body["CurrencyRef"] = {"value": used}
        making.notes.append(
            f"{records.label(vendor)} is paid in {used}, so the amounts are in {used}."
        )
    return used


# --- accounts -------------------------------------------------------------------


async def cost_account(around: Around, making: Making, name: str) -> Json:
    """The active account that a cost goes to; the draft rests on it.

    Raises:
        NotFound, Ambiguous: there is none, or there are several.
        Refused: it is inactive, or nothing can be bought on it ("preflight").
    """
    found = await lookup.active(around.mirror, around.company.id, "Account", name)
    label, kind = records.label(found), str(found.get("AccountType") or "")
    if kind in _NO_COSTS:
        raise preflight(
            f"{label} is {_NO_COSTS[kind]}, and nothing can be bought on that. Nothing"
            " has been proposed; name an expense account."
        )
    making.rest_on("Account", found, f"Account {label}", "AccountType")
    if found.get("Classification") not in (None, "Expense"):
        making.notes.append(
            f"{label} is no expense account but one of type {kind}, so this is no cost"
            " of the period."
        )
    return found


async def paid_from(
    around: Around, making: Making, said: str | None, vendor: Json | None, entity: str
) -> Json:
    """The bank account or card that pays: as said, else as this vendor was paid last.

    Else the only checking account. `entity` is the kind of document that is made.

    Raises:
        NotFound, Ambiguous: no such account, or it has to be asked which.
        Refused: it is inactive, or holds another currency ("preflight").
    """
    if said is not None:
        found = await lookup.active(
            around.mirror, around.company.id, "Account", said, about="pay_from"
        )
        if found.get("AccountType") not in (BANK, CARD):
            raise Ambiguous(
                f"{records.label(found)} is neither a bank account nor a credit card,"
                " so nothing can be paid from it. Which account was it?",
                about="pay_from",
                choices=tuple(records.label(x) for x in await _payers(around)),
            )
    else:
        found = await _usual(around, making, vendor, entity)
    label = records.label(found)
    own = records.currency(found, around.company.currency)
    home = around.company.currency
    used = records.currency(vendor or {}, home)
    if own not in (home, used):
        raise preflight(
            f"{label} is kept in {own} and this is paid in {used}, which QuickBooks"
            f" does not take. Nothing has been proposed; name an account in {used} or"
            f" {home}."
        )
    if vendor is None and own != home:
        raise preflight(
            f"{label} is kept in {own}, and without a vendor an expense is in {home}."
            " Nothing has been proposed; name the vendor, or another account."
        )
    making.rest_on("Account", found, f"Account {label}", "AccountType")
    return found


async def _usual(
    around: Around, making: Making, vendor: Json | None, entity: str
) -> Json:
    payers = await _payers(around)
    if vendor is not None:
        last = await around.mirror.found(
            select(C.raw)
            .where(
                C.company == around.company.id,
                C.entity == entity,
                C.party_id == str(vendor["Id"]),
                ~C.voided,
            )
            .order_by(C.txn_date.desc(), C.id.desc())
            .limit(1)
        )
        wanted = payer_id(last[0]) if last else ""
        for each in payers:
            if str(each["Id"]) == wanted:
                making.notes.append(
                    f"Paid from {records.label(each)}, as {records.label(vendor)} was"
                    " paid last."
                )
                return each
    checking = [x for x in payers if x.get("AccountSubType") == "Checking"]
    if len(checking) == 1:
        making.notes.append(
            f"Paid from {records.label(checking[0])}, the only checking account."
        )
        return checking[0]
    raise Ambiguous(
        "Which account was it paid from?",
        about="pay_from",
        choices=tuple(records.label(each) for each in payers),
    )


async def _payers(around: Around) -> list[Json]:
    return await around.mirror.found(
        select(C.raw)
        .where(
            C.company == around.company.id,
            C.entity == "Account",
            C.kind.in_([BANK, CARD]),
            C.active,
        )
        .order_by(C.name_key, C.id)
    )


_PAYERS: Final = (
    "AccountRef",
    "CheckPayment.BankAccountRef",
    "CreditCardPayment.CCAccountRef",
)


def payer_id(record: Json) -> str:
    """The id of the account that a bill payment or an expense was paid from."""
    found = (records.ref_id(record, path) for path in _PAYERS)
    return next((each for each in found if each), "")


async def payable(around: Around, making: Making, vendor: Json) -> Json | None:
    """The account that says what is owed to a vendor; None: QuickBooks takes its own.

    The vendor's own, else the company's default, else the only one of that currency.
    """
    used = records.currency(vendor, around.company.currency)
    found = [
        each
        for each in await around.mirror.found(
            select(C.raw).where(
                C.company == around.company.id,
                C.entity == "Account",
                C.kind == "Accounts Payable",
                C.active,
            )
        )
        if records.currency(each, around.company.currency) == used
    ]
    default = at(around.prefs, "AccountingInfoPrefs.DefaultAPAccount.value")
    for wanted in (records.ref_id(vendor, "APAccountRef"), str(default or "")):
        for each in found:
            if str(each["Id"]) == wanted:
                return _resting(making, each)
    return _resting(making, found[0]) if len(found) == 1 else None


def _resting(making: Making, account: Json) -> Json:
    making.rest_on("Account", account, f"Account {records.label(account)}")
    return account


# --- lines ----------------------------------------------------------------------


async def bill_lines(
    around: Around,
    making: Making,
    taxes: PurchaseTaxes,
    vendor: Json,
    said: Sequence[SaidLine],
) -> list[Json]:
    """The lines of a bill, each charged to an account.

    Raises:
        NotFound, Ambiguous: an account or an amount is missing or means nothing.
        Refused: an amount cannot be, or an account cannot be charged ("preflight").
    """
    made = []
    for each in said:
        if each.account is None:
            what = f" for {each.item}" if each.item else ""
            raise Ambiguous(
                f"Which expense account should be charged{what}?", about="account"
            )
        account = await cost_account(around, making, each.account)
        made.append(cost_line(account, _amount(each, account), _description(each)))
        if taxes.on_lines:
            await charge(making, taxes, made[-1], account, vendor)
    if not made:
        raise Ambiguous("What is the bill for, and how much is it?", about="lines")
    return made


def cost_line(account: Json, amount: Decimal, description: str | None = None) -> Json:
    """One line that charges an account."""
    if description and len(description) > _DESCRIPTION_MAX:
        raise preflight(
            f"The description for {records.label(account)} is longer than QuickBooks"
            f" keeps ({_DESCRIPTION_MAX:,} characters). Nothing has been proposed; say"
            " it in fewer words."
        )
    return {
        **({"Description": description} if description else {}),
        "Amount": cents(amount),
        "DetailType": _DETAIL,
        _DETAIL: {"AccountRef": reference(account)},
    }


def _amount(said: SaidLine, account: Json) -> Decimal:
    label = records.label(account)
    quantity, rate, amount = said.quantity, said.rate, said.amount
    for value in (quantity, rate, amount):
        if value is not None and value <= 0:
            raise preflight(
                f"{label}: a line of a bill is for more than nothing, and {value:f} is"
                " not. Nothing has been proposed; give another amount, or enter what a"
                " vendor gives back as a vendor credit in QuickBooks."
            )
    if rate is None:
        if amount is None:
            raise Ambiguous(f"How much is it for {label}?", about="amount")
        return amount
    product = cents((quantity or Decimal(1)) * rate)
    if amount is not None and cents(amount) != product:
        raise preflight(
            f"{label}: {quantity or 1} times {rate} is {product:,}, not {amount:,}."
            " Nothing has been proposed; say the amount alone, or put them right."
        )
    return product


def _description(said: SaidLine) -> str | None:
    """What was said of a line; how many at which price has no field of its own."""
    if said.quantity is None or said.rate is None:
        return said.description
    counted = f"{said.quantity:f} at {said.rate:f}"
    return f"{said.description} ({counted})" if said.description else counted
