"""Customers, vendors and items: made and changed."""

import itertools
import re

from bot.understanding import new_names, old_values
from bot.understanding.marks import amount_at, money
from bot.understanding.request import Request
from bot.understanding.sentence import Found, Sentence

_CENTS = -2

_FIELDS = r"(?:email|phone|address|terms|payment terms|contact|number|net|tel)"
_NAME_END = (
    r"(?: ,| ;| \| | :| -| \(|(?<! [a-z])(?<! st)(?<! [djm]r)(?<! ms) \.)|(?: and| "
    r"with| at| on| who| their| his| her| its)+ "
    rf"(?:their |an? |the )?(?:{_FIELDS}|<e>|<phone>|<terms>|\|)"
    rf"| (?:<e>|<phone>|<terms>|{_FIELDS} )| (?:please|thanks|thank)(?= )"
)
# Where a name ends and another change begins, and words that show that it did not.
_NEXT_FIELD = (
    r"(?:(?:,|;|and|with|plus|then|also) )+"
    r"(?:(?:their|his|her|its|the|a|an|new|set|make|change|put|update|give|it|them|to"
    r"|on|payment) )*"
    r"(?:email|phone|tel|address|terms|memo|<e>|<phone>|<terms>|<memo>|deactivate"
    r"|reactivate|inactivate|inactive|archive|(?:make|mark|set)(?: it| them)? active)"
    r"(?= )"
)
_NEXT = (
    r"[ ,;]+(?:and|with|plus|then|also)(?: (?:make|set|put|give|mark|change|it|them"
    r"|their|his|her|its|to|the|on|at|with))*$"
)
_POLITE = r"[ ,]+((?i:please|pls|plz|thanks|thx|ty|asap)|today|now|right away)$"
# A sum behind a name.
_SUM = re.compile(r"[ ,:-]+(?:\d+\.\d\d\b|[$£€] ?\d)")
# Words that leave open which name it is to be.
_NO_ONE_NAME = frozenset(["or", "not", "either", "maybe"])
_FIELD_WORDS = frozenset(
    ["email", "phone", "address", "terms", "net", "memo", "deactivate", "inactive"]
)


def create(request: Request) -> None:
    """Such as "Add customer Blue Heron Cafe, email hello@blueheron.example, net 15"."""
    noun = request.action.split(".")[0]
    sentence = request.sentence
    _fields(request, request.arguments, address=noun == "customer")
    name = _name(request, noun)
    if name:
        request.arguments["name"] = name
    known = request.reading.index.books[noun[0]].names
    words = (name or "").split(" ")
    begins = any(" ".join(words[:last]) in known for last in range(1, len(words) + 1))
    if begins and sentence.has(r"(?:make|save|open|put)(?= )"):
        # "Make customer Acme West …": it is there already; what of it?
        request.doubt("name")
    while request.take(
        r"(?:add|create|new|register|onboard|make|enter|open|save|put|start|customers?|"
        r"vendors?|called|named|name|email|phone|address|terms|payment|contact|record|"
        r"as)"
    ):
        pass
    request.take_reasons()
    if sentence.has(r"<e>"):
        request.doubt("email")
    elif sentence.has(r"<phone>|\d{5,}"):
        request.doubt("phone")


