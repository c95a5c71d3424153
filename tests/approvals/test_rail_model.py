"""A model of the rail, played against the simulated QuickBooks over HTTP.

Wishes are proposed, corrected, decided, pressed twice, withdrawn, posted and looked
for by two processes on one database; requests and replies are lost, processes stop
before and after any commit, records are edited by others, clocks jump. Whatever the
story: in the end the books hold exactly the applied proposals, each once, field for
field, and every trail is sound.
"""

import asyncio
import os
import sys
import uuid
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event
from sqlalchemy.orm import Session

from approvals.desk import Desk
from approvals.details import RequestReused
from approvals.policy import Policy
from approvals.proposal import (
    Denied,
    Person,
    Proposal,
    Role,
    Status,
    WantedNotice,
)
from qbo.asks import (
    Change,
    CustomerChanges,
    CustomerCreate,
    CustomerUpdate,
    InvoiceCreate,
    InvoicesCreate,
    InvoiceVoid,
    PaymentRecord,
    SaidLine,
)
from qbo.books import Receipt, Step, Verb
from qbo.faults import BooksFault
from qbo.simulator.serve import Options
from qbo.wire.exact import Json, loads
from tests.approvals.far import ALEX, KEY, LUIS, PRIYA, SAM, Killed, W, person
from tests.qbo.conftest import HARBOUR, TODAY, TOKEN, Office, opened
from tests.qbo.far import simulated

T = TypeVar("T")
# In all; `make soak` asks for more. Each case of QuickBooks' memory has its share.
EXAMPLES = int(os.environ.get("COUNTERSIGN_MODEL_EXAMPLES", "200"))
# After the wishes with which a story begins, and before all comes to its end.
STEPS = 7 if "COUNTERSIGN_MODEL_EXAMPLES" in os.environ else 4
DAY = 86_400
# How long QuickBooks knows a request id, and for which lists it never does.
MEMORIES = ((0, ""), (3_600, ""), (DAY, ""), (DAY, "Customer"))
MOVING = {Status.APPROVED, Status.APPLYING, Status.UNCONFIRMED}
BO = person("Bo", Role.ADMIN)
_VERSIONED = {"SyncToken", "sparse"}
UNSENT = {Status.STALE, Status.WITHDRAWN, Status.REJECTED, Status.EXPIRED}

changes = st.sampled_from(
    ["invoice", "mailed", "payment", "void", "new", "phone", "list"]
)
which = st.integers(0, 4)
troubles = st.sampled_from(
    [
        *("reply", "reply", "reply", "request", "request"),
        *("stop", "stop", "late stop", "late stop", "429", "503", "401", "6000"),
    ]
)
desks = st.integers(0, 1)


