"""The currencies a company deals in, and their rates by day.

A rate holds from its day on until the next one that was set.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from qbo.simulator import faults
from qbo.simulator.books.company import CONTROL_TYPES, Company, Record
from qbo.simulator.books.currencies import CURRENCY_NAMES, usual_rate
from qbo.simulator.books.table import Table
from qbo.simulator.clock import PACIFIC
from qbo.simulator.entities.lists import EXCHANGE_RATE
from qbo.simulator.exact import Json
from qbo.simulator.rules.draft import Draft, Enter, Follow, Rule

RATE_MAX: Final = Decimal(10) ** 9
_DAY: Final = len("2026-01-01")
_LAST: Final = "9999"
"""A day after all others."""


def check_currency(draft: Draft) -> None:
    """Complete CurrencyRef, which a record keeps for ever.

    Raises:
        Refused: the currency is unknown, not in use, or another one than before.
    """
    company, home = draft.company, draft.company.home
    code = draft.ref("CurrencyRef") or home
    if code not in CURRENCY_NAMES or (code != home and not company.multi_currency):
        raise faults.business("The currency is not in use in this company.")
    if draft.old and (draft.old.ref("CurrencyRef") or home) != code:
        raise faults.business("The currency of a record cannot be changed.")
    draft.body["CurrencyRef"] = {"value": code, "name": CURRENCY_NAMES[code]}


def rate_on(company: Company, code: str, day: date) -> Decimal:
    """So many units of home currency for one of another, on a day."""
    if code == company.home:
        return Decimal(1)
    record = _record_on(company, code, day.isoformat())
    if record is None:
        return usual_rate(code, company.home)
    rate: Decimal = record.body["Rate"]
    return rate


def on_day(company: Company, code: str, day: str) -> Record | None:
    """The ExchangeRate of a currency as of a day; None for a currency not in use."""
    if code == company.home:
        when = company.record("Preferences", "1").created
        home: Json = {"SourceCurrencyCode": code, "TargetCurrencyCode": code}
        home |= {"Rate": Decimal(1), "AsOfDate": day}
        return Record(EXCHANGE_RATE, "0", 0, when, when, home)
    found = _record_on(company, code, day)
    if found is None or found.body["AsOfDate"] == day:
        return found
    body = {**found.body, "AsOfDate": day}
    return Record(
        EXCHANGE_RATE, found.id, found.version, found.created, found.updated, body
    )


def table_of(company: Company, day: str = "") -> Table:
    """One rate for each currency: as of a day, or the latest there is."""
    table = Table(EXCHANGE_RATE)
    codes = {one.body["SourceCurrencyCode"] for one in company.records("ExchangeRate")}
    for code in codes:
        found = on_day(company, code, day) if day else _record_on(company, code, _LAST)
        if found is not None:
            found.read_keys()
            table[found.id] = found
    return table


def addressed(company: Company, given: Json, when: datetime) -> Json:
    """A rate as sent, with the Id of the rate of that day, or with none.

    Rates are found by currency and day; what Id a client sends does not count.
    """
    code, day = given.get("SourceCurrencyCode"), given.get("AsOfDate")
    today = when.astimezone(PACIFIC).date()
    given = {**given, "AsOfDate": day or today.isoformat()}
    given.pop("Id", None)
    for record in company.records("ExchangeRate"):
        body = record.body
        same = body["SourceCurrencyCode"] == code
        if same and body["AsOfDate"] == str(given["AsOfDate"])[:_DAY]:
            given["Id"] = record.id
            if not given.get("SyncToken") and given.get("SyncToken") != 0:
                given["SyncToken"] = str(record.version)
    return given


def exchange_rate(draft: Draft) -> None:
    """The rate of a currency from a day on."""
    body, home = draft.body, draft.company.home
    code = body["SourceCurrencyCode"]
    if code not in CURRENCY_NAMES or code == home:
        raise faults.refusal(
            "2500", f"Invalid Reference Id : currency {code}", "SourceCurrencyCode"
        )
    if not 0 < body["Rate"] < RATE_MAX:
        raise faults.refusal("2080", f"Invalid Number : {body['Rate']}", "Rate")
    body["TargetCurrencyCode"] = home


def company_currency(draft: Draft) -> None:
    """A foreign currency that the company deals in."""
    body, company = draft.body, draft.company
    body.setdefault("Active", True)
    code = body["Code"]
    if code not in CURRENCY_NAMES:
        raise faults.refusal("2170", f"Invalid Enumeration: {code}", "Code")
    if draft.changed("Code"):
        if draft.old:
            raise faults.business("The code of a currency cannot be changed.")
        if not company.multi_currency:
            raise faults.business("Multicurrency is not turned on.")
        if code == company.home or _find(company, code):
            known = _find(company, code)
            raise faults.duplicate_name(known.id if known else "0")
    body["Name"] = CURRENCY_NAMES[code]


def adopt(draft: Draft, record: Record, enter: Enter) -> None:
    """Begin to deal in the currency of a new customer, vendor or account."""
    code = record.ref("CurrencyRef")
    if code != draft.company.home and _find(draft.company, code) is None:
        enter("CompanyCurrency", {"Code": code})


def equip(draft: Draft, record: Record, enter: Enter) -> None:
    """Give a new currency a rate, and accounts for what is owed in it."""
    company, code = draft.company, record.body["Code"]
    if _record_on(company, code, _LAST) is None:
        rate = usual_rate(code, company.home)
        day = draft.today.isoformat()
        body = {"SourceCurrencyCode": code, "Rate": rate, "AsOfDate": day}
        enter("ExchangeRate", body)
    for kind in CONTROL_TYPES:
        number = company.control(kind, code)
        main = company.find("Account", number)
        if main and main.ref("CurrencyRef") != code:
            body = {"Name": f"{main.body['Name']} - {code}", "AccountType": kind}
            enter("Account", {**body, "CurrencyRef": {"value": code}})


def _find(company: Company, code: str) -> Record | None:
    for record in company.records("CompanyCurrency"):
        if record.body["Code"] == code:
            return record
    return None


def _record_on(company: Company, code: str, day: str) -> Record | None:
    """The latest rate set up to a day, or else the first one after it."""
    known = [
        one
        for one in company.records("ExchangeRate")
        if one.body["SourceCurrencyCode"] == code
    ]
    known.sort(key=lambda one: str(one.body["AsOfDate"]))
    before = [one for one in known if one.body["AsOfDate"] <= day]
    return before[-1] if before else next(iter(known), None)


RULES: Final[Mapping[str, Rule]] = {
    "CompanyCurrency": company_currency,
    "ExchangeRate": exchange_rate,
}
FOLLOWS: Final[Mapping[str, tuple[Follow, ...]]] = {
    "CompanyCurrency": (equip,),
    "Customer": (adopt,),
    "Vendor": (adopt,),
    "Account": (adopt,),
}
