"""A burst of fifty edits stays under what Slack and Teams allow."""

import pytest

from bot.pace import EDIT, SEND, Pace
from bot.platform import Place


class Seconds:
    """A clock of seconds that moves when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _burst(count: int, verb: str, platform: str, rooms: int = 1) -> list[float]:
    """When each of so many goes out, all wanted at once."""
    clock = Seconds()
    pace = Pace(clock)
    sent = []
    for number in range(count):
        place = Place(platform, "T", f"C{number % rooms}")
        while wait := pace.wait_seconds(place, verb):
            clock.now += wait
        pace.spent(place, verb)
        sent.append(clock.now)
    return sent


def _most(times: list[float], seconds: float) -> int:
    """The most that went out within any such time."""
    return max(sum(1 for each in times if 0 <= each - t < seconds) for t in times)


def test_slack_gets_about_one_message_a_second_in_a_channel() -> None:
    times = _burst(50, SEND, "slack")

    assert _most(times, 1.0) <= 4
    assert _most(times, 30.0) <= 33
    assert times[-1] == pytest.approx(47, abs=1)


def test_slack_gets_no_more_than_fifty_edits_a_minute_in_a_workspace() -> None:
    assert _most(_burst(120, EDIT, "slack", rooms=40), 60.0) <= 50


def test_teams_gets_less_than_it_throttles_at() -> None:
    times = _burst(50, EDIT, "teams")

    assert _most(times, 1.0) <= 7
    assert _most(times, 2.0) <= 8
    assert _most(times, 30.0) <= 60


def test_the_console_is_never_waited_for() -> None:
    assert set(_burst(50, EDIT, "console")) == {0.0}


def test_what_answers_a_person_goes_out_at_once_and_counts() -> None:
    clock = Seconds()
    pace, place = Pace(clock), Place("slack", "T", "C1")

    for _ in range(6):
        pace.spent(place, SEND)

    assert pace.wait_seconds(place, SEND) == pytest.approx(4)
    assert pace.wait_seconds(Place("slack", "T", "C2"), SEND) == 0
