"""How the mirror is filled and kept current.

    no rows yet, or none for four weeks   everything is read, in pages of 1,000
    rows older than asked for             change-data-capture since the last time
    more changes than one answer holds    that entity is read anew

One freshening at a time per company: within a process others wait for it, between
processes a lease decides and the others use what it brought.
"""

import asyncio
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from qbo.client import Client
from qbo.faults import UNSUPPORTED, NotTaken, Refused, Throttled, Unreachable
from qbo.mirror import RECORDS, Mirror, State, is_older, moment, was_written
from qbo.wire import records, statements
from qbo.wire.exact import Json

LISTS: Final = ("Customer", "Vendor", "Item", "Account", "Term", "PaymentMethod")
OPTIONAL: Final = ("SalesReceipt", "RefundReceipt", "VendorCredit")
"""Documents that some subscriptions do not have."""
DOCUMENTS: Final = (
    *("Invoice", "Payment", "CreditMemo", "Bill", "Purchase"),
    *("BillPayment", "JournalEntry"),
    *OPTIONAL,
)
FACTS: Final = ("TaxCode", "TaxRate", "CompanyInfo", "Preferences")
"""What change-data-capture does not tell of, or hardly ever changes."""
WATCHED: Final = ("Transfer", "Deposit")
"""Not kept, but they move balances that customers, vendors and accounts show."""
_EVERYTHING: Final = (*LISTS, *DOCUMENTS, *WATCHED)
_ALWAYS: Final = tuple(
    each for each in _EVERYTHING if each not in (*OPTIONAL, "Deposit")
)
# A subscription without some of these refuses the whole question with this code.

ANY_AGE: Final = -1
"""As `max_age_seconds`: freshen the rows, however young they are."""

_SINGLE: Final = frozenset({"CompanyInfo", "Preferences"})
# QuickBooks looks back 30 days; a day is left for clocks and time zones.
_LOOK_BACK = timedelta(days=29)
# Records become visible to change-data-capture a little after their time stamp.
_OVERLAP = timedelta(minutes=5)
_FACTS_AGE = timedelta(hours=1)
_CDC_ROWS_MAX = 1000
_LEASE_SECONDS = 120.0
_POLL_SECONDS = 0.1
_WAIT_SECONDS = 30.0
_IDS_MAX = 200
_VENDORS: Final = ("Bill", "Purchase", "VendorCredit", "BillPayment")
_READERS = 4


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """How the local copy of a company stands; `rows` counts its records."""

    loaded_at: datetime | None
    fresh_at: datetime | None
    rows: int


@dataclass(frozen=True, slots=True)
class Freshness:
    """As of when the rows are current, and why that is not now, where it is not."""

    as_of: datetime
    trouble: str | None = None


