"""Customers, jobs, vendors and employees."""

from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.client import Json, QuickBooks, cell, fault, held


def change_of(record: Json, **change: Any) -> Json:
    """A sparse change of a record."""
    which = {"Id": record["Id"], "SyncToken": record["SyncToken"], "sparse": True}
    return {**which, **change}


async def chain(books: QuickBooks, *names: str) -> list[Json]:
    """Customers, each below the one before."""
    made: list[Json] = []
    for name in names:
        parent = {"ParentRef": {"value": made[-1]["Id"]}} if made else {}
        body = {"DisplayName": name, "Job": bool(made), **parent}
        made.append(await books.make("Customer", body))
    return made


async def test_names_are_unique_across_customers_vendors_and_employees(
    books: QuickBooks,
) -> None:
    employee = await books.make("Employee", {"GivenName": "Kim", "FamilyName": "Lo"})
    vendor = await books.make("Vendor", {"DisplayName": "Lo Supplies"})

    as_vendor = await books.post("vendor", {"DisplayName": "kim LO"})
    as_customer = await books.post("customer", {"DisplayName": "Kim Lo"})
    as_employee = await books.post("employee", {"DisplayName": "Lo supplies"})

    for answer, owner in (
        (as_vendor, employee),
        (as_customer, employee),
        (as_employee, vendor),
    ):
        code, detail = fault(answer)
        assert code == "6240"
        assert detail.endswith(f"Id={owner['Id']}")


@pytest.mark.parametrize("entity", ["Customer", "Vendor", "Employee"])
async def test_a_display_name_is_made_of_all_its_parts(
    books: QuickBooks, entity: str
) -> None:
    parts = {
        "Title": "Dr.",
        "GivenName": "Ann",
        "MiddleName": "B.",
        "FamilyName": "Lee",
        "Suffix": "Sr.",
    }

    made = await books.make(entity, parts)
    nobody = await books.post(entity.lower(), {"Notes": "nobody"})

    assert made["DisplayName"] == made["PrintOnCheckName"] == "Dr. Ann B. Lee Sr."
    assert made["Active"] is True
    assert fault(nobody)[0] == "6080"


@pytest.mark.parametrize(
    ("member", "most"),
    [
        ("DisplayName", 500),
        ("GivenName", 100),
        ("Title", 16),
        ("CompanyName", 100),
        ("PrintOnCheckName", 110),
        ("ResaleNum", 16),
    ],
)
async def test_names_have_a_length(books: QuickBooks, member: str, most: int) -> None:
    body = {"DisplayName": "Long", member: "x" * most}

    fits = await books.make("Customer", body)
    answer = await books.post("customer", {**body, member: "x" * (most + 1)})

    assert fits[member] == "x" * most
    code, detail = fault(answer)
    assert code == "2050"
    assert f"Max:{most}" in detail


@pytest.mark.parametrize("sign", [":", "\t", "\n"])
async def test_signs_that_divide_are_not_allowed(books: QuickBooks, sign: str) -> None:
    answer = await books.post("customer", {"DisplayName": f"A{sign}B"})

    assert fault(answer)[0] == "6000"


async def test_customers_go_five_levels_deep(books: QuickBooks) -> None:
    made = await chain(books, "A", "B", "C", "D", "E")

    deeper = {"DisplayName": "F", "ParentRef": {"value": made[-1]["Id"]}}
    answer = await books.post("customer", deeper)

    assert made[-1]["FullyQualifiedName"] == "A:B:C:D:E"
    assert [one.get("Level") for one in made] == [None, 1, 2, 3, 4]
    assert fault(answer)[0] == "700"


async def test_a_family_moves_only_where_it_fits(books: QuickBooks) -> None:
    made = await chain(books, "A", "B", "C", "D")
    top, job = await chain(books, "Top", "Job")

    below = change_of(top, ParentRef={"value": made[-1]["Id"]})
    too_deep = await books.post("customer", below)
    moved = await books.make(
        "Customer", change_of(top, ParentRef={"value": made[1]["Id"]})
    )
    loop = change_of(made[0], ParentRef={"value": made[2]["Id"]})
    looped = await books.post("customer", loop)

    assert fault(too_deep)[0] == "700"
    assert fault(looped)[0] == "900"
    assert (moved["FullyQualifiedName"], moved["Level"]) == ("A:B:Top", 2)
    after = await books.read("Customer", job["Id"])
    assert (after["FullyQualifiedName"], after["Level"]) == ("A:B:Top:Job", 3)
    assert after["ParentRef"]["name"] == "Top"


async def test_an_unknown_parent_is_2500(books: QuickBooks) -> None:
    body = {"DisplayName": "Orphan", "ParentRef": {"value": "98765"}}

    answer = await books.post("customer", body)

    assert fault(answer) == (
        "2500",
        "Invalid Reference Id : Names element id 98765 not found",
    )


