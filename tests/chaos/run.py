"""The chaos run: wishes, kills and faults at once; then rest, then the checks."""

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from approvals import stops
from approvals.proposal import Role, Status
from bot import app as program
from tests.chaos import checks, people
from tests.chaos.people import Wish
from tests.chaos.wishes import wishes
from tests.chaos.world import PRIYA, World, opened


@dataclass(frozen=True)
class Plan:
    """How much chaos, and for how long at most (real seconds)."""

    proposals: int = 300
    seed: int = 1
    speed: float = 4.0
    kill_every: tuple[float, float] = (6.0, 14.0)
    fault_every: tuple[float, float] = (0.8, 2.5)
    freeze_every: tuple[float, float] = (20.0, 45.0)
    frozen_for: tuple[float, float] = (0.1, 3.0)
    depute_every: tuple[float, float] = (8.0, 20.0)
    at_once: int = 10
    seconds_max: float = 1200.0
    rest_seconds_max: float = 300.0


@dataclass
class Figures:
    """What happened, to be read."""

    seed: int
    proposals: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    faults: int = 0
    freezes: int = 0
    deputies: int = 0
    requests: int = 0
    writes: int = 0
    asked_again: int = 0
    replayed: int = 0
    events: int = 0
    doubled: int = 0
    unheard: int = 0
    messages: int = 0
    strays: int = 0
    said_twice: int = 0
    lines: int = 0
    seconds: float = 0.0
    breaches: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The figures as lines."""
        ended = ", ".join(f"{n} {status}" for status, n in self.statuses.most_common())
        lines = [
            f"seed {self.seed}: {self.proposals} proposals ({ended})",
            f"{self.kills} SIGKILLs, {self.faults} faults ordered at QuickBooks",
            f"{self.freezes} freezes, {self.deputies} words about deputies",
            f"{self.requests} requests to QuickBooks, {self.writes} of them writes",
            f"{self.asked_again} writes asked again, {self.replayed} of them replayed",
            f"{self.events} events taken from the chat, {self.unheard} met nobody",
            f"{self.doubled} events and presses delivered once more",
            f"{self.messages} messages in the chat, {self.strays} of them strays",
            f"{self.said_twice} things told twice",
            f"{self.lines} lines in the trail",
            f"{self.seconds:.0f} seconds, {len(self.breaches)} breaches",
        ]
        return "\n".join([*lines, *(f"BREACH: {each}" for each in self.breaches)])


async def run(
    plan: Plan,
    folder: Path,
    database_url: str,
    say: Callable[[str], None] = lambda _: None,
) -> Figures:
    """All of it; what is wrong at the end is in the figures. `say` tells of it."""
    figures, began = Figures(plan.seed), time.monotonic()

    def tell(what: str) -> None:
        say(f"{time.monotonic() - began:5.0f} s  {what}")

    chance = Random(plan.seed)  # noqa: S311 - to be repeated, not to be secret
    async with opened(folder, database_url, speed=plan.speed, chance=chance) as world:
        tell("two servers, QuickBooks, Slack and PostgreSQL are up")
        before = await checks.books(world)
        wanted = await wishes(world, plan.proposals)
        deadline = began + plan.seconds_max - plan.rest_seconds_max
        stop = asyncio.Event()
        trouble = [
            asyncio.create_task(_killing(world, plan, figures, stop)),
            asyncio.create_task(_faulting(world, plan, figures, stop)),
            asyncio.create_task(_stopping(world, plan, figures, stop)),
            asyncio.create_task(_deputing(world, plan, figures, stop)),
        ]
        lost = await _all(world, plan, wanted, deadline, tell)
        tell(f"people have done what they can; {figures.kills} kills")
        stop.set()
        for ended in await asyncio.gather(*trouble, return_exceptions=True):
            if isinstance(ended, BaseException):
                figures.breaches.append(f"the chaos itself failed: {ended!r}")
        await world.http.delete(f"{world.simulator}/_simulator/faults")
        tell(f"no more trouble after {figures.kills} kills; waiting for rest")
        await _rest(world, plan)
        tell("at rest")
        figures.breaches += lost
        await _checked(world, figures, before, wanted)
    figures.seconds = time.monotonic() - began
    return figures


async def _all(
    world: World,
    plan: Plan,
    wanted: list[Wish],
    deadline: float,
    tell: Callable[[str], None],
) -> list[str]:
    """Every wish, some at once; what was lost."""
    room = asyncio.Semaphore(plan.at_once)
    lost: list[str] = []
    done = itertools.count(1)

    async def one(wish: Wish) -> None:
        async with room:
            if time.monotonic() > deadline:
                return
            try:
                await people.run(world, wish)
            except people.Lost as failed:
                lost.append(str(failed))
        if (count := next(done)) % 25 == 0:
            tell(f"{count} wishes")

    ended = await asyncio.gather(
        *(one(wish) for wish in wanted), return_exceptions=True
    )
    failed = [each for each in ended if isinstance(each, BaseException)]
    return [*lost, *(f"a wish failed: {each!r}" for each in failed)]


async def _killing(
    world: World, plan: Plan, figures: Figures, stop: asyncio.Event
) -> None:
    """One server after the other, at moments that nobody chose."""
    while not stop.is_set():
        await asyncio.sleep(world.chance.uniform(*plan.kill_every))
        server = world.chance.choice(world.servers)
        await server.kill()
        figures.kills += 1
        await server.start()


async def _faulting(
    world: World, plan: Plan, figures: Figures, stop: asyncio.Event
) -> None:
    """QuickBooks loses replies, is slow, asks for patience, is not there."""
    await world.switchboard("switches", retry_after_seconds=3)
    create = {"operation": "create"}
    often: tuple[dict[str, Any], ...] = (
        {"match": create, "drop": "after"},
        {"match": create, "drop": "before"},
        {"match": create, "status": 503, "when": "after"},
        {"match": create, "delay_after_seconds": 8},
        {"match": {"operation": "send"}, "drop": "after"},
        {"match": {"operation": "void"}, "drop": "after"},
        {"match": {"operation": "query"}, "drop": "before"},
        {"match": {"operation": "read"}, "status": 500},
    )
    # These make everybody wait, and a day of chaos is short.
    seldom: tuple[dict[str, Any], ...] = (
        {"match": create, "status": 429, "code": "3001"},
        {"match": {"operation": "query"}, "status": 503},
        {"match": {"operation": "query"}, "status": 429, "code": "3001"},
    )
    wishes_ = often * 4 + seldom
    while not stop.is_set():
        # One at a time: what nobody has met is taken back.
        await world.http.delete(f"{world.simulator}/_simulator/faults")
        await world.switchboard("faults", **world.chance.choice(wishes_))
        figures.faults += 1
        await asyncio.sleep(world.chance.uniform(*plan.fault_every))


async def _stopping(
    world: World, plan: Plan, figures: Figures, stop: asyncio.Event
) -> None:
    """The company is frozen for a moment, and let go on at the server."""
    (connected,) = await world.parts.connection.all()
    while not await _paused(stop, world.chance.uniform(*plan.freeze_every)):
        for on in (True, False):
            await world.parts.desk.stops.by_server(
                connected.company,
                program.WORKSPACE,
                stops.FROZEN,
                world.parts.now(),
                on=on,
                operator="chaos",
                reason="to see",
            )
            figures.freezes += on
            await asyncio.sleep(world.chance.uniform(*plan.frozen_for) if on else 0)


async def _deputing(
    world: World, plan: Plan, figures: Figures, stop: asyncio.Event
) -> None:
    """The approver names a deputy, and decides for herself again."""
    orders = itertools.cycle(("delegate Alex for 2 days", "stop delegating"))
    while not await _paused(stop, world.chance.uniform(*plan.depute_every)):
        body = world.slack.mention_body(PRIYA, next(orders), people.CHANNEL)
        await world.slack.deliver(json.dumps(body), twice=world.chance.random() < 0.25)
        figures.deputies += 1


async def _paused(stop: asyncio.Event, seconds: float) -> bool:
    """Wait so long; whether it has to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


