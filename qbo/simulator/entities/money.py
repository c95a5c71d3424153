"""Journal entries and money that moves between accounts."""

from typing import Final

from qbo.simulator.entities.kind import (
    CREATE,
    DELETE,
    UPDATE,
    Entity,
)
from qbo.simulator.entities.parts import (
    DOC_NUMBER,
    TAX_DETAIL,
    TOTAL,
    TRANSACTION,
    lines_of,
)
from qbo.simulator.fields import (
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

_TAX_SIDE: Final = one_of("TaxApplicableOn", "Sales", "Purchase")
JOURNAL_ENTRY: Final = Entity(
    "JournalEntry",
    "Transactions",
    table(
        *TRANSACTION,
        DOC_NUMBER,
        TOTAL,
        flag("Adjustment"),
        flag("HomeCurrencyAdjustment"),
        ref("TaxRateRef", "TaxRate"),
        TAX_DETAIL,
        lines_of(
            group(
                "JournalEntryLineDetail",
                one_of("PostingType", "Debit", "Credit"),
                ref("AccountRef", "Account"),
                group("Entity", text("Type", 20), ref("EntityRef", "Names")),
                ref("ClassRef", "Class"),
                ref("DepartmentRef", "Department"),
                ref("TaxCodeRef", "TaxCode"),
                _TAX_SIDE,
                money("TaxAmount"),
                money("TaxInclusiveAmt"),
                text("BillableStatus", 20),
            )
        ),
    ),
    frozenset({CREATE, UPDATE, DELETE}),
    required=("Line",),
    transaction=True,
)
DEPOSIT: Final = Entity(
    "Deposit",
    "Transactions",
    table(
        *TRANSACTION,
        DOC_NUMBER,
        TOTAL,
        filtered(ref("DepositToAccountRef", "Account")),
        group(
            "CashBack",
            ref("AccountRef", "Account"),
            money("Amount"),
            text("Memo", 4000),
        ),
        TAX_DETAIL,
        lines_of(
            group(
                "DepositLineDetail",
                ref("AccountRef", "Account"),
                ref("Entity", "Names"),
                ref("PaymentMethodRef", "PaymentMethod"),
                text("CheckNum", 21),
                ref("ClassRef", "Class"),
                ref("TaxCodeRef", "TaxCode"),
                _TAX_SIDE,
                money("TaxInclusiveAmt"),
                text("TxnType", 40),
            )
        ),
    ),
    frozenset({CREATE, UPDATE, DELETE}),
    required=("DepositToAccountRef", "Line"),
    transaction=True,
)
TRANSFER: Final = Entity(
    "Transfer",
    "Transactions",
    table(
        *TRANSACTION,
        ref("FromAccountRef", "Account"),
        ref("ToAccountRef", "Account"),
        ref("ClassRef", "Class"),
        sorted_by(money("Amount")),
    ),
    frozenset({CREATE, UPDATE, DELETE}),
    required=("FromAccountRef", "ToAccountRef", "Amount"),
    transaction=True,
)
CREDIT_CARD_PAYMENT: Final = Entity(
    "CreditCardPayment",
    "Transactions",
    table(
        *TRANSACTION,
        ref("BankAccountRef", "Account"),
        ref("CreditCardAccountRef", "Account"),
        ref("VendorRef", "Vendor"),
        sorted_by(money("Amount")),
        text("CheckNum", 21),
        text("Memo", 4000),
        one_of("PrintStatus", "NotSet", "NeedToPrint", "PrintComplete"),
    ),
    frozenset({CREATE, UPDATE, DELETE}),
    required=("BankAccountRef", "CreditCardAccountRef", "Amount"),
    transaction=True,
    answered_as="CreditCardPaymentTxn",
)
ENTITIES: Final = (JOURNAL_ENTRY, DEPOSIT, TRANSFER, CREDIT_CARD_PAYMENT)
