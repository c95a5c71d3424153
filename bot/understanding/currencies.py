"""The currency that somebody's words name beside a sum."""

import re
from collections.abc import Mapping

_SAID: Mapping[str, str] = {
    "USD": r"us\$|\$|usd|us dollars?|dollars?|bucks?",
    "GBP": r"£|gbp|pounds?|quid",
    "EUR": r"€|eur|euros?",
    "CAD": r"c\$|\$|cad|dollars?",
    "AUD": r"a\$|\$|aud|dollars?",
    "NZD": r"nz\$|\$|nzd|dollars?",
}


def is_named(words: str, currency: str) -> bool:
    """Whether a sum in the words has the sign or the name of that currency."""
    said = _SAID.get(currency, re.escape(currency.casefold()))
    beside = rf"(?<![a-z])(?:{said})\s?\d|\d[km]?\s?(?:{said})(?![a-z])"
    return re.search(beside, words.casefold()) is not None
