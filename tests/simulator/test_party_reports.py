"""Reports on customers and vendors: ages, balances, sales, expenses."""

from decimal import Decimal

from tests.simulator.bookkeeping import bill, bill_payment, linked, vendor_credit
from tests.simulator.client import QuickBooks, groups, sales_line
from tests.simulator.reading import by_id, grand_total, lines


async def test_aging_goes_by_the_due_date_as_of_a_day(books: QuickBooks) -> None:
    invoice = await books.invoice(
        amount="100", TxnDate="2026-09-01", DueDate="2026-10-01"
    )
    await books.pay(invoice, "40", TxnDate="2026-11-10")

    now = await books.report("AgedReceivables")
    then = await books.report("AgedReceivables", report_date="2026-11-05")
    before = await books.report("AgedReceivables", report_date="2026-08-31")

    assert groups(now)["GrandTotal"] == [
        *("0.00", "0.00", "60.00", "0.00", "0.00", "60.00"),
    ]
    assert groups(then)["GrandTotal"][2] == "100.00"
    assert before["Rows"] == {}
    assert {"Name": "NoReportData", "Value": "true"} in before["Header"]["Option"]
    assert {"Name": "report_date", "Value": "2026-08-31"} in before["Header"]["Option"]
    titles = [one["ColTitle"] for one in now["Columns"]["Column"]]
    assert titles == [
        *("", "Current", "1 - 30", "31 - 60", "61 - 90", "91 and over", "Total")
    ]


async def test_buckets_are_as_many_and_as_long_as_is_wanted(books: QuickBooks) -> None:
    await books.invoice(amount="100", TxnDate="2026-11-01", DueDate="2026-11-05")

    report = await books.report("AgedReceivables", aging_period="7", num_periods="2")

    titles = [one["ColTitle"] for one in report["Columns"]["Column"]]
    assert titles == ["", "Current", "1 - 7", "8 and over", "Total"]
    assert groups(report)["GrandTotal"] == ["0.00", "0.00", "100.00", "100.00"]


async def test_current_aging_looks_at_today(books: QuickBooks) -> None:
    await books.invoice(amount="100", TxnDate="2026-09-01", DueDate="2026-10-01")

    report = await books.report(
        "AgedReceivables", report_date="2026-09-10", aging_method="Current"
    )

    assert groups(report)["GrandTotal"][2] == "100.00"


async def test_a_job_stands_below_its_parent_in_the_aging(books: QuickBooks) -> None:
    await books.invoice("Acme West", "100")

    for name in ("AgedReceivables", "CustomerBalance", "CustomerSales"):
        parent = (await books.report(name))["Rows"]["Row"][0]
        assert parent["Header"]["ColData"][0]["value"] == "Acme Corporation"
        assert parent["Rows"]["Row"][0]["ColData"][0]["value"] == "Acme West"
        assert parent["Summary"]["ColData"][-1]["value"] == "100.00"


async def test_what_is_open_is_listed_oldest_first(books: QuickBooks) -> None:
    old = await books.invoice(amount="100", TxnDate="2026-08-01", DueDate="2026-08-01")
    await books.invoice(amount="30", TxnDate="2026-11-01", DueDate="2026-12-01")
    await books.pay(old, "40", TxnDate="2026-11-10")

    report = await books.report("AgedReceivableDetail")

    titles = [
        row["Header"]["ColData"][0]["value"]
        for row in report["Rows"]["Row"]
        if "Header" in row
    ]
    assert titles == ["91 or more days past due", "Current"]
    (first, second) = lines(report)
    assert first == {
        "tx_date": "2026-08-01",
        "txn_type": "Invoice",
        "txn_type.id": old["Id"],
        "doc_num": old["DocNumber"],
        "cust_name": "Acme Corporation:Acme West",
        "cust_name.id": old["CustomerRef"]["value"],
        "due_date": "2026-08-01",
        "past_due": "111",
        "subt_amount": "100.00",
        "subt_open_bal": "60.00",
    }
    assert second["past_due"] == "-11"
    total = report["Rows"]["Row"][-1]
    assert total["group"] == "GrandTotal"
    assert [one["value"] for one in total["Summary"]["ColData"]][-2:] == [
        *("130.00", "90.00"),
    ]


async def test_details_can_be_those_long_past_due(books: QuickBooks) -> None:
    await books.invoice(amount="100", TxnDate="2026-08-01", DueDate="2026-08-01")
    await books.invoice(amount="30", TxnDate="2026-11-01", DueDate="2026-11-10")

    late = await books.report("AgedReceivableDetail", past_due="60")
    due = await books.report(
        "AgedReceivableDetail", start_duedate="2026-11-01", end_duedate="2026-11-30"
    )

    assert [one["subt_amount"] for one in lines(late)] == ["100.00"]
    assert [one["subt_amount"] for one in lines(due)] == ["30.00"]


