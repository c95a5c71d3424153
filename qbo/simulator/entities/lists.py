"""Lists that transactions are coded with: terms, classes, currencies, tax codes."""

from typing import Final

from qbo.simulator.entities.kind import (
    CREATE,
    UPDATE,
    Entity,
)
from qbo.simulator.entities.parts import (
    ENVELOPE,
    address,
)
from qbo.simulator.fields import (
    Field,
    anything,
    computed,
    day,
    filtered,
    flag,
    group,
    moment,
    money,
    number,
    one_of,
    ref,
    rows,
    sorted_by,
    table,
    text,
)


def _named(limit: int) -> tuple[Field, ...]:
    """What every list has: a name, and whether it is in use."""
    return (*sorted_by(text("Name", limit)), *filtered(flag("Active")))


_FULL_NAME: Final = computed(*sorted_by(text("FullyQualifiedName", 500)))

TERM: Final = Entity(
    "Term",
    "SalesTerms",
    table(
        ENVELOPE,
        _named(31),
        *computed(*filtered(text("Type"))),
        number("DueDays"),
        number("DiscountDays"),
        number("DiscountPercent"),
        number("DayOfMonthDue"),
        number("DueNextMonthDays"),
        number("DiscountDayOfMonth"),
        *computed(anything("SalesTermEx")),
    ),
    frozenset({CREATE, UPDATE}),
    required=("Name",),
    name_field="Name",
)
PAYMENT_METHOD: Final = Entity(
    "PaymentMethod",
    "PaymentMethods",
    table(
        ENVELOPE,
        _named(31),
        *filtered(one_of("Type", "CREDIT_CARD", "NON_CREDIT_CARD")),
        *computed(anything("PaymentMethodEx")),
    ),
    frozenset({CREATE, UPDATE}),
    required=("Name",),
    name_field="Name",
)
CLASS: Final = Entity(
    "Class",
    "Klasses",
    table(
        ENVELOPE,
        _named(100),
        _FULL_NAME,
        *computed(flag("SubClass")),
        *filtered(ref("ParentRef", "Class")),
        *computed(anything("ClassEx")),
    ),
    frozenset({CREATE, UPDATE}),
    required=("Name",),
    name_field="Name",
)
DEPARTMENT: Final = Entity(
    "Department",
    "Depts",
    table(
        ENVELOPE,
        _named(100),
        _FULL_NAME,
        *computed(flag("SubDepartment")),
        *filtered(ref("ParentRef", "Department")),
        address("Address"),
        *computed(anything("DepartmentEx")),
    ),
    frozenset({CREATE, UPDATE}),
    required=("Name",),
    name_field="Name",
)
CUSTOMER_TYPE: Final = Entity(
    "CustomerType",
    "CustomerTypes",
    table(ENVELOPE, _named(100), _FULL_NAME, ref("ParentRef", "CustomerType")),
    frozenset(),
    required=("Name",),
    name_field="Name",
)
"""Made in QuickBooks' own screens only; the API reads it."""

COMPANY_CURRENCY: Final = Entity(
    "CompanyCurrency",
    "Currencies",
    table(
        ENVELOPE,
        *filtered(flag("Active")),
        *sorted_by(text("Code", 3), text("Name", 100)),
        *computed(anything("CompanyCurrencyEx")),
    ),
    frozenset({CREATE, UPDATE}),
    required=("Code",),
)
EXCHANGE_RATE: Final = Entity(
    "ExchangeRate",
    "ExchangeRates",
    table(
        ENVELOPE,
        *sorted_by(text("SourceCurrencyCode", 3)),
        *computed(*filtered(text("TargetCurrencyCode", 3))),
        number("Rate"),
        *sorted_by(day("AsOfDate")),
        *computed(anything("ExchangeRateEx")),
    ),
    frozenset({CREATE, UPDATE}),
    required=("SourceCurrencyCode", "Rate"),
)
BUDGET: Final = Entity(
    "Budget",
    "Budgets",
    table(
        ENVELOPE,
        _named(100),
        *sorted_by(day("StartDate"), day("EndDate")),
        *filtered(
            one_of("BudgetType", "ProfitAndLoss", "BalanceSheet"),
            one_of("BudgetEntryType", "Monthly", "Quarterly", "Annually", "Yearly"),
        ),
        rows(
            "BudgetDetail",
            day("BudgetDate"),
            money("Amount"),
            ref("AccountRef", "Account"),
            ref("CustomerRef", "Customer"),
            ref("ClassRef", "Class"),
            ref("DepartmentRef", "Department"),
            *computed(anything("CustomExtensions")),
        ),
    ),
    frozenset(),
    required=("Name", "StartDate", "EndDate"),
    name_field="Name",
)
"""Made in QuickBooks' own screens only; the API reads it."""

_RATE_LIST = (
    rows(
        "TaxRateDetail",
        ref("TaxRateRef", "TaxRate"),
        text("TaxTypeApplicable", 40),
        number("TaxOrder"),
        number("TaxOnTaxOrder"),
    ),
)
TAX_CODE: Final = Entity(
    "TaxCode",
    "TaxCodes",
    table(
        ENVELOPE,
        _named(100),
        text("Description", 100),
        *filtered(flag("Hidden"), flag("Taxable"), flag("TaxGroup")),
        group("SalesTaxRateList", _RATE_LIST),
        group("PurchaseTaxRateList", _RATE_LIST),
        group("AdjustmentTaxRateList", _RATE_LIST),
        text("TaxCodeConfigType", 40),
        *computed(anything("TaxCodeEx")),
    ),
    frozenset(),
    name_field="Name",
    in_cdc=False,
)
TAX_RATE: Final = Entity(
    "TaxRate",
    "TaxRates",
    table(
        ENVELOPE,
        _named(100),
        text("Description", 100),
        *filtered(number("RateValue")),
        *filtered(ref("AgencyRef", "TaxAgency")),
        text("SpecialTaxType", 40),
        text("DisplayType", 40),
        anything("TaxReturnLineRef"),
        anything("OriginalTaxRate"),
        rows(
            "EffectiveTaxRate",
            number("RateValue"),
            moment("EffectiveDate"),
            moment("EndDate"),
        ),
        *computed(anything("TaxRateEx")),
    ),
    frozenset(),
    name_field="Name",
    in_cdc=False,
)
TAX_AGENCY: Final = Entity(
    "TaxAgency",
    "TaxAgencies",
    table(
        ENVELOPE,
        *sorted_by(text("DisplayName", 100)),
        flag("TaxTrackedOnSales"),
        flag("TaxTrackedOnPurchases"),
        *computed(
            text("TaxRegistrationNumber"),
            day("LastFileDate"),
            text("ReportingPeriod"),
            text("TaxAgencyConfig"),
            anything("TaxAgencyExt"),
        ),
    ),
    frozenset({CREATE}),
    required=("DisplayName",),
    name_field="DisplayName",
    in_cdc=False,
)

ENTITIES: Final = (
    TERM,
    PAYMENT_METHOD,
    CLASS,
    DEPARTMENT,
    CUSTOMER_TYPE,
    COMPANY_CURRENCY,
    EXCHANGE_RATE,
    TAX_AGENCY,
    TAX_RATE,
    TAX_CODE,
    BUDGET,
)
