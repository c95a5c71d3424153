"""What we owe and what we spent: bills, their payment, expenses."""

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.understanding import lines, purchases
from bot.understanding.counts import is_taken_back
from bot.understanding.marks import beside, is_span, may_be_document
from bot.understanding.parties import fits_of, phrases, prefer_account
from bot.understanding.request import Request
from bot.understanding.sentence import Sentence

if TYPE_CHECKING:
    from bot.understanding.moments import When

# People pay round sums; numbers of bills are seldom round.
_NUMBER_LENGTH = 4
_PAY_FROM = r"(?:paid )?(?:from|out of|on|with|using|via|by|off|through|in)"


def create(request: Request) -> None:
    """Such as "Bill from Staples dated Nov 12: 86.20 for office supplies, ref 4471"."""
    sentence = request.sentence
    request.take_reasons()
    request.take_memo()
    request.take_terms()
    request.take_reference()
    if is_taken_back(sentence):
        request.doubt("lines")
    _sum_behind_bill(request)
    numbers = request.documents("<doc:b>")
    if len(numbers) == 1 and "reference" not in request.arguments:
        request.arguments["reference"] = numbers[0]
    elif numbers:
        request.doubt("reference", tuple(numbers))
    _bill_date(request)
    request.take_due()
    request.doubt_due()
    if sentence.has("<date>") and "date" in request.arguments:
        # A second day: is it when the bill is due?
        request.doubt("due_date")
    if sentence.has("<date>"):
        request.take_date(
            r"(?:(?:on|dated|date|from|,) )*", nearest=True, happened=True
        )
    _joined_thing(request)
    _vendor(request, "from|by|bill")
    request.take(
        r"(?:(?:enter|add|record|create|new|log|book|post|got|received|receive|put in|"
        r"key in"
        r"|input|register|save|make|there is|have|here is|heres|raise|put|key|we|i|a|"
        r"an|the|"
        r"another|just) )*(?:bills?|billed us|invoiced us|charged us)(?: (?:from|by|"
        r"for|of|:"
        r"|in|-|number))*"
    )
    request.take(r"(?:billed|invoiced|charged)(?: us)?(?: for)?")
    request.take(r"(?:enter|add|record|create|new|log|book|post)")
    _account_lines(request)


def _sum_behind_bill(request: Request) -> None:
    """Read the number of "bill 300 job materials" as its sum, where no other is.

    One that may well be a bill's number stays that, and the sum is asked for.
    """
    sentence = request.sentence
    found = sentence.search(r"bill (?P<sum><doc:b>)")
    if found is None or sentence.has(r"{MONEY}|<bad>|<foreign>|<neg>"):
        return
    part = sentence.parts[found.groups["sum"][0]]
    if not part.value.isdigit() or may_be_document(part.value):
        return
    part.symbol, part.value = part.value, Decimal(part.value)
    sentence.changed()


def _bill_date(request: Request) -> None:
    if request.sentence.has(r"(?:dated|date|bill date)(?: (?:of|on|:|is))* <date>"):
        request.take_date(r"(?:,? ?(?:bill )?(?:dated|date)(?: (?:of|on|:|is))* )")


def _vendor(request: Request, heads: str) -> None:
    """The vendor; where a name is also an account's, the preposition decides."""
    sentence = request.sentence
    for place, part in enumerate(sentence.parts):
        if not (fits_of(part, "v") and fits_of(part, "a")):
            continue
        before = sentence.parts[place - 1].symbol if place else ""
        account = part.value["a"].whole and not part.value["v"].whole
        if before in {"from", "by", "at", "with"} and not part.value["a"].whole:
            account = False
        elif before in {"for", "on", "under", "to", "as"}:
            account = not (part.value["v"].whole and not part.value["a"].whole)
        elif _is_said_again(sentence, place):
            account = True
        gone = "v" if account else "a"
        part.value = {k: fit for k, fit in part.value.items() if k != gone}
        part.symbol = "<name:" + "".join(sorted(part.value)) + ">"
    sentence.changed()
    request.take_party("vendor", heads, "a")


def _joined_thing(request: Request) -> None:
    """Doubt the account of "electricity and gas": British Gas is not what is bought.

    What "and" joins to an account is one too, unless somebody is named by it in full.
    """
    sentence = request.sentence
    found = sentence.search(r"{A}(?: (?:and|&|/))+ (?:the )?(?P<thing>{V})(?! \d)")
    if found is None:
        return
    place = found.groups["thing"][0]
    part = sentence.parts[place]
    if part.value["v"].whole or fits_of(part, "a"):
        return
    if request.action == "bill.create":
        request.doubt("lines")
    else:
        said = sentence.said(place, place + 1)
        request.doubt("account", request.reading.index.books["a"].likely(said), said)
    sentence.drop(place, place + 1)


