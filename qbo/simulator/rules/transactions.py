"""The rules all transactions share: dates, numbers, currency, lines, closed periods."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from dateutil.relativedelta import relativedelta

from qbo.simulator import faults
from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.currencies import CURRENCY_NAMES
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.rules.draft import Draft
from qbo.simulator.rules.exchange import rate_on

_DIGITS = re.compile(r"^(.*?)(\d+)$")
_POWER = re.compile(r"^[+-]?\d+(\.\d*)?e[+-]?\d+$", re.IGNORECASE)
"""What programs make of a number with many digits: its end is no number."""
NUMBERED_TOGETHER: Final = ("Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt")
"""Sales forms that share one sequence of document numbers; estimates have their own."""


def start(draft: Draft, party: str = "") -> None:
    """Date, currency and closed period: what comes first for every transaction."""
    body = draft.body
    body.setdefault("TxnDate", draft.today.isoformat())
    if not draft.template:
        check_open(draft.company, date.fromisoformat(body["TxnDate"]))
    if draft.old and not draft.template:
        check_open(draft.company, draft.old.day)
    _set_currency(draft, draft.company.party(party) if party else None)
    body.pop("CustomField", None)


def check_open(company: Company, day: date) -> None:
    """Refuse a date in the closed period."""
    closed = company.close_date
    if closed and day <= closed:
        raise faults.refusal(
            "6210",
            "The account period has closed and the account books cannot be updated"
            " through the QBO Services API. Please use the QBO website to make these"
            " changes.",
        )


def _set_currency(draft: Draft, party: Record | None) -> None:
    company, body = draft.company, draft.body
    own = party.ref("CurrencyRef") if party else ""
    currency = draft.ref("CurrencyRef") or own or company.home
    if (own and currency != own) or currency not in CURRENCY_NAMES:
        raise faults.business("The currency of the name and the transaction differ.")
    if currency != company.home and not company.multi_currency:
        raise faults.business("Multicurrency is not turned on.")
    body["CurrencyRef"] = {"value": currency, "name": CURRENCY_NAMES[currency]}
    if not company.multi_currency:
        body.pop("ExchangeRate", None)
    elif currency == company.home:
        body["ExchangeRate"] = Decimal(1)
    elif not body.get("ExchangeRate"):
        day = date.fromisoformat(body["TxnDate"])
        body["ExchangeRate"] = rate_on(company, currency, day)


def in_home(body: Json, amount: Decimal) -> Decimal:
    """An amount of a transaction in the company's own currency."""
    rate: Decimal = body.get("ExchangeRate") or Decimal(1)
    return cents(amount * rate)


def check_account(
    draft: Draft, number: str, kinds: Collection[str], sentence: str
) -> Record:
    """Refuse an account that is unknown, or of none of these types.

    An account in a foreign currency takes only transactions in that currency.
    """
    account = draft.company.find("Account", number)
    if account is None:
        raise faults.bad_reference("Accounts", number)
    if account.body["AccountType"] not in kinds:
        raise faults.business(sentence)
    check_currency(draft, account)
    return account


def check_currency(draft: Draft, account: Record) -> None:
    """Refuse an account in a foreign currency other than the transaction's."""
    currency = account.ref("CurrencyRef") or draft.company.home
    if currency not in {draft.company.home, draft.ref("CurrencyRef")}:
        raise faults.business(
            "The currency of the account and of the transaction differ."
        )


_NO_HOME_TOTAL: Final = frozenset({"Bill", "Purchase", "PurchaseOrder", "VendorCredit"})
"""What Intuit's definitions give no HomeTotalAmt."""


def set_total(draft: Draft, total: Decimal) -> None:
    """Write TotalAmt, and its home value where currencies are in use.

    Raises:
        Refused: the total is negative.
    """
    if total < ZERO:
        raise faults.business("Transaction amount must be 0 or greater.")
    draft.body["TotalAmt"] = cents(total)
    if draft.company.multi_currency and draft.entity.name not in _NO_HOME_TOTAL:
        draft.body["HomeTotalAmt"] = in_home(draft.body, total)


