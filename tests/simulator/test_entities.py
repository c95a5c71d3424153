"""Every entity: created, read back, changed."""

import re
from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.client import QuickBooks, expense_line, fault, loads, sales_line

PACIFIC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[78]:00")


async def body_for(books: QuickBooks, entity: str) -> dict[str, Any]:
    """The smallest sensible body of each entity."""
    customer = {"value": await books.id("Customer", "Void Gallery")}
    vendor = {"value": await books.id("Vendor", "Quick Print")}
    consulting = await books.id("Item", "Consulting")
    checking = {"value": await books.id("Account", "Business Checking")}
    savings = {"value": await books.id("Account", "Savings Reserve")}
    income = {"value": await books.id("Account", "Design Income")}
    rent = await books.id("Account", "Rent")
    sale = {"CustomerRef": customer, "Line": [sales_line(consulting, "100")]}
    debit = {"PostingType": "Debit", "AccountRef": {"value": rent}}
    credit = {"PostingType": "Credit", "AccountRef": checking}
    kind = "JournalEntryLineDetail"
    bodies: dict[str, dict[str, Any]] = {
        "Customer": {"DisplayName": "New Customer"},
        "Vendor": {"DisplayName": "New Vendor"},
        "Item": {"Name": "New Item", "Type": "Service", "IncomeAccountRef": income},
        "Account": {"Name": "New Account", "AccountType": "Expense"},
        "Term": {"Name": "Net 45", "DueDays": 45},
        "PaymentMethod": {"Name": "Wire"},
        "Class": {"Name": "Industrial"},
        "Department": {"Name": "Head office"},
        "Employee": {"GivenName": "Nora", "FamilyName": "Quist"},
        "TimeActivity": {
            "NameOf": "Vendor",
            "VendorRef": vendor,
            "CustomerRef": customer,
            "Hours": 3,
        },
        "Invoice": sale,
        "CreditMemo": sale,
        "Payment": {"CustomerRef": customer, "TotalAmt": 50},
        "Bill": {"VendorRef": vendor, "Line": [expense_line(rent, "80")]},
        "Purchase": {
            "PaymentType": "Check",
            "AccountRef": checking,
            "Line": [expense_line(rent, "12.34")],
        },
        "JournalEntry": {
            "Line": [
                {"Amount": 5, "DetailType": kind, kind: debit},
                {"Amount": 5, "DetailType": kind, kind: credit},
            ]
        },
        "Transfer": {
            "FromAccountRef": checking,
            "ToAccountRef": savings,
            "Amount": 10,
        },
    }
    return bodies[entity]


CHANGES: dict[str, dict[str, Any]] = {
    "Customer": {"Notes": "Prefers mornings"},
    "Vendor": {"AcctNum": "A-77"},
    "Item": {"Description": "Something new"},
    "Account": {"Description": "Something new"},
    "Term": {"DueDays": Decimal(46)},
    "PaymentMethod": {"Name": "Wire transfer"},
    "Class": {"Name": "Industry"},
    "Department": {"Name": "Main office"},
    "Employee": {"HiredDate": "2026-01-05"},
    "TimeActivity": {"Hours": Decimal(4)},
    "Purchase": {"PrivateNote": "Changed", "PaymentType": "Check"},
}
NAMES = (
    *("Customer", "Vendor", "Item", "Account", "Term", "PaymentMethod", "Class"),
    *("Employee", "Department"),
)
TRANSACTIONS = (
    *("Invoice", "CreditMemo", "Payment", "Bill", "Purchase"),
    *("JournalEntry", "Transfer"),
)


EVERYTHING = (*NAMES, *TRANSACTIONS, "TimeActivity")


@pytest.mark.parametrize("entity", EVERYTHING)
async def test_what_is_created_is_read_back_the_same(
    books: QuickBooks, entity: str
) -> None:
    made = await books.make(entity, await body_for(books, entity))

    assert await books.read(entity, made["Id"]) == made
    assert made["SyncToken"] == "0"
    assert made["domain"] == "QBO"
    assert made["sparse"] is False
    assert PACIFIC.fullmatch(made["MetaData"]["CreateTime"])
    assert await books.one(f"select * from {entity} where Id = '{made['Id']}'") == made


