"""Dates and periods in people's words.

Each becomes a `<date>` part whose value is a `When`: the days it means for what
happened, and for what is due, which lies ahead.
"""

from collections.abc import Callable
from datetime import date, timedelta

from bot.understanding import moments
from bot.understanding.days import Calendar, Span
from bot.understanding.moments import When, Words
from bot.understanding.sentence import Found, Sentence
from bot.understanding.vocabulary import MONTHS, WEEKDAYS

_MONTH = "(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + ")"
_WEEKDAY = "(?P<weekday>" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + ")"
_DAY = r"(?P<day>\d{1,2}(?:st|nd|rd|th)?)"
_YEAR = r"(?P<year>(?:19|20)\d\d|' \d\d)"
_COUNT = r"(?P<count>\d{1,4}|a|an|one|couple of|a couple of)"
_GRAIN = r"(?P<grain>days?|weeks?|months?|quarters?|years?|fortnights?)"
_BACK = r"(?:last|past|previous|prior|preceding|trailing)"


_THIS = r"(?P<which>this|last|next|previous|prior|past|current|coming|following)"
_SPANS = r"(?P<grain>weeks?|months?|quarters?|years?|weekend)"
_YEARLY = r"(?:(?P<calendar>calendar) |fiscal |financial )?"

Rule = tuple[str, Callable[[Words, Calendar], When | None]]

