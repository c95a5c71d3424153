"""Who owes us, and whom we owe: one row a party."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, func, select

from qbo import asks, filters
from qbo.books import Listing, Money, Owing
from qbo.mirror import RECORDS, amount
from qbo.selection import C, Selection, counted, rows_limit


class Owings(Selection):
    """Open balances by customer or vendor, in QuickBooks' own figures."""

    async def receivables(
        self, ask: asks.ReceivablesList
    ) -> tuple[Listing[Owing], list[str]]:
        """Who owes us, largest first."""
        days = ask.min_days_overdue
        late_only = ask.overdue or days is not None
        found, working = await self._owing(
            ("Customer", "Invoice"), ask.customer, late_only, days, ask.limit
        )
        if ask.customer is None and not late_only:
            working += await self._compared_with_control(found)
        late = f"at least {counted(days, 'day')} overdue" if days is not None else None
        if late is None and late_only:
            late = "overdue"
        return found, [
            *working,
            *filters.spoken(filters.named("customer", ask.customer), late),
        ]

    async def payables(
        self, ask: asks.PayablesList
    ) -> tuple[Listing[Owing], list[str]]:
        """Whom we owe, largest first."""
        found, working = await self._owing(
            ("Vendor", "Bill"), ask.vendor, ask.overdue, None, ask.limit
        )
        return found, [
            *working,
            *filters.spoken(
                filters.named("vendor", ask.vendor), "overdue" if ask.overdue else None
            ),
        ]

    async def _owing(
        self,
        sides: tuple[str, str],
        name: str | None,
        late_only: bool,  # noqa: FBT001
        days: int | None,
        limit: int | None,
    ) -> tuple[Listing[Owing], list[str]]:
        party, document = sides
        last_due = self._today - timedelta(days=days if days is not None else 1)
        late = C.due_date <= last_due
        open_ = (
            select(
                C.party_id.label("party_id"),
                func.count().label("documents"),
                func.sum(C.balance).label("open"),
                func.sum(case((late, C.balance), else_=0)).label("overdue"),
                func.min(case((late, C.due_date))).label("first_due"),
            )
            .where(*self._of(document), C.balance > 0)
            .group_by(C.party_id)
            .subquery("open_documents")
        )
        where = [*self._of(party)]
        working: list[str] = []
        if name is not None:
            ids, working = await self._family(party, name)
            where.append(C.id.in_(ids))
        overdue = func.coalesce(open_.c.overdue, 0)
        where.append(overdue > 0 if late_only else C.balance != 0)
        joined = RECORDS.outerjoin(open_, open_.c.party_id == C.id)
        summed = overdue if late_only else C.balance
        totals = await self._mirror.rows(
            select(
                C.currency,
                func.count(),
                func.sum(summed),
                func.sum(C.balance),
                func.sum(overdue),
                func.sum(case((C.balance < 0, -C.balance), else_=0)),
                func.sum(case((C.balance < 0, 1), else_=0)),
            )
            .select_from(joined)
            .where(*where)
            .group_by(C.currency)
        )
        rows = await self._mirror.rows(
            select(
                C.name,
                C.currency,
                C.balance,
                overdue.label("overdue"),
                func.coalesce(open_.c.documents, 0).label("documents"),
                open_.c.first_due,
                func.coalesce(open_.c.open, 0).label("open"),
            )
            .select_from(joined)
            .where(*where)
            .order_by(summed.desc(), C.name_key)
            .limit(rows_limit(limit))
        )
        count = sum(row[1] for row in totals)
        kind = "receivables" if party == "Customer" else "payables"
        listing = Listing(
            f"overdue {kind}" if late_only else kind,
            tuple(self._one_owing(row) for row in rows),
            count,
            len(rows) == count,
            self._one_currency(totals),
            open=self._summed(totals, 3),
            overdue=self._summed(totals, 4),
            credits=None if late_only else self._summed(totals, 5),
            credit_count=0 if late_only else sum(int(row[6] or 0) for row in totals),
            party=name,
            sums=self._several(totals),
            open_sums=self._several([(row[0], row[1], row[3]) for row in totals]),
        )
        return listing, [
            *self._owing_working(sides, listing, days, late_only),
            *working,
        ]

    def _summed(self, totals: Sequence[Any], place: int) -> Money | None:
        return self._one_currency([(row[0], row[1], row[place]) for row in totals])

    def _one_owing(self, row: Any) -> Owing:
        currency = row.currency or self._home
        late = (self._today - _as_date(row.first_due)).days if row.first_due else 0
        covered = int(row.open) - int(row.balance)
        return Owing(
            party=row.name,
            balance=Money(amount(row.balance), currency),
            overdue=Money(amount(row.overdue), currency),
            documents=row.documents,
            days_overdue=late,
            credit=Money(amount(covered), currency) if covered > 0 else None,
        )

    def _owing_working(
        self,
        sides: tuple[str, str],
        found: Listing[Owing],
        days: int | None,
        late_only: bool,  # noqa: FBT001
    ) -> list[str]:
        party, document = sides[0].lower(), sides[1].lower()
        parties = counted(found.count, party)
        if days is not None:
            least = counted(days, "day")
            late = f"{document}s at least {least} overdue"
            return [f"{parties} with {late}; the sum is of those."]
        if late_only:
            return [f"{parties}; the sum is of what is overdue."]
        whose = "owed to us by" if party == "customer" else "owed by us to"
        if found.credits and found.credits.amount and found.total:
            owed = found.total + found.credits
            owing = counted(found.count - found.credit_count, party)
            others = counted(found.credit_count, "other")
            return [
                (
                    f"{owed} {whose} {owing}, less {found.credits} of credits of"
                    f" {others}: {found.total}."
                ),
            ]
        return [f"Sum of what is {whose} {parties}, less credits not used yet."]

    async def _compared_with_control(self, found: Listing[Owing]) -> list[str]:
        """Say so where the A/R account shows another sum than the customers do."""
        rows = await self._mirror.rows(
            select(func.sum(C.balance)).where(
                *self._of("Account"), C.kind == "Accounts Receivable"
            )
        )
        if found.total is None or rows[0][0] is None:
            return []
        control = Money(amount(rows[0][0]), self._home)
        if found.total == control:
            return ["It equals the balance of accounts receivable."]
        return [f"The account for receivables itself shows {control}."]


def _as_date(value: date | str) -> date:
    # SQLite loses the type of an aggregated date.
    return value if isinstance(value, date) else date.fromisoformat(value)
