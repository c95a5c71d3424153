"""What a draft says it will do is what it does: in QuickBooks' own figures."""

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from qbo.asks import (
    Change,
    CustomerChanges,
    CustomerUpdate,
    InvoiceCreate,
    InvoiceVoid,
    PaymentRecord,
    SaidLine,
)
from qbo.books import Circumstances, Draft, Money
from qbo.wire.exact import at, number
from tests.qbo.conftest import TODAY, Office

http = pytest.mark.asyncio(loop_scope="session")
TEN_HOURS = (SaidLine(item="Consulting", quantity=Decimal(10)),)


async def around(office: Office, change: Change) -> tuple[Draft, Circumstances]:
    await office.minute()
    return await office.ledger.draft(office.company.id, change, ref="P-17", today=TODAY)


async def posted(office: Office, draft: Draft) -> dict[str, Any]:
    receipt = await office.ledger.post(draft, 1, ())
    await office.ledger.read_back(draft, receipt)
    return await office.one(receipt.entity, receipt.record_id)


def effects(facts: Circumstances) -> dict[str, tuple[str | None, str]]:
    return {each.label: (each.before, each.value) for each in facts.effects}


async def balance(office: Office, entity: str, record_id: str) -> str:
    record = await office.one(entity, record_id)
    currency = at(record, "CurrencyRef.value") or office.company.currency
    return str(Money(number(record["Balance"]), currency))


def lines(office: Office, chance: random.Random, items: list[str]) -> Any:
    del office
    return tuple(
        SaidLine(
            item=chance.choice(items),
            quantity=Decimal(chance.randint(1, 999)) / 10,
            rate=Decimal(chance.randint(1, 99999)) / 100,
        )
        for _ in range(chance.randint(1, 5))
    )


async def sellable(office: Office) -> list[str]:
    found = await office.query("SELECT * FROM Item MAXRESULTS 1000")
    return [
        each["Name"]
        for each in found
        if each.get("Type") in ("Service", "NonInventory") and each.get("UnitPrice")
    ]


@http
@pytest.mark.parametrize("seed", range(3))
async def test_tax_and_balance_are_quickbooks_own_to_the_cent(
    office: Office, pennine: Office, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    for place, customer in ((office, "Acme West"), (pennine, "Hebden House")):
        items = await sellable(place)
        for _ in range(8):
            draft, facts = await around(
                place, InvoiceCreate(customer, lines(place, chance, items))
            )

            made = await posted(place, draft)

            charged = number(at(made, "TxnTaxDetail.TotalTax"))
            assert draft.tax is not None
            assert draft.tax.amount == charged, draft.lines
            assert draft.total is not None
            assert draft.total.amount == number(made["TotalAmt"])
            before, after = effects(facts)[f"Balance of {customer}"]
            assert before != after
            customer_id = made["CustomerRef"]["value"]
            assert after == await balance(place, "Customer", customer_id)
            said = "none" if not charged else str(draft.tax)
            assert effects(facts)["Tax"][1].startswith(said)


@http
async def test_a_payment_s_balances_are_as_foretold(office: Office) -> None:
    customer = await office.new_customer()
    one = await office.new_invoice(customer, "100.00", DueDate="2026-11-09")
    two = await office.new_invoice(customer, "50.00")

    draft, facts = await around(
        office, PaymentRecord(customer["DisplayName"], amount=Decimal(180))
    )
    made = await posted(office, draft)

    found = effects(facts)
    name = customer["DisplayName"]
    assert found[f"Balance of {name}"] == ("$150.00", "-$30.00")
    assert await balance(office, "Customer", customer["Id"]) == "-$30.00"
    for each, open_ in ((one, "$100.00"), (two, "$50.00")):
        assert found[f"Open on invoice {each['DocNumber']}"] == (open_, "$0.00")
        assert await balance(office, "Invoice", each["Id"]) == "$0.00"
    assert found["Kept as credit"][1].startswith("$30.00")
    assert number(made["UnappliedAmt"]) == 30


@http
async def test_a_part_payment_leaves_the_rest_open(office: Office) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer, "100.00")

    draft, facts = await around(
        office,
        PaymentRecord(amount=Decimal("40.50"), invoices=(made["DocNumber"],)),
    )
    await posted(office, draft)

    label = f"Open on invoice {made['DocNumber']}"
    assert effects(facts)[label] == ("$100.00", "$59.50")
    assert await balance(office, "Invoice", made["Id"]) == "$59.50"
    assert "Kept as credit" not in effects(facts)


@http
async def test_what_the_period_loses_by_a_void_it_loses(office: Office) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer, "123.45")

    async def income() -> Decimal:
        report = await office.report(
            "ProfitAndLoss", start_date="2026-11-01", end_date="2026-11-30",
            accounting_method="Accrual",
        )  # fmt: skip
        (row,) = (r for r in report["Rows"]["Row"] if r.get("group") == "Income")
        return number(row["Summary"]["ColData"][1]["value"])

    before = await income()
    draft, facts = await around(office, InvoiceVoid(made["DocNumber"]))
    await posted(office, draft)

    found = effects(facts)
    assert found["Income of November 2026"][1].startswith("falls by $123.45")
    assert before - await income() == Decimal("123.45")
    name = customer["DisplayName"]
    assert found[f"Balance of {name}"] == ("$123.45", "$0.00")
    assert await balance(office, "Customer", customer["Id"]) == "$0.00"


@http
async def test_periods_are_those_of_the_company_s_year(
    office: Office, pennine: Office
) -> None:
    ours, _ = "Acme West", None
    _, plain = await around(office, InvoiceCreate(ours, TEN_HOURS))
    _, closed = await around(
        office, InvoiceCreate(ours, TEN_HOURS, date=date(2025, 12, 31))
    )
    line = (SaidLine(item="Management Fee", quantity=Decimal(1)),)
    _, british = await around(pennine, InvoiceCreate("Hebden House", line))

    assert effects(plain)["Period"][1] == (
        "November 2026, quarter 4 of fiscal year 2026, open"
    )
    assert effects(closed)["Period"][1].endswith("closed up to 31 Dec 2025")
    assert pennine.company.fiscal_year_start_month != 1
    assert "of fiscal year 2026/27, open" in effects(british)["Period"][1]


@http
async def test_where_the_due_date_comes_from_is_said(office: Office) -> None:
    async def due(customer: str, **said: Any) -> str:
        change = InvoiceCreate(customer, TEN_HOURS, **said)
        _, facts = await around(office, change)
        return effects(facts)["Due"][1]

    bare = (await office.new_customer())["DisplayName"]

    assert await due("Northgate School") == "19 Jan 2027 (the customer's terms Net 60)"
    assert await due(bare) == "20 Dec 2026 (the company's default terms Net 30)"
    assert await due(bare, terms="Net 15") == (
        "5 Dec 2026 (terms Net 15, as it was said)"
    )
    assert await due(bare, due_date=date(2026, 12, 1)) == "1 Dec 2026 (as it was said)"


@http
async def test_a_changed_customer_keeps_the_documents_there_are(
    office: Office,
) -> None:
    customer = await office.new_customer()
    await office.new_invoice(customer)

    draft, facts = await around(
        office,
        CustomerUpdate(customer["DisplayName"], CustomerChanges(email="a@b.example")),
    )

    assert draft.shown[1].before == "(none)"
    assert effects(facts)["Documents"][1] == "1 open invoice stays as it is"
    assert facts.dates == ()