_ATOMS: tuple[Rule, ...] = (
    (r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})", moments.iso),
    (r"(?P<numeric>\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?)", moments.numeric),
    (
        (
            rf"{_MONTH} {_DAY} (?:-|to|through|thru|until) (?:the )?(?P<until>\d{{1,2}}"
            rf"(?:st|nd|rd|th)?)(?: ,)?(?: {_YEAR})?(?! ,? ?\d|/)"
        ),
        moments.days_of_month,
    ),
    (
        (
            rf"{_DAY} (?:-|to|through|thru|until) (?P<until>\d{{1,2}}(?:st|nd|rd|th)?) "
            rf"(?:of )?{_MONTH}(?:(?: ,)? {_YEAR})?"
        ),
        moments.days_of_month,
    ),
    (rf"(?:the )?{_DAY} (?:of )?{_MONTH}(?:(?: ,)? {_YEAR})?", moments.month_day),
    (
        rf"{_MONTH} (?:the )?{_DAY}(?:(?: ,)? {_YEAR})?(?! ?(?:hours|x))",
        moments.month_day,
    ),
    (
        rf"(?:the )?(?P<day>\d{{1,2}}(?:st|nd|rd|th)) of {_THIS} month",
        moments.day_in_month,
    ),
    (
        (
            rf"(?:the )?(?P<edge>end|start|beginning|first day|last day) of (?:the )?"
            rf"(?:{_THIS} )?{_YEARLY}(?P<grain>week|month|quarter|year)"
        ),
        moments.edge,
    ),
    (
        (
            rf"(?:the )?(?P<edge>end|start|beginning|first day|last day) of {_MONTH}"
            rf"(?: {_YEAR})?"
        ),
        moments.edge,
    ),
    (
        (
            rf"(?:the )?(?:{_THIS} )?{_YEARLY}(?P<grain>month|quarter|year)(?: 's)? "
            r"(?P<edge>end)(?! date)"
        ),
        moments.edge,
    ),
    (
        r"(?:the )?day (?:before|after) (?P<further>)(?P<near>yesterday|tomorrow)",
        lambda w, c: moments.near_day(w | {"further": "yes"}, c),
    ),
    (
        r"(?P<near>yesterday|tomorrow)(?: (?:morning|afternoon|evening|night))",
        moments.near_day,
    ),
    (
        r"(?:earlier )?(?P<near>today)|this (?:very )?(?:morning|afternoon|evening)",
        lambda w, c: moments.near_day({"near": w.get("near") or "today"}, c),
    ),
    (
        r"last night",
        lambda _w, c: moments.near_day({"near": "yesterday"}, c),
    ),
    (r"(?P<near>yesterday|tomorrow|tonight)", moments.near_day),
    (
        r"(?:of|at|to|until|till) (?:right )?now",
        lambda _w, c: moments.one_day(c.today),
    ),
    (rf"(?:the )?{_BACK} {_COUNT} {_GRAIN}", moments.last_n),
    (rf"(?:the )?(?:next|coming|following) {_COUNT} {_GRAIN}", moments.next_n),
    (
        r"(?:the )?(?:last|past) (?P<grain>fortnight)",
        lambda w, c: moments.last_n(w | {"count": "1"}, c),
    ),
    (
        r"(?:the )?next (?P<grain>fortnight)",
        lambda w, c: moments.next_n(w | {"count": "1"}, c),
    ),
    (
        r"the past (?P<grain>week|month|quarter|year)",
        lambda w, c: moments.named_grain(w | {"which": "last"}, c),
    ),
    (rf"(?:in|within) {_COUNT} {_GRAIN}(?: time)?", moments.in_n),
    (
        rf"{_COUNT} {_GRAIN} (?:from (?:now|today)|out|after (?:today|now))",
        moments.in_n,
    ),
    (rf"{_COUNT} {_GRAIN} ago", moments.ago),
    (r"(?:the )?(?P<grain>week|month|quarter|year) before last", moments.before_last),
    (
        (
            rf"(?:the )?(?:last|previous|prior) {_YEARLY}"
            r"(?P<grain>week|month|quarter|year)(?: 's)? (?:to date|so far)"
        ),
        moments.earlier_to_date,
    ),
    (
        (
            r"(?:the )?(?:last|previous|prior)(?: (?:year|month|quarter|week))?(?: "
            r"'s)? "
            r"(?P<short>ytd|fytd|mtd|qtd|wtd)|(?P<short2>ytd|fytd) (?:of )?(?:last|"
            r"previous|prior) year"
        ),
        lambda w, c: moments.earlier_short_to_date(
            {"short": w.get("short") or w["short2"]}, c
        ),
    ),
    (
        (
            rf"(?:this |the |current )*{_YEARLY}(?P<grain>week|month|quarter|year)"
            r" (?:to date|so far)"
        ),
        moments.to_date,
    ),
    (
        rf"so far (?:this|in the) {_YEARLY}(?P<grain>week|month|quarter|year)",
        moments.to_date,
    ),
    (r"(?P<short>ytd|fytd|mtd|qtd|wtd)", moments.short_to_date),
    (rf"(?:a )?{_WEEKDAY} (?P<which>last|next|this) week", moments.weekday_of_week),
    (
        rf"(?P<which>last|next|this) week (?:'s |on )?{_WEEKDAY}",
        moments.weekday_of_week,
    ),
    (
        rf"(?:the )?(?:(?P<which>this|last|next|past|previous|coming) )?{_WEEKDAY}",
        moments.weekday,
    ),
    (rf"(?P<which>last|this|next) {_MONTH}", moments.month_named),
    (
        rf"{_MONTH} (?:of )?(?P<which>last|this|next) (?:calendar )?year",
        moments.month_last_year,
    ),
    (rf"{_MONTH}(?: of)?(?: ,)? {_YEAR}", moments.month_named),
    (rf"{_MONTH}", moments.month_named),
    (
        (
            r"(?P<code>[qh][1-4])(?: of)?(?: fiscal| fy)? (?P<which>last|this|next) "
            r"(?:fiscal |financial )?year"
        ),
        moments.part_of_year,
    ),
    (
        (
            r"(?P<code>[qh][1-4])(?: of)?(?: fiscal| fy)? (?P<year>(?:fy)?(?:19|"
            r"20)\d\d|"
            r"fy\d\d|' \d\d)"
        ),
        moments.part_of_year,
    ),
    (r"(?P<year>(?:19|20)\d\d) (?P<code>[qh][1-4])", moments.part_of_year),
    (r"(?P<code>[qh][1-4])", moments.part_of_year),
    (
        (
            r"(?:the )?(?P<nth>first|1st|second|2nd|third|3rd|fourth|4th|last) "
            r"(?P<kind>quarter|half)(?: of)?(?: (?P<which>this|last|next) (?:fiscal "
            r")?year"
            r"| (?P<year>(?:19|20)\d\d))"
        ),
        moments.nth_part,
    ),
    (
        (
            r"(?:the )?(?P<nth>first|1st|second|2nd|third|3rd|fourth|4th) "
            r"(?P<kind>quarter|half)(?: of the year)?"
        ),
        moments.nth_part,
    ),
    (r"(?P<code>(?:fy|cy)(?:\d{4}|\d\d))", moments.fiscal_year),
    (rf"(?:the )?{_THIS} {_YEARLY}{_SPANS}", moments.named_grain),
    (
        (
            r"(?:the )?(?:(?P<calendar>calendar)|fiscal|financial)(?: year)? "
            rf"{_YEAR}"
        ),
        moments.year_named,
    ),
    (rf"the (?:year )?{_YEAR}", moments.year_named),
    (
        (
            r"(?:on|by|from|since|until|before|after|due|dated) (?P<day>\d{1,2}"
            r"(?:st|nd|rd|th))"
        ),
        moments.day_of_month,
    ),
    (
        (
            r"the (?P<day>\d{1,2}(?:st|nd|rd|th))"
            r"(?! (?:one|ones|invoice|bill|option|choice|line))"
        ),
        moments.day_of_month,
    ),
)

