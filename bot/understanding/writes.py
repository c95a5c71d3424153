"""Wishes to change the books, and whether they are complete.

The handlers take the sentence apart; what they leave
over makes a doubt, so that a write is never guessed.
"""

from collections.abc import Callable
from dataclasses import replace

from bot.understanding import bills, invoices, partners, payments, slips
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.marks import BOUNDS
from bot.understanding.questions import ask, ask_action, asking_next
from bot.understanding.reading import Doubt, Reading
from bot.understanding.request import Request, Shown
from bot.understanding.sentence import Sentence
from bot.understanding.write_rules import meant

_HANDLERS: dict[str, Callable[[Request], None]] = {
    "customer.create": partners.create,
    "vendor.create": partners.create,
    "item.create": partners.create_item,
    "customer.update": partners.update,
    "vendor.update": partners.update,
    "invoice.create": invoices.create,
    "invoice.update": invoices.update,
    "invoice.send": invoices.send,
    "invoice.void": invoices.void,
    "credit_memo.create": invoices.credit,
    "payment.record": payments.record,
    "bill.create": bills.create,
    "bill.pay": bills.pay,
    "expense.create": bills.spend,
    "expense.categorize": bills.categorize,
}

_SHORT: dict[str, Callable[[Request], None]] = {
    "invoice.create": invoices.take_lines,
    "credit_memo.create": invoices.take_credit_lines,
    "bill.create": bills.take_lines,
}

# A request that depends on something, or on itself being right, is not made yet.
_DOUBTED = (
    r"if|unless|should (?:i|we)|shall (?:i|we)|would it|what if|in case|whether|"
    r"provided|maybe|perhaps|might|not sure|unsure|as soon as|"
    r"once (?:he|she|they|it|the)|when (?:he|she|they|the)|hold off|pretend|"
    r"hypothetically|i think|probably"
)
_CONDITIONS = (
    rf"(?:{_DOUBTED}|never|don't|dont|do not|don t|cannot|can't|cant|won't|wont|wait|"
    r"later|test|did|already (?:void|send|pay|invoice)|no longer)"
)
# An answer and a correction deny and wait in words of their own.
_UNSURE_OF = rf"(?:{_DOUBTED}|i guess|i believe|i suppose|guessing)"


# "Can we void 1042?" asks whether it may be done; only "can you" tells.
_ALLOWED = (
    r"(?<=^ )(?:(?:hi|hey|hello|ok|okay|so|and|then|also|but|,|!|\.) )*"
    r"(?:can|could|may|might|will|would) (?:i|we)(?= )"
    r"(?! (?:(?:also|just|maybe|please) )*(?:get|have|please|ask|trouble|bother)(?= ))"
)
# What is to be made sure of, kept in mind, or quoted from a mail is no order yet.
_NOTED = (
    r"(?<=^ )(?:(?:hi|hey|hello|ok|okay|so|and|also|please|just|but|,|!|\.|:) )*"
    r"(?:(?:make|be|making|get) (?:sure|certain)(?: that)?|ensure(?: that)?"
    r"|remember(?:ing)?(?: (?:to|that))?|reminder(?: (?:to|that|:|-))?|over)(?= )"
    r"(?! (?:to|you)(?= ))"
    r"|over(?= {C} (?:(?:has|have|just) )*paid(?= ))"
)
# A credit that is there is applied, where "apply a credit" gives a new one.
_APPLIED = (
    r"(?:apply|applying|put|use)(?: (?!(?:an?|another|new) )\S+){0,5}? "
    r"(?:(?:the|their|his|her|its|our|existing|open) (?:\S+ )?(?:credit|creditmemo)"
    r"|{C}(?: 's)? (?:credit|creditmemo)|creditmemo|(?:credit|credits) from)(?= )"
    r"(?! cards?(?= ))"
)
_APPLY = (
    "A credit that is there already is applied in QuickBooks, with Receive payment."
    " Shall I propose a new credit memo?"
)
# A credit that somebody has is no money; nor is what is bought on credit paid.
_BY_CREDIT = (
    r"(?:from|out of|with|using|by|on|in|via|off)"
    r"(?: (?:an?|the|their|his|her|its|our|store|account|open|existing))*"
    r" (?:credit|creditmemos?)(?! (?:cards?|transfer)(?= ))(?= )"
)
_SET_OFF = (
    "A credit that is there already is applied in QuickBooks, with Receive payment."
    " Shall I propose a payment of money?"
)
# A word of doubt before a request that is whole without it.
_HEDGE = r"(?<=^ )(?:(?:and|so|ok|okay|hm|,) )*(?:maybe|perhaps|probably|i think)(?= )"
_WHETHER = "Nothing was proposed or changed. Shall I propose it?"
_UNSURE = "You sounded unsure, so nothing was proposed or changed. Shall I propose it?"


