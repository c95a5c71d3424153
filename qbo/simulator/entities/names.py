"""Customers and vendors."""

from typing import Final

from qbo.simulator.entities.kind import (
    CREATE,
    UPDATE,
    Entity,
)
from qbo.simulator.entities.parts import (
    ENVELOPE,
    PERSON,
    address,
)
from qbo.simulator.fields import (
    computed,
    day,
    filtered,
    flag,
    money,
    number,
    one_of,
    ref,
    sorted_by,
    table,
    text,
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
        address("ShipAddr"),
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
        address("OtherAddr"),
    ),
    frozenset({CREATE, UPDATE}),
    name_field="DisplayName",
)
ENTITIES: Final = (CUSTOMER, VENDOR)
