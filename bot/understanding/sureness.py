"""Whether the grammar was sure of a message, or somebody else may be asked.

Sure is what was read with confidence, what our own rules refuse, and every question
that only the person can answer: which of several names, a sum that was not said, a
word of doubt or denial, two requests at once. Not sure is a message that nothing
fits, one with words in it that nothing was made of, and a reading of low confidence.
"""

from datetime import date

from bot.understanding.confidence import confidence, has_unused
from bot.understanding.conversation import Context, _refused, _single, _two_requests
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.names import index_of
from bot.understanding.reading import Reading
from bot.understanding.text import LENGTH_MAX, PARTS_MAX, clean
from qbo.books import Names

# Reads show their working, and are cheap to ask again: only poor ones are doubted.
READ_LEAST = 60


def is_sure(
    meant: Interpretation, words: str, names: Names, today: date, least: int
) -> bool:
    """Whether `meant` stands as it is; else a second reader may be asked.

    `least` is the confidence (0 to 100) below which a write is not proposed.
    """
    tidy = clean(words[: LENGTH_MAX * 4])
    if not tidy or len(tidy) > LENGTH_MAX:
        return True
    match meant.kind:
        case "write":
            return confidence(words, meant, names, today)[0] >= least
        case "read":
            return confidence(words, meant, names, today)[0] >= READ_LEAST
        case "refuse":
            return _is_refused(tidy, names, today)
        case "clarify":
            return _is_question(meant, tidy, names, today)
        case _:
            return True


def _reading(tidy: str, names: Names, today: date) -> Reading | None:
    reading = Reading(tidy, index_of(names), today)
    readable = reading.raw.parts and len(reading.raw.parts) <= PARTS_MAX
    return reading if readable else None


def _is_refused(tidy: str, names: Names, today: date) -> bool:
    """Whether a rule refuses it, rather than nothing fitting it."""
    reading = _reading(tidy, names, today)
    return reading is None or _refused(reading) is not None


def _is_question(meant: Interpretation, tidy: str, names: Names, today: date) -> bool:
    """Whether it is the person who has to answer."""
    asked = meant.question
    assert asked is not None, "a clarify without its question"
    if meant.action is not None and ACTIONS[meant.action].kind == "command":
        return True
    if asked.about != "action":
        if asked.choices or meant.action is None:
            return True
        return not has_unused(tidy, meant, names, today)
    if meant.action is not None or meant.arguments:
        return True
    return not is_lost(tidy, names, today)


def is_lost(tidy: str, names: Names, today: date) -> bool:
    """Whether nothing of ours fits a message that stands on its own."""
    reading = _reading(tidy, names, today)
    if reading is None or _refused(reading) is not None:
        return False
    try:
        return (
            _two_requests(reading, Context()) is None
            and _single(reading, Context()) is None
        )
    except OverflowError:
        return False


def may_change(meant: Interpretation) -> bool:
    """Whether a meaning is a wish to change the books, complete or not."""
    return meant.action is not None and ACTIONS[meant.action].kind == "write"