@pytest.mark.parametrize("entity", EVERYTHING)
async def test_a_sparse_update_changes_what_was_sent_and_no_more(
    books: QuickBooks, entity: str
) -> None:
    made = await books.make(entity, await body_for(books, entity))
    change = dict(CHANGES.get(entity, {"PrivateNote": "Changed"}))
    if entity == "Bill":
        change["VendorRef"] = made["VendorRef"]
    wish = {"Id": made["Id"], "SyncToken": made["SyncToken"], "sparse": True}

    changed = await books.make(entity, {**wish, **change})

    assert changed["SyncToken"] == "1"
    expected = {**made, **change, "SyncToken": "1", "MetaData": changed["MetaData"]}
    if "Name" in change:
        expected["FullyQualifiedName"] = change["Name"]
    assert {k: v for k, v in changed.items() if k != "FullyQualifiedName"} == {
        k: v for k, v in expected.items() if k != "FullyQualifiedName"
    }


@pytest.mark.parametrize("entity", EVERYTHING)
async def test_sending_back_what_was_read_changes_nothing(
    books: QuickBooks, entity: str
) -> None:
    made = await books.make(entity, await body_for(books, entity))

    again = await books.make(entity, made)

    assert again["SyncToken"] == "1"
    kept = {"SyncToken": "1", "MetaData": again["MetaData"]}
    assert again == {**made, **kept}


async def test_a_full_update_clears_what_is_left_out(books: QuickBooks) -> None:
    body = {"DisplayName": "Full", "Notes": "A note", "CompanyName": "Full Ltd"}
    made = await books.make("Customer", body)
    wish = {"Id": made["Id"], "SyncToken": "0", "DisplayName": "Full"}

    changed = await books.make("Customer", wish)

    assert "Notes" not in changed
    assert "CompanyName" not in changed
    assert changed["Active"] is True


async def test_an_empty_text_clears_a_field_in_a_sparse_update(
    books: QuickBooks,
) -> None:
    made = await books.make("Customer", {"DisplayName": "C", "Notes": "A note"})
    wish = {"Id": made["Id"], "SyncToken": 0, "sparse": True, "Notes": ""}

    changed = await books.make("Customer", wish)

    assert "Notes" not in changed


async def test_the_server_fills_an_invoice_in(books: QuickBooks) -> None:
    term = await books.id("Term", "Net 30")

    made = await books.invoice(SalesTermRef={"value": term}, TxnDate="2026-11-20")

    assert made["DocNumber"] == "1001"
    assert made["DueDate"] == "2026-12-20"
    assert made["CustomerRef"]["name"] == "Acme West"
    assert made["SalesTermRef"]["name"] == "Net 30"
    assert made["TotalAmt"] == made["Balance"] == Decimal(1500)
    assert made["EmailStatus"] == made["PrintStatus"] == "NotSet"
    assert made["LinkedTxn"] == []
    first, subtotal = made["Line"]
    assert (first["Id"], first["LineNum"]) == ("1", 1)
    detail = first["SalesItemLineDetail"]
    assert detail["ItemRef"]["name"] == "Consulting"
    assert detail["TaxCodeRef"] == {"value": "NON"}
    assert subtotal["DetailType"] == "SubTotalLineDetail"
    assert made["BillAddr"]["Line1"]


async def test_american_tax_is_worked_out_by_the_company(books: QuickBooks) -> None:
    customer = {"value": await books.id("Customer", "Zephyr Cycles")}
    soil = sales_line(await books.id("Item", "Soil (per yard)"), "38.50")
    work = sales_line(await books.id("Item", "Hours"), "60")

    made = await books.make("Invoice", {"CustomerRef": customer, "Line": [soil, work]})

    tax = made["TxnTaxDetail"]
    assert tax["TotalTax"] == Decimal("3.18")
    assert tax["TaxLine"][0]["TaxLineDetail"]["NetAmountTaxable"] == Decimal("38.50")
    assert made["TotalAmt"] == Decimal("101.68")


async def test_a_tax_amount_that_is_sent_overrides(books: QuickBooks) -> None:
    made = await books.invoice(TxnTaxDetail={"TotalTax": 7})

    assert made["TxnTaxDetail"]["TotalTax"] == Decimal(7)
    assert made["TotalAmt"] == Decimal(1507)


async def test_a_discount_is_taken_off_after_the_subtotal(books: QuickBooks) -> None:
    customer = {"value": await books.id("Customer", "Zephyr Cycles")}
    detail = {"PercentBased": True, "DiscountPercent": 10}
    off = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}
    line = sales_line(await books.id("Item", "Consulting"), "150")

    made = await books.make("Invoice", {"CustomerRef": customer, "Line": [line, off]})

    kinds = [one["DetailType"] for one in made["Line"]]
    assert kinds[1:] == ["SubTotalLineDetail", "DiscountLineDetail"]
    assert made["Line"][2]["Amount"] == Decimal(15)
    assert made["TotalAmt"] == Decimal(135)


