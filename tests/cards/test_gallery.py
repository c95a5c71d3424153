"""What holds for every sample card in every rendering."""

import html as escapes
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from approvals.proposal import Status
from cards import slack, teams
from cards.card import Card, Section, card_from, card_text
from cards.gallery import gallery
from cards.html import html
from cards.plain import inert, unlinked
from cards.text import text
from tests.cards.test_slack import visible as slack_visible
from tests.cards.test_teams import visible as teams_visible

CARDS = gallery()
MARKED = {
    name: card
    for name, card in CARDS.items()
    if card.banner and card.banner.endswith("]")
}
# Made not to fit; the tests of the renderers look at what is cut.
TOO_LARGE = "answers/profit-and-loss-by-month"
# Enough to see a change of look in review; every other sample is checked by rule.
EXPECTED = Path(__file__).parent / "expected"
SNAPSHOTS = (
    "answers/aging",
    "answers/invoice",
    "answers/invoices-mixed",
    "answers/profit-and-loss",
    "answers/receivables",
    "connection/confirm",
    "connection/status",
    "life/paid",
    "life/told-changed",
    "proposals/applied-and-sent",
    "proposals/applied-otherwise",
    "proposals/approved-slow",
    "proposals/pending-approver",
    "proposals/pending-forced",
    "proposals/pending-thawing",
    "proposals/pending-revised",
    "proposals/pending-update-one-of-two",
    "proposals/stale",
    "proposals/superseded",
    "proposals/unconfirmed-asks",
    "several/applied-part",
    "several/pending",
    "several/unreadable",
    "talk/fault",
    "talk/help",
    "talk/question",
)


def shown(page: str) -> str:
    """The text of a page, its elements taken off."""
    return escapes.unescape(re.sub(r"<[^>]*>", " ", page))


def renderings(card: Card) -> dict[str, str]:
    """What people read in each rendering."""
    message, content = slack.payload(card), teams.content(card)
    return {
        "slack": slack_visible(message),
        "teams": teams_visible(content),
        "html": shown(str(html(card))),
        "text": text(card),
    }


def rendered(card: Card, renderer: str) -> str:
    """The payload itself, as a file that can be read in review."""
    made: dict[str, Any] | None = None
    if renderer == "slack.json":
        made = slack.payload(card)
    elif renderer == "teams.json":
        made = teams.content(card)
    if made is not None:
        return json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    return f"{html(card)}\n" if renderer == "html" else text(card)


@pytest.mark.parametrize("name", MARKED)
def test_a_company_that_is_not_real_says_so_before_anything_else(name: str) -> None:
    card = MARKED[name]
    banner = card.banner or ""
    mark = banner[banner.rindex("[") :]

    assert mark in {"[SIMULATED]", "[SANDBOX]"}
    assert card.summary.startswith(banner)
    message, content = slack.payload(card), teams.content(card)
    assert escapes.unescape(message["text"]).startswith(inert(banner))
    assert mark in message["text"]
    assert content["fallbackText"].startswith(inert(banner))
    assert teams.summary(card).startswith(inert(banner))
    assert slack_visible(message).startswith(banner)
    assert teams_visible(content).startswith(banner)
    assert shown(str(html(card))).split()[: len(banner.split())] == banner.split()
    assert text(card).startswith(banner)


def test_the_samples_hold_every_mark_and_every_status() -> None:
    assert {card.banner.rpartition(" [")[2] for card in MARKED.values() if card.banner}
    statuses = {
        name.split("/")[1].split("-")[0] for name in CARDS if "proposals" in name
    }
    assert {status.value for status in Status} <= statuses


def test_a_real_company_has_no_mark_anywhere() -> None:
    for name in ("answers/company-real", "connection/confirm-other"):
        first = CARDS[name].banner
        assert first == "Pennine Fabrication Ltd"


@pytest.mark.parametrize("name", [name for name in CARDS if name != TOO_LARGE])
def test_every_rendering_says_what_the_card_says(name: str) -> None:
    card = CARDS[name]
    for where, said in renderings(card).items():
        flat = " ".join(unlinked(said).split())
        for wanted in _texts(card):
            assert " ".join(unlinked(wanted).split()) in flat, (where, wanted)


def _texts(card: Card) -> list[str]:
    texts = [card.title, *card.footnotes, *([card.status] if card.status else [])]
    for section in card.sections:
        texts += _section_texts(section)
    return texts


def _section_texts(section: Section) -> list[str]:
    texts = [*([section.heading] if section.heading else []), *section.texts]
    texts += [text for _, text in section.warnings]
    for fact in section.facts:
        texts += [fact.label, *([fact.value] if len(fact.value) < 50 else [])]
        texts += [fact.before] if fact.before else []
    if section.table:
        texts += section.table.columns
        texts += [cell for row in section.table.rows for cell in row if len(cell) <= 40]
        texts += [section.table.more] if section.table.more else []
    return texts


@pytest.mark.parametrize("name", CARDS)
def test_every_sample_survives_being_kept(name: str) -> None:
    assert card_from(card_text(CARDS[name])) == CARDS[name]


@pytest.mark.parametrize("renderer", ["slack.json", "teams.json", "html", "txt"])
@pytest.mark.parametrize("name", SNAPSHOTS)
def test_samples_look_as_reviewed(name: str, renderer: str) -> None:
    """`UPDATE_EXPECTED=1` writes the files anew."""
    path = EXPECTED / f"{name.replace('/', '-')}.{renderer}"
    now = rendered(CARDS[name], renderer)

    if os.environ.get("UPDATE_EXPECTED") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == now