def _name(request: Request, noun: str) -> str | None:
    """What the new one is called, as typed."""
    sentence = request.sentence
    found = sentence.search(
        rf"{noun}(?: (?:called|named|name|is|:|-|by the name of|for|,))* "
        rf"(?P<quoted><q>)"
        rf"|(?P<before><q>) as (?:a |an |our )*(?:new )?{noun}"
    )
    if found is not None:
        place = next(iter(found.groups.values()))[0]
        value = str(sentence.parts[place].value)
        sentence.drop(found.first, found.last)
        return value or None
    found = sentence.search(
        rf"(?:add|create|register|enter|make|onboard|save) (?P<said>.+?) as (?:a |an |"
        rf"our |"
        rf"another )*(?:new )?{noun}"
    )
    if found is None:
        found = sentence.search(
            rf"{noun}(?: (?:called|named|name|is|:|-|by the name of|for|,|record))* "
            rf"(?P<said>.+?)(?={_NAME_END}| $)"
        )
    if found is None:
        return None
    first, last = found.groups["said"]
    if all(
        part.symbol
        in {
            "|",
            "please",
            "thanks",
            ",",
            ".",
            "!",
            "?",
            "for",
            "to",
            "us",
            "me",
            "with",
            "and",
        }
        for part in sentence.parts[first:last]
    ):
        return None
    lead = {part.symbol for part in sentence.parts[found.first : first]}
    said = _plain_name(request, first, last)
    if said[:1].islower() and "is" in lead and not lead & {"name", ":"}:
        # "New customer is unhappy" names nobody.
        request.doubt("name", (said,))
    if noun in {"item", "service", "product"} and "for" in lead:
        request.doubt("name", (said,))
    sentence.drop(found.first, found.last)
    return said or None


def _plain_name(request: Request, first: int, last: int, about: str = "name") -> str:
    """A name without quotes, as typed; a doubt where more than a name was said."""
    parts = request.sentence.parts[first:last]
    said = request.sentence.said(first, last).strip(" ,.;:-!?")
    said = re.sub(_POLITE, "", said)
    name = re.sub(_NEXT, "", said)
    fields = {"terms", "email", "phone", "address", "price"} & request.arguments.keys()
    if name != said and not fields:
        request.doubt(about)
    words = {part.symbol for part in parts}
    if words & _NO_ONE_NAME or parts[0].symbol in {"and", "or"}:
        request.doubt(about)
    # "Zed Ltd for Acme West" says something of somebody else.
    of_another = any(
        part.symbol == "for" and after.symbol.startswith("<name:")
        for part, after in itertools.pairwise(parts)
    )
    if of_another or any(
        part.symbol in {"<e>", "<phone>", "<terms>", "<memo>"}
        or (part.symbol in _FIELD_WORDS and part.symbol in said.split())
        for part in parts
    ):
        request.doubt(about)
    elif _is_doubtful(request, name):
        request.doubt(about, new_names.choices(name) if about == "name" else ())
    return name


def _is_doubtful(request: Request, name: str) -> bool:
    """Whether the words of a name may say more; an item's price is asked by itself."""
    if request.action == "item.create":
        return new_names.is_doubtful(_SUM.split(name)[0], item=True)
    return new_names.is_doubtful(name)


def _fields(request: Request, into: dict[str, object], *, address: bool = True) -> None:
    """E-mail, phone, terms and address, each taken out with its word."""
    sentence = request.sentence
    to = r"(?: (?:address|number|no|is|:|to|of|=|-|as|should be|now|has changed to|,))*"
    if address:
        found = sentence.search(
            r"(?:, |and |with )*(?:billing |postal |street |mailing |new |the |their )*"
            r"address(?: (?:is|:|to|of|=|now))* (?P<said>(?!<e>).+?)"
            r"(?=(?: ,| and)? (?:email|phone|<e>|<phone>|<terms>|payment terms|net) | "
            r"$)"
        )
        if found is not None and not sentence.has(r"email address"):
            first, last = found.groups["said"]
            part = sentence.parts[first]
            said = (
                str(part.value) if part.symbol == "<q>" else sentence.said(first, last)
            )
            said = said.strip(" ,.;")
            lead = {"for", "of", "|"}
            if said and part.symbol not in lead and not part.symbol.startswith("<name"):
                into["address"] = said
                if part.symbol != "<q>" and new_names.is_no_address(said):
                    request.doubt("address")
                sentence.drop(found.first, found.last)
    found = sentence.search(
        rf"(?:(?:,|and|with|their|an?|the|new|contact|at|to|is|billing|;) "
        rf")*(?:email{to} )?"
        r"(?P<email><e>)"
    )
    if found is not None:
        place = found.groups["email"][0]
        into["email"] = str(sentence.parts[place].value)
        sentence.drop(found.first, found.last)
    found = sentence.search(
        rf"(?:(?:,|and|with|their|a|the|new|contact|;) )*(?:(?:phone|number|call|"
        rf"contact)"
        rf"{to} )+(?P<phone><phone>|[\d+(][\d ()-]*\d|\d+(?: \d+)*)"
        r"|(?:(?:,|and|with|to) )*(?P<bare><phone>)"
    )
    if found is not None:
        group = found.groups.get("phone") or found.groups["bare"]
        into["phone"] = sentence.said(*group).strip()
        sentence.drop(found.first, found.last)
    request.take_terms()
    if "terms" in request.arguments and into is not request.arguments:
        into["terms"] = request.arguments.pop("terms")


