"""The rows of notices: where a proposal is shown, and how far that lags.

A row exists before its message is sent. `wanted` follows the proposal's version
in the transaction of each move; what shows less than that lags.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, UniqueConstraint, case, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals.proposal import Notice, Proposal, WantedNotice
from qbo.columns import UtcTime


class _NoticeRow(SQLModel, table=True):
    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("proposal_id", "place", "viewer_id", "copy_of", "inbox_id"),
        Index("ix_notice_lagging", "shown", "wanted"),
    )
    id: str = Field(primary_key=True)
    proposal_id: str = Field(foreign_key="proposal.id")
    place: str
    viewer_id: str = ""
    # The message id of a further copy at the same place; empty for the first.
    copy_of: str = ""
    # The event that asked for a message of its own; empty for the place's own.
    inbox_id: str = ""
    message: str | None = None
    shown: int = 0
    wanted: int
    busy_until: datetime | None = Field(default=None, sa_type=UtcTime)
    # How often in a row the platform did not take it.
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    gone_at: datetime | None = Field(default=None, sa_type=UtcTime)
    # How often somebody has set about to send its first message.
    claims: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    # The revision that a newer message at the same place shows; this one is locked.
    superseded_by: int | None = None
    created_at: datetime = Field(sa_type=UtcTime)


async def insert(
    session: AsyncSession,
    proposal_id: str,
    version: int,
    places: Iterable[WantedNotice],
    at: datetime,
    inbox_id: str = "",
) -> None:
    """Want a proposal shown at these places, within the caller's transaction."""
    for wanted in dict.fromkeys(places):
        session.add(
            _NoticeRow(
                id=uuid.uuid4().hex,
                proposal_id=proposal_id,
                place=wanted.place,
                viewer_id=wanted.viewer_id or "",
                inbox_id=inbox_id,
                wanted=version,
                created_at=at,
            )
        )
    await session.flush()


async def outdate(session: AsyncSession, ids: Collection[str], version: int) -> None:
    """Let all notices of proposals lag, within the caller's transaction.

    Locked ones do not: what they show changes no more.
    """
    await session.execute(
        update(_NoticeRow)
        .where(
            col(_NoticeRow.proposal_id).in_(ids),
            col(_NoticeRow.superseded_by).is_(None),
        )
        .values(wanted=version)
    )


async def supersede(
    session: AsyncSession,
    proposal: Proposal,
    places: Iterable[WantedNotice],
    at: datetime,
    inbox_id: str | None = None,
) -> None:
    """Want a new message for a new revision; older ones at the places are locked.

    Within the caller's transaction, so that no place is ever without a message
    that has buttons. A locked message lags until it shows that it is; one that
    nobody has set about to send is not sent any more.
    """
    places = tuple(dict.fromkeys(places))
    for wanted in places:
        older = (
            col(_NoticeRow.proposal_id) == proposal.id,
            col(_NoticeRow.place) == wanted.place,
            col(_NoticeRow.viewer_id) == (wanted.viewer_id or ""),
            col(_NoticeRow.superseded_by).is_(None),
        )
        await session.execute(
            update(_NoticeRow)
            .where(
                *older, col(_NoticeRow.message).is_(None), col(_NoticeRow.claims) == 0
            )
            .values(
                superseded_by=proposal.revision,
                wanted=proposal.version,
                shown=proposal.version,
            )
        )
        await session.execute(
            update(_NoticeRow)
            .where(*older)
            .values(superseded_by=proposal.revision, wanted=proposal.version)
        )
    event = inbox_id or f"revision {proposal.revision}"
    await insert(session, proposal.id, proposal.version, places, at, event)


async def want_in_view(
    session: AsyncSession,
    proposal_id: str,
    version: int,
    place: WantedNotice,
    at: datetime,
    event: str,
) -> None:
    """Want a message where none stands that still moves with the proposal.

    For the caller's transaction, with the proposal locked. `event` names what it
    is wanted for, where an older message has been there before.
    """
    there = await session.scalar(
        select(col(_NoticeRow.id))
        .where(
            col(_NoticeRow.proposal_id) == proposal_id,
            col(_NoticeRow.place) == place.place,
            col(_NoticeRow.superseded_by).is_(None),
            col(_NoticeRow.gone_at).is_(None),
        )
        .limit(1)
    )
    if there is None:
        await want(session, proposal_id, version, place, at, event)


