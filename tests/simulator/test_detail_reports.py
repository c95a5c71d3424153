"""Reports that list entries and transactions, in the columns that are wanted."""

import pytest

from tests.simulator.bookkeeping import account, bill, journal, side
from tests.simulator.client import QuickBooks, sales_line
from tests.simulator.reading import lines, places

JULY = {"start_date": "2026-07-01", "end_date": "2026-07-31"}


async def test_the_ledger_runs_from_a_beginning_balance(books: QuickBooks) -> None:
    invoice = await books.invoice(amount="100", TxnDate="2026-06-30")
    paid = await books.pay(invoice, "40", TxnDate="2026-07-10")
    receivable = await account(books, "Accounts Receivable (A/R)")

    report = await books.report("GeneralLedger", account=receivable["value"], **JULY)

    keys = "tx_date txn_type doc_num name memo split_acc subt_nat_amount"
    assert list(places(report)) == [*keys.split(), "rbal_nat_amount"]
    (section,) = report["Rows"]["Row"]
    assert section["Header"]["ColData"][0] == {
        "value": "Accounts Receivable (A/R)",
        "id": receivable["value"],
    }
    opening, line = lines(report)
    assert (opening["tx_date"], opening["rbal_nat_amount"]) == (
        *("Beginning Balance", "100.00"),
    )
    assert line["txn_type"] == "Payment"
    assert line["txn_type.id"] == paid["Id"]
    assert line["name.id"] == invoice["CustomerRef"]["value"]
    assert (line["subt_nat_amount"], line["rbal_nat_amount"]) == ("-40.00", "60.00")
    cells = section["Summary"]["ColData"]
    assert cells[0] == {"value": "Total for Accounts Receivable (A/R)"}
    assert cells[6] == {"value": "-40.00"}


async def test_lines_tell_what_they_are_for(books: QuickBooks) -> None:
    item = await books.id("Item", "Consulting")
    customer = {"value": await books.id("Customer", "May Chen")}
    line = sales_line(item, "90", Qty=3, UnitPrice=30)
    made = await books.make(
        "Invoice",
        {
            "CustomerRef": customer,
            "TxnDate": "2026-07-02",
            "PrivateNote": "the whole",
            "Line": [{**line, "Description": "advice"}],
        },
    )

    report = await books.report(
        "GeneralLedger",
        **JULY,
        columns="rate,quantity,memo,item_name,account_name,debt_amt,credit_amt,tx_date",
    )

    assert list(places(report)) == [
        *("tx_date", "item_name", "memo", "account_name", "quantity", "rate"),
        *("debt_amt", "credit_amt"),
    ]
    owed, earned = (one for one in lines(report) if one["tx_date"] == "2026-07-02")
    assert (owed["memo"], owed["debt_amt"], owed["credit_amt"]) == (
        *("the whole", "90.00", ""),
    )
    assert (earned["memo"], earned["quantity"], earned["rate"]) == (
        *("advice", "3", "30"),
    )
    assert (earned["item_name.id"], earned["credit_amt"]) == (item, "90.00")
    assert earned["account_name"] == "Design Income"
    assert made["TotalAmt"] == 90


async def test_a_split_is_named_only_by_the_old_service(books: QuickBooks) -> None:
    bank = await account(books, "Business Checking")
    fuel = await account(books, "Fuel")
    rent = await account(books, "Rent")
    await journal(
        books,
        side("Credit", bank, "30"),
        side("Debit", fuel, "10"),
        side("Debit", rent, "20"),
        TxnDate="2026-07-03",
    )

    modern = list(lines(await books.report("TransactionList", **JULY)))
    await books.switch(reports_style="legacy")
    legacy = list(lines(await books.report("TransactionList", **JULY)))

    assert (modern[0]["other_account"], legacy[0]["other_account"]) == ("", "-Split-")
    assert modern[0]["account_name"] == "Business Checking"
    assert modern[0]["subt_nat_amount"] == "-30.00"


async def test_the_journal_ends_each_transaction_with_its_sums(
    books: QuickBooks,
) -> None:
    made = await books.invoice(amount="100", TxnDate="2026-07-02")

    report = await books.report("JournalReport", **JULY)
    await books.switch(reports_style="legacy")
    legacy = await books.report("JournalReport", **JULY)

    first, second, sums, total = report["Rows"]["Row"]
    assert report["Columns"]["Column"][0]["ColTitle"] == "Transaction date"
    assert first["ColData"][1] == {"value": "Invoice", "id": made["Id"]}
    assert second["ColData"][0] == {"value": "2026-07-02"}
    for row in (sums, total):
        cells = [one["value"] for one in row["Summary"]["ColData"]]
        assert cells[-2:] == ["100.00", "100.00"]
    assert legacy["Rows"]["Row"][1]["ColData"][0] == {"value": "0-00-00"}


async def test_profit_and_loss_in_detail_has_its_sections(books: QuickBooks) -> None:
    await books.invoice(amount="100", TxnDate="2026-07-02")
    vendor = {"value": await books.id("Vendor", "Metro Water")}
    await bill(books, vendor, "30", TxnDate="2026-07-05")

    report = await books.report("ProfitAndLossDetail", **JULY)

    ordinary, operating, net = report["Rows"]["Row"]
    assert ordinary["Header"]["ColData"][0]["value"] == "Ordinary Income/Expenses"
    groups = [row["group"] for row in ordinary["Rows"]["Row"]]
    assert groups == ["Income", "GrossProfit", "Expenses"]
    assert operating["group"] == "NetOperatingIncome"
    assert net["group"] == "NetIncome"
    assert net["Summary"]["ColData"][6] == {"value": "70.00"}


