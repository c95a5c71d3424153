"""What was paid in full: an invoice, or all that are open."""

from typing import Any

from bot.understanding.marks import may_be_document
from bot.understanding.sentence import Sentence

# A choice beside the sum, where "in full" was said of no invoice.
ALL_OPEN = "all open invoices"

# People pay round sums; numbers of invoices are seldom round.
_NUMBER_LENGTH = 4
_TELLING = frozenset(
    ["no", "nope", "only", "just", "for", "against", "number", "invoice", "invoices"]
)
_ALL = (
    r"(?<=^ )(?:(?:yes|,|please|for) )*(?:all|both|every)(?: (?:of|the|their|them|her|"
    r"his|its|our|it|open|unpaid|outstanding))*(?: invoices?| ones?)?(?: please)? $"
)
_NUMBERS = (
    r"(?<=^ )(?:(?:no|nope|sorry|only|just|for|against|it|was|is|the|that|it's|i|meant|"
    r"mean|one|number|#|,|invoices?) )*(?:<doc:i>|\d{3,})"
    r"(?: (?:,|and|only|please|!|\.|invoices?|#|<doc:i>|\d{3,}))* $"
)


def answered(sentence: Sentence) -> dict[str, Any] | None:
    """What an answer to "which invoice, or all?" adds; None where it is none.

    A bare round number is a sum all the same; so is one with a sign or a point.
    """
    if sentence.has(_ALL):
        return {"full": True}
    numbers = invoices(sentence)
    if not numbers:
        return None
    symbols = {part.symbol for part in sentence.parts}
    told = len(numbers) > 1 or "<doc:i>" in symbols or bool(symbols & _TELLING)
    if not told and (len(numbers[0]) < _NUMBER_LENGTH or int(numbers[0]) % 5 == 0):
        return None
    return {"invoices": numbers, "full": True}


def either(sentence: Sentence) -> str | None:
    """A bare round number that may be the sum as well as an invoice's."""
    numbers = invoices(sentence)
    if not numbers or len(numbers) > 1 or not may_be_document(numbers[0]):
        return None
    symbols = {part.symbol for part in sentence.parts}
    return None if "<doc:i>" in symbols or symbols & _TELLING else numbers[0]


def invoices(sentence: Sentence) -> list[str] | None:
    """The numbers of invoices that a message is, and nothing else."""
    if not sentence.has(_NUMBERS):
        return None
    said = [
        str(part.value) if part.symbol == "<doc:i>" else part.symbol
        for part in sentence.parts
        if part.symbol == "<doc:i>" or part.symbol.isdigit()
    ]
    return list(dict.fromkeys(said))
