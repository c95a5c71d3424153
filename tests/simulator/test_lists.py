"""Terms, payment methods, classes, locations, customer types, budgets, accounts."""

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from qbo.simulator.entities.books import ACCOUNT_TYPES
from qbo.simulator.rules.subtypes import TYPE_OF, USUAL
from tests.simulator.client import Json, QuickBooks, cell, expense_line, fault, held
from tests.simulator.taxed import alone
from tests.simulator.test_names import change_of

GOLDEN = Path(__file__).parents[3] / "shared" / "golden" / "xsd" / "Finance.xsd"
XSD = "{http://www.w3.org/2001/XMLSchema}"


@pytest.fixture
async def canada() -> AsyncIterator[QuickBooks]:
    async for client in alone("maple-ca"):
        yield client


async def test_terms_are_so_many_days_or_a_day_of_the_month(books: QuickBooks) -> None:
    days = await books.make(
        "Term", {"Name": "2/10 Net 30", "DueDays": 30, "DiscountDays": 10}
    )
    dated = await books.make(
        "Term", {"Name": "Fifth", "DayOfMonthDue": 5, "DueNextMonthDays": 3}
    )
    turned = await books.make("Term", change_of(dated, DueDays=20))
    back = await books.make("Term", change_of(turned, DayOfMonthDue=9))

    assert (days["Type"], days["DiscountDays"]) == ("STANDARD", 10)
    assert dated["Type"] == "DATE_DRIVEN"
    assert "DueDays" not in dated
    assert (turned["Type"], turned["DueDays"]) == ("STANDARD", 20)
    assert "DayOfMonthDue" not in turned
    assert (back["Type"], back["DayOfMonthDue"]) == ("DATE_DRIVEN", 9)


@pytest.mark.parametrize(
    "wrong",
    [
        {"DueDays": 1000},
        {"DueDays": Decimal("1.5")},
        {"DueDays": 1, "DiscountPercent": 101},
        {"DayOfMonthDue": 32},
        {"DueDays": -1},
    ],
)
async def test_terms_have_bounds(books: QuickBooks, wrong: Json) -> None:
    answer = await books.post("term", {"Name": "Odd", **wrong})

    assert fault(answer)[0] == "2080"


async def test_a_payment_method_is_by_card_or_not(books: QuickBooks) -> None:
    card = await books.make("PaymentMethod", {"Name": "Amex", "Type": "CREDIT_CARD"})
    plain = await books.make("PaymentMethod", {"Name": "Barter"})
    taken = await books.post("paymentmethod", {"Name": "amex"})
    odd = await books.post("paymentmethod", {"Name": "Odd", "Type": "SHELLS"})

    assert card["Type"] == "CREDIT_CARD"
    assert plain["Type"] == "NON_CREDIT_CARD"
    assert fault(taken)[0] == "6240"
    assert fault(odd)[0] == "2170"


@pytest.mark.parametrize("entity", ["Class", "Department"])
async def test_classes_and_locations_are_nested(books: QuickBooks, entity: str) -> None:
    north = await books.make(entity, {"Name": "North"})
    south = await books.make(entity, {"Name": "South"})
    shop = {"Name": "Shop", "ParentRef": {"value": north["Id"]}}
    first = await books.make(entity, shop)
    second = await books.make(entity, {**shop, "ParentRef": {"value": south["Id"]}})
    taken = await books.post(entity.lower(), shop)
    renamed = await books.make(entity, change_of(north, Name="Far North"))

    assert north[f"Sub{entity}"] is False
    assert first[f"Sub{entity}"] is second[f"Sub{entity}"] is True
    assert first["FullyQualifiedName"] == "North:Shop"
    assert "Level" not in first
    assert fault(taken)[0] == "6240"
    assert renamed["FullyQualifiedName"] == "Far North"
    after = await books.read(entity, first["Id"])
    assert after["FullyQualifiedName"] == "Far North:Shop"
    assert after["ParentRef"]["name"] == "Far North"