def _is_said_again(sentence: Sentence, place: int) -> bool:
    """Whether a word only repeats one of an account's: "Office Supplies, Supplies"."""
    return any(
        fits_of(part, "a") and sentence.parts[place].fold in part.fold.split()
        for part in sentence.parts[:place]
    )


def take_lines(request: Request) -> None:
    """Lines by themselves, with what may stand beside them."""
    request.take_memo()
    request.take_terms()
    request.take_due()
    _account_lines(request)


def _account_lines(request: Request) -> None:
    sentence = request.sentence
    made = lines.take(request.reading, sentence, "a", request.gathered)
    if made and any("amount" not in line for line in made):
        request.doubt("amount")
    if made:
        request.arguments["lines"] = made
    if request.gathered.doubts:
        return
    rest = request.rest("for of to on in")
    if rest is None:
        return
    unknown = phrases(sentence, "a")
    if made and (unknown or sentence.has("{A}")) and not sentence.has("{MONEY}"):
        # "90 for fuel and tolls": how much of it is whose?
        request.doubt("lines")
    elif unknown:
        said = sentence.said(unknown[0].first, unknown[0].last)
        request.doubt("account", request.reading.index.books["a"].likely(said), said)
    elif sentence.has("<date>"):
        request.doubt("date")
    elif not made:
        if sentence.has(r"<bad>|<neg>|<foreign>|{MONEY} or {MONEY}"):
            request.doubt("amount")
        else:
            request.doubt("lines")
    else:
        request.doubt("amount")


def _which_bill(request: Request) -> None:
    """The bill that is paid: by its number, or the one that was shown."""
    sentence = request.sentence
    spans = is_span(sentence, "<doc:b>")
    joined = beside(sentence, "<doc:b>")
    numbers = request.documents("<doc:b>")
    if joined:
        either = dict.fromkeys(filter(None, (request.shown.bill, joined)))
        request.doubt("bill", tuple(either))
        request.take(rf"{re.escape(joined)}")
    elif spans:
        request.doubt("bill", tuple(numbers))
        request.take(
            r"(?:(?:to|on|through|thru|till|until|or|-|/|;|\() )*(?:\d{2,}|<neg>)"
        )
    elif len(numbers) == 1:
        request.arguments["bill"] = numbers[0]
    elif numbers:
        request.doubt("bill", tuple(numbers))
    elif request.shown.bill is not None and sentence.has(
        r"(?:it|that|this|(?:the|that|this) bill)"
    ):
        request.arguments["bill"] = request.shown.bill
        request.take(r"(?:it|(?:the|that|this) bill|that|this)")


_SEVERAL = (
    r"(?<=^ )(?:(?:please|can|could|you|ok|okay|just|,) )*pay "
    r"(?P<which>\d{3,}(?: (?:(?:and|&|plus|,|also|then) )+\d{3,})+)"
)


def _bare_numbers(request: Request) -> None:
    """Ask which bill, of several bare numbers behind "pay": one is paid at a time."""
    sentence = request.sentence
    found = sentence.search(_SEVERAL)
    if found is None or sentence.has("<doc:b>|{V}"):
        return
    first, last = found.groups["which"]
    said = (part.symbol for part in sentence.parts[first:last])
    request.doubt("bill", tuple(dict.fromkeys(filter(str.isdigit, said))))
    sentence.drop(first, last)


def _plain_bill(request: Request) -> None:
    """Take the word "bill" out, which is no vendor unless it owns something."""
    for found in reversed(list(request.sentence.each("bill"))):
        if not request.sentence.parts[found.first].possessive:
            request.sentence.drop(found.first, found.last)


def _whose(request: Request) -> None:
    """Take the vendor that may be said beside the number of a bill.

    Whose bill it is follows from its number; the one who was named has to be that.
    """
    sentence = request.sentence
    found = sentence.search(r"(?:(?:for|from|to|of|by) )?(?:the )?(?P<who>{V})")
    if found is not None:
        part = sentence.parts[found.groups["who"][0]]
        request.gathered.whose = fits_of(part, "v")
        sentence.drop(found.first, found.last)


