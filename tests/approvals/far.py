"""The far side of the rail for tests: people, drafts, and books that obey orders.

`FarBooks` stands where the ledger and QuickBooks stand. It keeps records by
request id as QuickBooks does (the same id again gives the old record back), and
fails as it is told: before it writes, after it has written, or by a stop of the
whole process.
"""

import asyncio
import hashlib
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.desk import Desk, DeskSettings
from approvals.policy import Broken, Policy
from approvals.proposal import Notice, Person, Proposal, Role, Status, WantedNotice
from qbo.books import (
    Circumstances,
    Company,
    Draft,
    Environment,
    Money,
    Receipt,
    Shown,
    Standing,
    Step,
    Verb,
)
from qbo.faults import NotTaken
from tests.conftest import Clock

COMPANY = Company("9130", "Harbour & Pine Landscaping", Environment.SIMULATOR)
KEY = b"a key outside the database"
W = "w1"
_MOVING = {Status.APPROVED, Status.APPLYING, Status.UNCONFIRMED}


def person(name: str, *roles: Role, workspace: str = W) -> Person:
    return Person(name.lower(), workspace, name, frozenset(roles))


SAM = person("Sam", Role.STAFF)
PRIYA = person("Priya", Role.STAFF, Role.APPROVER)
LUIS = person("Luis", Role.APPROVER)
ALEX = person("Alex", Role.STAFF, Role.ADMIN)
KIM = person("Kim", Role.ADMIN)


class Killed(BaseException):
    """The process stops here, as by SIGKILL."""


@dataclass
class Order:
    """How one request goes: a fault before or after the write, or a wait."""

    before: BaseException | None = None
    after: BaseException | None = None
    gate: asyncio.Event | None = None


def _is_not_taken(order: Order) -> bool:
    return isinstance(order.before, NotTaken)


@dataclass
class FarBooks:
    """Books on the far side; every list is consumed from the front."""

    clock: Clock
    records: dict[str, Receipt] = field(default_factory=dict)
    arrived: list[tuple[str, bytes]] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    standings: list[Standing | BaseException] = field(default_factory=list)
    finding: list[BaseException] = field(default_factory=list)
    reading: list[BaseException] = field(default_factory=list)
    differences: tuple[str, ...] = ()
    # The facts around every draft, as they are now; None: nobody can say.
    around: Circumstances | BaseException | None = None
    # What somebody else does while the records are being read.
    meanwhile: Callable[[], Awaitable[object]] | None = None
    finds: int = 0
    # A request has arrived and waits at its gate.
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    # When a request that may have been taken first came, and those ill timed since.
    first_taken: dict[str, datetime] = field(default_factory=dict)
    ill_timed: list[tuple[str, float]] = field(default_factory=list)
    # QuickBooks forgets request ids; a name list ignores them.
    remembers: bool = True
    # Documents that look like what was approved, by number.
    by_hand: dict[str, Receipt] = field(default_factory=dict)

    async def check(self, draft: Draft) -> Standing:
        del draft
        if self.meanwhile is not None:
            await self.meanwhile()
        if not self.standings:
            return Standing()
        said = self.standings.pop(0)
        if isinstance(said, BaseException):
            raise said
        return said

    async def circumstances(self, draft: Draft) -> Circumstances | None:
        del draft
        if isinstance(self.around, BaseException):
            raise self.around
        return self.around

    async def post(
        self, draft: Draft, step: int, receipts: Sequence[Receipt]
    ) -> Receipt:
        assert len(receipts) == step - 1
        request = draft.steps[step - 1]
        self.arrived.append((request.request_id, request.body))
        order = self.orders.pop(0) if self.orders else Order()
        self._note_time(request.request_id, was_taken=not _is_not_taken(order))
        if order.before is not None:
            raise order.before
        if order.gate is not None:
            self.waiting.set()
            await order.gate.wait()
        receipt = self._write(request, step)
        if order.after is not None:
            raise order.after
        return receipt

    def _note_time(self, request_id: str, *, was_taken: bool) -> None:
        """Note a request that comes again too early, or too late."""
        since = self.first_taken.get(request_id)
        if since is None:
            if was_taken:
                self.first_taken[request_id] = self.clock()
            return
        age = (self.clock() - since).total_seconds()
        if not 150 <= age <= 3600:
            self.ill_timed.append((request_id, age))

    def _write(self, request: Step, step: int) -> Receipt:
        known = self.records.get(request.request_id)
        if known is not None and self.remembers:
            return known
        number = len(self.records) + 1189
        made = Receipt(
            step=step,
            entity=request.entity,
            record_id=str(number + 1000),
            sync_token="0",
            doc_number=str(number),
            intuit_tid=f"1-{number}",
            posted_at=self.clock(),
        )
        key = request.request_id if known is None else f"again-{number}"
        self.records[key] = made
        return made

    async def find(
        self,
        draft: Draft,
        step: int,
        receipts: Sequence[Receipt],
        first_attempt_at: datetime,
    ) -> Receipt | None:
        del receipts
        assert first_attempt_at <= self.clock()
        self.finds += 1
        if self.finding:
            raise self.finding.pop(0)
        return self.records.get(draft.steps[step - 1].request_id)

    async def read_back(self, draft: Draft, receipt: Receipt) -> Receipt:
        del draft
        if self.reading:
            raise self.reading.pop(0)
        return replace(receipt, compared=True, differences=self.differences)

    async def match(
        self,
        draft: Draft,
        doc_number: str,
        *,
        first_attempt_at: datetime | None = None,
    ) -> Receipt | None:
        if doc_number in self.by_hand:
            return self.by_hand[doc_number]
        assert first_attempt_at is not None
        for step in draft.steps:
            found = self.records.get(step.request_id)
            if found is not None and found.doc_number == doc_number:
                return found
        return None