def create_item(request: Request) -> None:
    """Such as "New service item Stump Grinding, price 220, income account …"."""
    sentence = request.sentence
    for name, source in (
        ("NonInventory", r"non -? ?(?:inventory|stock)|noninventory"),
        (
            "Inventory",
            (
                r"(?:inventory|stock|stocked)(?= (?:item|product|part| ,|$|\.))|, "
                r"inventory|type "
                r"inventory|inventory item"
            ),
        ),
        (
            "Service",
            (
                r"service(?= item| product)|, (?:a |as )?service(?= | ,|$)|(?:type|a|"
                r"an) "
                r"service|new service|"
                r"(?:add|create) (?:a |the |new )*service"
            ),
        ),
    ):
        if sentence.has(source):
            request.arguments["type"] = name
            break
    request.take_account(
        "income_account",
        r"(?:,|and|with|posting|posts|booked|income|goes|going|credited|under|revenue)*"
        r"(?: ?(?:income|revenue|sales))?(?: ?account)?(?: ?(?:to|:|is|into|under|"
        r"in))?",
    )
    _price(request)
    if "income_account" not in request.arguments and sentence.has(
        r"(?:income|revenue|sales) account|(?:posted|posting|posts|booked) to"
    ):
        request.doubt("income_account")
    if "price" not in request.arguments and sentence.has(r"(?<!<name:i> )price"):
        request.doubt("price")
    noun = "item" if sentence.has("item") else "product"
    if not sentence.has("item|product"):
        noun = "service"
    called = _name(request, noun)
    if called:
        request.arguments["name"] = _without_sum(request, called)
    while request.take(
        r"(?:add|create|new|register|make|enter|open|save|items?|products?|services?|"
        r"inventory|stock|non|noninventory|called|named|type|price|income|account|as|"
        r"put)"
    ):
        pass


def _price(request: Request) -> None:
    """What is charged for it, each or per unit."""
    sentence = request.sentence
    if sentence.has("cost"):
        # What it costs us, or what we charge for it?
        request.doubt("price")
        request.take(r"(?:(?:,|and|with|a|at|-|:) )*cost(?: (?:of|is|:|at))* {MONEY}")
    found = sentence.search(
        r"(?:(?:,|and|with|a|the|at|for|-|:) )*(?:(?:price|priced|costs?|costing|rate|"
        r"at|for|"
        r"selling|sells|sold|@|charge|charged|unit|sales|is|of|:|=) "
        r")+(?P<price>{MONEY})"
        r"(?: (?:each|apiece|per \S+|an? {UNIT}|/ \S+))?"
    ) or sentence.search(
        r"(?:(?:,|and|-) )*(?P<price><m>)(?: (?:each|per \S+|an? {UNIT}))?"
    )
    if found is None and "price" not in _said_about(request):
        found = _priced_alone(sentence)
    if found is not None:
        value = amount_at(sentence, found.groups["price"][0])
        if value is None:
            request.doubt("price")
        else:
            request.arguments["price"] = money(value)
        sentence.drop(found.first, found.last)


