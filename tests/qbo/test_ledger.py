"""The ledger end to end: answers, posting, lost replies, records that moved."""

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

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
    Period,
    SaidLine,
)
from qbo.books import (
    Account,
    Answer,
    CustomerShow,
    Document,
    Draft,
    Invoice,
    Listing,
    Money,
    Owing,
    Payment,
    Purchase,
    Receipt,
)
from qbo.faults import (
    Ambiguous,
    BooksFault,
    NotFound,
    Refused,
    Stale,
    Unconfirmed,
    Unreachable,
)
from qbo.wire import records
from qbo.wire.exact import Json, loads, number
from tests.qbo.conftest import TODAY, Office

pytestmark = pytest.mark.asyncio(loop_scope="session")

LINE = (SaidLine(item="Consulting", quantity=Decimal(10)),)


def dollars(value: object) -> Money:
    return Money(Decimal(str(value)), "USD")


def total_of(found: Sequence[Json], name: str = "TotalAmt") -> Money:
    return dollars(sum((number(each.get(name)) for each in found), Decimal(0)))


async def listing(office: Office, ask: asks.Ask) -> Listing[Any]:
    return cast("Listing[Any]", (await office.answer(ask)).value)


async def new_invoice_draft(office: Office, **changes: Any) -> Draft:
    customer = await office.new_customer(
        PrimaryEmailAddr={"Address": "lee@lee.example"}
    )
    change = InvoiceCreate(customer=customer["DisplayName"], lines=LINE, **changes)
    return await office.draft(change)


async def made_of(office: Office, draft: Draft) -> list[Json]:
    """The documents of a draft's customer, as QuickBooks has them."""
    customer = loads(draft.steps[0].body)["CustomerRef"]["value"]
    entity = draft.steps[0].entity
    return await office.query(
        f"SELECT * FROM {entity} WHERE CustomerRef = '{customer}'"
    )


async def quickbooks_now(office: Office) -> datetime:
    """The time it is in QuickBooks."""
    answer = await office.far.http.get(f"{office.far.url}/_simulator/clock")
    return datetime.fromisoformat(answer.json()["now"]).astimezone(UTC)


# --- answers --------------------------------------------------------------------


async def test_a_list_is_cut_at_twenty_and_says_so(office: Office) -> None:
    found = await listing(office, asks.InvoicesList())

    theirs = await office.query("SELECT * FROM Invoice MAXRESULTS 1000")
    assert len(found.rows) == 20
    assert found.count == len(theirs)
    assert not found.complete
    assert found.total == total_of(theirs)
    dates = [each.txn_date for each in found.rows]
    assert dates == sorted(dates, reverse=True)


async def test_a_limit_that_was_said_is_kept(office: Office) -> None:
    found = await listing(office, asks.InvoicesList(limit=3, sort="largest"))

    theirs = await office.query("SELECT * FROM Invoice MAXRESULTS 1000")
    largest = sorted((number(each["TotalAmt"]) for each in theirs), reverse=True)
    assert [each.total.amount for each in found.rows] == largest[:3]


async def test_overdue_invoices_are_those_open_and_due_before_today(
    office: Office,
) -> None:
    ask = asks.InvoicesList(status="overdue", limit=1000)

    found = await listing(office, ask)

    theirs = await office.query(
        "SELECT * FROM Invoice WHERE Balance > '0' AND DueDate < '2026-11-20'"
        " MAXRESULTS 1000"
    )
    assert {each.id for each in found.rows} == {each["Id"] for each in theirs}
    assert found.open == total_of(theirs, "Balance")
    assert found.total == total_of(theirs)
    assert found.complete
    assert {each.status(TODAY) for each in found.rows} == {"Overdue"}


@pytest.mark.parametrize("status", ["open", "paid", "voided", "unsent"])
async def test_each_status_has_its_invoices(office: Office, status: str) -> None:
    found = await listing(office, asks.InvoicesList(status=status, limit=1000))

    every = await listing(office, asks.InvoicesList(limit=1000))
    meanings: dict[str, Callable[[Invoice], bool]] = {
        "open": lambda each: each.balance.amount > 0,
        "paid": lambda each: each.status(TODAY) == "Paid",
        "voided": lambda each: each.voided,
        "unsent": lambda each: not each.sent and not each.voided,
    }
    expected = {each.id for each in every.rows if meanings[status](each)}
    assert {each.id for each in found.rows} == expected
    assert expected


async def test_invoices_are_filtered_by_customer_dates_and_amount(
    office: Office,
) -> None:
    ask = asks.InvoicesList(
        customer="Tidewater Hotel",
        period=Period(date(2026, 1, 1), date(2026, 6, 30)),
        min_amount=Decimal(100),
        max_amount=Decimal(2000),
        limit=1000,
    )

    found = await listing(office, ask)

    customer = await office.query(
        "SELECT * FROM Customer WHERE DisplayName = 'Tidewater Hotel'"
    )
    theirs = await office.query(
        f"SELECT * FROM Invoice WHERE CustomerRef = '{customer[0]['Id']}'"
        " AND TxnDate >= '2026-01-01' AND TxnDate <= '2026-06-30'"
        " AND TotalAmt >= '100' AND TotalAmt <= '2000' MAXRESULTS 1000"
    )
    assert {each.id for each in found.rows} == {each["Id"] for each in theirs}
    assert found.count > 0


