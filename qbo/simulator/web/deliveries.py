"""What is on its way to whoever listens: endpoints, and deliveries in queues.

    event -> delivery: waiting -> sent -> delivered
                          ^         |
                          +- retry -+-> lost, and the endpoint is disabled

Each endpoint has a queue of its own, and the first delivery in it holds back the
others until it is acknowledged. A delivery takes events in for as long as its window
is open and it was not tried. Waits are in simulated time, so moving the clock makes
them pass. Nothing here waits or sends: `courier` does.
"""

import itertools
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from qbo.simulator.clock import Clock
from qbo.simulator.exact import Json
from qbo.simulator.keeping.storage import Kept, Storage
from qbo.simulator.rules import webhooks
from qbo.simulator.rules.webhooks import Event
from qbo.simulator.switches import Switches

VERIFIER: Final = "simulator-verifier"
WAITS: Final = (0, 10, 20, 30, 300, 1_200, 7_200, 14_400, 21_600)
"""Seconds after each failed attempt; the last one repeats."""

EVENTS_MAX: Final = 100
DONE_MAX: Final = 1_000
WISHES: Final = ("twice", "held", "lost")
WAITING: Final = "waiting"
HELD: Final = "held"
DELIVERED: Final = "delivered"
LOST: Final = "lost"


@dataclass
class Endpoint:
    """An address that hears of changes.

    Empty `entities` and `operations` mean all of them. `app` is whose endpoint it is:
    it hears of the companies connected to that app, or without one to any.
    """

    id: str
    url: str
    verifier: str = VERIFIER
    app: str = ""
    entities: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    enabled: bool = True

    def wants(self, event: Event) -> bool:
        """Whether this kind of event was chosen."""
        word = webhooks.WORDS[event.deed]
        return (
            self.enabled
            and (not self.entities or event.entity in self.entities)
            and (not self.operations or word in self.operations)
        )

    def wrote(self, event: Event) -> bool:
        """Whether the app that listens made the change itself."""
        if event.app is None:
            return False
        return "" in {self.app, event.app} or self.app == event.app

    def as_json(self) -> Json:
        """The endpoint for storage and the switchboard."""
        data = asdict(self)
        return {**data, "entities": [*self.entities], "operations": [*self.operations]}

    @classmethod
    def from_json(cls, data: Json) -> "Endpoint":
        """An endpoint from storage."""
        chosen = {name: tuple(data[name]) for name in ("entities", "operations")}
        return cls(**{**data, **chosen})