@pytest.mark.parametrize("entity", ["Class", "Department", "Account", "Item"])
async def test_what_is_inactive_is_marked_below_its_own_parent(
    books: QuickBooks, entity: str
) -> None:
    body: Json = {}
    if entity == "Account":
        body = {"AccountType": "Expense"}
    elif entity == "Item":
        body = {"Type": "Category"}
    above = await books.make(entity, {**body, "Name": "Above"})
    below = {**body, "Name": "Twice", "ParentRef": {"value": above["Id"]}}

    marked = []
    for _ in range(2):
        made = await books.make(entity, below)
        gone = await books.make(entity, change_of(made, Active=False))
        marked.append(gone["FullyQualifiedName"])

    assert marked == ["Above:Twice (deleted)", "Above:Twice (deleted 1)"]


async def test_a_location_has_an_address(books: QuickBooks) -> None:
    body = {"Name": "Yard", "Address": {"Line1": "1 Yard Road"}}

    made = await books.make("Department", body)

    assert made["Address"]["Line1"] == "1 Yard Road"
    assert made["Address"]["Id"]


@pytest.mark.parametrize("entity", ["customertype", "budget", "taxcode", "taxrate"])
async def test_some_lists_are_only_read(books: QuickBooks, entity: str) -> None:
    answer = await books.post(entity, {"Name": "New"})

    assert fault(answer)[0] == "500"


async def test_a_customer_type_is_made_by_a_person(books: QuickBooks) -> None:
    made = await books.made_by_hand("CustomerType", {"Name": "Wholesale"})

    assert await books.read("CustomerType", made["Id"]) == made
    assert await books.one("select * from CustomerType where Name = 'wholesale'")
    assert made["FullyQualifiedName"] == "Wholesale"


async def test_a_budget_is_made_by_a_person(books: QuickBooks) -> None:
    rent = await books.id("Account", "Rent")
    rows = [
        {
            "BudgetDate": f"2026-{month:02}-01",
            "Amount": 100 * month,
            "AccountRef": {"value": rent},
        }
        for month in range(1, 13)
    ]
    body = {
        "Name": "Plan 2026",
        "StartDate": "2026-01-01",
        "EndDate": "2026-12-31",
        "BudgetDetail": rows,
    }

    made = await books.made_by_hand("Budget", body)

    assert await books.read("Budget", made["Id"]) == made
    assert await books.query("select * from budget where Name = 'Plan 2026'") == [made]
    assert made["BudgetType"] == "ProfitAndLoss"
    assert made["BudgetEntryType"] == "Monthly"
    assert made["BudgetDetail"][11]["Amount"] == 1200
    assert made["BudgetDetail"][0]["AccountRef"]["name"] == "Rent"


async def test_a_tax_agency_is_created(books: QuickBooks) -> None:
    made = await books.make("TaxAgency", {"DisplayName": "County of Fernwood"})
    taken = await books.post("taxagency", {"DisplayName": "county of fernwood"})

    assert await books.read("TaxAgency", made["Id"]) == made
    assert made["TaxTrackedOnSales"] is True
    assert fault(taken)[0] == "6240"


# Accounts


def test_every_type_has_sub_types_and_a_usual_one() -> None:
    assert set(TYPE_OF.values()) == set(USUAL) == set(ACCOUNT_TYPES)
    assert all(TYPE_OF[subtype] == kind for kind, subtype in USUAL.items())


@pytest.mark.skipif(not GOLDEN.exists(), reason="the schemas are not here")
def test_every_sub_type_of_the_schema_is_known() -> None:
    root = ET.parse(GOLDEN).getroot()  # noqa: S314 - our own disk
    kind = next(one for one in root if one.get("name") == "AccountSubTypeEnum")
    names = {one.get("value") for one in kind.iter(f"{XSD}enumeration")}

    assert names - set(TYPE_OF) == set()


@pytest.mark.parametrize(("kind", "classification"), ACCOUNT_TYPES.items())
async def test_a_type_is_enough_for_an_account(
    books: QuickBooks, kind: str, classification: str
) -> None:
    made = await books.make("Account", {"Name": "Typed", "AccountType": kind})

    assert made["AccountSubType"] == USUAL[kind]
    assert made["Classification"] == classification
    assert made["CurrentBalance"] == made["CurrentBalanceWithSubAccounts"] == 0
    assert made["SubAccount"] is False


