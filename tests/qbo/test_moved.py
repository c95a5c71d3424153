"""Everything a draft shows is decided by its bytes, or moves it when it changes."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, TypeAlias

import pytest

from approvals.revising import changes
from qbo.asks import (
    Change,
    CustomerChanges,
    CustomerCreate,
    CustomerUpdate,
    InvoiceCreate,
    InvoiceSend,
    InvoiceVoid,
    PaymentRecord,
    SaidLine,
)
from qbo.wire.exact import Json
from tests.qbo.conftest import Office

pytestmark = pytest.mark.asyncio(loop_scope="session")


def fresh(word: str) -> str:
    return f"{word} {uuid.uuid4().hex[:10]}"


@dataclass
class Own:
    """Records that one test has for itself; `edit` is a person in QuickBooks."""

    office: Office
    ids: dict[str, str] = field(default_factory=dict)

    async def make(self) -> None:
        office = self.office
        income = (await office.query("SELECT * FROM Item WHERE Name = 'Consulting'"))[0]
        bodies: dict[str, Json] = {
            "Term": {"Name": fresh("Net"), "DueDays": 12},
            "PaymentMethod": {"Name": fresh("Way")},
            "Account": {"Name": fresh("Till"), "AccountType": "Bank"},
            "Item": {
                "Name": fresh("Work"),
                "Type": "Service",
                "UnitPrice": 40,
                "Taxable": True,
                "IncomeAccountRef": income["IncomeAccountRef"],
            },
        }
        for entity, body in bodies.items():
            self.ids[entity] = (await office.write(entity, body))["Id"]
        customer = await office.new_customer(
            PrimaryEmailAddr={"Address": "one@lee.example"},
            PrimaryPhone={"FreeFormNumber": "555 0001"},
            SalesTermRef={"value": self.ids["Term"]},
            BillAddr={"Line1": "1 Old Street"},
        )
        self.ids["Customer"] = customer["Id"]
        await self.new_invoice()

    async def new_invoice(self) -> None:
        made = await self.office.new_invoice({"Id": self.ids["Customer"]}, "100.00")
        self.ids["Invoice"] = made["Id"]

    async def now(self, entity: str) -> Json:
        return await self.office.one(entity, self.ids[entity])

    async def name(self, entity: str) -> str:
        record = await self.now(entity)
        return str(record.get("DisplayName") or record.get("Name"))

    async def number(self) -> str:
        return str((await self.now("Invoice"))["DocNumber"])

    async def edit(self, entity: str, **fields: Any) -> None:
        record = await self.now(entity)
        same = {"Id": record["Id"], "SyncToken": record["SyncToken"], "sparse": True}
        if entity in ("Term", "PaymentMethod", "Account"):
            # QuickBooks replaces these records whole.
            same = {**record, **same}
            del same["sparse"]
        await self.office.write(entity, {**same, **fields})


Edit: TypeAlias = Callable[[Own], Awaitable[None]]


def renamed(entity: str) -> Edit:
    name = "DisplayName" if entity == "Customer" else "Name"

    async def edit(own: Own) -> None:
        await own.edit(entity, **{name: fresh("Renamed")})

    return edit


def edited(entity: str, **fields: Any) -> Edit:
    async def edit(own: Own) -> None:
        await own.edit(entity, **fields)

    return edit


async def other_terms(own: Own) -> None:
    term = await own.office.write("Term", {"Name": fresh("Net"), "DueDays": 3})
    await own.edit("Customer", SalesTermRef={"value": term["Id"]})


async def renumbered(own: Own) -> None:
    await own.edit("Invoice", DocNumber=uuid.uuid4().hex[:8])


async def other_line(own: Own) -> None:
    """Another text, the same amount."""
    lines = [
        line
        for line in (await own.now("Invoice"))["Line"]
        if line["DetailType"] == "SalesItemLineDetail"
    ]
    await own.edit("Invoice", Line=[{**lines[0], "Description": fresh("Else")}])


async def dearer(own: Own) -> None:
    lines = [
        line
        for line in (await own.now("Invoice"))["Line"]
        if line["DetailType"] == "SalesItemLineDetail"
    ]
    lines[0]["Amount"] = Decimal(lines[0]["Amount"]) + 10
    lines[0]["SalesItemLineDetail"] = {
        "ItemRef": lines[0]["SalesItemLineDetail"]["ItemRef"]
    }
    await own.edit("Invoice", Line=lines[:1])


async def paid(own: Own) -> None:
    await own.office.write(
        "Payment",
        {
            "CustomerRef": {"value": own.ids["Customer"]},
            "TotalAmt": 25,
            "Line": [
                {
                    "Amount": 25,
                    "LinkedTxn": [{"TxnId": own.ids["Invoice"], "TxnType": "Invoice"}],
                }
            ],
        },
    )


async def mailed(own: Own) -> None:
    await own.office.applied(
        InvoiceSend(invoice=await own.number(), email="else@lee.example"), "P-99"
    )


# --- each kind of draft ---------------------------------------------------------


async def customer_create(own: Own) -> Change:
    return CustomerCreate(
        name=fresh("New"),
        email="new@lee.example",
        phone="555 0009",
        terms=await own.name("Term"),
        address="9 New Street",
    )


async def customer_update(own: Own) -> Change:
    term = await own.office.write("Term", {"Name": fresh("Later"), "DueDays": 40})
    own.ids["NewTerm"] = term["Id"]
    changes = CustomerChanges(
        name=fresh("Other"),
        email="new@lee.example",
        phone="555 0009",
        terms=term["Name"],
        address="9 New Street",
        active=False,
    )
    return CustomerUpdate(await own.name("Customer"), changes)


async def renamed_new_term(own: Own) -> None:
    record = await own.office.one("Term", own.ids["NewTerm"])
    await own.office.write("Term", {**record, "Name": fresh("Renamed")})


async def customer_phone(own: Own) -> Change:
    return CustomerUpdate(
        await own.name("Customer"), CustomerChanges(phone=fresh("5")[:20])
    )


async def invoice_create(own: Own) -> Change:
    item = await own.name("Item")
    lines = (
        SaidLine(item=item, quantity=Decimal(2), rate=Decimal(30)),
        SaidLine(item=item, quantity=Decimal(5)),
    )
    return InvoiceCreate(await own.name("Customer"), lines, memo="autumn", send=True)


async def invoice_void(own: Own) -> Change:
    return InvoiceVoid(await own.number())


async def invoice_send(own: Own) -> Change:
    return InvoiceSend(invoice=await own.number())


async def invoices_send(own: Own) -> Change:
    await own.new_invoice()
    return InvoiceSend(customer=await own.name("Customer"))


async def payment_record(own: Own) -> Change:
    return PaymentRecord(
        customer=await own.name("Customer"),
        amount=Decimal(90),
        method=await own.name("PaymentMethod"),
        reference="CHK-1",
        invoices=(await own.number(),),
        deposit_to=await own.name("Account"),
    )


BYTES: Final[Sequence[Edit]] = ()
"""A fact that the bytes decide: nothing in QuickBooks can change it."""
MAIL = {"PrimaryEmailAddr": {"Address": "two@lee.example"}}
SENT: Final[Sequence[Edit]] = (
    renumbered,
    renamed("Customer"),
    edited("Invoice", DueDate="2026-12-24"),
    dearer,
    paid,
    edited("Customer", **MAIL),
    edited("Invoice", BillEmail={"Address": "three@lee.example"}),
    mailed,
)

KINDS: Final[Mapping[str, tuple[Callable[[Own], Awaitable[Change]], Any]]] = {
    "customer.create": (
        customer_create,
        {
            "Name": BYTES,
            "E-mail": BYTES,
            "Phone": BYTES,
            "Terms": [renamed("Term")],
            "Address": BYTES,
        },
    ),
    "customer.update": (
        customer_update,
        {
            "Customer": [renamed("Customer")],
            "Name": [renamed("Customer")],
            "E-mail": [edited("Customer", **MAIL)],
            "Phone": [edited("Customer", PrimaryPhone={"FreeFormNumber": "555 0002"})],
            "Terms": [other_terms, renamed("Term"), renamed_new_term],
            "Address": [edited("Customer", BillAddr={"Line1": "2 Old Street"})],
            "Active": [edited("Customer", Active=False)],
        },
    ),
    "customer.update of one field": (
        customer_phone,
        {
            "Customer": [renamed("Customer")],
            "Phone": [edited("Customer", PrimaryPhone={"FreeFormNumber": "555 0002"})],
        },
    ),
    "invoice.create": (
        invoice_create,
        {
            "Customer": [renamed("Customer")],
            "Invoice date": BYTES,
            "Due date": BYTES,
            "Terms": [renamed("Term"), other_terms],
            "E-mail to": [edited("Customer", **MAIL)],
            "Memo": BYTES,
            "Subtotal": [edited("Item", UnitPrice=41)],
            "Sales tax (estimate)": [
                edited("Item", Taxable=False),
                edited("Customer", Taxable=False),
            ],
            "lines": [renamed("Item"), edited("Item", UnitPrice=42)],
            "total": [edited("Item", UnitPrice=43)],
        },
    ),
    "invoice.void": (
        invoice_void,
        {
            "Invoice": [renumbered],
            "Customer": [renamed("Customer")],
            "Invoice date": [edited("Invoice", TxnDate="2026-11-03")],
            "Due date": [edited("Invoice", DueDate="2026-12-24")],
            "Total": [dearer],
            "Open balance": [paid],
            "lines": [other_line],
            "total": [dearer],
            "notes": [mailed],
        },
    ),
    "invoice.send": (invoice_send, {"Invoice": SENT}),
    "invoice.send of several": (invoices_send, {"Invoice": SENT}),
    "payment.record": (
        payment_record,
        {
            "Customer": [renamed("Customer")],
            "Payment date": BYTES,
            "Amount": BYTES,
            "Method": [renamed("PaymentMethod")],
            "Reference": BYTES,
            "Deposit to": [renamed("Account")],
            "Memo": BYTES,
            "lines": [renumbered, paid],
            "total": BYTES,
        },
    ),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_each_fact_shown_moves_the_draft_when_it_changes(
    office: Office, kind: str
) -> None:
    ask, facts = KINDS[kind]
    own = Own(office)
    await own.make()
    draft = await office.draft(await ask(own))
    # In a sending each document is one fact, under its number.
    is_send = draft.action == "invoice.send"
    labels = {"Invoice" if is_send else each.label for each in draft.shown}
    assert labels | ({"lines"} if draft.lines else set()) <= set(facts)
    assert draft.total is None or "total" in facts

    for label, edits in facts.items():
        for place, edit in enumerate(edits):
            await own.make()
            draft = await office.draft(await ask(own))
            assert (await office.ledger.check(draft)).moved == (), label

            await edit(own)

            moved = (await office.ledger.check(draft)).moved
            assert moved, (label, place)
            assert not any(mark in each for each in moved for mark in "{[")


async def test_other_terms_and_tax_codes_are_told_by_name_and_not_by_id(
    office: Office,
) -> None:
    own = Own(office)
    await own.make()
    draft = await office.draft(await invoice_create(own))
    term = await office.write("Term", {"Name": fresh("Net"), "DueDays": 3})

    await own.edit("Customer", SalesTermRef={"value": term["Id"]})

    (moved,) = (await office.ledger.check(draft)).moved
    assert "Terms changed in QuickBooks" in moved
    assert f"was {own.ids['Term']}" not in moved
    assert f"is now {term['Id']}" not in moved


async def test_another_price_is_told_with_the_old_one_and_rebased(
    office: Office,
) -> None:
    own = Own(office)
    await own.make()
    draft = await office.draft(
        InvoiceCreate(
            await own.name("Customer"),
            (SaidLine(item=await own.name("Item"), quantity=Decimal(10)),),
        )
    )
    # What the customer owes never moves anything.
    await own.new_invoice()
    assert (await office.ledger.check(draft)).moved == ()

    await own.edit("Item", UnitPrice=45)

    standing = await office.ledger.check(draft)
    assert [each for each in standing.moved if "Price was 40 and is now 45" in each]
    assert standing.rebased is not None
    told = [
        (each.label, each.before, each.value)
        for each in changes(draft, standing.rebased)
    ]
    assert ("Line 1, rate", "40", "45") in told
    assert ("Line 1, amount", "$400.00", "$450.00") in told
