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
    flag,
    group,
    money,
    one_of,
    ref,
    sorted_by,
    table,
    text,
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
        lines_of(
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


ENTITIES: Final = (JOURNAL_ENTRY, TRANSFER)
