"""A company from its data file: lists, accounts, preferences; no transactions yet."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from importlib import resources
from typing import Final

from qbo.simulator.clock import PACIFIC
from qbo.simulator.company import SYSTEM_ACCOUNTS, Company, Record
from qbo.simulator.entities import ENTITIES
from qbo.simulator.entities.company import COMPANY_INFO, PREFERENCES
from qbo.simulator.exact import Json, loads
from qbo.simulator.writes import Circumstances, create, remember, write

EURO_IN_POUNDS: Final = Decimal("0.8600")
_ADDRESSES: Final = {
    "US": {
        "Line1": "418 Harbor Street",
        "City": "Fernwood",
        "CountrySubDivisionCode": "WA",
        "PostalCode": "98250",
        "Country": "USA",
    },
    "GB": {
        "Line1": "7 Canal Wharf",
        "City": "Hebden Bridge",
        "CountrySubDivisionCode": "West Yorkshire",
        "PostalCode": "HX7 8AD",
        "Country": "GBR",
    },
}
_TAXED_TYPES: Final = frozenset({"NonInventory", "Inventory"})
_COST_SHARE: Final = Decimal("0.55")
"""What an item of stock costs, as a share of its price."""


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
    around = Circumstances(when)
    _add_info(company, data["company"], started, when)
    _add_taxes(company, data["tax_codes"], when)
    for name, days in data["terms"]:
        _make(company, "Term", {"Name": name, "DueDays": days}, around)
    for name in data["payment_methods"]:
        kind = "CREDIT_CARD" if "Card" in name else "NON_CREDIT_CARD"
        _make(company, "PaymentMethod", {"Name": name, "Type": kind}, around)
    for name in data["classes"]:
        _make(company, "Class", {"Name": name}, around)
    _add_accounts(company, data, around)
    _add_items(company, data["items"], started, around)
    _add_customers(company, data, around)
    for name in data["vendors"]:
        terms = {"value": _id(company, "Term", "Net 30")}
        _make(company, "Vendor", {"DisplayName": name, "TermRef": terms}, around)
    _set_defaults(company, data["company"])
    company.touched.clear()
    return company


def close_books(company: Company, today: date) -> None:
    """Set the closing date of the data file, or the last year end before today."""
    text = data_of(company.slug)["company"]["book_close_date"]
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
            number = _id(company, "Customer", one["name"])
            record = company.record("Customer", number)
            change = {"Id": number, "SyncToken": str(record.version), "sparse": True}
            write(company, record.entity, {**change, "Active": False}, around)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day in California."""
    return datetime.combine(day, time_of_day(hour, minute), PACIFIC)


def number_of(company: Company, entity: str, name: str) -> str:
    """The id of the list record with that name, active or not."""
    return _id(company, entity, name)


def _make(company: Company, entity: str, body: Json, around: Circumstances) -> Record:
    return create(company, ENTITIES[entity], body, around)


def _id(company: Company, entity: str, name: str) -> str:
    kind = ENTITIES[entity]
    place = kind.family if kind.family == "Names" else entity
    return company.names[place, name.casefold()][1]


def _put(
    company: Company, entity: str, number: str, body: Json, when: datetime
) -> None:
    record = Record(ENTITIES[entity], number, 0, when, when, body)
    company.put(record)
    if record.entity.name_field:
        remember(company, record)


def _add_info(company: Company, data: Json, started: date, when: datetime) -> None:
    address = {"Id": "1", **_ADDRESSES[data["country"]]}
    pairs = {
        "NeoEnabled": "true",
        "IndustryType": "Landscaping Services",
        "SubscriptionStatus": "PAID",
        "OfferingSku": "QuickBooks Online Plus",
        "PayrollFeature": "false",
        "AccountantFeature": "false",
        "IsQbdtMigrated": "false",
    }
    info = {
        "CompanyName": data["name"],
        "LegalName": data["legal_name"],
        "CompanyAddr": address,
        "CustomerCommunicationAddr": dict(address),
        "LegalAddr": dict(address),
        "PrimaryPhone": {},
        "CompanyStartDate": started.isoformat(),
        "FiscalYearStartMonth": data["fiscal_year_start_month"],
        "Country": data["country"],
        "Email": {"Address": data["email"]},
        "WebAddr": {},
        "SupportedLanguages": "en",
        "NameValue": [{"Name": name, "Value": value} for name, value in pairs.items()],
    }
    company.put(Record(COMPANY_INFO, "1", 0, when, when, info))
    company.put(Record(PREFERENCES, "1", 0, when, when, _preferences(data)))
    if data["multi_currency"]:
        company.rates["EUR"] = EURO_IN_POUNDS


