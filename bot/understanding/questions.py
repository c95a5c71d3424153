"""What is asked when something is missing or doubtful."""

from dataclasses import replace
from typing import Any

from bot.understanding.interpretation import Interpretation, Question
from bot.understanding.reading import Doubt

_ASKED = {
    "customer": "Which customer do you mean?",
    "vendor": "Which vendor do you mean?",
    "item": "Which product or service do you mean?",
    "account": "Which account do you mean?",
    "amount": "What amount exactly?",
    "min_amount": "Over what amount exactly?",
    "max_amount": "Under what amount exactly?",
    "lines": "What should stand on it: which items, how many, at what price?",
    "name": "What is the name?",
    "changes": "What should change?",
    "invoice": "Which invoice? Please give me its number.",
    "invoices": "Which invoices? Please give me their numbers.",
    "bill": "Which bill? Please give me its number.",
    "proposal": "Which proposal? Please give me its number.",
    "date": "Which date exactly?",
    "due_date": "When exactly is it due?",
    "terms": "Which payment terms?",
    "method": "Paid by which method?",
    "deposit_to": "Deposited to which account?",
    "pay_from": "Paid from which account?",
    "income_account": "Which income account?",
    "company": "Which company?",
    "email": "Which e-mail address?",
    "expense": "Which expenses?",
    "period": "Which period?",
    "quantity": "How many?",
    "price": "At what price?",
    "type": "Of which type: service, inventory or non-inventory?",
    "status": "Which invoices?",
    "reference": "Which reference?",
    "action": "What would you like me to do?",
}

# What was said in the place of a number or a day, and is none.
_UNREAD = {
    "quantity": 'I cannot read "{said}" as one number. How many?',
    "min_amount": 'I cannot read "{said}" as an amount. Over what amount?',
    "max_amount": 'I cannot read "{said}" as an amount. Under what amount?',
    "date": 'There is no day "{said}". Which date exactly?',
}

# Asked of lines with a number left over: an item alone does not answer for it.
HALF_READ = _ASKED["item"]

# A field of a customer or vendor that is to change, to a value not yet said.
CHANGES_ASKED = {
    "email": "What is the new e-mail address?",
    "phone": "What is the new phone number?",
    "terms": "Which payment terms from now on?",
    "address": "What is the new address?",
    "name": "What is the new name?",
    "memo": "What should the memo say?",
    "due_date": "When should it be due?",
}


def ask(
    action: str | None,
    arguments: dict[str, Any],
    doubt: Doubt,
    assumptions: tuple[str, ...] = (),
) -> Interpretation:
    """The clarify about one doubt; `arguments` is what is understood without it."""
    text = _ASKED.get(doubt.about, f"What about {doubt.about.replace('_', ' ')}?")
    if doubt.about == "changes" and doubt.said in CHANGES_ASKED:
        text = CHANGES_ASKED[doubt.said]
    elif doubt.about == "amount" and doubt.said:
        which, rather = "an invoice", "invoice"
        if action == "bill.pay":
            which, rather = "a bill", "pay bill"
        elif "reference" in arguments and "invoices" not in arguments:
            which, rather = "the check", "reference"
        text = (
            f'Is "{doubt.said}" the sum, or the number of {which}? Say'
            f' "{doubt.said}.00" or "{rather} {doubt.said}".'
        )
    elif doubt.about == "amount" and doubt.choices:
        text = "Paid in full: which invoice, or all that are open?"
    elif doubt.about in _UNREAD and doubt.said:
        text = _UNREAD[doubt.about].format(said=doubt.said)
    elif doubt.said and doubt.about in {"customer", "vendor", "item", "account"}:
        nouns = {"item": "product or service"}
        noun = nouns.get(doubt.about, doubt.about)
        if not doubt.choices:
            text = f'I know no {noun} called "{doubt.said}". Which one do you mean?'
        elif len(doubt.choices) > 1:
            text = f'Which {noun} do you mean by "{doubt.said}"?'
    kept = {key: value for key, value in arguments.items() if key != doubt.about}
    return Interpretation(
        "clarify",
        action,
        kept,
        assumptions,
        Question(doubt.about, text, doubt.choices, "" if doubt.choices else doubt.said),
    )


def asking_next(made: Interpretation, then: tuple[str, ...]) -> Interpretation:
    """The question, and what is to be asked once it is answered."""
    if made.question is None or not then:
        return made
    return replace(made, question=replace(made.question, then=then))


def ask_action(
    choices: tuple[str, ...],
    arguments: dict[str, Any] | None = None,
    *,
    text: str = "",
) -> Interpretation:
    """The clarify about what is wanted at all; `text` where more is to be said."""
    asked = Question("action", text or _ASKED["action"], choices)
    return Interpretation("clarify", None, arguments or {}, question=asked)
