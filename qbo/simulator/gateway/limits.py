"""How many requests the gateway lets through: a minute, a second, at once, a month.

Pure counting; the numbers are switches, and 0 means no limit.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from qbo.simulator import faults
from qbo.simulator.clock import PACIFIC
from qbo.simulator.exact import Json
from qbo.simulator.switches import Switches

REQUEST: Final = "request"
BATCH: Final = "batch"
REPORT: Final = "report"
OAUTH: Final = "oauth"
_BOOKS: Final = frozenset({REQUEST, BATCH, REPORT})


@dataclass(frozen=True)
class Rule:
    """At most `switch` requests of these kinds in so many seconds.

    Counted for each company and app, or for a company whoever asks. `weighed`: a
    batch may count as often as it has items.
    """

    switch: str
    seconds: int
    kinds: frozenset[str]
    by_app: bool
    weighed: bool = False


RULES: Final = (
    Rule("requests_per_minute", 60, _BOOKS, by_app=False, weighed=True),
    Rule("requests_per_second", 1, _BOOKS, by_app=True),
    Rule("calls_per_minute", 60, _BOOKS | {OAUTH}, by_app=True, weighed=True),
    Rule("batches_per_minute", 60, frozenset({BATCH}), by_app=True),
    Rule("batches_per_minute_of_all_apps", 60, frozenset({BATCH}), by_app=False),
    Rule("reports_per_minute", 60, frozenset({REPORT}), by_app=False),
)
"""developer.intuit.com, "Limits and throttles"."""


class Limits:
    """Counts requests; `seconds` is a clock that never jumps by itself."""

    def __init__(
        self, seconds: Callable[[], float], switches: Callable[[], Switches]
    ) -> None:
        self._seconds, self._switches = seconds, switches
        self._seen: dict[tuple[str, str, str], deque[float]] = {}
        self._inside: Counter[tuple[str, str]] = Counter()

    def admit(self, realm: str, app: str, kind: str, weight: int = 1) -> None:
        """Count a request of an app to a company.

        `weight` is how many items a batch has.

        Raises:
            Refused: there were too many; a refused request counts nowhere.
        """
        now, rules = self._seconds(), self._switches()
        counted = []
        for rule in RULES:
            limit = getattr(rules, rule.switch)
            if kind not in rule.kinds or not limit:
                continue
            by_items = rule.weighed and rules.batch_weight == "items"
            times = weight if by_items else 1
            key = (rule.switch, realm, app if rule.by_app else "")
            seen = self._seen.setdefault(key, deque())
            # What lies ahead was counted before somebody moved the clock back.
            while seen and not 0 <= now - seen[0] < rule.seconds:
                seen.popleft()
            if len(seen) + times > limit:
                raise faults.throttled()
            counted.append((seen, times))
        for seen, times in counted:
            seen.extend([now] * times)

    def enter(self, realm: str, app: str) -> None:
        """Count a request as being answered now.

        Raises:
            Refused: too many are.
        """
        most = self._switches().requests_at_once
        if most and self._inside[realm, app] >= most:
            raise faults.throttled()
        self._inside[realm, app] += 1

    def leave(self, realm: str, app: str) -> None:
        """A request that entered has been answered."""
        self._inside[realm, app] -= 1


class Meter:
    """Counts what was answered well, by month and company: reads cost, writes not.

    `keep` is called now and then with all counts, so that a restart knows them.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        switches: Callable[[], Switches],
        keep: Callable[[Json], None],
        kept: Json | None,
    ) -> None:
        self._now, self._switches, self._keep = now, switches, keep
        self._months: Json = kept or {}
        self._unkept = 0

    def check(self) -> None:
        """Let a read pass, or not.

        Raises:
            Refused: this month's reads, of all companies together, are used up.
        """
        most = self._switches().reads_per_month
        month = self._months.get(self._month(), {})
        if most and sum(one["reads"] for one in month.values()) >= most:
            raise faults.throttled()

    def count(self, realm: str, reads: int) -> None:
        """Count an answered request: so many reads, or a write."""
        month = self._months.setdefault(self._month(), {})
        counts = month.setdefault(realm, {"reads": 0, "writes": 0})
        counts["reads"] += reads
        counts["writes"] += 0 if reads else 1
        self._unkept += 1
        if self._unkept >= 100:  # noqa: PLR2004 - a commit for each were too slow
            self.save()

    def save(self) -> None:
        """Keep the counts now."""
        self._unkept = 0
        self._keep(self._months)

    def reset(self) -> None:
        """Start from nothing."""
        self._months.clear()
        self.save()

    def as_json(self) -> Json:
        """All counts: month, realm, reads and writes."""
        return self._months

    def _month(self) -> str:
        return self._now().astimezone(PACIFIC).strftime("%Y-%m")