def _preferences(data: Json) -> Json:
    name = data["name"]
    us = data["country"] == "US"
    message = "Thank you for your business."
    pairs = {
        "SalesFormsPrefs.DefaultCustomerMessage": message,
        "WarnDuplicateCheckNumber": "true",
        "WarnDuplicateBillNumber": "true",
        "ProjectsEnabled": "false",
        "DateFormatMnemonic": "MMDDYYYY_SEP_SLASH" if us else "DDMMYYYY_SEP_SLASH",
        "NumberFormatMnemonic": "US_NB" if us else "UK_NB",
    }
    return {
        "AccountingInfoPrefs": {
            "UseAccountNumbers": False,
            "TrackDepartments": False,
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": True,
            "FirstMonthOfFiscalYear": data["fiscal_year_start_month"],
            "TaxYearMonth": data["fiscal_year_start_month"],
            "CustomerTerminology": "Customers",
            "DepartmentTerminology": "Location",
        },
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": True,
        },
        "SalesFormsPrefs": {
            "CustomTxnNumbers": data["custom_txn_numbers"],
            "AllowDeposit": True,
            "AllowDiscount": True,
            "AllowEstimates": True,
            "AllowServiceDate": False,
            "AllowShipping": False,
            "DefaultCustomerMessage": message,
            "AutoApplyCredit": False,
            "AutoApplyPayments": False,
            "EmailCopyToCompany": False,
            "ETransactionPaymentEnabled": False,
            "IPNSupportEnabled": False,
            "UsingProgressInvoicing": False,
        },
        "EmailMessagesPrefs": {
            f"{kind}Message": {"Subject": f"{kind} from {name}", "Message": message}
            for kind in ("Invoice", "Estimate", "SalesReceipt", "Statement")
        },
        "VendorAndPurchasesPrefs": {
            "EnableBills": True,
            "TrackingByCustomer": True,
            "BillableExpenseTracking": True,
        },
        "TimeTrackingPrefs": {
            "UseServices": True,
            "BillCustomers": True,
            "ShowBillRateToAll": False,
            "WorkWeekStartDate": "Monday",
            "MarkTimeEntriesBillable": True,
        },
        "TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": True}
        if us
        else {"UsingSalesTax": True},
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": data["multi_currency"],
            "HomeCurrency": {"value": data["home_currency"]},
        },
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {
            "NameValue": [{"Name": key, "Value": text} for key, text in pairs.items()]
        },
    }


def _add_taxes(company: Company, codes: Iterable[Json], when: datetime) -> None:
    us = company.is_us
    agency = "State Tax Authority" if us else "HM Revenue & Customs"
    body = {"DisplayName": agency, "TaxTrackedOnSales": True}
    body["TaxTrackedOnPurchases"] = not us
    _put(company, "TaxAgency", "1", body, when)
    if us:
        rate = next(one["rate"] for one in codes if one["taxable"])
        _add_us_code(company, Decimal(rate), when)
        return
    for place, code in enumerate(codes, start=1):
        rate_ids = {"Sales": str(2 * place), "Purchase": str(2 * place - 1)}
        for side, number in rate_ids.items():
            name = f"{code['name']} ({side})"
            _put(company, "TaxRate", number, _rate(name, Decimal(code["rate"])), when)
        _put(
            company,
            "TaxCode",
            str(place),
            {
                "Name": code["name"],
                "Description": code["name"],
                "Active": True,
                "Hidden": False,
                "Taxable": code["taxable"],
                "TaxGroup": True,
                "SalesTaxRateList": _rate_list(rate_ids["Sales"], code),
                "PurchaseTaxRateList": _rate_list(rate_ids["Purchase"], code),
            },
            when,
        )


def _rate(name: str, percent: Decimal) -> Json:
    return {
        "Name": name,
        "Description": name,
        "Active": True,
        "RateValue": percent,
        "AgencyRef": {"value": "1"},
        "SpecialTaxType": "NONE" if percent else "ZERO_RATE",
        "DisplayType": "ReadOnly",
    }


def _rate_list(number: str, code: Json) -> Json:
    detail = {
        "TaxRateRef": {"value": number},
        "TaxTypeApplicable": "TaxOnAmount",
        "TaxOrder": 0,
    }
    return {"TaxRateDetail": [detail] if code["taxable"] else []}


