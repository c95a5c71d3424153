import pytest

from bot.understanding.currencies import is_named


@pytest.mark.parametrize(
    ("words", "currency"),
    [
        ("Dublin Docks paid £300", "GBP"),
        ("Dublin Docks paid 300 quid", "GBP"),
        ("Dublin Docks paid 1.5k pounds", "GBP"),
        ("Dublin Docks paid EUR 300", "EUR"),
        ("Acme West paid $300", "USD"),
        ("Kitsune paid 300 jpy", "JPY"),
    ],
)
def test_a_sum_names_its_currency(words: str, currency: str) -> None:
    assert is_named(words, currency)


@pytest.mark.parametrize(
    ("words", "currency"),
    [
        ("Dublin Docks paid 300", "GBP"),
        ("Dublin Docks paid €300", "GBP"),
        ("invoice Pound Lane for 3 hours", "GBP"),
        ("invoice Dublin Docks for 2 poundage", "GBP"),
        ("Dublin Docks paid 300 euros", "USD"),
    ],
)
def test_no_other_currency_is_meant(words: str, currency: str) -> None:
    assert not is_named(words, currency)
