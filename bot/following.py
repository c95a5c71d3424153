"""What became of posted records: looked at after the books were, for every company.

The mirror tells which records changed since the last time; those that proposals have
written become due, and what is due is looked at until it has been saved. So nothing
is said twice, and nothing is missed where we stop in between.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from approvals import living
from approvals.desk import Desk
from approvals.followed import Followed, History
from approvals.living import Later, Look
from approvals.proposal import Proposal, Status
from qbo.books import Receipt
from qbo.connection import Connection, State
from qbo.faults import BooksFault
from qbo.following import Following, Posted, Seen, became

log = logging.getLogger(__name__)

WATCH_DAYS = 400
# What was changed by our clock may be committed, and seen, a little later.
_OVERLAP = timedelta(minutes=5)
_AGAIN = timedelta(minutes=1)
_ROUND_MAX = 200


class Follower:
    """Looks at posted records that changed, and says what has become of them."""

    def __init__(
        self,
        desk: Desk,
        books: Following,
        connection: Connection,
        now: Callable[[], datetime],
        *,
        watch_days: int = WATCH_DAYS,
    ) -> None:
        self._desk = desk
        self._books = books
        self._connection = connection
        self._now = now
        self._watched = timedelta(days=watch_days)

    async def catch_up(self) -> int:
        """Look at all companies; how many things have happened.

        A company that cannot be read keeps no other waiting.
        """
        happened = 0
        for connected in await self._connection.all():
            if connected.state is not State.CONNECTED:
                continue
            try:
                happened += await self.look_at(connected.company.id)
            except BooksFault as fault:
                log.warning(
                    "what became of posted records was not read",
                    extra={"company": connected.company.id, "why": fault.sentence},
                )
        return happened

    async def look_at(self, company: str) -> int:
        """Look at what of a company has changed; how many things have happened.

        Raises:
            BooksFault: the books could not be read; the rest is looked at later.
        """
        await self._note(company)
        since = self._now() - self._watched
        happened = 0
        for entity, record_id in await self._desk.records.due(
            company, self._now(), since, _ROUND_MAX
        ):
            try:
                happened += await self._look(company, entity, record_id)
            except (BooksFault, SQLAlchemyError):
                raise
            except Exception:
                # One record that cannot be understood keeps no other waiting.
                log.exception("a posted record was not looked at")
                history = await self._desk.records.history(company, entity, record_id)
                await self._later(history.writes)
        return happened

    async def _note(self, company: str) -> None:
        """Let what has changed since the last time be due."""
        records = self._desk.records
        first = await records.oldest(company)
        if first is None:
            return  # nothing was ever posted there
        until = self._now()
        since = await records.noted_until(company) or first
        marks = await self._books.changed(company, since - _OVERLAP)
        changed = {(each.entity, each.record_id): each.digest for each in marks}
        await records.note(company, changed, until)

    async def _look(self, company: str, entity: str, record_id: str) -> int:
        # In this order: a write of ours that the record shows is in its history,
        # or still under way.
        seen = await self._books.seen(company, entity, record_id)
        history = await self._desk.records.history(company, entity, record_id)
        if history.busy:
            await self._later(history.writes)
            return 0
        happened = 0
        met: set[str] = set()
        for place, write in enumerate(history.writes):
            is_first = write.proposal_id not in met
            met.add(write.proposal_id)
            if not write.due:
                continue
            if not is_first:
                # What is seen of a record is said once on a card.
                await self._desk.records.looked(write, seen.digest)
                continue
            happened += await self._take(seen, history, place)
        return happened

    async def _take(self, seen: Seen, history: History, place: int) -> int:
        """Save what has become of one write's record, if anything has."""
        write = history.writes[place]
        later = history.writes[place + 1 :]
        proposal = history.proposals[write.proposal_id]
        receipt = _receipt(proposal, write)
        if proposal.status is not Status.APPLIED or not receipt.compared:
            await self._later((write,))
            return 0
        posted = _posted(history, write)
        look = Look(
            entity=seen.entity,
            record_id=seen.record_id,
            write=write,
            became=became(seen, posted, [_posted(history, each) for each in later]),
            later=[
                Later(history.proposals[each.proposal_id].number, each)
                for each in later
            ],
            at=self._now(),
        )
        happened, telling = living.happened(proposal, look)
        if happened and not await self._desk.lived(proposal, happened, telling):
            return 0  # it moved meanwhile: still due, and looked at again
        await self._desk.records.looked(write, seen.digest)
        return len(happened)

    async def _later(self, writes: Sequence[Followed]) -> None:
        due = [each for each in writes if each.due]
        await self._desk.records.postpone(due, self._now() + _AGAIN)


def _posted(history: History, write: Followed) -> Posted:
    proposal = history.proposals[write.proposal_id]
    return Posted(proposal.draft, _receipt(proposal, write), write.part)


def _receipt(proposal: Proposal, write: Followed) -> Receipt:
    return next(r for r in proposal.receipts if r.step == write.step)
