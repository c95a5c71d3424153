"""The old value beside a change: "from net 30 to net 15", or "from net 30" alone.

What stands behind "from" is what stood there until now: it is never what is to be
written, and alone it leaves open what is.
"""

import re

from bot.understanding.request import Request

_VALUE = r"(?:<e>|<phone>|<terms>|<date>|<q>)"
_FROM = (
    r"(?<!days )(?<!day )(?<!weeks )(?<!week )(?<!months )(?<!month )"
    rf"from (?:(?:the|their|its|old|an?|:) )*{_VALUE}"
)
_FROM_TO = re.compile(
    r'from (?:"[^"]*"|“[^”]*”|(?:(?! to ).)+) to '
    r'(?P<new>"[^"]+"|“[^”]+”|(?:(?! to ).)+)'
)


def take_old(request: Request) -> bool:
    """Take "from <old>" out where "to <new>" follows; whether the old stands alone."""
    request.take(rf"{_FROM}(?= (?:to|into) (?:(?:the|an?|new) )*{_VALUE})")
    found = request.sentence.search(_FROM)
    if found is None:
        return False
    return request.sentence.search(r"(?:to|into)(?= )", found.last) is None


def new_of(said: str) -> str | None:
    """A text as it is to stand: without "from <old> to"; None for an old one alone."""
    if not said.startswith("from "):
        return said
    found = _FROM_TO.fullmatch(said)
    return None if found is None else found["new"].strip('"“”')
