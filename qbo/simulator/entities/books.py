"""What books are made of: accounts, and the items that are sold and bought."""

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
        *sorted_by(text("AcctNum", 20)),
        *filtered(flag("Active")),
        *computed(*filtered(flag("SubAccount"))),
        *filtered(ref("ParentRef", "Account")),
        text("Description", 4000),
        *sorted_by(one_of("AccountType", *ACCOUNT_TYPES), text("AccountSubType", 60)),
        *computed(*filtered(text("Classification"))),
        *computed(
            *filtered(money("CurrentBalance"), money("CurrentBalanceWithSubAccounts"))
        ),
        money("OpeningBalance"),
        day("OpeningBalanceDate"),
        *filtered(ref("CurrencyRef", "Currency")),
        ref("TaxCodeRef", "TaxCode"),
        flag("TaxAccount"),
        text("TxnLocationType", 100),
        text("AccountAlias", 100),
        text("AcctNumExtn", 20),
        text("BankNum", 40),
        *computed(
            flag("OnlineBankingEnabled"),
            text("FIName"),
            anything("AccountPurposes"),
            anything("JournalCodeRef"),
            anything("AccountEx"),
        ),
    ),
    frozenset({CREATE, UPDATE}),
    required=("Name",),
    name_field="Name",
)
"""OpeningBalance is written once, when the account is created."""

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
            number("QtyOnHand"),
            flag("TrackQtyOnHand"),
            flag("Taxable"),
            ref("ParentRef", "Item"),
        ),
        text("PurchaseDesc", 1000),
        *filtered(number("PurchaseCost")),
        number("ReorderPoint"),
        day("InvStartDate"),
        flag("SalesTaxIncluded"),
        flag("PurchaseTaxIncluded"),
        ref("SalesTaxCodeRef", "TaxCode"),
        ref("PurchaseTaxCodeRef", "TaxCode"),
        ref("TaxClassificationRef", "TaxClassification"),
        *filtered(
            ref("IncomeAccountRef", "Account"),
            ref("ExpenseAccountRef", "Account"),
            ref("AssetAccountRef", "Account"),
        ),
        *computed(flag("SubItem")),
        ref("ClassRef", "Class"),
        ref("PrefVendorRef", "Vendor"),
        flag("PrintGroupedItems"),
        group(
            "ItemGroupDetail",
            rows(
                "ItemGroupLine",
                ref("ItemRef", "Item"),
                number("Qty"),
                *computed(anything("UOMRef")),
            ),
        ),
        text("ManPartNum", 100),
        text("ItemCategoryType", 40),
        text("ServiceType", 40),
        text("UQCId", 40),
        text("UQCDisplayText", 25),
        number("AbatementRate"),
        number("ReverseChargeRate"),
        text("Source", 40),
        flag("DeferredRevenue"),
        *computed(
            number("AvgCost"),
            number("QtyOnPurchaseOrder"),
            number("QtyOnSalesOrder"),
            number("BuildPoint"),
            flag("PercentBased"),
            number("RatePercent"),
            flag("SpecialItem"),
            text("SpecialItemType"),
            anything("PaymentMethodRef"),
            anything("UOMSetRef"),
            anything("COGSAccountRef"),
            anything("DepositToAccountRef"),
            anything("ItemAssemblyDetail"),
            anything("CustomExtensions"),
            anything("ItemEx"),
        ),
    ),
    frozenset({CREATE, UPDATE}),
    required=("Name",),
    name_field="Name",
)

ENTITIES: Final = (ACCOUNT, ITEM)
