"""What the postings of several kinds of transaction are made of.

All amounts are in home currency. Income and expense entries carry the customer, so
that reports can be split by customer.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from qbo.simulator.company import Company, Record
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.ledger import Entry
from qbo.simulator.transactions import in_home

Moves = list[tuple[str, Decimal]]
"""Quantities of items: what comes into stock is positive."""

Maker = Callable[[Company, Record], tuple[list[Entry], Moves]]
"""Makes the entries and the stock moves of one kind of transaction."""


def sale_entries(company: Company, record: Record, sign: int) -> list[Entry]:
    """What an invoice (sign 1) or credit memo (-1) earns and owes in tax, as credits.

    The entries add up to minus the total in home currency; what converting the
    lines one by one leaves over goes to the first of them.
    """
    body, party = record.body, record.ref("CustomerRef")
    entries = []
    for line, detail in lines_of(body, "SalesItemLineDetail"):
        account = detail["ItemAccountRef"]["value"]
        entries.append(
            Entry(
                account,
                -sign * in_home(body, line["Amount"]),
                party,
                detail["ItemRef"]["value"],
                tracking(detail, body),
                line.get("Id", ""),
            )
        )
    for line, detail in lines_of(body, "DiscountLineDetail"):
        account = detail["DiscountAccountRef"]["value"]
        entries.append(Entry(account, sign * in_home(body, line["Amount"]), party))
    tax = (body.get("TxnTaxDetail") or {}).get("TotalTax", ZERO)
    if tax:
        account = company.account_of("SalesTaxPayable")
        entries.append(Entry(account, -sign * in_home(body, tax)))
    return evened(entries, -sign * in_home(body, body["TotalAmt"]))


def spending_entries(company: Company, record: Record, sign: int) -> list[Entry]:
    """What a bill or purchase (sign 1), or a card refund (-1), is spent on."""
    body = record.body
    entries = []
    for line, detail in lines_of(body, "AccountBasedExpenseLineDetail"):
        customer = (detail.get("CustomerRef") or {}).get("value", "")
        amount = sign * in_home(body, line["Amount"])
        account = detail["AccountRef"]["value"]
        group = tracking(detail, body)
        entries.append(Entry(account, amount, customer, "", group, line.get("Id", "")))
    for line, detail in lines_of(body, "ItemBasedExpenseLineDetail"):
        item = company.record("Item", detail["ItemRef"]["value"])
        stocked = item.body["Type"] == "Inventory"
        name = "AssetAccountRef" if stocked else "ExpenseAccountRef"
        customer = (detail.get("CustomerRef") or {}).get("value", "")
        amount = sign * in_home(body, line["Amount"])
        group = tracking(detail, body)
        entries.append(
            Entry(item.ref(name), amount, customer, item.id, group, line.get("Id", ""))
        )
    tax = (body.get("TxnTaxDetail") or {}).get("TotalTax", ZERO)
    if tax:
        account = company.account_of("SalesTaxPayable")
        entries.append(Entry(account, sign * in_home(body, tax)))
    return evened(entries, sign * in_home(body, body["TotalAmt"]))


def stock_entries(company: Company, record: Record, sign: int) -> list[Entry]:
    """Cost of what a sale takes from stock, at the item's purchase cost that day.

    The cost is noted on the record, so that a price changed later leaves it alone.
    """
    entries = []
    costs = record.notes.setdefault("costs", {})
    for item, quantity in sold(company, record, sign):
        product = company.record("Item", item)
        each = costs.setdefault(item, product.body.get("PurchaseCost", ZERO))
        cost = cents(-quantity * each)
        party = record.ref("CustomerRef")
        entries.append(Entry(product.ref("ExpenseAccountRef"), cost, party, item))
        entries.append(Entry(product.ref("AssetAccountRef"), -cost, "", item))
    return entries


def lines_of(body: Json, kind: str) -> Iterator[tuple[Json, Json]]:
    """The lines of one kind with an amount, each with its detail."""
    for line in body.get("Line") or ():
        if line.get("DetailType") == kind and "Amount" in line:
            yield line, line[kind]


def tracking(detail: Json, body: Json) -> str:
    """The class of a line, or else the whole transaction's."""
    found = detail.get("ClassRef") or body.get("ClassRef") or {}
    return str(found.get("value", ""))


def evened(entries: list[Entry], wanted: Decimal) -> list[Entry]:
    """Let the first entry take what rounding leaves, so that all add up as wanted."""
    rest = wanted - sum((entry.amount for entry in entries), ZERO)
    if rest and entries:
        first = entries[0]
        entries[0] = first._replace(amount=first.amount + rest)
    return entries


def sold(company: Company, record: Record, sign: int) -> Moves:
    """What a sale takes out of stock (sign 1), or brings back (-1)."""
    moves = []
    for _, detail in lines_of(record.body, "SalesItemLineDetail"):
        item = detail["ItemRef"]["value"]
        if company.record("Item", item).body["Type"] == "Inventory":
            quantity = detail.get("Qty", ZERO)
            if quantity:
                moves.append((item, -sign * quantity))
    return moves


def bought(company: Company, record: Record, sign: int) -> Moves:
    """What a purchase brings into stock (sign 1), or takes out (-1)."""
    moves = []
    for _, detail in lines_of(record.body, "ItemBasedExpenseLineDetail"):
        item = detail["ItemRef"]["value"]
        if company.record("Item", item).body["Type"] == "Inventory":
            moves.append((item, sign * detail.get("Qty", ZERO)))
    return moves


def paying_account(body: Json) -> str:
    """The bank account or card that a bill payment is made from."""
    paid = body.get("CheckPayment") or {}
    card = body.get("CreditCardPayment") or {}
    found: Json = paid.get("BankAccountRef") or card["CCAccountRef"]
    return str(found["value"])


def settled(
    company: Company, record: Record, account: str, party: str, sign: int
) -> list[Entry]:
    """The receivable or payable side; a difference in exchange rates is gain or loss.

    Each document is reduced at its own rate, by the owner of the document (a
    parent may pay for its sub-customer), what is left over at the payment's.
    """
    body = record.body
    left: Decimal = body["TotalAmt"]
    entries = []
    for line in body.get("Line") or ():
        link = line["LinkedTxn"][0]
        target = company.transaction(link["TxnId"])
        assert target is not None, f"{record.id} is linked to nothing"
        credit = target.entity.name == "CreditMemo"
        left += line["Amount"] if credit else -line["Amount"]
        owner = target.ref("CustomerRef") or target.ref("VendorRef")
        amount = settled_home(company, target, record.id, line["Amount"])
        entries.append(Entry(account, sign * (amount if credit else -amount), owner))
    entries.append(Entry(account, -sign * in_home(body, left), party))
    rest = sign * in_home(body, body["TotalAmt"])
    rest += sum((entry.amount for entry in entries), ZERO)
    if rest:
        entries.append(Entry(company.account_of("ExchangeGainOrLoss"), -rest))
    return entries


def settled_home(
    company: Company, target: Record, payer: str, amount: Decimal
) -> Decimal:
    """What a payment takes off a document, at the document's rate.

    Payments are counted up in their order and the sums converted, so that the parts
    add up to the whole whatever the rate.
    """
    if target.body.get("ExchangeRate") in {None, Decimal(1)}:
        return amount
    before = ZERO
    for other, part in sorted(
        company.applied.get(target.id, {}).items(), key=lambda one: int(one[0])
    ):
        if other == payer:
            break
        before += part
    up_to = in_home(target.body, before + amount)
    return up_to - in_home(target.body, before)
