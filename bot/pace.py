"""How fast each chat platform may be spoken to: its limits, kept before they bite.

A bucket for each conversation and one for each tenant. What answers a person goes
out at once and only counts; what is kept in step behind their backs waits its turn.
A platform's own wish (Retry-After) is kept by whoever it was told.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.platform import Place

SEND, EDIT = "send", "edit"
_FORGET_AFTER: Final = 2_000  # buckets; full ones are forgotten first


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `burst` at once, and `per_second` in the long run."""

    burst: float
    per_second: float


# https://docs.slack.dev/apis/web-api/rate-limits: chat.postMessage takes about one
# message a second in a channel, short bursts tolerated, and several hundred a minute
# in a workspace; chat.update is of tier 3, 50 a minute in a workspace. In no minute
# are ours more than 10 + 40.
# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit: in a
# conversation 7 sends a second, 60 in 30 s, 1,800 an hour; 30 requests a second for
# an app in a tenant (50 elsewhere in the same pages).
_CONVERSATION: Final = {
    "slack": Limit(burst=3, per_second=1),
    "teams": Limit(burst=5, per_second=0.5),
}
_TENANT: Final = {
    ("slack", SEND): Limit(burst=20, per_second=3),
    ("slack", EDIT): Limit(burst=10, per_second=40 / 60),
    ("teams", SEND): Limit(burst=20, per_second=20),
    ("teams", EDIT): Limit(burst=20, per_second=20),
}


@dataclass(slots=True)
class _Bucket:
    limit: Limit
    left: float
    at: float

    def level(self, now: float) -> float:
        """What is left now; below zero where answers took more than there was."""
        gained = (now - self.at) * self.limit.per_second
        return min(self.limit.burst, self.left + gained)


class Pace:
    """Counts what goes to each place, and says how long the next has to wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, ...], _Bucket] = {}

    def spent(self, place: Place, verb: str) -> None:
        """Something went there just now."""
        now = self._clock()
        for bucket in self._of(place, verb, now):
            bucket.left, bucket.at = bucket.level(now) - 1, now

    def wait_seconds(self, place: Place, verb: str) -> float:
        """How long to wait before the next goes there; 0: not at all."""
        now = self._clock()
        waits = [
            (1 - bucket.level(now)) / bucket.limit.per_second
            for bucket in self._of(place, verb, now)
        ]
        return max(0.0, *waits) if waits else 0.0

    def _of(self, place: Place, verb: str, now: float) -> Iterator[_Bucket]:
        within = _CONVERSATION.get(place.platform)
        if within is not None:
            yield self._bucket(room(place), within, now)
        across = _TENANT.get((place.platform, verb))
        if across is not None:
            key = (place.platform, place.tenant, "", verb)
            yield self._bucket(key, across, now)

    def _bucket(self, key: tuple[str, ...], limit: Limit, now: float) -> _Bucket:
        if key not in self._buckets:
            if len(self._buckets) >= _FORGET_AFTER:
                self._forget(now)
            self._buckets[key] = _Bucket(limit, limit.burst, now)
        return self._buckets[key]

    def _forget(self, now: float) -> None:
        """Drop the buckets that are full again: a new one is the same."""
        self._buckets = {
            key: bucket
            for key, bucket in self._buckets.items()
            if bucket.level(now) < bucket.limit.burst
        }


def room(place: Place) -> tuple[str, str, str]:
    """The conversation that a place is in, whatever its thread."""
    return place.platform, place.tenant, place.conversation