async def test_what_a_job_owes_counts_for_all_above_it(books: QuickBooks) -> None:
    made = await chain(books, "Grand", "Parent", "Child")
    await books.invoice("Child", "100")
    await books.invoice("Parent", "30")

    rows = [await books.read("Customer", one["Id"]) for one in made]
    other = (await chain(books, "Elsewhere"))[0]
    await books.make("Customer", change_of(rows[2], ParentRef={"value": other["Id"]}))
    after = [await books.read("Customer", one["Id"]) for one in (*made, other)]

    assert [one["Balance"] for one in rows] == [0, 30, 100]
    assert [one["BalanceWithJobs"] for one in rows] == [130, 130, 100]
    assert [one["BalanceWithJobs"] for one in after] == [30, 30, 100, 100]


async def test_only_a_job_is_billed_with_its_parent(books: QuickBooks) -> None:
    top, job = await chain(books, "Top", "Job")

    top = await books.make("Customer", change_of(top, BillWithParent=True))
    job = await books.make("Customer", change_of(job, BillWithParent=True))

    assert top["BillWithParent"] is False
    assert job["BillWithParent"] is True
    assert job["Job"] is True


async def test_a_customer_is_of_a_type_that_is_there(books: QuickBooks) -> None:
    made = await books.made_by_hand("CustomerType", {"Name": "Retail"})
    body = {"DisplayName": "Typed", "CustomerTypeRef": {"value": made["Id"]}}

    typed = await books.make("Customer", body)
    none = {"DisplayName": "Untyped", "CustomerTypeRef": {"value": "98765"}}
    answer = await books.post("customer", none)

    assert typed["CustomerTypeRef"]["value"] == made["Id"]
    assert fault(answer)[0] == "2500"


async def test_a_customer_may_begin_with_a_balance(books: QuickBooks) -> None:
    equity = await books.id("Account", "Opening Balance Equity")
    before = await books.read("Account", equity)
    body = {
        "DisplayName": "Old Debt",
        "Balance": Decimal("120.50"),
        "OpenBalanceDate": "2026-11-02",
    }

    made = await books.make("Customer", body)

    assert made["Balance"] == made["BalanceWithJobs"] == Decimal("120.50")
    assert "OpenBalanceDate" not in made
    entry = await books.one("select * from JournalEntry where TxnDate = '2026-11-02'")
    assert entry["TotalAmt"] == Decimal("120.50")
    aging = await books.report("AgedReceivables")
    assert cell(aging, made["Id"]) == Decimal("120.50")
    after = await books.read("Account", equity)
    assert held(after) - held(before) == Decimal("120.50")


async def test_a_balance_is_written_once_only(books: QuickBooks) -> None:
    begun = {"Balance": 10, "OpenBalanceDate": "2026-11-02"}
    made = await books.make("Vendor", {"DisplayName": "Creditor", **begun})
    undated = await books.make("Vendor", {"DisplayName": "Undated", "Balance": 10})

    later = await books.make("Vendor", {**made, **begun, "Balance": 500})

    assert made["Balance"] == later["Balance"] == 10
    assert undated["Balance"] == 0
    payable = await books.report("AgedPayables")
    assert cell(payable, made["Id"]) == 10


async def test_a_balance_cannot_begin_in_the_closed_period(books: QuickBooks) -> None:
    body = {"DisplayName": "Late", "Balance": 1, "OpenBalanceDate": "1999-01-01"}

    answer = await books.post("customer", body)

    assert fault(answer)[0] == "6210"
    assert await books.count("Customer", "where DisplayName = 'Late'") == 0


async def test_the_currency_of_a_name_stays(uk_books: QuickBooks) -> None:
    made = await uk_books.make(
        "Customer", {"DisplayName": "Euro One", "CurrencyRef": {"value": "EUR"}}
    )
    change = change_of(made, CurrencyRef={"value": "GBP"})

    answer = await uk_books.post("customer", change)
    full = {"Id": made["Id"], "SyncToken": "0", "DisplayName": "Euro Two"}
    renamed = await uk_books.make("Customer", full)

    assert fault(answer)[0] == "6000"
    assert made["CurrencyRef"] == {"value": "EUR", "name": "Euro"}
    assert renamed["CurrencyRef"] == made["CurrencyRef"]


@pytest.mark.parametrize("entity", ["Vendor", "Employee"])
async def test_names_made_inactive_one_after_another_are_counted(
    books: QuickBooks, entity: str
) -> None:
    names = []
    for _ in range(3):
        made = await books.make(entity, {"DisplayName": "Again"})
        gone = await books.make(entity, change_of(made, Active=False))
        names.append(gone["DisplayName"])

    assert names == ["Again (deleted)", "Again (deleted 1)", "Again (deleted 2)"]


async def test_a_name_made_active_again_keeps_its_mark_until_it_is_sent(
    books: QuickBooks,
) -> None:
    made = await books.make("Vendor", {"DisplayName": "Back"})
    gone = await books.make("Vendor", change_of(made, Active=False))

    back = await books.make("Vendor", change_of(gone, Active=True))
    named = await books.make("Vendor", change_of(back, DisplayName="Back"))

    assert (back["Active"], back["DisplayName"]) == (True, "Back (deleted)")
    assert named["DisplayName"] == "Back"