_LEADS = frozenset(
    [
        "on",
        "by",
        "from",
        "since",
        "until",
        "till",
        "before",
        "after",
        "due",
        "dated",
        "of",
        "at",
        "to",
    ]
)

# A year by itself is a number like any other, but after these words.
_BARE_YEARS = (
    r"(?:between|from) (?P<year>20\d\d)(?= (?:and|to|-) 20\d\d )",
    (
        r"(?:in|for|of|during|since|vs|with|against|from|until|through|year|before|"
        r"after"
        r"|pnl|loss|statement|sheet|sales|spend|revenue|profit|income|expenses|invoices"
        r"|payments|bills|flow|<date> (?:and|to|-)) "
        r"(?P<year>20\d\d)(?! (?:{UNIT}|x|each|dollars|for|of|overdue)(?= ))"
    ),
    # "Sales by month 2025", and at the end of a question without another number.
    (
        r"(?:months?|monthly|customers?|items?|vendors?|accounts?|quarters?|quarterly)"
        r"(?: for| in|,)? (?P<year>20\d\d)(?=(?: please| \?)* $)"
    ),
    r"(?P<year>20\d\d)(?= (?:vs|compared|sales|pnl|invoices|profit|revenue) )",
)

# What only a question says: in a write they would be words of a line.
_ASKED: tuple[Rule, ...] = (
    (
        r"week (?:number |no |# ?)?(?P<week>\d{1,2})(?: of)?(?: (?P<year>20\d\d))?",
        moments.week_number,
    ),
    # "Sales for the month": the one that it is.
    (
        (
            r"(?:(?<= for )|(?<= in ))the (?P<grain>week|month|quarter|year)"
            r"(?! (?:of|to|before|after|ending|ended|end))"
        ),
        lambda w, c: moments.named_grain(w | {"which": "this"}, c),
    ),
)
_BEFORE_DATES: tuple[Rule, ...] = (
    (
        r"(?:on )?(?:the |this )?(?:same|very) day (?:of )?(?:last|the previous) year",
        moments.same_day_before,
    ),
)
_STRETCH = (
    r"(?:the )?(?:last )?(?:(?P<count>\d{1,2}) )?(?P<grain>months?|quarter|years?) "
    r"(?:to|ending|ended|up to)(?: in| on| with)? (?P<two><date>)"
)

# "May I", "we may": no month.
_NOT_MONTHS = (
    r"may (?:i|we|you|be|have|not|need)|(?:i|we|you|it|they|he|she) may"
    r"|march (?:on|ahead) "
)


def _bounded(mode: str, when: When, today: date) -> When:
    """The days since, before, after or until some days."""

    def bound(span: Span) -> Span:  # noqa: PLR0911 - one return a mode
        start, end = span.start, span.end
        if mode == "since":
            return Span(start, max(today, start) if start else today)
        if mode == "before":
            return Span(None, start and start - timedelta(days=1))
        if mode == "after":
            return Span(end and end + timedelta(days=1), None)
        if mode in {"until", "by"}:
            return Span(None, end)
        if mode == "from":
            return Span(start, None)
        if mode == "to today":
            return Span(start, today)
        return span

    kept = "since" if mode == "to today" else mode
    return When(bound(when.behind), bound(when.ahead), when.grain, kept, when.exists)


def mark_dates(sentence: Sentence, calendar: Calendar) -> None:
    """Make one part of every date and period."""
    blocked = {
        place
        for found in sentence.each(_NOT_MONTHS)
        for place in range(found.first, found.last)
    }
    for place in blocked:
        part = sentence.parts[place]
        if part.symbol in MONTHS:
            part.symbol = part.symbol + "~"
    sentence.changed()
    for source, read in _BEFORE_DATES + _ATOMS:
        _rewrite(sentence, source, read, calendar)
    for place, part in enumerate(sentence.parts):
        if part.symbol.endswith("~"):
            sentence.parts[place].symbol = part.symbol[:-1]
    sentence.changed()
    _join(sentence, calendar.today)


