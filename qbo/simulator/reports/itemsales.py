"""What was sold of each item: how much, for how much, at what cost; and the stock."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from qbo.simulator.books.ledger import Entry
from qbo.simulator.exact import ZERO, Json, amount_text
from qbo.simulator.reports import statements
from qbo.simulator.reports.aging import as_of_header
from qbo.simulator.reports.books import Books
from qbo.simulator.reports.frame import (
    NOT_SPECIFIED,
    Amounts,
    Maker,
    Request,
    column,
    header_of,
    report_of,
)
from qbo.simulator.reports.sales import income_accounts, places, sales
from qbo.simulator.reports.sheet import amount_columns
from qbo.simulator.rules.postings.stock import valued


class _Sold:
    """What was sold of an item in each column: quantity, amount, cost."""

    def __init__(self, width: int) -> None:
        self.quantity = [ZERO] * width
        self.amount = [ZERO] * width
        self.cost = [ZERO] * width

    def cells(self, whole: Amounts, *, stocked: bool) -> list[Json]:
        """The seven cells of each column; `whole` is what all items sold for."""
        cells: list[str] = []
        for quantity, amount, cost, every in zip(
            self.quantity, self.amount, self.cost, whole, strict=True
        ):
            cells += (
                amount_text(quantity) if quantity else "",
                amount_text(amount),
                _percent(amount, every),
                amount_text(amount / quantity) if quantity else "",
            )
            if stocked:
                margin = amount - cost
                shown = (amount_text(cost), amount_text(margin))
                cells += (*shown, _percent(margin, amount))
            else:
                cells += ("", "", "")
        return [{"value": one} for one in cells]


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{amount_text(part * 100 / whole)} %" if whole else ""


def _item_sales(request: Request) -> Json:
    company, books = request.company, Books.of(request)
    span, macro = request.period()
    accounts = {
        **income_accounts(company),
        **statements.accounts_of(company, ["Cost of Goods Sold"]),
    }
    cut = books.cut(request, span, accounts)
    place, width = places(company, cut), len(cut.columns) + cut.has_total
    items: dict[str, _Sold] = {}
    whole = _Sold(width)
    for move in sales(books, books.moves(span, accounts)):
        own = items.setdefault(move.entry.item, _Sold(width))
        for part in (own, whole):
            for column_place in {place(move), width - 1}:
                _add(part, column_place, move.entry, accounts)
    rows = _item_rows(request, items, whole)
    header = header_of(
        request,
        span,
        macro,
        has_data=bool(rows),
        basis=books.basis,
        by=request.by,
    )
    first = column("", "ProductsAndService", "item")
    columns = amount_columns(first, cut)
    for one in columns[1:]:
        one["Columns"] = {"Column": _details(one)}
    return report_of(header, columns, rows)


def _add(sold: _Sold, place: int, entry: Entry, kinds: Mapping[str, str]) -> None:
    if kinds[entry.account] == "Cost of Goods Sold":
        sold.cost[place] += entry.amount
        return
    sold.amount[place] -= entry.amount
    if entry.item:
        sold.quantity[place] += entry.quantity


def _item_rows(
    request: Request, items: Mapping[str, _Sold], whole: _Sold
) -> list[Json]:
    company = request.company
    records = [company.record("Item", one) for one in items if one]
    records.sort(key=lambda one: str(one.body["Name"]).casefold())
    rows: list[Json] = []
    for record in records:
        stocked = record.body["Type"] == "Inventory"
        name = {"value": record.body.get("FullyQualifiedName"), "id": record.id}
        cells = items[record.id].cells(whole.amount, stocked=stocked)
        rows.append({"ColData": [name, *cells], "type": "Data"})
    if "" in items:
        cells = items[""].cells(whole.amount, stocked=False)
        named = {"value": NOT_SPECIFIED}
        rows.append({"ColData": [named, *cells], "type": "Data", "group": "**"})
    if rows:
        title = "TOTAL" if request.legacy else "Total"
        cells = whole.cells(whole.amount, stocked=True)
        summary = {"ColData": [{"value": title}, *cells]}
        rows.append({"Summary": summary, "type": "Section", "group": "GrandTotal"})
    return rows


def _details(above: Json) -> list[Json]:
    """The columns below one; those of amounts carry its dates."""
    dates = [one for one in above["MetaData"] if one["Name"] != "ColKey"]
    found = []
    for title, key in _ITEM_COLUMNS.items():
        made = column(title, "Money", key)
        found.append({**made, "MetaData": [*dates, *made["MetaData"]]})
    return found


_ITEM_COLUMNS: Final = {
    "Quantity": "quantity",
    "Amount": "amount",
    "% of Sales": "percent_of_sales",
    "Avg Price": "average_price",
    "COGS": "cogs",
    "Gross Margin": "gross_margin",
    "Gross Margin %": "gross_margin_percent",
}


def _stock(request: Request) -> Json:
    """Quantity, value and average cost of what is on hand on a day."""
    day, macro = request.as_of()
    wanted = request.listed("item")
    rows: list[Json] = []
    total = [ZERO, ZERO]
    found = sorted(valued(request.company, day), key=lambda one: one[0].body["Name"])
    for item, quantity, value in found:
        if (quantity or value) and (not wanted or item.id in wanted):
            cost = amount_text(value / quantity) if quantity else ""
            rows.append(
                {
                    "ColData": [
                        {"value": item.body["FullyQualifiedName"], "id": item.id},
                        {"value": item.body.get("Sku", "")},
                        {"value": amount_text(quantity)},
                        {"value": amount_text(value)},
                        {"value": cost},
                    ],
                    "type": "Data",
                }
            )
            total = [total[0] + quantity, total[1] + value]
    if rows:
        shown = [amount_text(one) for one in total]
        title = "TOTAL" if request.legacy else "Total"
        cells = [{"value": one} for one in (title, "", *shown, "")]
        rows.append(
            {"Summary": {"ColData": cells}, "type": "Section", "group": "GrandTotal"}
        )
    header = as_of_header(request, day, macro, has_data=bool(rows))
    average = "Calc. Avg" if request.legacy else "Avg Cost"
    columns = [
        column("", "ProductsAndService", "item"),
        column("SKU", "String", "sku"),
        column("Qty", "Money", "quantity"),
        column("Asset Value", "Money", "asset_value"),
        column(average, "Money", "average_cost"),
    ]
    return report_of(header, columns, rows)


REPORTS: Final[Mapping[str, Maker]] = {
    "ItemSales": _item_sales,
    "InventoryValuationSummary": _stock,
}
