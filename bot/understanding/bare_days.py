"""Days without a month of their own, inside the month or week that is talked about.

"Zephyr paid 300 last month", "the 15th": of last month. "Paid on Oct 5", "no, the
6th": of October.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.understanding import moments
from bot.understanding.days import Calendar, Span, months
from bot.understanding.reading import Reading
from bot.understanding.sentence import Sentence
from bot.understanding.vocabulary import MONTHS

if TYPE_CHECKING:
    from bot.understanding.moments import When

_SPAN_MAX = 400
# A day as far away as this may as well be that of another month.
_NEAR = timedelta(days=15)

Fits = Callable[[date], bool]


def asked_within(reading: Reading, *, ahead: bool) -> Span | None:
    """The one stretch of days that a message named in the place of a day."""
    whens = [p.value for p in reading.sentence.parts if p.symbol == "<date>"]
    if len(whens) != 1:
        return None
    when: When = whens[0]
    if not when.exists:
        named = [p.symbol for p in reading.raw.parts if p.symbol in MONTHS]
        if len(named) != 1:
            return None
        month = moments.month_named({"month": named[0]}, reading.calendar)
        if month is None:
            return None
        when = month
    elif when.is_day:
        return None
    span = when.ahead if ahead else when.behind
    return span if span.start is not None and span.end is not None else None


def within(sentence: Sentence, place: int, span: Span) -> tuple[date, ...] | None:
    """The days of a span that a bare day can be; None where the day is whole."""
    fits = _fits(sentence, place)
    if fits is None:
        days = _in(span, _of_year(sentence, place))
        return days or None
    return _in(span, fits)


def _in(span: Span, fits: Fits) -> tuple[date, ...]:
    if span.start is None or span.end is None:
        return ()
    count = min((span.end - span.start).days + 1, _SPAN_MAX)
    days = (span.start + timedelta(days=n) for n in range(count))
    return tuple(day for day in days if fits(day))


def settle(sentence: Sentence, day: date, allowed: Span) -> tuple[date, ...] | None:
    """Read a message's bare day as the one that it is instead of `day`.

    That is the one of the same month or week, among the days allowed, unless one of
    the next is nearer. Returns the days in question where it is not one, else None.
    """
    for place, part in enumerate(sentence.parts):
        fits = _fits(sentence, place) if part.symbol == "<date>" else None
        if fits is None:
            continue
        if _is_number(sentence, place):
            own = _in(months(day.replace(day=1), 1), fits)
            around = _in(Span(day - _NEAR, day + _NEAR), fits)
        else:
            when: When = part.value
            own = _in(Calendar(day).week(), fits)
            around = _in(when.behind if allowed.start is None else when.ahead, fits)
        days = tuple(d for d in sorted({*own, *around}) if _is_in(d, allowed))
        if len(days) != 1 or not own:
            return days
        part.value = moments.one_day(days[0])
    return None


def settle_within(sentence: Sentence, span: Span) -> None:
    """Read a message's bare days as those of a stretch that was asked about."""
    if span.start is None or span.end is None:
        return
    wide = months(span.start.replace(day=1), 1) if span.start == span.end else span
    for place, part in enumerate(sentence.parts):
        days = within(sentence, place, wide) if part.symbol == "<date>" else None
        if days is not None and len(days) == 1:
            part.value = moments.one_day(days[0])


def _is_in(day: date, span: Span) -> bool:
    after = span.start is None or day >= span.start
    return after and (span.end is None or day <= span.end)


def _is_number(sentence: Sentence, place: int) -> bool:
    """Whether only the day's number was said: "the 15th"."""
    return sentence.parts[place].fold.removeprefix("the ")[:1].isdigit()


def _of_year(sentence: Sentence, place: int) -> Fits:
    """Which days "June 5" is: that of any year."""
    when: When = sentence.parts[place].value
    day = when.behind.end
    if not when.is_day or when.behind == when.ahead or day is None:
        return lambda _: False
    return lambda each: (each.month, each.day) == (day.month, day.day)


def _fits(sentence: Sentence, place: int) -> Fits | None:
    """Which days a bare day is: those of its number, or of its weekday."""
    part = sentence.parts[place]
    when: When = part.value
    if not when.is_day or when.mode or not when.exists or when.relative is not None:
        return None
    if when.behind == when.ahead or when.behind.end is None:
        # "Last Friday", "Oct 5 2026": which one it is was said.
        return None
    named = {word for word in part.fold.split() if word != "the"}
    if len(named) != 1:
        return None
    day = when.behind.end
    if _is_number(sentence, place):
        return lambda each: each.day == day.day
    return lambda each: each.weekday() == day.weekday()
