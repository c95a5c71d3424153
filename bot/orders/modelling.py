"""Choosing which language model may be asked about what one writes, or none."""

import re

from approvals.proposal import Denied
from bot.backstage import Asked
from bot.model import OFF, ModelReader, Standing
from bot.model_settings import VENDORS, provider_called
from bot.orders.book import Order, order
from cards import model as cards
from cards.card import Card

_RESET = "reset"
_WORD = r"(?P<choice>[a-z][\w.-]{0,30})"


def orders(reader: ModelReader) -> tuple[Order, ...]:
    """The orders about models."""

    async def show(asked: Asked, matched: re.Match[str]) -> Card:
        del matched
        if not reader.is_on:
            return cards.none()
        return _card(await reader.standing(asked.person))

    async def choose(asked: Asked, matched: re.Match[str]) -> Card:
        if not reader.is_on:
            return cards.none()
        word = matched["choice"].lower()
        standing = await reader.standing(asked.person)
        await reader.rows.choose(asked.person.id, _choice(word, standing))
        return _card(await reader.standing(asked.person))

    return (
        order(
            rf"/?model\s+{_WORD}",
            choose,
            "model off",
            "Choose the language model that may read what you write, or none.",
        ),
        order(
            r"/?model",
            show,
            "model",
            "Which language model is asked, and what of the month's budget is used.",
        ),
    )


def _choice(word: str, standing: Standing) -> str | None:
    """What is to be kept for a person's word; None: nothing.

    Raises:
        Denied: it names none of the models that the operator has set up.
    """
    if word == _RESET:
        return None
    if word == OFF:
        return OFF
    provider = provider_called(word)
    known = [each.provider for each in standing.allowed]
    if provider in known:
        return provider
    words = ", ".join([*known, OFF, _RESET])
    raise Denied(
        f"“{word}” is no model that is set up here. Nothing has been changed; after"
        f" “model” say one of these: {words}.",
        rule="model",
    )


def _card(standing: Standing) -> Card:
    chosen, known = standing.choice, {each.provider for each in standing.allowed}
    gone = VENDORS.get(chosen) if chosen and chosen not in known else None
    return cards.standing(
        standing.used.title if standing.used else None,
        [(each.provider, each.title) for each in standing.allowed],
        is_own_choice=chosen is not None and gone is None,
        gone=gone.title if gone else None,
        tokens=standing.tokens,
        budget=standing.budget,
    )
