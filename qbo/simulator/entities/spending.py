"""What is bought, and what vendors are paid."""

from typing import Final

from qbo.simulator.entities.kind import (
    CREATE,
    DELETE,
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
    TAX_DETAIL,
    TOTAL,
    TRANSACTION,
    address,
    lines_of,
)
from qbo.simulator.fields import (
    day,
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
        address("VendorAddr"),
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
        address("RemitToAddr"),
        TAX_DETAIL,
        EXPENSE_LINES,
    ),
    frozenset({CREATE, UPDATE, DELETE}),
    required=("PaymentType", "AccountRef", "Line"),
    transaction=True,
    sparse_required=("PaymentType",),
)
ENTITIES: Final = (BILL, BILL_PAYMENT, PURCHASE)