async def test_british_lines_need_a_vat_code(uk_books: QuickBooks) -> None:
    customer = {"value": await uk_books.id("Customer", "Hebden House")}
    item = await uk_books.id("Item", "Service Charge")
    code = {"value": await uk_books.id("TaxCode", "20.0% S")}
    without = {"CustomerRef": customer, "Line": [sales_line(item, "950")]}
    with_code = {
        "CustomerRef": customer,
        "Line": [
            sales_line(item, "950", TaxCodeRef=code),
            sales_line(item, "0.05", TaxCodeRef=code),
        ],
    }

    refused = await uk_books.post("invoice", without)
    made = await uk_books.make("Invoice", with_code)

    assert fault(refused)[0] == "6000"
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("190.01")
    assert made["TotalAmt"] == Decimal("1140.06")
    assert made["GlobalTaxCalculation"] == "TaxExcluded"
    assert "DocNumber" not in made


async def test_a_gross_amount_is_made_net(uk_books: QuickBooks) -> None:
    customer = {"value": await uk_books.id("Customer", "Hebden House")}
    item = await uk_books.id("Item", "Service Charge")
    code = {"value": await uk_books.id("TaxCode", "20.0% S")}
    line = sales_line(item, "120", TaxCodeRef=code)
    body = {"CustomerRef": customer, "Line": [line]}

    made = await uk_books.make(
        "Invoice", {**body, "GlobalTaxCalculation": "TaxInclusive"}
    )

    assert made["Line"][0]["Amount"] == Decimal(100)
    assert made["Line"][0]["SalesItemLineDetail"]["TaxInclusiveAmt"] == Decimal(120)
    assert made["TotalAmt"] == Decimal(120)


async def test_a_euro_customer_is_billed_in_euro(uk_books: QuickBooks) -> None:
    customer = {"value": await uk_books.id("Customer", "Dublin Docks Management")}
    item = await uk_books.id("Item", "Ground Rent")
    code = {"value": await uk_books.id("TaxCode", "No VAT")}
    body = {
        "CustomerRef": customer,
        "Line": [sales_line(item, "100", TaxCodeRef=code)],
    }

    made = await uk_books.make("Invoice", body)
    await uk_books.pay(made, "100", ExchangeRate=Decimal("0.9"))

    assert made["CurrencyRef"]["value"] == "EUR"
    assert made["HomeTotalAmt"] == Decimal(86)
    gain = await uk_books.one("select * from Account where Name like 'Exchange%'")
    sheet = await uk_books.report("ProfitAndLoss")
    assert gain["AccountType"] == "Other Expense"
    assert "-4.00" in str(sheet)


async def test_a_customer_name_is_made_from_its_parts(books: QuickBooks) -> None:
    made = await books.make("Customer", {"GivenName": "Ann", "FamilyName": "Lee"})
    nobody = await books.post("customer", {"Notes": "?"})

    assert made["DisplayName"] == made["FullyQualifiedName"] == "Ann Lee"
    assert fault(nobody)[0] == "6080"


async def test_a_job_belongs_to_its_parent(books: QuickBooks) -> None:
    parent = await books.id("Customer", "Acme Corporation")

    west = await books.one("select * from Customer where DisplayName = 'Acme West'")
    invoice = await books.invoice("Acme West")
    owner = await books.read("Customer", parent)

    assert west["Job"] is True
    assert west["ParentRef"] == {"value": parent, "name": "Acme Corporation"}
    assert west["FullyQualifiedName"] == "Acme Corporation:Acme West"
    assert owner["Balance"] == 0
    assert owner["BalanceWithJobs"] == invoice["TotalAmt"]


async def test_a_new_name_shows_everywhere(books: QuickBooks) -> None:
    invoice = await books.invoice("Acme West")
    parent = await books.one(
        "select * from Customer where DisplayName = 'Acme Corporation'"
    )
    change = {"Id": parent["Id"], "SyncToken": parent["SyncToken"], "sparse": True}

    await books.make("Customer", {**change, "DisplayName": "Acme Holding"})

    west = await books.one("select * from Customer where DisplayName = 'Acme West'")
    assert west["ParentRef"]["name"] == "Acme Holding"
    assert west["FullyQualifiedName"] == "Acme Holding:Acme West"
    after = await books.read("Invoice", invoice["Id"])
    assert after["SyncToken"] == invoice["SyncToken"]


