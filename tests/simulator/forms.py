"""What tests of sales forms share: making them, and looking at the books."""

from decimal import Decimal
from typing import Any

from tests.simulator.client import QuickBooks, held, sales_line

Json = dict[str, Any]


def version_of(record: Json) -> Json:
    return {"Id": record["Id"], "SyncToken": record["SyncToken"]}


async def sold(books: QuickBooks, amount: str = "100", **detail: Any) -> Json:
    return sales_line(await books.id("Item", "Consulting"), amount, **detail)


async def sale(books: QuickBooks, *lines: Json, **more: Any) -> Json:
    customer = {"value": await books.id("Customer", "May Chen")}
    return {"CustomerRef": customer, "Line": list(lines) or [await sold(books)], **more}


async def prefer(books: QuickBooks, group: str, **wishes: Any) -> None:
    prefs = (await books.get("preferences")).json()["Preferences"]
    await books.make(
        "Preferences", {**version_of(prefs), "sparse": True, group: wishes}
    )


OPENING = {"Inventory Asset", "Opening Balance Equity"}


async def balances(books: QuickBooks) -> dict[str, Decimal]:
    """What accounts hold beside the stock of the beginning, and customers owe."""
    rows = await books.query("select * from Account maxresults 1000")
    found = {row["Name"]: held(row) for row in rows if row["Name"] not in OPENING}
    rows = await books.query("select * from Customer maxresults 1000")
    found.update({row["DisplayName"]: row["Balance"] for row in rows})
    return {name: amount for name, amount in found.items() if amount}


async def net_income(books: QuickBooks) -> Decimal:
    report = await books.report("ProfitAndLoss", date_macro="This Fiscal Year")
    for row in report["Rows"].get("Row", []):
        if row.get("group") == "NetIncome":
            return Decimal(row["Summary"]["ColData"][-1]["value"] or "0")
    return Decimal(0)
