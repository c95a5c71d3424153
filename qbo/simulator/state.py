"""Everything a running simulator has: companies, connections, clock, switches."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from qbo.simulator import faults
from qbo.simulator.clock import Clock
from qbo.simulator.company import Company
from qbo.simulator.oauth import App, Authority, Chain
from qbo.simulator.orders import Journal, Orders
from qbo.simulator.replay import Replays
from qbo.simulator.storage import Storage
from qbo.simulator.switches import Switches
from qbo.simulator.writes import Circumstances

PER_MINUTE = 500
PER_SECOND = 10


class Limits:
    """Requests a minute and a second, per company, in real time."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._seen: dict[str, deque[float]] = {}

    def admit(self, realm: str) -> None:
        """Count a request.

        Raises:
            Refused: there were too many; a refused request is not counted.
        """
        now = self._seconds()
        seen = self._seen.setdefault(realm, deque())
        while seen and now - seen[0] >= 60:  # noqa: PLR2004 - a minute
            seen.popleft()
        lately = sum(1 for at in list(seen)[-PER_SECOND:] if now - at < 1)
        if len(seen) >= PER_MINUTE or lately >= PER_SECOND:
            raise faults.throttled()
        seen.append(now)


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
        self.limits = Limits()
        self.base = ""
        self.stopping = asyncio.Event()
        self.authority = Authority(
            apps, clock.now, lambda: self.switches, self._save_chain
        )
        for chain in self.storage.chains():
            self.authority.load(chain)

    def add(self, company: Company) -> None:
        """Serve a company."""
        self.companies[company.realm] = company
        replays = Replays(lambda: self.clock.now().timestamp(), lambda: self.switches)
        replays.load(self.storage.requests(company.realm))
        self.replays[company.realm] = replays

    def around(self, *, allow_duplicates: bool = False) -> Circumstances:
        """The circumstances of a write that happens now."""
        return Circumstances(
            self.clock.now(), allow_duplicates, self.switches.as_json()
        )

    def _save_chain(self, chain: Chain) -> None:
        self.storage.save_chain(chain)
