"""From a transaction to its entries: debits, credits, and what leaves stock.

All amounts are in home currency. Income and expense entries carry the customer, so
that reports can be split by customer.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from qbo.simulator.company import Company, Record
from qbo.simulator.exact import ZERO, Json, cents
from qbo.simulator.ledger import Entry, Posting, merged
from qbo.simulator.transactions import in_home

Moves = list[tuple[str, Decimal]]


def post(company: Company, record: Record) -> None:
    """Enter a transaction into the ledger and move the stock it moves."""
    make = _MAKERS.get(record.entity.name)
    if make is None:
        return
    entries, moves = make(company, record)
    key, kind = record.id, record.entity.name
    company.post(Posting(key, kind, record.day, merged(entries)))
    company.move_stock(key, moves)


def repost(company: Company, record: Record) -> None:
    """Enter a transaction again after something about it moved."""
    company.unpost(record.id)
    post(company, record)


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
                _tracking(detail, body),
            )
        )
    for line, detail in lines_of(body, "DiscountLineDetail"):
        account = detail["DiscountAccountRef"]["value"]
        entries.append(Entry(account, sign * in_home(body, line["Amount"]), party))
    tax = (body.get("TxnTaxDetail") or {}).get("TotalTax", ZERO)
    if tax:
        account = company.account_of("SalesTaxPayable")
        entries.append(Entry(account, -sign * in_home(body, tax)))
    return _evened(entries, -sign * in_home(body, body["TotalAmt"]))


def spending_entries(company: Company, record: Record, sign: int) -> list[Entry]:
    """What a bill or purchase (sign 1), or a card refund (-1), is spent on."""
    body = record.body
    entries = []
    for line, detail in lines_of(body, "AccountBasedExpenseLineDetail"):
        customer = (detail.get("CustomerRef") or {}).get("value", "")
        amount = sign * in_home(body, line["Amount"])
        account = detail["AccountRef"]["value"]
        entries.append(Entry(account, amount, customer, "", _tracking(detail, body)))
    for line, detail in lines_of(body, "ItemBasedExpenseLineDetail"):
        item = company.record("Item", detail["ItemRef"]["value"])
        stocked = item.body["Type"] == "Inventory"
        name = "AssetAccountRef" if stocked else "ExpenseAccountRef"
        customer = (detail.get("CustomerRef") or {}).get("value", "")
        amount = sign * in_home(body, line["Amount"])
        entries.append(Entry(item.ref(name), amount, customer, item.id))
    tax = (body.get("TxnTaxDetail") or {}).get("TotalTax", ZERO)
    if tax:
        account = company.account_of("SalesTaxPayable")
        entries.append(Entry(account, sign * in_home(body, tax)))
    return _evened(entries, sign * in_home(body, body["TotalAmt"]))


def stock_entries(company: Company, record: Record, sign: int) -> list[Entry]:
    """Cost of what a sale takes from stock, at the item's purchase cost that day.

    The cost is noted on the record, so that a price changed later leaves it alone.
    """
    entries = []
    costs = record.notes.setdefault("costs", {})
    for item, quantity in _sold(company, record, sign):
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


def _tracking(detail: Json, body: Json) -> str:
    found = detail.get("ClassRef") or body.get("ClassRef") or {}
    return str(found.get("value", ""))


def _evened(entries: list[Entry], wanted: Decimal) -> list[Entry]:
    rest = wanted - sum((entry.amount for entry in entries), ZERO)
    if rest and entries:
        first = entries[0]
        entries[0] = first._replace(amount=first.amount + rest)
    return entries


def _sold(company: Company, record: Record, sign: int) -> Moves:
    moves = []
    for _, detail in lines_of(record.body, "SalesItemLineDetail"):
        item = detail["ItemRef"]["value"]
        if company.record("Item", item).body["Type"] == "Inventory":
            quantity = detail.get("Qty", ZERO)
            if quantity:
                moves.append((item, -sign * quantity))
    return moves


def _sale(company: Company, record: Record, sign: int) -> tuple[list[Entry], Moves]:
    body, party = record.body, record.ref("CustomerRef")
    account = company.control("Accounts Receivable", record.ref("CurrencyRef"))
    total = sign * in_home(body, body["TotalAmt"])
    entries = [Entry(account, total, party), *sale_entries(company, record, sign)]
    deposit = body.get("Deposit", ZERO)
    if deposit:
        paid_into = record.ref("DepositToAccountRef")
        paid_into = paid_into or company.account_of("UndepositedFunds")
        amount = in_home(body, deposit)
        entries += [Entry(paid_into, amount), Entry(account, -amount, party)]
    entries += stock_entries(company, record, sign)
    return entries, _sold(company, record, sign)


def _invoice(company: Company, record: Record) -> tuple[list[Entry], Moves]:
    return _sale(company, record, 1)


def _credit_memo(company: Company, record: Record) -> tuple[list[Entry], Moves]:
    return _sale(company, record, -1)


def _bill(company: Company, record: Record) -> tuple[list[Entry], Moves]:
    account, body = record.ref("APAccountRef"), record.body
    owed = Entry(account, -in_home(body, body["TotalAmt"]), record.ref("VendorRef"))
    return [owed, *spending_entries(company, record, 1)], _bought(company, record, 1)


def _purchase(company: Company, record: Record) -> tuple[list[Entry], Moves]:
    sign = -1 if record.body.get("Credit") else 1
    total = in_home(record.body, record.body["TotalAmt"])
    paid = Entry(record.ref("AccountRef"), -sign * total)
    entries = [paid, *spending_entries(company, record, sign)]
    return entries, _bought(company, record, sign)


def _bought(company: Company, record: Record, sign: int) -> Moves:
    moves = []
    for _, detail in lines_of(record.body, "ItemBasedExpenseLineDetail"):
        item = detail["ItemRef"]["value"]
        if company.record("Item", item).body["Type"] == "Inventory":
            moves.append((item, sign * detail.get("Qty", ZERO)))
    return moves


def _payment(company: Company, record: Record) -> tuple[list[Entry], Moves]:
    body, party = record.body, record.ref("CustomerRef")
    account = company.control("Accounts Receivable", record.ref("CurrencyRef"))
    total = in_home(body, body["TotalAmt"])
    entries = [Entry(record.ref("DepositToAccountRef"), total)]
    return entries + _settled(company, record, account, party, 1), []


def _bill_payment(company: Company, record: Record) -> tuple[list[Entry], Moves]:
    body, party = record.body, record.ref("VendorRef")
    account = company.control("Accounts Payable", record.ref("CurrencyRef"))
    paid_from = paying_account(body)
    entries = [Entry(paid_from, -in_home(body, body["TotalAmt"]))]
    return entries + _settled(company, record, account, party, -1), []


def paying_account(body: Json) -> str:
    """The bank account or card that a bill payment is made from."""
    paid = body.get("CheckPayment") or {}
    card = body.get("CreditCardPayment") or {}
    found: Json = paid.get("BankAccountRef") or card["CCAccountRef"]
    return str(found["value"])


def _settled(
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


def _journal_entry(_company: Company, record: Record) -> tuple[list[Entry], Moves]:
    entries = []
    for line, detail in lines_of(record.body, "JournalEntryLineDetail"):
        sign = 1 if detail["PostingType"] == "Debit" else -1
        party = ((detail.get("Entity") or {}).get("EntityRef") or {}).get("value", "")
        amount = sign * in_home(record.body, line["Amount"])
        tracking = _tracking(detail, {})
        account = detail["AccountRef"]["value"]
        entries.append(Entry(account, amount, party, "", tracking))
    return _evened(entries, ZERO), []


def _transfer(_company: Company, record: Record) -> tuple[list[Entry], Moves]:
    amount = in_home(record.body, record.body["Amount"])
    return [
        Entry(record.ref("ToAccountRef"), amount),
        Entry(record.ref("FromAccountRef"), -amount),
    ], []


_MAKERS: Final[Mapping[str, Callable[[Company, Record], tuple[list[Entry], Moves]]]] = {
    "Invoice": _invoice,
    "CreditMemo": _credit_memo,
    "Payment": _payment,
    "Bill": _bill,
    "BillPayment": _bill_payment,
    "Purchase": _purchase,
    "JournalEntry": _journal_entry,
    "Transfer": _transfer,
}