def _said_about(request: Request) -> set[str]:
    return {doubt.about for doubt in request.gathered.doubts}


def _priced_alone(sentence: Sentence) -> Found | None:
    """The number of "Bird Bath, 49.99": to the cent, and between commas."""
    found = sentence.search(r", (?P<price><n>)(?= (?:,|\||$))")
    if found is None:
        return None
    value = sentence.parts[found.groups["price"][0]].value
    return found if value.as_tuple().exponent == _CENTS else None


def _without_sum(request: Request, called: str) -> str:
    """The name up to a sum left over in it, which is the price as likely as not."""
    found = _SUM.search(called)
    if found is None:
        return called
    request.doubt("price")
    return called[: found.start()]


TAKEN_AWAY = (
    r"(?:remove|delete|clear|erase|drop|take|unset|strip)(?: \S+){0,4}? "
    r"(?:<e>|<phone>|<terms>)"
)
# What stands there now and should not: the value beside it may be either.
MISTAKEN = (
    r"(?:wrong|incorrect|mistaken|bad|false|old|outdated|former|previous|typo|misspelt"
    r"|misspelled|bounces|bounced|bouncing|dead|invalid)"
)
_ACTIVE = (
    (False, r"(?:inactive|deactivate|archive|disable|hide|inactivate)"),
    (True, r"(?:reactivate|activate|active|unarchive|restore|enable)(?: again)?"),
)


def update(request: Request) -> None:  # noqa: C901 - one step a field
    """Such as "Change St Anne's email to …", "make Old Mill Bakery active again"."""
    noun = request.action.split(".")[0]
    sentence = request.sentence
    changes: dict[str, object] = {}
    request.take_reasons()
    is_old = old_values.take_old(request)
    renamed = _renamed(request, changes)
    _moved(request, changes)
    request.take_party(
        noun, "rename|customer|vendor|update|for|of|change", active=False
    )
    _fields(request, changes, address=True)
    _days_of_terms(request, changes)
    if not renamed and sentence.has(r"name"):
        found = sentence.search(r"name(?: (?:to|is|:|=|should be|as))+ (?P<said>.+)")
        if found is not None:
            last = _take_name(request, found.groups["said"], changes)
            sentence.drop(found.first, last)
    for value, source in _ACTIVE:
        if "not active" in sentence.gist or "no longer active" in sentence.gist:
            changes["active"] = False
            request.take(r"(?:not|no longer) active")
        elif request.take(source):
            changes["active"] = value
            break
    if changes and (is_old or request.reading.sentence.has(TAKEN_AWAY)):
        # "Remove a@b.example from …" is not what is to stand there.
        changes.clear()
        request.doubt("changes")
    if "address" in changes:
        _as_it_is_to_stand(request, changes)
    _half_changed(request, changes)
    pending = sentence.search(r"(?P<field>email|phone|terms|address|name)")
    if pending is not None and not changes:
        request.pending = sentence.parts[pending.first].symbol
    if not changes and sentence.has("rename"):
        request.pending = "name"
    while request.take(
        r"(?:change|update|set|edit|correct|fix|rename|make|mark|add|put|replace|"
        r"switch|move|"
        r"modify|amend|give|customers?|vendors?|email|phone|address|terms|net|payment|"
        r"name|"
        r"number"
        r"|record|details?|account|new|has|have|default|contact|remove|from|on|as|info|"
        r"s|'s)"
    ):
        pass
    if changes:
        request.arguments["changes"] = changes
    if request.rest() is not None and not request.gathered.doubts:
        request.doubt("changes")


def _as_it_is_to_stand(request: Request, changes: dict[str, object]) -> None:
    """The new address of "from 12 Main St to 14 High St"; the old one alone is none."""
    address = old_values.new_of(str(changes.pop("address")))
    if address is None:
        request.doubt("changes")
    else:
        changes["address"] = address