def step(verb: Verb = Verb.CREATE, body: bytes = b"{}", path: str = "invoice") -> Step:
    return Step(
        verb=verb,
        entity="Invoice",
        method="POST",
        path=path,
        query=(),
        content_type="application/json",
        body=body,
        request_id=uuid.uuid4().hex,
        digest=hashlib.sha256(path.encode() + body).hexdigest(),
    )


def draft(
    ref: str = "P-1",
    amount: str = "1500.00",
    *,
    send: bool = False,
    action: str = "invoice.create",
    steps: tuple[Step, ...] | None = None,
) -> Draft:
    if steps is None:
        create = step(body=f'{{"Line":[{{"Amount":{amount}}}]}}'.encode())
        mail = step(Verb.SEND, b"", "invoice/{1.id}/send")
        steps = (create, mail) if send else (create,)
    told = "".join(s.digest for s in steps)
    return Draft(
        action=action,
        environment=COMPANY.environment,
        realm=COMPANY.realm,
        ref=ref,
        today=date(2026, 11, 20),
        heading=f"Invoice Acme West for ${amount}",
        steps=steps,
        digest=hashlib.sha256(told.encode()).hexdigest(),
        shown=(Shown("Customer", "Acme West"), Shown("Due", "2026-12-20")),
        total=Money(Decimal(amount), "USD"),
        home_total=Money(Decimal(amount), "USD"),
    )


class Rail:
    """A Desk with its far side, its database and its clock."""

    def __init__(
        self, engine: AsyncEngine, clock: Clock, policy: Policy | Broken | None = None
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.books = FarBooks(clock)
        self.confirmed = True
        # Everybody of the workspace, where a test says who that is.
        self.members: list[Person] | None = None
        self.policy = policy or Policy()
        self.desk = self.another("first")

    def another(
        self,
        owner: str = "second",
        *,
        clock: Clock | None = None,
        settings: DeskSettings | None = None,
    ) -> Desk:
        """Another process on the same database and the same QuickBooks."""
        return Desk(
            self.engine,
            self.books,
            self.policy,
            KEY,
            clock or self.clock,
            owner=owner,
            may_post=self._may_post,
            settings=settings,
            members=self._everybody,
        )

    def people(self, members: list[Person]) -> None:
        """Say who is in the workspace; the list may change later."""
        self.members = members

    async def _everybody(self, workspace: str) -> list[Person]:
        return [p for p in self.members or [] if p.workspace == workspace]

    async def _may_post(self, company: str) -> bool:
        return self.confirmed and company == COMPANY.id

    async def proposed(
        self,
        *,
        requester: Person = SAM,
        send: bool = False,
        amount: str = "1500.00",
        inbox_id: str | None = None,
        places: Sequence[WantedNotice] = (WantedNotice("asked"),),
    ) -> Proposal:
        number = await self.desk.reserve(W)
        return await self.desk.propose(
            draft(number, amount, send=send),
            Circumstances(party="Acme West"),
            requester,
            COMPANY,
            places=places,
            words="invoice acme west",
            conversation="c1",
            inbox_id=inbox_id,
            platform="console",
        )

    async def approved(self, *, send: bool = False) -> Proposal:
        return await self.press(await self.proposed(send=send))

    async def press(
        self,
        proposal: Proposal,
        verb: str = "approve",
        by: Person = PRIYA,
        reason: str | None = None,
    ) -> Proposal:
        notice = await self.notice(proposal)
        token = self.desk.token(notice.id, proposal, verb)
        return await self.desk.decide(token, by, platform="slack", reason=reason)

    async def frozen(self, company: Company = COMPANY, by: Person = ALEX) -> None:
        """An administrator freezes a company."""
        await self.desk.stops.freeze(company, by, self.clock(), platform="slack")

    async def thawed(self, company: Company = COMPANY) -> None:
        """Two administrators let it go on."""
        for each in (ALEX, KIM):
            await self.desk.stops.thaw(company, each, self.clock(), platform="slack")

    async def notice(self, proposal: Proposal) -> Notice:
        return (await self.desk.notices(proposal.id))[0]

    async def settle_down(self, desk: Desk, proposal: Proposal) -> Proposal:
        """Let the timetable run until nothing is left to do, for at most 3 hours."""
        for _ in range(36):
            await desk.resume()
            now = await desk.proposal(proposal.id)
            if now.status not in _MOVING and all(r.compared for r in now.receipts):
                break
            self.clock.advance(minutes=5)
        await desk.resume()
        return await desk.proposal(proposal.id)
