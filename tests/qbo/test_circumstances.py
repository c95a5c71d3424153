"""Facts around a draft: what looks like it, what changed, what is on file."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from qbo.asks import Change, InvoiceCreate, InvoiceVoid, PaymentRecord, SaidLine
from qbo.books import Circumstances, Draft
from qbo.drafting.likeness import is_near
from tests.qbo.conftest import TODAY, Office

http = pytest.mark.asyncio(loop_scope="session")
TEN_HOURS = (SaidLine(item="Consulting", quantity=Decimal(10)),)


async def around(office: Office, change: Change) -> tuple[Draft, Circumstances]:
    await office.minute()
    return await office.ledger.draft(office.company.id, change, ref="P-17", today=TODAY)


def invoice(customer: dict[str, Any], **changes: Any) -> InvoiceCreate:
    values = {"customer": customer["DisplayName"], "lines": TEN_HOURS, **changes}
    return InvoiceCreate(**values)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("1042", "1042"), ("1042", "1O42"), ("1042", "1042-A"), ("1042", "01042")),
        *(("1042", "#1042"), ("1042", " 1042 "), ("l042", "1042"), ("INV-7", "inv7")),
        *(("1042b", "1042"), ("AB", "ab")),
    ],
)
def test_numbers_that_are_easily_mistaken_are_near(one: str, other: str) -> None:
    assert is_near(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("1042", "1043"), ("1042", "10420"), ("1042", ""), ("", ""), ("A-1", "A-2")),
        *(("OIL", "011"), ("1042-1", "1042-2")),
    ],
)
def test_other_numbers_are_not(one: str, other: str) -> None:
    assert not is_near(one, other)


@http
async def test_the_same_amount_within_thirty_days_is_a_duplicate(
    office: Office,
) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer, "1500.00", TxnDate="2026-10-21")
    await office.new_invoice(customer, "1500.00", TxnDate="2026-10-20")

    _, facts = await around(office, invoice(customer))

    assert facts.duplicates == (
        f"Invoice {made['DocNumber']}, same customer and amount, 30 days earlier",
    )


@http
async def test_a_voided_one_is_no_duplicate(office: Office) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer, "1500.00", TxnDate="2026-11-18")
    await office.applied(InvoiceVoid(made["DocNumber"]))

    _, facts = await around(office, invoice(customer))

    assert facts.duplicates == ()


@http
async def test_a_reference_that_is_nearly_another_is_named(office: Office) -> None:
    customer = await office.new_customer()
    payment = {
        "CustomerRef": {"value": customer["Id"]},
        "TotalAmt": Decimal("70.00"),
        "TxnDate": "2026-11-10",
        "PaymentRefNum": "1O42",
    }
    await office.write("Payment", payment)

    _, facts = await around(
        office,
        PaymentRecord(customer["DisplayName"], amount=Decimal(30), reference="1042"),
    )

    assert facts.numbers == ("1042 here, and 1O42 on a payment of 10 Nov 2026",)


@http
async def test_what_is_on_file_is_said(office: Office) -> None:
    customer = await office.new_customer()
    await office.write(
        "Payment",
        {
            "CustomerRef": {"value": customer["Id"]},
            "TotalAmt": Decimal("70.00"),
            "TxnDate": "2026-11-10",
        },
    )

    _, facts = await around(office, invoice(customer))

    assert str(facts.credit) == "$70.00"
    assert facts.credits == ("payment of 10 Nov 2026, $70.00",)


@http
async def test_a_changed_address_is_noticed_with_both_values(office: Office) -> None:
    customer = await office.new_customer(
        PrimaryEmailAddr={"Address": "old@acme.example"}
    )
    _, before = await around(office, invoice(customer))
    await office.write(
        "Customer",
        {
            "Id": customer["Id"],
            "SyncToken": customer["SyncToken"],
            "sparse": True,
            "DisplayName": customer["DisplayName"],
            "PrimaryEmailAddr": {"Address": "new@evil.example"},
        },
    )

    _, after = await around(office, invoice(customer))

    assert before.changed == ()
    assert after.changed == (
        "the e-mail was old@acme.example and is new@evil.example (noticed 20 Nov 2026)",
    )


@http
async def test_a_change_that_was_taken_back_or_is_old_is_none(office: Office) -> None:
    customer = await office.new_customer(
        PrimaryEmailAddr={"Address": "old@acme.example"}
    )
    await around(office, invoice(customer))
    record = customer
    for address in ("new@evil.example", "old@acme.example"):
        record = await office.write(
            "Customer",
            {**record, "PrimaryEmailAddr": {"Address": address}},
        )
        _, facts = await around(office, invoice(customer))

    assert facts.changed == ()
    noticed = await office.mirror.field_changes(
        office.company.id,
        "Customer",
        customer["Id"],
        office.clock() + timedelta(seconds=1),
    )
    assert noticed == ()


@http
async def test_a_rate_beside_the_price_list_is_said(office: Office) -> None:
    line = SaidLine(item="Consulting", quantity=Decimal(2), rate=Decimal("99.50"))
    customer = await office.new_customer()

    _, other = await around(office, invoice(customer, lines=(line,)))
    _, same = await around(office, invoice(customer))

    assert other.prices == ("Consulting at $99.50, and the price list says $150.00",)
    assert same.prices == ()


@http
async def test_sizes_before_are_counted_and_their_middle_found(
    office: Office,
) -> None:
    customer = await office.new_customer()
    for amount in ("10.00", "20.00", "30.00", "9000.00"):
        await office.new_invoice(customer, amount)

    _, facts = await around(office, invoice(customer))

    assert facts.count_before == 4
    assert str(facts.median_before) == "$20.00"
    assert str(facts.largest_before) == "$9,000.00"


@http
async def test_all_names_are_full_and_days_and_closing_are_known(
    office: Office,
) -> None:
    customer = await office.new_customer()

    draft, facts = await around(office, invoice(customer, date=date(2025, 12, 31)))

    assert facts.customers == (customer["DisplayName"],)
    (consulting,) = await office.query("SELECT * FROM Item WHERE Name = 'Consulting'")
    assert facts.items == (consulting["FullyQualifiedName"],)
    assert consulting["IncomeAccountRef"]["name"] in facts.accounts
    assert facts.dates == (date(2025, 12, 31),)
    assert facts.closed_through == date(2025, 12, 31)
    assert facts.backdated_days == 324
    assert draft.steps  # a date in a closed period is drafted, and denied at the desk


@http
async def test_the_facts_can_be_had_again_later(office: Office) -> None:
    customer = await office.new_customer()
    draft, before = await around(office, invoice(customer))
    await office.new_invoice(customer, "1500.00", TxnDate="2026-11-19")
    await office.minute()

    after = await office.ledger.circumstances(draft)

    assert before.duplicates == ()
    assert len(after.duplicates) == 1
    assert "same customer and amount, 1 day earlier" in after.duplicates[0]
