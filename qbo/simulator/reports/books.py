"""The entries that a report counts, on either basis, and what they belong to."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Final, NamedTuple

from qbo.simulator.books.company import Company, Record, label_key
from qbo.simulator.books.ledger import Entry, Posting
from qbo.simulator.exact import ZERO, Json
from qbo.simulator.reports import periods
from qbo.simulator.reports.frame import (
    DIMENSIONS,
    NOT_SPECIFIED,
    Amounts,
    Dimension,
    Request,
)
from qbo.simulator.reports.periods import Column, Span
from qbo.simulator.rules.cashbasis import cash_postings, daily

SpanOf = Callable[[Column], Span]
"""The days that count for a column."""


class Move(NamedTuple):
    """One entry of a posting."""

    posting: Posting
    entry: Entry


@dataclass(frozen=True)
class Cut:
    """The columns of a report, and whether one with their totals comes behind them.

    `dimension` is the list the columns are members of; None where they are periods.
    """

    columns: list[Column]
    dimension: Dimension | None
    has_total: bool


@dataclass(frozen=True)
class Books:
    """A company's books on one basis, restricted to what a report asks for."""

    company: Company
    basis: str
    filters: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, request: Request, basis: str = "") -> "Books":
        """The books a request wants to see."""
        return cls(request.company, basis or request.basis, request.filters)

    def moves(self, span: Span, accounts: Container[str]) -> Iterator[Move]:
        """The entries of some accounts within some days."""
        tests = [(OWNERS[name], wanted) for name, wanted in self.filters.items()]
        company = self.company
        for posting in self._postings():
            if not span.start <= posting.day <= span.end:
                continue
            for entry in posting.entries:
                if entry.account in accounts:
                    move = Move(posting, entry)
                    if all(owner(company, move) in wanted for owner, wanted in tests):
                        yield move

    def sums(
        self, cut: Cut, accounts: Container[str], span_of: SpanOf
    ) -> dict[str, Amounts]:
        """What some accounts moved in each column, debit positive."""
        if cut.dimension:
            return self._shares(cut, accounts, span_of)
        spans = [span_of(column) for column in cut.columns]
        found = {}
        for account, days in self._days(accounts, spans).items():
            ordered = sorted(days)
            running = [ZERO, *accumulate(days[day] for day in ordered)]
            found[account] = [
                running[bisect_right(ordered, end)]
                - running[bisect_left(ordered, start)]
                for start, end in spans
            ]
        return found

    def cut(
        self,
        request: Request,
        span: Span,
        accounts: Container[str],
        since: date | None = None,
    ) -> Cut:
        """The columns a request wants.

        Where they are members of a list, it is those that entries of some accounts
        belong to, and a last one for entries that belong to none; `since` is from when
        on entries count, where that is before the span.
        """
        by = request.by
        if periods.is_period(by):
            found = periods.columns(span, by, self.company.fiscal_month)
            return Cut(found, None, by.lower() != "total")
        dimension = DIMENSIONS[by.lower()]
        owner = OWNERS[dimension.wish]
        days = Span(since or span.start, span.end)
        seen = {owner(self.company, move) for move in self.moves(days, accounts)}
        members = [self.company.record(dimension.entity, one) for one in seen if one]
        members.sort(key=label_key)
        columns = [Column(_full_name(one), span, one.id) for one in members]
        if "" in seen or not columns:
            columns.append(Column(NOT_SPECIFIED, span, ""))
        return Cut(columns, dimension, has_total=True)

    def _postings(self) -> Iterable[Posting]:
        if self.basis == "Cash":
            return cash_postings(self.company)
        return self.company.ledger.postings.values()

    def _days(
        self, accounts: Container[str], spans: list[Span]
    ) -> dict[str, Mapping[date, Decimal]]:
        """What some accounts moved by each day; the ledger's own sums if possible."""
        if not self.filters:
            sums = daily(self.company, self.basis)
            return {one: days for one, days in sums.items() if one in accounts}
        whole = Span(min(one.start for one in spans), max(one.end for one in spans))
        found: dict[str, dict[date, Decimal]] = {}
        for move in self.moves(whole, accounts):
            days = found.setdefault(move.entry.account, {})
            day = move.posting.day
            days[day] = days.get(day, ZERO) + move.entry.amount
        return dict(found)

    def _shares(
        self, cut: Cut, accounts: Container[str], span_of: SpanOf
    ) -> dict[str, Amounts]:
        assert cut.dimension, "columns of no list"
        owner = OWNERS[cut.dimension.wish]
        places = {column.member: place for place, column in enumerate(cut.columns)}
        found: dict[str, Amounts] = {}
        for move in self.moves(span_of(cut.columns[0]), accounts):
            place = places[owner(self.company, move)]
            amounts = found.setdefault(move.entry.account, [ZERO] * len(places))
            amounts[place] += move.entry.amount
        return found


def record_of(company: Company, posting: Posting) -> Record | None:
    """The record behind a posting.

    On cash basis a payment brings shares of documents, under the payment's id and
    the document's; what such a share is about is the document.
    """
    payer, _, document = posting.key.partition(":")
    return company.transactions.get(document or payer)


def line_of(record: Record | None, entry: Entry) -> tuple[Json, Json]:
    """The line an entry comes from and its detail; both empty where there is none."""
    if record and entry.line:
        for line in _lines(record.body):
            if line.get("Id") == entry.line:
                return line, line.get(str(line.get("DetailType")), {})
    return {}, {}


def _lines(body: Json) -> Iterator[Json]:
    """All lines, those of bundles too."""
    for line in body.get("Line") or ():
        yield line
        yield from _lines(line.get("GroupLineDetail") or {})


def _party(kind: str) -> Callable[[Company, Move], str]:
    """Who of one kind an entry belongs to: its own party, or else the record's."""

    def owner(company: Company, move: Move) -> str:
        table = company.tables[kind]
        if move.entry.party in table:
            return move.entry.party
        return move.posting.party if move.posting.party in table else ""

    return owner


def _department(company: Company, move: Move) -> str:
    if move.posting.kind != "JournalEntry":
        return move.posting.department
    _, detail = line_of(record_of(company, move.posting), move.entry)
    return str((detail.get("DepartmentRef") or {}).get("value", ""))


OWNERS: Final[Mapping[str, Callable[[Company, Move], str]]] = {
    "customer": _party("Customer"),
    "vendor": _party("Vendor"),
    "employee": _party("Employee"),
    "class": lambda _company, move: move.entry.tracking,
    "department": _department,
    "item": lambda _company, move: move.entry.item,
    "account": lambda _company, move: move.entry.account,
}
"""Whose an entry is, by the parameter that picks it; empty for nobody's."""


def _full_name(record: Record) -> str:
    body = record.body
    return str(body.get("FullyQualifiedName") or body[record.entity.name_field])
