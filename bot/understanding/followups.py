"""What carries on: the read before, narrowed or moved; the record just shown."""

import copy
from datetime import date, timedelta
from typing import Any

from bot.understanding import (
    bare_days,
    commands,
    corrections,
    filters,
    read_rules,
    reads,
    unread,
    write_rules,
)
from bot.understanding.days import (
    Span,
    before,
    is_whole_months,
    months,
    months_later,
    moved,
)
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.names import Fit
from bot.understanding.parties import phrases
from bot.understanding.questions import ask
from bot.understanding.reading import Doubt, Gathered, Reading
from bot.understanding.request import Shown
from bot.understanding.sentence import Sentence

# Words of a follow-up that would be a request of their own elsewhere.
_NARROWING = (
    r"(?:overdue|unpaid|outstanding|open|paid|voided|void|unsent|late|due|drafts?) "
    r"(?:ones?|only|$|\?|as well|too|too \?|please|instead|and|,)"
    r"|(?:only|just|now|and|but|not|what about|how about|the) (?:the )?(?:overdue|"
    r"unpaid|"
    r"outstanding|open|paid|voided|unsent|late)(?= )"
    r"|(?:by|per|each|for each|group by|grouped by|split by|break it down by|broken "
    r"down by)"
    r" (?:customers?|vendors?|items?|accounts?|months?|quarters?|categor(?:y|ies)|class"
    r"|products?|services?)"
    r"|(?:cash|accrual)(?: basis)?|due(?= <date>)"
)
_LEAD = (
    r"(?<=^ )(?:(?:and|what|about|how|only|just|now|same|but|then|or|ok|okay|also|the|"
    r"for|as"
    r"|with|thing|,|please|instead|no|show|me|give|can|you|i|mean|meant|sorry|"
    r"actually) )+"
)

# A longer message says enough to stand on its own.
_PARTS_MAX = 12


def interpretation(
    reading: Reading, last: Interpretation, shown: Shown
) -> Interpretation | None:
    """The interpretation before, carried on; None where the message stands alone."""
    if last.action is None:
        return None
    kind = ACTIONS[last.action].kind
    if kind == "write" and last.kind in {"write", "clarify"}:
        return corrections.interpretation(reading, last)
    if kind == "read":
        return _read(reading, last, shown)
    return None


def _read(
    reading: Reading, last: Interpretation, shown: Shown
) -> Interpretation | None:
    assert last.action is not None, "a read has an action"
    sentence = reading.for_reading()
    asked = Span.from_json(last.arguments.get("period"))
    if asked is not None:
        bare_days.settle_within(sentence, asked)
    if last.action.startswith("bill") and _bare_number(sentence):
        number = next(p for p in sentence.parts if p.symbol.isdigit())
        return Interpretation("read", "bill.show", {"bill": number.symbol})
    own = _own_head(reading, last, sentence)
    if own is not None and not _switches(sentence, own):
        return None
    shifted = _shifted(reading, last)
    if shifted is not None:
        return shifted
    if own is not None:
        return _switched(reading, last, own, sentence)
    del shown
    return _narrowed(reading, last, sentence)


def _bare_number(sentence: Sentence) -> bool:
    return sentence.has(
        r"(?<=^ )(?:(?:and|what|about|show|me|the|how) )*\d{2,}(?: \?)? $"
    )


def _own_head(reading: Reading, last: Interpretation, sentence: Sentence) -> str | None:
    """The request that a message is by itself, apart from words that only narrow."""
    if commands.interpretation(reading) is not None:
        return "help"
    if write_rules.meant(reading) is not None:
        return "help"
    of_bills = last.action in {"bills.list", "payables.list"}
    if not of_bills and sentence.has(_WHOLE) and not sentence.has(_ELLIPTICAL):
        return "invoices.list"
    bare = sentence.copy()
    while (found := bare.search(_NARROWING)) is not None:
        bare.drop(found.first, found.last)
    return read_rules.meant(bare)


# "Drafts not yet sent" names its list, "what is due" is a whole question; "only
# drafts" and "what about the drafts" go on with the list before.
_WHOLE = r"(?:unsent|all|any|our|my) drafts? |"
_WHOLE += (
    r"drafts? (?!only|too|instead|please|as well|\?|$)\S+"
    r"|(?<=^ )(?:what|who|whos|who's) (?:is |are |'s |s )?"
)
_WHOLE += r"(?:still |currently |now )*(?:due|outstanding|overdue|unpaid|late)(?= )"
_ELLIPTICAL = (
    r"(?<=^ )(?:(?:ok|okay|now|then|please|,|no|actually) )*(?:and|only|just|but|also|"
    r"same|with|without|for|by|what about|how about)(?= )"
)
_NOUN_ONLY = (
    r"(?<=^ )(?=(?:\S+ )*?(?:and|about|same|but|also|now|then|ok) )"
    r"(?:(?:and|what|about|how|now|same|but|then|ok|the|for|with|thing|also) )+"
    r"(?:(?:overdue|unpaid|open|paid|the|our|their) )*(?:invoices|bills|payments|"
    r"expenses|"
    r"creditmemos|sales|spending|spend)(?: \?| please| <date>| too| instead)* $"
)