async def test_an_invoice_is_shown_by_number_and_as_the_latest(
    office: Office,
) -> None:
    by_number = (await office.answer(asks.InvoiceShow("1042"))).value
    latest = (
        await office.answer(asks.InvoiceShow(customer="Acme West", which="latest"))
    ).value

    assert isinstance(by_number, Invoice)
    assert by_number.doc_number == "1042"
    assert by_number.lines
    of_west = await listing(office, asks.InvoicesList(customer="Acme West"))
    assert latest == of_west.rows[0]


async def test_a_number_nobody_has_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound) as no:
        await office.answer(asks.InvoiceShow("999999"))

    assert (no.value.kind, no.value.name) == ("invoice", "999999")


async def test_the_pdf_is_quickbooks_own(office: Office) -> None:
    value = (await office.answer(asks.InvoicePdf("1042"))).value

    assert isinstance(value, Document)
    assert value.name == "Invoice 1042.pdf"
    assert value.content.startswith(b"%PDF")


async def test_payments_know_the_numbers_of_their_invoices(office: Office) -> None:
    found = await listing(office, asks.PaymentsList(invoice="1042"))

    assert found.count >= 1
    for each in found.rows:
        assert isinstance(each, Payment)
        assert "1042" in {part.invoice for part in each.applied}
    period = Period(date(2026, 10, 1), date(2026, 10, 31))
    month = await listing(office, asks.PaymentsList(period=period, limit=1000))
    theirs = await office.query(
        "SELECT * FROM Payment WHERE TxnDate >= '2026-10-01' AND TxnDate <="
        " '2026-10-31' MAXRESULTS 1000"
    )
    assert month.total == total_of(theirs)
    assert month.count == len(theirs)


async def test_a_customer_is_shown_with_what_is_open(office: Office) -> None:
    value = (await office.answer(asks.CustomerShow("Sunny Day Preschool"))).value

    assert isinstance(value, CustomerShow)
    theirs = await office.query(
        f"SELECT * FROM Invoice WHERE CustomerRef = '{value.customer.id}'"
        " AND Balance > '0' MAXRESULTS 1000"
    )
    assert value.open_invoices.count == len(theirs)
    assert value.open_invoices.total == total_of(theirs, "Balance")
    late = [each for each in theirs if each["DueDate"] < "2026-11-20"]
    assert value.overdue == total_of(late, "Balance")
    assert value.last_payment is not None


async def test_customers_are_found_by_part_of_their_name(office: Office) -> None:
    found = await listing(office, asks.CustomersList(search="GÄRT"))
    assert [each.name for each in found.rows] == ["Müller Gärten"]

    wild = await listing(office, asks.CustomersList(search="%"))
    assert wild.count == 0

    owing = await listing(office, asks.CustomersList(with_balance=True))
    assert all(each.balance.amount > 0 for each in owing.rows)


async def test_who_owes_us_most_comes_first(office: Office) -> None:
    found = await listing(office, asks.ReceivablesList(limit=5))

    assert len(found.rows) == 5
    balances = [each.balance.amount for each in found.rows]
    assert balances == sorted(balances, reverse=True)
    for each in found.rows:
        assert isinstance(each, Owing)
        assert each.documents > 0
        assert each.overdue.amount <= each.balance.amount or each.balance.amount < 0


async def test_long_overdue_counts_only_what_is_that_late(office: Office) -> None:
    found = await listing(office, asks.ReceivablesList(min_days_overdue=60, limit=1000))

    theirs = await office.query(
        "SELECT * FROM Invoice WHERE Balance > '0' AND DueDate <= '2026-09-21'"
        " MAXRESULTS 1000"
    )
    assert found.total == total_of(theirs, "Balance")
    assert all(each.days_overdue >= 60 for each in found.rows)


async def test_amounts_of_open_invoices_are_what_is_open(office: Office) -> None:
    least = Decimal(300)
    ask = asks.InvoicesList(status="open", min_amount=least, limit=1000)

    answer = await office.answer(ask)

    found = cast("Listing[Invoice]", answer.value)
    theirs = await office.query(
        "SELECT * FROM Invoice WHERE Balance >= '300' MAXRESULTS 1000"
    )
    assert {each.id for each in found.rows} == {each["Id"] for each in theirs}
    assert all(each.balance.amount >= least for each in found.rows)
    assert (found.total, found.open) == (
        total_of(theirs),
        total_of(theirs, "Balance"),
    )
    assert "Filter: status open; open amount at least $300.00." in answer.working


async def test_every_filter_of_a_list_is_said(office: Office) -> None:
    period = Period(date(2026, 1, 1), date(2026, 6, 30))

    invoices = await office.answer(
        asks.InvoicesList(
            customer="Tidewater Hotel",
            period=period,
            due=Period(date(2026, 2, 1), None),
            max_amount=Decimal(2000),
        )
    )
    payments = await office.answer(asks.PaymentsList(period=period))
    owing = await office.answer(asks.ReceivablesList(min_days_overdue=60))
    every = await office.answer(asks.InvoicesList())

    assert (
        "Filter: customer Tidewater Hotel; invoice date 1 Jan 2026 to 30 Jun 2026;"
        " due 1 Feb 2026 or later; total at most $2,000.00."
    ) in invoices.working
    assert "Filter: payment date 1 Jan 2026 to 30 Jun 2026." in payments.working
    assert "Filter: at least 60 days overdue." in owing.working
    assert not [each for each in every.working if each.startswith("Filter")]