async def test_a_switch_restores_the_name(books: QuickBooks) -> None:
    await books.switch(reactivated_name="restored")
    made = await books.make("Vendor", {"DisplayName": "Back"})
    gone = await books.make("Vendor", change_of(made, Active=False))

    back = await books.make("Vendor", change_of(gone, Active=True))
    gone = await books.make("Vendor", change_of(back, Active=False))
    await books.make("Vendor", {"DisplayName": "Back"})
    taken = await books.post("vendor", change_of(gone, Active=True))

    assert back["DisplayName"] == "Back"
    assert fault(taken)[0] == "6240"


async def test_a_switch_keeps_debtors_active(books: QuickBooks) -> None:
    invoice = await books.invoice("May Chen", "10")
    debtor = await books.read("Customer", invoice["CustomerRef"]["value"])
    await books.switch(inactive_with_balance="refuse")

    answer = await books.post("customer", change_of(debtor, Active=False))
    await books.switch(inactive_with_balance="accept")
    gone = await books.make("Customer", change_of(debtor, Active=False))

    assert fault(answer)[0] == "6000"
    assert gone["Active"] is False
    assert gone["Balance"] == 10


async def test_tax_numbers_show_their_last_characters_only(books: QuickBooks) -> None:
    body = {"DisplayName": "Taxed", "TaxIdentifier": "123-45-6789"}

    vendor = await books.make("Vendor", body)
    again = await books.make("Vendor", vendor)
    customer = await books.make(
        "Customer", {"DisplayName": "Taxed Too", "PrimaryTaxIdentifier": "123-45-6789"}
    )

    assert vendor["TaxIdentifier"] == again["TaxIdentifier"] == "XXXXXXX6789"
    assert customer["PrimaryTaxIdentifier"] == "XXXXXX56789"


async def test_a_vendor_keeps_what_its_country_wants(books: QuickBooks) -> None:
    body = {
        "DisplayName": "Everywhere Ltd",
        "T4AEligible": True,
        "T5018Eligible": False,
        "HasTPAR": True,
        "IsSubContractor": True,
        "SubcontractorType": "Partnership",
        "CISRate": "CIS standard rate (20%)",
        "BillRate": Decimal("35.5"),
        "CostRate": Decimal("20.25"),
        "AcctNum": "ACC-9",
        "Vendor1099": True,
        "OtherContactInfo": [
            {"Type": "TelephoneNumber", "Telephone": {"FreeFormNumber": "555"}}
        ],
        "VendorPaymentBankDetail": {
            "BankAccountName": "Everywhere",
            "BankBranchIdentifier": "011-456",
            "BankAccountNumber": "87650102",
            "StatementText": "Invoice",
        },
    }

    made = await books.make("Vendor", body)

    assert {name: made[name] for name in body} == body


async def test_an_employee_shows_no_social_security_number(books: QuickBooks) -> None:
    body = {
        "GivenName": "Emil",
        "FamilyName": "Ek",
        "SSN": "444-55-6666",
        "PrimaryAddr": {"Line1": "45 Elm Street", "City": "Middlefield"},
        "BillableTime": True,
        "BillRate": 115,
        "HiredDate": "2026-02-01",
        "ReleasedDate": "2026-10-31",
        "BirthDate": "1990-05-05",
        "Gender": "Female",
        "EmployeeNumber": "E-1",
    }

    made = await books.make("Employee", body)
    idle = await books.make("Employee", {**made, "BillableTime": False})

    assert made["SSN"].split("-") == ["X" * 3, "X" * 2, "X" * 4]
    assert made["PrimaryAddr"]["Id"]
    assert made["BillRate"] == 115
    assert {name: made[name] for name in ("HiredDate", "ReleasedDate", "Gender")} == {
        "HiredDate": "2026-02-01",
        "ReleasedDate": "2026-10-31",
        "Gender": "Female",
    }
    assert "BillRate" not in idle
    assert "BillRate" not in await books.make("Employee", {"GivenName": "Una"})


async def test_a_purchase_may_be_made_for_an_employee(books: QuickBooks) -> None:
    employee = await books.make("Employee", {"GivenName": "Emil"})
    checking = {"value": await books.id("Account", "Business Checking")}
    rent = {"AccountRef": {"value": await books.id("Account", "Rent")}}
    kind = "AccountBasedExpenseLineDetail"

    made = await books.make(
        "Purchase",
        {
            "PaymentType": "Cash",
            "AccountRef": checking,
            "EntityRef": {"value": employee["Id"], "type": "Employee"},
            "Line": [{"Amount": 12, "DetailType": kind, kind: rent}],
        },
    )

    assert made["EntityRef"]["name"] == "Emil"
    assert made["EntityRef"]["type"] == "Employee"