def _switches(sentence: Sentence, own: str) -> bool:
    """Whether only the noun is new: "what about payments?"."""
    return own != "help" and sentence.has(_NOUN_ONLY)


_CARRIED = (
    *("customer", "vendor", "account", "period", "due"),
    *("status", "min_amount", "max_amount"),
)


def _switched(
    reading: Reading, last: Interpretation, own: str, sentence: Sentence
) -> Interpretation:
    """Another list, with what it can take of the one before."""
    gathered = reads.gather(reading, own, sentence)
    for name in _CARRIED:
        if name in ACTIONS[own].takes and name in last.arguments:
            gathered.arguments.setdefault(name, last.arguments[name])
    return reads.finished(reading, own, gathered)


_EARLIER = (
    r"(?:(?P<grain>days?|weeks?|months?|quarters?|years?|periods?|one) (?:before|prior|"
    r"earlier|previous)|(?:previous|prior|preceding) (?P<grain2>day|week|month|quarter|"
    r"year|"
    r"period|one)|(?P<grain3>year) (?:ago|on year)|before that)"
)
_LATER = (
    r"(?:(?P<grain>days?|weeks?|months?|quarters?|years?|periods?|one) (?:after|later)|"
    r"(?:following|subsequent) (?P<grain2>day|week|month|quarter|year|period|one)|"
    r"after that)"
)


def _shifted(reading: Reading, last: Interpretation) -> Interpretation | None:
    """Such as "And the month before?", from the period that was asked about."""
    raw = reading.raw
    if raw.has("vs|compared|compare|against|than"):
        return None
    if len(raw.parts) > _PARTS_MAX or any(p.symbol == "last" for p in raw.parts):
        same = raw.search(
            r"same (?:period|time|month|quarter|week|thing)(?: \S+)* last "
            r"(?P<grain>year|month|quarter)"
        )
        if same is None or len(raw.parts) > _PARTS_MAX:
            return None
        return _moved(reading, last, "same year", -1)
    for source, direction in ((_EARLIER, -1), (_LATER, 1)):
        found = raw.search(source)
        if found is None:
            continue
        group = next(
            (g for g in ("grain", "grain2", "grain3") if g in found.groups), None
        )
        grain = "period"
        if group is not None:
            grain = raw.parts[found.groups[group][0]].symbol.rstrip("s")
        if phrases(reading.sentence, "cvia"):
            return None
        if found.groups.get("grain3") or raw.has("same (?:period|time|month|quarter)"):
            grain = "same year"
        return _moved(reading, last, grain, direction)
    return None


_GRAINS = {"month": 1, "quarter": 3, "year": 12}


def _moved(
    reading: Reading, last: Interpretation, grain: str, direction: int
) -> Interpretation | None:
    arguments = {**last.arguments}
    key = next((k for k in ("period", "due", "as_of") if k in arguments), None)
    if key is None:
        return None
    if key == "as_of":
        day = date.fromisoformat(arguments["as_of"])
        months_ = _GRAINS.get(grain, 12 if grain == "same year" else 1)
        at_end = (day + timedelta(days=1)).day == 1
        there = months_later(day, direction * months_)
        if at_end:
            there = months(there.replace(day=1), 1).end or there
        arguments["as_of"] = there.isoformat()
    else:
        span = Span.from_json(arguments[key])
        if span is None or span.start is None or span.end is None:
            return None
        arguments[key] = _neighbour(span, grain, direction).as_json()
    arguments.pop("compare_to", None)
    assert last.action is not None, "a read has an action"
    return reads.finished(reading, last.action, Gathered(arguments))


def _neighbour(span: Span, grain: str, direction: int) -> Span:
    """The day, week, month … before or after a span."""
    assert span.start is not None, "only closed spans are moved"
    assert span.end is not None, "only closed spans are moved"
    if grain == "same year":
        return moved(span, 12 * direction)
    count = _GRAINS.get(grain)
    if count is None:
        if grain in {"day", "week"} or direction > 0:
            length = (span.end - span.start) + timedelta(days=1)
            if grain == "day":
                length = timedelta(days=1)
            return Span(span.start + direction * length, span.end + direction * length)
        return before(span)
    whole = is_whole_months(span)
    if whole in {0, count}:
        return moved(span, count * direction)
    edge = span.start if direction < 0 else span.end + timedelta(days=1)
    start = months_later(edge, -count) if direction < 0 else edge
    return months(start.replace(day=1), count)


