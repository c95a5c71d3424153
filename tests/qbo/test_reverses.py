"""What was posted is taken back by the way that is left, and QuickBooks shows it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from qbo import asks
from qbo.asks import (
    Change,
    CustomerChanges,
    CustomerCreate,
    CustomerUpdate,
    InvoiceCreate,
    InvoicesCreate,
    PaymentRecord,
    Posted,
    SaidLine,
    Undo,
)
from qbo.books import Draft, Receipt, Verb
from qbo.drafting import reverses
from qbo.drafting.reverses import undo_of
from qbo.drafting.takeback import Reverse
from qbo.faults import Refused
from qbo.wire.exact import at, loads, number
from tests.qbo.conftest import TODAY, Office

http = pytest.mark.asyncio(loop_scope="session")
TEN_HOURS = (SaidLine(item="Consulting", quantity=Decimal(10)),)


async def done(office: Office, change: Change) -> tuple[Draft, Receipt]:
    draft = await office.draft(change)
    receipt = await office.ledger.post(draft, 1, ())
    return draft, await office.ledger.read_back(draft, receipt)


def undoing(draft: Draft, receipt: Receipt) -> Undo:
    return undo_of(draft, (receipt,))


async def undone(office: Office, draft: Draft, receipt: Receipt) -> tuple[Draft, Any]:
    reverse = await office.draft(undoing(draft, receipt), ref="P-18")
    posted = await office.ledger.post(reverse, 1, ())
    read = await office.ledger.read_back(reverse, posted)
    assert read.differences == ()
    return reverse, read


def shown(draft: Draft) -> dict[str, tuple[str | None, str]]:
    return {each.label: (each.before, each.value) for each in draft.shown}


async def refusal(office: Office, draft: Draft, receipt: Receipt) -> str:
    with pytest.raises(Refused) as no:
        await office.draft(undoing(draft, receipt), ref="P-18")
    assert no.value.code == "preflight"
    return no.value.sentence


def test_an_undo_survives_being_stored() -> None:
    posted = Posted("update", "Customer", "7", "{}", (("Active", "true"),))
    change = Undo("P-17", (posted, posted))

    assert asks.change_from(asks.change_text(change)) == change


@http
async def test_an_open_invoice_is_voided(office: Office) -> None:
    customer = await office.new_customer()
    draft, receipt = await done(
        office, InvoiceCreate(customer["DisplayName"], TEN_HOURS)
    )

    reverse, _ = await undone(office, draft, receipt)

    assert reverse.action == "invoice.void"
    assert reverse.steps[0].verb is Verb.VOID
    assert reverse.heading == (
        f"Undo P-17: void invoice {receipt.doc_number} of {customer['DisplayName']},"
        " $1,500.00"
    )
    assert str(reverse.home_total) == "$1,500.00"
    record = await office.one("Invoice", receipt.record_id)
    assert (record["TotalAmt"], record["Balance"]) == (0, 0)


@http
async def test_a_part_paid_invoice_is_credited(office: Office) -> None:
    customer = await office.new_customer()
    line = SaidLine(item="Garden Lights", quantity=Decimal(4))
    draft, receipt = await done(
        office, InvoiceCreate(customer["DisplayName"], (line, *TEN_HOURS))
    )
    await office.write(
        "Payment",
        {
            "CustomerRef": {"value": customer["Id"]},
            "TotalAmt": Decimal(100),
            "Line": [
                {
                    "Amount": Decimal(100),
                    "LinkedTxn": [{"TxnId": receipt.record_id, "TxnType": "Invoice"}],
                }
            ],
        },
    )

    reverse, made = await undone(office, draft, receipt)

    assert reverse.action == "credit_memo.create"
    assert any("$100.00 of invoice" in note for note in reverse.notes)
    memo = await office.one("CreditMemo", made.record_id)
    assert draft.total is not None
    assert number(memo["TotalAmt"]) == draft.total.amount
    assert memo["TxnDate"] == TODAY.isoformat()
    assert "Ref P-18" in memo["PrivateNote"]
    kept = await office.one("Invoice", receipt.record_id)
    assert number(kept["Balance"]) == draft.total.amount - 100
    after = await office.one("Customer", customer["Id"])
    assert number(after["Balance"]) == -100


@http
async def test_an_invoice_of_a_period_closed_since_is_credited(
    office: Office,
) -> None:
    customer = await office.new_customer()
    draft, receipt = await done(
        office,
        InvoiceCreate(customer["DisplayName"], TEN_HOURS, date=date(2026, 1, 5)),
    )
    prefs = (await office.query("SELECT * FROM Preferences"))[0]
    opened = prefs["AccountingInfoPrefs"]["BookCloseDate"]

    async def close(day: str) -> None:
        fresh = (await office.query("SELECT * FROM Preferences"))[0]
        fresh["AccountingInfoPrefs"]["BookCloseDate"] = day
        await office.write("Preferences", fresh)
        await office.ledger.sync(office.company.id, force=True)

    await close("2026-01-31")
    try:
        reverse, made = await undone(office, draft, receipt)
    finally:
        await close(opened)

    assert reverse.action == "credit_memo.create"
    assert any("closed up to 31 Jan 2026" in note for note in reverse.notes)
    memo = await office.one("CreditMemo", made.record_id)
    assert number(memo["TotalAmt"]) == 1500


@http
async def test_a_british_invoice_is_credited_with_its_tax(pennine: Office) -> None:
    lines = (
        SaidLine(item="Management Fee", quantity=Decimal(2)),
        SaidLine(item="Insulation Works", quantity=Decimal(1)),
    )
    draft, receipt = await done(pennine, InvoiceCreate("Hebden House", lines))
    record = await pennine.one("Invoice", receipt.record_id)
    await pennine.write(
        "Payment",
        {
            "CustomerRef": record["CustomerRef"],
            "TotalAmt": Decimal(10),
            "Line": [
                {
                    "Amount": Decimal(10),
                    "LinkedTxn": [{"TxnId": record["Id"], "TxnType": "Invoice"}],
                }
            ],
        },
    )

    reverse, made = await undone(pennine, draft, receipt)

    memo = await pennine.one("CreditMemo", made.record_id)
    assert memo["TotalAmt"] == record["TotalAmt"]
    assert reverse.tax is not None
    assert number(at(memo, "TxnTaxDetail.TotalTax")) == reverse.tax.amount > 0


@http
async def test_what_was_changed_since_is_not_undone(office: Office) -> None:
    customer = await office.new_customer()
    draft, receipt = await done(
        office, InvoiceCreate(customer["DisplayName"], TEN_HOURS)
    )
    record = await office.one("Invoice", receipt.record_id)
    await office.write(
        "Invoice",
        {
            "Id": record["Id"],
            "SyncToken": record["SyncToken"],
            "sparse": True,
            "CustomerRef": record["CustomerRef"],
            "DueDate": "2027-03-01",
        },
    )

    said = await refusal(office, draft, receipt)

    assert "was changed in QuickBooks after P-17 was posted" in said
    assert "Due date: sent 2026-12-20, in QuickBooks 2027-03-01." in said


@http
async def test_voided_already_is_said(office: Office) -> None:
    customer = await office.new_customer()
    draft, receipt = await done(
        office, InvoiceCreate(customer["DisplayName"], TEN_HOURS)
    )
    await undone(office, draft, receipt)

    assert "voided already" in await refusal(office, draft, receipt)


@http
async def test_an_unapplied_payment_is_deleted(office: Office) -> None:
    customer = await office.new_customer()
    draft, receipt = await done(
        office, PaymentRecord(customer["DisplayName"], amount=Decimal(70))
    )

    reverse, read = await undone(office, draft, receipt)

    assert reverse.action == "payment.delete"
    assert reverse.steps[0].query == (("operation", "delete"),)
    assert read.compared
    where = f"SELECT * FROM Payment WHERE CustomerRef = '{customer['Id']}'"
    assert await office.query(where) == []
    found = await office.ledger.find(reverse, 1, (), office.clock())
    assert found is not None
    assert found.record_id == receipt.record_id
    await office.minute()
    await office.ledger.sync(office.company.id)
    kept = await office.mirror.record(office.company.id, "Payment", receipt.record_id)
    assert kept is None


@http
async def test_an_applied_payment_is_voided_and_the_invoice_is_open_again(
    office: Office,
) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer, "100.00")
    draft, receipt = await done(
        office, PaymentRecord(amount=Decimal(60), invoices=(made["DocNumber"],))
    )
    await office.minute()

    change = undoing(draft, receipt)
    _, facts = await office.ledger.draft(
        office.company.id, change, ref="P-18", today=TODAY
    )
    reverse, _ = await undone(office, draft, receipt)

    assert reverse.action == "payment.void"
    effects = {each.label: (each.before, each.value) for each in facts.effects}
    label = f"Open on invoice {made['DocNumber']}"
    assert effects[label] == ("$40.00", "$100.00")
    name = f"Balance of {customer['DisplayName']}"
    assert effects[name] == ("$40.00", "$100.00")
    invoice = await office.one("Invoice", made["Id"])
    payment = await office.one("Payment", receipt.record_id)
    assert number(invoice["Balance"]) == 100
    assert number(payment["TotalAmt"]) == 0
    after = await office.one("Customer", customer["Id"])
    assert number(after["Balance"]) == 100


@http
async def test_a_deposited_payment_stays(office: Office) -> None:
    customer = await office.new_customer()
    draft, receipt = await done(
        office, PaymentRecord(customer["DisplayName"], amount=Decimal(70))
    )
    (bank, *_) = await office.query("SELECT * FROM Account WHERE AccountType = 'Bank'")
    link = {"TxnId": receipt.record_id, "TxnType": "Payment", "TxnLineId": "0"}
    await office.write(
        "Deposit",
        {
            "DepositToAccountRef": {"value": bank["Id"]},
            "Line": [{"Amount": Decimal(70), "LinkedTxn": [link]}],
        },
    )

    assert "part of a bank deposit" in await refusal(office, draft, receipt)


@http
async def test_a_new_customer_is_made_inactive_unless_something_is_open(
    office: Office,
) -> None:
    draft, receipt = await done(office, CustomerCreate("Blue Heron Cafe"))
    record = await office.one("Customer", receipt.record_id)
    invoice = await office.new_invoice(record)
    busy = await refusal(office, draft, receipt)
    await office.write("Invoice", invoice, operation="void")

    reverse, _ = await undone(office, draft, receipt)

    assert "has a balance of $100.00" in busy
    assert reverse.action == "customer.update"
    assert shown(reverse)["Active"] == ("Yes", "No")
    assert (await office.one("Customer", receipt.record_id))["Active"] is False


@http
async def test_a_changed_customer_gets_exactly_what_it_had(office: Office) -> None:
    customer = await office.new_customer(
        PrimaryEmailAddr={"Address": "old@acme.example"},
        BillAddr={
            "Line1": "1 Mill Lane",
            "City": "Fernwood",
            "CountrySubDivisionCode": "CA",
            "PostalCode": "94901",
        },
        Notes="keep me",
    )
    before = await office.one("Customer", customer["Id"])
    changes = CustomerChanges(
        name=f"{customer['DisplayName']} Ltd",
        email="new@acme.example",
        phone="555 0100",
        terms="Net 15",
        address="2 High Street\nSecond floor\nTown",
    )
    draft, receipt = await done(
        office, CustomerUpdate(customer["DisplayName"], changes)
    )

    reverse, _ = await undone(office, draft, receipt)

    after = await office.one("Customer", customer["Id"])
    for field in ("DisplayName", "PrimaryEmailAddr", "Notes", "Active"):
        assert after[field] == before[field]
    for part in ("Line1", "City", "CountrySubDivisionCode", "PostalCode"):
        assert after["BillAddr"][part] == before["BillAddr"][part]
    assert not after["BillAddr"].get("Line2")
    assert not at(after, "PrimaryPhone.FreeFormNumber")
    assert not at(after, "SalesTermRef.value")
    assert shown(reverse)["E-mail"] == ("new@acme.example", "old@acme.example")
    assert shown(reverse)["Phone"] == ("555 0100", "(none)")


@http
async def test_a_customer_changed_again_since_is_left_alone(office: Office) -> None:
    customer = await office.new_customer(
        PrimaryEmailAddr={"Address": "old@acme.example"}
    )
    draft, receipt = await done(
        office,
        CustomerUpdate(
            customer["DisplayName"], CustomerChanges(email="new@acme.example")
        ),
    )
    record = await office.one("Customer", customer["Id"])
    await office.write(
        "Customer", {**record, "PrimaryEmailAddr": {"Address": "third@acme.example"}}
    )

    said = await refusal(office, draft, receipt)

    assert "E-mail: sent new@acme.example, in QuickBooks third@acme.example" in said


@http
async def test_a_customer_made_active_again_is_made_inactive(office: Office) -> None:
    customer = await office.new_customer()
    await office.write("Customer", {**customer, "Active": False})
    name = customer["DisplayName"]
    draft, receipt = await done(
        office, CustomerUpdate(name, CustomerChanges(active=True))
    )

    await undone(office, draft, receipt)

    assert (await office.one("Customer", customer["Id"]))["Active"] is False


@http
async def test_several_are_taken_back_together_one_step_each(office: Office) -> None:
    customer = await office.new_customer()
    change = InvoiceCreate(customer["DisplayName"], TEN_HOURS)
    posted = [await done(office, change) for _ in range(2)]
    records = tuple(undoing(*each).records[0] for each in posted)

    draft = await office.draft(Undo("P-17", records), ref="P-18")

    assert draft.action == "invoices.void"
    assert draft.independent
    assert draft.heading == "Undo P-17: 2 documents, $3,000.00"
    assert [step.record_id for step in draft.steps] == [
        receipt.record_id for _, receipt in posted
    ]
    name = customer["DisplayName"]
    assert [(each.label, each.value) for each in draft.shown] == [
        (f"Invoice {receipt.doc_number}", f"void, {name}, $1,500.00")
        for _, receipt in posted
    ]
    assert len(draft.notes) == 1


@http
async def test_all_that_was_posted_of_a_list_is_taken_back(office: Office) -> None:
    one, two = await office.new_customer(), await office.new_customer()
    change = InvoicesCreate(
        tuple(InvoiceCreate(each["DisplayName"], TEN_HOURS) for each in (one, two))
    )
    draft, receipt = await done(office, change)

    reverse = await office.draft(undo_of(draft, (receipt,)), ref="P-18")
    receipts: list[Receipt] = []
    for place in range(1, len(reverse.steps) + 1):
        receipts.append(await office.ledger.post(reverse, place, receipts))
    read = [await office.ledger.read_back(reverse, each) for each in receipts]

    assert len(read) == 2
    assert all(each.differences == () for each in read)
    for customer in (one, two):
        after = await office.one("Customer", customer["Id"])
        assert number(after["Balance"]) == 0


@http
async def test_a_long_list_is_credited_in_few_requests_a_number_each(
    pennine: Office,
) -> None:
    customers = [await pennine.new_customer() for _ in range(6)]
    lines = (SaidLine(item="Management Fee", quantity=Decimal(1)),)
    change = InvoicesCreate(
        tuple(InvoiceCreate(str(each["DisplayName"]), lines) for each in customers)
    )
    draft, receipt = await done(pennine, change)
    for customer, part in zip(customers, receipt.parts, strict=True):
        paid = {"TxnId": part.record_id, "TxnType": "Invoice"}
        line = {"Amount": Decimal(1), "LinkedTxn": [paid]}
        party = {"value": customer["Id"]}
        await pennine.write(
            "Payment", {"CustomerRef": party, "TotalAmt": Decimal(1), "Line": [line]}
        )
    before = len(await pennine.far.journal("/query"))

    reverse = await pennine.draft(undo_of(draft, (receipt,)), ref="P-18")

    # One for each kind of record, not one for each record: that would be twelve.
    assert len(await pennine.far.journal("/query")) - before <= 4
    assert reverse.action == "credit_memos.create"
    numbers = [str(loads(step.body)["DocNumber"]) for step in reverse.steps]
    assert len(set(numbers)) == 6
    for number_, shown_ in zip(numbers, reverse.shown, strict=True):
        assert shown_.value.startswith(f"credit memo {number_}, ")


@pytest.mark.parametrize(
    ("ways", "action"),
    [
        (["credit_memo.create"], "credit_memo.create"),
        (["credit_memo.create", "credit_memo.create"], "credit_memos.create"),
        (["invoice.void", "credit_memo.create"], "invoices.void+credit_memos.create"),
    ],
)
def test_the_operation_of_several_names_each_kind(ways: list[str], action: str) -> None:
    done = [Reverse(way, "", "", "") for way in ways]

    assert reverses._action(done) == action
