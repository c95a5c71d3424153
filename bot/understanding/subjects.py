"""Whom or what a message is about, and so whether it stands on its own.

After "rename Acme West to Acme Western", "set Lakeside HOA terms to net 15" is
another write, whatever the two have in common: it names whom it is about. Only
words that plainly correct ("no, …", "make it …", "… instead") tie it to the
write before it.
"""

from collections.abc import Mapping
from typing import Any

from bot.understanding import write_rules, writes
from bot.understanding.interpretation import Interpretation
from bot.understanding.parties import fits_of
from bot.understanding.questions import ask
from bot.understanding.reading import ARGUMENT_LETTERS, Doubt, Reading
from bot.understanding.request import Shown
from bot.understanding.sentence import Sentence

# Whom or what each write is about; with another one it is another write.
SUBJECTS: Mapping[str, frozenset[str]] = {
    "customer.create": frozenset({"name"}),
    "customer.update": frozenset({"customer"}),
    "invoice.create": frozenset({"customer"}),
    "invoice.update": frozenset({"invoice"}),
    "invoice.send": frozenset({"invoice", "customer", "status"}),
    "invoice.void": frozenset({"invoice"}),
    "payment.record": frozenset({"customer", "invoices"}),
    "credit_memo.create": frozenset({"customer", "invoice"}),
    "vendor.create": frozenset({"name"}),
    "vendor.update": frozenset({"vendor"}),
    "bill.create": frozenset({"vendor"}),
    "bill.pay": frozenset({"bill", "vendor"}),
    "expense.create": frozenset({"account", "vendor"}),
    "expense.categorize": frozenset({"expense", "vendor", "period"}),
    "item.create": frozenset({"name"}),
}

_FIELD = (
    r"(?:customer|vendor|account|category|item|invoice|bill|amount|name|date|due date|"
    r"terms|memo|method|price|rate|quantity|email|phone|address|reference)"
)
_OPENING = r"(?<=^ )(?:(?:ah|oh|hmm|ok|okay|hang|on|hold|my|bad|sorry|oops|wait|,|\.|"
_OPENING += r"!|-|actually|please|well|yes|but|can|could|you|we) )*"
_PLAIN = (
    _OPENING + r"(?:no(?! (?:problem|worries|rush|hurry|need|one))|nope|nah|correction|"
    r"i meant?|not (?!yet)|(?:make|change|set|put|move|switch|update|fix) "
    r"(?:it|that|this)|(?:it|that|this) (?:should|was|is|has)|it's|its)(?= )"
    r"|(?:instead|rather|i meant?|should have been)"
    r"|(?:change|switch|swap) (?:from )?{NAME} (?:to|for|with|into) {NAME}"
    r"|(?:change|set|make|switch|update|correct|fix|the)(?: (?:the|its|it's))? "
    rf"{_FIELD}(?: (?:name|number))? (?:to|=|:|should be|is|was)(?= )"
)
_LOOSE = _OPENING + r"(?:actually|sorry|oops|wait)(?= )|(?<=^ )(?:\S+ )*?should(?= )"
_FURTHER = (
    r"(?<=^ )(?:(?:ok|okay|please|yes|then|,|!|\.) )*(?:and|also|plus|another)(?= )"
    r"|(?:too|as well|also)(?: please| thanks| !| \.)* $"
)
_ANOTHER = (
    r"(?:a|an|another|new|second|further|one more) (?:\S+ )?(?:invoice|bill|payment|"
    r"expense|customer|vendor|item|product|service|creditmemo|credit|receipt|charge)"
)


def plainly_corrects(sentence: Sentence) -> bool:
    """Whether the words say that they correct what was said before."""
    return sentence.has(_PLAIN)


def asks_for_more(sentence: Sentence) -> bool:
    """Whether the words say that something comes on top: "and 1043", "… too"."""
    return sentence.has(_FURTHER)


def stands_alone(reading: Reading) -> bool:
    """Whether a message is a write by itself, about someone or something it names."""
    action = write_rules.meant(reading)
    if action is None or plainly_corrects(reading.sentence):
        return False
    if action.endswith((".create", ".record")) and reading.sentence.has(_ANOTHER):
        return True
    made = writes.interpretation(reading, Shown())
    if made is None:
        return False
    subjects = SUBJECTS[action]
    if subjects & made.arguments.keys():
        return True
    asked = made.question
    if asked is None or asked.about not in subjects:
        return False
    # Somebody was named, only not clearly enough.
    unnamed = ask(action, {}, Doubt(asked.about)).question
    return bool(asked.choices) or asked != unnamed


def moves_on(
    sentence: Sentence, last: Interpretation, changed: Mapping[str, Any]
) -> bool:
    """Whether a message without a verb is about another than the write before it.

    "Tidewater Hotel 300" after a payment of Acme West, and "and 1043" after a
    void of 1042, are no corrections; "for Tidewater Hotel" is one.
    """
    assert last.action is not None, "a write has an action"
    if sentence.has(_LOOSE) or plainly_corrects(sentence):
        return False
    more = asks_for_more(sentence)
    if more and "amount" in changed:
        return True
    other = {
        key
        for key in SUBJECTS[last.action] - {"invoices"}
        if key in changed
        and key in last.arguments
        and changed[key] != last.arguments[key]
    }
    return bool(other) and (more or len(changed) > len(other))


def names_another(reading: Reading, last: Interpretation) -> bool:
    """Whether a message names a customer or vendor that the write is not about."""
    for argument, letter in ARGUMENT_LETTERS.items():
        known = last.arguments.get(argument)
        if argument not in {"customer", "vendor"} or known is None:
            continue
        for part in reading.sentence.parts:
            names = fits_of(part, letter)
            if names and known not in names:
                return True
    return False
