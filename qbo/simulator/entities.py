"""The table of entities: what each has, needs, and can be asked for.

Everything that differs between an invoice and a vendor without being bookkeeping
stands here as data; the bookkeeping is in `rules` and `postings`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from qbo.simulator.fields import (
    Field,
    anything,
    computed,
    day,
    email,
    filtered,
    flag,
    group,
    group_of_anything,
    money,
    number,
    one_of,
    ref,
    rows,
    sorted_by,
    table,
    text,
)

CREATE: Final = "create"
UPDATE: Final = "update"
DELETE: Final = "delete"
VOID: Final = "void"
SEND: Final = "send"
PDF: Final = "pdf"


@dataclass(frozen=True)
class Entity:
    """One kind of record.

    `family` is both the sequence its ids come from and the word that 2500 uses for
    it. `operations` are the writes it has; `void_by_include` tells the two spellings
    of void apart. `sparse_required` fields have to come with a sparse update too.
    """

    name: str
    family: str
    fields: Mapping[str, Field]
    operations: frozenset[str]
    required: tuple[str, ...] = ()
    transaction: bool = False
    single: bool = False
    name_field: str = ""
    void_by_include: bool = False
    in_cdc: bool = True
    sparse_required: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Its segment in an address: `creditmemo`."""
        return self.name.lower()

    @property
    def has_active(self) -> bool:
        """Whether its records are made inactive rather than deleted."""
        return "Active" in self.fields and not self.transaction


ENVELOPE: Final = (
    text("Id", 40),
    text("SyncToken", 20),
    text("domain", 20),
    flag("sparse"),
    anything("MetaData"),
)
ADDRESS_FIELDS: Final = (
    text("Id", 40),
    *(text(f"Line{n}", 500) for n in range(1, 6)),
    text("City", 255),
    text("Country", 255),
    text("CountryCode", 10),
    text("CountrySubDivisionCode", 255),
    text("PostalCode", 30),
    text("PostalCodeSuffix", 30),
    text("Note", 255),
    text("Tag", 255),
    *computed(text("Lat"), text("Long")),
)


def _address(name: str) -> Field:
    return group(name, ADDRESS_FIELDS)


def _phone(name: str) -> Field:
    return group(name, text("FreeFormNumber", 30))


PERSON: Final = (
    text("Title", 16),
    *sorted_by(
        text("GivenName", 100),
        text("MiddleName", 100),
        text("FamilyName", 100),
    ),
    text("Suffix", 16),
    *sorted_by(
        text("DisplayName", 500),
        text("CompanyName", 100),
        text("PrintOnCheckName", 110),
    ),
    *filtered(flag("Active")),
    _phone("PrimaryPhone"),
    _phone("AlternatePhone"),
    _phone("Mobile"),
    _phone("Fax"),
    *filtered(email("PrimaryEmailAddr")),
    group("WebAddr", text("URI", 1000)),
    _address("BillAddr"),
    text("Notes", 4000),
    ref("CurrencyRef", "Currency"),
    text("PrimaryTaxIdentifier", 20),
    text("ClientEntityId", 40),
    *computed(text("V4IDPseudonym")),
)

