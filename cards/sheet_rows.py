"""The columns of lists in files: what each kind of record has, and how it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from cards.plain import line
from qbo.books import (
    Account,
    Bill,
    CreditMemo,
    Customer,
    Invoice,
    Item,
    Money,
    Owing,
    Payment,
    Purchase,
    Vendor,
)

Cell: TypeAlias = str | Decimal | date | None


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    DAY = "day"
    MONEY = "money"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; of money the totals are worked out, of nothing else."""

    title: str
    kind: Kind = Kind.TEXT


_Row: TypeAlias = tuple[tuple[Column, Callable[[Any, date], Cell]], ...]


def _text(name: str, read: Callable[[Any], object]) -> Any:
    return Column(name), lambda row, _: line(str(read(row) or ""))


def _day(name: str, read: Callable[[Any], date | None]) -> Any:
    return Column(name, Kind.DAY), lambda row, _: read(row)


def _money(name: str, read: Callable[[Any], Money | None]) -> Any:
    def amount(row: Any, _: date) -> Cell:
        found = read(row)
        return None if found is None else found.amount

    return Column(name, Kind.MONEY), amount


def _number(name: str, read: Callable[[Any, date], Decimal | int | None]) -> Any:
    def number(row: Any, today: date) -> Cell:
        found = read(row, today)
        return None if found is None else Decimal(found)

    return Column(name, Kind.NUMBER), number


def _yes(name: str, read: Callable[[Any], bool]) -> Any:
    return Column(name), lambda row, _: "yes" if read(row) else "no"


_DOCUMENT: _Row = (
    _day("Due", lambda row: row.due_date),
    (Column("Status"), lambda row, today: row.status(today)),
    _number(
        "Days overdue",
        lambda row, today: (
            max((today - row.due_date).days, 0) if row.balance.amount else 0
        ),
    ),
    _money("Total", lambda row: row.total),
    _money("Open", lambda row: row.balance),
)
_PARTY: _Row = (
    _text("E-mail", lambda row: row.email),
    _text("Phone", lambda row: row.phone),
    _text("Terms", lambda row: row.terms),
    _yes("Active", lambda row: row.active),
    _money("Balance", lambda row: row.balance),
)
ROWS: Mapping[type, _Row] = {
    Invoice: (
        _text("Invoice", lambda row: row.doc_number),
        _text("Customer", lambda row: row.customer),
        _day("Invoice date", lambda row: row.txn_date),
        *_DOCUMENT,
        _yes("E-mailed", lambda row: row.sent),
    ),
    Bill: (
        _text("Bill", lambda row: row.doc_number),
        _text("Vendor", lambda row: row.vendor),
        _day("Bill date", lambda row: row.txn_date),
        *_DOCUMENT,
    ),
    Payment: (
        _day("Date", lambda row: row.txn_date),
        _text("Customer", lambda row: row.customer),
        _text("Method", lambda row: row.method),
        _text("Reference", lambda row: row.reference),
        _text(
            "For invoices",
            lambda row: ", ".join(each.invoice or "" for each in row.applied),
        ),
        _money("Amount", lambda row: row.total),
        _money("Not applied", lambda row: row.unapplied),
    ),
    CreditMemo: (
        _text("Credit memo", lambda row: row.doc_number),
        _text("Customer", lambda row: row.customer),
        _day("Date", lambda row: row.txn_date),
        _money("Total", lambda row: row.total),
        _money("Remaining", lambda row: row.remaining),
    ),
    Purchase: (
        _day("Date", lambda row: row.txn_date),
        _text("Paid to", lambda row: row.payee),
        _text("Number", lambda row: row.doc_number),
        _text(
            "Accounts",
            lambda row: ", ".join(
                dict.fromkeys(each.account for each in row.lines if each.account)
            ),
        ),
        _text("Paid from", lambda row: row.paid_from),
        _money("Amount", lambda row: row.total),
    ),
    Customer: (_text("Customer", lambda row: row.name), *_PARTY),
    Vendor: (_text("Vendor", lambda row: row.name), *_PARTY),
    Item: (
        _text("Item", lambda row: row.name),
        _text("Type", lambda row: row.type),
        _text("SKU", lambda row: row.sku),
        _text("Income account", lambda row: row.income_account),
        _yes("Active", lambda row: row.active),
        _number("In stock", lambda row, _: row.quantity_on_hand),
        (
            # A price is not added up.
            Column("Price", Kind.NUMBER),
            lambda row, _: row.price.amount if row.price else None,
        ),
    ),
    Account: (
        _text("Number", lambda row: row.number),
        _text("Account", lambda row: row.name),
        _text("Type", lambda row: row.type),
        _text("Classification", lambda row: row.classification),
        _money("Balance", lambda row: row.balance),
    ),
    Owing: (
        _text("Name", lambda row: row.party),
        _number("Open documents", lambda row, _: row.documents),
        _number("Days overdue", lambda row, _: row.days_overdue),
        _money("Overdue", lambda row: row.overdue),
        _money("Balance", lambda row: row.balance),
    ),
}
# Balances of accounts of all kinds add up to nothing that means anything.
NO_TOTALS = (Account, Item)
