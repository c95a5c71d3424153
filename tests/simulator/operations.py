"""What a book-keeper does, at random: each operation over HTTP and in the model."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Final

from tests.simulator.client import Json, expense_line, sales_line
from tests.simulator.ledgermodel import Document, Model, legs, money
from tests.simulator.walk import Step, Walk, date, enter, link, pick, ref

RATE: Final = Decimal("0.0825")
COST: Final = Decimal("6.82")


def _sale(walk: Walk, step: Step, side: str) -> tuple[Json, Document]:
    """A sales form: services, taxed goods, or stock; `side` is the account debited."""
    customer = walk.customers[step.first % len(walk.customers)]
    receivable, income = walk.account(side), walk.account("Design Income")
    net, tax, discount, sold = step.amount, Decimal(0), Decimal(0), 0
    lines = [sales_line(walk.items["Consulting"], str(net))]
    parts = []
    kind = step.second % 4
    if kind == 1:
        lines = [
            sales_line(
                walk.items["Mulch (per bag)"], str(net), TaxCodeRef={"value": "TAX"}
            )
        ]
        income, tax = walk.account("Materials Income"), money(net * RATE)
    elif kind == 2:
        discount = money(net / 10)
        percent = {"PercentBased": True, "DiscountPercent": 10}
        lines.append(
            {
                "Amount": discount,
                "DetailType": "DiscountLineDetail",
                "DiscountLineDetail": percent,
            }
        )
    elif kind == 3:
        sold = 1 + step.second % 5
        price = money(net / sold)
        net = price * sold
        detail = {"Qty": sold, "UnitPrice": price, "TaxCodeRef": {"value": "NON"}}
        lines = [sales_line(walk.items["Sprinkler Head"], str(net), **detail)]
        income = walk.account("Materials Income")
        parts = [
            (walk.account("Cost of Goods Sold"), COST * sold),
            (walk.account("Inventory Asset"), -COST * sold),
        ]
    total = net + tax - discount
    made = legs(
        (receivable, total),
        (income, -net),
        (walk.account("Sales Tax Payable"), -tax),
        (walk.account("Discounts Given"), discount),
        *parts,
    )
    body = {
        "CustomerRef": ref(customer),
        "TxnDate": date(step.second),
        "Line": lines,
    }
    return body, Document("", "", customer, made, total)


def _turned(document: Document) -> None:
    """The reverse of a sale: a credit, a refund."""
    document.legs = {account: -amount for account, amount in document.legs.items()}
    document.owed = -document.owed


async def invoice(walk: Walk, step: Step) -> None:
    body, document = _sale(walk, step, "Accounts Receivable (A/R)")
    await enter(walk, "Invoice", body, document)


async def sales_receipt(walk: Walk, step: Step) -> None:
    body, document = _sale(walk, step, "Business Checking")
    document.owed, document.party = Decimal(0), ""
    bank = {"DepositToAccountRef": ref(walk.account("Business Checking"))}
    await enter(walk, "SalesReceipt", body | bank, document)


async def refund(walk: Walk, step: Step) -> None:
    body, document = _sale(walk, step, "Business Checking")
    document.owed, document.party = Decimal(0), ""
    _turned(document)
    bank = {"DepositToAccountRef": ref(walk.account("Business Checking"))}
    await enter(walk, "RefundReceipt", body | bank, document)


async def credit(walk: Walk, step: Step) -> None:
    body, document = _sale(walk, step, "Accounts Receivable (A/R)")
    _turned(document)
    await enter(walk, "CreditMemo", body, document)


async def change_sale(walk: Walk, step: Step) -> None:
    """Other lines on an invoice that nobody has paid."""
    rows = [
        one
        for one in walk.model.of("Invoice")
        if not walk.model.settled(one.id) and one.legs
    ]
    old = pick(rows, step.first)
    if old is None:
        return
    body, document = _sale(walk, step, "Accounts Receivable (A/R)")
    await enter(walk, "Invoice", body | await walk.current(old), document)


async def change_stale(walk: Walk, step: Step) -> None:
    """A SyncToken that never was."""
    if old := pick(walk.model.of("Invoice", "Bill", "Payment"), step.first):
        body = {"Id": old.id, "SyncToken": "999", "sparse": True, "PrivateNote": "x"}
        await walk.post(old.kind, body, refused="5010")


async def pay(walk: Walk, step: Step) -> None:
    """Pay one invoice in part or whole, and now and then more than it."""
    rows = [one for one in walk.model.of("Invoice") if walk.model.open(one) > 0]
    due = pick(rows, step.first)
    more = step.amount if step.second % 3 == 0 else Decimal(0)
    if due is None:
        customer, part = walk.customers[step.first % len(walk.customers)], Decimal(0)
        more = step.amount
    else:
        customer = due.party
        part = min(walk.model.open(due), step.amount)
    total = part + more
    side = "Undeposited Funds" if step.second % 2 else "Business Checking"
    body = {
        "CustomerRef": ref(customer),
        "TotalAmt": total,
        "TxnDate": date(step.second),
        "DepositToAccountRef": ref(walk.account(side)),
        "Line": [link("Invoice", due.id, part)] if due else [],
    }
    made = legs(
        (walk.account(side), total),
        (walk.account("Accounts Receivable (A/R)"), -total),
    )
    settles = {due.id: part} if due else {}
    await enter(
        walk, "Payment", body, Document("", "", customer, made, -total, settles)
    )


async def apply_credit(walk: Walk, step: Step) -> None:
    """A payment of nothing that sets a credit memo against an invoice."""
    model = walk.model
    pairs = [
        (due, memo)
        for due in model.of("Invoice")
        for memo in model.of("CreditMemo")
        if due.party == memo.party and model.open(due) > 0 and model.open(memo) > 0
    ]
    if not pairs:
        return
    due, memo = pairs[step.first % len(pairs)]
    part = min(model.open(due), model.open(memo), step.amount)
    lines = [link("Invoice", due.id, part), link("CreditMemo", memo.id, part)]
    body = {"CustomerRef": ref(due.party), "TotalAmt": 0, "Line": lines}
    settles = {due.id: part, memo.id: part}
    await enter(
        walk, "Payment", body, Document("", "", due.party, {}, Decimal(0), settles)
    )


async def deposit(walk: Walk, step: Step) -> None:
    """Bring a payment to the bank; from then on it is locked."""
    funds, bank = walk.account("Undeposited Funds"), walk.account("Business Checking")
    rows = [
        one
        for one in walk.model.of("Payment")
        if funds in one.legs and not walk.model.deposited(one.id)
    ]
    paid = pick(rows, step.first)
    if paid is None:
        return
    amount = paid.legs[funds]
    line = link("Payment", paid.id, amount)
    line["LinkedTxn"][0]["TxnLineId"] = "0"
    body = {"DepositToAccountRef": ref(bank), "Line": [line]}
    document = Document(
        "", "", "", legs((bank, amount), (funds, -amount)), deposits={paid.id}
    )
    await enter(walk, "Deposit", body, document)


async def journal(walk: Walk, step: Step) -> None:
    """An entry between two accounts; now and then it does not balance."""
    debit, to = walk.account("Travel"), walk.account("Savings Reserve")
    amount = step.amount

    def line(side: str, account: str, value: Decimal) -> Json:
        detail = {"PostingType": side, "AccountRef": ref(account)}
        return {
            "Amount": value,
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": detail,
        }

    if step.second % 5 == 0:
        lines = [line("Debit", debit, amount), line("Credit", to, amount + 1)]
        answer = await walk.books.post("journalentry", {"Line": lines})
        assert answer.status_code == 400, answer.text
        walk.refused += 1
        return
    lines = [line("Debit", debit, amount), line("Credit", to, amount)]
    made = legs((debit, amount), (to, -amount))
    await enter(walk, "JournalEntry", {"Line": lines}, Document("", "", "", made))


async def transfer(walk: Walk, step: Step) -> None:
    source, target = walk.account("Business Checking"), walk.account("Savings Reserve")
    body = {
        "FromAccountRef": ref(source),
        "ToAccountRef": ref(target),
        "Amount": step.amount,
    }
    made = legs((source, -step.amount), (target, step.amount))
    await enter(walk, "Transfer", body, Document("", "", "", made))


def _spending(walk: Walk, step: Step, side: str) -> tuple[Json, Document]:
    """Lines of a purchase form: an expense, and now and then stock."""
    vendor = walk.vendors[step.first % len(walk.vendors)]
    cost, total = walk.account("Rent"), step.amount
    lines = [expense_line(cost, str(step.amount))]
    parts = [(cost, step.amount)]
    if step.second % 3 == 0:
        bought = 1 + step.second % 7
        value = COST * bought
        lines.append(
            {
                "Amount": value,
                "DetailType": "ItemBasedExpenseLineDetail",
                "ItemBasedExpenseLineDetail": {
                    "ItemRef": ref(walk.items["Sprinkler Head"]),
                    "Qty": bought,
                    "UnitPrice": COST,
                },
            }
        )
        parts.append((walk.account("Inventory Asset"), value))
        total += value
    made = legs((walk.account(side), -total), *parts)
    body = {"Line": lines, "TxnDate": date(step.second)}
    return body, Document("", "", vendor, made, total)


async def bill(walk: Walk, step: Step) -> None:
    body, document = _spending(walk, step, "Accounts Payable (A/P)")
    body["VendorRef"] = ref(document.party)
    await enter(walk, "Bill", body, document)


async def change_bill(walk: Walk, step: Step) -> None:
    """Other lines on a bill that is not paid."""
    rows = [one for one in walk.model.of("Bill") if not walk.model.settled(one.id)]
    old = pick(rows, step.first)
    if old is None:
        return
    body, document = _spending(walk, step, "Accounts Payable (A/P)")
    body["VendorRef"] = ref(document.party)
    await enter(walk, "Bill", body | await walk.current(old), document)


async def change_payment(walk: Walk, step: Step) -> None:
    """Take a payment off its invoice and change its amount; not once deposited."""
    side = walk.account("Business Checking")
    rows = [one for one in walk.model.of("Payment") if side in one.legs]
    old = pick(rows, step.first)
    if old is None:
        return
    body = {
        "CustomerRef": ref(old.party),
        "TotalAmt": step.amount,
        "DepositToAccountRef": ref(side),
        "Line": [],
    }
    receivable = walk.account("Accounts Receivable (A/R)")
    made = legs((side, step.amount), (receivable, -step.amount))
    document = Document("", "", old.party, made, -step.amount)
    await enter(walk, "Payment", body | await walk.current(old), document)


async def vendor_credit(walk: Walk, step: Step) -> None:
    body, document = _spending(walk, step, "Accounts Payable (A/P)")
    body["VendorRef"] = ref(document.party)
    _turned(document)
    await enter(walk, "VendorCredit", body, document)


async def purchase(walk: Walk, step: Step) -> None:
    side, kind = [("Business Checking", "Check"), ("Company Visa", "CreditCard")][
        step.second % 2
    ]
    body, document = _spending(walk, step, side)
    document.owed, document.party = Decimal(0), ""
    body |= {"PaymentType": kind, "AccountRef": ref(walk.account(side))}
    await enter(walk, "Purchase", body, document)


async def pay_bill(walk: Walk, step: Step) -> None:
    """Pay a bill, with a vendor credit where there is one."""
    model = walk.model
    rows = [one for one in model.of("Bill") if model.open(one) > 0]
    due = pick(rows, step.first)
    if due is None:
        return
    part = min(model.open(due), step.amount)
    settles, lines = {due.id: part}, [link("Bill", due.id, part)]
    memos = [
        one
        for one in model.of("VendorCredit")
        if one.party == due.party and model.open(one) > 0
    ]
    used = Decimal(0)
    if memos and step.second % 2:
        used = min(model.open(memos[0]), part)
        settles[memos[0].id] = used
        lines.append(link("VendorCredit", memos[0].id, used))
    total = part - used
    bank = walk.account("Business Checking")
    body = {
        "VendorRef": ref(due.party),
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": ref(bank)},
        "TotalAmt": total,
        "Line": lines,
    }
    made = legs((walk.account("Accounts Payable (A/P)"), total), (bank, -total))
    document = Document("", "", due.party, made, -total, settles)
    await enter(walk, "BillPayment", body, document)


async def delete(walk: Walk, step: Step) -> None:
    """Delete anything; a payment that lies in a deposit stays."""
    old = pick(_removable(walk.model), step.first)
    if old is None:
        return
    locked = walk.model.deposited(old.id)
    body = await walk.current(old)
    code = "6540" if locked else ""
    await walk.post(old.kind, body, refused=code, operation="delete")
    if not locked:
        walk.model.drop(old.id)


async def void(walk: Walk, step: Step) -> None:
    rows = [
        one
        for one in _removable(walk.model)
        if one.kind in {"Invoice", "Payment", "BillPayment", "SalesReceipt"}
    ]
    old = pick(rows, step.first)
    if old is None or walk.model.deposited(old.id):
        return
    body = await walk.current(old) | {"sparse": True}
    params = {"operation": "void"}
    if old.kind != "Invoice":
        params = {"operation": "update", "include": "void"}
    await walk.post(old.kind, body, refused="", **params)
    walk.model.void(old.id)


async def unknown_party(walk: Walk, step: Step) -> None:
    body, _ = _sale(walk, step, "Accounts Receivable (A/R)")
    body["CustomerRef"] = ref("987654")
    await walk.post("Invoice", body, refused="2500")


def _removable(model: Model) -> list[Document]:
    """All but credits in use: QuickBooks wants them taken out of use first."""
    return [
        one
        for one in model.documents.values()
        if one.kind not in {"CreditMemo", "VendorCredit"} or not model.settled(one.id)
    ]


OPERATIONS: Final[dict[str, Callable[[Walk, Step], Awaitable[None]]]] = {
    one.__name__: one
    for one in (
        *(invoice, sales_receipt, refund, credit, change_sale, change_stale),
        *(pay, apply_credit, deposit, journal, transfer, bill, vendor_credit),
        *(purchase, pay_bill, change_bill, change_payment),
        *(delete, void, unknown_party),
    )
}
# The ones that need others to have happened come more often.
WEIGHTS: Final = {"invoice": 4, "pay": 4, "bill": 3, "pay_bill": 3, "delete": 3}
