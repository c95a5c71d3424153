"""What a company has only one of: what it is, and what it prefers."""

from typing import Final

from qbo.simulator.entities.kind import (
    UPDATE,
    Entity,
)
from qbo.simulator.entities.parts import (
    ADDRESS_FIELDS,
    ENVELOPE,
    address,
    phone,
    web,
)
from qbo.simulator.fields import (
    Field,
    anything,
    computed,
    day,
    email,
    filtered,
    flag,
    group,
    number,
    one_of,
    ref,
    rows,
    table,
    text,
)

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_PAIRS: Final = rows("NameValue", text("Name", 100), text("Value", 4000))

COMPANY_INFO: Final = Entity(
    "CompanyInfo",
    "Company",
    table(
        ENVELOPE,
        *filtered(text("CompanyName", 1024), text("LegalName", 1024)),
        (address("CompanyAddr"), address("LegalAddr"), address("ShipAddr")),
        (address("CustomerCommunicationAddr"), phone("PrimaryPhone")),
        (phone("Mobile"), phone("Fax"), rows("OtherAddr", ADDRESS_FIELDS)),
        (email("Email"), email("CompanyEmailAddr")),
        (email("CustomerCommunicationEmailAddr"), web("WebAddr"), web("CompanyURL")),
        (day("CompanyStartDate"), text("EmployerId", 20), text("DefaultTimeZone", 40)),
        one_of("FiscalYearStartMonth", *MONTHS),
        one_of("TaxYearStartMonth", *MONTHS),
        computed(*filtered(text("Country")), text("SupportedLanguages"), _PAIRS),
        computed(
            anything("OtherContactInfo"),
            text("CompanyFileName"),
            text("FlavorStratum"),
            flag("SampleFile"),
            text("CompanyUserId"),
            text("CompanyUserAdminEmail"),
            text("QBVersion"),
            text("LastImportedTime"),
            text("LastSyncTime"),
            flag("MultiByteCharsSupported"),
            text("FifoCalculationStatus"),
            anything("CompanyInfoEx"),
        ),
    ),
    frozenset({UPDATE}),
    single=True,
)


def _flags(*names: str) -> tuple[Field, ...]:
    return tuple(flag(name) for name in names)


def _texts(*names: str) -> tuple[Field, ...]:
    return tuple(text(name) for name in names)


def _message(name: str) -> Field:
    return group(name, text("Subject"), text("Message"))