async def test_what_we_owe_counts_up(books: QuickBooks) -> None:
    number = await books.id("Vendor", "Metro Water")
    vendor = {"value": number}
    owed = await bill(books, vendor, "100", TxnDate="2026-11-01", DueDate="2026-11-10")
    await vendor_credit(books, vendor, "15", TxnDate="2026-11-12")
    await bill_payment(
        books, vendor, "25", linked("Bill", owed, "25"), TxnDate="2026-11-15"
    )

    detail = await books.report("AgedPayableDetail")
    aged = await books.report("AgedPayables")
    balance = await books.report("VendorBalance", vendor=number)
    documents = await books.report("VendorBalanceDetail", vendor=number)
    then = await books.report("VendorBalance", report_date="2026-11-14")

    assert by_id(aged) == by_id(balance) == {number: Decimal(60)}
    assert by_id(then) == {number: Decimal(85)}
    assert [
        (one["txn_type"], one["subt_neg_amount"], one["subt_neg_open_bal"])
        for one in lines(detail)
    ] == [("Bill", "100.00", "75.00"), ("Vendor Credit", "-15.00", "-15.00")]
    assert grand_total(documents) == 60


async def test_paid_documents_are_listed_if_wanted(books: QuickBooks) -> None:
    invoice = await books.invoice(amount="100")
    await books.pay(invoice, "100")
    await books.invoice(amount="30")

    async def listed(**params: str) -> list[str]:
        report = await books.report("CustomerBalanceDetail", **params)
        return [one["subt_amount"] for one in lines(report)]

    assert await listed() == ["30.00"]
    assert await listed(arpaid="Paid") == ["100.00"]
    assert sorted(await listed(arpaid="All")) == ["100.00", "30.00"]


async def test_sales_by_item_tell_quantity_and_margin(books: QuickBooks) -> None:
    customer = {"value": await books.id("Customer", "May Chen")}
    stocked = (await books.query("select * from Item where Type = 'Inventory'"))[0]
    service = await books.id("Item", "Consulting")
    sold = sales_line(stocked["Id"], "200", Qty=4, UnitPrice=50)
    worked = sales_line(service, "300", Qty=3, UnitPrice=100)
    await books.make("Invoice", {"CustomerRef": customer, "Line": [sold, worked]})
    back = sales_line(service, "100", Qty=1, UnitPrice=100)
    await books.make("CreditMemo", {"CustomerRef": customer, "Line": [back]})

    report = await books.report("ItemSales")

    below = report["Columns"]["Column"][1]["Columns"]["Column"]
    assert [one["ColTitle"] for one in below] == [
        *("Quantity", "Amount", "% of Sales", "Avg Price"),
        *("COGS", "Gross Margin", "Gross Margin %"),
    ]
    cells = {
        row["ColData"][0]["id"]: [one["value"] for one in row["ColData"][1:]]
        for row in report["Rows"]["Row"]
        if "ColData" in row
    }
    assert cells[service] == ["2.00", "200.00", "50.00 %", "100.00", "", "", ""]
    cost = 4 * Decimal(str(stocked["PurchaseCost"]))
    margin = 200 - cost
    assert cells[stocked["Id"]] == [
        *("4.00", "200.00", "50.00 %", "50.00"),
        *(f"{cost:.2f}", f"{margin:.2f}", f"{margin / 2:.2f} %"),
    ]


async def test_sales_by_customer_can_be_by_month(books: QuickBooks) -> None:
    await books.invoice("May Chen", "30", TxnDate="2026-10-02")
    await books.invoice("May Chen", "70", TxnDate="2026-11-02")

    report = await books.report(
        "CustomerSales",
        start_date="2026-10-01",
        end_date="2026-11-20",
        summarize_column_by="Month",
    )

    assert groups(report)["GrandTotal"] == ["30.00", "70.00", "100.00"]
    assert report["Header"]["SummarizeColumnsBy"] == "Month"


async def test_rows_can_be_sorted_by_their_totals(books: QuickBooks) -> None:
    await books.invoice("May Chen", "30")
    await books.invoice("Acme West", "70")
    await books.invoice("City of Fernwood", "50")

    async def names(name: str, **params: str) -> list[str]:
        report = await books.report(name, **params)
        found = [row.get("Header", row) for row in report["Rows"]["Row"][:-1]]
        return [row["ColData"][0]["value"] for row in found]

    acme, city, may = "Acme Corporation", "City of Fernwood", "May Chen"
    for name in ("CustomerSales", "CustomerBalance", "AgedReceivables"):
        assert await names(name) == [acme, city, may]
        assert await names(name, sort_order="ascend") == [may, city, acme]
        assert await names(name, sort_order="descend") == [acme, city, may]


async def test_a_customers_income_is_less_what_was_spent_for_them(
    books: QuickBooks,
) -> None:
    customer = await books.id("Customer", "May Chen")
    await books.invoice("May Chen", "100")
    vendor = {"value": await books.id("Vendor", "Metro Water")}
    owed = await bill(books, vendor, "30")
    detail = owed["Line"][0]["AccountBasedExpenseLineDetail"]
    detail["CustomerRef"] = {"value": customer}
    await books.make("Bill", {**owed, "sparse": True})
    await bill(books, vendor, "7")

    report = await books.report("CustomerIncome")
    spent = await books.report("VendorExpenses")

    first, nobody, total = report["Rows"]["Row"]
    assert first["ColData"] == [
        {"value": "May Chen", "id": customer},
        {"value": "100.00"},
        {"value": "-30.00"},
        {"value": "70.00"},
    ]
    assert nobody["ColData"][0] == {"value": "Not Specified"}
    assert total["Summary"]["ColData"][-1] == {"value": "63.00"}
    assert by_id(spent) == {vendor["value"]: Decimal(37)}
