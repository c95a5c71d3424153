"""Templates of recurring transactions: wrapped, scheduled, and in no books."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from qbo.simulator.serve import Options, start
from tests.simulator.client import TOKEN, QuickBooks, expense_line, fault, sales_line
from tests.simulator.conftest import TODAY
from tests.simulator.forms import balances, sale

Json = dict[str, Any]
MONTHLY = {
    "StartDate": "2026-11-20",
    "MaxOccurrences": 6,
    "IntervalType": "Monthly",
    "DayOfMonth": 1,
    "NumInterval": 1,
}


def info(name: str = "Monthly plan", **schedule: Any) -> Json:
    return {
        "Active": True,
        "RecurType": "Automated",
        "Name": name,
        "ScheduleInfo": schedule or MONTHLY,
    }


async def template(books: QuickBooks, **more: Any) -> Json:
    body = {**await sale(books), "RecurringInfo": info(), **more}
    made = await books.make("RecurringTransaction", {"Invoice": body})
    assert list(made) == ["Invoice"]
    inner: Json = made["Invoice"]
    return inner


async def test_a_template_is_wrapped_and_found_by_the_id_within(
    books: QuickBooks,
) -> None:
    made = await template(books)

    read = await books.read("RecurringTransaction", made["Id"])
    rows = await books.query("select * from RecurringTransaction")

    assert read["Invoice"] == made
    assert rows == [read]
    assert made["TotalAmt"] == 100
    assert made["RecurringInfo"]["ScheduleInfo"] == {
        **MONTHLY,
        "NextDate": "2026-12-01",
    }
    assert "DocNumber" not in made
    assert "TxnDate" not in made


async def test_a_template_is_no_invoice_and_in_no_books(books: QuickBooks) -> None:
    made = await template(books)

    assert await books.count("Invoice") == 0
    assert await balances(books) == {}
    assert fault(await books.get(f"invoice/{made['Id']}"))[0] == "610"
    assert (await books.invoice())["DocNumber"] == "1001"


async def test_templates_are_found_by_their_type(books: QuickBooks) -> None:
    vendor = {"value": await books.id("Vendor", "Metro Water")}
    account = await books.id("Account", "Utilities")
    weekly = info("Water", IntervalType="Weekly", DayOfWeek="Friday", NumInterval=2)
    await template(books)
    body = {
        "VendorRef": vendor,
        "Line": [expense_line(account, "500")],
        "RecurringInfo": weekly,
    }
    await books.make("RecurringTransaction", {"Bill": body})

    rows = await books.query("select * from RecurringTransaction where Type = 'Bill'")

    assert [list(row) for row in rows] == [["Bill"]]
    assert rows[0]["Bill"]["TotalAmt"] == 500
    assert await books.count("RecurringTransaction") == 2
    assert await books.count("RecurringTransaction", "where Type = 'Estimate'") == 0


async def test_a_whole_template_sent_back_changes_what_was_changed(
    books: QuickBooks,
) -> None:
    line = sales_line(await books.id("Item", "Consulting"), "100", Qty=2, UnitPrice=50)
    made = await template(books, Line=[line])
    made["Line"][0]["Amount"] = 250
    made["RecurringInfo"]["ScheduleInfo"]["DayOfMonth"] = 15

    answer = await books.make("RecurringTransaction", {"Invoice": made, "sparse": True})

    after = answer["Invoice"]
    assert after["Line"][0]["Amount"] == after["TotalAmt"] == 250
    assert after["Line"][0]["SalesItemLineDetail"]["UnitPrice"] == 125
    assert after["RecurringInfo"]["ScheduleInfo"]["NextDate"] == "2026-12-15"
    assert after["SyncToken"] == "1"
    stale = await books.post("recurringtransaction", {"Invoice": made})
    assert fault(stale)[0] == "5010"


async def test_the_amount_counts_in_templates_of_bills_too(books: QuickBooks) -> None:
    item = await books.one("select * from Item where Name = 'Rock Fountain'")
    kind = "ItemBasedExpenseLineDetail"
    detail = {"ItemRef": {"value": item["Id"]}, "Qty": 4, "UnitPrice": 10}
    line = {"Amount": 40, "DetailType": kind, kind: detail}
    body = {
        "VendorRef": {"value": await books.id("Vendor", "Metro Water")},
        "Line": [line],
        "RecurringInfo": info(),
    }
    made = (await books.make("RecurringTransaction", {"Bill": body}))["Bill"]
    made["Line"][0]["Amount"] = 50

    after = (await books.make("RecurringTransaction", {"Bill": made}))["Bill"]

    assert after["TotalAmt"] == 50
    shelf = await books.read("Item", item["Id"])
    assert shelf["QtyOnHand"] == item["QtyOnHand"]


async def test_a_template_is_deleted_with_its_wrapper(books: QuickBooks) -> None:
    made = await template(books)

    answer = await books.post(
        "recurringtransaction", {"Invoice": made}, operation="delete"
    )

    assert answer.json()["RecurringTransaction"]["status"] == "Deleted"
    assert fault(await books.get(f"recurringtransaction/{made['Id']}"))[0] == "610"
    assert await books.count("RecurringTransaction") == 0


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("Invoice", {"RecurringInfo": None}, "2020"),
        ("Invoice", {"RecurringInfo": {"Active": True}}, "2020"),
        ("Invoice", {"RecurringInfo": info("X", IntervalType="Hourly")}, "2170"),
        ("Invoice", {"RecurringInfo": info("monthly PLAN")}, "6240"),
        ("Invoice", {"Line": []}, "2020"),
        ("Invoice", {"VendorRef": {"value": "1"}}, "2010"),
        ("Customer", {}, "2010"),
    ],
)
async def test_a_template_obeys_the_rules_of_its_kind(
    books: QuickBooks, kind: str, change: Json, code: str
) -> None:
    await template(books)
    body = {**await sale(books), "RecurringInfo": info("Other"), **change}

    answer = await books.post("recurringtransaction", {kind: body})

    assert fault(answer)[0] == code
    assert await books.count("RecurringTransaction") == 1


async def test_templates_of_all_kinds(books: QuickBooks) -> None:
    checking = {"value": await books.id("Account", "Business Checking")}
    utilities = await books.id("Account", "Utilities")
    vendor = {"value": await books.id("Vendor", "Metro Water")}
    bought = {"Line": [expense_line(utilities, "20")]}
    form = await sale(books)
    sides = [
        {
            "Amount": 5,
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": side, "AccountRef": account},
        }
        for side, account in (("Debit", {"value": utilities}), ("Credit", checking))
    ]
    savings = await books.make(
        "Account", {"Name": "Spare", "AccountType": "Bank", "AccountSubType": "Savings"}
    )
    bodies: Json = {
        "Estimate": form,
        "SalesReceipt": form,
        "CreditMemo": form,
        "RefundReceipt": {**form, "DepositToAccountRef": checking},
        "Purchase": {"PaymentType": "Cash", "AccountRef": checking, **bought},
        "VendorCredit": {"VendorRef": vendor, **bought},
        "JournalEntry": {"Line": sides},
        "Transfer": {
            "FromAccountRef": checking,
            "ToAccountRef": {"value": savings["Id"]},
            "Amount": 10,
        },
    }

    for kind, body in bodies.items():
        wrapped = {kind: {**body, "RecurringInfo": info(f"A {kind}")}}
        made = await books.make("RecurringTransaction", wrapped)
        assert list(made) == [kind]
        again = await books.make("RecurringTransaction", made)
        assert again[kind]["SyncToken"] == "1"

    assert await balances(books) == {}
    assert await books.count("RecurringTransaction") == len(bodies)


@pytest.mark.parametrize(
    ("schedule", "before", "following"),
    [
        ({"IntervalType": "Daily", "NumInterval": 3}, "2026-11-18", "2026-11-21"),
        (
            {"IntervalType": "Weekly", "DayOfWeek": "Friday"},
            "2026-11-13",
            "2026-11-20",
        ),
        ({"IntervalType": "Monthly", "DayOfMonth": 31}, "2026-10-31", "2026-11-30"),
        (
            {"IntervalType": "Monthly", "WeekOfMonth": 5, "DayOfWeek": "Monday"},
            "2026-10-26",
            "2026-11-30",
        ),
        (
            {"IntervalType": "Monthly", "WeekOfMonth": 2, "DayOfWeek": "Monday"},
            "2026-11-09",
            "2026-12-14",
        ),
        (
            {"IntervalType": "Yearly", "MonthOfYear": "March", "DayOfMonth": 5},
            None,
            "2027-03-05",
        ),
        ({"IntervalType": "Monthly", "MaxOccurrences": 1}, "2026-10-01", None),
        (
            {"IntervalType": "Monthly", "EndDate": "2026-11-05"},
            "2026-11-01",
            None,
        ),
    ],
)
async def test_the_next_and_the_previous_day_follow_from_the_schedule(
    books: QuickBooks, schedule: Json, before: str | None, following: str | None
) -> None:
    started = {"StartDate": "2026-10-01", **schedule}

    made = await template(books, RecurringInfo=info("Plan", **started))

    shown = made["RecurringInfo"]["ScheduleInfo"]
    assert shown.get("PreviousDate") == before
    assert shown.get("NextDate") == following


async def test_templates_are_there_after_a_restart(tmp_path: Path) -> None:
    options = Options(
        port=0,
        today=date(TODAY.year, TODAY.month, TODAY.day),
        invoices=0,
        companies=("harbour-pine-us",),
        tokens=(TOKEN,),
        data=tmp_path,
    )
    running = await start(options)
    async with QuickBooks(running.url, "9130350000000001") as books:
        made = await template(books)
        await books.make("Estimate", await sale(books))
        await books.invoice()
    await running.stop()

    running = await start(options)
    async with QuickBooks(running.url, "9130350000000001") as books:
        again = await books.read("RecurringTransaction", made["Id"])
        number = (await books.invoice())["DocNumber"]
    await running.stop()

    assert again["Invoice"] == made
    assert number == "1002"