async def test_the_one_payment_that_was_asked_for_is_known(office: Office) -> None:
    latest = await listing(office, asks.PaymentsList(limit=1))
    earlier = await listing(
        office,
        asks.PaymentsList(period=Period(None, date(2026, 6, 30)), limit=1),
    )
    largest = await listing(office, asks.InvoicesList(limit=1, sort="largest"))
    two = await listing(office, asks.PaymentsList(limit=2))

    assert [each.pick for each in (latest, earlier, largest, two)] == [
        "latest",
        "newest",
        "largest",
        None,
    ]


async def test_what_is_still_due_comes_before_what_is_paid(office: Office) -> None:
    due = Period(date(2026, 1, 1), date(2026, 12, 31))

    found = await listing(office, asks.InvoicesList(due=due, limit=1000))

    still = [each for each in found.rows if each.balance.amount > 0]
    assert list(found.rows[: len(still)]) == still
    assert found.by_due
    assert found.open_count == len(still)
    assert 0 < len(still) < found.count
    assert found.open == dollars(sum(each.balance.amount for each in still))


async def test_those_in_credit_are_counted_apart(office: Office) -> None:
    answer = await office.answer(asks.ReceivablesList(limit=1000))

    found = cast("Listing[Owing]", answer.value)
    credit = [each for each in found.rows if each.balance.amount < 0]
    owed = dollars(
        sum(each.balance.amount for each in found.rows if each.balance.amount > 0)
    )
    assert credit
    assert found.credit_count == len(credit)
    assert found.credits == dollars(-sum(each.balance.amount for each in credit))
    assert found.total is not None
    assert found.total + found.credits == owed
    assert any(each.startswith(f"{owed} owed to us by") for each in answer.working)
    assert "It equals the balance of accounts receivable." in answer.working
    for each in found.rows:
        if each.overdue.amount > each.balance.amount:
            assert each.credit is not None


async def test_what_we_owe_agrees_with_accounts_payable(office: Office) -> None:
    found = await listing(office, asks.PayablesList(limit=1000))

    account = await office.query(
        "SELECT * FROM Account WHERE AccountType = 'Accounts Payable'"
    )
    assert found.total == dollars(records.account_balance(account[0]))


async def test_bills_are_listed_and_shown(office: Office) -> None:
    found = await listing(office, asks.BillsList(status="open", limit=1000))
    shown = (await office.answer(asks.BillShow("8841"))).value

    theirs = await office.query(
        "SELECT * FROM Bill WHERE Balance > '0' MAXRESULTS 1000"
    )
    assert found.total == total_of(theirs, "Balance")
    assert shown.doc_number == "8841"  # type: ignore[union-attr]


async def test_expenses_are_filtered_by_vendor_and_account(office: Office) -> None:
    period = Period(date(2026, 10, 1), date(2026, 10, 31))
    fuel = await listing(
        office, asks.ExpensesList(account="Fuel", period=period, limit=1000)
    )
    shell = await listing(
        office, asks.ExpensesList(vendor="Shell Fleet", period=period, limit=1000)
    )

    assert fuel.count > 0
    for each in fuel.rows:
        assert isinstance(each, Purchase)
        assert any((line.account or "").endswith("Fuel") for line in each.lines)
    assert {each.payee for each in shell.rows} == {"Shell Fleet"}
    assert shell.total == dollars(sum(each.total.amount for each in shell.rows))


async def test_items_accounts_and_vendors_are_listed_and_shown(
    office: Office,
) -> None:
    priced = (await office.answer(asks.ItemShow("Consulting"))).value
    assert priced.price == dollars("150")  # type: ignore[union-attr]

    stock = await listing(office, asks.ItemsList(type="Inventory"))
    assert {each.type for each in stock.rows} == {"Inventory"}
    assert all(each.quantity_on_hand is not None for each in stock.rows)

    banks = await listing(office, asks.AccountsList(type="bank"))
    theirs = await office.query("SELECT * FROM Account WHERE AccountType = 'Bank'")
    assert banks.total == total_of(theirs, "CurrentBalance")

    revenue = await listing(office, asks.AccountsList(type="Revenue"))
    assert {each.type for each in revenue.rows} == {"Income", "Other Income"}

    checking = (await office.answer(asks.AccountShow("Business Checking"))).value
    assert checking in banks.rows

    vendors = await listing(office, asks.VendorsList(search="fernwood"))
    assert vendors.count == 2
    vendor = (await office.answer(asks.VendorShow("Shell Fleet"))).value
    assert vendor.vendor.name == "Shell Fleet"  # type: ignore[union-attr]

    memos = await listing(office, asks.CreditMemosList(limit=1000))
    assert memos.total == total_of(
        await office.query("SELECT * FROM CreditMemo MAXRESULTS 1000")
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Truck Loan", "Long Term Liability"),
        ("Company Visa", "Credit Card"),
        ("Accounts Payable (A/P)", "Accounts Payable"),
        ("Owner's Equity", "Equity"),
    ],
)
async def test_what_is_owed_or_owned_is_a_positive_balance(
    office: Office, name: str, kind: str
) -> None:
    shown = (await office.answer(asks.AccountShow(name))).value
    of_kind = await listing(office, asks.AccountsList(type=kind))

    assert isinstance(shown, Account)
    assert shown.balance.amount > 0
    assert shown in of_kind.rows
    assert of_kind.total == dollars(sum(each.balance.amount for each in of_kind.rows))


