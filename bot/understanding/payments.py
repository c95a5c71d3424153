"""Payments that customers made."""

import re

from bot.understanding import in_full
from bot.understanding.marks import BOUNDS, beside, is_span, may_be_document
from bot.understanding.request import Request

_FULL = (
    r"(?:(?:all|both|every|everything|each)(?: (?:of|her|his|their|its|the|our|open|"
    r"unpaid|"
    r"outstanding|remaining))* (?:invoices?|bills?)(?: in full)?)|"
    r"everything(?: (?:"
    r"they|she|he|it) (?:owes?|owed))?|(?:in full|full balance|full amount|whole "
    r"balance|"
    r"entire balance|fully paid|paid fully|paid off|the full (?:sum|total|amount)|"
    r"(?:her|his|their|its|the) (?:full |whole |entire |open |outstanding )?balance)"
)
_ALL = (
    r"(?:all|both|every|everything|each)(?: (?:of|her|his|their|its|the|our|open|"
    r"unpaid|"
    r"outstanding|remaining))* (?:invoices?|bills?)|everything|(?:full|whole|"
    r"entire|"
    r"outstanding|open|her|his|their|its) balance"
)

# "All invoices from October" are not all that are open.
_SOME = (
    r"(?:invoices?|bills?|everything) (?:(?:that|which|are|were|is|was|sent|made) )*"
    r"(?:from|of|in|dated|since|before|until|till|up to|over|under|due) "
    r"(?:<date>|{MONEY})"
)

# "500 off", "500 over", "500 soon": not the sum, or not yet paid.
_UNFINISHED = (
    r"{MONEY} (?:off|over|up|out|short|soon|next|under|(?:i )?guess)"
    r"(?: (?:[.!,]|please|thanks))* $"
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
    numbers = _invoices(request)
    request.take_method()
    if request.arguments.get("method", "").casefold() in {"check", "cheque"}:
        # "Sent a check for 500, check no. 4471": the same one twice.
        request.take("check")
    request.take_date(r"(?:(?:on|dated|date|as of|received|,) )*", happened=True)
    request.take_party("customer", "from|by|got|received|payment", active=True)
    if numbers:
        request.arguments["invoices"] = numbers
    full = sentence.has(_FULL)
    everything = sentence.has(_ALL) and not request.reading.sentence.has(_SOME)
    while request.take(_FULL):
        pass
    bare = r"\d{2,}" if numbers else r"\d{4,}"
    if full and not everything and sentence.has(bare):
        # "Paid 1050 in full": a sum, or an invoice?
        request.doubt("amount", () if numbers else (in_full.ALL_OPEN,))
        request.take(bare)
    if numbers and len(list(sentence.each(r"{MONEY}"))) > 1:
        # "500 for 1042 and 300 for 1043": one payment cannot say which is whose.
        request.arguments.pop("invoices", None)
    if sentence.has(_UNFINISHED):
        request.doubt("amount")
        request.take("{MONEY}")
    request.take_amount()
    doubted = {doubt.about for doubt in request.gathered.doubts}
    named = bool(numbers) or everything or "invoices" in doubted
    open_sum = "amount" not in request.arguments and "amount" not in doubted
    if full and open_sum and named:
        request.arguments["full"] = True
    elif full and open_sum:
        request.doubt("amount", (in_full.ALL_OPEN,))
    _plausible(request, numbers)
    _denied(request)
    _drop_heads(request)


def _invoices(request: Request) -> list[str]:
    """The invoices that were paid, as far as it is plain which they are."""
    sentence = request.sentence
    if is_span(sentence, "<doc:i>") or beside(sentence, "<doc:i>"):
        request.doubt("invoices")
        request.documents("<doc:i>")
        request.take(
            r"(?:(?:to|on|through|thru|till|until|or|-|/|;|\() )*(?:\d{2,}|<neg>)"
        )
        return []
    if sentence.has(r"{NUM} to {NUM}") and not sentence.has("apply|applied|put|post"):
        # "500 to 600": somewhere between, or a sum for an invoice?
        request.doubt("amount")
        request.take(r"{NUM} to {NUM}")
    return (
        request.documents("<doc:i>")
        or _several(request)
        or request.bare_documents()
        or _bare_numbers(request)
    )


def _several(request: Request) -> list[str]:
    """The invoices of "1,200.00 against 1051 and 1052": none of which is the sum."""
    sentence = request.sentence
    found = sentence.search(
        r"(?:against|towards?) (?P<numbers>\d{4,6}(?: (?:(?:,|and|&) )+\d{4,6})+)(?= )"
    )
    if found is None or len(list(sentence.each("<m>|<n>"))) != 1:
        return []
    first, last = found.groups["numbers"]
    numbers = [p.symbol for p in sentence.parts[first:last] if p.symbol.isdigit()]
    sentence.drop(found.first, found.last)
    return list(dict.fromkeys(numbers))


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