async def want(
    session: AsyncSession,
    proposal_id: str,
    version: int,
    place: WantedNotice,
    at: datetime,
    inbox_id: str = "",
) -> Notice:
    """The notice at one place, made where it is missing; the proposal is locked.

    An event (`inbox_id`) gets one of its own, beside what stands there already.
    """
    row = await session.scalar(
        select(_NoticeRow).where(
            col(_NoticeRow.proposal_id) == proposal_id,
            col(_NoticeRow.place) == place.place,
            col(_NoticeRow.viewer_id) == (place.viewer_id or ""),
            col(_NoticeRow.copy_of) == "",
            col(_NoticeRow.inbox_id) == inbox_id,
        )
    )
    if row is None:
        await insert(session, proposal_id, version, (place,), at, inbox_id)
        return await want(session, proposal_id, version, place, at, inbox_id)
    return _notice(row)


async def adopt(
    session: AsyncSession,
    notice: Notice,
    version: int,
    copy: tuple[str, str],
    at: datetime,
) -> None:
    """A press came from this message: keep it in step from now on.

    `copy` is (message id, place). The message id of a first copy may have been
    lost between sending and recording; then this copy is the notice's. Another
    copy of a notice gets a row of its own, which lags at once. The proposal is
    locked by the caller.
    """
    message, place = copy
    row = await session.get(_NoticeRow, notice.id, populate_existing=True)
    assert row is not None, "adopted for a notice that is not there"
    if row.message is None:
        row.message = message
        if row.superseded_by is not None:
            row.shown = 0  # it was sent after all: now it has to be locked
    if row.message == message:
        _revive(row)
        return
    known = await session.scalar(
        select(_NoticeRow).where(
            col(_NoticeRow.proposal_id) == notice.proposal_id,
            col(_NoticeRow.message) == message,
            col(_NoticeRow.place).in_((place, notice.place)),
        )
    )
    if known is None:
        session.add(_copy(row, (message, place), version, at))
    else:
        _revive(known)


def _copy(
    row: _NoticeRow, copy: tuple[str, str], version: int, at: datetime
) -> _NoticeRow:
    """A further message of a notice: (message id, place)."""
    message, place = copy
    return _NoticeRow(
        id=uuid.uuid4().hex,
        proposal_id=row.proposal_id,
        place=place,
        viewer_id=row.viewer_id,
        copy_of=message,
        message=message,
        wanted=version,
        created_at=at,
        superseded_by=row.superseded_by,
    )


def _revive(row: _NoticeRow) -> None:
    """A press has come from it: its message is there, whatever was thought."""
    if row.gone_at is not None:
        row.gone_at, row.busy_until, row.tries = None, None, 0


async def give_up(session: AsyncSession, notice_id: str, at: datetime) -> bool:
    """Try no longer, within the caller's transaction; False: given up before."""
    result = await session.execute(
        update(_NoticeRow)
        .where(col(_NoticeRow.id) == notice_id, col(_NoticeRow.gone_at).is_(None))
        .values(gone_at=at, busy_until=None)
    )
    assert isinstance(result, CursorResult), "an update without a count"
    return bool(result.rowcount)