_PATIENCE_SECONDS = 20.0


async def _rest(world: World, plan: Plan) -> None:
    """Until nothing is unfinished, or it takes too long."""
    end = time.monotonic() + plan.rest_seconds_max
    calm, given_back = 0, dict[str, float]()
    while time.monotonic() < end and calm < 3:
        found = await checks.proposals(world)
        left = checks.unfinished(found)
        for each in left:
            if each.status is Status.UNCONFIRMED and each.doubted_at is not None:
                await _settle(world, each.id)
            elif (
                each.status is Status.PENDING
                and time.monotonic() - given_back.get(each.id, 0.0) > _PATIENCE_SECONDS
            ):
                # Asked for twice, since Slack was told of the first too late.
                given_back[each.id] = time.monotonic()
                await people.give_back(world, each)
        desk = world.parts.desk
        lagging = await desk.waiting_notices(10_000)
        untold = await desk.tellings.waiting(world.parts.now(), 10_000)
        unheard = await checks.unheard(world)
        calm = 0 if left or lagging or untold or unheard else calm + 1
        await asyncio.sleep(1)


async def _settle(world: World, proposal_id: str) -> None:
    """Somebody looks in QuickBooks and says how it ended."""
    desk = world.parts.desk
    proposal = await desk.proposal(proposal_id)
    (priya,) = await world.parts.people.having(program.WORKSPACE, Role.APPROVER)
    entity = proposal.request.entity
    named = [
        each.get("DocNumber") or each.get("PaymentRefNum") or each["Id"]
        for each in await world.query(f"SELECT * FROM {entity}")
        if f"Ref {proposal.number}" in each.get("PrivateNote", "").split(";")
        or each.get("PrivateNote", "").endswith(f"Ref {proposal.number}")
    ]
    await desk.settle(
        proposal_id, priya, doc_number=named[0] if named else None, platform="console"
    )


async def _checked(
    world: World, figures: Figures, before: checks.Books, wanted: list[Wish]
) -> None:
    found = await checks.proposals(world)
    journal, after = await world.journal(), await checks.books(world)
    shown = checks.Shown()
    figures.breaches += [
        *checks.of_statuses(found),
        *checks.of_books(before, after, found, journal),
        *checks.of_wishes(world, wanted, found),
        *await checks.of_messages(world, found, shown),
        *await checks.of_trail(world),
    ]
    asked = len([each for each in wanted if each.number])
    if asked < len(wanted):
        figures.breaches.append(f"only {asked} of {len(wanted)} wishes were proposed")
    figures.proposals = len(found)
    figures.statuses = Counter(each.status.value for each in found)
    figures.requests = len(journal)
    writes = Counter(line["requestid"] for line in journal if line["requestid"])
    figures.writes = sum(writes.values())
    figures.asked_again = sum(times - 1 for times in writes.values())
    figures.replayed = sum(line["replayed"] for line in journal)
    delivered = world.slack.delivered
    figures.events, figures.doubled = delivered.acknowledged, delivered.doubled
    figures.unheard = delivered.unheard
    figures.messages, figures.strays = shown.messages, shown.strays
    figures.said_twice = shown.doubled
    if shown.doubled > figures.kills:
        # Twice is for a crash between saying and noting, and for nothing else.
        figures.breaches.append(f"{shown.doubled} things were told twice")
    for chain in await world.parts.desk.audit.chains():
        figures.lines += (await world.parts.desk.verify(chain)).seq