async def test_the_company_is_as_quickbooks_describes_it(office: Office) -> None:
    answer = await office.answer(asks.CompanyInfo())

    assert answer.value == answer.company
    assert answer.company.name == "Harbour & Pine Landscaping"
    assert answer.company.book_close_date == date(2025, 12, 31)
    assert not answer.company.custom_txn_numbers


async def test_every_read_has_an_answer_with_its_origin(office: Office) -> None:
    said: dict[str, dict[str, Any]] = {
        "customer.show": {"customer": "Acme West"},
        "invoice.show": {"invoice": "1042"},
        "invoice.pdf": {"invoice": "1042"},
        "vendor.show": {"vendor": "Shell Fleet"},
        "bill.show": {"bill": "8841"},
        "item.show": {"item": "Consulting"},
        "account.show": {"account": "Fuel"},
    }

    for action in asks.ASKS:
        answer = await office.answer(asks.ask(action, said.get(action, {})))
        assert isinstance(answer, Answer), action
        assert answer.source
        assert answer.today == TODAY
        assert answer.as_of == office.clock()


# --- posting --------------------------------------------------------------------


async def test_an_invoice_is_posted_as_drafted_and_read_back(office: Office) -> None:
    draft = await new_invoice_draft(office, memo="autumn")

    receipt = await office.ledger.post(draft, 1, ())
    back = await office.ledger.read_back(draft, receipt)

    record = await office.one("Invoice", receipt.record_id)
    assert record["PrivateNote"] == "autumn (Ref P-17)"
    assert record["TotalAmt"] == 1500
    assert receipt.doc_number == record["DocNumber"]
    assert receipt.total == dollars("1500")
    assert receipt.intuit_tid
    assert not receipt.compared
    assert back.compared
    assert back.differences == ()
    posted = [
        line
        for line in await office.far.journal("/invoice")
        if line["method"] == "POST"
    ]
    assert len(posted) == 1


async def test_the_next_answer_holds_what_was_just_posted(office: Office) -> None:
    # A customer of old: change-data-capture has nothing to say about it.
    name = "Tidewater Hotel"
    before = await listing(office, asks.ReceivablesList(customer=name))
    draft = await office.draft(InvoiceCreate(name, LINE))
    receipt = await office.ledger.post(draft, 1, ())
    await office.ledger.read_back(draft, receipt)

    async def at_once(customer: str | None) -> Answer:
        ask = asks.ReceivablesList(customer=customer)
        return await office.ledger.answer(office.company.id, ask, today=TODAY)

    owing = cast("Listing[Owing]", (await at_once(name)).value)
    assert before.total is not None
    assert owing.total == before.total + dollars("1500")
    everybody = await at_once(None)
    assert "It equals the balance of accounts receivable." in everybody.working


async def test_an_invoice_is_made_and_sent_in_two_steps(office: Office) -> None:
    draft = await new_invoice_draft(office, send=True)

    first = await office.ledger.post(draft, 1, ())
    assert (await office.ledger.find(draft, 2, [first], office.clock())) is None
    second = await office.ledger.post(draft, 2, [first])

    assert second.record_id == first.record_id
    record = await office.one("Invoice", first.record_id)
    assert record["EmailStatus"] == "EmailSent"
    for each in (first, second):
        back = await office.ledger.read_back(draft, each)
        assert back.differences == ()
    found = await office.ledger.find(draft, 2, [first], office.clock())
    assert found is not None


@pytest.mark.parametrize("kind", ["update", "void", "send", "payment", "customer"])
async def test_each_change_is_posted_found_and_read_back(
    office: Office, kind: str
) -> None:
    customer = await office.new_customer()
    name = customer["DisplayName"]
    made = await office.new_invoice(customer)
    doc = made["DocNumber"]
    changes: dict[str, asks.Change] = {
        "update": CustomerUpdate(name, CustomerChanges(phone="555 0142")),
        "void": InvoiceVoid(doc),
        "send": InvoiceSend(invoice=doc, email="ann@lee.example"),
        "payment": PaymentRecord(customer=name, amount=Decimal(60), method="Check"),
        "customer": CustomerCreate(
            name=f"{name} O'Neil \\ Co", terms="Net 10", anyway=True
        ),
    }
    draft = await office.draft(changes[kind])
    begun = office.clock()

    assert (await office.ledger.check(draft)).moved == ()
    assert await office.ledger.find(draft, 1, (), begun) is None
    receipt = await office.ledger.post(draft, 1, ())
    found = await office.ledger.find(draft, 1, (), begun)
    back = await office.ledger.read_back(draft, receipt)

    assert found is not None
    assert (found.record_id, found.step) == (receipt.record_id, 1)
    assert back.differences == ()
    assert await office.ledger.find(draft, 1, (), begun) is not None


