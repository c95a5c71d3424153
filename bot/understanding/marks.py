"""What else stands in a message beside names and dates.

Memos and quotes (data, never grammar), numbers of documents and proposals,
references, terms, sums of money. Each becomes one part.
"""

import re
from decimal import Decimal

from bot.understanding.sentence import Sentence
from bot.understanding.text import times

CENT = Decimal("0.01")
_THOUSANDTHS = -3
_PENCE = 100
_HUNDREDS = 100
_SIGNS = {"USD": "$", "GBP": "£", "EUR": "€", "CAD": "$", "AUD": "$", "NZD": "$"}
_WORDS = {
    "dollars": "$",
    "dollar": "$",
    "bucks": "$",
    "usd": "$",
    "quid": "£",
    "pounds": "£",
    "pound": "£",
    "gbp": "£",
    "euros": "€",
    "euro": "€",
    "eur": "€",
}
# No single document of the books is larger; a longer number is a slip.
AMOUNT_MAX = Decimal(10) ** 12


def money(value: Decimal) -> str:
    """A sum as the contract writes it: two places."""
    return str(value.quantize(CENT))


def quantity(value: Decimal) -> str:
    """A quantity as the contract writes it: no trailing zeros."""
    return format(value.normalize(), "f")


def is_sum(value: object) -> bool:
    """Whether a number can be a sum of money: positive, exact to the cent."""
    return (
        isinstance(value, Decimal)
        and 0 < value < AMOUNT_MAX
        and value == value.quantize(CENT)
        # "31.050" may be thirty-one thousand in another country.
        and value.as_tuple().exponent != _THOUSANDTHS
    )


# "Over 500" is no sum that can be entered.
BOUNDS = (
    r"(?:over|upto|up to|below|under|above|exceeding|no more than|not more than"
    r"|at most|at least|less than|more than|maximum|minimum) "
    r"(?:{MONEY}|{NUM})"
)

_NUMBER_LENGTHS = range(4, 7)
_ROUND = 100


def may_be_document(digits: str) -> bool:
    """Whether a bare number may be a document's as well as a sum.

    People pay round sums; numbers of documents are seldom round.
    """
    long = digits.isdigit() and len(digits) in _NUMBER_LENGTHS
    return long and int(digits) % _ROUND != 0


# A second number beside a document's that no comma and no "and" joins to it: "1042 to
# 1045", "1042-45", "1042 (1043)", "1042 and up".
_SPAN = (
    r"{tag} (?:\d{{4,}}|<neg>)(?= )"
    r"|{tag} (?:(?:to|on|through|thru|till|until|or|-|/|;|\() )+\d{{2,}}(?= )"
    r"|{tag} (?:to|through|thru|till|until|or|-|/|;|\() (?:(?:and|bill|invoice) )*{tag}"
    r"|{tag} (?:and|or) (?:up|above|upwards?|onwards?|later|after|following|the|others)"
    r"(?= )"
)


def is_span(sentence: Sentence, tag: str) -> bool:
    """Whether a document's number may be the first of several, beside a bare number.

    That is the next one, the last of a row or a sum: which, nobody can tell.
    """
    return sentence.has(_SPAN.format(tag=tag))


# A number that "and", a comma or "too" joins to what "it" is: never the one without
# the other.
_IT = r"(?:it|this|that|them|those|these)(?: (?:one|ones|invoice|bill))?"
_ALSO = r"(?:(?:,|and|plus|with|or|also|/|too|as well as|along|together|then|&) )+"
_NUMBERED = r"(?:(?:number|no|#|invoice|bill|the) )*(?P<{}>TAG|\d{{3,}})"
_BESIDE = (
    rf"{_IT} {_ALSO}{_NUMBERED.format('joined')}(?! (?:{{UNIT}}|x|of|each|{{I}}) )"
    rf"|{_IT} {_NUMBERED.format('too')} (?:too|also|as well)"
    r"|(?:it|them) (?:to|at|from|by|via|in|on|off|with)(?: (?!TAG|\d)\S+){1,3}?"
    rf" (?:and|plus) {_NUMBERED.format('later')}(?! (?:{{UNIT}}|x|of|each|{{I}}) )"
    rf"|(?P<first>TAG|\d{{4,}}) {_ALSO}{_IT}"
    r"(?= (?:$|[.,!?]|please|too|as well|from|by))"
)


