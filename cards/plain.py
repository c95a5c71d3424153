"""Plain text fit to be shown: what people cannot see is not in it.

Everything that comes from the books or from a chat passes `line` (or `texts`)
in the renderers, so that no character can reorder, hide or break what stands
around it. What is markup on one platform only, that platform's renderer undoes.
"""

import re
import unicodedata
from datetime import date, datetime

from qbo import styles
from qbo.books import Company, Environment

# A name longer than this is cut before the mark, so that the mark is never cut.
NAME_MAX = 60
# More marks than this on one letter only serve to draw over other lines.
_MARKS_MAX = 4
# Drawn as nothing, although Unicode calls them letters, marks or symbols: Hangul
# fillers, the grapheme joiner, the Khmer inherent vowels, the blank Braille cell.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Variation selectors 15 and 16 choose between a letter and an emoji and stay; the
# others (1 to 14, 17 to 256) can carry hidden text.
_UNSEEN = frozenset(
    "\u034f\u17b4\u17b5"
    + "".join(map(chr, (*range(0xFE00, 0xFE0E), *range(0xE0100, 0xE01F0))))
)
_MARKS = {Environment.SANDBOX: "[SANDBOX]", Environment.SIMULATOR: "[SIMULATED]"}


def line(text: str) -> str:
    """The text as one line without control, zero-width and bidi characters.

    Line ends, tabs and runs of blanks become one space. Idempotent.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if char.isspace() or char in _BLANK or char in "\u2028\u2029":
            marks = 0
            kept.append(" ")
        elif category[0] == "C" or char in _UNSEEN:
            continue
        elif category[0] == "M":
            marks += 1
            if marks <= _MARKS_MAX:
                kept.append(char)
        else:
            marks = 0
            kept.append(char)
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; what is missing shows as an ellipsis."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


_INERT = str.maketrans(
    {
        "*": "∗",
        "_": "ˍ",
        "~": "∼",
        "`": "ˋ",
        "<": "‹",
        ">": "›",
        "{": "(",
        "}": ")",
        "\\": "∖",
        "|": "∣",
        "@": "＠",
        "#": "＃",
    }
)
_LINKS = re.compile(r"(?<=:)//|(?<=\w)\.(?=[^\W\d_])")
_LINKLESS = {"//": "∕∕", ".": "․"}
_CODES = re.compile(r"(?<=\])\(|:(?=\w+:)")
_CODELESS = {"(": " (", ":": "∶"}
_LIST_MARK = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")


def inert(text: str) -> str:
    """The text as one line that no chat reads as markup, mention, link or emoji.

    For the one place where every platform parses what it is given: the line of
    a notification. Characters that mean something become others that look alike.
    """
    plain = unlinked(line(text)).translate(_INERT)
    plain = _CODES.sub(lambda found: _CODELESS[found[0]], plain)
    return _LIST_MARK.sub(lambda found: f"{found[1]}\u2011{found[2]}", plain)


def unlinked(text: str) -> str:
    """The text without an address that a chat might make a link of by itself."""
    return _LINKS.sub(lambda found: _LINKLESS[found[0]], text)


def title(company: Company) -> str:
    """The company's name for a card's banner, with its mark unless it is production."""
    name = cut(line(company.name), NAME_MAX) or "Company"
    mark = _MARKS.get(company.environment)
    return f"{name} {mark}" if mark else name


def banner(company: Company | None) -> str | None:
    """What stands before everything else on a card; None without a company."""
    return title(company) if company else None


def summary(company: Company | None, sentence: str) -> str:
    """The first line of a notification: the company, then what happened."""
    return f"{title(company)}: {sentence}" if company else sentence


def day(value: date) -> str:
    """A calendar day as nobody can misread it: "5 Nov 2026", in the style in use."""
    return styles.current().day(value)


def moment(value: datetime, today: date | None = None) -> str:
    """A time: "14:02 UTC", with the day unless it is `today`, in the style in use."""
    return styles.current().moment(value, today)


def count(number: int, one: str, many: str | None = None) -> str:
    """A number and its noun: "1 invoice", "1,240 invoices"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: tuple[str, ...], last: str = "or") -> str:
    """Names in a sentence: "Alex, Kim or Priya"."""
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def address(url: str) -> str:
    """An address of our own making that a renderer may turn into a link."""
    assert url.startswith(("https://", "http://")), "a link that is no web address"
    return url


def token(text: str) -> str:
    """A button's opaque text as any transport takes it: no half characters."""
    return text.encode(errors="ignore").decode()