@pytest.mark.parametrize("kind", ["invoice", "payment", "customer"])
async def test_a_create_whose_reply_is_lost_is_found_once(
    office: Office, kind: str
) -> None:
    customer = await office.new_customer()
    name = customer["DisplayName"]
    changes: dict[str, asks.Change] = {
        "invoice": InvoiceCreate(name, LINE),
        "payment": PaymentRecord(customer=name, amount=Decimal("12.34")),
        "customer": CustomerCreate(name=f"{name} & Daughters", anyway=True),
    }
    draft = await office.draft(changes[kind])
    begun = office.clock()
    await office.far.order(f"/{draft.steps[0].path}", method="POST", drop="after")

    with pytest.raises(Unconfirmed):
        await office.ledger.post(draft, 1, ())
    found = await office.ledger.find(draft, 1, (), begun)

    assert found is not None
    again = await office.ledger.post(draft, 1, ())
    assert again.record_id == found.record_id
    assert (await office.ledger.read_back(draft, found)).differences == ()


async def test_a_request_cut_before_the_write_is_not_found(office: Office) -> None:
    draft = await new_invoice_draft(office)
    begun = office.clock()
    await office.far.order("/invoice", method="POST", drop="before")

    with pytest.raises(Unconfirmed):
        await office.ledger.post(draft, 1, ())

    assert await office.ledger.find(draft, 1, (), begun) is None
    await office.ledger.post(draft, 1, ())
    assert len(await made_of(office, draft)) == 1


async def test_an_equal_invoice_by_hand_is_not_taken_for_ours(
    office: Office,
) -> None:
    draft = await new_invoice_draft(office)
    begun = office.clock()
    sent = loads(draft.steps[0].body)
    await office.write("Invoice", {**sent, "PrivateNote": "Ref P-170"})

    assert await office.ledger.find(draft, 1, (), begun) is None


async def test_an_older_invoice_with_our_mark_is_not_taken_for_ours(
    office: Office,
) -> None:
    draft = await new_invoice_draft(office)
    await office.write("Invoice", loads(draft.steps[0].body))

    later = office.clock() + timedelta(days=30)

    assert await office.ledger.find(draft, 1, (), later) is None


async def test_our_mark_on_something_else_is_for_a_person_to_judge(
    office: Office,
) -> None:
    draft = await new_invoice_draft(office)
    begun = office.clock()
    sent = loads(draft.steps[0].body)
    await office.write("Invoice", {**sent, "DueDate": "2027-06-30"})

    with pytest.raises(Ambiguous) as question:
        await office.ledger.find(draft, 1, (), begun)

    assert "not what was approved" in question.value.sentence


async def test_two_of_the_same_are_for_a_person_to_judge(office: Office) -> None:
    draft = await new_invoice_draft(office)
    begun = office.clock()
    for _ in range(2):
        await office.write("Invoice", loads(draft.steps[0].body))

    with pytest.raises(Ambiguous):
        await office.ledger.find(draft, 1, (), begun)


@pytest.mark.parametrize("minutes", [-10, 10])
@pytest.mark.parametrize("kind", ["invoice", "payment", "customer"])
async def test_a_clock_that_is_wrong_hides_no_record(
    office: Office, kind: str, minutes: int
) -> None:
    customer = await office.new_customer()
    name = customer["DisplayName"]
    changes: dict[str, asks.Change] = {
        "invoice": InvoiceCreate(name, LINE),
        "payment": PaymentRecord(customer=name, amount=Decimal("12.34")),
        "customer": CustomerCreate(name=f"{name} & Daughters", anyway=True),
    }
    draft = await office.draft(changes[kind])
    real = office.clock.now
    try:
        office.clock.now = await quickbooks_now(office)
        office.clock.advance(minutes=minutes)
        receipt = await office.ledger.post(draft, 1, ())
        begun = office.clock()
        office.clock.advance(minutes=3)
        found = await office.ledger.find(draft, 1, (), begun)
    finally:
        office.clock.now = real

    assert found is not None
    assert found.record_id == receipt.record_id


@pytest.mark.parametrize("minutes", [-10, 10])
@pytest.mark.parametrize("is_new", [True, False])
async def test_a_mail_that_went_out_is_found_with_a_wrong_clock(
    office: Office, is_new: bool, minutes: int
) -> None:
    if is_new:
        draft = await new_invoice_draft(office, send=True)
    else:
        made = await office.new_invoice(await office.new_customer())
        send = InvoiceSend(invoice=made["DocNumber"], email="ann@lee.example")
        draft = await office.draft(send)
    real = office.clock.now
    try:
        office.clock.now = await quickbooks_now(office)
        office.clock.advance(minutes=minutes)
        receipts: list[Receipt] = []
        for step in range(1, len(draft.steps) + 1):
            receipts.append(await office.ledger.post(draft, step, receipts))
        last = len(draft.steps)
        begun = office.clock()
        found = await office.ledger.find(draft, last, receipts[:-1], begun)
    finally:
        office.clock.now = real

    assert found is not None