def _add_us_code(company: Company, percent: Decimal, when: datetime) -> None:
    _put(company, "TaxRate", "3", _rate("Fernwood sales tax", percent), when)
    pseudo = {"TAX": (True, False), "NON": (False, False)}
    pseudo["CustomSalesTax"] = (True, True)
    for name, (taxable, grouped) in pseudo.items():
        body = {"Name": name, "Description": name, "Active": True, "Hidden": False}
        body.update({"Taxable": taxable, "TaxGroup": grouped})
        _put(company, "TaxCode", name, body, when)
    body = {
        "Name": "Fernwood",
        "Description": f"Sales tax {percent.normalize()} %",
        "Active": True,
        "Hidden": False,
        "Taxable": True,
        "TaxGroup": True,
        "SalesTaxRateList": _rate_list("3", {"taxable": True}),
        "PurchaseTaxRateList": {"TaxRateDetail": []},
    }
    _put(company, "TaxCode", "2", body, when)
    prefs = company.record("Preferences", "1").body
    prefs["TaxPrefs"]["TaxGroupCodeRef"] = {"value": "2"}


def _add_accounts(company: Company, data: Json, around: Circumstances) -> None:
    for name, kind, subtype in data["accounts"]:
        body = {"Name": name, "AccountType": kind, "AccountSubType": subtype}
        _make(company, "Account", body, around)
    for subtype, (name, kind) in SYSTEM_ACCOUNTS.items():
        if not company.account_of(subtype):
            body = {"Name": name, "AccountType": kind, "AccountSubType": subtype}
            _make(company, "Account", body, around)
    for currency in sorted({one.get("currency", "") for one in data["customers"]}):
        for kind in ("Accounts Receivable", "Accounts Payable"):
            if currency:
                main = company.record("Account", company.control(kind)).body
                body = {
                    "Name": f"{main['Name']} - {currency}",
                    "AccountType": kind,
                    "CurrencyRef": {"value": currency},
                }
                _make(company, "Account", body, around)


def _add_items(
    company: Company, items: Iterable[Json], started: date, around: Circumstances
) -> None:
    for one in items:
        price = Decimal(one["price"])
        body: Json = {
            "Name": one["name"],
            "Description": one["name"],
            "Type": one["type"],
            "UnitPrice": price,
            "IncomeAccountRef": {"value": _id(company, "Account", one["income"])},
            "Taxable": company.is_us and one["type"] in _TAXED_TYPES,
        }
        if one["type"] in _TAXED_TYPES:
            cost = company.account_of("SuppliesMaterialsCogs")
            body["ExpenseAccountRef"] = {"value": cost}
            body["PurchaseCost"] = (price * _COST_SHARE).quantize(Decimal("0.01"))
        if one["type"] == "Inventory":
            body["AssetAccountRef"] = {"value": company.account_of("Inventory")}
            body["QtyOnHand"] = Decimal(one["quantity"])
            body["InvStartDate"] = started.isoformat()
        if "tax_code" in one:
            body["SalesTaxCodeRef"] = {
                "value": _id(company, "TaxCode", one["tax_code"])
            }
        _make(company, "Item", body, around)


def _add_customers(company: Company, data: Json, around: Circumstances) -> None:
    city = _ADDRESSES[data["company"]["country"]]
    for place, one in enumerate(data["customers"], start=1):
        body: Json = {
            "DisplayName": one["name"],
            "PrimaryEmailAddr": {"Address": one["email"]},
            "SalesTermRef": {"value": _id(company, "Term", one["terms"])},
            "PreferredDeliveryMethod": "Email",
            "BillAddr": {**city, "Line1": f"{100 + 7 * place} Main Street"},
        }
        if "given" in one:
            body["GivenName"], body["FamilyName"] = one["given"], one["family"]
        else:
            body["CompanyName"] = one["name"]
        if "parent" in one:
            body["ParentRef"] = {"value": _id(company, "Customer", one["parent"])}
            body["Job"] = True
        if "currency" in one:
            body["CurrencyRef"] = {"value": one["currency"]}
        _make(company, "Customer", body, around)


def _set_defaults(company: Company, data: Json) -> None:
    prefs = company.record("Preferences", "1").body
    terms = {"value": _id(company, "Term", data["default_terms"])}
    prefs["SalesFormsPrefs"]["DefaultTerms"] = terms
    discount = company.account_of("DiscountsRefundsGiven")
    prefs["SalesFormsPrefs"]["DefaultDiscountAccount"] = discount
    accounts = prefs["AccountingInfoPrefs"]
    accounts["DefaultARAccount"] = {"value": company.control("Accounts Receivable")}
    accounts["DefaultAPAccount"] = {"value": company.control("Accounts Payable")}
