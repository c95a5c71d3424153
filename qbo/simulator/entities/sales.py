"""Sales forms and what customers pay."""

from typing import Final

from qbo.simulator.entities.kind import (
    CREATE,
    DELETE,
    PDF,
    SEND,
    UPDATE,
    VOID,
    Entity,
)
from qbo.simulator.entities.parts import (
    BALANCE,
    DOC_NUMBER,
    ITEM_MEMBERS,
    LINK_LINES,
    LINKS,
    TAX_DETAIL,
    TOTAL,
    TRANSACTION,
    address,
    lines_of,
)
from qbo.simulator.fields import (
    anything,
    computed,
    day,
    email,
    filtered,
    flag,
    group,
    money,
    number,
    one_of,
    ref,
    sorted_by,
    table,
    text,
)

SALES_DETAIL: Final = group(
    "SalesItemLineDetail",
    ITEM_MEMBERS,
    day("ServiceDate"),
    number("DiscountRate"),
    money("DiscountAmt"),
    number("UnitCostPrice"),
    number("RatePercent"),
    flag("DeferredRevenue"),
    money("RetainageAmount"),
    ref("TaxClassificationRef", "TaxClassification"),
    ref("PriceLevelRef", "PriceLevel"),
    ref("InventorySiteRef", "InventorySite"),
    anything("UOMRef"),
)
GROUP_DETAIL: Final = group(
    "GroupLineDetail",
    ref("GroupItemRef", "Item"),
    number("Quantity"),
    day("ServiceDate"),
    anything("UOMRef"),
    lines_of(SALES_DETAIL),
)
SALES_LINES: Final = lines_of(
    SALES_DETAIL,
    GROUP_DETAIL,
    group(
        "DiscountLineDetail",
        flag("PercentBased"),
        number("DiscountPercent"),
        ref("DiscountRef", "Discount"),
        ref("DiscountAccountRef", "Account"),
        ref("TaxCodeRef", "TaxCode"),
        ref("ClassRef", "Class"),
        day("ServiceDate"),
    ),
    group("SubTotalLineDetail", ref("ItemRef", "Item"), day("ServiceDate")),
)
SALES: Final = (
    DOC_NUMBER,
    TOTAL,
    BALANCE,
    sorted_by(ref("CustomerRef", "Customer")),
    (group("CustomerMemo", text("value", 1000)),),
    (address("BillAddr"), address("ShipAddr"), address("ShipFromAddr")),
    (flag("FreeFormAddress"), flag("AutoDocNumber"), TAX_DETAIL),
    (ref("ClassRef", "Class"), flag("ApplyTaxAfterDiscount"), SALES_LINES),
    (one_of("PrintStatus", "NotSet", "NeedToPrint", "PrintComplete"),),
    filtered(one_of("EmailStatus", "NotSet", "NeedToSend", "EmailSent")),
    (email("BillEmail"), email("BillEmailCc"), email("BillEmailBcc")),
    computed(anything("DeliveryInfo")),
    sorted_by(day("DueDate")),
    filtered(ref("SalesTermRef", "Term")),
    (ref("PaymentMethodRef", "PaymentMethod"), text("PaymentRefNum", 21)),
    (day("ShipDate"), text("TrackingNum", 31), ref("ShipMethodRef", "ShipMethod")),
    (text("PONumber", 25), text("FOB", 13), ref("SalesRepRef", "SalesRep")),
    (ref("RemitToRef", "RemitTo"), ref("TemplateRef", "Template")),
    (flag("ShippingTaxIncludedInTotalTax"), flag("FinanceCharge")),
    (number("DiscountRate"), money("DiscountAmt"), money("LessCIS")),
    (text("GovtTxnRefIdentifier", 100), ref("ARAccountRef", "Account")),
    (ref("ProjectRef", "Project"), ref("TaxExemptionRef", "TaxExemption")),
    computed(text("TxnSubType"), anything("Tag"), anything("TxnRetainageDetail")),
)
"""What all sales forms share."""