async def test_a_sub_type_that_does_not_fit_is_refused(books: QuickBooks) -> None:
    both = {"AccountType": "Bank", "AccountSubType": "Travel"}

    apart = await books.post("account", {"Name": "Odd", **both})
    unknown = await books.post("account", {"Name": "Odd", "AccountSubType": "Shells"})

    assert fault(apart)[0] == "6010"
    assert fault(unknown)[0] == "2170"


async def test_an_account_changes_its_type_with_either_word(books: QuickBooks) -> None:
    made = await books.make("Account", {"Name": "Turns", "AccountType": "Expense"})

    by_type = await books.make("Account", change_of(made, AccountType="Bank"))
    by_subtype = await books.make("Account", change_of(by_type, AccountSubType="Land"))

    assert (by_type["AccountSubType"], by_type["Classification"]) == (
        "Checking",
        "Asset",
    )
    assert by_subtype["AccountType"] == "Fixed Asset"


async def test_sub_accounts_are_of_their_parents_type(books: QuickBooks) -> None:
    auto = await books.make("Account", {"Name": "Auto", "AccountType": "Expense"})
    below = {"Name": "Fuel", "ParentRef": {"value": auto["Id"]}}

    fuel = await books.make("Account", {**below, "AccountType": "Expense"})
    bank = await books.post("account", {**below, "Name": "B", "AccountType": "Bank"})
    turned = await books.post("account", change_of(auto, AccountType="Income"))

    assert fuel["SubAccount"] is True
    assert fuel["FullyQualifiedName"] == "Auto:Fuel"
    assert fault(bank)[0] == fault(turned)[0] == "6000"


@pytest.mark.parametrize("name", ["A:B", 'The "A"'])
async def test_signs_not_allowed_in_accounts(books: QuickBooks, name: str) -> None:
    answer = await books.post("account", {"Name": name, "AccountType": "Bank"})

    assert fault(answer)[0] == "6000"


async def test_a_sub_accounts_balance_counts_for_its_parent(books: QuickBooks) -> None:
    first = await books.make("Account", {"Name": "Cash", "AccountType": "Bank"})
    other = await books.make("Account", {"Name": "Boxes", "AccountType": "Bank"})
    begun = {"OpeningBalance": 70, "OpeningBalanceDate": "2026-11-03"}
    till = await books.make(
        "Account",
        {
            "Name": "Till",
            "AccountType": "Bank",
            "ParentRef": {"value": first["Id"]},
            **begun,
        },
    )

    above = await books.read("Account", first["Id"])
    await books.make("Account", change_of(till, ParentRef={"value": other["Id"]}))
    after = [await books.read("Account", one["Id"]) for one in (first, other)]

    assert till["CurrentBalance"] == 70
    assert "OpeningBalance" not in till
    assert above["CurrentBalance"] == 0
    assert above["CurrentBalanceWithSubAccounts"] == 70
    assert [one["CurrentBalanceWithSubAccounts"] for one in after] == [0, 70]