def pay(request: Request) -> None:
    """Such as "Pay bill 8841 in full from checking"."""
    sentence = request.sentence
    request.take_reasons()
    request.take(r"<memo>")
    _bare_numbers(request)
    _which_bill(request)
    request.take_account("pay_from", _PAY_FROM)
    request.take_date(r"(?:(?:on|dated|date|,) )*", nearest=True)
    if "bill" in request.arguments:
        _whose(request)
    else:
        # A bare "bill" is never Bill.
        _plain_bill(request)
        _vendor(request, "pay|to|settle")
    full = sentence.search(
        r"(?:in full|fully|full amount|the full balance|everything(?: we owe)?(?: "
        r"them)?|"
        r"(?:all|the)(?: of)?(?: (?:our|their|its|his|her|open|unpaid|outstanding|the|"
        r"\|))* "
        r"(?:bills|balance)(?: in full)?|what we owe(?: them)?|off)"
    )
    if full is not None:
        sentence.drop(full.first, full.last)
        request.take(r"in full")
    request.take_amount()
    if full is not None:
        _in_full(request)
    elif not request.reading.sentence.has("<doc:b>"):
        _plausible(request)
    while request.take(
        r"(?:pay|settle|off|bills?|their|invoice|account|balance|vendor)"
    ):
        pass
    if (
        not {"bill", "vendor"} & request.arguments.keys()
        and not request.gathered.doubts
    ):
        return
    if request.gathered.doubts:
        return
    if request.rest() is not None and sentence.has(r"<doc:i>|{C}|<date>"):
        request.doubt("bill")


def _in_full(request: Request) -> None:
    """What is paid in full has no sum: a number beside it is the bill, or a doubt."""
    said = request.arguments.pop("amount", None)
    if any(doubt.about == "amount" for doubt in request.gathered.doubts):
        return
    if said is None:
        request.arguments["full"] = True
        return
    bare = said.removesuffix(".00")
    if "bill" in request.arguments or not (
        bare.isdigit() and request.reading.sentence.has(rf"{bare}(?= )")
    ):
        request.doubt("amount")
        return
    request.arguments["full"] = True
    request.doubt("bill", (bare,))


def _plausible(request: Request) -> None:
    """A sum that looks like the number of a bill is a doubt."""
    bare = request.arguments.get("amount", "").removesuffix(".00")
    if not bare.isdigit() or len(bare) < _NUMBER_LENGTH:
        return
    sentence = request.reading.sentence
    found = sentence.search(rf"{{V}} (?:'s )?{bare}(?= )")
    # "Metro Water's 8840" is a bill of theirs.
    theirs = found is not None and sentence.parts[found.first].possessive
    odd = may_be_document(bare) and sentence.has(rf"{bare}(?= )")
    if theirs or odd:
        del request.arguments["amount"]
        request.doubt("amount", said=bare)


def spend(request: Request) -> None:  # noqa: C901 - one step an argument
    """Such as "Spent 64.30 on fuel at Shell yesterday, on the fuel card"."""
    sentence = request.sentence
    request.take_reasons()
    request.take_memo()
    request.take_reference()
    request.arguments.pop("reference", None)
    if sentence.has(
        r"(?:expense|charge|transaction)(?: (?:number|no|#))* \d{3,} (?:as|under|to) "
    ):
        # The number of an expense to be put there, or a sum?
        request.doubt("amount")
    request.take_account("pay_from", _PAY_FROM)
    request.take_date(r"(?:(?:on|dated|date|,) )*", happened=True)
    _put_under(request)
    _joined_thing(request)
    _vendor(request, "at|from|to|with|paid")
    _paid_from(request)
    _for_a_year(request)
    places = [p for p, part in enumerate(sentence.parts) if fits_of(part, "a")]
    accounts: set[tuple[str, ...]] = set()
    for place in places:
        names = fits_of(sentence.parts[place], "a")
        accounts.add(prefer_account(request.reading, names, "expense") or names)
    if len(accounts) == 1:
        names = accounts.pop()
        if len(names) == 1:
            request.arguments["account"] = names[0]
        else:
            request.doubt("account", names)
    elif accounts:
        request.doubt(
            "account", tuple(sorted({n for names in accounts for n in names}))
        )
    for place in reversed(places):
        sentence.drop(place, place + 1)
    request.take_amount()
    while request.take(
        r"(?:spent|bought|purchased|record|log|add|create|new|enter|make|book|post|"
        r"note|file"
        r"|expenses?|receipt|charge|paid|pay|on|for|of|under|category|account|cost|"
        r"some|"
        r"categorized|as|vendor|total|amount|worth|submit)"
    ):
        pass
    _bought(request)
    if request.gathered.doubts or (
        "account" in request.arguments and (request.rest() is None)
    ):
        return
    unknown = phrases(sentence, "av")
    if unknown:
        said = sentence.said(unknown[0].first, unknown[0].last)
        before = sentence.parts[unknown[0].first - 1].symbol if unknown[0].first else ""
        about = "account" if "account" not in request.arguments else "vendor"
        if before in {"at", "from", "to"}:
            about = "vendor"
        request.doubt(about, request.reading.index.books[about[0]].likely(said), said)
    elif request.rest() is not None and "account" in request.arguments:
        request.doubt("pay_from" if sentence.has("card|check|cash|bank") else "amount")