def interpretation(
    reading: Reading, shown: Shown | None = None
) -> Interpretation | None:
    """The write that a message is, or the question that stands before it."""
    action = meant(reading)
    if action is None:
        return None
    paid_out = action == "payment.record" and reading.sentence.has(PAID_OUT)
    if paid_out or reading.sentence.has(_NEGATED):
        return ask_action((action,))
    request = Request(reading, action, shown)
    _no_sending(request)
    hedged = request.take(_HEDGE)
    allowed = request.take(_NOTED) or request.sentence.has(_ALLOWED)
    condition = request.sentence.has(_CONDITIONS)
    _HANDLERS[action](request)
    if condition and not request.gathered.doubts:
        return ask_action((action,))
    made = finished(request)
    text = _UNSURE if hedged else _WHETHER if allowed else ""
    return _confirmed(reading, made, action, text)


def _confirmed(
    reading: Reading, made: Interpretation, action: str, text: str
) -> Interpretation:
    """What was made, or the question whether it is wanted at all; `text` asks it."""
    kept = {} if made.whose else made.arguments
    if credit := _credited(reading.sentence, action):
        kept = {key: value for key, value in kept.items() if key != "method"}
        return ask_action((action,), kept, text=credit)
    if text and made.kind == "write":
        return ask_action((action,), kept, text=text)
    if _is_asked_back(reading, action):
        # Shall it be recorded, or is it asked whether it is so?
        return ask_action((action,), made.arguments if made.kind == "write" else {})
    return made


def sure(reading: Reading, made: Interpretation) -> Interpretation:
    """A write of an answer or a correction; in doubt, the question whether to make it.

    Saying yes to it still corrects what was to be corrected.
    """
    if made.kind != "write" or not reading.sentence.has(_UNSURE_OF):
        return made
    assert made.action is not None, "a write has an action"
    kept = {} if made.whose else made.arguments
    asked = ask_action((made.action,), kept, text=_UNSURE)
    return replace(asked, corrects=made.corrects)


def _credited(sentence: Sentence, action: str) -> str:
    """What to ask of a credit that is to be used, rather than given."""
    if action == "credit_memo.create" and sentence.has(_APPLIED):
        return _APPLY
    if action == "payment.record" and sentence.has(_BY_CREDIT):
        return _SET_OFF
    return ""


# What people tell rather than order: that it happened, or how it is.
_TOLD = frozenset(
    [
        *("payment.record", "expense.create", "bill.create"),
        *("customer.update", "vendor.update"),
    ]
)
_ORDERED = (
    r"(?:can|could|would|will) (?:you|u)(?= )|(?:can|could) (?:we|i) (?:get|have)(?= )"
    r"|please"
    r"|(?<=^ )(?:(?:hi|hey|hello|ok|so|and|then|also|now|just|go|ahead|,|!) )*"
    r"(?:record|log|enter|add|post|apply|book|note|register|create|make|put|mark|"
    r"process|save|raise|key|input|change|set|update|edit|correct|fix|rename|expense|"
    r"deactivate|reactivate|remove|drop|delete)(?= )"
)