def beside(sentence: Sentence, tag: str) -> str:
    """The number that is joined to what was shown, as in "void it and 1043".

    Which of the two is meant, or whether both are, nobody can tell.
    """
    found = sentence.search(_BESIDE.replace("TAG", tag))
    if found is None:
        return ""
    (place, _), *_ = found.groups.values()
    part = sentence.parts[place]
    return str(part.value) if part.symbol == tag else part.symbol


_MEMO_TAIL = (
    r"(?:(?:and |with |add |, )*(?:the |a )?(?P<word>memo|note|message)"
    r"(?: line| field| saying| that says| reads| reading| to say| says| of| as| is| to"
    r"| should say| should read| it| them| :| =| -)*) (?P<said>.+)"
)
# A memo without quotes ends where another clause plainly begins.
_MEMO_END = (
    r", (?:and )?(?:due|net|dated|send|email|terms|by check|date|ref|reference|then)"
    r"|and (?:send|email) (?:it|them)|\. |; |, and send"
)


def mark_memo(sentence: Sentence) -> None:
    """Make one part of a memo and of a description."""
    of_invoice = sentence.search(
        r"(?:memo|note) (?:to|on|for|of) (?:the )?(?:invoice )?(?:# |number |no )*"
        r"(?:\d+|<inv>) (?:(?:to|:|saying|says|-|,|that|as|reading|=) )*(?P<said>.+)"
    )
    if of_invoice is not None:
        first, last = of_invoice.groups["said"]
        part = sentence.parts[first]
        text = part.value if part.symbol == "<q>" else sentence.said(first, last)
        sentence.replace(first, last, "<memo>", str(text).strip(" .,;"))
        return
    for word, tag in (("memo", "<memo>"), ("description", "<described>")):
        source = _MEMO_TAIL.replace(
            "memo|note|message",
            word if tag == "<described>" else "memo|note|memos|notes",
        )
        found = sentence.search(source)
        if found is None:
            continue
        first, last = found.groups["said"]
        if sentence.parts[first].symbol == "<q>":
            text = sentence.parts[first].value
            sentence.replace(found.first, first + 1, tag, text)
            continue
        if sentence.parts[first].symbol in {"on", "for", "from"} and tag == "<memo>":
            continue
        end = sentence.search(_MEMO_END, first)
        stop = last if end is None or end.first <= first else end.first
        text = sentence.said(first, stop).strip(" .,;")
        if text:
            sentence.replace(found.first, stop, tag, text)


_NEWS = r"(?<=^ )(?:(?:hi|hey|hello|ok|so|and|fyi|that|please|,|record|note|both) )*"
# A bare number that such words make an invoice's: the one that each pattern catches.
_BARE_DOCUMENTS = (
    (
        r"(?:add|remove|take|put|drop|delete|strip|include)(?: \S+)*? {I}(?: \S+)? "
        r"(?:to|from|off|on) (?P<number>\d{3,}) (?=$|please|,)"
    ),
    (
        r"(?:paid|pay|payment|payments) (?:for|against|towards?) (?P<number>\d{3,})"
        r"(?= (?:\?|\.|!|,|please|yet|in full|by|on|today|yesterday)* ?$)"
    ),
    (
        r"(?:memo|note|due date|terms) (?:on|of|for|to) (?P<number>\d{4,})"
        r"|(?:change|update|set|edit|correct|fix|move|push|extend)(?: the)? "
        r"(?P<changed>\d{4,})"
        r"(?= (?:'s |s )?(?:due|terms|memo|date|to (?:net|<terms>)))"
        r"|(?:push|move|extend|postpone|delay) (?P<moved>\d{4,})"
        r"(?= (?:out|back|by|to|until) )"
        r"|(?:show|open|see|view)(?: me| us)? (?P<shown>\d{3,})"
        r"(?= (?:and|or|,) \d{3,} )"
    ),
    # "1042 paid in full by check": with a customer beside it a round one is a sum.
    (
        rf"{_NEWS}(?P<cleared>\d{{3,5}}[1-46-9]|\d{{4,6}}(?!(?: \S+)* {{C}}))"
        r"(?= (?:(?:and|,) \d{4,6} )*"
        r"(?:(?:has|have|was|is|been|got|now|just|finally|already|were|both) )*"
        r"(?:(?:fully|all) (?:paid|settled|cleared) |(?:paid|settled|cleared)"
        r"(?: off| up)? (?:in|by|via|with|on|off|<date>|today|yesterday|full|fully) ))"
        r"(?!(?: \S+)* {V})"
    ),
)


