from datetime import date

import pytest

from bot.understanding import samples
from bot.understanding.conversation import interpret

FRIDAY = date(2026, 11, 20)
JANUARY = date(2027, 1, 4)
US = samples.names("harbour-pine-us")
UK = samples.names("pennine-uk")


@pytest.mark.parametrize(
    ("today", "said", "start", "end"),
    [
        (FRIDAY, "today", "2026-11-20", "2026-11-20"),
        (FRIDAY, "on friday", "2026-11-20", "2026-11-20"),
        (FRIDAY, "last friday", "2026-11-13", "2026-11-13"),
        (FRIDAY, "on monday", "2026-11-16", "2026-11-16"),
        (FRIDAY, "this week", "2026-11-16", "2026-11-22"),
        (FRIDAY, "last week", "2026-11-09", "2026-11-15"),
        (JANUARY, "last week", "2026-12-28", "2027-01-03"),
        (FRIDAY, "last month", "2026-10-01", "2026-10-31"),
        (JANUARY, "last month", "2026-12-01", "2026-12-31"),
        (FRIDAY, "last quarter", "2026-07-01", "2026-09-30"),
        (JANUARY, "last quarter", "2026-10-01", "2026-12-31"),
        (FRIDAY, "last 7 days", "2026-11-14", "2026-11-20"),
        (FRIDAY, "last 2 weeks", "2026-11-07", "2026-11-20"),
        (FRIDAY, "last fortnight", "2026-11-07", "2026-11-20"),
        (FRIDAY, "last 3 months", "2026-08-01", "2026-10-31"),
        (FRIDAY, "last 2 quarters", "2026-04-01", "2026-09-30"),
        (FRIDAY, "ytd", "2026-01-01", "2026-11-20"),
        (FRIDAY, "month to date", "2026-11-01", "2026-11-20"),
        (FRIDAY, "so far this quarter", "2026-10-01", "2026-11-20"),
        (FRIDAY, "since march", "2026-03-01", "2026-11-20"),
        (FRIDAY, "since Oct 5", "2026-10-05", "2026-11-20"),
        (FRIDAY, "in november", "2026-11-01", "2026-11-30"),
        (FRIDAY, "in december", "2025-12-01", "2025-12-31"),
        (FRIDAY, "in March 2024", "2024-03-01", "2024-03-31"),
        (date(2028, 3, 1), "last month", "2028-02-01", "2028-02-29"),
        (FRIDAY, "Q3", "2026-07-01", "2026-09-30"),
        (JANUARY, "Q4", "2026-10-01", "2026-12-31"),
        (FRIDAY, "Q1 2025", "2025-01-01", "2025-03-31"),
        (FRIDAY, "in H1", "2026-01-01", "2026-06-30"),
        (FRIDAY, "in 2024", "2024-01-01", "2024-12-31"),
        (FRIDAY, "from Oct 5 to Oct 9", "2026-10-05", "2026-10-09"),
        (FRIDAY, "between the 1st and the 15th", "2026-11-01", "2026-11-15"),
        (FRIDAY, "from November to January", "2025-11-01", "2026-01-31"),
        (FRIDAY, "on the 5th", "2026-11-05", "2026-11-05"),
        (FRIDAY, "on the 25th", "2026-10-25", "2026-10-25"),
        (FRIDAY, "on 10/05/2026", "2026-10-05", "2026-10-05"),
        (FRIDAY, "yesterday", "2026-11-19", "2026-11-19"),
        (FRIDAY, "2 weeks ago", "2026-11-06", "2026-11-06"),
    ],
)
def test_what_happened_lies_behind(
    today: date, said: str, start: str, end: str
) -> None:
    made = interpret(f"payments {said}", US, today)

    assert made.arguments == {"period": {"start": start, "end": end}}


@pytest.mark.parametrize(
    ("today", "said", "due"),
    [
        (FRIDAY, "this week", {"start": "2026-11-16", "end": "2026-11-22"}),
        (FRIDAY, "next week", {"start": "2026-11-23", "end": "2026-11-29"}),
        (FRIDAY, "in november", {"start": "2026-11-01", "end": "2026-11-30"}),
        (FRIDAY, "in october", {"start": "2027-10-01", "end": "2027-10-31"}),
        (FRIDAY, "on friday", {"start": "2026-11-27", "end": "2026-11-27"}),
        (FRIDAY, "this friday", {"start": "2026-11-20", "end": "2026-11-20"}),
        (FRIDAY, "next friday", {"start": "2026-11-27", "end": "2026-11-27"}),
        (FRIDAY, "before friday", {"end": "2026-11-26"}),
        (FRIDAY, "by Dec 15", {"end": "2026-12-15"}),
        (FRIDAY, "after Dec 15", {"start": "2026-12-16"}),
        (FRIDAY, "in the next 10 days", {"start": "2026-11-21", "end": "2026-11-30"}),
        (FRIDAY, "tomorrow", {"start": "2026-11-21", "end": "2026-11-21"}),
        (FRIDAY, "next quarter", {"start": "2027-01-01", "end": "2027-03-31"}),
    ],
)
def test_what_is_due_lies_ahead(today: date, said: str, due: dict[str, str]) -> None:
    assert interpret(f"invoices due {said}", US, today).arguments == {"due": due}


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("this year", "2026-04-01", "2027-03-31"),
        ("last year", "2025-04-01", "2026-03-31"),
        ("last quarter", "2026-07-01", "2026-09-30"),
        ("Q1", "2026-04-01", "2026-06-30"),
        ("Q4", "2026-01-01", "2026-03-31"),
        ("FY25", "2024-04-01", "2025-03-31"),
        ("in 2025", "2024-04-01", "2025-03-31"),
        ("Q2 2025", "2024-07-01", "2024-09-30"),
        ("in calendar 2025", "2025-01-01", "2025-12-31"),
        ("H2", "2025-10-01", "2026-03-31"),
        ("ytd", "2026-04-01", "2026-11-20"),
        ("from 03/04/2026 to 10/04/2026", "2026-04-03", "2026-04-10"),
    ],
)
def test_quarters_and_years_are_the_companys_fiscal_ones(
    said: str, start: str, end: str
) -> None:
    # H2 has begun in October; "Q4" began last in January.
    expected = {"start": start, "end": end}
    if said == "H2":
        expected = {"start": "2026-10-01", "end": "2027-03-31"}

    assert interpret(f"payments {said}", UK, FRIDAY).arguments == {"period": expected}