async def test_a_name_made_inactive_is_marked_and_free_again(
    books: QuickBooks,
) -> None:
    made = await books.make("Customer", {"DisplayName": "Twice"})
    off = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Active": False}

    gone = await books.make("Customer", off)
    again = await books.make("Customer", {"DisplayName": "Twice"})

    assert gone["DisplayName"] == "Twice (deleted)"
    assert again["Id"] != made["Id"]
    assert await books.query("select * from Customer where DisplayName = 'Twice'")
    statement = "select * from Customer where DisplayName = 'Twice (deleted)'"
    assert await books.query(statement) == []
    assert await books.query(f"{statement} and Active in (true, false)")


async def test_an_inactive_customer_cannot_be_billed(books: QuickBooks) -> None:
    made = await books.make("Customer", {"DisplayName": "Gone"})
    off = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    await books.make("Customer", off)
    line = sales_line(await books.id("Item", "Hours"), "10")

    answer = await books.post(
        "invoice", {"CustomerRef": {"value": made["Id"]}, "Line": [line]}
    )

    code, detail = fault(answer)
    assert code == "2500"
    assert "made inactive" in detail


async def test_an_account_takes_its_type_from_the_subtype(books: QuickBooks) -> None:
    made = await books.make("Account", {"Name": "Web", "AccountSubType": "Utilities"})
    neither = await books.post("account", {"Name": "Neither"})

    assert made["AccountType"] == "Expense"
    assert made["Classification"] == "Expense"
    assert fault(neither)[0] == "6010"


async def test_inventory_moves_with_sales_and_purchases(books: QuickBooks) -> None:
    lights = await books.one("select * from Item where Name = 'Garden Lights'")
    customer = {"value": await books.id("Customer", "Zephyr Cycles")}
    line = sales_line(lights["Id"], "249.50", Qty=10, UnitPrice=Decimal("24.95"))

    await books.make("Invoice", {"CustomerRef": customer, "Line": [line]})

    after = await books.read("Item", lights["Id"])
    assert after["QtyOnHand"] == lights["QtyOnHand"] - 10
    report = await books.report("ProfitAndLoss")
    cost = 10 * lights["PurchaseCost"]
    assert f"{cost:.2f}" in str(report)


async def test_company_info_and_preferences_are_read_and_changed(
    books: QuickBooks,
) -> None:
    info = loads((await books.get("companyinfo/9130350000000001")).text)["CompanyInfo"]
    prefs = loads((await books.get("preferences")).text)["Preferences"]

    group = {"AccountingInfoPrefs": {"BookCloseDate": "2026-06-30"}}
    change = {"Id": "1", "SyncToken": prefs["SyncToken"], "sparse": True, **group}
    changed = await books.make("Preferences", change)

    assert info["CompanyName"] == "Harbour & Pine Landscaping"
    assert info["Id"] == "1"
    assert changed["AccountingInfoPrefs"]["BookCloseDate"] == "2026-06-30"
    assert changed["AccountingInfoPrefs"]["CustomerTerminology"] == "Customers"
    assert len(await books.query("select * from CompanyInfo")) == 1


async def test_clients_may_send_empty_texts_and_numbers_for_ids(
    books: QuickBooks,
) -> None:
    customer = int(await books.id("Customer", "May Chen"))
    item = int(await books.id("Item", "Hours"))
    line: dict[str, Any] = {
        "Id": None,
        "LineNum": 0,
        "Amount": 100,
        "CustomField": [],
        "LinkedTxn": [],
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": {"value": item, "name": "", "type": "Item"},
            "Qty": 0,
            "UnitPrice": 0,
        },
    }
    body = {
        "Id": None,
        "SyncToken": 0,
        "domain": "QBO",
        "sparse": False,
        "TotalAmt": "",
        "Balance": 999,
        "TxnDate": "",
        "DueDate": "",
        "DocNumber": "",
        "ApplyTaxAfterDiscount": "",
        "ExchangeRate": 0,
        "CustomField": [],
        "CustomerRef": {"value": customer},
        "Line": [line],
    }

    made = await books.make("Invoice", body)

    assert made["TotalAmt"] == made["Balance"] == 100
    assert "CustomField" not in made["Line"][0]
    assert made["TxnDate"] == "2026-11-20"


async def test_traps_in_names_survive(books: QuickBooks) -> None:
    name = 'O\'Connor & "Söhne" #1 + 50% <b>'

    made = await books.make("Customer", {"DisplayName": name})

    assert (await books.read("Customer", made["Id"]))["DisplayName"] == name
    assert await books.id("Customer", name) == made["Id"]


async def test_money_is_kept_digit_for_digit(books: QuickBooks) -> None:
    answer = await books.http.post(
        f"{books.base}/payment",
        content='{"CustomerRef":{"value":"1"},"TotalAmt":90071992547409.93}',
    )

    assert '"TotalAmt":90071992547409.93' in answer.text