async def test_transactions_that_do_not_post_are_listed_too(books: QuickBooks) -> None:
    customer = {"value": await books.id("Customer", "May Chen")}
    line = sales_line(await books.id("Item", "Consulting"), "90")
    await books.make(
        "Estimate", {"CustomerRef": customer, "TxnDate": "2026-07-02", "Line": [line]}
    )
    await books.invoice("May Chen", "30", TxnDate="2026-07-04")

    found = list(lines(await books.report("TransactionList", **JULY)))

    assert [
        (one["txn_type"], one["is_no_post"], one["name"], one["subt_nat_amount"])
        for one in found
    ] == [
        ("Estimate", "No", "May Chen", "90.00"),
        ("Invoice", "Yes", "May Chen", "30.00"),
    ]


@pytest.mark.parametrize(
    ("params", "types"),
    [
        ({}, ["Invoice", "Bill", "Payment"]),
        ({"transaction_type": "Bill"}, ["Bill"]),
        ({"sort_by": "txn_type"}, ["Bill", "Invoice", "Payment"]),
        ({"sort_by": "txn_type", "sort_order": "descend"}, None),
        ({"account_type": "AccountsPayable"}, ["Bill"]),
        ({"source_account_type": "AccountsReceivable"}, ["Invoice"]),
        ({"arpaid": "Unpaid"}, ["Invoice"]),
        ({"arpaid": "Paid"}, []),
        ({"bothamount": "25"}, ["Bill"]),
        ({"memo": "water"}, ["Bill"]),
        ({"start_duedate": "2026-08-01", "end_duedate": "2026-08-31"}, ["Invoice"]),
        ({"end_createdate": "2026-11-01"}, []),
    ],
)
async def test_transactions_can_be_picked(
    books: QuickBooks, params: dict[str, str], types: list[str] | None
) -> None:
    invoice = await books.invoice(
        amount="100", TxnDate="2026-07-02", DueDate="2026-08-15"
    )
    vendor = {"value": await books.id("Vendor", "Metro Water")}
    on = {"TxnDate": "2026-07-03", "DueDate": "2026-07-20", "PrivateNote": "Water"}
    await bill(books, vendor, "25", **on)
    await books.pay(invoice, "40", TxnDate="2026-07-04")

    report = await books.report("TransactionList", **JULY, **params)

    found = [one["txn_type"] for one in lines(report)]
    assert found == (["Payment", "Invoice", "Bill"] if types is None else types)


async def test_transactions_can_be_grouped(books: QuickBooks) -> None:
    await books.invoice("May Chen", "30", TxnDate="2026-07-04")
    await books.invoice("Acme West", "20", TxnDate="2026-07-05")
    vendor = {"value": await books.id("Vendor", "Metro Water")}
    await bill(books, vendor, "25", TxnDate="2026-07-06")

    async def titles(name: str, **params: str) -> list[str]:
        report = await books.report(name, **JULY, **params)
        return [
            row["Header"]["ColData"][0]["value"]
            for row in report["Rows"]["Row"]
            if "Header" in row
        ]

    west = "Acme Corporation:Acme West"
    assert await titles("TransactionListByCustomer") == [west, "May Chen"]
    assert await titles("TransactionListByVendor") == ["Metro Water"]
    kinds = await titles("TransactionList", group_by="Transaction Type")
    assert kinds == ["Bill", "Invoice"]


async def test_the_chart_of_accounts_has_todays_balances(books: QuickBooks) -> None:
    await books.invoice(amount="100")
    gone = await books.id("Account", "Travel")
    now = await books.read("Account", gone)
    wish = {"Id": gone, "SyncToken": now["SyncToken"], "sparse": True}
    await books.make("Account", {**wish, "Active": False})

    report = await books.report("AccountList")
    banks = await books.report(
        "AccountList", account_type="AccountsReceivable", columns="account_name"
    )
    deleted = await books.report("AccountList", account_status="Deleted")

    found = {one["account_name"]: one for one in lines(report)}
    owed = found["Accounts Receivable (A/R)"]
    assert owed["account_bal"] == "100.00"
    assert owed["account_type"] == "Accounts Receivable"
    assert found["Fuel"]["account_bal"] == ""
    assert not any(name.startswith("Travel") for name in found)
    assert [one["account_name"] for one in lines(banks)] == [
        "Accounts Receivable (A/R)",
    ]
    assert [one["account_name.id"] for one in lines(deleted)] == [gone]


async def test_amounts_in_other_currencies_can_be_asked_for(
    uk_books: QuickBooks,
) -> None:
    customer = await uk_books.query("select * from Customer")
    german = next(one for one in customer if one["CurrencyRef"]["value"] == "EUR")
    item = (await uk_books.query("select * from Item where Type = 'Service'"))[0]
    codes = await uk_books.query("select * from TaxCode")
    code = next(one["Id"] for one in codes if one["Name"].startswith("0"))
    await uk_books.make(
        "Invoice",
        {
            "CustomerRef": {"value": german["Id"]},
            "CurrencyRef": {"value": "EUR"},
            "ExchangeRate": 0.8,
            "Line": [sales_line(item["Id"], "100", TaxCodeRef={"value": code})],
        },
    )

    usual = await uk_books.report("AgedReceivableDetail")
    both = await uk_books.report(
        "AgedReceivableDetail", columns="currency,exch_rate,foreign_open_bal"
    )

    (line,) = lines(usual)
    assert line["subt_home_open_bal"] == "80.00"
    (line,) = lines(both)
    assert line == {
        "currency": "EUR",
        "exch_rate": "0.8",
        "foreign_open_bal": "100.00",
    }
