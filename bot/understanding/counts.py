"""Counts that are none, and those taken back: "3 or 4", "ten-ish", "3, sorry, 4".

What cannot be counted with becomes one part, `<vague>`, so that what is asked is how
many, and not of what.
"""

from bot.understanding.parties import is_unknown
from bot.understanding.sentence import Sentence

# What cannot be counted with: either of two, about so many, fewer than none.
_VAGUE = (
    r"(?P<count>{NUM} (?:or|to|-) {NUM}|{NUM} (?:- )?(?:ish|odd|or so)"
    r"|(?:about|around|roughly|approximately|approx|circa|some|nearly|almost|~) {NUM}"
    r"|(?:an? )?(?:couple|few|several|some|many)(?: of)?(?= {UNIT} )|<neg>)"
    r"(?= (?:(?:of|x|more) )?(?:{UNIT}|{I}) )"
)
_CORRECTED = (
    r"(?P<old>{NUM}|<vague>|an?)(?P<measure> {UNIT})?"
    r"(?P<what>(?: (?:of|for|worth|{I}))*)"
    r"(?: (?:,|\.|-|\|))* (?:(?:no|wait|oh|oops|er|um|actually|,|-|\.) )*"
    r"(?:sorry|i mean|i meant|oops|make (?:that|it)|scratch that|correction|rather)"
    r"(?: (?:i mean|i meant|make (?:that|it)|,|:|-|it's|that's))* (?P<new>{NUM})"
    r"(?P<unit> {UNIT})?(?: (?:please|instead|thanks|\.|!))* $"
)


_COUNTED = frozenset(["<n>", "<m>", "<vague>"])
_TAKEN_BACK = (
    r"(?:{NUM}|<m>|<vague>|{I}|{A}) (?:\S+ )*?(?:sorry|i mean|i meant|oops|make that|"
    r"scratch that|correction|no wait) (?:\S+ )*?(?:{NUM}|<m>|<vague>|{NAME})"
)


def is_taken_back(sentence: Sentence) -> bool:
    """Whether something was said, and then something else in its place."""
    return sentence.has(_TAKEN_BACK)


def mark_vague(sentence: Sentence) -> None:
    """Make one part of each count that is none, and take back what was corrected."""
    while (found := sentence.search(_VAGUE)) is not None:
        first, last = found.groups["count"]
        sentence.replace(first, last, "<vague>")
    after = 0
    while (found := sentence.search(r"\S+ (?={UNIT} )", after)) is not None:
        after = found.first + 1
        before = sentence.parts[found.first - 1].symbol if found.first else ""
        if is_unknown(sentence.parts[found.first]) and (
            before.startswith("<name:") or before in {"for", "of", ",", "|", ":"}
        ):
            sentence.replace(found.first, found.last, "<vague>")
    _take_back(sentence)


def _take_back(sentence: Sentence) -> None:
    """Such as "half a day, sorry, 4 hours": four hours of what was said."""
    found = sentence.search(_CORRECTED)
    if found is None:
        return
    old, row = found.first, sentence.parts
    if any(part.symbol.isdigit() or part.symbol in _COUNTED for part in row[:old]):
        # Of several counts nobody can say which one.
        return
    units = found.groups.get("unit") or found.groups.get("measure")
    spans = (found.groups["new"], units, found.groups.get("what"))
    row[old:] = [part for span in spans if span for part in row[slice(*span)]]
    sentence.changed()