@pytest.mark.parametrize("is_new", [True, False])
async def test_a_mail_that_seems_too_early_is_for_a_person_to_judge(
    office: Office, is_new: bool
) -> None:
    if is_new:
        draft = await new_invoice_draft(office, send=True)
        receipts = [await office.ledger.post(draft, 1, ())]
    else:
        made = await office.new_invoice(await office.new_customer())
        send = InvoiceSend(invoice=made["DocNumber"], email="ann@lee.example")
        draft = await office.draft(send)
        receipts = []
    step = len(draft.steps)
    await office.ledger.post(draft, step, receipts)

    # By either clock the attempt began only later.
    later = max(office.clock(), await quickbooks_now(office)) + timedelta(hours=1)
    with pytest.raises(Ambiguous):
        await office.ledger.find(draft, step, receipts, later)


async def test_looking_is_a_fault_when_quickbooks_is_away(office: Office) -> None:
    draft = await new_invoice_draft(office)
    await office.far.order("/v3/", times=100, status=503)

    with pytest.raises(Unreachable):
        await office.ledger.find(draft, 1, (), office.clock())


async def test_a_person_may_name_what_is_there(office: Office) -> None:
    draft = await new_invoice_draft(office)
    sent = loads(draft.steps[0].body)
    by_hand = await office.write("Invoice", {**sent, "PrivateNote": "by hand"})
    other = await office.write("Invoice", {**sent, "DueDate": "2027-06-30"})

    found = await office.ledger.match(draft, by_hand["DocNumber"])

    assert found is not None
    assert found.record_id == by_hand["Id"]
    assert await office.ledger.match(draft, other["DocNumber"]) is None
    assert await office.ledger.match(draft, "999999") is None


@pytest.mark.parametrize("kind", ["invoice", "payment"])
async def test_what_another_proposal_made_cannot_be_named(
    office: Office, kind: str
) -> None:
    customer = (await office.new_customer())["DisplayName"]
    changes: dict[str, asks.Change] = {
        "invoice": InvoiceCreate(customer, LINE),
        "payment": PaymentRecord(customer=customer, amount=Decimal(5), reference="X-1"),
    }
    other = await office.draft(changes[kind], "P-16")
    theirs = await office.ledger.post(other, 1, ())
    draft = await office.draft(changes[kind], "P-17")

    named = theirs.doc_number or theirs.record_id
    begun = office.clock() - timedelta(days=1)

    assert await office.ledger.match(draft, named) is None
    assert await office.ledger.match(draft, named, first_attempt_at=begun) is None
    own = await office.ledger.match(other, named, first_attempt_at=begun)
    assert own is not None


async def test_what_is_older_than_the_attempt_cannot_be_named(
    office: Office,
) -> None:
    draft = await new_invoice_draft(office)
    sent = loads(draft.steps[0].body)
    by_hand = await office.write("Invoice", {**sent, "PrivateNote": "by hand"})
    number_ = by_hand["DocNumber"]
    here = await quickbooks_now(office)

    async def found(begun: timedelta, clock: timedelta) -> bool:
        real = office.clock.now
        office.clock.now = here + clock
        try:
            at = office.clock() + begun
            named = await office.ledger.match(draft, number_, first_attempt_at=at)
        finally:
            office.clock.now = real
        return named is not None

    none, hour = timedelta(0), timedelta(hours=1)
    assert await found(-hour, none)
    assert await found(none, none)
    assert await found(none, timedelta(minutes=20))
    assert await found(none, timedelta(minutes=-20))
    assert not await found(hour, none)


async def test_a_payment_may_be_named_by_its_reference(office: Office) -> None:
    customer = await office.new_customer()
    change = PaymentRecord(
        customer=customer["DisplayName"], amount=Decimal(5), reference="CHK-99"
    )
    draft = await office.draft(change)
    receipt = await office.ledger.post(draft, 1, ())

    found = await office.ledger.match(draft, "CHK-99")

    assert found is not None
    assert found.record_id == receipt.record_id


async def test_a_changed_number_finds_the_void(office: Office) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer)
    draft = await office.draft(InvoiceVoid(made["DocNumber"]))

    assert await office.ledger.match(draft, made["DocNumber"]) is None
    await office.ledger.post(draft, 1, ())

    found = await office.ledger.match(draft, made["DocNumber"])
    assert found is not None
    assert found.record_id == made["Id"]


async def test_bytes_that_were_altered_are_not_posted(office: Office) -> None:
    draft = await new_invoice_draft(office)
    forged = dataclasses.replace(
        draft.steps[0], body=draft.steps[0].body.replace(b"1500.00", b"9500.00")
    )
    altered = dataclasses.replace(draft, steps=(forged,))

    with pytest.raises(Refused):
        await office.ledger.post(altered, 1, ())

    assert await made_of(office, draft) == []