def _narrowed(
    reading: Reading, last: Interpretation, sentence: Sentence
) -> Interpretation | None:
    """The same read with what this message adds."""
    assert last.action is not None, "a read has an action"
    words = [part for part in sentence.parts if part.symbol != "|"]
    if len(words) > _PARTS_MAX:
        return None
    if sentence.has(r"(?<=^ )show (?:me )?(?:{C}|{V})(?: please)? $"):
        # Whole as it stands: somebody's page, and not a part of the list before.
        return None
    action = _totalled(last.action, sentence)
    row = sentence.copy()
    gathered = reads.gather(reading, action, row)
    new = gathered.arguments
    if last.action == "invoice.show":
        new.pop("which", None)
    if last.action.endswith("list"):
        new.pop("search", None)
    if not new and not gathered.doubts:
        return None
    if gathered.doubts and not sentence.has(_LEAD + r"\S"):
        # Something else is named, with nothing that ties it to what came before.
        return None
    if "customer" in new and last.action == "customer.show" and len(words) == 1:
        return None
    arguments = merged(reading, last.arguments, new, sentence)
    if action != last.action:
        takes = ACTIONS[action].takes
        arguments = {k: v for k, v in arguments.items() if k in takes}
    combined = Gathered(arguments, gathered.doubts, gathered.assumptions)
    for doubt in gathered.doubts:
        arguments.pop(doubt.about, None)
    asked = unread.question(reading, action, row, combined)
    return reads.finished(reading, action, combined) if asked is None else asked


def _totalled(action: str, sentence: Sentence) -> str:
    """A list asked "by vendor" or "by month" becomes the totals of the same."""
    totals = {"expenses.list": "spend.total", "invoices.list": "sales.total"}
    options = {
        "expenses.list": ("vendor", "account", "month"),
        "invoices.list": ("customer", "item", "month"),
    }
    if action in totals and filters.grouping(sentence, options[action]) is not None:
        return totals[action]
    return action


def merged(
    reading: Reading, old: dict[str, Any], new: dict[str, Any], sentence: Sentence
) -> dict[str, Any]:
    """Old and new arguments together; the new ones count."""
    arguments = {**old, **new}
    if "period" in new and "due" in old and "period" not in old and "due" not in new:
        when = next(iter(filters.days(sentence)), None)
        arguments.pop("period")
        if when is not None:
            arguments["due"] = reading.period_json(when, ahead=True)
    if ("period" in new or "as_of" in new) and "compare_to" not in new:
        arguments.pop("compare_to", None)
    if "compare_to" in new and "period" not in new:
        # What it is compared with counts from the period already asked about.
        arguments["compare_to"] = _compared_again(reading, old, new, sentence)
    if "min_days_overdue" in new:
        arguments.pop("overdue", None)
    if "invoice" in new:
        arguments.pop("customer", None)
        arguments.pop("which", None)
    return arguments


def _compared_again(
    reading: Reading, old: dict[str, Any], new: dict[str, Any], sentence: Sentence
) -> Any:
    from bot.understanding.moments import When  # noqa: PLC0415

    span = Span.from_json(old.get("period"))
    if span is None:
        return new["compare_to"]
    count = is_whole_months(span)
    grain = {1: "month", 3: "quarter", 12: "year"}.get(count, "days")
    mode = ""
    if grain == "days" and span.end == reading.today:
        grain, mode = "year", "to date"
    other, _ = filters.comparison(
        reading, sentence.copy(), When(span, span, grain, mode)
    )
    return other.as_json() if other is not None else new["compare_to"]


# --- the record just shown ------------------------------------------------------


def about_shown(
    reading: Reading, shown: Shown, last: Interpretation | None
) -> Interpretation | None:
    """Such as "Pdf pls", "has it been paid?": the one record that was shown last."""
    sentence = reading.sentence
    if len(sentence.parts) > _PARTS_MAX or sentence.has(r"<doc:\w>|<name:\w+>|\d{3,}"):
        return None
    it = r"(?:it|that|this|the invoice|that invoice|this invoice|that one|this one)"
    if sentence.has(r"pdf|print(?: it)?|download(?: it)?|copy of (?:it|that)"):
        if shown.invoice is not None:
            return Interpretation("read", "invoice.pdf", {"invoice": shown.invoice})
        return ask("invoice.pdf", {}, Doubt("invoice"))
    if sentence.has(
        rf"(?:show|open|see|view|pull up)(?: me)? {it}(?: \S+)? $|(?:is|has|was|when|"
        rf"did) "
        rf"(?:is |was |been )?{it}(?: \S+){{0,3}} (?:paid|due|sent|overdue|void|voided)"
    ):
        if shown.invoice is not None:
            return Interpretation("read", "invoice.show", {"invoice": shown.invoice})
        if shown.bill is not None:
            return Interpretation("read", "bill.show", {"bill": shown.bill})
    del last
    return None


_PRONOUNS = (
    r"(?:their|them|they|his|her|he|she|theirs|hers|this customer|that customer|"
    r"same customer|this vendor|that vendor)"
)


def with_pronoun(reading: Reading, shown: Shown) -> Reading:
    """The message with the name that a pronoun stands for."""
    sentence = reading.sentence
    if any(part.symbol.startswith("<name:") for part in sentence.parts):
        return reading
    found = sentence.search(_PRONOUNS)
    if found is None:
        return reading
    letter, name = ("c", shown.customer) if shown.customer else ("v", shown.vendor)
    if name is None:
        return reading
    made = copy.copy(reading)
    made.sentence = sentence.copy()
    made.sentence.replace(
        found.first, found.last, f"<name:{letter}>", {letter: Fit((name,), whole=True)}
    )
    return made
