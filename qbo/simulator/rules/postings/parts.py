"""What the postings of several kinds of transaction are made of.

All amounts are in home currency. Income and expense entries carry the customer, so
that reports can be split by customer.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from qbo.simulator.books.company import CONTROL_TYPES, Company, Record
from qbo.simulator.books.ledger import Entry
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.rules.claims import claims_of, settled_home, unapplied
from qbo.simulator.rules.draft import SHIPPING
from qbo.simulator.rules.taxes import accounts
from qbo.simulator.rules.taxes.accounts import tax_entries
from qbo.simulator.rules.transactions import every_line, in_home

Maker = Callable[[Company, Record], list[Entry]]
"""Makes the entries of one kind of transaction."""


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
                item_of(detail),
                tracking(detail, body),
                line.get("Id", ""),
                quantity=sign * Decimal(detail.get("Qty") or 0),
            )
        )
    for line, detail in lines_of(body, "DiscountLineDetail"):
        account = detail["DiscountAccountRef"]["value"]
        entries.append(Entry(account, sign * in_home(body, line["Amount"]), party))
    entries += tax_entries(accounts.liabilities(company, body), body, -sign)
    return evened(company, entries, -sign * in_home(body, body["TotalAmt"]))


def spent(company: Company, record: Record, sign: int) -> list[Entry]:
    """What a bill or purchase (sign 1), or its reverse (-1), is spent on.

    Tax that nobody gives back is part of what each line cost. Entries for items come
    in the order of their lines; stock is at its price.
    """
    body = record.body
    extra = accounts.costs(company, body)
    entries = []
    for line, detail in expense_lines_of(body):
        number = str(line.get("Id", ""))
        item = (detail.get("ItemRef") or {}).get("value", "")
        if item:
            asset, expense = item_accounts(company, item)
            account = asset or expense
        else:
            account = detail["AccountRef"]["value"]
        amount = sign * in_home(body, line["Amount"] + extra.get(number, ZERO))
        party = (detail.get("CustomerRef") or {}).get("value", "")
        if company.record("Account", account).body["AccountType"] in CONTROL_TYPES:
            party = record.ref("EntityRef")
        group = tracking(detail, body)
        entries.append(Entry(account, amount, party, item, group, number))
    entries += tax_entries(accounts.reclaimed(company, body), body, sign)
    return evened(company, entries, sign * in_home(body, body["TotalAmt"]))


def expense_lines_of(body: Json) -> Iterator[tuple[Json, Json]]:
    """The lines of something bought, each with its detail."""
    for kind in ("AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail"):
        yield from lines_of(body, kind)


def item_accounts(company: Company, number: str) -> tuple[str, str]:
    """An item's asset account (none unless it is stock) and expense account.

    What has no expense account of its own is bought on its income account.
    """
    item = company.record("Item", number)
    expense = item.ref("ExpenseAccountRef") or item.ref("IncomeAccountRef")
    stocked = item.body["Type"] == "Inventory"
    return item.ref("AssetAccountRef") if stocked else "", expense


def lines_of(body: Json, kind: str) -> Iterator[tuple[Json, Json]]:
    """The lines of one kind with an amount, each with its detail; of bundles too."""
    for line in every_line(body.get("Line") or ()):
        if line.get("DetailType") == kind and "Amount" in line:
            yield line, line[kind]


def item_of(detail: Json) -> str:
    """The item that a line sells; shipping is none."""
    item = str(detail["ItemRef"]["value"])
    return "" if item == SHIPPING else item


def tracking(detail: Json, body: Json) -> str:
    """The class of a line, or else the whole transaction's."""
    found = detail.get("ClassRef") or body.get("ClassRef") or {}
    return str(found.get("value", ""))


def evened(company: Company, entries: list[Entry], wanted: Decimal) -> list[Entry]:
    """Let one entry take what rounding leaves, so that all add up as wanted.

    It is the first that is neither receivable nor payable: what somebody owes is
    exact. Where there is none, it is a difference of exchange.
    """
    rest = wanted - sum((entry.amount for entry in entries), ZERO)
    if not rest:
        return entries
    for place, entry in enumerate(entries):
        kind = company.record("Account", entry.account).body["AccountType"]
        if kind not in CONTROL_TYPES:
            entries[place] = entry._replace(amount=entry.amount + rest)
            return entries
    return [*entries, Entry(company.account_of("ExchangeGainOrLoss"), rest)]


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

    Each claim is reduced at its own rate, in the account it is in and with the name it
    is with (a parent may pay for its sub-customer); what is left over at the payment's.
    """
    body = record.body
    entries = []
    for (target, owner), amount in company.settles.get(record.id, {}).items():
        document = company.transaction(target)
        assert document is not None, f"{record.id} is linked to nothing"
        claim = claims_of(company, document).get(owner)
        if claim is not None:
            entry = moved(body, claim.account, -sign * amount, owner)
            home = settled_home(company, claim, record.id)
            entries.append(entry._replace(amount=-sign * home))
    entries.append(moved(body, account, -sign * unapplied(company, record), party))
    rest = sign * in_home(body, body["TotalAmt"])
    rest += sum((entry.amount for entry in entries), ZERO)
    if rest:
        entries.append(Entry(company.account_of("ExchangeGainOrLoss"), -rest))
    return entries


def moved(body: Json, account: str, amount: Decimal, party: str = "") -> Entry:
    """An entry for money or for what is owed: in home currency, and as it was said."""
    foreign = amount if "ExchangeRate" in body else ZERO
    return Entry(account, in_home(body, amount), party, foreign=foreign)
