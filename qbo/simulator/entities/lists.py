"""Lists that transactions are coded with: accounts, items, classes, terms, tax."""

from collections.abc import Mapping
from typing import Final

from qbo.simulator.entities.kind import (
    CREATE,
    UPDATE,
    Entity,
)
from qbo.simulator.entities.parts import (
    ENVELOPE,
)
from qbo.simulator.fields import (
    anything,
    computed,
    day,
    filtered,
    flag,
    group,
    money,
    number,
    one_of,
    ref,
    rows,
    sorted_by,
    table,
    text,
)

ACCOUNT_TYPES: Final[Mapping[str, str]] = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Other Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Cost of Goods Sold": "Expense",
    "Expense": "Expense",
    "Other Expense": "Expense",
}
"""Account types and the Classification that follows from each."""

ACCOUNT: Final = Entity(
    "Account",
    "Accounts",
    table(
        ENVELOPE,
        *sorted_by(text("Name", 100)),
        *computed(*sorted_by(text("FullyQualifiedName", 500))),
        *filtered(flag("Active"), text("AcctNum", 20)),
        flag("SubAccount"),
        *filtered(ref("ParentRef", "Account")),
        text("Description", 4000),
        *sorted_by(one_of("AccountType", *ACCOUNT_TYPES), text("AccountSubType", 60)),
        *computed(*filtered(text("Classification"))),
        *computed(
            *filtered(money("CurrentBalance"), money("CurrentBalanceWithSubAccounts"))
        ),
        ref("CurrencyRef", "Currency"),
        ref("TaxCodeRef", "TaxCode"),
        text("TxnLocationType", 100),
    ),
    frozenset({CREATE, UPDATE}),
    required=("Name",),
    name_field="Name",
)
ITEM: Final = Entity(
    "Item",
    "Items",
    table(
        ENVELOPE,
        *sorted_by(text("Name", 100), text("Sku", 100)),
        *computed(*sorted_by(text("FullyQualifiedName", 500)), number("Level")),
        *filtered(
            text("Description", 4000),
            flag("Active"),
            one_of("Type", "Service", "NonInventory", "Inventory", "Category", "Group"),
            number("UnitPrice"),
        ),
        text("PurchaseDesc", 1000),
        number("PurchaseCost"),
        *filtered(number("QtyOnHand")),
        number("ReorderPoint"),
        flag("TrackQtyOnHand"),
        day("InvStartDate"),
        flag("Taxable"),
        flag("SalesTaxIncluded"),
        flag("PurchaseTaxIncluded"),
        ref("SalesTaxCodeRef", "TaxCode"),
        ref("PurchaseTaxCodeRef", "TaxCode"),
        ref("TaxClassificationRef", "TaxClassification"),
        ref("IncomeAccountRef", "Account"),
        ref("ExpenseAccountRef", "Account"),
        ref("AssetAccountRef", "Account"),
        flag("SubItem"),
        ref("ParentRef", "Item"),
        ref("PrefVendorRef", "Vendor"),
        flag("PrintGroupedItems"),
        anything("ItemGroupDetail"),
    ),
    frozenset({CREATE, UPDATE}),
    required=("Name",),
    name_field="Name",
)
TERM: Final = Entity(
    "Term",
    "SalesTerms",
    table(
        ENVELOPE,
        *sorted_by(text("Name", 31)),
        *filtered(flag("Active")),
        *computed(text("Type")),
        number("DueDays"),
        number("DiscountDays"),
        number("DiscountPercent"),
        number("DayOfMonthDue"),
        number("DueNextMonthDays"),
        number("DiscountDayOfMonth"),
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
        *sorted_by(text("Name", 31)),
        *filtered(flag("Active")),
        one_of("Type", "CREDIT_CARD", "NON_CREDIT_CARD"),
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
        *sorted_by(text("Name", 100)),
        *computed(*sorted_by(text("FullyQualifiedName", 500))),
        *filtered(flag("Active")),
        flag("SubClass"),
        ref("ParentRef", "Class"),
    ),
    frozenset({CREATE, UPDATE}),
    required=("Name",),
    name_field="Name",
)
_RATE_LIST = (
    rows(
        "TaxRateDetail",
        ref("TaxRateRef", "TaxRate"),
        text("TaxTypeApplicable", 40),
        number("TaxOrder"),
    ),
)
TAX_CODE: Final = Entity(
    "TaxCode",
    "TaxCodes",
    table(
        ENVELOPE,
        *sorted_by(text("Name", 100)),
        text("Description", 100),
        *filtered(flag("Active"), flag("Hidden")),
        flag("Taxable"),
        flag("TaxGroup"),
        group("SalesTaxRateList", _RATE_LIST),
        group("PurchaseTaxRateList", _RATE_LIST),
        text("TaxCodeConfigType", 40),
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
        *sorted_by(text("Name", 100)),
        text("Description", 100),
        *filtered(flag("Active"), number("RateValue")),
        ref("AgencyRef", "TaxAgency"),
        text("SpecialTaxType", 40),
        text("DisplayType", 40),
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
    ),
    frozenset(),
    name_field="DisplayName",
    in_cdc=False,
)

ENTITIES: Final = (
    TERM,
    PAYMENT_METHOD,
    CLASS,
    TAX_AGENCY,
    TAX_RATE,
    TAX_CODE,
    ACCOUNT,
    ITEM,
)