_MONEY: Final = (
    ref("DepositToAccountRef", "Account"),
    one_of("PaymentType", "Cash", "Check", "CreditCard", "Expense", "Other"),
    group(
        "CheckPayment",
        text("CheckNum", 40),
        text("Status", 40),
        text("NameOnAcct", 100),
        text("AcctNum", 40),
        text("BankName", 100),
        anything("CheckPaymentEx"),
    ),
    anything("CreditCardPayment"),
    flag("ProcessPayment"),
)
"""How money changes hands with a form."""

INVOICE: Final = Entity(
    "Invoice",
    "Transactions",
    table(
        *TRANSACTION,
        *SALES,
        LINKS,
        money("Deposit"),
        ref("DepositToAccountRef", "Account"),
        *(
            flag(f"Allow{kind}")
            for kind in (
                "IPNPayment",
                "OnlinePayment",
                "OnlineCreditCardPayment",
                "OnlineACHPayment",
                "OnlinePayPalPayment",
                "OnlineAffirmPayment",
            )
        ),
        text("PaymentDetailsMessage"),
        flag("GratuityEnabled"),
        anything("EnabledSurchargeInfo"),
        anything("GlobalInfo"),
        number("CfdiUse"),
        text("Exportation"),
        *computed(
            text("InvoiceLink"),
            text("InvoiceLinkSecurityCode"),
            text("InvoiceLinkExpiryDate"),
            text("EInvoiceStatus"),
            text("ECloudStatusTimeStamp"),
            text("invoiceStatus"),
            text("callToAction"),
            anything("invoiceStatusLog"),
            anything("InvoiceEx"),
            anything("ConvenienceFeeDetail"),
            flag("AutoPayEligible"),
            flag("SchedulePayEligible"),
            text("ScheduledPaymentId"),
            text("FinancingProductType"),
            text("SubscriptionPaymentsSetting"),
        ),
    ),
    frozenset({CREATE, UPDATE, DELETE, VOID, SEND, PDF}),
    required=("CustomerRef", "Line"),
    transaction=True,
)
ESTIMATE: Final = Entity(
    "Estimate",
    "Transactions",
    table(
        *TRANSACTION,
        *SALES,
        filtered(
            one_of(
                "TxnStatus", "Pending", "Accepted", "Closed", "Rejected", "Converted"
            )
        ),
        sorted_by(day("ExpirationDate"), day("AcceptedDate")),
        text("AcceptedBy", 100),
        *computed(anything("EstimateEx")),
    ),
    frozenset({CREATE, UPDATE, DELETE, SEND, PDF}),
    required=("CustomerRef", "Line"),
    transaction=True,
)
SALES_RECEIPT: Final = Entity(
    "SalesReceipt",
    "Transactions",
    table(*TRANSACTION, *SALES, *_MONEY, *computed(anything("SalesReceiptEx"))),
    frozenset({CREATE, UPDATE, DELETE, VOID, SEND, PDF}),
    required=("Line",),
    transaction=True,
    void_by_include=True,
)
REFUND_RECEIPT: Final = Entity(
    "RefundReceipt",
    "Transactions",
    table(
        *TRANSACTION,
        *SALES,
        *_MONEY,
        *computed(money("RemainingCredit"), anything("RefundReceiptEx")),
    ),
    frozenset({CREATE, UPDATE, DELETE, SEND, PDF}),
    required=("DepositToAccountRef", "Line"),
    transaction=True,
)
CREDIT_MEMO: Final = Entity(
    "CreditMemo",
    "Transactions",
    table(
        *TRANSACTION,
        *SALES,
        *computed(money("RemainingCredit"), anything("CreditMemoEx")),
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
        ref("ProjectRef", "Project"),
        ref("TaxExemptionRef", "TaxExemption"),
        *computed(text("EmailStatus"), anything("DeliveryInfo")),
        LINK_LINES,
    ),
    frozenset({CREATE, UPDATE, DELETE, VOID, SEND, PDF}),
    required=("CustomerRef", "TotalAmt"),
    transaction=True,
    void_by_include=True,
)
ENTITIES: Final = (
    INVOICE,
    ESTIMATE,
    SALES_RECEIPT,
    REFUND_RECEIPT,
    CREDIT_MEMO,
    PAYMENT,
)
