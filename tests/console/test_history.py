"""A line of the trail in words."""

import json

import pytest

from approvals.proposal import TrailLine
from bot.console.history import told
from tests.console.office import NOW


def line(event: str, platform: str = "console", **facts: str) -> TrailLine:
    return TrailLine(
        seq=1,
        at=NOW,
        proposal="P-1",
        event=event,
        who="Alex",
        platform=platform,
        facts=json.dumps(facts),
        digest="",
    )


@pytest.mark.parametrize(
    ("event", "facts", "said"),
    [
        ("halt", {"stop": "freeze"}, "The company was frozen"),
        ("halt", {"stop": "thaw"}, "The company is no longer frozen"),
        ("halt", {"stop": "readonly-on"}, "The company was made read-only"),
        ("halt", {}, "The company was stopped, or goes on"),
        ("undo", {"undo": "taken"}, "Its undo was proposed or posted"),
        ("undo", {"undo": "over"}, "The time to undo it is over"),
        ("quorum", {}, "Approved"),
        ("lost-and-found", {}, "Lost and found"),
    ],
)
def test_a_line_says_which_of_its_meanings_it_has(
    event: str, facts: dict[str, str], said: str
) -> None:
    assert told(line(event, **facts)).event == said


def test_what_was_done_at_the_server_names_no_platform() -> None:
    assert told(line("halt", platform="server", stop="thaw")).platform == ""