def _is_asked_back(reading: Reading, action: str) -> bool:
    """Whether a statement is put as a question: "Zephyr paid 500, right?"."""
    sentence = reading.sentence
    asked = sentence.has(r"\?|(?:right|correct|yes)(?: (?:\.|!))* $")
    return asked and action in _TOLD and not sentence.has(_ORDERED)


# Of the one invoice that is being looked at.
_CHANGE = r"(?:make|set|change|push|move|extend|put)"
_CHANGED = (
    rf"{_CHANGE} (?:it|that|this|(?:the|that|this) invoice)"
    r"(?: (?:to|be|out|back|until|for))* (?:due|<terms>|<date>)"
    rf"|{_CHANGE} (?:its|the|that|it's) (?:due|due date|terms)"
    r"(?: (?:out|back))? (?:to|until|by|be) (?:<date>|<terms>)"
)


def of_shown(reading: Reading, shown: Shown) -> Interpretation | None:
    """The change of the invoice that was shown, such as "make it due Dec 20"."""
    sentence = reading.sentence
    if (
        shown.invoice is None
        or reading.is_question
        or meant(reading) is not None
        or not sentence.has(_CHANGED)
        or sentence.has(rf"<doc:\w>|<name:\w+>|<p>|\d{{3,}}|\?|{_CONDITIONS}")
        or sentence.has(_ALLOWED)
        or sentence.has(_NEGATED)
    ):
        return None
    request = Request(reading, "invoice.update", shown)
    request.arguments["invoice"] = shown.invoice
    invoices.update(request)
    return finished(request)


_NEGATED = (
    r"(?<=^ )(?:(?:please|and|also|,|but|so|we|you|i|no) )*(?:don't|dont|do not|don t|"
    r"never"
    r"|stop|cannot|can't|cant|won't|not)(?= )"
)


# Money that went to a customer is no payment received.
PAID_OUT = (
    r"(?:sent|made|given|wired|transferred|payable|going|went)(?: out)? to "
    r"(?:the |our |customer )*{C}"
    r"|payments?(?: (?:of|for|{MONEY}))* to (?:the |our |customer )*{C}"
    r"|{C}(?: (?:has|have|just|already|also))* (?:was|were|is|are|got|gets|been|being)"
    r"(?: (?:just|already|also|been|being))* paid(?! (?:up|off|in full|for)(?= ))"
)


def _no_sending(request: Request) -> None:
    """Take "don't send it yet" out: nothing is sent unless asked."""
    request.take(
        r"(?:(?:,|but|and|please) )*(?:don't|dont|do not|don t|without|no need to|not "
        r"to)"
        r" (?:send|email|sending|emailing|mail)(?: (?:it|them|this|yet|out|anything|to|"
        r"the"
        r" customer|the invoice|just))*"
    )


def finished(request: Request, *, corrects: bool = False) -> Interpretation:
    """The complete write, or the question about the first thing that is not."""
    action, gathered = request.action, request.gathered
    _discounted(request)
    shape = ACTIONS[action]
    order = {name: place for place, name in enumerate(shape.takes)}
    lines_at = order.get("lines", order.get("changes", 50))
    order |= {"item": lines_at, "quantity": lines_at}
    order.setdefault("account", lines_at)
    order.setdefault("amount", lines_at)
    if "invoices" in order:
        # What was paid says how much: it is asked before the sum.
        order["invoices"] = order["amount"]
    needed = shape.missing(gathered.arguments)
    doubted = {doubt.about for doubt in gathered.doubts}
    doubts = list(gathered.doubts)
    if needed is not None:
        options = (needed,) if isinstance(needed, str) else needed
        about = _named_by_noun(request, options)
        inner = {
            "lines": {"item", "account", "quantity", "amount"},
            "changes": {"terms", "date", "due_date", "item", "email", "lines"},
        }
        if not doubted & set(options) and not doubted & inner.get(about, set()):
            doubts.append(Doubt(about, (), request.pending))
    if doubts:
        doubts.sort(key=lambda each: order.get(each.about, 60))
        doubt = _half_read(request, doubts[0])
        asked = _asked(
            action,
            gathered.arguments,
            doubt,
            tuple(gathered.assumptions),
            corrects=corrects,
            whose=gathered.whose,
        )
        # A word that may be one or the other is asked about once.
        then = [d.about for d in doubts[1:] if not d.said or d.said != doubt.said]
        return asking_next(asked, tuple(then))
    if request.rest() is not None or request.reading.sentence.has(BOUNDS):
        # What was said beside it may deny or bound it, so that choosing the action
        # must not complete the rest: nothing of it is kept.
        return ask_action((action,))
    slip = slips.doubt(request)
    if slip is not None and slip.about == "action":
        return ask_action(slip.choices, gathered.arguments)
    if slip is not None:
        notes = tuple(gathered.assumptions)
        return _asked(action, gathered.arguments, slip, notes, corrects=corrects)
    ordered = {
        key: gathered.arguments[key] for key in shape.takes if key in gathered.arguments
    }
    return Interpretation(
        "write",
        action,
        ordered,
        tuple(gathered.assumptions),
        corrects=corrects,
        whose=gathered.whose,
    )