def mark_numbers(sentence: Sentence) -> None:
    """Make one part of every document's number, reference and proposal."""
    _account_numbers(sentence)
    _proposals(sentence)
    _references(sentence)
    _terms(sentence)
    for source, tag in (
        (
            (
                r"(?:invoices?|invoiced) (?:(?:number|numbers|no|nos|\.|#) )*"
                r"(?P<number>\d+|<inv>|<code>)(?! (?:{UNIT}|x|of|each|dollars|bucks|"
                r"grand|"
                r"quid|"
                r"pounds|{I}|%|weeks?|years?)(?= ))"
            ),
            "<doc:i>",
        ),
        (
            (
                r"(?:bills?) (?:(?:number|numbers|no|nos|ref|\.|#) )*"
                r"(?P<number>\d+|<code>)(?! (?:{UNIT}|x|of|each|dollars|bucks|grand|"
                r"quid|"
                r"pounds|{I}|%|weeks?|years?)(?= ))"
            ),
            "<doc:b>",
        ),
    ):
        after = 0
        while (found := sentence.search(source, after)) is not None:
            place = found.groups["number"][0]
            sentence.replace(place, place + 1, tag, _document(sentence, place))
            after = place + 1
    for source in _BARE_DOCUMENTS:
        if (found := sentence.search(source)) is not None:
            (place, _), *_ = found.groups.values()
            sentence.replace(place, place + 1, "<doc:i>", _document(sentence, place))
    while (found := sentence.search(r"# (?P<number>\d+|<code>)")) is not None:
        value = _document(sentence, found.groups["number"][0])
        sentence.replace(found.first, found.last, "<doc:i>", value)
    while (found := sentence.search(r"<inv>")) is not None:
        value = sentence.parts[found.first].value
        sentence.replace(found.first, found.last, "<doc:i>", value)
    for tag in ("<doc:i>", "<doc:b>"):
        _more_documents(sentence, tag)


def _account_numbers(sentence: Sentence) -> None:
    """An account may be named by its number, after a word that says so."""
    book = sentence.index.books["a"]
    source = (
        r"(?:account|accounts|category|under|into|as|gl)(?: (?:number|no|#|code))* "
        r"(?P<number>\d{3,6})"
    )
    after = 0
    while (found := sentence.search(source, after)) is not None:
        place = found.groups["number"][0]
        fit = book.fit(sentence.said(place, place + 1))
        if fit.only is not None and fit.whole:
            first = (
                found.first
                if sentence.parts[found.first].symbol == "account"
                else place
            )
            sentence.replace(first, place + 1, "<name:a>", {"a": fit})
            after = first + 1
        else:
            after = place + 1


def _document(sentence: Sentence, place: int) -> str:
    part = sentence.parts[place]
    if part.symbol == "<inv>":
        return str(part.value)
    said = sentence.said(place, place + 1)
    # "INV-" is how people say "invoice", not a part of the number.
    return re.sub(r"(?i)^inv-?", "", said).lstrip("#")


def _more_documents(sentence: Sentence, tag: str) -> None:
    """Make a number of each that follows in a list: "invoices 1042, 1043 and 1044"."""
    source = (
        rf"{tag} (?:,|and|plus|or|, and) (?:#|invoice|bill)? ?(?P<number>\d{{3,}}|"
        rf"<inv>)"
        r"(?! (?:{UNIT}|x|of|each|for|{I})(?= ))"
    )
    while (found := sentence.search(source)) is not None:
        place = found.groups["number"][0]
        sentence.replace(place, place + 1, tag, _document(sentence, place))


def _proposals(sentence: Sentence) -> None:
    source = (
        r"(?:proposals?|request|p)(?: (?:number|no|nr|#|-|\.))* (?P<number>\d{1,9})"
    )
    while (found := sentence.search(source)) is not None:
        place = found.groups["number"][0]
        sentence.replace(place, place + 1, "<p>", "P-" + sentence.parts[place].symbol)


_REFERENCES = (
    r"(?P<how>check|cheque) (?:number |no |\. |# )*(?P<number>\d+|<code>)",
    (
        r"(?:with |and |, )?(?:the )?(?:reference|ref|their ref|receipt no)"
        r" (?:(?:number|no|\.|#|:|is|of) )*(?P<number>\d+|<code>|<q>|<inv>|[a-z]+|<\?>)"
    ),
    r"(?P<how>check) # (?P<number>\d+)",
)


