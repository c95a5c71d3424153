"""A company under way, written over HTTP and kept in the model as well.

A step is plain data (a name and three numbers that choose among what there is), so
that a walk can be shortened and repeated.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tests.simulator.client import Json, QuickBooks, fault
from tests.simulator.ledgermodel import Document, Model

CUSTOMERS: Final = ("Acme Corporation", "Bill Hartley", "Bright Star Dental")


@dataclass(frozen=True)
class Step:
    """One operation and what chooses its operands."""

    name: str
    first: int
    second: int
    cents: int

    @property
    def amount(self) -> Decimal:
        return Decimal(self.cents) / 100


@dataclass
class Walk:
    """A company under way: its books, the model, and the Ids of what is there."""

    books: QuickBooks
    model: Model
    accounts: dict[str, str]
    items: dict[str, str]
    customers: list[str]
    vendors: list[str]
    accepted: int = 0
    refused: int = 0

    async def post(
        self, entity: str, body: Json, *, refused: str = "", **params: str
    ) -> Json | None:
        """Write; it has to succeed, or with `refused` to fail with that code."""
        answer = await self.books.post(entity.lower(), body, **params)
        if refused:
            assert fault(answer)[0] == refused, answer.text
            self.refused += 1
            return None
        assert answer.status_code == 200, (entity, body, params, answer.text)
        self.accepted += 1
        record: Json = answer.json()[entity]
        return record

    async def current(self, document: Document) -> Json:
        """The Id and SyncToken as a client would send them."""
        record = await self.books.read(document.kind, document.id)
        return {"Id": document.id, "SyncToken": record["SyncToken"]}

    def account(self, name: str) -> str:
        return self.accounts[name]


async def started(books: QuickBooks) -> Walk:
    """A walk over an empty company."""
    accounts = {
        row["Name"]: row["Id"] for row in await books.query("select * from Account")
    }
    items = {row["Name"]: row["Id"] for row in await books.query("select * from Item")}
    customers = [await books.id("Customer", name) for name in CUSTOMERS]
    vendors = [row["Id"] for row in await books.query("select * from Vendor")][:3]
    return Walk(books, Model(), accounts, items, customers, vendors)


def pick(rows: list[Document], number: int) -> Document | None:
    return rows[number % len(rows)] if rows else None


def ref(number: str) -> Json:
    return {"value": number}


def date(number: int) -> str:
    return f"2026-{9 + number % 3:02d}-{1 + number % 19:02d}"


def link(kind: str, number: str, amount: Decimal) -> Json:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": number, "TxnType": kind}]}


async def enter(walk: Walk, kind: str, body: Json, document: Document) -> None:
    record = await walk.post(kind, body)
    assert record is not None
    document.kind, document.id = kind, record["Id"]
    walk.model.add(document)
