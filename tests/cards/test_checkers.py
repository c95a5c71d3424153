from typing import Any

import pytest

from cards import asking, slack, teams
from cards.gallery import gallery
from tests.cards import checkers
from tests.cards.nasty import FRAGMENTS, full_of

CARDS = {
    **gallery(),
    **{f"nasty/{n}": full_of(text) for n, text in enumerate(FRAGMENTS)},
    "nasty/long": full_of("very long " * 900),
}

# The same layers as on the command line, for many payloads in one process.
SLACK = """
import json, sys, validate as v
found = {}
for name, doc in json.load(sys.stdin).items():
    out = v.Out()
    surface = doc.get("type") if doc.get("type") in ("modal", "home") else "message"
    for layer in (v.layer_ts, v.layer_sdk, v.layer_sb, v.layer_lint):
        layer(doc, surface, out)
    found[name] = [list(x) for x in out.items if x[0] in (v.ERR, v.WARN)]
print(json.dumps(found))
"""
TEAMS = """
import json, sys, check_card as c
found = {}
for name, card in json.load(sys.stdin).items():
    report = c.check(card)
    found[name] = [*report.err, *report.warn]
print(json.dumps(found))
"""
# The checker names the limit of webhooks too, which are not how we send; and names
# of customers are as long as they are.
EXPECTED = ("webhook and older limits", "title longer than 40 characters")


def faults(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What is wrong with which card."""
    return {name: wrong for name, wrong in found.items() if wrong}


@pytest.mark.timeout(600)
def test_slacks_definitions_accept_samples_and_texts_of_strangers() -> None:
    tool = checkers.folder("slack-validate")
    docs = {name: slack.payload(card) for name, card in CARDS.items()}
    for verb in ("reject", "settle.there"):
        button = asking.button(verb, "token")
        assert button is not None
        docs[f"form/{verb}"] = slack.modal(button, metadata="[]")

    assert not faults(checkers.run(tool, SLACK, docs))


@pytest.mark.timeout(600)
def test_teams_definitions_accept_samples_and_texts_of_strangers() -> None:
    tool = checkers.folder("teams-validate")
    docs = {name: teams.content(card) for name, card in CARDS.items()}

    found = checkers.run(tool, TEAMS, docs)

    for name, wrong in found.items():
        found[name] = [
            each for each in wrong if not any(word in str(each) for word in EXPECTED)
        ]
    assert not faults(found)