def _references(sentence: Sentence) -> None:
    for source in _REFERENCES:
        found = sentence.search(source)
        if found is None:
            continue
        place = found.groups["number"][0]
        part = sentence.parts[place]
        if part.symbol.isalpha() and part.known:
            # "Ref, due on the 5th": the reference itself was left out.
            continue
        said = part.value if part.symbol == "<q>" else sentence.said(place, place + 1)
        last = place + 1
        while (
            last < len(sentence.parts)
            and sentence.parts[last].start == (sentence.parts[last - 1].end)
            and sentence.parts[last].symbol not in {",", ".", ";", "?", "!", ")"}
            and not sentence.parts[last].symbol.startswith("<")
        ):
            # "4471/A" is one reference, however it was cut.
            last += 1
            said = sentence.said(place, last)
        first = found.first
        if "how" in found.groups:
            first += 1
        sentence.replace(first, last, "<ref>", str(said))


_TERMS = (
    r"(?:payable |due )?(?:up)?on receipt",
    (
        r"(?:payment )?(?:terms? (?:of |to |are |is |: )?)?net (?:- )?(?P<days>\d+)(?: "
        r"days)?"
    ),
    r"(?P<days>\d+) days? net",
    r"(?:payment )?terms? (?:of |to |are |is |: )?(?P<days>\d+) days",
    r"(?P<days>\d+) days? (?:payment )?terms",
)


def _terms(sentence: Sentence) -> None:
    """Payment terms; the value is their exact name, or what was said of none."""
    book = sentence.index.books["t"]
    for source in _TERMS:
        after = 0
        while (found := sentence.search(source, after)) is not None:
            place = found.at("days")
            said = (
                "Due on receipt"
                if place is None
                else f"Net {sentence.parts[place].symbol}"
            )
            fit = book.fit(said)
            value = (fit.only if fit.whole else None, said)
            sentence.replace(found.first, found.last, "<terms>", value)
            after = found.first + 1


def mark_money(sentence: Sentence) -> None:
    """Make one part of every sum that says it is one ("$", "k", "quid")."""
    source = (
        r"(?P<number>{MONEY}|a|half a|<bad>) (?P<size>grand|k|thousand|hundred|million)"
        r"(?: (?:dollars|bucks|quid|pounds|euros))?"
    )
    sizes = {"grand": 1000, "k": 1000, "thousand": 1000, "hundred": 100}
    after = 0
    while (found := sentence.search(source, after)) is not None:
        place = found.groups["number"][0]
        part = sentence.parts[place]
        size = sentence.parts[found.groups["size"][0]].symbol
        # "2 grand grand" is a slip; only "2 hundred thousand" is said of one sum.
        after = place + (size != "hundred")
        said = part.value[0] if part.symbol == "<m>" else part.value
        if part.symbol == "a":
            said = Decimal(1)
        elif part.symbol == "half":
            said = Decimal("0.5")
        sign = part.value[1] if part.symbol == "<m>" else None
        if size == "hundred" and said is not None and said >= _HUNDREDS:
            # "Three thousand hundred": a word between them was left out.
            said = None
        value = None if said is None else times(said, sizes.get(size, 1_000_000))
        tag = "<m>" if value is not None else "<bad>"
        sentence.replace(found.first, found.last, tag, (value, sign))
    words = "|".join(_WORDS)
    source = (
        rf"(?P<number>{{NUM}}) (?P<word>{words})"
        r"|(?P<first>usd|gbp|eur) (?P<next>{NUM})"
    )
    while (found := sentence.search(source)) is not None:
        number = found.groups.get("number") or found.groups["next"]
        word = found.groups.get("word") or found.groups["first"]
        value = sentence.parts[number[0]].value
        sign = _WORDS[sentence.parts[word[0]].symbol]
        sentence.replace(found.first, found.last, "<m>", (value, sign))
    source = r"(?P<sum><m>) (?:and )?(?P<cents>{NUM}) (?:cents?|pence|pennies)"
    while (found := sentence.search(source)) is not None:
        value, sign = sentence.parts[found.first].value
        cents = sentence.parts[found.groups["cents"][0]].value
        exact = value is not None and value == int(value) and 0 < cents < _PENCE
        value = value + cents / _PENCE if exact else None
        tag = "<m>" if exact else "<bad>"
        sentence.replace(found.first, found.last, tag, (value, sign))
    own = _SIGNS.get(sentence.index.names.currency)
    for part in sentence.parts:
        # A sum in another currency than the company's is no sum of its books.
        if part.symbol == "<m>" and part.value[1] not in {None, own}:
            part.symbol = "<foreign>"
    sentence.changed()


def amount_at(sentence: Sentence, place: int) -> Decimal | None:
    """The number that a part is, as a sum; None where it is none."""
    part = sentence.parts[place]
    value = part.value[0] if part.symbol == "<m>" else part.value
    return value if is_sum(value) else None