def set_due_date(draft: Draft) -> None:
    """Work the due date out of the terms, unless it was given."""
    body = draft.body
    given = draft.sent.get("DueDate")
    rests = draft.old and not draft.changed("SalesTermRef") and "DueDate" in body
    if given or (rests and not draft.changed("TxnDate")):
        return
    number = draft.ref("SalesTermRef")
    terms = draft.company.find("Term", number) if number else None
    day = date.fromisoformat(body["TxnDate"])
    body["DueDate"] = (due_date(day, terms.body) if terms else day).isoformat()


def due_date(day: date, terms: Json) -> date:
    """When something of that day is due under those terms."""
    if "DayOfMonthDue" not in terms:
        return day + timedelta(days=int(terms.get("DueDays", 0)))
    wanted = int(terms["DayOfMonthDue"])
    due = day + relativedelta(day=wanted)
    near = int(terms.get("DueNextMonthDays", 0))
    if due < day or (due - day).days < near:
        due += relativedelta(months=1, day=wanted)
    return due


def number_sales(draft: Draft) -> None:
    """Give a sales form its number, as the company's preferences say."""
    company, body, kinds = draft.company, draft.body, _numbered_as(draft)
    wanted = body.get("DocNumber")
    custom = bool((company.preferences.get("SalesFormsPrefs") or {}).get(CUSTOM))
    automatic = wanted == "AUTO_GENERATE" or bool(body.pop("AutoDocNumber", False))
    if draft.old and not wanted and not automatic and not custom:
        body["DocNumber"] = draft.old.body.get("DocNumber")
    elif automatic or (not wanted and not custom and draft.old is None):
        body["DocNumber"] = next_number(company, kinds)
    if wanted and not automatic and draft.changed("DocNumber"):
        _check_duplicate(draft, kinds, refuse=custom)
    if body.get("DocNumber") is None:
        body.pop("DocNumber", None)


CUSTOM: Final = "CustomTxnNumbers"


def _numbered_as(draft: Draft) -> tuple[str, ...]:
    """The kinds of form that share a form's sequence of numbers."""
    kind = draft.entity.name
    together = draft.switches.get("shared_doc_numbers", True)
    return NUMBERED_TOGETHER if together and kind in NUMBERED_TOGETHER else (kind,)


def counts(number: str) -> bool:
    """Whether a document number ends in an integer that can be counted on."""
    return bool(_DIGITS.match(number)) and not _POWER.match(number)


def next_number(company: Company, kinds: Collection[str]) -> str:
    """The next document number: the last one's digits, counted on."""
    used = [one for kind, one in company.last_numbers.items() if kind in kinds]
    found = _DIGITS.match(used[-1]) if used else None
    prefix, digits = found.groups() if found else ("", "1000")
    while True:
        digits = str(int(digits) + 1).zfill(len(digits))
        number = f"{prefix}{digits}"
        if not any(company.documents[kind, number] for kind in kinds):
            return number


def check_bill_number(draft: Draft) -> None:
    """Refuse a bill number used twice, where the company wants to be warned."""
    if draft.body.get("DocNumber") and draft.changed("DocNumber"):
        pairs = (draft.company.preferences.get("OtherPrefs") or {}).get("NameValue", [])
        warn = {"Name": "WarnDuplicateBillNumber", "Value": "true"} in pairs
        _check_duplicate(draft, ("Bill",), refuse=warn)


def _check_duplicate(draft: Draft, kinds: Iterable[str], *, refuse: bool) -> None:
    wish = draft.switches.get("duplicate_doc_numbers", "preference")
    if draft.allow_duplicates or wish == "accept" or (wish != "refuse" and not refuse):
        return
    number = draft.body["DocNumber"]
    for kind in kinds:
        others = draft.company.documents[kind, number]
        others = others - {draft.old.id} if draft.old else others
        if others:
            raise faults.refusal(
                "6140",
                "Duplicate Document Number Error : You must specify a different number."
                f" This number has already been used. DocNumber={number} is assigned to"
                f" TxnType={kind} with TxnId={min(others, key=int)}",
            )