CUSTOMER: Final = Entity(
    "Customer",
    "Names",
    table(
        ENVELOPE,
        PERSON,
        *computed(*sorted_by(text("FullyQualifiedName", 500))),
        *computed(*filtered(money("Balance"), money("BalanceWithJobs"))),
        day("OpenBalanceDate"),
        *filtered(flag("Job")),
        *filtered(ref("ParentRef", "Customer")),
        *computed(number("Level"), flag("IsProject")),
        flag("BillWithParent"),
        _address("ShipAddr"),
        flag("Taxable"),
        ref("DefaultTaxCodeRef", "TaxCode"),
        text("ResaleNum", 16),
        text("SecondaryTaxIdentifier", 20),
        text("TaxExemptionReasonId", 10),
        ref("SalesTermRef", "Term"),
        ref("PaymentMethodRef", "PaymentMethod"),
        one_of("PreferredDeliveryMethod", "None", "Print", "Email"),
        ref("CustomerTypeRef", "CustomerType"),
        ref("ARAccountRef", "Account"),
        text("BusinessNumber", 20),
    ),
    frozenset({CREATE, UPDATE}),
    name_field="DisplayName",
)
VENDOR: Final = Entity(
    "Vendor",
    "Names",
    table(
        ENVELOPE,
        PERSON,
        *computed(*filtered(money("Balance"))),
        text("AcctNum", 100),
        flag("Vendor1099"),
        ref("TermRef", "Term"),
        ref("APAccountRef", "Account"),
        text("TaxIdentifier", 20),
        text("BusinessNumber", 20),
        number("BillRate"),
        number("CostRate"),
        _address("OtherAddr"),
    ),
    frozenset({CREATE, UPDATE}),
    name_field="DisplayName",
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

LINKS: Final = rows(
    "LinkedTxn", text("TxnId", 40), text("TxnType", 40), text("TxnLineId", 40)
)
TAX_LINE: Final = rows(
    "TaxLine",
    money("Amount"),
    text("DetailType", 40),
    group(
        "TaxLineDetail",
        ref("TaxRateRef", "TaxRate"),
        flag("PercentBased"),
        number("TaxPercent"),
        money("NetAmountTaxable"),
        money("TaxInclusiveAmount"),
        money("OverrideDeltaAmount"),
    ),
)
TAX_DETAIL: Final = group(
    "TxnTaxDetail",
    ref("TxnTaxCodeRef", "TaxCode"),
    money("TotalTax"),
    TAX_LINE,
    flag("UseAutomatedSalesTax"),
    text("TaxReviewStatus", 60),
)
ITEM_MEMBERS: Final = (
    ref("ItemRef", "Item"),
    number("Qty"),
    number("UnitPrice"),
    ref("TaxCodeRef", "TaxCode"),
    ref("ClassRef", "Class"),
    anything("MarkupInfo"),
    money("TaxInclusiveAmt"),
    *computed(ref("ItemAccountRef", "Account")),
)
SALES_DETAIL: Final = group(
    "SalesItemLineDetail",
    ITEM_MEMBERS,
    day("ServiceDate"),
    number("DiscountRate"),
    money("DiscountAmt"),
    ref("TaxClassificationRef", "TaxClassification"),
)
EXPENSE_MEMBERS: Final = (
    ref("CustomerRef", "Customer"),
    one_of("BillableStatus", "Billable", "NotBillable", "HasBeenBilled"),
)
ACCOUNT_DETAIL: Final = group(
    "AccountBasedExpenseLineDetail",
    ref("AccountRef", "Account"),
    ref("TaxCodeRef", "TaxCode"),
    ref("ClassRef", "Class"),
    money("TaxAmount"),
    money("TaxInclusiveAmt"),
    anything("MarkupInfo"),
    EXPENSE_MEMBERS,
)
ITEM_EXPENSE_DETAIL: Final = group(
    "ItemBasedExpenseLineDetail", ITEM_MEMBERS, EXPENSE_MEMBERS
)


def _lines(*details: Field) -> Field:
    kinds = (detail.name for detail in details if detail.kind == "group")
    return rows(
        "Line",
        text("Id", 40),
        number("LineNum"),
        text("Description", 4000),
        money("Amount"),
        one_of("DetailType", *kinds, "DescriptionOnly"),
        LINKS,
        anything("CustomField"),
        *computed(anything("LineEx")),
        group(
            "DescriptionLineDetail", ref("TaxCodeRef", "TaxCode"), day("ServiceDate")
        ),
        details,
    )


SALES_LINES: Final = _lines(
    SALES_DETAIL,
    group(
        "DiscountLineDetail",
        flag("PercentBased"),
        number("DiscountPercent"),
        ref("DiscountAccountRef", "Account"),
        ref("TaxCodeRef", "TaxCode"),
        ref("ClassRef", "Class"),
    ),
    group("SubTotalLineDetail", ref("ItemRef", "Item"), number("Qty")),
)
EXPENSE_LINES: Final = _lines(ACCOUNT_DETAIL, ITEM_EXPENSE_DETAIL)
LINK_LINES: Final = rows(
    "Line", text("Id", 40), money("Amount"), LINKS, *computed(anything("LineEx"))
)

TRANSACTION: Final = (
    ENVELOPE,
    sorted_by(day("TxnDate")),
    (text("PrivateNote", 4000),),
    (ref("CurrencyRef", "Currency"), number("ExchangeRate")),
    (ref("DepartmentRef", "Department"), anything("CustomField")),
    computed(LINKS, anything("RecurDataRef"), anything("PurchaseEx")),
    computed(text("TxnSource")),
    computed(money("HomeTotalAmt"), money("HomeBalance"), anything("TxnApprovalInfo")),
    (text("GlobalTaxCalculation", 30), text("TransactionLocationType", 60)),
)
"""What all transactions have."""

DOC_NUMBER: Final = sorted_by(text("DocNumber", 21))
TOTAL: Final = computed(*sorted_by(money("TotalAmt")))
BALANCE: Final = computed(*filtered(money("Balance")))
SALES: Final = (
    DOC_NUMBER,
    TOTAL,
    BALANCE,
    sorted_by(ref("CustomerRef", "Customer")),
    (group("CustomerMemo", text("value", 1000)),),
    (_address("BillAddr"), _address("ShipAddr"), _address("ShipFromAddr")),
    (flag("FreeFormAddress"), flag("AutoDocNumber"), TAX_DETAIL),
    (ref("ClassRef", "Class"), flag("ApplyTaxAfterDiscount"), SALES_LINES),
    (one_of("PrintStatus", "NotSet", "NeedToPrint", "PrintComplete"),),
    filtered(one_of("EmailStatus", "NotSet", "NeedToSend", "EmailSent")),
    (email("BillEmail"), email("BillEmailCc"), email("BillEmailBcc")),
    computed(anything("DeliveryInfo")),
    (ref("PaymentMethodRef", "PaymentMethod"), text("PaymentRefNum", 21)),
)
"""What invoices and credit memos share."""

INVOICE: Final = Entity(
    "Invoice",
    "Transactions",
    table(
        *TRANSACTION,
        *SALES,
        sorted_by(day("DueDate")),
        filtered(ref("SalesTermRef", "Term")),
        money("Deposit"),
        ref("DepositToAccountRef", "Account"),
        ref("ARAccountRef", "Account"),
        day("ShipDate"),
        text("TrackingNum", 31),
        ref("ShipMethodRef", "ShipMethod"),
        *(
            flag(f"Allow{kind}")
            for kind in (
                "IPNPayment",
                "OnlinePayment",
                "OnlineCreditCardPayment",
                "OnlineACHPayment",
                "OnlinePayPalPayment",
            )
        ),
        computed(text("InvoiceLink"), text("EInvoiceStatus")),
    ),
    frozenset({CREATE, UPDATE, DELETE, VOID, SEND, PDF}),
    required=("CustomerRef", "Line"),
    transaction=True,
)
CREDIT_MEMO: Final = Entity(
    "CreditMemo",
    "Transactions",
    table(
        *TRANSACTION,
        *SALES,
        computed(money("RemainingCredit")),
        ref("SalesTermRef", "Term"),
        ref("InvoiceRef", "Invoice"),
    ),
    frozenset({CREATE, UPDATE, DELETE, SEND, PDF}),
    required=("CustomerRef", "Line"),
    transaction=True,
)
PAYMENT: Final = Entity(
    "Payment",
    "Transactions",
    table(
        *TRANSACTION,
        sorted_by(ref("CustomerRef", "Customer")),
        sorted_by(money("TotalAmt")),
        computed(money("UnappliedAmt")),
        filtered(text("PaymentRefNum", 21)),
        filtered(ref("PaymentMethodRef", "PaymentMethod")),
        filtered(ref("DepositToAccountRef", "Account")),
        ref("ARAccountRef", "Account"),
        flag("ProcessPayment"),
        anything("CreditCardPayment"),
        LINK_LINES,
    ),
    frozenset({CREATE, UPDATE, DELETE, VOID, SEND, PDF}),
    required=("CustomerRef", "TotalAmt"),
    transaction=True,
    void_by_include=True,
)
BILL: Final = Entity(
    "Bill",
    "Transactions",
    table(
        *TRANSACTION,
        DOC_NUMBER,
        TOTAL,
        BALANCE,
        sorted_by(ref("VendorRef", "Vendor"), day("DueDate")),
        filtered(ref("APAccountRef", "Account")),
        ref("SalesTermRef", "Term"),
        _address("VendorAddr"),
        TAX_DETAIL,
        EXPENSE_LINES,
    ),
    frozenset({CREATE, UPDATE, DELETE}),
    required=("VendorRef", "Line"),
    transaction=True,
    sparse_required=("VendorRef",),
)
BILL_PAYMENT: Final = Entity(
    "BillPayment",
    "Transactions",
    table(
        *TRANSACTION,
        DOC_NUMBER,
        sorted_by(money("TotalAmt")),
        filtered(ref("VendorRef", "Vendor")),
        ref("APAccountRef", "Account"),
        filtered(one_of("PayType", "Check", "CreditCard")),
        group(
            "CheckPayment",
            ref("BankAccountRef", "Account"),
            text("PrintStatus", 20),
        ),
        group("CreditCardPayment", ref("CCAccountRef", "Account")),
        flag("ProcessBillPayment"),
        LINK_LINES,
    ),
    frozenset({CREATE, UPDATE, DELETE, VOID}),
    required=("VendorRef", "PayType", "TotalAmt", "Line"),
    transaction=True,
    void_by_include=True,
)
PURCHASE: Final = Entity(
    "Purchase",
    "Transactions",
    table(
        *TRANSACTION,
        DOC_NUMBER,
        TOTAL,
        filtered(
            one_of("PaymentType", "Cash", "Check", "CreditCard"),
            ref("AccountRef", "Account"),
            ref("EntityRef", "Names"),
        ),
        text("PaymentRefNum", 21),
        ref("PaymentMethodRef", "PaymentMethod"),
        flag("Credit"),
        text("PrintStatus", 20),
        _address("RemitToAddr"),
        TAX_DETAIL,
        EXPENSE_LINES,
    ),
    frozenset({CREATE, UPDATE, DELETE}),
    required=("PaymentType", "AccountRef", "Line"),
    transaction=True,
    sparse_required=("PaymentType",),
)
JOURNAL_ENTRY: Final = Entity(
    "JournalEntry",
    "Transactions",
    table(
        *TRANSACTION,
        DOC_NUMBER,
        TOTAL,
        flag("Adjustment"),
        TAX_DETAIL,
        _lines(
            group(
                "JournalEntryLineDetail",
                one_of("PostingType", "Debit", "Credit"),
                ref("AccountRef", "Account"),
                group("Entity", text("Type", 20), ref("EntityRef", "Names")),
                ref("ClassRef", "Class"),
                ref("DepartmentRef", "Department"),
                ref("TaxCodeRef", "TaxCode"),
                text("TaxApplicableOn", 20),
                money("TaxAmount"),
                text("BillableStatus", 20),
            )
        ),
    ),
    frozenset({CREATE, UPDATE, DELETE}),
    required=("Line",),
    transaction=True,
)
TRANSFER: Final = Entity(
    "Transfer",
    "Transactions",
    table(
        *TRANSACTION,
        ref("FromAccountRef", "Account"),
        ref("ToAccountRef", "Account"),
        sorted_by(money("Amount")),
    ),
    frozenset({CREATE, UPDATE, DELETE}),
    required=("FromAccountRef", "ToAccountRef", "Amount"),
    transaction=True,
)


_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
COMPANY_INFO: Final = Entity(
    "CompanyInfo",
    "Company",
    table(
        ENVELOPE,
        (text("CompanyName", 1024), text("LegalName", 1024), text("EmployerId", 20)),
        (_address("CompanyAddr"), _address("LegalAddr")),
        (_address("CustomerCommunicationAddr"), _phone("PrimaryPhone")),
        (email("Email"), email("CustomerCommunicationEmailAddr")),
        (group("WebAddr", text("URI", 1000)), day("CompanyStartDate")),
        (one_of("FiscalYearStartMonth", *_MONTHS), text("DefaultTimeZone", 40)),
        computed(text("Country"), text("SupportedLanguages"), anything("NameValue")),
    ),
    frozenset({UPDATE}),
    single=True,
)
PREFERENCES: Final = Entity(
    "Preferences",
    "Company",
    table(
        ENVELOPE,
        (
            group_of_anything(f"{name}Prefs")
            for name in (
                *("AccountingInfo", "ProductAndServices", "SalesForms"),
                *("EmailMessages", "VendorAndPurchases", "TimeTracking", "Tax"),
                *("Currency", "Report", "FinanceCharges", "Other"),
            )
        ),
    ),
    frozenset({UPDATE}),
    single=True,
)


def _by_name(entities: Iterable[Entity]) -> dict[str, Entity]:
    return {entity.name: entity for entity in entities}


ENTITIES: Final[Mapping[str, Entity]] = _by_name(
    (
        *(COMPANY_INFO, PREFERENCES, TERM, PAYMENT_METHOD, CLASS),
        *(TAX_AGENCY, TAX_RATE, TAX_CODE, ACCOUNT, ITEM, CUSTOMER, VENDOR),
        *(INVOICE, CREDIT_MEMO, PAYMENT, BILL, BILL_PAYMENT, PURCHASE),
        *(JOURNAL_ENTRY, TRANSFER),
    )
)
BY_PATH: Final[Mapping[str, Entity]] = {one.path: one for one in ENTITIES.values()}