async def test_a_refusal_changes_nothing_and_says_why(office: Office) -> None:
    customer = await office.new_customer()
    name = f"{customer['DisplayName']} II"
    draft = await office.draft(CustomerCreate(name=name, anyway=True))
    held = await office.write("Vendor", {"DisplayName": name})

    with pytest.raises(Refused) as no:
        await office.ledger.post(draft, 1, ())

    assert no.value.code == "6240"
    assert f"a vendor called {name}" in no.value.sentence
    assert f"QuickBooks id {held['Id']}" in no.value.sentence


async def test_what_was_edited_after_posting_is_seen_by_the_read_back(
    office: Office,
) -> None:
    draft = await new_invoice_draft(office)
    receipt = await office.ledger.post(draft, 1, ())
    await office.write(
        "Invoice",
        {
            "Id": receipt.record_id,
            "SyncToken": receipt.sync_token,
            "sparse": True,
            "DueDate": "2027-01-31",
        },
    )

    back = await office.ledger.read_back(draft, receipt)

    assert back.compared
    assert len(back.differences) == 1
    assert back.differences[0].startswith("Due date: sent 2026-12-20, in QuickBooks")


async def test_what_was_deleted_after_posting_is_seen_by_the_read_back(
    office: Office,
) -> None:
    draft = await new_invoice_draft(office)
    receipt = await office.ledger.post(draft, 1, ())
    await office.write(
        "Invoice",
        {"Id": receipt.record_id, "SyncToken": receipt.sync_token},
        operation="delete",
    )

    back = await office.ledger.read_back(draft, receipt)

    assert back.differences == ("QuickBooks no longer has this record.",)


# --- what moved -----------------------------------------------------------------


async def test_an_unmoved_draft_stands(office: Office) -> None:
    draft = await new_invoice_draft(office, send=True)

    standing = await office.ledger.check(draft)

    assert standing.moved == ()
    assert standing.rebased is None


async def test_a_changed_price_moves_a_draft_that_rests_on_it(
    office: Office,
) -> None:
    item = await office.write(
        "Item",
        {
            "Name": f"Raking {office.engine.dialect.name}",
            "Type": "Service",
            "UnitPrice": 40,
            "IncomeAccountRef": (
                await office.query("SELECT * FROM Item WHERE Name = 'Consulting'")
            )[0]["IncomeAccountRef"],
        },
    )
    customer = await office.new_customer()

    def change(rate: Decimal | None) -> InvoiceCreate:
        line = SaidLine(item=item["Name"], quantity=Decimal(2), rate=rate)
        return InvoiceCreate(customer["DisplayName"], (line,))

    defaulted = await office.draft(change(None))
    said = await office.draft(change(Decimal(40)))
    await office.write(
        "Item",
        {"Id": item["Id"], "SyncToken": "0", "sparse": True, "UnitPrice": 45},
    )

    standing = await office.ledger.check(defaulted)

    assert standing.moved == (f"Item {item['Name']}: Price was 40 and is now 45.",)
    assert standing.rebased is not None
    assert standing.rebased.total == dollars("90.00")
    assert standing.rebased.ref == defaulted.ref
    assert standing.rebased.today == defaulted.today
    assert (await office.ledger.check(said)).moved == ()


async def test_a_defaulted_price_counts_beside_a_line_with_its_own_rate(
    office: Office,
) -> None:
    consulting = (await office.query("SELECT * FROM Item WHERE Name = 'Consulting'"))[0]
    item = await office.write(
        "Item",
        {
            "Name": f"Weeding {office.engine.dialect.name}",
            "Type": "Service",
            "UnitPrice": 40,
            "IncomeAccountRef": consulting["IncomeAccountRef"],
        },
    )
    customer = await office.new_customer()
    said = SaidLine(item=item["Name"], quantity=Decimal(2), rate=Decimal(30))
    defaulted = SaidLine(item=item["Name"], quantity=Decimal(5))
    draft = await office.draft(
        InvoiceCreate(customer["DisplayName"], (said, defaulted, said))
    )
    await office.write(
        "Item",
        {"Id": item["Id"], "SyncToken": "0", "sparse": True, "UnitPrice": 45},
    )

    standing = await office.ledger.check(draft)

    assert standing.moved == (f"Item {item['Name']}: Price was 40 and is now 45.",)
    assert [each.entity for each in draft.reliances].count("Item") == 1


async def test_an_inactive_customer_moves_a_draft(office: Office) -> None:
    draft = await new_invoice_draft(office)
    customer = loads(draft.steps[0].body)["CustomerRef"]["value"]
    await office.write(
        "Customer",
        {"Id": customer, "SyncToken": "0", "sparse": True, "Active": False},
    )

    standing = await office.ledger.check(draft)

    assert standing.moved == (
        f"{draft.shown[0].value} was made inactive in QuickBooks.",
    )
    assert standing.rebased is None


async def test_a_customer_s_new_balance_moves_nothing(office: Office) -> None:
    draft = await new_invoice_draft(office)
    customer = loads(draft.steps[0].body)["CustomerRef"]["value"]
    await office.new_invoice({"Id": customer})

    assert (await office.ledger.check(draft)).moved == ()


