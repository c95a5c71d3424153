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
    ref("TaxClassificationRef", "TaxClassification"),
)
SALES_LINES: Final = lines_of(
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
ENTITIES: Final = (INVOICE, CREDIT_MEMO, PAYMENT)
