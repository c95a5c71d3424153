"""Answers in a person's own words: a new name, an address, a memo.

Anything may be a name, but little that is said in a conversation is one: who says
"forget it", "I'll ask Priya" or "help" names nobody. In quotes every word counts
as it is typed.
"""

import re

from bot.understanding import commands, new_names, read_rules, write_rules, writes
from bot.understanding.interpretation import Interpretation
from bot.understanding.questions import ask
from bot.understanding.reading import Doubt, Reading
from bot.understanding.sentence import Sentence

# QuickBooks allows names of 100 characters.
_LENGTH_MAX = 100

# Words that a conversation is kept going with. A message of these alone is no name.
_TALK_WORDS = """
    a about actually ah ahead all alone already alright am an and any anyway are as at
    back bad before best better bother but button bye can cancel cancelled changed
    clue continue correct could course dismiss do does done don't dont drop earlier
    end enough er exit fine first forget get give go going good great guess hang have
    haven't havent hello here hey hi hm hmm hold how huh i i'd i'll i'm i've idea idk if
    ignore in instead is isn't it its it's just keep know last later leave let like
    look maybe me mean meant mind minute mistake moment more my nah need never nevermind
    new next no none nope not nothing now of off oh ok okay on one only oops or other
    perfect please previous quit ready really right said same say scrap sec second see
    should skip so some something sorry start still stop sure tell thank thanks that
    that's the them then there they think this time to too try u uh um undo unsure
    usual wait want was we well what when whatever why will with without won't wont
    would wrong ya yeah yep yes yet you your
"""
_TALK = frozenset(_TALK_WORDS.split())
# What a person says of themselves, or asks of us, is no name either.
_CLAUSE = re.compile(
    r"(?:i|we|they|you)'\w+ .*"
    r"|(?:i|we|they|you) (?:am|are|do|don't|didn't|can|can't|cannot|could|have|haven't|"
    r"will|would|want|need|think|should|must|might|may|just|already|forgot|meant) .*"
    r"|let (?:me|us|him|her|them) .*|(?:don't|dont|do not|please (?:ask|wait)) .*"
    r"|(?:can|could|would|will|what|who|why|how|which|where|when) "
    r"(?:i|we|you|it|that|this|they|he|she|the|do|does|is|are|was|were|did) .*",
    re.IGNORECASE,
)
_DISMISSED = re.compile(
    r"(?:no|nope|nah|oh|ok|okay|actually|sorry|please|just|,|\.|!| )*"
    r"(?:no thanks?(?: you)?|no(?:pe)?|nah|forget (?:it|that|about it|about that)|"
    r"never ?mind|stop|quit|exit|cancel|dismiss|leave it|scrap|skip|drop|ignore|"
    r"don'?t bother|do not bother|not now|later|nothing|none|no need|wrong button)"
    r"(?: (?:it|that|this|all|the|whole|thing|please|thanks|thank|you|for|now|then|"
    r"of|sorry|alone|one|button|there|again|maybe)|,|\.|!)*",
    re.IGNORECASE,
)
# Words before and behind a name that is told rather than typed alone.
_TOLD = re.compile(
    r"(?:(?:(?:oh|yes|ok|okay|sorry|please|well|,) )*(?:it's|its|it is|that's|that is|"
    r"they're|they are|he's|she's|(?:the |its |their |his |her )?(?:new )?(?:customer |"
    r"vendor |item |company |full )?(?:name|address|memo)(?: is| should be| will be|'s"
    r"| :|:)|(?:call|name) (?:it|them|him|her|that)|(?:it is |it's |is |they're )?"
    r"(?:called|named)|to|as)(?: called| named)?[: ]+)(?=\S)",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"[ ,]+(?:please|pls|plz|thanks|thx|ty|cheers)[ .!]*$", re.IGNORECASE
)


def is_dismissed(reading: Reading) -> bool:
    """Whether a message only says that nothing is to come of what was begun."""
    return _DISMISSED.fullmatch(reading.text.strip(" .!")) is not None


def is_talk(text: str) -> bool:
    """Whether a message says something in the conversation, and gives no value."""
    said = text.strip(" .!,")
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", said.casefold())
    return set(words) <= _TALK or _CLAUSE.fullmatch(said) is not None


def is_request(reading: Reading) -> bool:
    """Whether a message is a request of its own, or asks something."""
    return (
        reading.text.rstrip(" .!").endswith("?")
        or reading.is_question
        or commands.interpretation(reading) is not None
        or read_rules.meant(reading.for_reading()) is not None
        or write_rules.meant(reading) is not None
    )


def quoted(sentence: Sentence) -> str | None:
    """What stands in quotes."""
    found = sentence.search(r"<q>")
    return None if found is None else str(sentence.parts[found.first].value) or None


def told(reading: Reading) -> str | None:
    """The value that a message gives, as typed; None where it gives none."""
    said = quoted(reading.raw)
    if said is None:
        said = _TOLD.sub("", reading.text.strip(" .!"), count=1)
        said = _POLITE.sub("", said).strip(" .!,")
        if is_talk(said):
            return None
    return said if 0 < len(said) <= _LENGTH_MAX else None


# What is said beside a name, and what leaves open which name it is.
_BESIDE_NAME = (
    r"<e>|<phone>|<terms>|<q>|\d{6,}|email|phone|tel|address|terms|net|"
    r"or|not|either|maybe"
)
_BESIDE_ITEM = _BESIDE_NAME + r"|{MONEY}|<bad>|price|priced|service|inventory|account"


def named(reading: Reading, action: str) -> Interpretation | None:
    """A new name with what was said beside it, read as the whole request is."""
    noun = action.split(".", maxsplit=1)[0]
    said = told(reading)
    if said is None:
        return None
    create = f"{noun}.create"
    if not reading.sentence.has(_BESIDE_ITEM if noun == "item" else _BESIDE_NAME):
        if quoted(reading.raw) is None and new_names.is_doubtful(
            said, item=noun == "item"
        ):
            return ask(create, {}, Doubt("name", new_names.choices(said)))
        return Interpretation("write", create, {"name": said})
    rest = said if quoted(reading.raw) is None else reading.text
    whole = Reading(f"add {noun} called {rest}", reading.index, reading.today)
    return writes.as_action(whole, create)