class Sync:
    """Keeps the mirror of each company current."""

    def __init__(
        self,
        client: Client,
        mirror: Mirror,
        now: Callable[[], datetime],
        *,
        page_rows: int = statements.PAGE_ROWS,
    ) -> None:
        self._client = client
        self._mirror = mirror
        self._now = now
        self._page_rows = page_rows
        self._owner = uuid.uuid4().hex
        self._followed: dict[str, Sequence[str]] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    async def status(self, company: str) -> SyncStatus:
        """How the local copy stands."""
        state = await self._mirror.state(company)
        rows = await self._mirror.count(company)
        return SyncStatus(state.loaded_at, state.fresh_at, rows)

    async def load(self, company: str) -> None:
        """Read everything anew.

        Raises:
            BooksFault: QuickBooks could not be read; what is there stays.
        """
        await self._once(company, self._loaded)

    async def freshen(self, company: str, max_age_seconds: float = 30) -> Freshness:
        """Make the rows at most that old; load them where there are none.

        If QuickBooks cannot be read just now and there are rows, they stay as they
        are and `trouble` says so.

        Raises:
            BooksFault: there are no rows and QuickBooks cannot be read, or the
                connection has ended.
        """
        state = await self._mirror.state(company)
        if not is_older(state, self._now(), max_age_seconds):
            assert state.fresh_at is not None, "rows without an age"
            return Freshness(state.fresh_at)
        try:
            await self._once(company, self._freshened)
        except NotTaken as no:
            if state.fresh_at is None or not is_passing(no):
                raise
            return Freshness(
                state.fresh_at,
                "QuickBooks could not be reached just now, so this is from the copy"
                " I keep.",
            )
        state = await self._mirror.state(company)
        return Freshness(state.fresh_at or self._now())

    async def reread(self, company: str, entity: str) -> None:
        """Read one kind of records anew, now: what change-data-capture is silent about.

        Raises:
            BooksFault: QuickBooks could not be read; what is there stays.
        """
        await self._reload(company, entity)

    async def _once(self, company: str, work: Callable[[str], Any]) -> None:
        running = self._running.get(company)
        if running is None:
            running = asyncio.create_task(self._leased(company, work))
            self._running[company] = running
            running.add_done_callback(lambda task: self._ended(company, task))
        # Whoever stops waiting must not stop the work for the others.
        await asyncio.shield(running)

    def _ended(self, company: str, task: asyncio.Task[None]) -> None:
        del self._running[company]
        if not task.cancelled():
            task.exception()

    async def _leased(self, company: str, work: Callable[[str], Any]) -> None:
        begun = await self._mirror.state(company)
        loop = asyncio.get_running_loop()
        end = loop.time() + _WAIT_SECONDS
        while not await self._mirror.claim(company, self._owner, _LEASE_SECONDS):
            await asyncio.sleep(_POLL_SECONDS)
            state = await self._mirror.state(company)
            if state.fresh_at is not None and state.fresh_at != begun.fresh_at:
                return
            if loop.time() > end:
                raise Unreachable(
                    "The books are being read by another process, which takes"
                    " unusually long. Please try again in a minute."
                )
        try:
            await work(company)
        finally:
            await self._mirror.release(company, self._owner)

    async def _loaded(self, company: str) -> None:
        begun = self._now()
        lock = asyncio.Semaphore(_READERS)

        async def one(entity: str) -> datetime:
            async with lock:
                return await self._reload(company, entity)

        times = await asyncio.gather(
            *(one(entity) for entity in (*LISTS, *DOCUMENTS, *FACTS))
        )
        await self._mirror.advance(
            company,
            fresh_at=begun,
            cursor=min(times),
            changed=True,
            lists_at=begun,
            loaded_at=begun,
        )

    async def _reload(self, company: str, entity: str) -> datetime:
        """Read an entity whole; gives QuickBooks' time before the first page."""
        begun = self._now()
        first: datetime | None = None
        start = 1
        while True:
            statement = (
                f"SELECT * FROM {entity}"
                if entity in _SINGLE
                else statements.select(entity, start=start, rows=self._page_rows)
            )
            try:
                reply = await self._client.query(company, statement)
            except Refused as no:
                if entity in OPTIONAL and no.code == UNSUPPORTED:
                    return begun
                raise
            found: list[Json] = (reply.json.get("QueryResponse") or {}).get(entity, [])
            first = first or moment(reply.json.get("time")) or begun
            await self._mirror.put(company, entity, found)
            start += len(found)
            if entity in _SINGLE or len(found) < self._page_rows:
                break
        await self._mirror.remove_unseen(company, entity, begun)
        return first

    async def _freshened(self, company: str) -> None:
        begun = self._now()
        state = await self._mirror.state(company)
        if not _can_follow(state, begun):
            await self._loaded(company)
            return
        assert state.cursor is not None, "a mirror without a cursor"
        since = state.cursor - _OVERLAP
        changes = await self._all_changes(company, since)
        changed = await self._take(company, changes, we_wrote=was_written(state))
        lists_at = None
        if state.lists_at is None or begun - state.lists_at > _FACTS_AGE:
            for entity in FACTS:
                await self._reload(company, entity)
            lists_at = begun
        await self._mirror.advance(
            company,
            fresh_at=begun,
            cursor=changes.time or begun,
            changed=changed or lists_at is not None,
            lists_at=lists_at,
        )

    async def _all_changes(self, company: str, since: datetime) -> "_Changes":
        """What changed of all that matters here, as far as this company has it."""
        followed = self._followed.get(company, _EVERYTHING)
        try:
            return await self._changes(company, followed, since)
        except Refused as no:
            if no.code != UNSUPPORTED or followed is _ALWAYS:
                raise
        self._followed[company] = _ALWAYS
        return await self._all_changes(company, since)

    async def _changes(
        self, company: str, entities: Sequence[str], since: datetime
    ) -> "_Changes":
        reply = await self._client.get(
            company,
            "cdc",
            {
                "entities": ",".join(entities),
                "changedSince": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
        )
        changes = _read_changes(reply.json)
        if sum(map(len, changes.records.values())) < _CDC_ROWS_MAX:
            return changes
        # The answer is cut without saying where: ask for less at a time.
        if len(entities) == 1:
            return _Changes({}, tuple(entities), changes.time)
        middle = len(entities) // 2
        one = await self._changes(company, entities[:middle], since)
        two = await self._changes(company, entities[middle:], since)
        return _Changes(
            {**one.records, **two.records},
            (*one.overflown, *two.overflown),
            min(filter(None, (one.time, two.time)), default=None),
        )

    async def _take(self, company: str, changes: "_Changes", *, we_wrote: bool) -> bool:
        """Bring changes into the rows; gives whether anything differs.

        Documents that we wrote are in the rows already, but not the balances they
        moved: then every document told of counts as moved.
        """
        moved = _Moved()
        any_changed = False
        for entity, found in changes.records.items():
            if entity not in LISTS and entity not in DOCUMENTS:
                moved.lists = moved.lists or bool(found)
                continue
            gone = [str(each["Id"]) for each in found if is_deleted(each)]
            kept = [each for each in found if not is_deleted(each)]
            if entity in DOCUMENTS:
                moved.parties |= await self._parties(company, entity, gone)
            changed = await self._mirror.put(company, entity, kept)
            removed = await self._mirror.remove(company, entity, gone)
            any_changed = any_changed or bool(changed) or bool(removed)
            if we_wrote:
                changed = frozenset(str(each["Id"]) for each in kept)
            if entity in DOCUMENTS and (changed or removed):
                moved.lists = moved.lists or entity == "JournalEntry"
                moved.accounts = True
                moved.parties |= _parties_of(kept, changed)
        for entity in changes.overflown:
            any_changed = True
            moved.lists = True
            if entity in LISTS or entity in DOCUMENTS:
                await self._reload(company, entity)
        await self._read_balances(company, moved)
        return any_changed or moved.lists

    async def _parties(
        self, company: str, entity: str, ids: Sequence[str]
    ) -> set[tuple[str, str]]:
        """Whose documents these rows are, before they go."""
        if not ids:
            return set()
        side = "Vendor" if entity in _VENDORS else "Customer"
        rows = await self._mirror.rows(
            select(RECORDS.c.party_id).where(
                RECORDS.c.company == company,
                RECORDS.c.entity == entity,
                RECORDS.c.id.in_(ids),
            )
        )
        return {(side, row.party_id) for row in rows if row.party_id}

    async def _read_balances(self, company: str, moved: "_Moved") -> None:
        """Read the balances again that documents have moved.

        QuickBooks does not count a new balance as a change of the customer, vendor
        or account that shows it, so change-data-capture is silent about it.
        """
        for entity in ("Customer", "Vendor"):
            ids = sorted(number for side, number in moved.parties if side == entity)
            if moved.lists or len(ids) > _IDS_MAX:
                await self._reload(company, entity)
            elif ids:
                statement = statements.select(entity, statements.among("Id", ids))
                reply = await self._client.query(company, statement)
                found = (reply.json.get("QueryResponse") or {}).get(entity, [])
                await self._mirror.put(company, entity, found)
        if moved.accounts or moved.lists:
            await self._reload(company, "Account")


@dataclass(slots=True)
class _Moved:
    """Which balances have to be read again."""

    parties: set[tuple[str, str]] = field(default_factory=set)
    accounts: bool = False
    lists: bool = False


@dataclass(frozen=True, slots=True)
class _Changes:
    """What change-data-capture told; `overflown` entities have to be read whole."""

    records: Mapping[str, list[Json]]
    overflown: tuple[str, ...]
    time: datetime | None


def is_deleted(record: Json) -> bool:
    """Whether this is the stub of a deleted transaction."""
    return str(record.get("status", "")).casefold() == "deleted"


def is_passing(no: NotTaken) -> bool:
    """Whether QuickBooks is merely not to be reached, rather than closed to us."""
    return isinstance(no, Unreachable | Throttled)


def _can_follow(state: State, now: datetime) -> bool:
    if state.loaded_at is None or state.cursor is None:
        return False
    return now - state.cursor < _LOOK_BACK


def _read_changes(json: Json) -> _Changes:
    found: dict[str, list[Json]] = {}
    for response in json.get("CDCResponse") or ():
        for part in response.get("QueryResponse") or ():
            for name, value in part.items():
                if isinstance(value, list):
                    found.setdefault(name, []).extend(value)
    return _Changes(found, (), moment(json.get("time")))


def _parties_of(found: Iterable[Json], changed: frozenset[str]) -> set[tuple[str, str]]:
    parties = set()
    for each in found:
        if str(each["Id"]) not in changed:
            continue
        for side, name in (
            ("Customer", "CustomerRef"),
            ("Vendor", "VendorRef"),
        ):
            if number := records.ref_id(each, name):
                parties.add((side, number))
    return parties
