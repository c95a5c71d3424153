"""Invoices changed, credit memos and items made: drafted, posted, read back, undone."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from qbo import asks
from qbo.asks import (
    CreditMemoCreate,
    CustomerChanges,
    CustomerCreate,
    CustomerUpdate,
    InvoiceChanges,
    InvoiceCreate,
    InvoiceUpdate,
    InvoiceVoid,
    ItemCreate,
    PaymentRecord,
    SaidLine,
)
from qbo.books import Draft, Receipt
from qbo.faults import Alike, Ambiguous, Refused
from qbo.wire.exact import Json, loads, number
from tests.qbo.conftest import TODAY, Office

pytestmark = pytest.mark.asyncio(loop_scope="session")

US, UK = "us", "uk"


@dataclass(frozen=True)
class Shop:
    """A company with three of its items: taxed or not as it happens, and an account."""

    office: Office
    main: str
    other: str
    third: str
    account: str

    async def invoice(self, *lines: SaidLine, **said: Any) -> tuple[str, Json, str]:
        """An invoice of a customer of its own: its number, it, and the customer."""
        customer = str((await self.office.new_customer())["DisplayName"])
        wanted = lines or (
            SaidLine(item=self.main, quantity=Decimal(10)),
            SaidLine(item=self.other, quantity=Decimal(2)),
        )
        change = InvoiceCreate(customer, tuple(wanted), **said)
        receipt = (await self.office.applied(change, "P-1"))[0]
        return (
            str(receipt.doc_number),
            await self.office.one("Invoice", receipt.record_id),
            customer,
        )

    async def done(self, change: asks.Change) -> tuple[Draft, list[Receipt]]:
        """A change drafted, still sound, posted and read back equal."""
        draft = await self.office.draft(change, "P-2")
        assert (await self.office.ledger.check(draft)).moved == ()
        receipts: list[Receipt] = []
        for step in range(1, len(draft.steps) + 1):
            receipts.append(await self.office.ledger.post(draft, step, receipts))
        back = [await self.office.ledger.read_back(draft, each) for each in receipts]
        assert [each.differences for each in back] == [()] * len(back)
        found = await self.office.ledger.find(draft, 1, (), self.office.clock())
        assert found is not None
        assert found.record_id == back[0].record_id
        return draft, back

    async def undone(self, draft: Draft, receipts: list[Receipt]) -> Draft:
        """What was done taken back, and that read back equal as well."""
        await self.office.minute()
        reverse, _ = await self.office.ledger.reverse(
            draft, receipts, ref="P-3", today=TODAY
        )
        receipt = await self.office.ledger.post(reverse, 1, ())
        back = await self.office.ledger.read_back(reverse, receipt)
        assert back.differences == ()
        return reverse

    async def refused(self, change: asks.Change) -> str:
        """Why it is not even proposed."""
        with pytest.raises(Refused) as no:
            await self.office.draft(change)
        assert no.value.code == "preflight"
        assert "othing has been changed" in no.value.sentence
        return no.value.sentence

    async def asked(self, change: asks.Change) -> Ambiguous:
        """What has to be asked first."""
        with pytest.raises(Ambiguous) as question:
            await self.office.draft(change)
        assert question.value.sentence.endswith("?")
        return question.value


@pytest_asyncio.fixture(loop_scope="session", params=[US, UK])
async def shop(request: pytest.FixtureRequest, office: Office, pennine: Office) -> Shop:
    """Both companies, one after the other."""
    if request.param == US:
        return Shop(
            office, "Consulting", "Garden Lights", "Delivery", "Landscaping Services"
        )
    return Shop(pennine, "Management Fee", "Ground Rent", "Key Fob", "Works Income")


@pytest_asyncio.fixture(loop_scope="session")
async def home(office: Office) -> Shop:
    """The American company alone, where the other says nothing new."""
    return Shop(
        office, "Consulting", "Garden Lights", "Delivery", "Landscaping Services"
    )


def shown(draft: Draft) -> dict[str, tuple[str | None, str]]:
    return {each.label: (each.before, each.value) for each in draft.shown}


def sent(draft: Draft) -> Json:
    found: Json = loads(draft.steps[0].body)
    return found


def update(number_: str, **changes: Any) -> InvoiceUpdate:
    return InvoiceUpdate(number_, InvoiceChanges(**changes))


# --- invoice.update -------------------------------------------------------------


async def test_lines_are_changed_added_and_removed_and_put_back(shop: Shop) -> None:
    number_, before, _ = await shop.invoice()
    kept_id = before["Line"][0]["Id"]

    change = update(
        number_,
        lines=(SaidLine(item=shop.main, quantity=Decimal(12)),),
        add_lines=(SaidLine(item=shop.third, quantity=Decimal(3)),),
        remove_lines=(shop.other,),
    )
    draft, receipts = await shop.done(change)
    after = await shop.office.one("Invoice", receipts[0].record_id)

    first, second = (
        line for line in after["Line"] if line["DetailType"] == "SalesItemLineDetail"
    )
    assert first["Id"] == kept_id
    assert first["SalesItemLineDetail"]["Qty"] == 12
    assert second["SalesItemLineDetail"]["ItemRef"]["name"] == shop.third
    assert "TxnTaxDetail" not in sent(draft)
    assert draft.total is not None
    assert draft.total.amount == number(after["TotalAmt"])
    facts = shown(draft)
    had, has = facts[shop.main]
    assert (had or "").startswith("10 × ")
    assert has.startswith("12 × ")
    assert facts[shop.other][1] == "(removed)"
    assert facts[f"Added: {shop.third}"][0] is None
    assert facts["Total"][1] == str(draft.total)

    reverse = await shop.undone(draft, receipts)

    back = await shop.office.one("Invoice", receipts[0].record_id)
    assert reverse.action == "invoice.update"
    assert back["TotalAmt"] == before["TotalAmt"]
    assert [line.get("Amount") for line in back["Line"]] == [
        line.get("Amount") for line in before["Line"]
    ]


async def test_day_terms_and_memo_are_changed_and_put_back(shop: Shop) -> None:
    number_, before, _ = await shop.invoice(terms="Net 30")

    draft, receipts = await shop.done(
        update(number_, due_date=date(2026, 12, 15), memo="PO 55")
    )
    longer, later = await shop.done(update(number_, terms="Net 60"))

    after = await shop.office.one("Invoice", receipts[0].record_id)
    assert shown(draft)["Due date"] == ("20 Dec 2026", "15 Dec 2026")
    assert shown(draft)["Memo"] == ("Ref P-1", "PO 55 (Ref P-2)")
    assert shown(longer)["Due date"] == ("15 Dec 2026", "19 Jan 2027")
    assert (after["DueDate"], after["SalesTermRef"]["name"]) == ("2027-01-19", "Net 60")
    assert "Line" not in sent(draft)
    assert draft.total is not None
    assert draft.total.amount == number(before["TotalAmt"])

    await shop.undone(longer, later)
    await shop.undone(draft, receipts)

    back = await shop.office.one("Invoice", receipts[0].record_id)
    for name in ("DueDate", "PrivateNote"):
        assert back[name] == before[name]
    assert back["SalesTermRef"] == before["SalesTermRef"]


async def test_what_is_said_of_a_line_leaves_the_rest_of_it(home: Shop) -> None:
    number_, _, _ = await home.invoice(
        SaidLine(item=home.main, quantity=Decimal(4), rate=Decimal(99)),
        SaidLine(item=home.third, amount=Decimal(30)),
    )

    faster = await home.office.draft(
        update(number_, lines=(SaidLine(item=home.main, quantity=Decimal(5)),))
    )
    dearer = await home.office.draft(
        update(number_, lines=(SaidLine(item=home.main, rate=Decimal(120)),))
    )
    bare = await home.office.draft(
        update(number_, lines=(SaidLine(item=home.main, amount=Decimal(400)),))
    )
    worded = await home.office.draft(
        update(number_, lines=(SaidLine(item=home.third, description="to the pier"),))
    )

    def line(draft: Draft, place: int) -> Json:
        found: Json = sent(draft)["Line"][place]
        return found

    assert line(faster, 0)["Amount"] == Decimal("495.00")
    assert line(dearer, 0)["Amount"] == Decimal("480.00")
    assert "Qty" not in line(bare, 0)["SalesItemLineDetail"]
    assert line(worded, 1)["Description"] == "to the pier"
    assert line(worded, 1)["Amount"] == Decimal("30.00")
    assert [line(each, 1)["Amount"] for each in (faster, dearer, bare)] == [30] * 3


async def test_what_cannot_be_changed_is_said_before_anybody_is_asked(
    home: Shop,
) -> None:
    number_, made, customer = await home.invoice()
    hours = SaidLine(item=home.main, quantity=Decimal(10))

    absent = await home.refused(update(number_, remove_lines=(home.third,)))
    other = await home.refused(
        update(number_, lines=(SaidLine(item=home.third, quantity=Decimal(2)),))
    )
    same = await home.refused(update(number_, lines=(hours,)))
    empty = await home.refused(update(number_, remove_lines=(home.main, home.other)))
    early = await home.asked(update(number_, due_date=date(2026, 11, 1)))
    nothing = await home.asked(update(number_))
    twice, _, _ = await home.invoice(hours, hours)
    double = await home.refused(
        update(twice, lines=(SaidLine(item=home.main, quantity=Decimal(1)),))
    )
    await home.office.applied(PaymentRecord(customer, Decimal(1500)))
    less = await home.refused(
        update(number_, lines=(SaidLine(item=home.main, quantity=Decimal(1)),))
    )
    await home.office.applied(InvoiceVoid(twice))
    voided = await home.refused(update(twice, memo="late"))

    assert f"Delivery is not on invoice {number_}." in absent
    assert "Consulting and Garden Lights" in absent
    assert "to add it" not in absent
    assert f"Say “add … to invoice {number_}” to add it." in other
    assert "is so in QuickBooks already" in same
    assert "Void it instead" in empty
    assert (early.about, nothing.about) == ("due_date", "changes")
    assert "stands on invoice" in double
    assert "$1,500.00 of invoice" in less
    assert "credit memo" in less
    assert "voided" in voided
    assert (
        made["TotalAmt"] == (await home.office.one("Invoice", made["Id"]))["TotalAmt"]
    )


async def test_a_line_that_somebody_changed_meanwhile_moves_the_draft(
    home: Shop,
) -> None:
    number_, made, _ = await home.invoice()
    draft = await home.office.draft(update(number_, remove_lines=(home.other,)))
    day = await home.office.draft(update(number_, due_date=date(2026, 12, 1)))

    lines = [line for line in made["Line"] if "Id" in line]
    lines[0] = {**lines[0], "Description": "Somebody else's words"}
    await home.office.write(
        "Invoice",
        {"Id": made["Id"], "SyncToken": made["SyncToken"], "sparse": True}
        | {"Line": lines, "CustomerRef": made["CustomerRef"]},
    )
    standing = await home.office.ledger.check(draft)
    other = await home.office.ledger.check(day)

    assert standing.moved == (f"Invoice {number_}: the lines changed in QuickBooks.",)
    assert standing.rebased is not None
    assert other.moved == ()


async def test_a_discount_keeps_the_lines_as_they_are(home: Shop) -> None:
    customer = await home.office.new_customer()
    discount = {
        "Amount": Decimal("10.00"),
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
    }
    made = await home.office.new_invoice(customer)
    line = next(each for each in made["Line"] if "Id" in each)
    await home.office.write(
        "Invoice",
        {"Id": made["Id"], "SyncToken": made["SyncToken"], "sparse": True}
        | {"Line": [line, discount], "CustomerRef": made["CustomerRef"]},
    )

    sentence = await home.refused(
        update(made["DocNumber"], add_lines=(SaidLine(item=home.third),))
    )
    draft, _ = await home.done(update(made["DocNumber"], memo="agreed"))

    assert "has a discount" in sentence
    assert "Line" not in sent(draft)


# --- credit_memo.create ---------------------------------------------------------


async def test_a_credit_has_the_tax_and_rates_of_its_invoice(shop: Shop) -> None:
    number_, made, customer = await shop.invoice(
        SaidLine(item=shop.main, quantity=Decimal(4), rate=Decimal(99)),
        SaidLine(item=shop.third, quantity=Decimal(1)),
    )
    hours = SaidLine(item=shop.main, quantity=Decimal(2))

    draft, receipts = await shop.done(
        CreditMemoCreate(customer, (hours,), memo="missed visits", invoice=number_)
    )

    memo = await shop.office.one("CreditMemo", receipts[0].record_id)
    line = memo["Line"][0]
    theirs = made["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"]
    assert line["Amount"] == 198
    assert line["SalesItemLineDetail"]["TaxCodeRef"]["value"] == theirs["value"]
    assert draft.total is not None
    assert draft.total.amount == number(memo["TotalAmt"])
    assert memo["RemainingCredit"] == memo["TotalAmt"]
    assert memo["DocNumber"] not in (None, "AUTO_GENERATE")
    assert "TxnTaxDetail" not in sent(draft)
    assert shown(draft)["For invoice"][1] == number_
    assert any(note.startswith("It is not applied") for note in draft.notes)

    reverse = await shop.undone(draft, receipts)

    assert reverse.action == "credit_memo.delete"
    assert (
        await shop.office.query(f"SELECT * FROM CreditMemo WHERE Id = '{memo['Id']}'")
        == []
    )


async def test_a_bare_amount_is_for_the_one_item_of_the_invoice_or_asked(
    home: Shop,
) -> None:
    one, _, customer = await home.invoice(
        SaidLine(item=home.other, quantity=Decimal(4))
    )
    two, _, other = await home.invoice()
    amount = Decimal("20.00")

    alone = await home.office.draft(
        CreditMemoCreate(customer, amount=amount, invoice=one)
    )
    question = await home.asked(CreditMemoCreate(other, amount=amount, invoice=two))
    without = await home.asked(CreditMemoCreate(customer, amount=amount))
    answered = await home.office.draft(
        CreditMemoCreate(other, (SaidLine(item=home.main),), amount, invoice=two)
    )
    strange = await home.refused(CreditMemoCreate(other, amount=amount, invoice=one))

    assert sent(alone)["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"]["value"] == "TAX"
    assert str(alone.total) == "$21.65"
    assert any("before tax" in note for note in alone.notes)
    assert question.about == without.about == "item"
    assert question.choices == (home.main, home.other)
    assert str(answered.total) == "$20.00"
    assert f"Invoice {one} belongs to {customer}" in strange


async def test_a_used_credit_is_not_taken_back(home: Shop) -> None:
    number_, made, customer = await home.invoice()
    draft, receipts = await home.done(
        CreditMemoCreate(customer, (SaidLine(item=home.main),), invoice=number_)
    )
    links = [("Invoice", made["Id"]), ("CreditMemo", receipts[0].record_id)]
    await home.office.write(
        "Payment",
        {
            "CustomerRef": made["CustomerRef"],
            "TotalAmt": 0,
            "Line": [
                {"Amount": 150, "LinkedTxn": [{"TxnId": each, "TxnType": kind}]}
                for kind, each in links
            ],
        },
    )
    await home.office.minute()

    with pytest.raises(Refused) as no:
        await home.office.ledger.reverse(draft, receipts, ref="P-3", today=TODAY)

    assert "is applied already" in no.value.sentence


async def test_credits_are_numbered_on_where_the_company_numbers(
    pennine: Office,
) -> None:
    customer = str((await pennine.new_customer())["DisplayName"])
    line = (SaidLine(item="Ground Rent"),)

    first = (await pennine.applied(CreditMemoCreate(customer, line), "P-4"))[0]
    second = await pennine.draft(CreditMemoCreate(customer, line), "P-5")

    assert first.doc_number is not None
    head = first.doc_number.rstrip("0123456789")
    count = int(first.doc_number.removeprefix(head))
    assert sent(second)["DocNumber"] == f"{head}{count + 1:04}"


# --- item.create ----------------------------------------------------------------


async def test_an_item_is_made_sold_and_made_inactive(shop: Shop) -> None:
    name = f"Stump Grinding {'UK' if shop.office.company.country != 'US' else 'US'}"

    draft, receipts = await shop.done(
        ItemCreate(name, "NonInventory", Decimal("220.00"), shop.account)
    )

    item = await shop.office.one("Item", receipts[0].record_id)
    assert (item["Name"], item["Type"], item["UnitPrice"]) == (
        name,
        "NonInventory",
        220,
    )
    assert item["IncomeAccountRef"]["name"] == shop.account
    assert draft.total is None
    taken = await shop.refused(ItemCreate(name.upper()))
    assert f"already has an item called {name}" in taken

    await shop.undone(draft, receipts)

    item = await shop.office.one("Item", receipts[0].record_id)
    assert item["Active"] is False
    again = await shop.office.draft(ItemCreate(name, income_account=shop.account))
    assert any("inactive item called" in note for note in again.notes)


async def test_the_income_account_is_the_default_or_is_asked(home: Shop) -> None:
    product = await home.office.draft(ItemCreate("Bird Bath", "NonInventory"))
    question = await home.asked(ItemCreate("Bird Watching"))
    wrong = await home.asked(ItemCreate("Bird Song", income_account="Fuel"))
    stocked = await home.refused(ItemCreate("Bird Cage", "Inventory"))
    colon = await home.asked(ItemCreate("Birds:Cages"))

    assert sent(product)["IncomeAccountRef"]["name"] == "Materials Income"
    assert any("Materials Income, the company's default" in x for x in product.notes)
    assert question.about == wrong.about == "income_account"
    assert question.choices[0] == "Landscaping Services"
    assert "Discounts Given" not in question.choices
    assert "Products and services" in stocked
    assert colon.about == "name"


# --- names ----------------------------------------------------------------------


async def test_likeness_is_found_in_every_list_and_by_every_way(office: Office) -> None:
    vendor = await office.write(
        "Vendor",
        {
            "DisplayName": "Quarry Lane Masons Ltd.",
            "PrimaryPhone": {"FreeFormNumber": "(555) 014-7788"},
        },
    )
    await office.write(
        "Employee",
        {
            "GivenName": "Odile",
            "FamilyName": "Quarryman",
            "PrimaryEmailAddr": {"Address": "odile@quarry.example"},
        },
    )

    async def found(
        name: str = "Wholly Unlike", email: str | None = None, phone: str | None = None
    ) -> list[tuple[str, str, str]]:
        change = CustomerCreate(name, email, phone)
        with pytest.raises(Alike) as alike:
            await office.draft(change)
        assert not alike.value.taken
        return [(each.noun, each.name, each.why) for each in alike.value.found]

    mason = vendor["DisplayName"]
    assert await found(name="quarry-lane masons") == [
        ("vendor", mason, "nearly the same name")
    ]
    assert await found(phone="+1 555 014 7788") == [
        ("vendor", mason, "the same phone number")
    ]
    assert await found(email="ODILE@quarry.example") == [
        ("employee", "Odile Quarryman", "the same e-mail address")
    ]
    assert await found(name="Quarryman, Odile") == [
        ("employee", "Odile Quarryman", "nearly the same name")
    ]
    draft = await office.draft(CustomerCreate("Quarry Lane Masons", anyway=True))
    assert sent(draft)["DisplayName"] == "Quarry Lane Masons"


async def test_a_rename_meets_the_employees_as_well(office: Office) -> None:
    await office.write("Employee", {"GivenName": "Ada", "FamilyName": "Holder"})
    customer = await office.new_customer()

    with pytest.raises(Refused) as no:
        await office.draft(
            CustomerUpdate(customer["DisplayName"], CustomerChanges(name="Ada Holder"))
        )

    assert "an employee called Ada Holder" in no.value.sentence


# --- preflight ------------------------------------------------------------------


async def test_what_a_sale_lacks_is_said_with_what_to_do(
    home: Shop, pennine: Office
) -> None:
    office = home.office
    made = await office.write(
        "Account",
        {"Name": "Short-lived Income", "AccountType": "Income"},
    )
    item = await office.write(
        "Item",
        {"Name": "Short-lived", "Type": "Service", "UnitPrice": 5}
        | {"IncomeAccountRef": {"value": made["Id"]}},
    )
    await office.write(
        "Account",
        {"Id": made["Id"], "SyncToken": made["SyncToken"], "sparse": True}
        | {"Name": made["Name"], "AccountType": "Income", "Active": False},
    )
    untaxed = await pennine.write(
        "Item",
        {"Name": "Untaxed", "Type": "Service", "UnitPrice": 5}
        | {
            "IncomeAccountRef": {
                "value": (
                    await pennine.query(
                        "SELECT * FROM Account WHERE Name = 'Works Income'"
                    )
                )[0]["Id"]
            }
        },
    )
    customer = (await pennine.new_customer())["DisplayName"]

    closed = await home.refused(
        InvoiceCreate("Acme West", (SaidLine(item=item["Name"]),))
    )
    with pytest.raises(Refused) as code:
        await pennine.draft(InvoiceCreate(customer, (SaidLine(item=untaxed["Name"]),)))

    assert "Short-lived Income, which is inactive" in closed
    assert "Untaxed has no tax code" in code.value.sentence
    assert "Give the item one first" in code.value.sentence
