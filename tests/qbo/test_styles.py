"""Dates, times and numbers are written as the reader's locale has them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from qbo import filters, styles
from qbo.asks import Period
from qbo.books import Money
from qbo.styles import PLAIN, style, written

DAY = date(2026, 11, 5)
MOMENT = datetime(2026, 11, 5, 19, 2, tzinfo=UTC)
AMOUNT = Money(Decimal("-1234567.5"), "EUR")


@pytest.mark.parametrize(
    ("locale", "country", "day", "amount"),
    [
        ("en-US", "GB", "Nov 5, 2026", "-€1,234,567.50"),
        ("en-GB", "US", "5 Nov 2026", "-€1,234,567.50"),
        ("", "US", "Nov 5, 2026", "-€1,234,567.50"),
        ("", "GB", "5 Nov 2026", "-€1,234,567.50"),
        ("en", "US", "Nov 5, 2026", "-€1,234,567.50"),
        ("de-DE", "US", "5 Nov 2026", "-€1.234.567,50"),
        ("de_CH", "US", "5 Nov 2026", "-€1’234’567.50"),
        ("fr-FR", "US", "5 Nov 2026", "-€1\u00a0234\u00a0567,50"),
        ("es-MX", "US", "5 Nov 2026", "-€1,234,567.50"),
        ("zh-Hant-TW", "US", "5 Nov 2026", "-€1,234,567.50"),
        ("nonsense", "", "5 Nov 2026", "-€1,234,567.50"),
    ],
)
def test_a_locale_orders_dates_and_marks_numbers(
    locale: str, country: str, day: str, amount: str
) -> None:
    with written(style(locale, country, "UTC")):
        assert filters.days("due", Period(DAY, DAY)) == f"due {day}"
        assert str(AMOUNT) == amount

    assert styles.current() is PLAIN
    assert str(AMOUNT) == "-€1,234,567.50"


@pytest.mark.parametrize(
    ("locale", "zone", "today", "shown"),
    [
        ("en-US", "America/New_York", DAY, "2:02 PM EST"),
        ("en-GB", "Europe/London", DAY, "19:02 GMT"),
        ("en-US", "America/New_York", date(2026, 11, 6), "Nov 5, 2026, 2:02 PM EST"),
        ("en-GB", "Asia/Tokyo", date(2026, 11, 6), "04:02 JST"),
        ("en-GB", "Made/Up", DAY, "19:02 UTC"),
        ("en-GB", "../etc/passwd", DAY, "19:02 UTC"),
        ("en-GB", "", DAY, "19:02 UTC"),
    ],
)
def test_a_moment_is_that_of_the_readers_clock(
    locale: str, zone: str, today: date, shown: str
) -> None:
    assert style(locale, "US", zone).moment(MOMENT, today) == shown