def number_in_turn(draft: Draft) -> None:
    """Give a transaction of a kind with numbers of its own the next one."""
    company, kind = draft.company, draft.entity.name
    if draft.template or draft.body.get("DocNumber"):
        return
    if draft.old and draft.old.body.get("DocNumber"):
        draft.body["DocNumber"] = draft.old.body["DocNumber"]
        return
    sequence = f"{kind} numbers"
    company.sequences[sequence] = max(company.sequences[sequence], _BEFORE_FIRST)
    number = company.next_id(sequence)
    while company.documents[kind, number]:
        number = company.next_id(sequence)
    draft.body["DocNumber"] = number


_BEFORE_FIRST = 1000


def every_line(lines: Iterable[Json]) -> Iterator[Json]:
    """The lines, each followed by those of its bundle."""
    for line in lines:
        yield line
        yield from (line.get("GroupLineDetail") or {}).get("Line") or ()


def number_lines(draft: Draft, lines: list[Json], *, first: int = 1) -> list[Json]:
    """Give lines their Id and LineNum; an Id the record does not know is new.

    Ids start at `first`; the lines of a bundle are counted after it.
    """
    old = draft.old.body.get("Line") or () if draft.old else ()
    before = {line.get("Id") for line in every_line(old)}
    highest = max(
        (int(one) for one in before if one and one.isdigit()), default=first - 1
    )
    for position, line in enumerate(every_line(lines), start=1):
        number = line.pop("Id", None)
        line.pop("LineNum", None)
        if number is None or (draft.old and number not in before):
            highest += 1
            number = str(highest)
        elif draft.old is None:
            number = str(position - 1 + first)
        rest = dict(line)
        line.clear()
        line.update({"Id": number, "LineNum": Decimal(position), **rest})
    return lines


def detail_of(line: Json) -> tuple[str, Json]:
    """A line's DetailType and the object that belongs to it.

    Raises:
        Refused: neither is there.
    """
    kind = line.get("DetailType")
    if kind is None:
        kind = next((name for name in line if name.endswith("LineDetail")), None)
    if kind is None:
        raise faults.missing("DetailType")
    line["DetailType"] = kind
    name = "DescriptionLineDetail" if kind == "DescriptionOnly" else kind
    detail: Json = line.setdefault(name, {})
    return str(kind), detail


def check_product(line: Json, detail: Json, *, exact: bool = True) -> None:
    """Refuse an Amount that is not UnitPrice x Qty; zeros count as not given.

    An Amount that is missing is computed. Where it need not be `exact` (in templates
    of recurring transactions) it gives the price.
    """
    price, quantity = detail.get("UnitPrice"), detail.get("Qty")
    amount = line.get("Amount")
    if amount is None:
        if price is None or quantity is None:
            raise faults.missing("Amount")
        line["Amount"] = cents(price * quantity)
    elif price and quantity and cents(price * quantity) != amount:
        if exact:
            raise faults.wrong_amount(amount)
        detail["UnitPrice"] = amount / quantity


def check_item(company: Company, number: str) -> Record:
    """The item of a line; a category is no item."""
    item = company.find("Item", number)
    if item is None:
        raise faults.bad_reference("Items", number)
    if item.body["Type"] == "Category":
        raise faults.bad_reference("Items", number)
    return item


def link_type(record: Record) -> str:
    """What links call a transaction; some kinds go by other words there."""
    body, kind = record.body, record.entity.name
    if kind == "BillPayment":
        return f"BillPayment{body['PayType']}"
    if kind != "Purchase":
        return kind
    if body["PaymentType"] == "CreditCard":
        return "CreditCardCredit" if body.get("Credit") else "Expense"
    return "Check" if body["PaymentType"] == "Check" else "Expense"
