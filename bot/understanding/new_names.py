"""Whether what was said for a new name, or address, may be something else.

"New customer wants a quote" is news, "add customer Bob again" a name with a word
beside it: a name without quotes is doubted where it holds words that sentences are
made of. A capital makes a word part of the name, as in "Back Bay Books".
"""

import re

# Words that tie a name to something else, tell news of it, or say when or how.
_SENTENCE_WORDS = """
    like under instead with without from to at by on about regarding as than via per
    into until till since before after who whose which what that he she they we i him
    them his her their my our it its me us this these those same is are was were be been
    has have had wants want wanted needs need needed would will can could should rang
    called calls calling phoned emailed wrote asked asks asking said says sent sends
    paid pays paying owes owed owing ordered orders bought booked complained complains
    signed joined moved came comes lives live works wishes hasn't isn't doesn't didn't
    won't no not again plus also too soon later now just yesterday today tomorrow
    tonight taxable exempt yet
    monday tuesday wednesday thursday friday saturday sunday
    something someone somebody anything
"""
# Those, and more that are no part of what a person or a firm is called.
_BOOK_WORDS = "bill bills currency balance tax due back pay"
_ANYWHERE = frozenset(_SENTENCE_WORDS.split())
_OF_A_PARTY = _ANYWHERE | frozenset(_BOOK_WORDS.split())
# What people say behind "new customer" when they speak of some paper or some work.
_BEGINNING_WORDS = """
    invoice invoices invoicing billing payment payments list lists form forms detail
    details count counts note notes enquiry enquiries inquiry inquiries request requests
    quote quotes estimate estimates deposit deposits statement statements set setup
    info information order report reports record records account accounts credit credits
    receipt receipts refund refunds email phone address name names number numbers
    page file profile contact contacts discount import export update updates question
    questions issue issue complaint meeting visit call onboarding signup sign
    ask check find show send charge void see look get give tell make put use in of for
    and or but
"""
_BEGINNING = frozenset(_BEGINNING_WORDS.split())
_MONEY = re.compile(r"[$£€]\s?\d|\d\.\d\d\b|\d (?:dollars|pounds|euros|bucks)\b")
_ONLY_NUMBER = re.compile(r"#?(?:[A-Za-z]{1,2}-)?\d[\d.,-]*")
_IN_TIME = re.compile(
    r"\bin (?:\d|(?:the|a|an)\b|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
)
_TWO_PEOPLE = re.compile(
    r"[A-Za-z]+ and (?!(?:sons?|daughters?|co|company|partners?|associates|brothers|"
    r"bros|sisters|family)\b)[A-Za-z]+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# "Same as Acme West" points at an address, "..., invoice them" is another wish.
_NO_ADDRESS = re.compile(
    r"(?:the )?(?:same|one|usual|old|new|other|current|previous)\b(?! \w+ (?:st|street|"
    r"rd|road|ave|avenue|lane|ln|way|house|farm|mill)\b)|(?:their|his|her|its|our|my|"
    r"that|this|what|where|whatever|like|as|whichever)\b"
    r"|from\b(?!.* to )|(?:to|is|now|and)$"
    r"|.*\b(?:and|then|,) (?:please |also )*(?:invoice|bill|send|e-?mail|pay|charge"
    r"|credit|record|void|call)\b"
    r"|.*\b(?:them|they|him|he|she|tomorrow|yesterday|today)\b",
)
# QuickBooks allows names of 100 characters.
_LENGTH_MAX = 100


def is_doubtful(name: str, *, item: bool = False) -> bool:
    """Whether a name in plain words may be more than that; `item`: of an item.

    What we sell is called by common words ("report writing", "tax return"), so less
    is doubted there.
    """
    said = name.casefold() if name.isupper() else name
    words = _WORD.findall(said)
    if _IN_TIME.search(said) or _ONLY_NUMBER.fullmatch(said):
        return True
    if not item and _MONEY.search(said):
        return True
    if set(words) & (_ANYWHERE if item else _OF_A_PARTY) or "c/o" in said:
        return True
    if item:
        return bool(words) and words[0] in _BEGINNING and {*words[1:]} <= {"for"}
    return bool(words) and (
        words[0] in _BEGINNING or _TWO_PEOPLE.fullmatch(said) is not None
    )


def choices(name: str) -> tuple[str, ...]:
    """What is offered for a doubtful name: the whole of it, unless it was cut short."""
    words = _WORD.findall(name) or [""]
    cut = words[-1] in {"no", "with", "without", "to", "from", "as", "in", "on", "at"}
    return () if cut or len(name) > _LENGTH_MAX else (name,)


def is_no_address(said: str) -> bool:
    """Whether an address without quotes points at one, or says more than one."""
    return _NO_ADDRESS.match(said.casefold() if said.isupper() else said) is not None
