"""The rules all transactions share: dates, numbers, currency, lines, closed periods."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from dateutil.relativedelta import relativedelta

from qbo.simulator import faults
from qbo.simulator.company import Company, Record
from qbo.simulator.draft import CURRENCY_NAMES, Draft
from qbo.simulator.exact import ZERO, Json, cents

_DIGITS = re.compile(r"^(.*?)(\d+)$")
NUMBERED_TOGETHER: Final = ("Invoice", "CreditMemo")
"""Sales forms share one sequence of document numbers."""


def start(draft: Draft, party: str = "") -> None:
    """Date, currency and closed period: what comes first for every transaction."""
    body = draft.body
    body.setdefault("TxnDate", draft.today.isoformat())
    check_open(draft.company, date.fromisoformat(body["TxnDate"]))
    if draft.old:
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
        body["ExchangeRate"] = company.rates.get(currency, Decimal(1))


def in_home(body: Json, amount: Decimal) -> Decimal:
    """An amount of a transaction in the company's own currency."""
    rate: Decimal = body.get("ExchangeRate") or Decimal(1)
    return cents(amount * rate)


def set_total(draft: Draft, total: Decimal) -> None:
    """Write TotalAmt, and its home value where currencies are in use.

    Raises:
        Refused: the total is negative.
    """
    if total < ZERO:
        raise faults.business("Transaction amount must be 0 or greater.")
    draft.body["TotalAmt"] = cents(total)
    if draft.company.multi_currency:
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
    company, body = draft.company, draft.body
    wanted = body.get("DocNumber")
    custom = bool((company.preferences.get("SalesFormsPrefs") or {}).get(CUSTOM))
    automatic = wanted == "AUTO_GENERATE" or bool(body.pop("AutoDocNumber", False))
    if draft.old and not wanted and not automatic and not custom:
        body["DocNumber"] = draft.old.body.get("DocNumber")
    elif automatic or (not wanted and not custom and draft.old is None):
        body["DocNumber"] = next_number(company)
    if wanted and not automatic and draft.changed("DocNumber"):
        _check_duplicate(draft, NUMBERED_TOGETHER, refuse=custom)
    if body.get("DocNumber") is None:
        body.pop("DocNumber", None)


CUSTOM: Final = "CustomTxnNumbers"


def next_number(company: Company) -> str:
    """The next document number: the last one's digits, counted on."""
    found = _DIGITS.match(company.last_number)
    prefix, digits = found.groups() if found else ("", "1000")
    while True:
        digits = str(int(digits) + 1).zfill(len(digits))
        number = f"{prefix}{digits}"
        if not any(company.documents[kind, number] for kind in NUMBERED_TOGETHER):
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


def number_lines(draft: Draft, lines: list[Json]) -> list[Json]:
    """Give lines their Id and LineNum; an Id the record does not know is new."""
    before = {line.get("Id") for line in (draft.old.body["Line"] if draft.old else ())}
    highest = max((int(one) for one in before if one and one.isdigit()), default=0)
    numbered = []
    for position, line in enumerate(lines, start=1):
        number = line.pop("Id", None)
        line.pop("LineNum", None)
        if number is None or (draft.old and number not in before):
            highest += 1
            number = str(highest)
        elif draft.old is None:
            number = str(position)
        numbered.append({"Id": number, "LineNum": Decimal(position), **line})
    return numbered


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


def check_product(line: Json, detail: Json) -> None:
    """Refuse an Amount that is not UnitPrice x Qty; zeros count as not given."""
    amount = line.get("Amount")
    if amount is None:
        raise faults.missing("Amount")
    price, quantity = detail.get("UnitPrice"), detail.get("Qty")
    if price and quantity and cents(price * quantity) != amount:
        raise faults.wrong_amount(amount)


def check_item(company: Company, number: str) -> Record:
    """The item of a line; a category is no item."""
    item = company.find("Item", number)
    if item is None:
        raise faults.bad_reference("Items", number)
    if item.body["Type"] == "Category":
        raise faults.bad_reference("Items", number)
    return item


def apply_balance(company: Company, record: Record) -> None:
    """Write what is still open on a document, and what paid it."""
    body: dict[str, Any] = record.body
    paid = sum(company.applied.get(record.id, {}).values(), ZERO)
    if record.entity.name in {"Invoice", "Bill", "CreditMemo"}:
        open_amount = body["TotalAmt"] - body.get("Deposit", ZERO) - paid
        body["Balance"] = open_amount
        if record.entity.name == "CreditMemo":
            body["RemainingCredit"] = open_amount
        if company.multi_currency:
            body["HomeBalance"] = in_home(body, open_amount)
    own = list(record.notes.get("links", []))
    for payer in company.applied.get(record.id, {}):
        other = company.transaction(payer)
        if other is not None:
            own.append({"TxnId": payer, "TxnType": _link_type(other)})
    body["LinkedTxn"] = own


def _link_type(record: Record) -> str:
    if record.entity.name != "BillPayment":
        return record.entity.name
    return f"BillPayment{record.body['PayType']}"