# What was taken out left a bar; "off the company card" is what it was paid with.
_OFF = r"(?:\||{MONEY}|<bad>) off(?! (?:\S+ ){1,3}(?:card|account)(?= ))"


def _discounted(request: Request) -> None:
    """Doubt a sum behind which "off" is left: taken from a price, it is none."""
    if not request.sentence.has(_OFF):
        return
    for part in ("price", "amount"):
        request.arguments.pop(part, None)
    for line in request.arguments.get("lines", ()):
        line.pop("rate", None)
        line.pop("amount", None)
    request.doubt("price" if request.action == "item.create" else "amount")


# What belongs to the parts that a leftover number was said of.
_PARTS = ("lines", "invoices", "amount")


def _half_read(request: Request, doubt: Doubt) -> Doubt:
    """The doubt, where a number is left over: no answer may complete the rest.

    "3 hours consulting and Zephyr for 2": of whom are the three hours?
    """
    if not request.sentence.has(r"(?:{MONEY}|<date>|<bad>|<neg>)"):
        return doubt
    for part in _PARTS:
        request.arguments.pop(part, None)
    if doubt.about == "item":
        # Of a part of the lines only: see `questions.HALF_READ`.
        return Doubt("item", doubt.choices)
    return doubt


def _asked(
    action: str,
    arguments: dict[str, object],
    doubt: Doubt,
    assumptions: tuple[str, ...],
    *,
    corrects: bool,
    whose: tuple[str, ...] = (),
) -> Interpretation:
    asked = ask(action, arguments, doubt, assumptions)
    return replace(asked, corrects=corrects, whose=whose)


def _named_by_noun(request: Request, options: tuple[str, ...]) -> str:
    """Of alternatives, the one that the person's noun names, else the first."""
    sentence = request.reading.sentence
    for option in options:
        noun = {
            "bill": "bills?",
            "vendor": "vendors?",
            "invoices": "never",
            "expense": "never",
            "period": "never",
            "status": "never",
            "customer": "customers?",
            "full": "never",
            "lines": "never",
        }.get(option, option)
        if (
            option != options[0]
            and sentence.has(noun)
            and not sentence.has(
                {"bill": "bills?", "invoice": "invoices?"}.get(options[0], options[0])
            )
        ):
            return option
    return options[0]


def without_name(reading: Reading, action: str) -> Sentence:
    """What is left of a request for something new once its name is taken out."""
    request = Request(reading, action)
    _HANDLERS[action](request)
    return request.sentence


def lines_only(request: Request) -> None:
    """Take lines, and what may stand beside them, out of a sentence."""
    _SHORT.get(request.action, invoices.take_lines)(request)


def as_action(reading: Reading, action: str) -> Interpretation:
    """What a message is as that write: complete, or the question before it."""
    request = Request(reading, action)
    _HANDLERS[action](request)
    return finished(request)