@pytest.mark.parametrize(
    ("today", "said", "day"),
    [
        (FRIDAY, "due Dec 15", "2026-12-15"),
        (FRIDAY, "due Nov 5", "2027-11-05"),
        (FRIDAY, "due on the 5th", "2026-12-05"),
        (FRIDAY, "due on the 31st", "2026-12-31"),
        (FRIDAY, "due friday", "2026-11-27"),
        (FRIDAY, "due in 30 days", "2026-12-20"),
        (FRIDAY, "due in a fortnight", "2026-12-04"),
        (FRIDAY, "due end of next month", "2026-12-31"),
        (FRIDAY, "dated Nov 2, due in 30 days", "2026-12-02"),
        (date(2027, 1, 31), "due in 1 month", "2027-02-28"),
    ],
)
def test_a_due_date_lies_ahead(today: date, said: str, day: str) -> None:
    made = interpret(f"invoice Acme West for 2 lawn mowings, {said}", US, today)

    assert made.kind == "write"
    assert made.arguments["due_date"] == day


@pytest.mark.parametrize(
    "said",
    ["due Feb 30", "dated 31/31/2026", "dated June 31", "due 2026-02-29"],
)
def test_a_day_that_does_not_exist_is_asked_about(said: str) -> None:
    made = interpret(f"invoice Acme West for 2 lawn mowings, {said}", US, FRIDAY)

    assert made.question is not None
    assert made.question.about == "date"


@pytest.mark.parametrize(
    ("said", "period", "other"),
    [
        (
            "this year vs last year",
            {"start": "2026-01-01", "end": "2026-12-31"},
            {"start": "2025-01-01", "end": "2025-12-31"},
        ),
        (
            "year to date vs last year",
            {"start": "2026-01-01", "end": "2026-11-20"},
            {"start": "2025-01-01", "end": "2025-11-20"},
        ),
        (
            "October vs September",
            {"start": "2026-10-01", "end": "2026-10-31"},
            {"start": "2026-09-01", "end": "2026-09-30"},
        ),
        (
            "last quarter compared to the same quarter last year",
            {"start": "2026-07-01", "end": "2026-09-30"},
            {"start": "2025-07-01", "end": "2025-09-30"},
        ),
    ],
)
def test_a_period_is_compared_with_its_like(
    said: str, period: dict[str, str], other: dict[str, str]
) -> None:
    made = interpret(f"P&L {said}", US, FRIDAY)

    assert made.arguments == {"period": period, "compare_to": other}


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        (
            "compare sales this month to last month",
            {
                "period": {"start": "2026-11-01", "end": "2026-11-30"},
                "compare_to": {"start": "2026-10-01", "end": "2026-10-31"},
            },
        ),
        (
            "compare sales from jan to march with april to june",
            {
                "period": {"start": "2026-01-01", "end": "2026-03-31"},
                "compare_to": {"start": "2026-04-01", "end": "2026-06-30"},
            },
        ),
    ],
)
def test_to_sets_periods_beside_each_other_or_ends_one(
    said: str, arguments: dict[str, dict[str, str]]
) -> None:
    assert interpret(said, US, FRIDAY).arguments == arguments


def test_a_report_without_a_period_says_which_it_took() -> None:
    made = interpret("P&L", UK, FRIDAY)

    assert made.arguments["period"] == {"start": "2026-04-01", "end": "2026-11-20"}
    assert len(made.assumptions) == 1
    assert "1 April 2026" in made.assumptions[0]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("P&L for Smarch", 'I read "Smarch" as March.'),
        (
            "invoice Acme West for 10 hours consulting due Decmber 5",
            'I read "Decmber" as December.',
        ),
        ("P&L for march", None),
        ("overdue invoices since wed", None),
    ],
)
def test_a_mistyped_day_is_told(text: str, note: str | None) -> None:
    made = interpret(text, US, FRIDAY)

    told = [each for each in made.assumptions if each.startswith("I read")]
    assert told == ([note] if note else [])
