"""A draft is exactly what will be posted, and shows exactly that."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from qbo import asks
from qbo.asks import (
    CustomerChanges,
    CustomerCreate,
    CustomerUpdate,
    InvoiceCreate,
    InvoiceSend,
    InvoiceVoid,
    PaymentRecord,
    SaidLine,
)
from qbo.books import Draft, Money, Verb, draft_from, draft_text
from qbo.drafting.assembly import digest_of
from qbo.drafting.terms import due_by
from qbo.faults import Alike, Ambiguous, NotFound, Refused, Unreachable
from qbo.wire.exact import loads, number
from tests.qbo.conftest import TODAY, Office

http = pytest.mark.asyncio(loop_scope="session")

TEN_HOURS = (SaidLine(item="Consulting", quantity=Decimal(10)),)


def body(draft: Draft, step: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = loads(draft.steps[step - 1].body)
    return found


def shown(draft: Draft) -> dict[str, str]:
    return {each.label: each.value for each in draft.shown}


def invoice(customer: str = "Acme West", **changes: Any) -> InvoiceCreate:
    return InvoiceCreate(**{"customer": customer, "lines": TEN_HOURS, **changes})


async def refused(office: Office, change: asks.Change) -> str:
    with pytest.raises(Refused) as no:
        await office.draft(change)
    assert no.value.code == "preflight"
    assert "othing has been changed" in no.value.sentence
    return no.value.sentence


async def asked(office: Office, change: asks.Change) -> Ambiguous:
    with pytest.raises(Ambiguous) as question:
        await office.draft(change)
    return question.value


# --- invoice.create -------------------------------------------------------------


@http
async def test_an_invoice_s_shown_values_are_those_of_its_bytes(office: Office) -> None:
    draft = await office.draft(invoice(terms="Net 30", memo="spring planting"))

    sent = body(draft)
    assert sent["CustomerRef"]["name"] == shown(draft)["Customer"] == "Acme West"
    assert sent["TxnDate"] == "2026-11-20"
    assert shown(draft)["Invoice date"] == "20 Nov 2026"
    assert sent["DueDate"] == "2026-12-20"
    assert shown(draft)["Due date"] == "20 Dec 2026"
    assert sent["SalesTermRef"]["name"] == shown(draft)["Terms"] == "Net 30"
    assert sent["PrivateNote"] == shown(draft)["Memo"] == "spring planting (Ref P-17)"
    address = shown(draft)["E-mail on the invoice"]
    assert sent["BillEmail"]["Address"] == address == "west@acme.example"
    line = sent["Line"][0]
    detail = line["SalesItemLineDetail"]
    assert len(draft.lines) == len(sent["Line"]) == 1
    assert draft.lines[0].amount.amount == line["Amount"] == Decimal("1500.00")
    assert draft.lines[0].quantity == detail["Qty"] == 10
    assert draft.lines[0].rate == detail["UnitPrice"] == 150
    assert draft.lines[0].item == detail["ItemRef"]["name"] == "Consulting"
    assert draft.lines[0].description == line["Description"]
    assert draft.total == Money(Decimal("1500.00"), "USD")
    assert draft.heading == "Invoice Acme West for $1,500.00"
    assert "DocNumber" not in sent
    assert len(draft.steps) == 1


@http
async def test_amounts_leave_as_numbers_with_their_exact_digits(
    office: Office,
) -> None:
    line = SaidLine(
        item="Consulting", quantity=Decimal("14.50"), rate=Decimal("128.35")
    )

    draft = await office.draft(invoice(lines=(line,)))

    text = draft.steps[0].body.decode()
    assert '"Amount":1861.08,' in text
    assert '"Qty":14.5,"UnitPrice":128.35' in text


@http
async def test_a_draft_survives_being_stored(office: Office) -> None:
    draft = await office.draft(invoice(memo="Müller's “Gärten”"))

    assert draft_from(draft_text(draft)) == draft
    assert draft.steps[0].digest == digest_of(draft, draft.steps[0])
    assert asks.change_from(draft.change) == invoice(memo="Müller's “Gärten”")


@http
async def test_the_same_request_has_the_same_bytes_and_another_request_id(
    office: Office,
) -> None:
    one, two = await office.draft(invoice()), await office.draft(invoice())

    assert one.digest == two.digest
    assert one.steps[0].body == two.steps[0].body
    assert one.steps[0].request_id != two.steps[0].request_id
    assert re.fullmatch("[0-9a-f]{32}", one.steps[0].request_id)


@http
async def test_sending_is_a_second_step_that_names_the_address(
    office: Office,
) -> None:
    draft = await office.draft(invoice(send=True))

    first, second = draft.steps
    assert (first.verb, second.verb) == (Verb.CREATE, Verb.SEND)
    assert second.path == "invoice/{1.id}/send"
    assert second.query == (("sendTo", "west@acme.example"),)
    assert second.body == b""
    assert second.content_type == "application/octet-stream"
    assert shown(draft)["E-mail to"] == "west@acme.example"
    assert draft.heading.endswith("and e-mail it")


@http
async def test_another_address_may_be_said(office: Office) -> None:
    draft = await office.draft(invoice(send=True, email="boss@acme.example"))

    assert body(draft)["BillEmail"] == {"Address": "boss@acme.example"}
    assert draft.steps[1].query == (("sendTo", "boss@acme.example"),)


@http
async def test_terms_are_the_customer_s_then_the_company_s(office: Office) -> None:
    bare = await office.new_customer()

    own = await office.draft(invoice("Northgate School"))
    default = await office.draft(invoice(bare["DisplayName"]))

    assert shown(own)["Terms"] == "Net 60"
    assert body(own)["DueDate"] == "2027-01-19"
    assert "Terms as the customer has them." in own.notes
    assert shown(default)["Terms"] == "Net 30"
    assert "Terms as the company's default." in default.notes


@http
async def test_a_due_date_that_was_said_needs_no_terms(office: Office) -> None:
    draft = await office.draft(invoice(due_date=date(2026, 12, 1)))

    assert body(draft)["DueDate"] == "2026-12-01"
    assert "SalesTermRef" not in body(draft)
    assert "Terms" not in shown(draft)


@http
async def test_taxable_lines_get_an_estimate_that_is_called_one(
    office: Office,
) -> None:
    line = SaidLine(item="Garden Lights", quantity=Decimal(4))

    draft = await office.draft(invoice(lines=(line, *TEN_HOURS)))

    codes = [
        each["SalesItemLineDetail"]["TaxCodeRef"]["value"]
        for each in body(draft)["Line"]
    ]
    assert codes == ["TAX", "NON"]
    assert draft.tax == Money(Decimal("8.23"), "USD")  # 99.80 at 8.25 %
    assert draft.total == Money(Decimal("1608.03"), "USD")
    assert shown(draft)["Subtotal"] == "$1,599.80"
    assert "8.23" in shown(draft)["Sales tax (estimate)"]
    assert any("estimate" in note for note in draft.notes)
    assert "TxnTaxDetail" not in body(draft)


@http
@pytest.mark.parametrize(
    ("said", "sent"),
    [
        (SaidLine(item="Delivery"), ("45.00", "1", "45")),
        (SaidLine(item="Consulting", rate=Decimal("99.50")), ("99.50", "1", "99.5")),
        (SaidLine(item="Consulting", amount=Decimal(1200)), ("1200.00", None, None)),
        (
            SaidLine(item="Consulting", quantity=Decimal(3), amount=Decimal(100)),
            ("100.00", "3", "33.3333333"),
        ),
        (
            SaidLine(
                item="Consulting",
                quantity=Decimal("2.5"),
                rate=Decimal(10),
                amount=Decimal(25),
            ),
            ("25.00", "2.5", "10"),
        ),
    ],
)
async def test_what_was_not_said_of_a_line_is_filled_in(
    office: Office, said: SaidLine, sent: tuple[str, str | None, str | None]
) -> None:
    draft = await office.draft(invoice(lines=(said,)))

    line = body(draft)["Line"][0]
    detail = line["SalesItemLineDetail"]
    found = [line["Amount"], detail.get("Qty"), detail.get("UnitPrice")]
    assert [None if each is None else str(each) for each in found] == list(sent)


@http
@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"lines": ()}, "lines"),
        ({"lines": (SaidLine(quantity=Decimal(1)),)}, "item"),
        ({"lines": (SaidLine(item="Consulting", quantity=Decimal(0)),)}, "quantity"),
        ({"lines": (SaidLine(item="Consulting", amount=Decimal(0)),)}, "amount"),
        (
            {
                "lines": (
                    SaidLine(
                        item="Consulting",
                        quantity=Decimal(2),
                        rate=Decimal(3),
                        amount=Decimal(7),
                    ),
                )
            },
            "amount",
        ),
        ({"due_date": date(2026, 11, 1)}, "due_date"),
        ({"send": True, "email": "nobody"}, "email"),
    ],
)
async def test_what_is_in_doubt_is_asked(
    office: Office, changes: dict[str, Any], about: str
) -> None:
    question = await asked(office, invoice(**changes))

    assert question.about == about
    assert question.sentence.endswith("?")


@http
async def test_a_missing_address_is_asked_for(office: Office) -> None:
    customer = await office.new_customer()

    question = await asked(office, invoice(customer["DisplayName"], send=True))

    assert question.about == "email"
    assert customer["DisplayName"] in question.sentence


@http
async def test_an_unknown_name_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound) as no:
        await office.draft(invoice("Nobody Ltd"))
    assert (no.value.kind, no.value.name) == ("customer", "Nobody Ltd")

    with pytest.raises(NotFound) as no:
        await office.draft(invoice(lines=(SaidLine(item="Unicorns"),)))
    assert no.value.kind == "item"


@http
async def test_inactive_customers_are_refused_beforehand(office: Office) -> None:
    inactive = await refused(office, invoice("Old Mill Bakery"))

    assert "Old Mill Bakery is inactive" in inactive


@http
async def test_a_duplicate_and_the_customer_s_habits_are_circumstances(
    office: Office,
) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer, "1500.00", TxnDate="2026-11-17")
    office.clock.advance(minutes=1)

    _, around = await office.ledger.draft(
        office.company.id,
        invoice(customer["DisplayName"], date=date(2026, 11, 18)),
        ref="P-1",
        today=TODAY,
    )

    assert around.party == customer["DisplayName"]
    assert not around.party_is_new
    assert str(around.party_open) == str(around.party_overdue) == "$1,500.00"
    assert str(around.amount) == str(around.largest_before) == "$1,500.00"
    assert around.backdated_days == 2
    assert around.duplicates == (
        f"Invoice {made['DocNumber']}, same customer and amount, 1 day earlier",
    )


@http
async def test_a_customer_without_invoices_is_new(office: Office) -> None:
    customer = await office.new_customer()
    office.clock.advance(minutes=1)

    _, around = await office.ledger.draft(
        office.company.id, invoice(customer["DisplayName"]), ref="P-1", today=TODAY
    )

    assert around.party_is_new
    assert around.largest_before is None
    assert around.duplicates == ()


@pytest.mark.parametrize(
    ("term", "start", "due"),
    [
        ({"DueDays": 30}, date(2026, 11, 20), date(2026, 12, 20)),
        ({"DueDays": 0}, date(2026, 11, 20), date(2026, 11, 20)),
        ({"DayOfMonthDue": 25}, date(2026, 11, 20), date(2026, 11, 25)),
        ({"DayOfMonthDue": 15}, date(2026, 11, 20), date(2026, 12, 15)),
        ({"DayOfMonthDue": 31}, date(2026, 11, 20), date(2026, 11, 30)),
        (
            {"DayOfMonthDue": 25, "DueNextMonthDays": 10},
            date(2026, 12, 20),
            date(2027, 1, 25),
        ),
    ],
)
def test_terms_give_the_due_date(term: dict[str, int], start: date, due: date) -> None:
    assert due_by(term, start) == due


# --- the British company --------------------------------------------------------


@http
async def test_each_line_has_its_item_s_vat_code(pennine: Office) -> None:
    lines = (
        SaidLine(item="Management Fee", quantity=Decimal(2)),
        SaidLine(item="Insulation Works", quantity=Decimal(1)),
        SaidLine(item="Ground Rent", quantity=Decimal(1)),
    )

    draft = await pennine.draft(invoice("Hebden House", lines=lines))

    sent = body(draft)
    assert sent["GlobalTaxCalculation"] == "TaxExcluded"
    assert sent["DocNumber"] == "AUTO_GENERATE"
    names = {
        each["Id"]: each["Name"]
        for each in await pennine.query("SELECT * FROM TaxCode")
    }
    codes = [
        names[each["SalesItemLineDetail"]["TaxCodeRef"]["value"]]
        for each in sent["Line"]
    ]
    assert codes == ["20.0% S", "5.0% R", "Exempt"]
    # 480.00 at 20 %, 1,450.00 at 5 %
    assert draft.tax == Money(Decimal("168.50"), "GBP")
    assert draft.total == Money(Decimal("2223.50"), "GBP")
    assert "QuickBooks gives it the next number." in draft.notes


@http
async def test_the_estimate_is_what_quickbooks_charges(pennine: Office) -> None:
    lines = (SaidLine(item="Service Charge", quantity=Decimal("1.37")),)

    receipts = await pennine.applied(invoice("Hebden House", lines=lines))

    assert receipts[0].differences == ()
    assert receipts[0].doc_number


@http
async def test_a_customer_abroad_is_billed_in_its_currency(pennine: Office) -> None:
    line = SaidLine(item="Management Fee", amount=Decimal(100))

    draft = await pennine.draft(invoice("Dublin Docks Management", lines=(line,)))

    assert body(draft)["CurrencyRef"] == {"value": "EUR"}
    assert draft.lines[0].amount == Money(Decimal("100.00"), "EUR")
    assert "This customer is billed in EUR." in draft.notes
    unpriced = invoice(
        "Dublin Docks Management",
        lines=(SaidLine(item="Management Fee", quantity=Decimal(2)),),
    )
    question = await asked(pennine, unpriced)
    assert question.about == "amount"
    assert "price list is in GBP" in question.sentence


# --- customers ------------------------------------------------------------------


@http
async def test_a_new_customer_has_what_was_said_and_no_more(office: Office) -> None:
    change = CustomerCreate(
        name="Zoë's  Café",
        email="zoe@cafe.example",
        phone="555 0100",
        terms="Net 15",
        address="12 Mill Lane\nFernwood CA 94901",
    )

    draft = await office.draft(change)

    sent = body(draft)
    assert set(sent) == {
        *("DisplayName", "PrimaryEmailAddr", "PrimaryPhone", "SalesTermRef"),
        "BillAddr",
    }
    assert sent["BillAddr"] == {"Line1": "12 Mill Lane", "Line2": "Fernwood CA 94901"}
    assert shown(draft) == {
        "Name": sent["DisplayName"],
        "E-mail": "zoe@cafe.example",
        "Phone": "555 0100",
        "Terms": "Net 15",
        "Address": "12 Mill Lane\nFernwood CA 94901",
    }


@http
@pytest.mark.parametrize("name", ["acme west", "Shell Fleet", "O'CONNOR & SONS"])
async def test_a_taken_name_cannot_be_had_whoever_insists(
    office: Office, name: str
) -> None:
    question = await asked(office, CustomerCreate(name=name, anyway=True))

    assert isinstance(question, Alike)
    assert question.taken
    assert question.about == "name"
    assert "already has a" in question.sentence


@http
@pytest.mark.parametrize(
    ("change", "about"),
    [
        (CustomerCreate(name="A:B"), "name"),
        (CustomerCreate(name="  "), "name"),
        (CustomerCreate(name="Fine", email="not an address"), "email"),
        (CustomerCreate(name="Fine", phone="5" * 31), "phone"),
        (CustomerCreate(name="Fine", address=" \n "), "address"),
        (CustomerUpdate("Acme West", CustomerChanges()), "changes"),
    ],
)
async def test_what_a_customer_cannot_have_is_asked(
    office: Office, change: asks.Change, about: str
) -> None:
    assert (await asked(office, change)).about == about


@http
@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Zephyr", "Zephyr Cycles"),
        ("Tidewater Hotel Annexe", "Tidewater Hotel"),
        ("Kowalski Bros", "Kowalski Brothers"),
    ],
)
async def test_a_name_that_another_begins_with_is_nearly_the_same(
    office: Office, name: str, known: str
) -> None:
    question = await asked(office, CustomerCreate(name=name))

    assert isinstance(question, Alike)
    assert not question.taken
    assert known in question.sentence


@http
async def test_a_customer_nearly_the_same_is_pointed_out(office: Office) -> None:
    office.clock.advance(minutes=1)

    _, around = await office.ledger.draft(
        office.company.id,
        CustomerCreate(name="Acme Wesst", email="WEST@acme.example", anyway=True),
        ref="P-1",
        today=TODAY,
    )

    assert around.duplicates == ("Acme West, same e-mail address",)
    assert around.party_is_new


@http
async def test_an_update_shows_before_and_after_and_sends_only_that(
    office: Office,
) -> None:
    customer = await office.new_customer(
        PrimaryEmailAddr={"Address": "old@lee.example"}
    )
    name = customer["DisplayName"]

    draft = await office.draft(
        CustomerUpdate(name, CustomerChanges(email="new@lee.example", phone="555 0199"))
    )

    assert body(draft) == {
        "Id": customer["Id"],
        "SyncToken": "0",
        "sparse": True,
        "PrimaryEmailAddr": {"Address": "new@lee.example"},
        "PrimaryPhone": {"FreeFormNumber": "555 0199"},
    }
    found = {each.label: (each.before, each.value) for each in draft.shown}
    assert found["E-mail"] == ("old@lee.example", "new@lee.example")
    assert found["Phone"] == ("(none)", "555 0199")
    assert draft.steps[0].record_id == customer["Id"]


@http
async def test_what_is_so_already_is_no_change(office: Office) -> None:
    customer = await office.new_customer(
        PrimaryEmailAddr={"Address": "same@lee.example"}
    )
    changes = CustomerChanges(email="same@lee.example", active=True)

    sentence = await refused(office, CustomerUpdate(customer["DisplayName"], changes))

    assert "already" in sentence


@http
async def test_a_customer_is_made_inactive_and_active_again(office: Office) -> None:
    customer = await office.new_customer()
    name = customer["DisplayName"]
    off = CustomerUpdate(name, CustomerChanges(active=False))
    on = CustomerUpdate(name, CustomerChanges(active=True))

    assert (await office.applied(off))[0].differences == ()
    assert "is inactive" in await refused(office, invoice(name))
    assert (await office.applied(on))[0].differences == ()

    record = await office.one("Customer", customer["Id"])
    assert (record["Active"], record["DisplayName"]) == (True, name)


# --- payments -------------------------------------------------------------------


@http
async def test_a_payment_without_invoices_goes_to_the_oldest_first(
    office: Office,
) -> None:
    customer = await office.new_customer()
    late = await office.new_invoice(customer, "50.00", DueDate="2026-11-09")
    early = await office.new_invoice(customer, "100.00", DueDate="2026-11-05")

    draft = await office.draft(
        PaymentRecord(
            customer=customer["DisplayName"],
            amount=Decimal(120),
            method="Check",
            reference="CHK-7",
        )
    )

    sent = body(draft)
    assert [
        (each["LinkedTxn"][0]["TxnId"], str(each["Amount"])) for each in sent["Line"]
    ] == [(early["Id"], "100.00"), (late["Id"], "20.00")]
    assert str(sent["TotalAmt"]) == "120.00"
    assert draft.total == Money(number(sent["TotalAmt"]), "USD")
    assert [each.amount.amount for each in draft.lines] == [
        each["Amount"] for each in sent["Line"]
    ]
    assert sent["PaymentRefNum"] == shown(draft)["Reference"] == "CHK-7"
    assert sent["PaymentMethodRef"]["name"] == shown(draft)["Method"] == "Check"
    deposit = sent["DepositToAccountRef"]["name"]
    assert deposit == shown(draft)["Deposit to"] == "Undeposited Funds"
    assert sent["PrivateNote"] == shown(draft)["Memo"] == "Ref P-17"
    assert draft.notes == ("No invoices were named: applied to the oldest first.",)
    assert early["DocNumber"] in (draft.lines[0].description or "")


@http
async def test_a_payment_above_what_is_open_says_so(office: Office) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer, "100.00")

    draft = await office.draft(
        PaymentRecord(invoices=(made["DocNumber"],), amount=Decimal("130.00"))
    )

    assert [str(each["Amount"]) for each in body(draft)["Line"]] == ["100.00"]
    assert any("$30.00 stays" in note for note in draft.notes)


@http
async def test_in_full_is_what_is_open(office: Office) -> None:
    customer = await office.new_customer()
    made = [await office.new_invoice(customer, each) for each in ("10.10", "20.20")]
    numbers = tuple(each["DocNumber"] for each in made)

    named = await office.draft(PaymentRecord(invoices=numbers, full=True))
    everything = await office.draft(
        PaymentRecord(customer=customer["DisplayName"], full=True)
    )

    assert str(named.total) == str(everything.total) == "$30.30"


@http
async def test_a_payment_may_go_to_a_named_bank_account(office: Office) -> None:
    change = PaymentRecord(
        customer="Acme West", amount=Decimal(5), deposit_to="Business Checking"
    )

    draft = await office.draft(change)

    assert shown(draft)["Deposit to"] == "Business Checking"


@http
async def test_paid_voided_and_foreign_invoices_are_refused_beforehand(
    office: Office,
) -> None:
    customer, other = await office.new_customer(), await office.new_customer()
    mine = await office.new_invoice(customer)
    theirs = await office.new_invoice(other)
    voided = await office.new_invoice(customer)
    await office.write(
        "Invoice", {"Id": voided["Id"], "SyncToken": "0"}, operation="void"
    )
    paid = await office.new_invoice(customer)
    await office.applied(PaymentRecord(invoices=(paid["DocNumber"],), full=True))

    async def no(*numbers: str, name: str | None = None) -> str:
        change = PaymentRecord(customer=name, invoices=numbers, full=True)
        return await refused(office, change)

    assert "is voided" in await no(voided["DocNumber"])
    again = await no(paid["DocNumber"])
    assert "is paid already. Look at it with “show invoice" in again
    assert "ask for a credit memo" in again
    assert "one customer" in await no(mine["DocNumber"], theirs["DocNumber"])
    sentence = await no(theirs["DocNumber"], name=customer["DisplayName"])
    assert f"belongs to {other['DisplayName']}" in sentence
    empty = PaymentRecord(customer=other["DisplayName"], full=True)
    await office.applied(empty)
    assert "no open invoices" in await refused(office, empty)


@http
async def test_a_parent_may_pay_for_its_sub_customer(office: Office) -> None:
    parent = await office.new_customer()
    child = await office.new_customer(Job=True, ParentRef={"value": parent["Id"]})
    made = await office.new_invoice(child)

    receipts = await office.applied(
        PaymentRecord(
            customer=parent["DisplayName"], invoices=(made["DocNumber"],), full=True
        )
    )

    assert receipts[0].differences == ()
    assert (await office.one("Invoice", made["Id"]))["Balance"] == 0


@http
@pytest.mark.parametrize(
    ("change", "about"),
    [
        (PaymentRecord(amount=Decimal(5)), "customer"),
        (PaymentRecord(customer="Acme West"), "amount"),
        (PaymentRecord(customer="Acme West", amount=Decimal(0)), "amount"),
        (
            PaymentRecord(customer="Acme West", amount=Decimal(5), reference="x" * 22),
            "reference",
        ),
        (
            PaymentRecord(customer="Acme West", amount=Decimal(5), deposit_to="Fuel"),
            "deposit_to",
        ),
    ],
)
async def test_what_a_payment_lacks_is_asked(
    office: Office, change: PaymentRecord, about: str
) -> None:
    assert (await asked(office, change)).about == about


# --- void and send --------------------------------------------------------------


@http
async def test_a_void_shows_what_is_voided(office: Office) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer, "80.00")

    draft = await office.draft(InvoiceVoid(made["DocNumber"]))

    assert body(draft) == {"Id": made["Id"], "SyncToken": made["SyncToken"]}
    assert draft.steps[0].query == (("operation", "void"),)
    found = {each.label: (each.before, each.value) for each in draft.shown}
    assert found["Total"] == ("$80.00", "$0.00")
    assert found["Customer"] == (None, customer["DisplayName"])
    assert draft.total == Money(Decimal("80.00"), "USD")


@http
async def test_voiding_twice_is_refused_beforehand(office: Office) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer)
    await office.applied(InvoiceVoid(made["DocNumber"]))

    assert "voided already" in await refused(office, InvoiceVoid(made["DocNumber"]))


@http
async def test_voiding_a_paid_invoice_says_what_becomes_of_the_payment(
    office: Office,
) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer, "80.00")
    await office.applied(
        PaymentRecord(invoices=(made["DocNumber"],), amount=Decimal(30))
    )

    draft = await office.draft(InvoiceVoid(made["DocNumber"]))

    assert any("$30.00 has been paid on it" in note for note in draft.notes)


@http
async def test_several_invoices_are_sent_one_step_each(office: Office) -> None:
    customer = await office.new_customer(
        PrimaryEmailAddr={"Address": "lee@lee.example"}
    )
    made = [await office.new_invoice(customer) for _ in range(3)]
    await office.write(
        "Invoice", {"Id": made[2]["Id"], "SyncToken": "0"}, operation="void"
    )

    draft = await office.draft(
        InvoiceSend(customer=customer["DisplayName"], status="unsent")
    )

    assert [each.path for each in draft.steps] == [
        f"invoice/{each['Id']}/send" for each in made[:2]
    ]
    assert all(each.query == (("sendTo", "lee@lee.example"),) for each in draft.steps)
    assert draft.heading == "E-mail 2 invoices"
    assert all("lee@lee.example" in each.value for each in draft.shown)


@http
async def test_sending_asks_for_an_address_and_refuses_a_voided_one(
    office: Office,
) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer)

    question = await asked(office, InvoiceSend(invoice=made["DocNumber"]))
    assert question.about == "email"

    draft = await office.draft(
        InvoiceSend(invoice=made["DocNumber"], email="ann@lee.example")
    )
    assert draft.heading == f"E-mail invoice {made['DocNumber']} to ann@lee.example"

    await office.applied(InvoiceVoid(made["DocNumber"]))
    sentence = await refused(office, InvoiceSend(invoice=made["DocNumber"]))
    assert "voided" in sentence


@http
async def test_more_invoices_than_a_proposal_holds_are_refused(
    office: Office,
) -> None:
    assert "more than 30" in await refused(office, InvoiceSend(status="paid"))


@http
async def test_nothing_to_send_is_not_found(office: Office) -> None:
    customer = await office.new_customer()

    with pytest.raises(NotFound):
        await office.draft(InvoiceSend(customer=customer["DisplayName"]))


@http
async def test_nothing_is_drafted_from_an_old_copy(office: Office) -> None:
    await office.far.order("/v3/", times=100, status=503)

    with pytest.raises(Unreachable) as no:
        await office.draft(invoice())

    assert "cannot be reached" in no.value.sentence


@http
async def test_drafting_writes_nothing(office: Office) -> None:
    await office.draft(invoice(send=True))
    await office.draft(PaymentRecord(customer="Acme West", amount=Decimal(5)))

    journal = await office.far.journal("/v3/")

    assert {line["method"] for line in journal} == {"GET"}