def _rewrite(
    sentence: Sentence,
    source: str,
    read: Callable[[Words, Calendar], When | None],
    calendar: Calendar,
) -> None:
    after = 0
    while (found := sentence.search(source, after)) is not None:
        words = {
            group: " ".join(part.symbol for part in sentence.parts[first:last])
            for group, (first, last) in found.groups.items()
        }
        first = found.first
        # The preposition stays where it is: only the days become one part.
        if sentence.parts[first].symbol in _LEADS:
            first += 1
        try:
            when = read(words, calendar)
        except (OverflowError, ValueError):
            when = moments.unreal()
        if when is None:
            after = found.first + 1
            continue
        sentence.replace(first, found.last, "<date>", when)
        after = first + 1


def mark_years(sentence: Sentence, calendar: Calendar) -> None:
    """Make one part of every bare year; only where nothing is to be written.

    And of what else only a question says: "week 46", "the 3 months to October".
    """
    for source, read in _ASKED:
        _rewrite(sentence, source, read, calendar)
    while (found := sentence.search(_STRETCH)) is not None:
        count = found.at("count")
        number = int(sentence.parts[count].symbol) if count is not None else 1
        grain = sentence.parts[found.groups["grain"][0]].symbol.rstrip("s")
        try:
            when = moments.stretch_to(_value(sentence, found, "two"), number, grain)
        except OverflowError:
            when = moments.unreal()
        sentence.replace(found.first, found.last, "<date>", when)
    for source in _BARE_YEARS:
        while (found := sentence.search(source)) is not None:
            place = found.groups["year"][0]
            year = int(sentence.parts[place].symbol)
            when = moments.fixed(calendar.named_year(year), "year")
            sentence.replace(place, place + 1, "<date>", when)
    _join(sentence, calendar.today)


def _value(sentence: Sentence, found: Found, group: str) -> When:
    when = sentence.parts[found.groups[group][0]].value
    assert isinstance(when, When), "a date part without a date"
    return when


# "Compare this month to last month": two periods beside each other, no range.
_SET_TO = (
    r"compare (?:(?!(?:from|between|vs|with) )\S+ )*?<date> (?P<to>to) <date>"
    r"(?! (?:to|vs|with|against|and) )"
)
_RANGES = (
    (
        r"(?:from |between )?(?P<one><date>) (?:to|until|through|thru|till|-) "
        r"(?P<two><date>)"
    ),
    r"between (?P<one><date>) and (?P<two><date>)",
)
_OPEN = (
    (r"(?:any time )?since (?P<one><date>)", "since"),
    (r"(?:from )(?P<one><date>) (?:to date|to now)", "to today"),
    (r"(?:from )(?P<one><date>) (?:on|onwards?|forward)", "from"),
    (r"(?:starting|beginning) (?:from |on )?(?P<one><date>)", "from"),
    (r"(?:before|prior to|earlier than) (?P<one><date>)", "before"),
    (r"(?:after|later than) (?P<one><date>)", "after"),
    (r"(?:until|till|through|thru|up to|up until) (?P<one><date>)", "until"),
    (r"by (?P<one><date>)", "by"),
    (r"(?:as (?:of|at)|now as (?:of|at)|at) (?P<one><date>)", "as of"),
)


def _join(sentence: Sentence, today: date) -> None:
    """Ranges and bounds: two days, or a day and a word, become one stretch."""
    if (found := sentence.search(_SET_TO)) and (to := found.at("to")) is not None:
        sentence.replace(to, to + 1, "with")
    for source in _RANGES:
        while (found := sentence.search(source)) is not None:
            one, two = _value(sentence, found, "one"), _value(sentence, found, "two")
            sentence.replace(
                found.first, found.last, "<date>", moments.between(one, two)
            )
    for source, mode in _OPEN:
        while (found := sentence.search(source)) is not None:
            when = _value(sentence, found, "one")
            try:
                bounded = _bounded(mode, when, today)
            except OverflowError:
                bounded = moments.unreal()
            sentence.replace(found.first, found.last, "<date>", bounded)
