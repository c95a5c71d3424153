"""Time activities: lengths, spans, rates, and who is to pay."""

from decimal import Decimal
from typing import Any

import pytest

from qbo.simulator.rules.timesheet import hours
from tests.simulator.client import Json, QuickBooks, fault, sales_line
from tests.simulator.test_names import change_of


async def worked(books: QuickBooks, **more: Any) -> Json:
    """Three hours of a vendor."""
    vendor = {"value": await books.id("Vendor", "Quick Print")}
    return {"NameOf": "Vendor", "VendorRef": vendor, "Hours": 3, **more}


async def test_time_is_created_read_queried_and_deleted(books: QuickBooks) -> None:
    made = await books.make(
        "TimeActivity", await worked(books, Description="Setting up")
    )
    where = f"VendorRef = '{made['VendorRef']['value']}' and TxnDate = '2026-11-20'"

    found = await books.query(f"select * from timeactivity where {where}")
    gone = await books.post("timeactivity", made, operation="delete")

    assert found == [made]
    assert made["VendorRef"]["name"] == "Quick Print"
    assert (made["Hours"], made["Minutes"]) == (3, 0)
    assert made["BillableStatus"] == "NotBillable"
    assert gone.json()["TimeActivity"]["status"] == "Deleted"
    assert fault(await books.get(f"timeactivity/{made['Id']}"))[0] == "610"


async def test_time_is_not_posted(books: QuickBooks) -> None:
    before = await books.report("ProfitAndLoss")

    await books.make("TimeActivity", await worked(books, CostRate=50))

    after = await books.report("ProfitAndLoss")
    assert after["Rows"] == before["Rows"]


async def test_a_span_is_kept_with_its_offset(books: QuickBooks) -> None:
    employee = await books.make("Employee", {"GivenName": "Emil"})
    body = {
        "NameOf": "Employee",
        "EmployeeRef": {"value": employee["Id"]},
        "StartTime": "2016-07-22T13:00:00-04:00",
        "EndTime": "2016-07-22T18:30:00Z",
        "BreakMinutes": 15,
        "CostRate": Decimal("50.0"),
    }

    made = await books.make("TimeActivity", body)

    assert made["StartTime"] == "2016-07-22T10:00:00-07:00"
    assert made["EndTime"] == "2016-07-22T11:30:00-07:00"
    assert made["CostRate"] == 50
    assert made["EmployeeRef"]["name"] == "Emil"
    assert "Hours" not in made
    assert hours(made) == Decimal("1.25")


async def test_the_last_way_of_measuring_counts(books: QuickBooks) -> None:
    made = await books.make("TimeActivity", await worked(books, Minutes=30))
    span = {
        "StartTime": "2026-11-20T08:00:00-08:00",
        "EndTime": "2026-11-20T10:00:00-08:00",
    }

    spanned = await books.make("TimeActivity", change_of(made, **span))
    counted = await books.make("TimeActivity", change_of(spanned, Hours=5))

    assert hours(made) == Decimal("3.5")
    assert "Hours" not in spanned
    assert hours(spanned) == 2
    assert "StartTime" not in counted
    assert hours(counted) == 5


async def test_billable_time_has_a_customer_and_a_rate(books: QuickBooks) -> None:
    customer = {"value": await books.id("Customer", "May Chen")}
    billable = {"BillableStatus": "Billable", "CustomerRef": customer}
    item = await books.one("select * from Item where Name = 'Hours'")

    rated = await books.make(
        "TimeActivity", await worked(books, **billable, HourlyRate=80)
    )
    by_item = await books.make(
        "TimeActivity", await worked(books, **billable, ItemRef={"value": item["Id"]})
    )
    no_rate = await books.post("timeactivity", await worked(books, **billable))
    del billable["CustomerRef"]
    nobody = await books.post(
        "timeactivity", await worked(books, **billable, HourlyRate=80)
    )

    assert rated["HourlyRate"] == 80
    assert by_item["HourlyRate"] == item["UnitPrice"]
    for answer, name in ((no_rate, "HourlyRate"), (nobody, "CustomerRef")):
        assert fault(answer)[0] == "2020"
        assert answer.json()["Fault"]["Error"][0]["element"] == name


async def test_an_employees_time_costs_what_the_employee_does(
    books: QuickBooks,
) -> None:
    employee = await books.make(
        "Employee", {"GivenName": "Emil", "BillableTime": True, "BillRate": 95}
    )

    made = await books.make(
        "TimeActivity",
        {
            "NameOf": "Employee",
            "EmployeeRef": {"value": employee["Id"]},
            "CustomerRef": {"value": await books.id("Customer", "May Chen")},
            "BillableStatus": "Billable",
            "Hours": 1,
        },
    )

    assert made["HourlyRate"] == 95


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"NameOf": ""}, "2020"),
        ({"NameOf": "Robot"}, "2170"),
        ({"NameOf": "Other"}, "2170"),
        ({"NameOf": "Employee"}, "2020"),
        ({"VendorRef": {"value": "98765"}}, "2500"),
        ({"Hours": ""}, "2020"),
        ({"Hours": 8761}, "2080"),
        ({"Minutes": 60}, "2080"),
        ({"StartTime": "2026-11-20T08:00:00-08:00"}, "2020"),
        ({"StartTime": "at eight", "EndTime": "at nine"}, "2060"),
        (
            {"StartTime": "2026-11-20T08:00:00Z", "EndTime": "2026-11-20T07:00:00Z"},
            "6000",
        ),
        ({"BillableStatus": "HasBeenBilled"}, "6000"),
    ],
)
async def test_odd_times_are_refused(
    books: QuickBooks, change: Json, code: str
) -> None:
    answer = await books.post("timeactivity", {**await worked(books), **change})

    assert fault(answer)[0] == code
    assert await books.count("TimeActivity") == 0


async def test_time_is_billed_by_an_invoice_and_then_stays(books: QuickBooks) -> None:
    customer = {"value": await books.id("Customer", "May Chen")}
    body = await worked(
        books, CustomerRef=customer, BillableStatus="Billable", HourlyRate=20
    )
    made = await books.make("TimeActivity", body)
    line = sales_line(await books.id("Item", "Hours"), "60")
    line["LinkedTxn"] = [{"TxnId": made["Id"], "TxnType": "TimeActivity"}]

    invoice = await books.make("Invoice", {"CustomerRef": customer, "Line": [line]})
    billed = await books.read("TimeActivity", made["Id"])
    gone = await books.post("timeactivity", billed, operation="delete")
    unbilled = await books.post(
        "timeactivity", change_of(billed, BillableStatus="Billable")
    )
    described = await books.make("TimeActivity", change_of(billed, Description="X"))
    await books.post("invoice", invoice, operation="delete")

    assert billed["BillableStatus"] == described["BillableStatus"] == "HasBeenBilled"
    assert fault(gone)[0] == fault(unbilled)[0] == "6000"
    after = await books.read("TimeActivity", made["Id"])
    assert after["BillableStatus"] == "Billable"