@dataclass
class Delivery:
    """Events on their way to an endpoint in one POST.

    `since` is when it was made or last tried, in simulated seconds; `place` orders
    the queue. `again` marks a repetition, which takes in nothing more; `sending` is
    so while it is being tried.
    """

    id: int
    endpoint: str
    place: int
    since: float
    events: list[Event]
    status: str = WAITING
    again: bool = False
    attempts: list[Json] = field(default_factory=list)
    sending: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it may take in another event."""
        tried = bool(self.attempts) or self.sending
        full = len(self.events) >= EVENTS_MAX
        return not (tried or full or self.again or self.status == HELD)

    def add(self, event: Event, *, collapse: bool) -> None:
        """Take an event in; it may be told by one that is there already."""
        if collapse:
            for one in self.events:
                if one.absorbs(event):
                    one.when = event.when
                    return
        self.events.append(event)

    def as_json(self) -> Json:
        """The delivery for storage."""
        data = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            **data,
            "events": [one.as_json() for one in self.events],
            "sending": False,
        }

    @classmethod
    def from_json(cls, data: Json) -> "Delivery":
        """A delivery from storage."""
        events = [Event.from_json(one) for one in data["events"]]
        return cls(**{**data, "events": events, "since": float(data["since"])})


class Outbox:
    """All endpoints and their queues.

    `connected` tells whether a company is connected to an app. `anywhere` allows
    addresses on other machines.
    """

    def __init__(
        self,
        clock: Clock,
        switches: Callable[[], Switches],
        storage: Storage,
        connected: Callable[[str, str], bool],
    ) -> None:
        self.anywhere = False
        self.endpoints: dict[str, Endpoint] = {}
        self._clock, self._switches = clock, switches
        self._storage, self._connected = storage, connected
        self._queues: dict[str, list[Delivery]] = {}
        self._done: deque[Delivery] = deque(maxlen=DONE_MAX)
        self._wishes: list[tuple[str, str]] = []
        self._changed: dict[int, Delivery] = {}
        for data in storage.kept("endpoint"):
            self._add(Endpoint.from_json(data))
        stored = [Delivery.from_json(data) for data in storage.kept("delivery")]
        for one in sorted(stored, key=lambda one: one.place):
            self._queues[one.endpoint].append(one)
        last = max((max(one.place, one.id) for one in stored), default=0)
        self._numbers = itertools.count(last + 1)

    # Endpoints

    def register(self, wish: Json) -> Endpoint:
        """Take an endpoint; the address of a known one changes what that one hears.

        Raises:
            ValueError: a member is unknown or has no sense.
        """
        url, chosen = checked(wish, anywhere=self.anywhere)
        wanted = (url, chosen.get("app", ""))
        known = (o.id for o in self.endpoints.values() if (o.url, o.app) == wanted)
        endpoint = Endpoint(next(known, uuid.uuid4().hex[:8]), url, **chosen)
        self._add(endpoint)
        self._storage.keep([("endpoint", endpoint.id, endpoint.as_json())])
        return endpoint

    def remove(self, number: str) -> None:
        """Forget an endpoint and what was on its way to it.

        Raises:
            KeyError: there is none of that id.
        """
        del self.endpoints[number]
        gone: list[Kept] = [("endpoint", number, None)]
        gone += [("delivery", str(one.id), None) for one in self._queues.pop(number)]
        self._storage.keep(gone)

    def _add(self, endpoint: Endpoint) -> None:
        self.endpoints[endpoint.id] = endpoint
        self._queues.setdefault(endpoint.id, [])

    # Events coming in

    def take(self, events: Iterable[Event]) -> list[Kept]:
        """Queue events; gives what is to be stored along with the write."""
        echo = self._switches().webhook_own_writes
        for event, endpoint in itertools.product(events, self.endpoints.values()):
            if (
                endpoint.wants(event)
                and (echo or not endpoint.wrote(event))
                and self._connected(endpoint.app, event.realm)
            ):
                self._queue(endpoint.id, event)
        return self._rows()

    def wish(self, word: str, endpoint: str = "") -> None:
        """Let the next event (of an endpoint) come twice, late, or not at all.

        Raises:
            ValueError: the word is none of `WISHES`.
        """
        if word not in WISHES:
            raise ValueError(f"next is one of: {', '.join(WISHES)}")
        self._wishes.append((word, endpoint))

    def repeat(self, number: int) -> Delivery:
        """Send the events of a delivery once more.

        Raises:
            ValueError: there is no such delivery.
        """
        for one in self._all():
            if one.id == number and one.endpoint in self._queues:
                made = self._new(one.endpoint, list(one.events), again=True)
                self._storage.keep(self._rows())
                return made
        raise ValueError(f"there is no delivery {number}")

    def _queue(self, number: str, event: Event) -> None:
        wish = self._wished(number)
        if wish == "lost":
            return
        if wish == "held":
            self._new(number, [event]).status = HELD
            return
        queue = self._queues[number]
        if queue and queue[-1].is_open:
            queue[-1].add(event, collapse=self._switches().webhook_collapse)
            self._changed[queue[-1].id] = queue[-1]
        else:
            self._new(number, [event])
        if wish == "twice":
            self._new(number, [event], again=True)
        self._let_go(queue)

    def _wished(self, number: str) -> str:
        for place, (word, endpoint) in enumerate(self._wishes):
            if endpoint in {"", number}:
                del self._wishes[place]
                return word
        return ""

    def _new(
        self, number: str, events: list[Event], *, again: bool = False
    ) -> Delivery:
        place, since = next(self._numbers), self._clock.now().timestamp()
        # Copies: a repetition says what it says, whatever the first comes to absorb.
        copies = [Event(**vars(one)) for one in events]
        made = Delivery(place, number, place, since, copies, again=again)
        self._queues[number].append(made)
        self._changed[made.id] = made
        return made

    def _let_go(self, queue: list[Delivery]) -> None:
        """What was held back goes behind the event that has come in the meantime."""
        for one in [one for one in queue if one.status == HELD]:
            queue.remove(one)
            queue.append(one)
            one.status, one.place = WAITING, next(self._numbers)
            self._changed[one.id] = one

    # Events going out

    def first(self, number: str) -> Delivery | None:
        """What an endpoint is to get next."""
        queue = self._queues.get(number, ())
        return next((one for one in queue if one.status == WAITING), None)

    def wait(self, delivery: Delivery) -> float:
        """Seconds until a delivery is due."""
        rules = self._switches()
        tried = len(delivery.attempts)
        if tried:
            wait = WAITS[min(tried, len(WAITS)) - 1] / max(rules.webhook_speed, 1)
        else:
            wait = 0 if delivery.again else rules.webhook_window_ms / 1_000
        now = self._clock.now().timestamp()
        # The clock may have been put back, by hand or by a restart.
        delivery.since = min(delivery.since, now)
        return delivery.since + wait - now

    def tried(self, delivery: Delivery, attempt: Json) -> None:
        """Write down how an attempt went, and what follows from it."""
        endpoint = self.endpoints.get(delivery.endpoint)
        if endpoint is None:
            return
        rules, kept = self._switches(), list[Kept]()
        delivery.attempts.append(attempt)
        delivery.since = self._clock.now().timestamp()
        self._changed[delivery.id] = delivery
        if attempt["acknowledged"]:
            self._finish(delivery, DELIVERED)
            if rules.webhook_duplicates and not delivery.again:
                self._new(endpoint.id, delivery.events, again=True)
        elif len(delivery.attempts) >= rules.webhook_attempts_max:
            endpoint.enabled = False
            for one in list(self._queues[endpoint.id]):
                self._finish(one, LOST)
            kept.append(("endpoint", endpoint.id, endpoint.as_json()))
        self._storage.keep([*kept, *self._rows()])

    def _finish(self, delivery: Delivery, status: str) -> None:
        self._queues[delivery.endpoint].remove(delivery)
        delivery.status = status
        self._done.append(delivery)
        self._changed[delivery.id] = delivery

    def _rows(self) -> list[Kept]:
        """What storage has to learn: what is on its way, and what no longer is."""
        rows: list[Kept] = []
        for one in self._changed.values():
            finished = one.status in {DELIVERED, LOST}
            rows.append(("delivery", str(one.id), None if finished else one.as_json()))
        self._changed.clear()
        return rows

    # What the switchboard shows

    def listed(self, after: int = 0) -> list[Json]:
        """The deliveries after a number: those on their way, and the latest others."""
        rows = sorted(self._all(), key=lambda one: one.id)
        return [self._shown(one) for one in rows if one.id > after]

    def forget_finished(self) -> None:
        """Clear the list of what was delivered or lost."""
        self._done.clear()

    def _all(self) -> Iterable[Delivery]:
        return itertools.chain(self._done, *self._queues.values())

    def _shown(self, one: Delivery) -> Json:
        endpoint = self.endpoints.get(one.endpoint)
        due = max(self.wait(one), 0.0) if one.status == WAITING else None
        return {
            "id": one.id,
            "endpoint": one.endpoint,
            "url": endpoint.url if endpoint else None,
            "status": one.status,
            "again": one.again,
            "due_in_seconds": due,
            "attempts": one.attempts,
            "events": [event.as_json() for event in one.events],
        }


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def checked(wish: Json, *, anywhere: bool) -> tuple[str, Json]:
    """The address of a wish, and the other members as an endpoint has them.

    Raises:
        ValueError: a member is unknown or has no sense.
    """
    allowed = {one.name for one in fields(Endpoint)} - {"id", "enabled"}
    if unknown := set(wish) - allowed:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    wrong = [
        name
        for name in ("url", "verifier", "app")
        if not isinstance(wish.get(name, ""), str)
    ]
    if wrong:
        raise ValueError(f"{wrong[0]} is a text")
    url = wish.get("url", "")
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ValueError("url is an address with http or https")
    if not anywhere and not is_loopback(url):
        raise ValueError(
            "only an address on this machine will do, unless the simulator was started"
            " with --webhooks-anywhere"
        )
    chosen = {name: value for name, value in wish.items() if name != "url"}
    choices = {"entities": webhooks.OPERATIONS, "operations": webhooks.WORDS.values()}
    for name, words in choices.items():
        given = chosen.get(name, [])
        if not isinstance(given, list) or set(map(str, given)) - set(words):
            raise ValueError(f"{name} are among: {', '.join(words)}")
        chosen[name] = tuple(given)
    return url, chosen
