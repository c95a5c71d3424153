"""Payments that customers made."""

import re

from bot.understanding import in_full
from bot.understanding.marks import BOUNDS, may_be_document
from bot.understanding.request import Request

_FULL = (
    r"(?:(?:all|both|every|everything|each)(?: (?:of|her|his|their|its|the|our|open|"
    r"unpaid|"
    r"outstanding|overdue|remaining))* (?:invoices?|bills?)(?: in full)?)|"
    r"everything(?: (?:"
    r"they|she|he|it) (?:owes?|owed))?|(?:in full|full balance|full amount|whole "
    r"balance|"
    r"entire balance|fully paid|paid fully|paid off|the full (?:sum|total|amount)|"
    r"(?:her|his|their|its|the) (?:full |whole |entire |open |outstanding )?balance)"
)
_ALL = (
    r"(?:all|both|every|everything|each)(?: (?:of|her|his|their|its|the|our|open|"
    r"unpaid|"
    r"outstanding|overdue|remaining))* (?:invoices?|bills?)|everything|(?:full|whole|"
    r"entire|"
    r"outstanding|open|her|his|their|its) balance"
)

# People pay round sums; numbers of invoices are seldom round.
_NUMBER_LENGTH = 4


def record(request: Request) -> None:
    """Such as "Tidewater Marina paid 1,250.00 by check no. 2231 for invoice 1042"."""
    sentence = request.sentence
    request.take_reasons()
    # A payment has no memo in the contract; the words are data all the same.
    request.take(r"<memo>")
    request.take_reference()
    request.take_account(
        "deposit_to",
        r"(?:deposited |deposit |put it |goes |went |paid )?(?:into|in to|to|in"
        r"|onto)",
    )
    if _is_loose(request):
        request.doubt("reference")
    numbers = request.documents("<doc:i>")
    if not numbers:
        numbers = request.bare_documents() or _bare_numbers(request)
    request.take_method()
    request.take_date(r"(?:(?:on|dated|date|as of|received|,) )*", happened=True)
    request.take_party("customer", "from|by|got|received|payment", active=True)
    if numbers:
        request.arguments["invoices"] = numbers
    full = sentence.has(_FULL)
    everything = sentence.has(_ALL)
    while request.take(_FULL):
        pass
    if full and not numbers and not everything and sentence.has(r"\d{4,}"):
        # "Paid 1050 in full": a sum, or an invoice?
        request.doubt("amount", (in_full.ALL_OPEN,))
        request.take(r"\d{4,}")
    if numbers and len(list(sentence.each(r"{MONEY}"))) > 1:
        # "500 for 1042 and 300 for 1043": one payment cannot say which is whose.
        request.arguments.pop("invoices", None)
    request.take_amount()
    doubted = any(doubt.about == "amount" for doubt in request.gathered.doubts)
    named = bool(numbers) or everything
    if "amount" not in request.arguments and full and named and not doubted:
        request.arguments["full"] = True
    elif full and "amount" not in request.arguments and not doubted:
        request.doubt("amount", (in_full.ALL_OPEN,))
    _plausible(request, numbers)
    _denied(request)
    _drop_heads(request)


def _denied(request: Request) -> None:
    """What is no payment of a customer's, or not all of the sum that was said."""
    sentence = request.sentence
    if sentence.has(r"<doc:b>|bill"):
        request.doubt("invoice")
    if sentence.has(r"half|part of|partial|some of|most of|rest of|remaining"):
        request.arguments.pop("amount", None)
        request.arguments.pop("full", None)
        request.doubt("amount")


def _is_loose(request: Request) -> bool:
    """Whether "#881" may be a check's number as well as an invoice's."""
    sentence = request.sentence
    found = sentence.search(
        r"(?<!for )(?<!against )(?<!towards )(?<!toward )(?<!on )(?<!to )(?<!of )"
        r"(?<!and )(?<!covering )(?<!invoices )(?<!invoice )(?<!paid )(?<!<doc:i> )"
        r"(?<!<doc:i> , )(?<!that )(?<!settles )(?<!clearing )(?<!mark )(?<!marks )"
        r"(?P<number><doc:i>)"
    )
    if found is None or found.first == 0:
        return False
    place = found.groups["number"][0]
    return sentence.said(place, place + 1).startswith("#")


def _bare_numbers(request: Request) -> list[str]:
    """The invoice in "500 for 1042": a bare number behind the sum."""
    sentence = request.sentence
    found = sentence.search(r"for (?P<number>\d{3,6})(?= $| ,| \.| \|)")
    if found is None or len(list(sentence.each("{MONEY}"))) <= 1:
        return []
    number = sentence.parts[found.groups["number"][0]].symbol
    sentence.drop(found.first, found.last)
    return [number]


def _plausible(request: Request, numbers: list[str]) -> None:
    """A sum that looks like the number of an invoice is a doubt."""
    amount = request.arguments.get("amount")
    if amount is None or numbers:
        return
    bare = amount.removesuffix(".00")
    sentence = request.reading.sentence
    if sentence.has(BOUNDS):
        # Neither the sum nor a number: "up to 1050".
        return
    if len(bare) < _NUMBER_LENGTH or not sentence.has(rf"{re.escape(bare)}(?= )"):
        return
    # An invoice is what is cleared, whatever its number.
    if may_be_document(bare) or sentence.has(
        rf"(?:cleared|clears|clearing|settled|settles)(?: up| off)? {bare}(?= )"
    ):
        del request.arguments["amount"]
        request.doubt("amount", said=bare)


def _drop_heads(request: Request) -> None:
    """The words that said that it is a payment."""
    while request.take(
        r"(?:record|log|enter|add|post|apply|book|note|register|receive|take|put|"
        r"create|new"
        r"|make|mark|process|save|payments?|deposit(?:ed)?|receipt|paid|pays|paying|"
        r"got|"
        r"received|collected|banked|took|settled|sent us|sent|gave us|gave|transferred|"
        r"wired"
        r"|handed|dropped|down|off|cleared|mailed|remitted|just|already|finally|in|"
        r"invoices?|customer|partial|towards?|against|another|worth|open|their|balance|"
        r"account|both|<q>|number|fully|total|amount|came|come)"
    ):
        pass
