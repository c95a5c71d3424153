"""Deadlines in hours of work: over nights, weekends and changes of the clocks."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.hours import Deadlines, Unworkable, after, deadlines, working_hours
from approvals.proposal import Rule

OFFICE = working_hours("Mon-Fri 09:00-17:00 Europe/London")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(autouse=True)
def _read_anew() -> None:
    """What another test has read is read again here."""
    working_hours.cache_clear()


def test_without_working_hours_every_hour_counts() -> None:
    assert after(utc("2026-11-20 15:00"), 72, None) == utc("2026-11-23 15:00")


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        # A Friday afternoon: one hour on Friday, the others on Monday.
        ("2026-11-20 16:00", 3, "2026-11-23 11:00"),
        # What fills the day's work ends with it.
        ("2026-11-20 16:00", 1, "2026-11-20 17:00"),
        # On a weekend time stands still.
        ("2026-11-21 12:00", 1, "2026-11-23 10:00"),
        # Before work begins.
        ("2026-11-20 03:00", 8, "2026-11-20 17:00"),
        ("2026-11-20 03:00", 9, "2026-11-23 10:00"),
        # Just when work ends, nothing of that day is left.
        ("2026-11-20 17:00", 1, "2026-11-23 10:00"),
        ("2026-11-20 15:00", 0, "2026-11-20 15:00"),
        # London in summer: nine o'clock is eight in UTC.
        ("2026-07-01 03:00", 1, "2026-07-01 09:00"),
        # The clocks went back on Sunday, 25 October 2026.
        ("2026-10-23 15:00", 2, "2026-10-26 10:00"),
    ],
)
def test_only_hours_of_work_count(start: str, hours: int, expected: str) -> None:
    assert after(utc(start), hours, OFFICE) == utc(expected)


def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is() -> None:
    nights = working_hours("Sun 00:00-06:00 Europe/London")

    # 29 March 2026 has no hour between one and two, 25 October has it twice.
    assert after(utc("2026-03-28 00:00"), 5, nights) == utc("2026-03-29 05:00")
    assert after(utc("2026-03-28 00:00"), 6, nights) == utc("2026-04-05 00:00")
    assert after(utc("2026-10-24 00:00"), 7, nights) == utc("2026-10-25 06:00")


def test_several_spans_and_a_week_that_goes_over_its_end() -> None:
    shop = working_hours(
        "Sat-Mon 10:00-12:00, Sat 13:00-14:00, wednesday 22:00-24:00 America/New_York"
    )

    assert [len(shop.of(utc(f"2026-11-{day} 12:00").date())) for day in range(16, 23)]
    assert [
        len(shop.of(utc(f"2026-11-{day} 12:00").date())) for day in range(16, 23)
    ] == [1, 0, 1, 0, 0, 2, 1]
    # Wednesday, from ten in the evening up to midnight in New York.
    assert after(utc("2026-11-18 12:00"), 2, shop) == utc("2026-11-19 05:00")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mon-Fri 09:00-17:00", "time zone"),
        ("Mon-Fri 09:00-17:00 Europe/Londno", "Europe/Londno"),
        ("Mon-Fri 09:00-17:00 ../../etc/passwd", "time zone"),
        ("Mon-Fri 9-17 Europe/London", "not"),
        ("Mun-Fri 09:00-17:00 Europe/London", "“Mun” is no day"),
        ("Mon 09:00-09:00 Europe/London", "never come"),
        ("Mon 22:00-06:00 Europe/London", "before it begins"),
        ("Mon 09:00-25:00 Europe/London", "no time of day"),
        ("Mon 09:61-10:00 Europe/London", "no time of day"),
        ("Mon 09:00-09:30 Europe/London", "less than one working hour"),
        ("Mon 09:00-12:00, Mon 11:00-13:00 Europe/London", "Mon overlap"),
        ("", "time zone"),
    ],
)
def test_working_hours_that_cannot_be_are_refused(text: str, words: str) -> None:
    with pytest.raises(Unworkable) as wrong:
        working_hours(text)

    assert words in wrong.value.sentence


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Mon 09:30-10:59 UTC", [(0, 570, 659)]),
        ("monday 09:00-10:00 UTC", [(0, 540, 600)]),
        ("Tuesday 00:00-24:00 UTC", [(1, 0, 1440)]),
        ("WEDNESDAY 9:00-10:00 UTC", [(2, 540, 600)]),
        ("thursday 09:00-10:00 UTC", [(3, 540, 600)]),
        ("friday 09:00-10:00 UTC", [(4, 540, 600)]),
        ("saturday 09:00-10:00 UTC", [(5, 540, 600)]),
        ("sunday 09:00-10:00 UTC", [(6, 540, 600)]),
        ("sUN-mon 09:00-10:00 UTC", [(0, 540, 600), (6, 540, 600)]),
        ("Mon-Mon 09:00-10:00 UTC", [(0, 540, 600)]),
        # They may touch, and are sorted.
        ("Mon 13:00-14:00, Mon 12:00-13:00 UTC", [(0, 720, 780), (0, 780, 840)]),
        ("Mon 09:00-10:00, Tue 09:00-10:00 UTC", [(0, 540, 600), (1, 540, 600)]),
        # Said twice is said once; together an hour is enough.
        ("Mon 09:00-09:30, Tue 09:00-09:30, Mon 09:00-09:30 UTC",
         [(0, 540, 570), (1, 540, 570)]),
    ],
)  # fmt: skip
def test_working_hours_are_days_and_minutes(
    text: str, spans: list[tuple[int, int, int]]
) -> None:
    hours = working_hours(text)

    assert [(each.day, each.start, each.end) for each in hours.spans] == spans
    assert hours.zone.key == "UTC"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "Mon 09:00-10:00 Nowhere",
            ("Working hours end in a time zone, as in “Mon-Fri 09:00-17:00"
            " Europe/London”; “Nowhere” is none."),
        ),
        (
            "Mon 9-17 UTC",
            ("Working hours are written like “Mon-Fri 09:00-17:00 Europe/London”;"
            " “Mon 9-17” is not."),
        ),
        ("Mond 09:00-10:00 UTC", ("“Mond” is no day: days are Mon, Tue, Wed, Thu, Fri,"
                                 " Sat, Sun.")),
        ("Mon 09:60-11:00 UTC", "“09:60” is no time of day."),
        ("Mon 09:00-24:01 UTC", "“24:01” is no time of day."),
        ("Mon 09:00-09:59 UTC", "That is less than one working hour in a week."),
        (
            "Fri 09:00-12:00, Fri 11:59-13:00 UTC",
            "The working hours of Fri overlap.",
        ),
        (
            "Mon 10:00-10:00 UTC",
            "“Mon 10:00-10:00” is no time at all: these working hours never come.",
        ),
        (
            "Mon 10:01-10:00 UTC",
            ("“Mon 10:01-10:00” ends before it begins. Write work over midnight as two"
            " spans, the first up to 24:00."),
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_working_hours_is_said(text: str, sentence: str) -> None:
    with pytest.raises(Unworkable) as wrong:
        working_hours(text)

    assert (wrong.value.sentence, str(wrong.value)) == (sentence, sentence)


def test_the_day_there_counts_and_not_that_of_greenwich() -> None:
    late = working_hours("Wed 22:00-24:00 America/New_York")

    # Still Wednesday evening in New York.
    assert after(utc("2026-11-19 01:00"), 1, late) == utc("2026-11-19 04:00")


def test_a_span_that_is_over_leaves_the_later_ones_of_that_day() -> None:
    shop = working_hours("Sat 10:15-12:15, Sat 13:00-14:00 UTC")

    assert after(utc("2026-11-21 12:30"), 1, shop) == utc("2026-11-21 14:00")
    assert after(utc("2026-11-21 12:15"), 1, shop) == utc("2026-11-21 14:00")
    assert after(utc("2026-11-21 11:15"), 2, shop) == utc("2026-11-21 14:00")
    assert after(utc("2026-11-21 09:00"), 1, shop) == utc("2026-11-21 11:15")


def test_times_come_out_in_utc_whatever_they_went_in_with() -> None:
    there = datetime(2026, 11, 20, 10, 0, tzinfo=timezone(timedelta(hours=-5)))

    assert after(there, 1, None).tzinfo is UTC
    assert after(there, 1, OFFICE).tzinfo is UTC
    assert after(there, 1, None) == utc("2026-11-20 16:00")
    assert after(there, 0, OFFICE) == utc("2026-11-20 15:00")
    with pytest.raises(AssertionError):
        after(there.replace(tzinfo=None), 1, None)


MOMENTS = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - the zone is given beside it
    datetime(2027, 12, 31),  # noqa: DTZ001 - the zone is given beside it
    timezones=st.just(UTC),
)


@settings(deadline=None)
@given(MOMENTS, st.integers(0, 400), st.integers(0, 400))
def test_working_time_never_passes_faster_than_time(
    at: datetime, hours: int, more: int
) -> None:
    first = after(at, hours, OFFICE)

    assert first >= at + timedelta(hours=hours)
    assert after(first, more, OFFICE) == after(at, hours + more, OFFICE)
    # An hour of the office is one of five times eight in a week.
    assert first <= at + timedelta(weeks=hours // 40 + 2)


def test_the_deadlines_of_a_rule() -> None:
    at = utc("2026-11-20 16:00")
    plain = Rule(1, 72, "any")
    office = Rule(
        1,
        16,
        "any",
        remind_hours=2,
        escalate_hours=8,
        working_hours="Mon-Fri 09:00-17:00 Europe/London",
    )

    assert deadlines(plain, at) == Deadlines(utc("2026-11-23 16:00"), None, None)
    assert deadlines(office, at) == Deadlines(
        utc("2026-11-24 16:00"), utc("2026-11-23 10:00"), utc("2026-11-23 16:00")
    )