class Stopper:
    """Stops the process before or after one of its commits to come."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._after = False

    @contextmanager
    def armed(self, commits: int, *, after: bool) -> Iterator[None]:
        """Within it, the commit with that number (from 0) is the last line reached."""
        self._left, self._after = commits, after
        event.listen(Session, "before_commit", self._before)
        event.listen(Session, "after_commit", self._done)
        try:
            yield
        finally:
            event.remove(Session, "before_commit", self._before)
            event.remove(Session, "after_commit", self._done)
            self._left = None

    def _before(self, session: Session) -> None:
        del session
        if self._left == 0 and not self._after:
            self._left = None
            raise Killed

    def _done(self, session: Session) -> None:
        del session
        if self._left is None:
            return
        if self._left == 0:
            self._left = None
            raise Killed
        self._left -= 1


@dataclass
class World:
    """The simulated company and our side of it; it outlives the stories."""

    office: Office
    runner: asyncio.Runner
    seen: Counter[str] = field(default_factory=Counter)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


@dataclass
class Tale:
    """One story: its proposals, and what others did in QuickBooks meanwhile."""

    office: Office
    customer: Json
    desks: tuple[Desk, Desk]
    proposals: list[str] = field(default_factory=list)
    by_hand: set[str] = field(default_factory=set)
    created_names: list[str] = field(default_factory=list)
    stopper: Stopper = field(default_factory=Stopper)
    seen: Counter[str] = field(default_factory=Counter)

    async def propose(self, kind: str, size: int) -> None:
        change = await self.change(kind, size)
        number = await self.desks[0].reserve(W)
        await self.pass_time(60)
        try:
            draft, circumstances = await self.office.ledger.draft(
                self.office.company.id, change, ref=number, today=TODAY
            )
        except BooksFault:
            return
        made = await self.desks[size % 2].propose(
            draft,
            circumstances,
            SAM,
            self.office.company,
            places=(WantedNotice("asked"),),
            inbox_id=None,
            platform="console",
        )
        self.proposals.append(made.id)

    async def change(self, kind: str, size: int) -> Change:
        name = self.customer["DisplayName"]
        if kind in {"payment", "void"}:
            await self.alone()
            made = await self.office.new_invoice(self.customer, f"{size + 100}.00")
            self.by_hand.add(made["Id"])
            if kind == "void":
                return InvoiceVoid(made["DocNumber"])
            amount = Decimal(size + 50)
            return PaymentRecord(name, amount, invoices=(made["DocNumber"],))
        if kind == "new":
            self.created_names.append(f"{name} new {len(self.created_names):02}")
            return CustomerCreate(self.created_names[-1], anyway=True)
        if kind == "phone":
            return CustomerUpdate(name, CustomerChanges(phone=f"555-01{size:02}"))
        lines = (SaidLine(item="Consulting", quantity=Decimal(size + 1)),)
        if kind == "list":
            return InvoicesCreate((InvoiceCreate(name, lines),) * (2 + size % 3))
        return InvoiceCreate(name, lines, send=kind == "mailed")

    async def proposal(self, nth: int) -> Proposal | None:
        if not self.proposals:
            return None
        return await self.desks[0].proposal(self.proposals[nth % len(self.proposals)])

    async def press(self, nth: int, by: Person, verb: str, times: int) -> None:
        """Press once, or several times at once on both processes."""
        proposal = await self.proposal(nth)
        if proposal is None:
            return
        notice = (await self.desks[0].notices(proposal.id))[0]
        token = self.desks[0].token(notice.id, proposal, verb)

        async def pressed(desk: Desk) -> bool:
            try:
                await desk.decide(token, by, platform="slack", reason="no")
            except Denied:
                return False
            return True

        done = await asyncio.gather(*(pressed(self.desks[n % 2]) for n in range(times)))
        assert sum(done) <= 1, "one person decided twice"

    async def undo(self, nth: int) -> None:
        """What was posted is to be taken back; it needs approval like any other."""
        posted = await self.proposal(nth)
        if posted is None or posted.status is not Status.APPLIED:
            return
        number = await self.desks[0].reserve(W)
        try:
            await self.desks[0].undoable(posted.id, SAM)
            draft, circumstances = await self.office.ledger.reverse(
                posted.draft, posted.receipts, ref=number, today=TODAY
            )
            made = await self.desks[0].propose(
                draft,
                circumstances,
                SAM,
                self.office.company,
                places=(WantedNotice("asked"),),
                inbox_id=None,
                platform="console",
                undoes=posted.id,
            )
        except (Denied, BooksFault):
            return
        self.proposals.append(made.id)

    async def freeze(self, *, on: bool) -> None:
        """The company is stopped by one administrator, and goes on by two."""
        stops, company = self.desks[0].stops, self.office.company
        now = self.office.clock()
        if on:
            await stops.freeze(company, ALEX, now, reason="a look")
            return
        for admin in (ALEX, BO):
            await stops.thaw(company, admin, now)

    async def correct(self, nth: int, size: int) -> None:
        proposal = await self.proposal(nth)
        if proposal is None or proposal.draft.action != "invoice.create":
            return
        try:
            draft, circumstances = await self.office.ledger.draft(
                self.office.company.id,
                await self.change("invoice", size),
                ref=proposal.number,
                today=TODAY,
            )
            await self.desks[1].revise(
                proposal.id, draft, circumstances, SAM, platform="slack"
            )
        except (Denied, BooksFault):
            return

    async def withdraw(self, nth: int) -> None:
        proposal = await self.proposal(nth)
        if proposal is not None:
            try:
                await self.desks[1].withdraw(proposal.id, SAM, platform="slack")
            except Denied:
                return

    async def work(self, desk: int, nth: int | None) -> None:
        """One process applies one proposal, or does what time asks for."""
        if nth is None:
            await self.desks[desk].resume()
            return
        proposal = await self.proposal(nth)
        if proposal is not None:
            await self.desks[desk].apply(proposal.id)

    async def stopped_work(self, work: Coroutine[Any, Any, None], *how: Any) -> None:
        commits, after = how
        with self.stopper.armed(commits, after=after):
            try:
                await work
            except Killed:
                self.seen["stops"] += 1

    async def in_trouble(self, desk: int, nth: int, trouble: str, commits: int) -> None:
        """Apply one proposal while something goes wrong with its very request."""
        proposal = await self.proposal(nth)
        if proposal is None or proposal.status is not Status.APPROVED:
            return
        work, path = self.work(desk, nth), proposal.request.path.split("/")[0]
        if proposal.request.verb is Verb.SEND:
            path = "/send"
        order = self.office.far.order
        match trouble:
            case "reply" | "request":
                drop = {"reply": "after", "request": "before"}[trouble]
                await order(path, method="POST", drop=drop)
            case "6000" | "429":
                code = {"6000": ("6000", 400), "429": ("3001", 429)}[trouble]
                await order(path, method="POST", code=code[0], status=code[1])
            case "503" | "401":
                await order(path, method="POST", status=int(trouble))
        if "stop" in trouble:
            await self.stopped_work(work, commits, trouble == "late stop")
        else:
            await work

    async def both(self, nth: int) -> None:
        await asyncio.gather(self.work(0, nth), self.work(1, nth))

    async def say_how_it_ended(self, nth: int) -> None:
        """A person looks in QuickBooks and says what is true."""
        proposal = await self.proposal(nth)
        if proposal is None or proposal.status is not Status.UNCONFIRMED:
            return
        await self.alone()
        step = proposal.request
        made = await self.made(proposal)
        if step.verb in {Verb.VOID, Verb.DELETE}:
            # Where it was done the record itself tells, and the search reads that.
            if proposal.doubted_at is None or await self.is_taken_back(step):
                return
            made = []
        if step.verb is Verb.UPDATE:
            if proposal.doubted_at is None:
                return
            # Edited by hand in between: only a person can tell what became of it.
            now = await self.office.one(step.entity, str(step.record_id))
            sent = {k: v for k, v in loads(step.body).items() if k not in _VERSIONED}
            made = [] if _missing(sent, now) else [now]
        if step.verb is Verb.SEND:
            made = [m for m in made if m["EmailStatus"] == "EmailSent"]
        number = next((str(m.get("DocNumber") or m["Id"]) for m in made), None)
        try:
            await self.desks[0].settle(
                proposal.id, LUIS, doc_number=number, platform="slack"
            )
        except (Denied, BooksFault, RequestReused):
            return

    async def is_taken_back(self, step: Step) -> bool:
        """Whether a record is void or gone, as a step was to make it."""
        there = {each["Id"]: each for each in await self.records(step.entity)}
        now = there.get(str(step.record_id))
        return now is None or (step.verb is Verb.VOID and now["TotalAmt"] == 0)

    async def edit_by_hand(self, *, shown: bool) -> None:
        """Somebody edits the customer in QuickBooks."""
        await self.alone()
        now = await self.office.one("Customer", self.customer["Id"])
        what: Json = (
            {"Notes": uuid.uuid4().hex}
            if not shown
            else {"PrimaryPhone": {"FreeFormNumber": f"555-{uuid.uuid4().hex[:4]}"}}
        )
        ids = {"Id": now["Id"], "SyncToken": now["SyncToken"], "sparse": True}
        await self.office.write("Customer", {**ids, **what})

    async def pass_time(self, seconds: int) -> None:
        """Time passes, here and in QuickBooks."""
        self.office.clock.advance(seconds=seconds)
        await self.office.far.http.post(
            f"{self.office.far.url}/_simulator/clock",
            json={"advance_seconds": seconds},
        )

    async def made(self, proposal: Proposal, entity: str = "") -> list[Json]:
        """What QuickBooks holds that carries a proposal's mark, or its name."""
        entity = entity or proposal.draft.steps[0].entity
        if entity == "Customer":
            step = proposal.draft.steps[0]
            if step.verb is not Verb.CREATE:
                return []
            name = str(loads(step.body)["DisplayName"])
            # The name of one made inactive gets an addition.
            return await self.office.query(
                f"SELECT * FROM Customer WHERE DisplayName LIKE '{name}%'"
                " AND Active IN (true, false)"
            )
        mark = f"Ref {proposal.number}"
        return [
            record
            for record in await self.records(entity)
            if _is_marked(str(record.get("PrivateNote") or ""), mark)
        ]

    async def records(self, entity: str) -> list[Json]:
        return await self.office.query(
            f"SELECT * FROM {entity} WHERE CustomerRef = '{self.customer['Id']}'"
            " MAXRESULTS 1000"
        )

    async def alone(self) -> None:
        """Nothing ordered is left for somebody else's requests to meet."""
        await self.office.far.http.delete(f"{self.office.far.url}/_simulator/faults")

    # --- the end ------------------------------------------------------------------

    async def end(self) -> None:
        """All is well again, time passes, people tell: everything comes to an end."""
        await self.alone()
        await self.freeze(on=False)
        for nth in range(len(self.proposals)):
            waiting = await self.proposal(nth)
            if waiting is not None and waiting.status is Status.PENDING:
                await self.withdraw(nth)
        for _ in range(60):
            await self.desks[1].resume()
            for nth in range(len(self.proposals)):
                await self.say_how_it_ended(nth)
            if all([await self.is_over(each) for each in self.proposals]):
                break
            await self.pass_time(600)
        else:
            raise AssertionError("a proposal never came to an end")
        await self.check()

    async def is_over(self, proposal_id: str) -> bool:
        now = await self.desks[0].proposal(proposal_id)
        return now.status not in MOVING and all(r.compared for r in now.receipts)

    async def check(self) -> None:
        """The books hold exactly what was applied."""
        proposals = [await self.desks[0].proposal(each) for each in self.proposals]
        taken_back: dict[tuple[str, str], Verb] = {
            (step.entity, str(step.record_id)): step.verb
            for proposal in proposals
            for step in _done(proposal)
            # A new customer is taken back by an update: it is inactive then.
            if step.verb in {Verb.VOID, Verb.DELETE, Verb.UPDATE}
        }
        expected = {
            "Invoice": set(self.by_hand),
            "Payment": set[str](),
            "Customer": set(),
        }
        for proposal in proposals:
            assert proposal.status in {Status.APPLIED, Status.FAILED, *UNSENT}
            if not any(receipt.singles for receipt in proposal.receipts):
                assert proposal.status is not Status.APPLIED, proposal.reason
            for entity, made in (await self.is_as_told(proposal, taken_back)).items():
                expected.setdefault(entity, set()).update(made)
            await self.note(proposal)
        for entity in ("Invoice", "Payment", "CreditMemo"):
            there = {str(record["Id"]) for record in await self.records(entity)}
            assert there == expected.get(entity, set()), entity
        assert (await self.desks[0].verify(self.office.company.id)).sound

    async def note(self, proposal: Proposal) -> None:
        """Count what the story went through, to see that stories go far."""
        self.seen["stories"] += proposal.id == self.proposals[0]
        self.seen[proposal.status.value] += 1
        self.seen["lines"] += sum(len(step.parts) for step in _done(proposal))
        self.seen["undone"] += proposal.undoes is not None and bool(_done(proposal))
        for line in await self.desks[0].trail(proposal.id):
            if line.event in {"lost", "found", "again", "lapse", "there", "not-there"}:
                self.seen[line.event] += 1

    async def is_as_told(
        self, proposal: Proposal, taken_back: dict[tuple[str, str], Verb]
    ) -> dict[str, set[str]]:
        """Compare one proposal with QuickBooks; the ids of what it has made there."""
        posted: dict[str, set[str]] = {}
        for receipt in proposal.receipts:
            step = proposal.draft.steps[receipt.step - 1]
            sent = _sent(step, receipt) if step.verb is Verb.CREATE else []
            for record_id, body in sent:
                end = taken_back.get((step.entity, record_id))
                if end is not Verb.DELETE:
                    posted.setdefault(step.entity, set()).add(record_id)
                if end is None:
                    now = await self.office.one(step.entity, record_id)
                    assert _missing(body, now) == []
        for entity in {step.entity for step in proposal.draft.steps}:
            made = {str(m["Id"]) for m in await self.made(proposal, entity)}
            assert made == posted.get(entity, set()), (proposal.number, entity)
        for step in _done(proposal):
            await self.is_done(step)
        return posted

    async def is_done(self, step: Step) -> None:
        """A step that made no record did what it was to do."""
        if step.record_id is None or step.entity == "Customer":
            return
        if step.verb is Verb.DELETE:
            found = await self.records(step.entity)
            assert step.record_id not in {each["Id"] for each in found}
        elif step.verb is Verb.VOID:
            now = await self.office.one(step.entity, step.record_id)
            assert now["TotalAmt"] == 0
        elif step.verb is Verb.SEND:
            now = await self.office.one(step.entity, step.record_id)
            assert now["EmailStatus"] == "EmailSent"