# "Email and phone to …" says two fields; "email address" is one.
_TWO_FIELDS = (
    r"(?P<one>email|phone|terms|address|name)(?: (?:address|number))?(?: (?:and|,|&|/|"
    r"plus))+ (?:(?:the|their|its|payment) )*(?P<two>email|phone|terms|address|name)"
)


def _half_changed(request: Request, changes: dict[str, object]) -> None:
    """Doubt a change of two fields of which only one is given its value."""
    whole = request.reading.sentence
    found = whole.search(_TWO_FIELDS)
    if found is None or not changes:
        return
    fields = {whole.parts[first].symbol for first, _ in found.groups.values()}
    if not fields <= changes.keys():
        request.doubt("changes")


def _days_of_terms(request: Request, changes: dict[str, object]) -> None:
    """Such as "Change Acme West's terms to 15": a number of days, by their name."""
    found = request.sentence.search(
        r"terms(?: (?:\||now|'s))* (?:to|is|are|=|:|should be|be) (?P<days>\d{1,3})"
        r"(?= (?:(?:please|thanks|now|\.|!) )*$)"
    )
    if found is None or "terms" in changes:
        return
    said = f"Net {request.sentence.said(*found.groups['days'])}"
    book = request.reading.index.books["t"]
    fit = book.fit(said)
    if fit.only is not None and fit.whole:
        changes["terms"] = fit.only
    else:
        request.doubt("terms", tuple(book.names), said)
    request.sentence.drop(found.first, found.last)


def _moved(request: Request, changes: dict[str, object]) -> None:
    """A new address: it may hold names of the books, which name nobody here."""
    sentence = request.sentence
    found = sentence.search(
        r"address(?: (?:of|for|on) (?:the )?(?:customer )?<name:\w+>)?"
        r"(?: (?:to|is|:|as|=|now))+ (?P<said>(?!<e>).+?)"
        r"(?=(?: ,| and) (?:email|phone|<e>|<phone>|<terms>|payment terms|net) | $)"
    )
    if found is None or sentence.has("email address"):
        return
    first, last = found.groups["said"]
    part = sentence.parts[first]
    said = str(part.value) if part.symbol == "<q>" else sentence.said(first, last)
    changes["address"] = said.strip(" ,.;")
    if part.symbol != "<q>" and new_names.is_no_address(said):
        request.doubt("changes", said="address")
    sentence.drop(first, last)


def _renamed(request: Request, changes: dict[str, object]) -> bool:
    """A new name stays as typed, even where it holds a name of the books."""
    sentence = request.sentence
    found = (
        sentence.search(
            r"rename (?:the |customer |vendor )*(?:<name:\w+>|\S+(?: \S+){0,3}?)"
            r"(?P<to> (?:to|as|into)) (?P<said>.+)"
        )
        or sentence.search(
            r"<name:\w+> (?:'s )?name(?P<to> (?:to|is|as|into|should be)) (?P<said>.+)"
        )
        or sentence.search(
            r"name of (?:customer |vendor )?<name:\w+>(?P<to> (?:to|as|into)) "
            r"(?P<said>.+)"
        )
    )
    if found is None:
        return False
    first, _ = found.groups["said"]
    last = _take_name(request, found.groups["said"], changes)
    sentence.drop(first - 1, last)
    return True


def _take_name(
    request: Request, span: tuple[int, int], changes: dict[str, object]
) -> int:
    """Note the new name; where it ends."""
    first, last = span
    sentence = request.sentence
    part = sentence.parts[first]
    if part.symbol == "<q>":
        said, last = str(part.value), first + 1
    else:
        following = sentence.search(_NEXT_FIELD, first + 1)
        if following is not None and following.first < last:
            last = following.first
        said = _plain_name(request, first, last, "changes")
    if said:
        changes["name"] = said
    return last
