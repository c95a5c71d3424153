"""What is offered where a new name is wanted, or a name is in no list.

    the name is like another's   use that one, make it active again, create all the same
    the name is in no list       create it first; the request that waits goes on after

Each is a button that lasts (`shown`). What waits for a name goes on by a button as
well (`waits`): nothing is proposed by itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot import steps
from bot.backstage import Asked, Backstage
from bot.shown import Step
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.waits import NOUNS, Waits, read, short
from cards import talk
from cards.card import Card
from qbo.books import Company, Names
from qbo.faults import Alike, Namesake


async def _card(
    back: Backstage,
    asked: Asked,
    company: Company,
    card: Card,
    offered: Sequence[Step],
) -> Card:
    """A card with a button for each step."""
    if not offered:
        return card
    shown = await back.shown.keep(
        asked.person.workspace,
        company.id,
        asked.person.id,
        asked.place,
        offered[0].action,
        {},
        offered,
    )
    return replace(card, buttons=(*card.buttons, *back.shown.buttons(shown)))


# --- a name like another's --------------------------------------------------------


async def alike(
    back: Backstage,
    asked: Asked,
    company: Company,
    meant: Interpretation,
    found: Alike,
) -> Card:
    """The question whether somebody who is there is meant, with what can be done."""
    card = talk.question(found.sentence, company=company, is_write=True)
    return await _card(back, asked, company, card, _instead(meant, found))


def _instead(meant: Interpretation, found: Alike) -> list[Step]:
    """What can be done about each one found; and to make it all the same."""
    action = meant.action or ""
    wanted = action.partition(".")[0].capitalize()
    offered = [
        step for each in found.found for step in _about(each, meant, wanted, found)
    ]
    if not found.taken:
        name = str(meant.arguments.get("name", ""))
        offered.append(
            Step(
                steps.PROPOSE,
                f"Create {short(name)} all the same",
                action,
                {**meant.arguments, "anyway": True},
            )
        )
    return offered


def _about(
    each: Namesake, meant: Interpretation, wanted: str, found: Alike
) -> list[Step]:
    if f"{each.noun}.show" not in ACTIONS:
        return []  # employees are nobody's to show
    show = Step(
        steps.ASK,
        f"Show the {each.noun} {short(each.name)}",
        f"{each.noun}.show",
        {each.noun: each.name},
    )
    if each.entity != wanted:
        return [show]
    then = meant.arguments.get("then")
    if each.active:
        waits = read(then)
        use = replace(show, label=f"Use {short(each.name)}")
        return [waits.step(each.name) if waits else use]
    others = [one for one in found.found if one.active and one.name == each.name]
    if others:
        return []  # the name alone would mean the active one
    return [_reactivated(each.noun, each.name, then)]


def _reactivated(noun: str, name: str, then: object) -> Step:
    arguments: dict[str, Any] = {noun: name, "changes": {"active": True}}
    if then is not None and noun == "customer":
        arguments["then"] = then
    label = f"Make {short(name)} active again"
    return Step(steps.PROPOSE, label, f"{noun}.update", arguments)


# --- a name that is in no list ----------------------------------------------------


async def missing(
    back: Backstage,
    asked: Asked,
    company: Company | None,
    meant: Interpretation,
    card: Card,
) -> Card:
    """A question about an unknown customer, with a way to make that customer first."""
    question = meant.question
    if company is None or question is None or question.about != "customer":
        return card
    if meant.action not in NOUNS:
        return card
    waits = _complete(meant, asked.words)
    offered = []
    if question.said:
        arguments = {"name": question.said, **({"then": waits.text} if waits else {})}
        label = f"Create {short(question.said)} first"
        offered = [Step(steps.PROPOSE, label, "customer.create", arguments)]
    elif question.choices:
        names = await back.ledger.names(company.id)
        offered = [
            _reactivated("customer", name, waits.text if waits else None)
            for name in _inactive(names, question.choices)
        ]
        kept = {each.arguments["customer"] for each in offered}
        # What cannot be chosen as it is, is not offered to be.
        still = tuple(each for each in card.buttons if each.token not in kept)
        card = replace(card, buttons=still)
    return await _card(back, asked, company, card, offered)


def _complete(meant: Interpretation, words: str) -> Waits | None:
    """The request without its customer, if nothing else is missing."""
    assert meant.action is not None, "a request of which kind"
    known = {k: v for k, v in meant.arguments.items() if k != "company"}
    return read(Waits(meant.action, known, words).text)


def _inactive(names: Names, chosen: Sequence[str]) -> list[str]:
    inactive = {each.name for each in names.customers if not each.active}
    return [each for each in chosen if each in inactive]