def _done(proposal: Proposal) -> list[Step]:
    """The steps that have a receipt, and not one of a refusal."""
    return [
        proposal.draft.steps[receipt.step - 1]
        for receipt in proposal.receipts
        if not receipt.is_nothing
    ]


def _sent(step: Step, receipt: Receipt) -> list[tuple[str, Json]]:
    """For each record that a step made: its id, and the body that was sent for it."""
    body: Json = loads(step.body)
    if not step.parts:
        return [] if receipt.is_nothing else [(receipt.record_id, body)]
    bodies = {each["bId"]: each[step.entity] for each in body["BatchItemRequest"]}
    return [
        (part.record_id, bodies[part.key]) for part in receipt.parts if part.is_posted
    ]


def _is_marked(note: str, mark: str) -> bool:
    """Whether a note holds the mark itself, not that of P-170 for P-17."""
    return mark in note and not note.partition(mark)[2][:1].isdigit()


def _missing(sent: Any, there: Any, path: str = "") -> list[str]:
    """The paths of what was sent and is not there as it was sent."""
    if isinstance(sent, dict):
        if not isinstance(there, dict):
            return [path]
        return [
            gone
            for key, value in sent.items()
            for gone in _missing(value, there.get(key), f"{path}.{key}")
        ]
    if isinstance(sent, list):
        if not isinstance(there, list) or len(there) < len(sent):
            return [path]
        pairs = zip(sent, there, strict=False)
        return [gone for a, b in pairs for gone in _missing(a, b, path)]
    if isinstance(sent, int | Decimal) and isinstance(there, int | Decimal):
        return [] if Decimal(sent) == Decimal(there) else [path]
    return [] if str(sent) == str(there) else [path]


