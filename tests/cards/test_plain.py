import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from cards.plain import (
    NAME_MAX,
    count,
    cut,
    day,
    inert,
    line,
    listed,
    moment,
    summary,
    title,
)
from cards.samples.world import HARBOUR, NOW, REAL, TODAY
from qbo.books import Company, Environment
from tests.cards.nasty import texts


@settings(deadline=None)
@given(texts)
def test_a_line_has_nothing_that_people_cannot_see(text: str) -> None:
    shown = line(text)

    assert all(unicodedata.category(char)[0] != "C" for char in shown)
    assert not set(shown) & set("\u2028\u2029\u3164\u2800\u034f\ufe01")
    assert "  " not in shown
    assert shown == shown.strip()
    assert line(shown) == shown
    shown.encode()


def test_a_line_keeps_what_people_wrote() -> None:
    assert line("Müller Gärten & O'Connor <AG> *1*") == (
        "Müller Gärten & O'Connor <AG> *1*"
    )
    assert line("one\r\n\ttwo\u2028three") == "one two three"
    assert line("שלום") == "שלום"
    assert line("❤️") == "❤️"


def test_marks_cannot_be_stacked_over_other_lines() -> None:
    assert len(line("z" + "\u0335" * 50)) == 5


@settings(deadline=None)
@given(texts)
def test_an_inert_line_has_no_character_that_a_chat_reads_as_markup(text: str) -> None:
    shown = inert(text)

    assert not set(shown) & set("*_~`<>{}\\|@#")
    assert "](" not in shown
    assert "://" not in shown
    assert not shown.startswith(("- ", "+ ", "1. "))


def test_an_inert_line_has_no_address_that_a_chat_would_link() -> None:
    assert "evil.example" not in inert("see evil.example or a@evil.example")
    assert inert("Acme owes $1,250.00. Today.") == "Acme owes $1,250.00. Today."
    assert ":tada:" not in inert("well :tada:")
    assert inert("Harbour & Pine [SIMULATED]: paid") == (
        "Harbour & Pine [SIMULATED]: paid"
    )


@settings(deadline=None)
@given(texts, st.sampled_from(Environment))
def test_the_mark_of_a_company_that_is_not_real_is_never_cut(
    name: str, environment: Environment
) -> None:
    company = Company(realm="1", name=name, environment=environment)

    shown = title(company)

    marks = {
        Environment.SANDBOX: "[SANDBOX]",
        Environment.SIMULATOR: "[SIMULATED]",
        Environment.PRODUCTION: "",
    }
    assert shown.endswith(marks[environment])
    assert len(shown) <= NAME_MAX + len(" [SIMULATED]")
    assert summary(company, "hello").startswith(shown)


def test_a_cut_is_seen() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"


def test_days_and_moments_cannot_be_misread() -> None:
    assert day(TODAY) == "20 Nov 2026"
    assert moment(NOW, TODAY) == "14:02 UTC"
    assert moment(NOW) == "20 Nov 2026, 14:02 UTC"


def test_numbers_and_names_stand_in_sentences() -> None:
    assert count(1, "invoice") == "1 invoice"
    assert count(1240, "company", "companies") == "1,240 companies"
    assert listed(("Alex",)) == "Alex"
    assert listed(("Alex", "Kim", "Priya")) == "Alex, Kim or Priya"


def test_a_real_company_carries_no_mark() -> None:
    assert title(REAL) == "Pennine Fabrication Ltd"
    assert title(HARBOUR) == "Harbour & Pine Landscaping [SIMULATED]"