@pytest.mark.parametrize("kind", ["Long Term Liability", "Credit Card", "Equity"])
async def test_what_is_owed_may_begin_with_a_balance(
    books: QuickBooks, kind: str
) -> None:
    body = {"Name": "Begun", "AccountType": kind, "OpeningBalance": Decimal("55.25")}

    made = await books.make("Account", {**body, "OpeningBalanceDate": "2026-11-03"})
    undated = await books.make("Account", {**body, "Name": "Undated"})

    assert held(made) == Decimal("55.25")
    assert undated["CurrentBalance"] == 0
    entry = await books.one("select * from JournalEntry where TxnDate = '2026-11-03'")
    assert entry["PrivateNote"] == "Opening Balance"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("Bank", 70),
        ("Fixed Asset", 70),
        ("Credit Card", 70),
        ("Other Current Liability", -70),
        ("Long Term Liability", -70),
        ("Equity", -70),
    ],
)
async def test_what_is_owed_is_shown_negative_save_on_a_credit_card(
    books: QuickBooks, kind: str, shown: int
) -> None:
    above = await books.make("Account", {"Name": "Above", "AccountType": kind})
    below = {"Name": "Below", "AccountType": kind, "ParentRef": {"value": above["Id"]}}
    begun = {"OpeningBalance": 70, "OpeningBalanceDate": "2026-11-03"}

    made = await books.make("Account", {**below, **begun})

    family = await books.read("Account", above["Id"])
    found = await books.query(f"select * from Account where CurrentBalance = '{shown}'")
    listed = await books.report("AccountList", columns="account_name,account_bal")
    assert made["CurrentBalance"] == shown
    assert family["CurrentBalance"] == 0
    assert family["CurrentBalanceWithSubAccounts"] == shown
    assert made["Id"] in {one["Id"] for one in found}
    assert cell(listed, made["Id"]) == 70


async def test_a_payable_is_shown_negative_and_its_vendor_is_owed(
    books: QuickBooks,
) -> None:
    payable = "select * from Account where AccountType = 'Accounts Payable'"
    before = await books.one(payable)
    vendor = await books.make("Vendor", {"DisplayName": "Owed"})
    line = expense_line(await books.id("Account", "Utilities"), "120")
    body = {"VendorRef": {"value": vendor["Id"]}, "Line": [line]}

    await books.make("Bill", body)

    after = await books.one(payable)
    assert after["CurrentBalance"] - before["CurrentBalance"] == -120
    assert (await books.read("Vendor", vendor["Id"]))["Balance"] == 120


async def test_an_inactive_account_shows_no_balance(books: QuickBooks) -> None:
    body = {"Name": "Cash Box", "AccountType": "Bank", "OpeningBalance": 40}
    made = await books.make("Account", {**body, "OpeningBalanceDate": "2026-11-03"})
    entries = await books.count("JournalEntry")

    gone = await books.make("Account", change_of(made, Active=False))
    back = await books.make("Account", change_of(gone, Active=True, Name="Box"))

    assert (gone["Name"], gone["CurrentBalance"]) == ("Cash Box (deleted)", 0)
    assert back["CurrentBalance"] == 40
    assert await books.count("JournalEntry") == entries


async def test_nothing_is_spent_on_an_inactive_account(books: QuickBooks) -> None:
    made = await books.make("Account", {"Name": "Old", "AccountType": "Expense"})
    await books.make("Account", change_of(made, Active=False))
    vendor = {"value": await books.id("Vendor", "Quick Print")}

    answer = await books.post(
        "bill", {"VendorRef": vendor, "Line": [expense_line(made["Id"], "5")]}
    )

    assert fault(answer)[0] == "2500"


@pytest.mark.parametrize(
    "subtype",
    ["AccountsReceivable", "AccountsPayable", "UndepositedFunds", "RetainedEarnings"],
)
async def test_accounts_that_the_books_need_stay(
    books: QuickBooks, subtype: str
) -> None:
    account = await books.one(
        f"select * from Account where AccountSubType = '{subtype}'"
    )

    gone = await books.post("account", change_of(account, Active=False))
    turned = await books.post("account", change_of(account, AccountType="Income"))

    assert fault(gone)[0] == fault(turned)[0] == "6000"
    assert await books.read("Account", account["Id"]) == account


async def test_the_account_of_a_tax_agency_stays(canada: QuickBooks) -> None:
    owed = await canada.one("select * from Account where Name = 'PST Payable (BC)'")

    spent = await canada.post(
        "account",
        change_of(owed, AccountType="Expense", AccountSubType="Travel"),
    )
    gone = await canada.post("account", change_of(owed, Active=False))
    renamed = await canada.make("Account", change_of(owed, Name="PST"))

    assert fault(spent)[0] == fault(gone)[0] == "6000"
    assert renamed["AccountSubType"] == owed["AccountSubType"]