def machine(  # noqa: C901 - a rule a line
    world: World, memory: tuple[int, str]
) -> type[RuleBasedStateMachine]:
    """The machine that makes stories up in this world."""
    seconds, ignored = memory

    class Rail(RuleBasedStateMachine):
        tale: Tale

        def do(self, work: Coroutine[Any, Any, Any]) -> None:
            world.run(work)

        @initialize(
            wishes=st.lists(
                st.tuples(changes, st.integers(0, 30)), min_size=1, max_size=3
            ),
            is_approved=st.sampled_from([True, True, False]),
        )
        def begin(self, wishes: list[tuple[str, int]], *, is_approved: bool) -> None:
            office = world.office

            async def made() -> Tale:
                await office.far.reset()
                await office.far.switch(
                    requestid_ttl_seconds=seconds, requestid_ignored_for=ignored
                )
                customer = await office.new_customer(
                    PrimaryEmailAddr={"Address": "somebody@acme.example"}
                )
                first, second = (
                    Desk(
                        office.engine,
                        office.ledger,
                        Policy(),
                        KEY,
                        office.clock,
                        owner=owner,
                        may_post=office.connection.may_post,
                    )
                    for owner in ("first", "second")
                )
                return Tale(office, customer, (first, second), seen=world.seen)

            self.tale = world.run(made())
            for nth, (kind, size) in enumerate(wishes):
                self.do(self.tale.propose(kind, size))
                if is_approved:
                    self.do(self.tale.press(nth, PRIYA, "approve", 1))

        @rule(
            nth=which,
            desk=desks,
            trouble=troubles,
            commits=st.integers(0, 5),
        )
        def apply_in_trouble(
            self, nth: int, desk: int, trouble: str, commits: int
        ) -> None:
            self.do(self.tale.in_trouble(desk, nth, trouble, commits))

        @rule(
            desk=desks,
            seconds=st.sampled_from([20, 160, 200, 400, 1_000, 3_700, 90_000]),
        )
        def time_does_its_work(self, desk: int, seconds: int) -> None:
            self.do(self.tale.pass_time(seconds))
            self.do(self.tale.work(desk, None))

        @rule(kind=changes, size=st.integers(0, 30))
        def propose_and_approve(self, kind: str, size: int) -> None:
            self.do(self.tale.propose(kind, size))
            self.do(self.tale.press(-1, PRIYA, "approve", 2))

        @rule(
            nth=which,
            said=st.sampled_from([("approve", 1), ("approve", 5), ("reject", 1)]),
        )
        def press(self, nth: int, said: tuple[str, int]) -> None:
            verb, times = said
            by = PRIYA if verb == "approve" else LUIS
            self.do(self.tale.press(nth, by, verb, times))

        @rule(nth=which, size=st.integers(0, 30))
        def correct(self, nth: int, size: int) -> None:
            self.do(self.tale.correct(nth, size))

        @rule(nth=which, trouble=troubles, commits=st.integers(0, 5))
        def undo(self, nth: int, trouble: str, commits: int) -> None:
            before = len(self.tale.proposals)
            self.do(self.tale.undo(nth))
            if len(self.tale.proposals) > before:
                self.do(self.tale.press(-1, PRIYA, "approve", 1))
                self.do(self.tale.in_trouble(0, -1, trouble, commits))

        @rule(on=st.booleans())
        def freeze(self, *, on: bool) -> None:
            self.do(self.tale.freeze(on=on))

        @rule(nth=which)
        def withdraw(self, nth: int) -> None:
            self.do(self.tale.withdraw(nth))

        @rule(nth=which)
        def apply_on_both(self, nth: int) -> None:
            self.do(self.tale.both(nth))

        @rule(
            desk=desks,
            nth=st.one_of(which, st.none()),
            commits=st.integers(0, 9),
            after=st.booleans(),
        )
        def stop_within(
            self, desk: int, nth: int | None, commits: int, *, after: bool
        ) -> None:
            work = self.tale.work(desk, nth)
            self.do(self.tale.stopped_work(work, commits, after))

        @rule(
            path=st.sampled_from(["invoice", "payment", "customer", "/send", "query"]),
            how=st.sampled_from(["before", "after"]),
        )
        def lose(self, path: str, how: str) -> None:
            method = "GET" if path == "query" else "POST"
            self.do(self.tale.office.far.order(path, method=method, drop=how))

        @rule(seconds=st.sampled_from([5, 60, 240]))
        def our_clock_jumps(self, seconds: int) -> None:
            self.tale.office.clock.advance(seconds=seconds)

        @rule(shown=st.booleans())
        def somebody_edits(self, *, shown: bool) -> None:
            self.do(self.tale.edit_by_hand(shown=shown))

        @rule(nth=which)
        def somebody_tells(self, nth: int) -> None:
            self.do(self.tale.say_how_it_ended(nth))

        def teardown(self) -> None:
            if hasattr(self, "tale"):
                self.do(self.tale.end())

    return Rail


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    options = Options(port=0, today=TODAY, tokens=(TOKEN,), invoices=0)
    where = f"sqlite:///{tmp_path_factory.mktemp('model') / 'countersign.db'}"
    with simulated(options) as url, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        office = runner.run(stack.enter_async_context(opened(url, where, HARBOUR)))
        world = World(office, runner)
        yield world
        told = ", ".join(f"{n} {what}" for what, n in sorted(world.seen.items()))
        # Workers pass on what goes to stderr, and nothing else.
        print(f"\nmodel: {told}", file=sys.stderr)  # noqa: T201
        runner.run(stack.aclose())


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("memory", MEMORIES, ids=["none", "1h", "24h", "not for names"])
def test_the_books_hold_exactly_what_was_applied(
    world: World, memory: tuple[int, str]
) -> None:
    run_state_machine_as_test(
        machine(world, memory),
        settings=settings(
            max_examples=max(1, EXAMPLES // len(MEMORIES)),
            stateful_step_count=STEPS,
            deadline=None,
            # The same stories each time, but where new ones are looked for.
            derandomize="COUNTERSIGN_MODEL_EXAMPLES" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