async def test_an_invoice_paid_meanwhile_moves_a_payment(office: Office) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer, "100.00")
    draft = await office.draft(
        PaymentRecord(invoices=(made["DocNumber"],), amount=Decimal(80))
    )
    enough = await office.draft(
        PaymentRecord(invoices=(made["DocNumber"],), amount=Decimal(30))
    )
    await office.applied(
        PaymentRecord(invoices=(made["DocNumber"],), amount=Decimal(50))
    )

    standing = await office.ledger.check(draft)

    assert len(standing.moved) == 1
    assert "has only 50.00 open now; 80.00 of it was to be" in standing.moved[0]
    assert (await office.ledger.check(enough)).moved == ()


async def test_a_version_that_moved_alone_is_adopted_with_new_bytes(
    office: Office,
) -> None:
    customer = await office.new_customer()
    draft = await office.draft(
        CustomerUpdate(customer["DisplayName"], CustomerChanges(phone="555 0177"))
    )
    await office.write(
        "Customer",
        {"Id": customer["Id"], "SyncToken": "0", "sparse": True, "Notes": "tall"},
    )

    with pytest.raises(Stale):
        await office.ledger.post(draft, 1, ())
    standing = await office.ledger.check(draft)

    assert standing.moved == ()
    rebased = standing.rebased
    assert rebased is not None
    assert rebased.digest != draft.digest
    assert rebased.steps[0].request_id != draft.steps[0].request_id
    assert (rebased.shown, rebased.lines) == (draft.shown, draft.lines)
    receipt = await office.ledger.post(rebased, 1, ())
    assert (await office.ledger.read_back(rebased, receipt)).differences == ()
    record = await office.one("Customer", customer["Id"])
    assert record["Notes"] == "tall"


async def test_a_field_that_is_replaced_may_not_have_moved(office: Office) -> None:
    customer = await office.new_customer(PrimaryPhone={"FreeFormNumber": "555 0001"})
    draft = await office.draft(
        CustomerUpdate(customer["DisplayName"], CustomerChanges(phone="555 0002"))
    )
    await office.write(
        "Customer",
        {
            "Id": customer["Id"],
            "SyncToken": "0",
            "sparse": True,
            "PrimaryPhone": {"FreeFormNumber": "555 0003"},
        },
    )

    standing = await office.ledger.check(draft)

    assert standing.moved == (
        f"{customer['DisplayName']}: Phone was 555 0001 and is now 555 0003.",
    )
    assert standing.rebased is not None
    before = {each.label: each.before for each in standing.rebased.shown}
    assert before["Phone"] == "555 0003"


async def test_an_invoice_edited_or_gone_moves_its_void(office: Office) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer)
    draft = await office.draft(InvoiceVoid(made["DocNumber"]))
    edited = await office.write(
        "Invoice",
        {
            "Id": made["Id"],
            "SyncToken": made["SyncToken"],
            "sparse": True,
            "DueDate": "2026-12-31",
        },
    )

    standing = await office.ledger.check(draft)
    assert standing.moved == (
        f"Invoice {made['DocNumber']}: Due date was 2026-11-10 and is now 2026-12-31.",
    )
    assert standing.rebased is not None

    await office.write(
        "Invoice",
        {"Id": made["Id"], "SyncToken": edited["SyncToken"]},
        operation="delete",
    )
    standing = await office.ledger.check(draft)
    assert standing.moved == (
        f"Invoice {made['DocNumber']} is no longer in QuickBooks.",
    )
    assert standing.rebased is None


async def test_an_invoice_sent_meanwhile_moves_its_sending(office: Office) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer)
    send = InvoiceSend(invoice=made["DocNumber"], email="ann@lee.example")
    draft = await office.draft(send)
    await office.applied(send, "P-18")

    standing = await office.ledger.check(draft)

    assert len(standing.moved) == 1
    assert "Last e-mailed was nothing" in standing.moved[0]


async def test_an_earlier_mail_is_not_taken_for_this_one(office: Office) -> None:
    customer = await office.new_customer()
    made = await office.new_invoice(customer)
    send = InvoiceSend(invoice=made["DocNumber"], email="ann@lee.example")
    await office.applied(send, "P-18")
    again = await office.draft(send)

    assert await office.ledger.find(again, 1, (), office.clock()) is None


async def test_checking_is_a_fault_when_quickbooks_is_away(office: Office) -> None:
    draft = await new_invoice_draft(office)
    await office.far.order("/v3/", times=100, status=503)

    with pytest.raises(Unreachable):
        await office.ledger.check(draft)


async def test_two_who_post_the_same_step_make_one_invoice(office: Office) -> None:
    draft = await new_invoice_draft(office)

    receipts = await asyncio.gather(
        *(office.ledger.post(draft, 1, ()) for _ in range(3)), return_exceptions=True
    )

    made = await made_of(office, draft)
    assert len(made) == 1
    for each in receipts:
        assert isinstance(each, Receipt | BooksFault)
        if isinstance(each, Receipt):
            assert each.record_id == made[0]["Id"]


async def test_a_disconnected_company_is_forgotten(pennine: Office) -> None:
    assert (await pennine.ledger.status(pennine.company.id)).rows > 0

    await pennine.ledger.forget(pennine.company.id)

    assert (await pennine.ledger.status(pennine.company.id)).rows == 0
    await pennine.ledger.load(pennine.company.id)