class Notices:
    """What `bot` needs to send and edit the messages."""

    def __init__(self, engine: AsyncEngine, reading: AsyncEngine) -> None:
        self._engine = engine
        self._reading = reading

    async def of(self, proposal_id: str) -> tuple[Notice, ...]:
        """All notices of one proposal, the oldest first."""
        async with AsyncSession(self._reading) as session:
            rows = await session.scalars(
                select(_NoticeRow)
                .where(col(_NoticeRow.proposal_id) == proposal_id)
                .order_by(col(_NoticeRow.created_at), col(_NoticeRow.id))
            )
            return tuple(_notice(row) for row in rows)

    async def one(self, notice_id: str) -> Notice | None:
        """One notice."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(_NoticeRow, notice_id)
            return _notice(row) if row else None

    async def lagging(self, at: datetime, limit: int) -> tuple[Notice, ...]:
        """Notices that show too old a version and that nobody is busy with.

        The newest first: a place that never takes a message must not keep the
        others waiting.
        """
        async with AsyncSession(self._reading) as session:
            rows = await session.scalars(
                select(_NoticeRow)
                .where(
                    col(_NoticeRow.shown) < col(_NoticeRow.wanted),
                    col(_NoticeRow.gone_at).is_(None),
                    or_(
                        col(_NoticeRow.busy_until).is_(None),
                        col(_NoticeRow.busy_until) <= at,
                    ),
                )
                .order_by(col(_NoticeRow.created_at).desc(), col(_NoticeRow.id))
                .limit(limit)
            )
            return tuple(_notice(row) for row in rows)

    async def lags(self, notice_id: str) -> bool:
        """Whether a notice shows too old a version."""
        async with AsyncSession(self._reading) as session:
            found = await session.scalar(
                select(col(_NoticeRow.id)).where(
                    col(_NoticeRow.id) == notice_id,
                    col(_NoticeRow.shown) < col(_NoticeRow.wanted),
                    col(_NoticeRow.gone_at).is_(None),
                )
            )
            return found is not None

    async def claim(self, notice_id: str, at: datetime, seconds: int) -> bool:
        """Claim a notice for one sender; False when another has it, or had it.

        One that no longer lags is not claimed: what was made from an older version
        meanwhile must not be shown after a newer one.
        """
        return await self._set(
            update(_NoticeRow)
            .where(
                col(_NoticeRow.id) == notice_id,
                col(_NoticeRow.shown) < col(_NoticeRow.wanted),
                col(_NoticeRow.gone_at).is_(None),
                or_(
                    col(_NoticeRow.busy_until).is_(None),
                    col(_NoticeRow.busy_until) <= at,
                ),
            )
            .values(
                busy_until=at + timedelta(seconds=seconds),
                claims=case(
                    (col(_NoticeRow.message).is_(None), col(_NoticeRow.claims) + 1),
                    else_=col(_NoticeRow.claims),
                ),
            )
        )

    async def rest(self, notice_id: str, until: datetime) -> None:
        """The platform did not take it: leave it alone for a while."""
        await self._set(
            update(_NoticeRow)
            .where(col(_NoticeRow.id) == notice_id)
            .values(busy_until=until, tries=col(_NoticeRow.tries) + 1)
        )

    async def rest_all(
        self, notice_ids: Sequence[str], at: datetime, until: datetime
    ) -> None:
        """Their place takes nothing just now: leave those alone that nobody sends.

        Nor those that a move has in hand: it waits for nobody who waits for it.
        """
        async with AsyncSession(self._engine) as session, session.begin():
            free = await session.scalars(
                select(col(_NoticeRow.id))
                .where(
                    col(_NoticeRow.id).in_(notice_ids),
                    or_(
                        col(_NoticeRow.busy_until).is_(None),
                        col(_NoticeRow.busy_until) <= at,
                    ),
                )
                .with_for_update(skip_locked=True)
            )
            await session.execute(
                update(_NoticeRow)
                .where(col(_NoticeRow.id).in_(free.all()))
                .values(busy_until=until)
            )

    async def sent(self, notice_id: str, message: str, version: int) -> None:
        """The first message stands, and shows that version.

        Where a press has told of another message of that notice meanwhile (it was
        sent before, and the record of that lost), this one is a further copy.
        """
        async with AsyncSession(self._engine) as session, session.begin():
            row = await session.get(_NoticeRow, notice_id, with_for_update=True)
            assert row is not None, "sent for a notice that is not there"
            row.busy_until, row.tries = None, 0
            if row.message in (None, message):
                row.message, row.shown = message, version
            else:
                copy = _copy(row, (message, row.place), row.wanted, row.created_at)
                copy.shown = version
                session.add(copy)

    async def shown(self, notice_id: str, version: int) -> None:
        """The message shows that version now; an older one is never noted."""
        await self._set(
            update(_NoticeRow)
            .where(col(_NoticeRow.id) == notice_id, col(_NoticeRow.shown) < version)
            .values(shown=version)
        )
        await self._set(
            update(_NoticeRow)
            .where(col(_NoticeRow.id) == notice_id)
            .values(busy_until=None, tries=0)
        )

    async def _set(self, statement: object) -> bool:
        async with AsyncSession(self._engine) as session, session.begin():
            result = await session.execute(statement)  # type: ignore[call-overload]
            assert isinstance(result, CursorResult), "an update without a count"
            return bool(result.rowcount)


def _notice(row: _NoticeRow) -> Notice:
    return Notice(
        id=row.id,
        proposal_id=row.proposal_id,
        place=row.place,
        message=row.message,
        shown_version=row.shown,
        viewer_id=row.viewer_id or None,
        superseded_by=row.superseded_by,
        tries=row.tries,
        gone=row.gone_at is not None,
        claims=row.claims,
        since=row.created_at,
    )


def by_proposal(notices: Sequence[Notice]) -> tuple[str, ...]:
    """The ids of the proposals that these notices show, each once."""
    return tuple(dict.fromkeys(n.proposal_id for n in notices))
