"""Answers with their buttons, and what a press on one of these does.

Whoever may read the books here may press: a question is asked anew for the presser,
in the conversation where the answer stands. A reminder becomes the presser's own
proposal, and only one, however often it is pressed.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from approvals.proposal import Denied
from bot import steps
from bot.backstage import Asked, Backstage
from bot.platform import Gone, Press, Reply, SendFailed
from bot.sheet_files import csv_file, xlsx_file
from bot.shown import Shown, Step
from bot.steps import VERBS
from bot.understanding.interpretation import Interpretation
from cards import answers, charts, sheets, talk
from cards.card import Card, Section
from cards.plain import line
from qbo import asks, styles
from qbo.books import Answer
from qbo.faults import BooksFault

__all__ = ["VERBS", "furnished", "pressed", "proposed_before"]

SOON = "That is being done already; it comes here."


class Again(Protocol):
    """Whatever does a request without words (`Errands`)."""

    async def again(
        self, asked: Asked, meant: Interpretation, company: str, step: Step
    ) -> Card | None:
        """Do it in the books of that company."""
        ...


async def furnished(
    back: Backstage,
    asked: Asked,
    action: str,
    arguments: Mapping[str, Any],
    answer: Answer,
) -> Card:
    """The card of an answer, with a button for each next step."""
    wanted = steps.steps(action, arguments, answer)
    card = answers.card(answer)
    if not wanted:
        return card
    shown = await back.shown.keep(
        asked.person.workspace,
        answer.company.id,
        asked.person.id,
        asked.place,
        action,
        dict(arguments),
        wanted,
    )
    return replace(card, buttons=(*card.buttons, *back.shown.buttons(shown)))


async def pressed(
    back: Backstage, errands: Again, asked: Asked, press: Press
) -> Card | Reply | None:
    """Do the step of a pressed button.

    Raises:
        BooksFault: the books stand in the way.
        Denied: not a button of ours, or not one for this person here.
    """
    shown, number = await back.shown.find(press.token, press.verb)
    is_here = _where(shown.place) == _where(asked.place)
    is_theirs = shown.person_id == asked.person.id
    if shown.workspace != asked.person.workspace or not (is_here or is_theirs):
        raise Denied(
            "That answer was given elsewhere, so nothing was done. Please ask here.",
            rule="token",
        )
    step = shown.steps[number]
    if step.verb == steps.PROPOSE:
        return await _proposed(back, errands, asked, shown, number)
    if not await back.shown.claim(shown, number):
        return Reply(SOON)
    try:
        return await _done(back, errands, asked, shown, number, press)
    except (BooksFault, Denied):
        await back.shown.release(shown, number)
        raise


async def _done(
    back: Backstage,
    errands: Again,
    asked: Asked,
    shown: Shown,
    number: int,
    press: Press,
) -> Card | Reply | None:
    """What a step that writes nothing brings."""
    step = shown.steps[number]
    match step.verb:
        case steps.ASK:
            meant = Interpretation("read", step.action, step.arguments)
            return await errands.again(asked, meant, shown.company, step)
        case steps.REFRESH:
            company = (await back.company_with(asked, shown.company)).company
            with styles.written(asked.style(company)):
                return await _refreshed(back, asked, shown, step, press.message)
        case steps.CHART:
            company = (await back.company_with(asked, shown.company)).company
            with styles.written(asked.style(company)):
                return _chart(await _whole(back, asked, shown, step))
        case _:
            return await _handed_over(back, asked, shown, step)


def _where(place: Any) -> tuple[str, str, str]:
    return place.platform, place.tenant, place.conversation


async def _proposed(
    back: Backstage, errands: Again, asked: Asked, shown: Shown, number: int
) -> Card | Reply | None:
    """What the step writes, as one proposal of whoever pressed first."""
    event = f"answer {shown.id} {number}"
    before = await proposed_before(back, event)
    if before is not None:
        return before
    step = shown.steps[number]
    meant = Interpretation("write", step.action, step.arguments)
    asked = replace(asked, inbox=event)
    return await errands.again(asked, meant, shown.company, step)


async def proposed_before(back: Backstage, event: str) -> Reply | None:
    """What is said where a button has proposed before; None where it has not."""
    made = await back.desk.by_inbox(event)
    if made is None:
        return None
    return Reply(
        f"{made.number} was proposed by this button before. Its card says how it"
        " stands. Nothing more has been done."
    )


async def _whole(back: Backstage, asked: Asked, shown: Shown, step: Step) -> Answer:
    """The answer as it is now, with all its rows."""
    ask = asks.ask(step.action, step.arguments)
    return await back.ledger.answer(shown.company, ask, today=asked.today, every=True)


def _chart(answer: Answer) -> Card:
    found = charts.asked_for(answer)
    whole = answers.card(answer)
    if found is None:
        return talk.sentence(
            "There is nothing left that a chart would show.", company=answer.company
        )
    return replace(
        whole,
        title=line(found.title),
        status=None,
        sections=(Section(chart=found),),
        buttons=(),
        links=(),
    )


async def _handed_over(
    back: Backstage, asked: Asked, shown: Shown, step: Step
) -> Card | None:
    """All rows as a file in the conversation."""
    answer = await _whole(back, asked, shown, step)
    sheet = sheets.sheet(answer)
    if sheet is None:
        return talk.sentence(
            "There is nothing left to export; the list is empty by now.",
            company=answer.company,
        )
    made = csv_file if step.verb == steps.CSV else xlsx_file
    # Thousands of rows take a moment, which nobody else should wait for.
    await back.voice.deliver(asked.place, await asyncio.to_thread(made, sheet))
    return None


async def _refreshed(
    back: Backstage, asked: Asked, shown: Shown, step: Step, message: str
) -> Card | Reply:
    """The record as QuickBooks has it this moment, in the place of the old card."""
    answer = await back.ledger.refreshed(
        shown.company,
        asks.ask(step.action, step.arguments["said"]),
        step.arguments["entity"],
        step.arguments["id"],
        today=asked.today,
    )
    card = answers.card(answer)
    # What no longer holds, a reminder of what is paid, is not offered any more.
    holds = {
        (each.verb, each.label)
        for each in steps.steps(shown.action, step.arguments["said"], answer)
    }
    kept = (
        button
        for button, each in zip(back.shown.buttons(shown), shown.steps, strict=True)
        if (each.verb, each.label) in holds
    )
    card = replace(card, buttons=(*card.buttons, *kept))
    try:
        await back.voice.edit(asked.place, message, card)
    except (Gone, SendFailed):
        # An answer that only one person saw cannot be edited: it is given again.
        return card
    return Reply(card=card)
