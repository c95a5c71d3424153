"""Everything a running simulator has: companies, connections, clock, switches."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from aiohttp import web

from qbo.simulator.books.company import Company
from qbo.simulator.clock import Clock
from qbo.simulator.exact import Json
from qbo.simulator.gateway.apps import App
from qbo.simulator.gateway.identity import Signer
from qbo.simulator.gateway.limits import Limits, Meter
from qbo.simulator.gateway.oauth import Authority, Chain
from qbo.simulator.gateway.orders import Journal, Orders
from qbo.simulator.gateway.replay import Remembered, Replays
from qbo.simulator.keeping.storage import Storage
from qbo.simulator.people import Rights
from qbo.simulator.rules import webhooks
from qbo.simulator.rules.attachments import Links
from qbo.simulator.rules.webhooks import Event
from qbo.simulator.rules.writes import Circumstances
from qbo.simulator.switches import Switches
from qbo.simulator.web.courier import Courier
from qbo.simulator.web.deliveries import Outbox


class Simulator:
    """The state that handlers share. Only the event loop's own thread touches it."""

    def __init__(
        self,
        clock: Clock,
        switches: Switches,
        apps: Iterable[App],
        folder: Path | None,
    ) -> None:
        self.clock = clock
        self.switches = switches
        self.storage = Storage(folder)
        self.companies: dict[str, Company] = {}
        self.replays: dict[str, Replays] = {}
        self.orders = Orders()
        self.journal = Journal()
        self.limits = Limits(clock.ticks, lambda: self.switches)
        kept = self.storage
        self.rights = Rights(
            lambda roles: self._keep("rights", roles), next(kept.kept("rights"), None)
        )
        self.meter = Meter(
            clock.now,
            lambda: self.switches,
            lambda counts: self._keep("meter", counts),
            next(kept.kept("meter"), None),
        )
        key = next(kept.kept("signing key"), {}).get("pem")
        self.signer = Signer(key, lambda pem: self._keep("signing key", {"pem": pem}))
        self.base = ""
        self.stopping = asyncio.Event()
        self.authority = Authority(
            apps, clock.now, lambda: self.switches, self._save_chain
        )
        for chain in self.storage.chains():
            self.authority.load(chain)
        self.links = Links(clock.now)
        self.outbox = Outbox(
            clock, lambda: self.switches, self.storage, self.authority.connected
        )
        self.courier = Courier(self.outbox, clock, lambda: self.switches)

    def add(self, company: Company) -> None:
        """Serve a company."""
        self.companies[company.realm] = company
        webhooks.all_told(company)
        replays = Replays(lambda: self.clock.now().timestamp(), lambda: self.switches)
        over = self.clock.now().timestamp() - self.switches.requestid_ttl_seconds
        replays.load(self.storage.requests(company.realm, since=over))
        self.replays[company.realm] = replays

    def around(self, *, allow_duplicates: bool = False) -> Circumstances:
        """The circumstances of a write that happens now."""
        return Circumstances(
            self.clock.now(), allow_duplicates, self.switches.as_json()
        )

    def commit(
        self,
        company: Company,
        remembered: Iterable[tuple[str, Remembered]] = (),
        app: str | None = None,
        events: Iterable[Event] = (),
    ) -> None:
        """Make what was written durable, and hand over the events it makes.

        `app` is the one that wrote, None a person in QuickBooks itself; `events` were
        collected before, by a batch.
        """
        found = [*events, *webhooks.events(company, self.clock.now(), app)]
        self.storage.save(company, remembered, self.outbox.take(found))
        self.courier.wake()

    def _save_chain(self, chain: Chain) -> None:
        if not chain.fixed:
            self.storage.save_chain(chain)

    def _keep(self, kind: str, body: Json) -> None:
        self.storage.keep([(kind, "", body)])


STATE: Final = web.AppKey("simulator", Simulator)