_ACCOUNTING: Final = (
    *_flags("UseAccountNumbers", "RequiresAccounts", "TrackDepartments"),
    *_flags("ClassTrackingPerTxn", "ClassTrackingPerTxnLine"),
    *_flags("AutoJournalEntryNumber"),
    *_texts("DepartmentTerminology", "CustomerTerminology", "TaxForm"),
    one_of("FirstMonthOfFiscalYear", *MONTHS),
    one_of("TaxYearMonth", *MONTHS),
    day("BookCloseDate"),
    ref("DefaultARAccount", "Account"),
    ref("DefaultAPAccount", "Account"),
    anything("OtherContactInfo"),
)
_PRODUCTS: Final = (
    *_flags("ForSales", "ForPurchase", "InventoryAndPurchaseOrder"),
    *_flags("QuantityWithPriceAndRate", "QuantityOnHand"),
    *_flags("RevenueRecognition", "RevenueRecognitionEnabled"),
    *_texts("UOM", "RevenueRecognitionFrequency"),
)
_SALES_FORMS: Final = (
    *_flags("UsingProgressInvoicing", "CustomTxnNumbers", "DelayedCharges"),
    *_flags("EmailCopyToCompany", "AllowDeposit", "AllowDiscount", "AllowEstimates"),
    *_flags("AllowServiceDate", "AllowShipping", "AutoApplyCredit"),
    *_flags("AutoApplyPayments", "PrintItemWithZeroAmount", "UsingSalesOrders"),
    *_flags("TrackReimbursableExpensesAsIncome", "UsingPriceLevels"),
    *_flags("ETransactionAttachPDF", "ETransactionPaymentEnabled"),
    *_flags("IPNSupportEnabled"),
    *_texts("DefaultDiscountAccount", "DefaultShippingAccount", "EstimateMessage"),
    *_texts("InvoiceMessage", "DefaultDeliveryMethod", "DefaultFOB"),
    *_texts("DefaultCustomerMessage", "ETransactionEnabledStatus"),
    number("DefaultMarkup"),
    email("SalesEmailCc"),
    email("SalesEmailBcc"),
    ref("DefaultItem", "Item"),
    ref("DefaultTerms", "Term"),
    anything("DefaultShipMethodRef"),
    rows("CustomField", anything("CustomField")),
)
_EMAILS: Final = (
    _PAIRS,
    *(_message(f"{kind}Message") for kind in ("Invoice", "Estimate", "SalesReceipt")),
    _message("StatementMessage"),
)
_VENDORS: Final = (
    *_flags("EnableBills", "TrackingByCustomer", "BillableExpenseTracking"),
    *_flags("AutomaticBillPayment", "TPAREnabled", "UsingInventory"),
    *_flags("UsingMultiLocationInventory"),
    text("MsgToVendors"),
    number("DefaultMarkup"),
    number("DaysBillsAreDue"),
    ref("DefaultTerms", "Term"),
    ref("DefaultMarkupAccount", "Account"),
    ref("DiscountAccountRef", "Account"),
    rows("POCustomField", anything("CustomField")),
)
_TIME: Final = (
    *_flags("UseServices", "BillCustomers", "ShowBillRateToAll"),
    *_flags("TimeTrackingEnabled", "MarkTimeEntriesBillable"),
    *_flags("MarkExpensesAsBillable"),
    text("WorkWeekStartDate"),
    ref("DefaultTimeItem", "Item"),
)
_TAX: Final = (
    *_flags("UsingSalesTax", "PartnerTaxEnabled", "HideTaxManagement"),
    text("PaySalesTax"),
    ref("TaxGroupCodeRef", "TaxCode"),
    ref("TaxRateRef", "TaxRate"),
    ref("NonTaxableSalesTaxCodeRef", "TaxCode"),
    ref("TaxableSalesTaxCodeRef", "TaxCode"),
)
_FINANCE_CHARGES: Final = (
    number("AnnualInterestRate"),
    number("MinFinChrg"),
    number("GracePeriod"),
    *_flags("CalcFinChrgFromTxnDate", "AssessFinChrgForOverdueCharges"),
    ref("FinChrgAccountRef", "Account"),
)
_STOCK: Final = (
    *_flags("MLIAvailable", "MLIEnabled", "EnhancedInventoryReceivingEnabled"),
    *_flags("TrackingSerialOrLotNumber", "TrackingOnSalesTransactionsEnabled"),
    *_flags("TrackingOnPurchaseTransactionsEnabled"),
    *_flags("TrackingOnInventoryAdjustmentEnabled", "TrackingOnBuildAssemblyEnabled"),
    *_flags("FIFOEnabled", "RowShelfBinEnabled", "BarcodeEnabled"),
    day("FIFOEffectiveDate"),
)
PREFERENCES: Final = Entity(
    "Preferences",
    "Company",
    table(
        ENVELOPE,
        group("AccountingInfoPrefs", _ACCOUNTING),
        group("AdvancedInventoryPrefs", _STOCK),
        group("ProductAndServicesPrefs", _PRODUCTS),
        group("SalesFormsPrefs", _SALES_FORMS),
        group("EmailMessagesPrefs", _EMAILS),
        group("PrintDocumentPrefs", _PAIRS),
        group("VendorAndPurchasesPrefs", _VENDORS),
        group("TimeTrackingPrefs", _TIME),
        group("TaxPrefs", _TAX),
        group("FinanceChargesPrefs", _FINANCE_CHARGES),
        group(
            "CurrencyPrefs",
            flag("MultiCurrencyEnabled"),
            ref("HomeCurrency", "Currency"),
        ),
        group(
            "ReportPrefs",
            one_of("ReportBasis", "Accrual", "Cash"),
            flag("CalcAgingReportFromTxnDate"),
        ),
        group("OtherPrefs", _PAIRS),
        *computed(anything("PreferencesEx")),
    ),
    frozenset({UPDATE}),
    single=True,
)

ENTITIES: Final = (COMPANY_INFO, PREFERENCES)
