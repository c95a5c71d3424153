"""What looks like a slip in a write that is complete otherwise.

A number typed twice, a sentence that breaks off, the same item named twice: each
is asked about, for a write that says something else than was meant is worse than
a question.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from rapidfuzz.distance import OSA

from bot.understanding.reading import Doubt
from bot.understanding.request import Request

# Words behind which something was to follow.
_OPEN = r"(?:to|from|by|via|into|onto|for|with|at|of|on|under|against|#|net|ref)"
_BROKEN_OFF = (
    rf"(?<!log )(?<!sign )(?<!turn ){_OPEN}(?: (?:the|our|my|a|an|their))? "
    r"(?:(?:please|thanks|\.|!|,|\?) )*$"
    r"|(?:by|via|into|onto) (?:by|via|into|onto|on|for|from)(?= )"
    r"|at (?:to|from|by|on|into)(?= )"
    r"|(?:by|via) \d+(?! (?:days?|weeks?|months?|years?|hours?|%))(?= )"
    r"|(?:for|against|to|on) (?:the )?(?:invoice|bill) "
    r"(?:(?:please|thanks|\.|!|by|from|on) )*$"
)
# What a name hardly begins with, or is nearly said in its place.
_NOUNS = (
    *("customer", "vendor", "item", "service", "product", "client", "supplier"),
    *("called", "named", "email", "phone", "price", "terms", "new", "account"),
)
# "Soil 3 mulch 4": which number goes with which?
_PAIRED_EITHER_WAY = r"{I} (?:\d+|<n>) {I} (?:\d+|<n>)(?! (?:x|{UNIT}|of|{I})(?= ))"
# A name with "and invoice them" or "owes 500" in it is a wish of its own.
_MORE_SAID = (
    r"(?i)\S [,;]?\s*(?:and|then)\s+(?:then |also )?(?:invoice|bill|pay|send|charge"
    r"|credit|e-?mail|record|void)\s+(?:him|her|it|us|them|their|the|an?|\S*\d)\b"
    r"|(?-i:\band (?:an? |as )?(?:new )?(?:customer|client|vendor|supplier|item)\s)"
    r"|\bow(?:es|ed|ing)\b.*\d|%"
)
_PRICED = (
    r"(?i)\s[£$€]?\d[\d.,]*k?(?:\s*/\s*\w+|\s+(?:each|apiece|hourly|(?:per|an?)\s+"
    r"\w+))?$"
)
_NUMBER_LENGTH = 4
_NAMED = ("customer.create", "vendor.create", "item.create")
_UPDATES = ("customer.update", "vendor.update")
_SHORT = 4


def doubt(request: Request) -> Doubt | None:
    """The first slip in a request; its "action" stands for the whole of it."""
    if _is_stuttered(request) or _is_echoed(request) or _breaks_off(request):
        return Doubt("action", (request.action,))
    if _is_twice(request.arguments):
        return Doubt("lines")
    if request.reading.sentence.has(_PAIRED_EITHER_WAY):
        request.arguments.pop("lines", None)
        return Doubt("lines")
    return _odd_value(request)


def _odd_value(request: Request) -> Doubt | None:
    """The doubt about a value that may have been meant as something else."""
    if request.action == "invoice.send" and _is_sum_rather(request):
        return Doubt("action", (request.action,))
    if request.action in _UPDATES and _is_of_either(request):
        return Doubt("action", _UPDATES)
    name = request.arguments.get("name")
    if request.action in _NAMED and isinstance(name, str):
        if _is_odd(name):
            return Doubt("name")
        if not request.reading.sentence.has("<q>") and _says_more(request, name):
            return Doubt("action", (request.action,))
    return None


def _is_of_either(request: Request) -> bool:
    """Whether "Bill's" is as well the short name of a vendor as of a customer."""
    sentence = request.reading.sentence
    noun, other = (
        ("customer", "v") if "customer" in request.arguments else ("vendor", "c")
    )
    if sentence.has("{C}|{V}|customers?|clients?|vendors?|suppliers?"):
        # Plainly named, or said of which book it is.
        return False
    first = str(request.arguments.get(noun, "")).split(" ", maxsplit=1)[0].casefold()
    fit = request.reading.index.books[other].fit(first)
    return (
        sentence.has(rf"{re.escape(first)}(?= )") and bool(fit.names) and not fit.near
    )


def _says_more(request: Request, name: str) -> bool:
    """Whether a new name goes on with another wish, a sum or a price."""
    if re.search(_MORE_SAID, name):
        return True
    priced = request.action == "item.create" and "price" not in request.arguments
    return priced and re.search(_PRICED, name) is not None


def _is_sum_rather(request: Request) -> bool:
    """Whether the bare number in "send Acme West 500" may be a sum of money.

    As with payments: sums are round and short, numbers of invoices seldom are.
    """
    sentence = request.reading.sentence
    number = str(request.arguments.get("invoice", ""))
    if not number.isdigit() or not sentence.has(r"{C}") or sentence.has("invoices?"):
        return False
    if not sentence.has(rf"{number}(?= )"):
        return False
    return len(number) < _NUMBER_LENGTH or int(number) % 50 == 0


def _is_stuttered(request: Request) -> bool:
    """Whether a word or number stands twice in a row: "paid 500 500".

    In "bill Bill Hartley" it does not: there the second one begins a name.
    """
    raw = request.reading.raw
    named = [
        part
        for part in request.reading.sentence.parts
        if part.symbol.startswith("<name:")
    ]
    said = list(_texts(request.arguments))
    for one, two in pairwise(raw.parts):
        if one.symbol.isdigit() or one.symbol in {"<n>", "<m>", "<inv>"}:
            if one.symbol == two.symbol and one.value == two.value:
                return True
        elif one.fold.isalpha() and one.fold == two.fold:
            begins = any(part.start == two.start for part in named)
            if begins and not any(p.start <= one.start < p.end for p in named):
                continue
            doubled = raw.text[one.start : two.end]
            if not any(doubled in text for text in said):
                return True
    return False


def _is_echoed(request: Request) -> bool:
    """Whether a name's last word stands behind it again: "Office Supplies, Supplies".

    It may be taken for the short name of somebody else.
    """
    raw = request.reading.raw
    said = list(_texts(request.arguments))
    return any(
        comma.symbol == ","
        and one.fold.isalpha()
        and one.fold == two.fold
        and not any(raw.text[one.start : two.end] in text for text in said)
        for one, comma, two in zip(
            raw.parts, raw.parts[1:], raw.parts[2:], strict=False
        )
    )


def _breaks_off(request: Request) -> bool:
    """Whether the sentence ends, or goes on, where something was to be said."""
    sentence = request.reading.sentence
    found = sentence.search(_BROKEN_OFF)
    if found is None:
        return False
    # A word of a new name, or of a memo, is no preposition.
    said = sentence.said(found.first, found.first + 1)
    return not any(said in value for value in _texts(request.arguments))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in {"name", "memo", "address", "description"}:
                yield str(inner)
            yield from _texts(inner)


def _is_twice(arguments: dict[str, Any]) -> bool:
    """Whether one item is said twice, once without saying how many of it."""
    changes = arguments.get("changes")
    lines = arguments.get("lines") or (
        changes.get("add_lines") or changes.get("lines")
        if isinstance(changes, dict)
        else None
    )
    seen: dict[object, list[dict[str, Any]]] = {}
    for line in lines or []:
        seen.setdefault(line.get("item") or line.get("account"), []).append(line)
    return any(
        len(same) > 1 and any(_is_bare(line) for line in same) for same in seen.values()
    )


def _is_bare(line: dict[str, Any]) -> bool:
    if "rate" in line:
        return bool(line.get("quantity") == "1")
    return not {"quantity", "amount"} <= line.keys()


def _is_odd(name: str) -> bool:
    """Whether a new name has taken up words that were not meant as a name."""
    if re.search(r"(?i)@| (?:in)?active\b", name) or name.count('"') % 2:
        return True
    words = re.findall(r"[^\W\d_]+", name)
    if len(words) < 2 or not words[0].islower():  # noqa: PLR2004 - a word and its name
        return False
    return any(
        words[0] == noun
        or (len(words[0]) >= _SHORT and OSA.distance(words[0], noun) == 1)
        for noun in _NOUNS
    )
