"""Currencies: what they are called, and roughly what they are worth.

The worth only serves as a first rate of exchange; a company's own rates go before.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple


class Currency(NamedTuple):
    """A currency's name, and so many US dollars for one unit of it."""

    name: str
    dollars: Decimal


def _one(name: str, dollars: str) -> Currency:
    return Currency(name, Decimal(dollars))


CURRENCIES: Final[Mapping[str, Currency]] = {
    "AUD": _one("Australian Dollar", "0.66"),
    "BRL": _one("Brazilian Real", "0.18"),
    "CAD": _one("Canadian Dollar", "0.73"),
    "CHF": _one("Swiss Franc", "1.13"),
    "CNY": _one("Chinese Yuan Renminbi", "0.14"),
    "CZK": _one("Czech Koruna", "0.044"),
    "DKK": _one("Danish Krone", "0.15"),
    "EUR": _one("Euro", "1.1"),
    "GBP": _one("British Pound Sterling", "1.28"),
    "HKD": _one("Hong Kong Dollar", "0.128"),
    "HUF": _one("Hungarian Forint", "0.0028"),
    "IDR": _one("Indonesian Rupiah", "0.000062"),
    "ILS": _one("Israeli New Shekel", "0.27"),
    "INR": _one("Indian Rupee", "0.012"),
    "JPY": _one("Japanese Yen", "0.0067"),
    "KRW": _one("South Korean Won", "0.00073"),
    "MXN": _one("Mexican Peso", "0.053"),
    "MYR": _one("Malaysian Ringgit", "0.22"),
    "NOK": _one("Norwegian Krone", "0.093"),
    "NZD": _one("New Zealand Dollar", "0.6"),
    "PHP": _one("Philippine Peso", "0.017"),
    "PLN": _one("Polish Zloty", "0.25"),
    "RON": _one("Romanian Leu", "0.22"),
    "SEK": _one("Swedish Krona", "0.095"),
    "SGD": _one("Singapore Dollar", "0.75"),
    "THB": _one("Thai Baht", "0.028"),
    "TRY": _one("Turkish Lira", "0.03"),
    "TWD": _one("Taiwan Dollar", "0.031"),
    "USD": _one("United States Dollar", "1"),
    "ZAR": _one("South African Rand", "0.055"),
}
CURRENCY_NAMES: Final[Mapping[str, str]] = {
    code: one.name for code, one in CURRENCIES.items()
}
_SIX_PLACES: Final = Decimal("0.000001")


def usual_rate(code: str, home: str) -> Decimal:
    """So many units of the home currency for one of the other, roughly."""
    worth = CURRENCIES[code].dollars / CURRENCIES[home].dollars
    return worth.quantize(_SIX_PLACES)
