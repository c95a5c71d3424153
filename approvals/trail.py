"""The trail: everything that happened, each line chained to the one before.

One chain for each company (and one for each workspace's own affairs). A line's
digest is an HMAC over the digest before and the line, under a key that is not in
the database; the head row is sealed under the same key, so that neither an
edited, nor a removed, nor a cut line goes unseen. Whoever can restore an old
database whole can restore an old head: its number is therefore shown elsewhere.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Index, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals import guards
from approvals.proposal import TrailLine, Verified
from qbo.columns import UtcTime

Facts = Mapping[str, str | int | None]

_PAGE = 1000
# What a line is chained to when the head before it was not as it was written: no
# digest can be this, so the chain stays visibly broken at that line.
_BROKEN = "broken"


class _HeadRow(SQLModel, table=True):
    __tablename__ = "trail_head"
    chain: str = Field(primary_key=True)
    seq: int
    digest: str
    seal: str


class _LineRow(SQLModel, table=True):
    __tablename__ = "trail"
    __table_args__ = (Index("ix_trail_proposal_id", "proposal_id"),)
    chain: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcTime)
    proposal_id: str
    number: str
    event: str
    who_id: str
    who: str
    platform: str
    facts: str
    digest: str


guards.guard_when_made(
    SQLModel.metadata.tables["trail"], SQLModel.metadata.tables["trail_head"]
)


class Trail:
    """Appends lines within somebody else's transaction, and verifies chains."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"countersign trail", "sha256")

    async def append(
        self,
        session: AsyncSession,
        chain: str,
        *,
        at: datetime,
        event: str,
        who: tuple[str, str, str],
        proposal: tuple[str, str] = ("", ""),
        facts: Facts | None = None,
    ) -> TrailLine:
        """Add a line to a chain, with the head locked until the transaction ends.

        `who` is (our id of the person, name, platform); `proposal` is (id, number).
        """
        (line,) = await self.append_all(
            session, chain, at=at, event=event, who=who, each=[(proposal, facts or {})]
        )
        return line

    async def append_all(
        self,
        session: AsyncSession,
        chain: str,
        *,
        at: datetime,
        event: str,
        who: tuple[str, str, str],
        each: Sequence[tuple[tuple[str, str], Facts]],
    ) -> tuple[TrailLine, ...]:
        """Add a line for each of several proposals that the same happens to."""
        head = await self._head(session, chain)
        sound = hmac.compare_digest(head.seal, self._seal(head))
        before = head.digest if sound else _BROKEN
        added = []
        for seq, (proposal, facts) in enumerate(each, start=head.seq + 1):
            row = _LineRow(
                chain=chain,
                seq=seq,
                at=at,
                proposal_id=proposal[0],
                number=proposal[1],
                event=event,
                who_id=who[0],
                who=who[1],
                platform=who[2],
                facts=json.dumps(
                    {k: v for k, v in facts.items() if v is not None},
                    ensure_ascii=False,
                ),
                digest="",
            )
            row.digest = before = self._digest(before, row)
            session.add(row)
            added.append(row)
            head.seq, head.digest = row.seq, row.digest
        head.seal = self._seal(head)
        await session.flush()
        return tuple(map(_line, added))

    async def _head(self, session: AsyncSession, chain: str) -> _HeadRow:
        """The head row, made where it is missing, locked."""
        empty = _HeadRow(chain=chain, seq=0, digest="", seal="")
        values = {"chain": chain, "seq": 0, "digest": "", "seal": self._seal(empty)}
        dialect = session.get_bind().dialect.name
        if dialect == "postgresql":
            await session.execute(
                postgresql.insert(_HeadRow).values(values).on_conflict_do_nothing()
            )
        else:
            await session.execute(
                sqlite.insert(_HeadRow).values(values).on_conflict_do_nothing()
            )
        head = await session.scalar(
            select(_HeadRow).where(col(_HeadRow.chain) == chain).with_for_update()
        )
        assert head is not None, "a trail without its head"
        return head

    async def lines(
        self, session: AsyncSession, chain: str, proposal_id: str
    ) -> tuple[TrailLine, ...]:
        """Everything that happened to one proposal, the oldest first.

        Lines of other chains, or before the first, are none of ours.
        """
        return tuple(map(_line, await self._rows(session, chain, proposal_id)))

    async def vouched(
        self, session: AsyncSession, chain: str, proposal_id: str
    ) -> tuple[TrailLine, ...]:
        """The lines of one proposal that we wrote, as they were written."""
        rows = await self._rows(session, chain, proposal_id)
        found = await session.execute(
            select(col(_LineRow.seq), col(_LineRow.digest)).where(
                col(_LineRow.chain) == chain,
                col(_LineRow.seq).in_([row.seq - 1 for row in rows]),
            )
        )
        before = {each.seq: each.digest for each in found}
        return tuple(
            _line(row)
            for row in rows
            if self._is_ours(before.get(row.seq - 1, ""), row)
        )

    async def _rows(
        self, session: AsyncSession, chain: str, proposal_id: str
    ) -> Sequence[_LineRow]:
        ours = (
            col(_LineRow.chain) == chain,
            col(_LineRow.seq) > 0,
            col(_LineRow.proposal_id) == proposal_id,
        )
        in_order = col(_LineRow.seq)
        try:
            found = await session.scalars(
                select(_LineRow).where(*ours).order_by(in_order)
            )
            return found.all()
        except (ValueError, TypeError):
            # One that cannot be read is left out here; `verify` names it.
            numbers = await session.scalars(
                select(in_order).where(*ours).order_by(in_order)
            )
            read = [await self._readable(session, chain, n) for n in numbers.all()]
            return [row for row in read if row is not None]

    async def _readable(
        self, session: AsyncSession, chain: str, seq: int
    ) -> _LineRow | None:
        """One line as it stands; None where it cannot be read."""
        try:
            return await session.get(_LineRow, (chain, seq), populate_existing=True)
        except (ValueError, TypeError):
            return None

    async def chains(self, session: AsyncSession) -> tuple[str, ...]:
        """The names of all chains that there are lines or heads of."""
        lines = select(col(_LineRow.chain)).distinct()
        heads = select(col(_HeadRow.chain))
        found = await session.scalars(lines.union(heads))
        return tuple(sorted(found))

    async def page(
        self, session: AsyncSession, chain: str, after: int, until: int
    ) -> tuple[TrailLine, ...]:
        """The next lines of a chain after one number, whole, up to another.

        Each knows the digest of the line before it, as that stands.
        """
        previous = await session.get(_LineRow, (chain, after))
        before, found = previous.digest if previous else "", []
        for row in await _page(session, chain, after):
            if row.seq > until:
                break
            found.append(replace(_line(row), before=before))
            before = row.digest
        return tuple(found)

    async def end(self, session: AsyncSession, chain: str) -> int:
        """The number of the last line of a chain; 0 where there is none."""
        found = await session.scalar(
            select(func.max(col(_LineRow.seq))).where(col(_LineRow.chain) == chain)
        )
        return found or 0

    async def verify(
        self, session: AsyncSession, chain: str, least: int = 0
    ) -> Verified:
        """Compute a whole chain anew and compare; says where it breaks first.

        `least` is how many lines there are at least, by what else is known: a
        chain that was emptied, head and all, looks like one not yet begun.
        """
        last: _LineRow | None = None
        seq, digest = 0, ""
        if await session.scalar(
            select(func.count())
            .select_from(_LineRow)
            .where(col(_LineRow.chain) == chain, col(_LineRow.seq) < 1)
        ):
            return _broken(chain, None, "stands behind lines that are not ours")
        while True:
            try:
                rows = await _page(session, chain, seq)
            except (ValueError, TypeError):
                # A moment that is none, bytes that are no text: nobody wrote that here.
                return await self._unreadable(session, chain, last)
            for row in rows:
                if row.seq != seq + 1:
                    return _broken(chain, last, "is missing")
                if not self._is_ours(digest, row):
                    return _broken(chain, last, _OTHERWISE, row)
                seq, digest, last = row.seq, row.digest, row
            if len(rows) < _PAGE:
                break
        at, sentence = self._ending(
            await session.get(_HeadRow, chain, populate_existing=True),
            seq,
            digest,
            least,
        )
        return Verified(chain, seq, at, sentence, last=_line(last) if last else None)

    def _is_ours(self, digest: str, row: _LineRow) -> bool:
        """Whether a line is as we wrote it behind one with that digest."""
        try:
            return hmac.compare_digest(row.digest, self._digest(digest, row))
        except (TypeError, AttributeError):
            return False  # text that is no text: SQLite keeps whatever it is given

    async def _unreadable(
        self, session: AsyncSession, chain: str, last: _LineRow | None
    ) -> Verified:
        """The first line of a page that cannot be read: found one by one."""
        seq, digest = (last.seq, last.digest) if last else (0, "")
        while True:
            row = await self._readable(session, chain, seq + 1)
            if row is None:
                # There, and not to be read; or gone, which comes to the same here.
                return _broken(chain, last, _OTHERWISE)
            if not self._is_ours(digest, row):
                return _broken(chain, last, _OTHERWISE, row)
            seq, digest, last = row.seq, row.digest, row

    def _ending(
        self, head: _HeadRow | None, seq: int, digest: str, least: int
    ) -> tuple[int | None, str]:
        """Whether the chain ends where its sealed head says."""
        if head is None and seq == 0 < least:
            return 1, "Line 1 is missing: the whole trail was removed."
        if head is None and seq == 0:
            return None, "Nothing has happened yet."
        if head is None or (head.seq, head.digest) != (seq, digest):
            return seq + 1, f"Line {seq + 1} is missing: the end was cut off."
        if not hmac.compare_digest(head.seal, self._seal(head)):
            return seq + 1, f"Line {seq + 1} is missing: the seal is not ours."
        if seq < least:
            return (
                seq + 1,
                f"Line {seq + 1} is missing: more has happened than was written.",
            )
        return None, f"All {seq} lines are as they were written."

    def _digest(self, before: str, row: _LineRow) -> str:
        told = json.dumps(
            [
                before,
                row.chain,
                row.seq,
                row.at.isoformat(),
                row.proposal_id,
                row.number,
                row.event,
                row.who_id,
                row.who,
                row.platform,
                row.facts,
            ]
        )
        return hmac.new(self._key, told.encode(), hashlib.sha256).hexdigest()

    def _seal(self, head: _HeadRow) -> str:
        told = json.dumps(["head", head.chain, head.seq, head.digest])
        return hmac.new(self._key, told.encode(), hashlib.sha256).hexdigest()


async def _page(session: AsyncSession, chain: str, after: int) -> list[_LineRow]:
    rows = await session.scalars(
        select(_LineRow)
        .where(col(_LineRow.chain) == chain, col(_LineRow.seq) > after)
        .order_by(col(_LineRow.seq))
        .limit(_PAGE)
        .execution_options(populate_existing=True)
    )
    return list(rows)


_OTHERWISE = "is not as it was written"


def _broken(
    chain: str, last: _LineRow | None, what: str, row: _LineRow | None = None
) -> Verified:
    """What is wrong with the line after `last`; `row` where it can be read."""
    seq = last.seq if last else 0
    return Verified(
        chain,
        seq,
        seq + 1,
        f"Line {seq + 1} {what}.",
        broken=_line(row) if row else None,
        last=_line(last) if last else None,
    )


def _line(row: _LineRow) -> TrailLine:
    return TrailLine(
        seq=row.seq,
        at=row.at,
        proposal=row.number,
        event=row.event,
        who=row.who,
        platform=row.platform,
        facts=row.facts,
        digest=row.digest,
        chain=row.chain,
        proposal_id=row.proposal_id,
        who_id=row.who_id,
    )
