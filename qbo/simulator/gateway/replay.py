"""Answers by request id: asking again with the same id changes nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from qbo.simulator import faults
from qbo.simulator.switches import Switches

LENGTH_MAX: Final = 50


@dataclass(frozen=True)
class Remembered:
    """An answer as it was given: when (simulated seconds), status, text."""

    at: float
    status: int
    body: str


class Replays:
    """What one company answered to each request id, for as long as switches say."""

    def __init__(
        self, now: Callable[[], float], switches: Callable[[], Switches]
    ) -> None:
        self._now, self._switches = now, switches
        self._answers: dict[str, Remembered] = {}

    def load(self, stored: Iterable[tuple[str, Remembered]]) -> None:
        """Take answers over from storage."""
        self._answers.update(stored)

    def find(self, number: str, entity: str) -> Remembered | None:
        """The answer that was given to this request id, whatever the body now.

        Raises:
            Refused: the id is too long, or repeating is a fault by the switch.
        """
        if len(number) > LENGTH_MAX:
            raise faults.too_long(LENGTH_MAX, len(number), "requestid")
        rules = self._switches()
        answer = self._answers.get(number)
        if answer is None or self.ignores(entity):
            return None
        if self._now() - answer.at > rules.requestid_ttl_seconds:
            del self._answers[number]
            return None
        if rules.requestid_repeated == "fault":
            raise faults.refusal("600", "Duplicate Request ID")
        return answer

    def ignores(self, entity: str) -> bool:
        """Whether request ids mean nothing for this entity."""
        listed = self._switches().requestid_ignored_for.split(",")
        return entity in {one.strip() for one in listed}

    def keep(self, number: str, answer: Remembered) -> None:
        """Remember an answer, and forget those whose time is over."""
        self._answers[number] = answer
        over = self._now() - self._switches().requestid_ttl_seconds
        # With nothing remembered at all, the newest goes as well.
        while (first := next(iter(self._answers), None)) is not None and (
            self._answers[first].at < over
        ):
            del self._answers[first]
