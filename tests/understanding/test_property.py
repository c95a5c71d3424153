import json
from datetime import date
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.understanding import samples
from bot.understanding.conversation import Context, followed, interpret
from bot.understanding.interpretation import Interpretation
from qbo.books import Name, Names
from tests.understanding.valid import check

HARBOUR = samples.names("harbour-pine-us")
PENNINE = samples.names("pennine-uk")
COMPANIES = st.sampled_from([HARBOUR, PENNINE])
DAYS = st.dates(date(2024, 1, 1), date(2031, 12, 31))

# Words that the grammar has rules for, thrown together without sense.
_SPOKEN = """
    invoice bill void send pay paid record payment got spent credit memo customer
    vendor item add new create change update remove for to from at by on in of and
    or not the a all overdue open unpaid unsent due net 30 15 1042 8841 500
    $1,250.00 2k 10 hours each @ 150 yesterday today friday last next this month
    quarter year q3 fy25 dec 15 2026-10-05 31st feb 30 since before between may
    march june terms email a@b.example 555-0199 "quoted text" it that them same no
    make instead also second one first P-17 proposal undo withdraw approve reject
    edit connect disconnect switch company sync help balance sheet P&L aging cash
    flow by customer vs compared top 5 largest show list who owes us how much did we
    spend on sales total price , . ? ! : ; ( ) - / & + # % < > ' 1/2 13/45
    99999999999999 0 0.00 -5 1,2,3 £5 €7 k
"""
WORDS = (
    _SPOKEN.split()
    + [name.name for name in (*HARBOUR.customers, *HARBOUR.vendors, *HARBOUR.items)]
    + [name.name for name in (*HARBOUR.accounts, *PENNINE.customers, *PENNINE.items)]
)
SENSELESS = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
TEXTS = st.one_of(st.text(max_size=300), SENSELESS, SENSELESS)


@settings(max_examples=400, deadline=None)
@given(TEXTS, COMPANIES, DAYS)
def test_any_text_has_a_valid_interpretation(
    text: str, names: Names, today: date
) -> None:
    check(interpret(text, names, today), names)


@settings(max_examples=250, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=4), COMPANIES, DAYS)
def test_any_conversation_has_valid_interpretations(
    texts: list[str], names: Names, today: date
) -> None:
    context = Context()

    for text in texts:
        made = interpret(text, names, today, context)
        check(made, names)
        context = followed(context, made, (("invoice", "1042"), ("customer", "?")))
        kept = Context.from_json(json.loads(json.dumps(context.as_json())))
        assert kept == context


@settings(max_examples=100, deadline=None)
@given(SENSELESS, COMPANIES)
def test_a_message_means_the_same_twice(text: str, names: Names) -> None:
    today = date(2026, 11, 20)

    assert interpret(text, names, today) == interpret(text, names, today)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "invoice Acme West for 10 hours consulting " * 250,
        "1 " * 5_000,
        '"' * 9_999,
        "\x00\x07\x1b[31m",
        "請求書を送ってください",
        "счёт для Acme West",
        "🙂🙂🙂",
        "a\u0301" * 500,
        "\u202einvoice\u202c",
        "due in 999999999 years",
        "last 9999 years",
        "between and or not",
    ],
)
def test_strange_input_is_answered(text: str) -> None:
    check(interpret(text, HARBOUR, date(2026, 11, 20)), HARBOUR)


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b"])
def test_silence_is_asked_what_is_wanted(text: str) -> None:
    made = interpret(text, HARBOUR, date(2026, 11, 20))

    assert made.kind == "clarify"
    assert made.question is not None
    assert made.question.about == "action"
    assert "help" in made.question.choices


def test_a_message_is_understood_quickly_among_two_thousand_customers() -> None:
    customers = tuple(
        Name(f"{first} {second} {kind}")
        for first in ("North", "South", "Green", "Silver", "Upper", "Old", "New", "Far")
        for second in (
            *("Harbour", "Valley", "Bridge", "Field", "Garden", "Forest", "Meadow"),
            *("Station", "Market", "Quarry", "Orchard", "Castle", "Mill", "Ferry"),
        )
        for kind in (
            *("Hotel", "Bakery", "School", "Dental", "Motors", "Books", "Studio"),
            *("Partners", "Holdings", "Surgery", "Pharmacy", "Nursery", "Lofts"),
            *("Robotics", "Cycles", "Library", "Council", "Marina"),
        )
    )
    names = Names("Many", customers=customers, items=HARBOUR.items, terms=HARBOUR.terms)
    assert len(customers) > 2000
    texts = [
        "overdue invoices over 1.5k for Silver Quarry Hotel",
        "invoice Upper Ferry Dental for 10 hours consulting at 150, net 30",
        "how much does Green Orchrd Studio owe us",
        "Far Castle Books paid 1,250.00 on Tuesday by check no. 2231 for invoice 1042",
    ]
    today = date(2026, 11, 20)
    interpret(texts[0], names, today)

    start = perf_counter()
    for _ in range(5):
        for text in texts:
            assert isinstance(interpret(text, names, today), Interpretation)
    each = (perf_counter() - start) / 20

    assert each < 0.1  # a generous bound for a busy machine; it takes a few ms
