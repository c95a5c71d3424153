"""What is ordered and bought, and what vendors are paid."""

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
    ACCOUNT_DETAIL,
    BALANCE,
    DOC_NUMBER,
    ITEM_EXPENSE_DETAIL,
    LINK_LINES,
    LINKS,
    TAX_DETAIL,
    TOTAL,
    TRANSACTION,
    address,
    lines_of,
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
    money,
    one_of,
    ref,
    sorted_by,
    table,
    text,
)

EXPENSE_LINES: Final = lines_of(ACCOUNT_DETAIL, ITEM_EXPENSE_DETAIL)
_PRINT_STATUS: Final = one_of("PrintStatus", "NotSet", "NeedToPrint", "PrintComplete")
BY_VENDOR: Final[tuple[Field | tuple[Field, ...], ...]] = (
    *TRANSACTION,
    LINKS,
    DOC_NUMBER,
    TOTAL,
    *sorted_by(ref("VendorRef", "Vendor")),
    *filtered(ref("APAccountRef", "Account")),
    address("VendorAddr"),
    text("Memo", 4000),
    TAX_DETAIL,
    EXPENSE_LINES,
    flag("IncludeInAnnualTPAR"),
    money("LessCIS"),
)
"""What orders, bills and vendor credits share."""

BILL: Final = Entity(
    "Bill",
    "Transactions",
    table(
        *BY_VENDOR,
        BALANCE,
        sorted_by(day("DueDate")),
        ref("SalesTermRef", "Term"),
        address("RemitToAddr"),
        address("ShipAddr"),
    ),
    frozenset({CREATE, UPDATE, DELETE}),
    required=("VendorRef", "Line"),
    transaction=True,
    sparse_required=("VendorRef",),
)
VENDOR_CREDIT: Final = Entity(
    "VendorCredit",
    "Transactions",
    table(*BY_VENDOR, BALANCE),
    frozenset({CREATE, UPDATE, DELETE}),
    required=("VendorRef", "Line"),
    transaction=True,
)
PURCHASE_ORDER: Final = Entity(
    "PurchaseOrder",
    "Transactions",
    table(
        *BY_VENDOR,
        sorted_by(day("DueDate")),
        day("ExpectedDate"),
        ref("SalesTermRef", "Term"),
        ref("ClassRef", "Class"),
        ref("TaxCodeRef", "TaxCode"),
        ref("ShipTo", "Customer"),
        ref("ShipMethodRef", "ShipMethod"),
        address("ShipAddr"),
        email("POEmail"),
        one_of("POStatus", "Open", "Closed"),
        one_of("EmailStatus", "NotSet", "NeedToSend", "EmailSent"),
        _PRINT_STATUS,
        computed(anything("DeliveryInfo")),
    ),
    frozenset({CREATE, UPDATE, DELETE, SEND, PDF}),
    required=("VendorRef", "Line"),
    transaction=True,
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
            _PRINT_STATUS,
            anything("CheckDetail"),
            address("PayeeAddr"),
        ),
        group(
            "CreditCardPayment", ref("CCAccountRef", "Account"), anything("CCDetail")
        ),
        address("VendorAddr"),
        flag("ProcessBillPayment"),
        LINK_LINES,
    ),
    frozenset({CREATE, UPDATE, DELETE, VOID}),
    required=("VendorRef", "PayType", "TotalAmt"),
    transaction=True,
    void_by_include=True,
)
PURCHASE: Final = Entity(
    "Purchase",
    "Transactions",
    table(
        *TRANSACTION,
        LINKS,
        DOC_NUMBER,
        TOTAL,
        filtered(
            one_of("PaymentType", "Cash", "Check", "CreditCard", "Expense"),
            ref("AccountRef", "Account"),
            ref("EntityRef", "Names"),
        ),
        text("PaymentRefNum", 21),
        ref("PaymentMethodRef", "PaymentMethod"),
        anything("CheckPayment"),
        anything("CreditCardPayment"),
        flag("Credit"),
        _PRINT_STATUS,
        text("Memo", 4000),
        address("RemitToAddr"),
        TAX_DETAIL,
        EXPENSE_LINES,
        flag("IncludeInAnnualTPAR"),
        money("LessCIS"),
    ),
    frozenset({CREATE, UPDATE, DELETE}),
    required=("PaymentType", "AccountRef", "Line"),
    transaction=True,
    sparse_required=("PaymentType",),
)
ENTITIES: Final = (BILL, BILL_PAYMENT, PURCHASE, VENDOR_CREDIT, PURCHASE_ORDER)
