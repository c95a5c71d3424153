"""Help that teaches: examples that work on this company's own books.

Each is made of a record that is there, so that its answer is not empty, and read
once by the grammar before it is offered. The same company and day give the same.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any

from approvals.proposal import Role
from bot.backstage import Asked, Backstage
from bot.understanding.conversation import interpret
from cards import talk
from cards.card import Card
from qbo import asks
from qbo.books import Bill, Company, Invoice, Listing, Names, Payment, Purchase
from qbo.faults import BooksFault
from qbo.ledger import Ledger

EXAMPLES = 6
_CHANGES = 2
_LOOKED_AT = 20


async def examples(
    ledger: Ledger, company: str, names: Names, today: date, *, may_change: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Questions, and changes where those may be asked for: six together.

    Fewer where the books hold too little, none where they cannot be read.
    """
    reads: list[str] = []
    writes: list[str] = []
    try:
        async for said in _said(_Books(ledger, company, today)):
            made = interpret(said, names, today)
            if made.kind == "read" and said not in reads:
                reads.append(said)
            elif made.kind == "write" and may_change and said not in writes:
                writes.append(said)
    except BooksFault:
        return (), ()
    changes = tuple(writes[:_CHANGES])
    return tuple(reads[: EXAMPLES - len(changes)]), changes


async def guide(
    back: Backstage,
    asked: Asked,
    company: Company | None,
    names: Names,
    orders: Sequence[tuple[str, str]],
) -> Card:
    """The help; without a company, or with empty books, in general examples."""
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    if company is not None:
        readonly = await back.desk.readonly(company)
        reads, writes = await examples(
            back.ledger,
            company.id,
            names,
            asked.today,
            may_change=readonly is None and Role.AUDITOR not in asked.person.roles,
        )
    return talk.guide(
        company=company,
        support=await back.support(asked.person.workspace),
        admin=asked.is_admin,
        reads=reads or talk.READS,
        writes=writes if reads else talk.WRITES,
        orders=tuple(orders),
    )


class _Books:
    """The books, asked for a few records; which ones, the day decides."""

    def __init__(self, ledger: Ledger, company: str, today: date) -> None:
        self._ledger, self._company, self.today = ledger, company, today

    async def rows(self, action: str, **arguments: Any) -> Sequence[Any]:
        """The first rows of a list."""
        ask = asks.ask(action, arguments)
        answer = await self._ledger.answer(self._company, ask, today=self.today)
        value = answer.value
        return value.rows[:_LOOKED_AT] if isinstance(value, Listing) else ()

    def one(self, known: Sequence[str], turn: int = 0) -> str | None:
        """One of some names, another one each day."""
        distinct = sorted({each for each in known if each})
        if not distinct:
            return None
        return distinct[(self.today.toordinal() + turn) % len(distinct)]


async def _said(books: _Books) -> AsyncIterator[str]:
    """What can be said of these books, the most useful first."""
    overdue = await books.rows("invoices.list", status="overdue")
    late = books.one([r.customer for r in overdue if isinstance(r, Invoice)])
    if late:
        yield f"overdue invoices for {late}"
    opened = await books.rows("invoices.list", status="open")
    due = [row for row in opened if isinstance(row, Invoice)]
    owing = books.one([row.customer for row in due], 1)
    if owing:
        yield f"how much does {owing} owe us"
    paid = await books.rows("payments.list", sort="newest")
    payer = books.one([r.customer for r in paid if isinstance(r, Payment)], 2)
    if payer:
        yield f"payments from {payer}"
    spent = await books.rows("expenses.list", sort="newest")
    vendor = books.one([r.payee or "" for r in spent if isinstance(r, Purchase)], 3)
    if vendor:
        yield f"how much did we spend at {vendor} this year"
    bills = await books.rows("bills.list", status="open")
    owed = books.one([r.vendor for r in bills if isinstance(r, Bill)], 4)
    if owed:
        yield f"how much do we owe {owed}"
    yield "profit and loss this year"
    if due:
        yield f"show invoice {books.one([row.doc_number for row in due], 5)}"
    unsent = await books.rows("invoices.list", status="unsent")
    number = books.one([r.doc_number for r in unsent if isinstance(r, Invoice)], 6)
    if number:
        yield f"send invoice {number}"
    items = await books.rows("items.list", type="Service")
    item = books.one([row.name for row in items], 7)
    if owing and item:
        yield f"invoice {owing} for 2 x {item}"
    if owing and due:
        first = next(row for row in due if row.customer == owing)
        yield f"{owing} paid invoice {first.doc_number} in full"