def _for_a_year(request: Request) -> None:
    """Doubt the sum of "spent on insurance 2026", which names the year."""
    sentence = request.sentence
    found = sentence.search(r"{A} (?:(?:for|in) )?(?P<year>(?:19|20)\d\d)(?= )")
    if found is not None:
        request.doubt("amount")
        sentence.drop(*found.groups["year"])


_PUT_UNDER = r"(?:under|as|against|to|in|into) (?:the |our )?{A}"


def _things(request: Request) -> list[int]:
    """Where things are named that people buy, rather than those who sell them."""
    row = request.sentence.parts
    return [
        place
        for place, part in enumerate(row)
        if purchases.is_thing(part.fold)
        and not part.symbol.startswith("<")
        and not (place and row[place - 1].symbol in {"at", "from", "and"})
    ]


def _put_under(request: Request) -> None:
    """Take out what was bought, where it is said which account it belongs to."""
    things = _things(request)
    if len(things) != 1 or not request.sentence.has(_PUT_UNDER):
        return
    request.sentence.drop(things[0], things[0] + 1)
    while request.take(r"(?:put|stick|code|enter) (?:it|that|this)(?= )"):
        pass


def _bought(request: Request) -> None:
    """What was bought orders the accounts that are asked for, and decides nothing."""
    things = _things(request)
    if things and "account" not in request.arguments:
        said = request.sentence.said(things[0], things[0] + 1)
        book = request.reading.index.books["a"]
        request.doubt("account", purchases.accounts(book, said), said)


def _paid_from(request: Request) -> None:
    """The one account beside the expense's own that money can come from."""
    if "pay_from" in request.arguments:
        return
    sentence = request.sentence
    places = [
        place
        for place, part in enumerate(sentence.parts)
        if (names := fits_of(part, "a"))
        and prefer_account(request.reading, names, "pay_from") == names
    ]
    if len(places) == 1 and fits_of(sentence.parts[places[0]], "a")[1:] == ():
        request.arguments["pay_from"] = fits_of(sentence.parts[places[0]], "a")[0]
        sentence.drop(places[0], places[0] + 1)


def categorize(  # noqa: C901, PLR0912 - one step an argument
    request: Request,
) -> None:
    """Such as "Put last month's Zoom expenses under software subscriptions"."""
    sentence = request.sentence
    request.take_reasons()
    request.take(r"<memo>|<q>")
    found = sentence.search(
        r"(?:under|as|to|into|in|with|against)(?: (?:the|our|category|account|an|a))* "
        r"(?P<account>{A})(?: (?:account|category|instead))*(?= $| [.!,?])"
    )
    if found is None:
        found = sentence.search(
            r"(?:under|as|to|into|against)(?: (?:the|our|category|account))* "
            r"(?P<account>{A})"
        )
    if found is not None:
        place = found.groups["account"][0]
        names = fits_of(sentence.parts[place], "a")
        names = prefer_account(request.reading, names, "expense") or names
        if len(names) == 1:
            request.arguments["account"] = names[0]
        else:
            request.doubt("account", names, sentence.said(place, place + 1))
        sentence.drop(found.first, found.last)
    else:
        found = sentence.search(r"(?:under|as|to|into) (?P<said>.+)")
        if found is not None:
            first, last = found.groups["said"]
            said = sentence.said(first, last)
            book = request.reading.index.books["a"]
            request.doubt("account", book.likely(said), said)
            sentence.drop(found.first, found.last)
    number = sentence.search(
        r"(?:expense|charge|transaction|purchase)(?: (?:number|no|#))* (?P<n>\d+|"
        r"<code>)"
    )
    if number is not None:
        place = number.groups["n"][0]
        request.arguments["expense"] = sentence.said(place, place + 1)
        sentence.drop(number.first, number.last)
    elif request.take(r"(?:that|this|the) (?:one|expense|charge|transaction)(?= )"):
        pass
    when = sentence.search(r"(?:(?:from|in|of|for|on) )*(?P<when><date>)")
    if when is not None:
        value: When = sentence.parts[when.groups["when"][0]].value
        if value.exists:
            request.arguments["period"] = request.reading.period_json(value)
        else:
            request.doubt("date")
        sentence.drop(when.first, when.last)
    _vendor(request, "from|at|to|the")
    while request.take(
        r"(?:put|categorize|recategorize|code|classify|move|file|book|reconcile|assign|"
        r"tag|"
        r"change|switch|allocate|set|post|mark|map|sort|make|expenses?|charges?|"
        r"spending|"
        r"transactions?|spend|purchases?|payments?|category|account|receipts?|bills?|"
        r"every|recode|at|from|under|as)"
    ):
        pass
    if request.rest() is not None and not request.gathered.doubts:
        request.doubt("expense")
