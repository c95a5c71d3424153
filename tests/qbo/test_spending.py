"""What is bought and paid: bills, expenses and vendors, drafted and posted."""

import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from qbo.asks import (
    BillCreate,
    BillPay,
    Change,
    CustomerChanges,
    ExpenseCategorize,
    ExpenseCreate,
    Period,
    SaidLine,
    VendorCreate,
    VendorUpdate,
)
from qbo.books import Draft, Money, Receipt
from qbo.drafting.reverses import undo_of
from qbo.faults import Ambiguous, NotFound, Refused
from qbo.wire.exact import Json, loads, number
from tests.qbo.conftest import Office

http = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(params=["harbour", "pennine"], loop_scope="session")
async def books(
    request: pytest.FixtureRequest, office: Office, pennine: Office
) -> AsyncIterator[Office]:
    """Each of the two companies: the American and the British one."""
    yield office if request.param == "harbour" else pennine


def is_us(books: Office) -> bool:
    return books.company.country == "US"


def names(books: Office) -> tuple[str, str]:
    """A vendor with bills in its books, and the account that these charge."""
    if is_us(books):
        return "Metro Water", "Utilities"
    return "Aire Lifts Ltd", "Lift Servicing"


def body(draft: Draft, step: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = loads(draft.steps[step - 1].body)
    return found


def shown(draft: Draft) -> dict[str, str]:
    return {each.label: each.value for each in draft.shown}


async def posted(books: Office, change: Change) -> tuple[Draft, Receipt]:
    """A change drafted, posted and read back equal."""
    draft = await books.draft(change)
    receipt = await books.ledger.post(draft, 1, ())
    read = await books.ledger.read_back(draft, receipt)
    assert read.compared
    assert read.differences == ()
    return draft, read


async def refused(books: Office, change: Change) -> str:
    with pytest.raises(Refused) as no:
        await books.draft(change)
    assert no.value.code == "preflight"
    return no.value.sentence


async def asked(books: Office, change: Change) -> Ambiguous:
    with pytest.raises(Ambiguous) as question:
        await books.draft(change)
    return question.value


# --- bills ----------------------------------------------------------------------


@http
async def test_a_bill_is_posted_as_it_is_shown(books: Office) -> None:
    vendor, account = names(books)
    line = SaidLine(account=account, amount=Decimal("86.20"), description="November")

    draft, receipt = await posted(
        books, BillCreate(vendor, (line,), reference="T-4471", memo="by post")
    )

    sent = body(draft)
    record = await books.one("Bill", receipt.record_id)
    total = number(record["TotalAmt"])
    assert draft.total == Money(total, books.company.currency or "USD")
    assert total == (Decimal("86.20") if is_us(books) else Decimal("103.44"))
    assert sent["TxnDate"] == "2026-11-20"
    assert sent["DueDate"] == "2026-12-20"
    assert record["DueDate"] == "2026-12-20"
    assert sent["DocNumber"] == "T-4471"
    assert sent["PrivateNote"] == "by post (Ref P-17)"
    assert shown(draft)["Terms"] == "Net 30"
    assert "TxnTaxDetail" not in sent
    assert ("GlobalTaxCalculation" in sent) is not is_us(books)
    detail = sent["Line"][0]["AccountBasedExpenseLineDetail"]
    assert ("TaxCodeRef" in detail) is not is_us(books)
    assert draft.lines[0].account == account
    assert draft.heading == f"Bill from {vendor} for {draft.total}"


@http
async def test_a_bill_says_where_its_tax_code_comes_from(pennine: Office) -> None:
    line = SaidLine(account="Lift Servicing", amount=Decimal(100))

    draft = await pennine.draft(BillCreate("Dewsbury Skips", (line,)))

    assert any(
        "20.0% S for Lift Servicing, as on the last bill or expense for" in note
        for note in draft.notes
    )
    assert draft.tax == Money(Decimal("20.00"), "GBP")
    assert shown(draft)["VAT (estimate)"] == "£20.00 (20.0% S)"
    assert any("before VAT" in note for note in draft.notes)


@http
async def test_an_account_without_any_tax_code_stops_before_anybody_is_asked(
    pennine: Office,
) -> None:
    made = await pennine.write(
        "Account",
        {"Name": "Scaffolding", "AccountType": "Expense"},
    )
    vendor = await new_vendor(pennine)

    sentence = await refused(
        pennine,
        BillCreate(
            vendor["DisplayName"], (SaidLine(account=made["Name"], amount=Decimal(9)),)
        ),
    )

    assert "Scaffolding has no VAT code in QuickBooks" in sentence
    assert "give the account a default code" in sentence


@http
async def test_an_account_s_own_tax_code_comes_first(pennine: Office) -> None:
    code = (await pennine.query("SELECT * FROM TaxCode WHERE Name = '5.0% R'"))[0]
    made = await pennine.write(
        "Account",
        {
            "Name": "Boiler Servicing",
            "AccountType": "Expense",
            "TaxCodeRef": {"value": code["Id"]},
        },
    )

    draft, receipt = await posted(
        pennine,
        ExpenseCreate(Decimal("105.00"), made["Name"], vendor="Dewsbury Skips"),
    )

    assert draft.tax == Money(Decimal("5.00"), "GBP")
    assert draft.total == Money(Decimal("105.00"), "GBP")
    record = await pennine.one("Purchase", receipt.record_id)
    assert number(record["TotalAmt"]) == 105
    assert "VAT code 5.0% R, as Boiler Servicing has it." in draft.notes


@http
async def test_a_number_that_the_vendor_has_used_is_not_proposed_again(
    books: Office,
) -> None:
    vendor = await new_vendor(books)
    _, account = names(books)
    change = BillCreate(
        vendor["DisplayName"],
        (SaidLine(account=account, amount=Decimal(50)),),
        reference="88-A",
    )
    await posted(books, change)

    sentence = await refused(books, change)

    assert sentence.startswith(
        f"Bill 88-A of {vendor['DisplayName']} is in QuickBooks already, dated"
        " 20 Nov 2026"
    )
    assert "give its own number" in sentence


@http
async def test_another_vendor_may_use_the_same_number(office: Office) -> None:
    first, _ = await owed(office, "40.00", number_="77")
    vendor = await new_vendor(office)
    line = SaidLine(account="Utilities", amount=Decimal(50))

    draft, receipt = await posted(
        office, BillCreate(vendor["DisplayName"], (line,), reference="77")
    )

    assert receipt.doc_number == "77"
    assert any(f"{first['DisplayName']} sent a bill 77" in x for x in draft.notes)


@http
@pytest.mark.parametrize(
    ("line", "said"),
    [
        (SaidLine(account="Business Checking", amount=Decimal(9)), "a bank account"),
        (SaidLine(account="Company Visa", amount=Decimal(9)), "a credit card"),
        (SaidLine(account="Accounts Payable (A/P)", amount=Decimal(9)), "owed to"),
        (SaidLine(account="Utilities", amount=Decimal(0)), "more than nothing"),
        (SaidLine(account="Utilities", amount=Decimal(-5)), "vendor credit"),
        (
            SaidLine(
                account="Utilities",
                quantity=Decimal(3),
                rate=Decimal(10),
                amount=Decimal(29),
            ),
            "3 times 10 is 30.00, not 29",
        ),
    ],
)
async def test_a_line_that_cannot_be_is_objected_to(
    office: Office, line: SaidLine, said: str
) -> None:
    assert said in await refused(office, BillCreate("Metro Water", (line,)))


@http
async def test_what_a_bill_lacks_is_asked(office: Office) -> None:
    no_account = await asked(
        office, BillCreate("Metro Water", (SaidLine(amount=Decimal(9)),))
    )
    no_amount = await asked(
        office, BillCreate("Metro Water", (SaidLine(account="Utilities"),))
    )
    too_early = await asked(
        office,
        BillCreate(
            "Metro Water",
            (SaidLine(account="Utilities", amount=Decimal(9)),),
            due_date=date(2026, 11, 1),
        ),
    )

    assert no_account.about == "account"
    assert no_amount.about == "amount"
    assert too_early.about == "due_date"


@http
async def test_quantity_and_rate_make_the_amount_and_stay_readable(
    office: Office,
) -> None:
    line = SaidLine(account="Utilities", quantity=Decimal(3), rate=Decimal("10.50"))

    draft = await office.draft(BillCreate("Metro Water", (line,)))

    assert draft.lines[0].amount.amount == Decimal("31.50")
    assert draft.lines[0].description == "3 at 10.50"


@http
async def test_an_inactive_vendor_is_objected_to(books: Office) -> None:
    vendor = await new_vendor(books)
    await books.write(
        "Vendor",
        {"Id": vendor["Id"], "SyncToken": "0", "sparse": True, "Active": False},
    )
    _, account = names(books)

    sentence = await refused(
        books,
        BillCreate(
            vendor["DisplayName"], (SaidLine(account=account, amount=Decimal(9)),)
        ),
    )

    assert "inactive in QuickBooks" in sentence
    assert "active again first" in sentence


# --- paying bills ---------------------------------------------------------------


@http
async def test_a_bill_is_paid_in_full(books: Office) -> None:
    vendor, bills = await owed(books, "40.00")

    draft, receipt = await posted(
        books, BillPay(vendor=vendor["DisplayName"], full=True)
    )

    record = await books.one("BillPayment", receipt.record_id)
    assert record["PayType"] == "Check"
    assert number(record["TotalAmt"]) == number(bills[0]["TotalAmt"])
    after = await books.one("Bill", bills[0]["Id"])
    assert number(after["Balance"]) == 0
    assert draft.heading.startswith(f"Pay {vendor['DisplayName']}'s bill of 2 Nov 2026")
    assert any("the only checking account" in note for note in draft.notes)
    assert any("No money moves" in note for note in draft.notes)


@http
async def test_several_bills_are_paid_the_oldest_first(books: Office) -> None:
    vendor, bills = await owed(books, "40.00", "60.00")
    total = sum(number(each["TotalAmt"]) for each in bills)
    part = number(bills[0]["TotalAmt"]) + 10

    draft, _ = await posted(books, BillPay(vendor=vendor["DisplayName"], amount=part))

    assert [each.amount.amount for each in draft.lines] == [
        number(bills[0]["TotalAmt"]),
        Decimal(10),
    ]
    assert "No bill was named: the oldest are paid first." in draft.notes
    left = [number((await books.one("Bill", x["Id"]))["Balance"]) for x in bills]
    assert left == [0, total - part]


@http
async def test_no_more_is_paid_than_is_open(books: Office) -> None:
    vendor, bills = await owed(books, "40.00")
    open_ = number(bills[0]["TotalAmt"])

    sentence = await refused(
        books, BillPay(vendor=vendor["DisplayName"], amount=open_ + 1)
    )

    assert "is open on bill of 2 Nov 2026" in sentence
    assert "in full" in sentence


@http
async def test_a_card_pays_a_bill_too(books: Office) -> None:
    vendor, _ = await owed(books, "40.00")
    card = "Company Visa" if is_us(books) else "Company Card"

    draft, receipt = await posted(
        books, BillPay(vendor=vendor["DisplayName"], full=True, pay_from=card)
    )

    record = await books.one("BillPayment", receipt.record_id)
    assert record["PayType"] == "CreditCard"
    assert record["CreditCardPayment"]["CCAccountRef"]["name"] == card
    assert shown(draft)["Paid from"] == f"{card} (card)"


@http
async def test_a_bill_is_named_by_its_number_and_if_need_be_its_vendor(
    office: Office,
) -> None:
    one, _ = await owed(office, "40.00", number_="S-1")
    two, _ = await owed(office, "50.00", number_="S-1")
    names_ = {one["DisplayName"], two["DisplayName"]}

    question = await asked(office, BillPay(bill="S-1", full=True))
    draft, _ = await posted(
        office, BillPay(bill="S-1", vendor=two["DisplayName"], full=True)
    )
    again = await refused(
        office, BillPay(bill="S-1", vendor=two["DisplayName"], full=True)
    )

    assert question.about == "vendor"
    assert set(question.choices) == names_
    assert draft.total == Money(Decimal("50.00"), "USD")
    assert "is paid already" in again
    assert "Look at it with “show bill S-1”" in again
    with pytest.raises(NotFound):
        await office.draft(BillPay(bill="no-such", full=True))


@http
async def test_what_is_missing_of_a_payment_is_asked(office: Office) -> None:
    vendor, _ = await owed(office, "40.00")

    nothing = await asked(office, BillPay(full=True))
    amount = await asked(office, BillPay(vendor=vendor["DisplayName"]))
    wrong = await asked(
        office,
        BillPay(vendor=vendor["DisplayName"], full=True, pay_from="Utilities"),
    )
    settled = await new_vendor(office)

    assert nothing.about == "bill"
    assert amount.about == "amount"
    assert wrong.about == "pay_from"
    assert "Business Checking" in wrong.choices
    assert "no open bills" in await refused(
        office, BillPay(vendor=settled["DisplayName"], full=True)
    )


@http
async def test_a_bill_that_was_paid_meanwhile_is_noticed_at_the_click(
    books: Office,
) -> None:
    vendor, bills = await owed(books, "40.00")
    draft = await books.draft(BillPay(vendor=vendor["DisplayName"], full=True))
    assert not (await books.ledger.check(draft)).moved

    await pay_elsewhere(books, vendor, bills[0], Decimal(15))

    moved = (await books.ledger.check(draft)).moved
    assert any("open now" in each for each in moved)


# --- expenses -------------------------------------------------------------------


@http
async def test_an_expense_is_what_was_paid(books: Office) -> None:
    vendor, account = names(books)
    card = "Company Visa" if is_us(books) else "Company Card"

    draft, receipt = await posted(
        books,
        ExpenseCreate(
            Decimal("64.30"), account, vendor=vendor, pay_from=card, memo="on the road"
        ),
    )

    record = await books.one("Purchase", receipt.record_id)
    assert number(record["TotalAmt"]) == Decimal("64.30")
    assert record["PaymentType"] == "CreditCard"
    assert record["EntityRef"]["name"] == vendor
    assert record["PrivateNote"] == "on the road (Ref P-17)"
    assert draft.total is not None
    assert draft.total.amount == Decimal("64.30")
    assert "TxnTaxDetail" not in body(draft)
    assert draft.heading == f"Expense of {draft.total} for {account} at {vendor}"
    if not is_us(books):
        tax = number(record["TxnTaxDetail"]["TotalTax"])
        assert draft.tax == Money(tax, "GBP") == Money(Decimal("10.72"), "GBP")


@http
async def test_an_expense_from_a_bank_account_needs_no_vendor(books: Office) -> None:
    _, account = names(books)

    draft, receipt = await posted(books, ExpenseCreate(Decimal("12.00"), account))

    record = await books.one("Purchase", receipt.record_id)
    assert record["PaymentType"] == "Cash"
    assert "EntityRef" not in record
    assert any("the only checking account" in note for note in draft.notes)
    assert shown(draft)["Payee"] == "nobody named"


@http
async def test_an_expense_of_nothing_is_asked_about(office: Office) -> None:
    question = await asked(office, ExpenseCreate(Decimal(0), "Fuel"))

    assert question.about == "amount"


@http
async def test_every_gross_amount_is_split_to_the_cent(pennine: Office) -> None:
    for cents in (3, 9, 100, 1999, 6430):
        paid = Decimal(cents) / 100
        draft, receipt = await posted(
            pennine,
            ExpenseCreate(paid, "Lift Servicing", vendor="Aire Lifts Ltd"),
        )

        record = await pennine.one("Purchase", receipt.record_id)
        assert number(record["TotalAmt"]) == paid
        assert draft.total == Money(paid, "GBP")


# --- another account ------------------------------------------------------------


@http
async def test_an_expense_goes_under_another_account(books: Office) -> None:
    vendor, spent = await bought(books, "30.00")
    target = "Travel" if is_us(books) else "Software"

    draft, receipt = await posted(
        books, ExpenseCategorize(target, vendor=vendor["DisplayName"])
    )

    record = await books.one("Purchase", receipt.record_id)
    assert record["Id"] == spent[0]["Id"]
    detail = record["Line"][0]["AccountBasedExpenseLineDetail"]
    assert detail["AccountRef"]["name"] == target
    assert number(record["TotalAmt"]) == number(spent[0]["TotalAmt"])
    assert draft.steps[0].record_id == spent[0]["Id"]
    assert {each.label: each.before for each in draft.shown}["Account"] == names(books)[
        1
    ]
    again = await refused(
        books, ExpenseCategorize(target, vendor=vendor["DisplayName"])
    )
    assert "already" in again


@http
async def test_which_of_several_expenses_is_asked_with_choices(books: Office) -> None:
    vendor, spent = await bought(books, "30.00", "31.00")
    target = "Travel" if is_us(books) else "Software"
    change = ExpenseCategorize(target, vendor=vendor["DisplayName"])

    question = await asked(books, change)
    chosen = await books.draft(
        ExpenseCategorize(
            target, expense=question.choices[0], vendor=vendor["DisplayName"]
        )
    )

    assert question.about == "expense"
    assert len(question.choices) == 2
    assert question.choices[0].endswith(f"(id {spent[1]['Id']})")
    assert chosen.steps[0].record_id == spent[1]["Id"]
    assert len(chosen.steps) == 1


@http
async def test_a_period_means_all_expenses_in_it(books: Office) -> None:
    vendor, spent = await bought(books, "30.00", "31.00")
    target = "Travel" if is_us(books) else "Software"
    november = Period(date(2026, 11, 1), date(2026, 11, 30))
    change = ExpenseCategorize(target, vendor=vendor["DisplayName"], period=november)

    receipts = await books.applied(change)

    assert [each.record_id for each in receipts] == [each["Id"] for each in spent]
    assert all(each.compared and not each.differences for each in receipts)
    for each in spent:
        line = (await books.one("Purchase", each["Id"]))["Line"][0]
        name = line["AccountBasedExpenseLineDetail"]["AccountRef"]["name"]
        assert name == target


@http
async def test_an_expense_edited_meanwhile_is_noticed_at_the_click(
    books: Office,
) -> None:
    vendor, spent = await bought(books, "30.00")
    target = "Travel" if is_us(books) else "Software"
    draft = await books.draft(ExpenseCategorize(target, vendor=vendor["DisplayName"]))
    line = spent[0]["Line"][0]

    await books.write(
        "Purchase",
        {
            "Id": spent[0]["Id"],
            "SyncToken": spent[0]["SyncToken"],
            "sparse": True,
            "PaymentType": spent[0]["PaymentType"],
            "Line": [{**line, "Amount": Decimal("33.00")}],
        },
    )

    moved = (await books.ledger.check(draft)).moved
    assert any("lines changed" in each for each in moved)


@http
async def test_only_category_lines_change(office: Office) -> None:
    vendor = await new_vendor(office)
    item = await office.query("SELECT * FROM Item WHERE Name = 'Mulch Bag'")
    item = item or await office.query("SELECT * FROM Item WHERE Type = 'Inventory'")
    by_item = {
        "Amount": Decimal(20),
        "DetailType": "ItemBasedExpenseLineDetail",
        "ItemBasedExpenseLineDetail": {
            "ItemRef": {"value": item[0]["Id"]},
            "Qty": 2,
            "UnitPrice": 10,
        },
    }
    [spent] = (await bought(office, "30.00", vendor=vendor, more=[by_item]))[1]

    draft, receipt = await posted(
        office, ExpenseCategorize("Travel", vendor=vendor["DisplayName"])
    )

    record = await office.one("Purchase", receipt.record_id)
    assert record["Line"][0]["AccountBasedExpenseLineDetail"]["AccountRef"]["name"] == (
        "Travel"
    )
    assert record["Line"][1]["Id"] == spent["Line"][1]["Id"]
    assert record["Line"][1]["DetailType"] == "ItemBasedExpenseLineDetail"
    assert draft.total == Money(Decimal("30.00"), "USD")


# --- vendors --------------------------------------------------------------------


@http
async def test_a_vendor_is_entered_and_changed(books: Office) -> None:
    name = f"Orchard Tool Hire {books.company.realm[-1]}"
    draft, receipt = await posted(
        books,
        VendorCreate(
            name, email="desk@orchard.example", phone="555 0199", terms="Net 30"
        ),
    )

    assert draft.heading == f"New vendor {name}"
    record = await books.one("Vendor", receipt.record_id)
    assert record["TermRef"]["name"] == "Net 30"
    assert record["CurrencyRef"]["value"] == ("USD" if is_us(books) else "GBP")
    changed, _ = await posted(
        books,
        VendorUpdate(
            name, CustomerChanges(email="new@orchard.example", terms="Net 60")
        ),
    )
    assert shown(changed)["E-mail"] == "new@orchard.example"
    before = {each.label: each.before for each in changed.shown}
    assert before["Terms"] == "Net 30"
    record = await books.one("Vendor", receipt.record_id)
    assert record["TermRef"]["name"] == "Net 60"
    so = VendorUpdate(name, CustomerChanges(terms="Net 60"))
    assert "nothing to do" in await refused(books, so)


# --- looked for again -------------------------------------------------------------


@http
async def test_what_nobody_heard_back_of_is_found(books: Office) -> None:
    vendor, account = names(books)
    owes, _ = await owed(books, "41.00")
    line = SaidLine(account=account, amount=Decimal("12.34"))
    changes: tuple[Change, ...] = (
        BillCreate(vendor, (line,)),
        BillPay(vendor=owes["DisplayName"], full=True),
        ExpenseCreate(Decimal("4.56"), account),
        VendorCreate(f"Lantern Yard {uuid.uuid4().hex[:8]}"),
    )
    for change in changes:
        draft = await books.draft(change, ref=f"P-{uuid.uuid4().int % 10**6}")
        before = books.clock()
        assert await books.ledger.find(draft, 1, (), before) is None

        receipt = await books.ledger.post(draft, 1, ())

        found = await books.ledger.find(draft, 1, (), before)
        named = await books.ledger.match(
            draft,
            str(change.name if isinstance(change, VendorCreate) else receipt.record_id),
        )
        assert found is not None
        assert named is not None
        assert found.record_id == named.record_id == receipt.record_id


@http
async def test_a_foreign_vendor_is_billed_and_paid_in_its_currency(
    pennine: Office,
) -> None:
    vendor = await new_vendor(pennine, CurrencyRef={"value": "EUR"})
    name = vendor["DisplayName"]
    line = SaidLine(account="Lift Servicing", amount=Decimal(100))

    bill, _ = await posted(pennine, BillCreate(name, (line,)))
    paid, receipt = await posted(pennine, BillPay(vendor=name, full=True))

    assert bill.total == Money(Decimal("120.00"), "EUR")
    assert bill.home_total is None
    assert shown(bill)["Owed in"] == "Creditors - EUR"
    assert any("is paid in EUR" in note for note in bill.notes)
    assert paid.total == Money(Decimal("120.00"), "EUR")
    record = await pennine.one("BillPayment", receipt.record_id)
    assert record["CurrencyRef"]["value"] == "EUR"


# --- undo -----------------------------------------------------------------------


async def undone(books: Office, draft: Draft, receipts: list[Receipt]) -> Draft:
    reverse = await books.draft(undo_of(draft, receipts), ref="P-18")
    done: list[Receipt] = []
    for step in range(1, len(reverse.steps) + 1):
        done.append(await books.ledger.post(reverse, step, done))
    for each in done:
        read = await books.ledger.read_back(reverse, each)
        assert read.compared
        assert read.differences == ()
    return reverse


@http
async def test_a_bill_is_deleted_again_but_not_once_paid(books: Office) -> None:
    _, account = names(books)
    vendor = await new_vendor(books)
    change = BillCreate(
        vendor["DisplayName"], (SaidLine(account=account, amount=Decimal(50)),)
    )
    draft, receipt = await posted(books, change)
    paid, paid_receipt = await posted(
        books, BillPay(vendor=vendor["DisplayName"], full=True)
    )

    with pytest.raises(Refused) as no:
        await books.draft(undo_of(draft, [receipt]), ref="P-18")
    first = await undone(books, paid, [paid_receipt])
    second = await undone(books, draft, [receipt])

    assert "is paid, so it is not deleted" in no.value.sentence
    assert (first.action, second.action) == ("bill_payment.void", "bill.delete")
    left = await books.query(f"SELECT * FROM Bill WHERE Id = '{receipt.record_id}'")
    assert left == []
    voided = await books.one("BillPayment", paid_receipt.record_id)
    assert number(voided["TotalAmt"]) == 0


@http
async def test_an_expense_is_deleted_again(books: Office) -> None:
    _, account = names(books)
    draft, receipt = await posted(books, ExpenseCreate(Decimal("7.00"), account))

    reverse = await undone(books, draft, [receipt])

    assert reverse.action == "expense.delete"
    left = await books.query(f"SELECT * FROM Purchase WHERE Id = '{receipt.record_id}'")
    assert left == []


@http
async def test_accounts_are_put_back(books: Office) -> None:
    vendor, spent = await bought(books, "30.00", "31.00")
    target = "Travel" if is_us(books) else "Software"
    november = Period(date(2026, 11, 1), date(2026, 11, 30))
    change = ExpenseCategorize(target, vendor=vendor["DisplayName"], period=november)
    draft = await books.draft(change)
    receipts = [await books.ledger.post(draft, step, ()) for step in (1, 2)]

    reverse = await undone(books, draft, receipts)

    assert reverse.action == "expenses.categorize"
    for each in spent:
        line = (await books.one("Purchase", each["Id"]))["Line"][0]
        name = line["AccountBasedExpenseLineDetail"]["AccountRef"]["name"]
        assert name == names(books)[1]


@http
async def test_a_vendor_is_made_inactive_or_put_back(books: Office) -> None:
    name = f"Loom Street Glass {books.company.realm[-1]}"
    made, receipt = await posted(books, VendorCreate(name, email="a@loom.example"))
    changed, after = await posted(
        books,
        VendorUpdate(name, CustomerChanges(email="b@loom.example", terms="Net 60")),
    )

    await undone(books, changed, [after])
    record = await books.one("Vendor", receipt.record_id)
    assert record["PrimaryEmailAddr"]["Address"] == "a@loom.example"
    assert not record.get("TermRef")
    reverse = await undone(books, made, [receipt])

    assert reverse.action == "vendor.update"
    assert (await books.one("Vendor", receipt.record_id))["Active"] is False


# --- what the tests are made of -------------------------------------------------


async def new_vendor(books: Office, **fields: Any) -> Json:
    """A vendor that nobody else uses."""
    name = f"Supplier {uuid.uuid4().hex[:12]}"
    return await books.write("Vendor", {"DisplayName": name, **fields})


async def _line(books: Office, amount: str) -> Json:
    account = names(books)[1]
    found = await books.query(f"SELECT * FROM Account WHERE Name = '{account}'")
    detail: Json = {"AccountRef": {"value": found[0]["Id"]}}
    if not is_us(books):
        code = await books.query("SELECT * FROM TaxCode WHERE Name = '20.0% S'")
        detail["TaxCodeRef"] = {"value": code[0]["Id"]}
    return {
        "Amount": Decimal(amount),
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": detail,
    }


async def owed(
    books: Office, *amounts: str, number_: str | None = None
) -> tuple[Json, list[Json]]:
    """A vendor with bills that somebody entered in QuickBooks, a week apart."""
    vendor = await new_vendor(books)
    bills = [
        await books.write(
            "Bill",
            {
                "VendorRef": {"value": vendor["Id"]},
                "TxnDate": f"2026-11-{2 + 7 * place:02}",
                "Line": [await _line(books, amount)],
                **({"DocNumber": number_} if number_ else {}),
            },
            include="allowduplicatedocnum",
        )
        for place, amount in enumerate(amounts)
    ]
    return vendor, bills


async def bought(
    books: Office,
    *amounts: str,
    vendor: Json | None = None,
    more: Sequence[Json] = (),
) -> tuple[Json, list[Json]]:
    """A vendor with expenses that somebody entered in QuickBooks, a week apart."""
    vendor = vendor or await new_vendor(books)
    name = "Company Visa" if is_us(books) else "Company Card"
    card = await books.query(f"SELECT * FROM Account WHERE Name = '{name}'")
    spent = [
        await books.write(
            "Purchase",
            {
                "PaymentType": "CreditCard",
                "AccountRef": {"value": card[0]["Id"]},
                "EntityRef": {"value": vendor["Id"], "type": "Vendor"},
                "TxnDate": f"2026-11-{2 + 7 * place:02}",
                "Line": [await _line(books, amount), *more],
            },
        )
        for place, amount in enumerate(amounts)
    ]
    return vendor, spent


async def pay_elsewhere(
    books: Office, vendor: Json, bill: Json, amount: Decimal
) -> None:
    """A part of a bill paid in QuickBooks itself."""
    bank = "Business Checking" if is_us(books) else "Current Account"
    found = await books.query(f"SELECT * FROM Account WHERE Name = '{bank}'")
    await books.write(
        "BillPayment",
        {
            "VendorRef": {"value": vendor["Id"]},
            "PayType": "Check",
            "CheckPayment": {"BankAccountRef": {"value": found[0]["Id"]}},
            "TotalAmt": amount,
            "Line": [
                {
                    "Amount": amount,
                    "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}],
                }
            ],
        },
    )
