"""A company from its data file: lists, accounts, preferences; no transactions yet."""

from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from importlib import resources

from qbo.simulator.books.company import Company, Record
from qbo.simulator.books.currencies import CURRENCY_NAMES
from qbo.simulator.clock import PACIFIC
from qbo.simulator.entities import ENTITIES
from qbo.simulator.entities.company import COMPANY_INFO, PREFERENCES
from qbo.simulator.entities.lists import COMPANY_CURRENCY, EXCHANGE_RATE
from qbo.simulator.exact import Json, loads
from qbo.simulator.rules.writes import Circumstances, remember, write
from qbo.simulator.stories.seed import lists, taxes
from qbo.simulator.stories.seed.preferences import preferences


def known() -> list[str]:
    """The slugs of the companies that can be asked for."""
    folder = resources.files("qbo.simulator.companies")
    names = (one.name for one in folder.iterdir())
    return sorted(name.removesuffix(".json") for name in names if name.endswith("json"))


def data_of(slug: str) -> Json:
    """A company's data file.

    Raises:
        ValueError: there is no such company.
    """
    if slug not in known():
        raise ValueError(f"no company {slug!r}; there are: {', '.join(known())}")
    folder = resources.files("qbo.simulator.companies")
    data: Json = loads((folder / f"{slug}.json").read_text("utf-8"))
    return data


def empty_company(slug: str, started: date) -> Company:
    """A company with its lists, as of a day."""
    data = data_of(slug)
    company = Company(data["company"]["realm_id"], slug)
    when = at(started, 8)
    _add_company(company, data, started, when)

    def put(entity: str, number: str, body: Json) -> None:
        _put(company, Record(ENTITIES[entity], number, 0, when, when, body))

    automated = taxes.add(put, data)
    if automated:
        prefs = company.record("Preferences", "1").body
        prefs["TaxPrefs"]["TaxGroupCodeRef"] = {"value": automated}
    lists.add(company, data, started, Circumstances(when))
    taxes.tie_accounts(company, data)
    _set_defaults(company, data["company"])
    company.touched.clear()
    return company


def close_books(company: Company, today: date) -> None:
    """Set the closing date of the data file, or the last year end before today."""
    text = data_of(company.slug)["company"]["book_close_date"]
    if not text:
        return
    closed = date.fromisoformat(text)
    while closed >= today:
        closed = _year_before(closed)
    prefs = company.record("Preferences", "1")
    prefs.body["AccountingInfoPrefs"]["BookCloseDate"] = closed.isoformat()
    company.touch(prefs)


def _year_before(day: date) -> date:
    following = day + timedelta(days=1)
    return following.replace(year=following.year - 1) - timedelta(days=1)


def deactivate(company: Company, around: Circumstances) -> None:
    """Make inactive what the data file says is inactive."""
    for one in data_of(company.slug)["customers"]:
        if not one.get("active", True):
            number = lists.number_of(company, "Customer", one["name"])
            record = company.record("Customer", number)
            change = {"Id": number, "SyncToken": str(record.version), "sparse": True}
            write(company, record.entity, {**change, "Active": False}, around)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day in California."""
    return datetime.combine(day, time_of_day(hour, minute), PACIFIC)


def number_of(company: Company, entity: str, name: str) -> str:
    """The id of the list record with that name, active or not."""
    return lists.number_of(company, entity, name)


def _put(company: Company, record: Record) -> None:
    company.put(record)
    if record.id.isdigit():
        family = record.entity.family
        company.sequences[family] = max(company.sequences[family], int(record.id))
    if record.entity.name_field:
        remember(company, record)


def _add_company(company: Company, data: Json, started: date, when: datetime) -> None:
    about = data["company"]
    address = {"Id": "1", **about["address"]}
    pairs = {
        "NeoEnabled": "true",
        "IndustryType": about["industry"],
        "SubscriptionStatus": "PAID",
        "OfferingSku": f"QuickBooks Online {about.get('plan', 'Plus')}",
        "PayrollFeature": "false",
        "AccountantFeature": "false",
        "IsQbdtMigrated": "false",
    }
    info = {
        "CompanyName": about["name"],
        "LegalName": about["legal_name"],
        "CompanyAddr": address,
        "CustomerCommunicationAddr": dict(address),
        "LegalAddr": dict(address),
        "PrimaryPhone": {"FreeFormNumber": about["phone"]} if "phone" in about else {},
        "CompanyStartDate": started.isoformat(),
        "FiscalYearStartMonth": about["fiscal_year_start_month"],
        "Country": about["country"],
        "Email": {"Address": about["email"]},
        "WebAddr": {"URI": about["web"]} if "web" in about else {},
        "SupportedLanguages": "en",
        "NameValue": [{"Name": name, "Value": value} for name, value in pairs.items()],
    }
    chosen = preferences({**about, "departments": data.get("departments", [])})
    _put(company, Record(COMPANY_INFO, "1", 0, when, when, info))
    _put(company, Record(PREFERENCES, "1", 0, when, when, chosen))
    for code, rate in sorted(about.get("rates", {}).items()):
        _add_currency(company, code, rate, started, when)


def _add_currency(
    company: Company, code: str, rate: str, started: date, when: datetime
) -> None:
    """Let a company deal in a currency, at a rate that holds from its first day on."""
    name = CURRENCY_NAMES[code]
    known = {"Code": code, "Name": name, "Active": True}
    body = {
        "SourceCurrencyCode": code,
        "TargetCurrencyCode": company.home,
        "Rate": Decimal(rate),
        "AsOfDate": started.isoformat(),
    }
    for entity, row in ((COMPANY_CURRENCY, known), (EXCHANGE_RATE, body)):
        number = company.next_id(entity.family)
        _put(company, Record(entity, number, 0, when, when, row))


def _set_defaults(company: Company, about: Json) -> None:
    prefs = company.record("Preferences", "1").body
    terms = {"value": number_of(company, "Term", about["default_terms"])}
    prefs["SalesFormsPrefs"]["DefaultTerms"] = terms
    discount = company.account_of("DiscountsRefundsGiven")
    prefs["SalesFormsPrefs"]["DefaultDiscountAccount"] = discount
    accounts = prefs["AccountingInfoPrefs"]
    accounts["DefaultARAccount"] = {"value": company.control("Accounts Receivable")}
    accounts["DefaultAPAccount"] = {"value": company.control("Accounts Payable")}
