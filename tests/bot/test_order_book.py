"""The book of orders: which words are one, in how much time."""

import re
import time

import pytest

from bot.backstage import Asked
from bot.orders.book import Order, Orders, order
from cards.card import Card


async def _nothing(asked: Asked, matched: re.Match[str]) -> Card | None:
    del asked, matched
    return None


def _order(words: str) -> Order:
    return order(words, _nothing, "", "")


LEAVE = _order(r"leave\s+out\s+(?P<what>\S.*?)(?:\s+from\s+(?P<number>p-\d+))?")
FREEZE = _order(r"freeze(?:\s+(?P<why>\S[\s\S]*))?")


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("leave out 3 from P-1", "3"),
        ("  Leave \t out\u00a0 3   and 4  from  P-1 ", "3 and 4"),
        ("freeze", None),
        ("freeze the books \n\n are wrong", "the books\nare wrong"),
    ],
)
def test_blanks_more_or_less_make_no_other_order(said: str, what: str | None) -> None:
    found = Orders((LEAVE, FREEZE)).find(said)

    assert found is not None
    assert found[1].groups()[0] == what


def test_a_message_of_blanks_is_read_at_once() -> None:
    begun = time.process_time()

    found = Orders((LEAVE, FREEZE)).find(f"leave out a{' ' * 40_000}\nb")

    assert found is None
    assert time.process_time() - begun < 5
