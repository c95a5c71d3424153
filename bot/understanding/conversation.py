"""One message of a conversation, understood in the light of the one before it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.understanding import (
    answers,
    commands,
    corrections,
    followups,
    own_words,
    reads,
    refusals,
    write_rules,
    writes,
)
from bot.understanding.answers import is_pending
from bot.understanding.bare_days import asked_within
from bot.understanding.interpretation import ACTIONS, Interpretation, refuse
from bot.understanding.names import Index, index_of
from bot.understanding.parties import fits_of
from bot.understanding.questions import ask, ask_action, asking_next
from bot.understanding.reading import Doubt, Reading
from bot.understanding.request import Shown
from bot.understanding.sentence import Found, Sentence
from bot.understanding.subjects import asks_for_more
from bot.understanding.text import LENGTH_MAX, PARTS_MAX, clean
from bot.understanding.vocabulary import KNOWN, MONTHS, SLANG, WEEKDAYS
from qbo.books import Names

# What a lost person may have meant.
SUGGESTED = ("receivables.list", "invoices.list", "invoice.create", "help")


@dataclass(frozen=True, slots=True)
class Context:
    """What came before in the same conversation of the same person.

    `last` is their last interpretation, `shown` the records that the last answer
    showed, as (kind, number or name): ("invoice", "1042"), ("customer", "Acme
    West"). `write` is the last write that was complete, as long as only questions
    were asked since.
    """

    last: Interpretation | None = None
    shown: tuple[tuple[str, str], ...] = ()
    write: Interpretation | None = None

    def as_json(self) -> dict[str, Any]:
        """As kept between two messages."""
        return {
            "last": self.last and self.last.as_json(),
            "shown": [list(record) for record in self.shown],
            "write": self.write and self.write.as_json(),
        }

    @staticmethod
    def from_json(obj: Mapping[str, Any]) -> "Context":
        """The context that `as_json` wrote.

        Raises:
            KeyError: a field is absent.
        """
        last = obj["last"]
        write = obj.get("write")
        return Context(
            last and Interpretation.from_json(last),
            tuple((str(kind), str(name)) for kind, name in obj["shown"]),
            write and Interpretation.from_json(write),
        )

    def one(self, index: Index) -> Shown:
        """The one record of each kind that "it" can mean.

        A name that the books no longer have can not be meant.
        """
        found: dict[str, str] = {}
        for kind in ("invoice", "bill", "customer", "vendor"):
            names = {name for shown, name in self.shown if shown == kind}
            if len(names) == 1:
                found[kind] = names.pop()
            elif not names and self.last is not None:
                name = self.last.arguments.get(kind)
                if isinstance(name, str):
                    found[kind] = name
        for kind, letter in (("customer", "c"), ("vendor", "v")):
            if found.get(kind) not in index.books[letter].names:
                found.pop(kind, None)
        return Shown(**found)


def followed(
    context: Context,
    interpretation: Interpretation,
    shown: tuple[tuple[str, str], ...] = (),
) -> Context:
    """The context after a message that meant `interpretation` and showed `shown`.

    A refusal, and a command that changes nothing talked about, leave the
    conversation where it was.
    """
    if interpretation.kind == "refuse":
        return context
    return Context(interpretation, shown, _write_after(context, interpretation))


# Commands that leave the proposal just made as it is.
_HARMLESS = frozenset({"help", "connection.status", "connection.test", "sync.now"})


def _write_after(context: Context, made: Interpretation) -> Interpretation | None:
    """The write that a correction can still mean after one more message."""
    if made.kind == "write":
        return made
    kind = ACTIONS[made.action].kind if made.action else ""
    if kind == "write":
        # Another write is on its way, unless this only asks about a correction.
        return context.write if made.corrects else None
    if kind == "command" and made.action not in _HARMLESS:
        return None
    return context.write


def interpret(
    text: str, names: Names, today: date, context: Context | None = None
) -> Interpretation:
    """What a message means. Never raises, whatever the text.

    Names in the arguments are always names of `names`; relative dates count from
    `today`. With a context the message may carry on what came before it.
    """
    index = index_of(names)
    context = context or Context()
    # Cut before cleaning: what is thrown away need not be read.
    tidy = clean(text[: LENGTH_MAX * 4])
    if not tidy or len(tidy) > LENGTH_MAX:
        return ask_action(SUGGESTED)
    command = commands.slashed(tidy)
    if command is not None:
        # A command is no answer, and no name, whatever was asked before.
        return _understood(command, index, today, replace(context, last=None))
    return _understood(tidy, index, today, context)


def _understood(
    tidy: str, index: Index, today: date, context: Context
) -> Interpretation:
    reading = Reading(tidy, index, today)
    if not reading.raw.parts or len(reading.raw.parts) > PARTS_MAX:
        return ask_action(SUGGESTED)
    try:
        made = _in_context(reading, context)
    except OverflowError:
        # Arithmetic beyond the years that a date can have.
        return ask_action(SUGGESTED)
    made = _with_span_of_day(reading, made)
    return _with_company(reading, _with_guessed_days(reading, made))


def _with_span_of_day(reading: Reading, made: Interpretation) -> Interpretation:
    """The question of which day, with the month or week that was said instead of it.

    A day that is answered without a month is then one of those.
    """
    asked = made.question
    if asked is None or asked.within is not None:
        return made
    asks = {asked.about, *asked.then}
    is_due = "due_date" in asks or is_pending(made, "due_date")
    if "date" not in asks and not is_due:
        return made
    span = asked_within(reading, ahead=is_due)
    return made if span is None else replace(made, question=replace(asked, within=span))


def _in_context(reading: Reading, context: Context) -> Interpretation:
    return _refused(reading) or _carried_on(reading, context) or alone(reading, context)


def _carried_on(reading: Reading, context: Context) -> Interpretation | None:
    """What a message makes of those before it; what it says in doubt is asked about."""
    last = context.last
    made = _answered(reading, last) or _corrected(reading, context)
    if made is None or (last is not None and answers.is_in_own_words(last)):
        return made
    return writes.sure(reading, made)


def _answered(reading: Reading, last: Interpretation | None) -> Interpretation | None:
    """What a message makes of the question before it, or of its end."""
    if last is None:
        return None
    if last.kind == "clarify":
        answered = answers.interpretation(reading, last)
        if answered is not None:
            return _still_open(last, _still_of(last, answered))
    return _ended(last) if _is_dismissed(reading) else None


def _corrected(reading: Reading, context: Context) -> Interpretation | None:
    """What was talked about, carried on or corrected."""
    last = context.last
    earlier = context.write if last != context.write else None
    if earlier is not None and corrections.is_of_lines(reading, earlier):
        corrected = corrections.interpretation(reading, earlier)
        if corrected is not None:
            return corrected
    if last is not None:
        carried = followups.interpretation(reading, last, context.one(reading.index))
        if carried is not None:
            return _still_open(last, carried)
    if earlier is not None and not _about_a_document(last, context):
        return corrections.of_earlier(reading, earlier, last)
    return None


def _still_of(last: Interpretation, answered: Interpretation) -> Interpretation:
    """The answer, of the party who was named beside the same document before it."""
    asked = last.question
    about = asked.about if asked is not None else ""
    if about in {"invoice", "bill"} or answered.action != last.action:
        return answered
    return replace(answered, whose=answered.whose or last.whose)


# Parts of lines: said anew with them.
_OF_LINES = frozenset(["item", "account", "quantity", "amount"])


def _still_open(last: Interpretation, made: Interpretation) -> Interpretation:
    """The answer, or what was doubtful beside what was asked about first."""
    asked = last.question
    if asked is None or not asked.then or made.action != last.action or made is last:
        return made
    now = made.question
    settled = {asked.about, now.about if now is not None else "", *made.arguments}
    if "lines" not in last.arguments:
        settled |= _OF_LINES
    then = tuple(about for about in asked.then if about not in settled)
    if now is None and then:
        made = replace(
            ask(made.action, made.arguments, Doubt(then[0]), made.assumptions),
            corrects=made.corrects,
            whose=made.whose,
        )
        then = then[1:]
    made = asking_next(made, then)
    now = made.question
    if now is None or asked.within is None or now.within is not None:
        return made
    return replace(made, question=replace(now, within=asked.within))


def _about_a_document(last: Interpretation | None, context: Context) -> bool:
    """Whether one document was looked at since, which "make it …" may mean."""
    looked = last is not None and (last.action or "").startswith(("invoice.", "bill."))
    return looked or any(kind in {"invoice", "bill"} for kind, _ in context.shown[:1])


_LATE = r"(?:overdue|late|behind|unpaid)"
_CHASED = (
    rf"(?:send|email|mail|issue)(?: \S+){{0,3}}? reminders?(?= )(?: \S+)*? {_LATE}"
    r"|(?<=^ )(?:(?:please|can|could|you|ok|okay|just|,) )*(?:"
    r"(?:send|email|mail|issue)(?: (?:out|all|the|some|an?|our))* "
    r"(?:(?:overdue|late|payment) )*reminders?(?: (?:out|to|for|everyone|everybody|all|"
    r"them|please|customers?|now|!|\.))* $|chase(?: (?:up|them|all|everyone|everybody|"
    r"please|customers?|debtors?|payments?|debts?|now|!|\.))* $)"
    r"|chase (?:up )?(?:(?:all|every|each|the|our|any|of|up) )*"
    rf"{_LATE} (?:invoices?|customers?|ones|payments?|debts?|payers?|accounts?)"
    rf"|chase (?:up )?(?:everyone|everybody|all)(?: \S+){{0,4}} {_LATE}"
)
_CHASED_ONE = (
    r"(?<=^ )(?:(?:please|can|could|you|ok|okay|just|,) )*(?:chase(?: up)?|"
    r"(?:send|email|mail)(?: (?:out|the|an?))* (?:(?:overdue|late|payment) )*"
    r"reminders? to) {C}(?: (?:please|now|for payment|!|\.))* $"
)


def _chased(reading: Reading) -> Interpretation | None:
    """Those who are late are to be chased: look at their invoices, or send them?"""
    sentence = reading.sentence
    if reading.is_question:
        return None
    one = sentence.search(_CHASED_ONE)
    if one is not None:
        return _one_chased(sentence, one)
    if not sentence.has(_CHASED) or sentence.has("{C}|<doc:i>"):
        return None
    return ask_action(
        ("invoice.send", "invoices.list"),
        {"status": "overdue"},
        text="Shall I propose to e-mail every overdue invoice to its customer again, or"
        " only list them?",
    )


def _one_chased(sentence: Sentence, found: Found) -> Interpretation | None:
    """The same of one customer; whose name fits several is asked about as ever."""
    names = next(
        fits
        for part in sentence.parts[found.first : found.last]
        if (fits := fits_of(part, "c"))
    )
    if len(names) != 1:
        return None
    return ask_action(
        ("invoice.send", "invoices.list"),
        {"customer": names[0], "status": "overdue"},
        text=f"Shall I propose to e-mail every overdue invoice of {names[0]} again, or"
        " only list them?",
    )


def _refused(reading: Reading) -> Interpretation | None:
    """A refusal; the name in a request for a new customer is data."""
    action = write_rules.meant(reading)
    sentence = reading.sentence
    if action in {"customer.create", "vendor.create", "item.create"}:
        sentence = writes.without_name(reading, action)
    elif action is None:
        sentence = _with_taxes(sentence)
    refused = refusals.interpretation(sentence, writing=action is not None)
    skips = refused is not None and refusals.skips_approval(sentence)
    return refused if skips else _chased(reading) or refused


_TAXES = frozenset(["vat", "gst", "sales tax"])


def _with_taxes(sentence: Sentence) -> Sentence:
    """The sentence in which a tax named alone is the tax, and nobody's name."""
    made = sentence.copy()
    for part in made.parts:
        if part.symbol.startswith("<name:") and part.fold in _TAXES:
            part.symbol = part.fold
    return made


def alone(reading: Reading, context: Context) -> Interpretation:
    """What a message means that stands on its own."""
    both = _two_requests(reading, context)
    if both is not None:
        return both
    made = _single(reading, context)
    if made is not None:
        return _of_bills(reading, made, context.last)
    return _correction_of_nothing(reading, context) or _lost(reading)


_CORRECTION = (
    r"(?<=^ )(?:(?:no|oh|ok|okay|actually|sorry|oops|wait|please|and|,|-) )*"
    r"(?:(?:make|change|set) (?:it|that|this)(?= )|(?:due|net|{MONEY}|<terms>|<date>) "
    r"(?:\S+ )*instead)"
)


def _of_bills(
    reading: Reading, made: Interpretation, last: Interpretation | None
) -> Interpretation:
    """The same of a bill, where a bare number is said after a wish about bills."""
    after_bill = last is not None and (last.action or "").startswith("bill.")
    if (
        (made.kind, made.action) != ("read", "invoice.show")
        or not after_bill
        or reading.raw.has("invoice")
    ):
        return made
    bill = {"bill": made.arguments.get("invoice")}
    if (
        last is not None
        and last.action == "bill.pay"
        and asks_for_more(reading.sentence)
    ):
        return ask_action(("bill.pay", "bill.show"), bill)
    return replace(made, action="bill.show", arguments=bill)


_OPEN_ENDED = (
    r"{MONEY} (?:or|/) {MONEY}|(?:and|also|then|plus|,) (?:add|remove|take)(?= )"
)


def _correction_of_nothing(reading: Reading, context: Context) -> Interpretation | None:
    """A correction of a request that is not being talked about: of which one?"""
    if reading.is_question or not reading.sentence.has(_CORRECTION):
        return None
    made = commands.edited(reading, {})
    if made.kind != "command":
        return None
    if reading.sentence.has(_OPEN_ENDED):
        # What is read of it is not all that was said.
        return ask("proposal.edit", {}, Doubt("changes"))
    asked = context.last is not None and context.last.kind == "read"
    if asked and made.arguments["changes"].keys() != {"quantity"}:
        # It may as well be about what was looked at.
        return None
    return ask("proposal.edit", made.arguments, Doubt("proposal"))


def _single(reading: Reading, context: Context) -> Interpretation | None:
    """The one command, write or read that a message is."""
    made = _said_alone(reading, context)
    return None if made is None else _besides(reading, made, context.write)


_INSTEAD = (
    r"(?<=^ )(?:(?:oh|ok|,) )*(?:actually|no|nope|wait|sorry|oops|rather|instead)(?= )"
    r"|(?:instead|rather)(?: please| !| \.)* $"
)


def _besides(
    reading: Reading, made: Interpretation, before: Interpretation | None
) -> Interpretation:
    """Ask, where "actually send it" leaves a proposal to void the same invoice."""
    if (
        before is None
        or made.kind != "write"
        or made.action in {None, before.action}
        or made.arguments.get("invoice") is None
        or made.arguments["invoice"] != before.arguments.get("invoice")
        or not reading.sentence.has(_INSTEAD)
    ):
        return made
    assert made.action is not None, "a write has an action"
    return ask_action(
        ("proposal.withdraw", made.action),
        made.arguments,
        text="The proposal before still waits. Shall I take it back, or propose this"
        " as well?",
    )


def _said_alone(reading: Reading, context: Context) -> Interpretation | None:
    shown = context.one(reading.index)
    doubtful = (
        _read_or_write(reading) or _cancelled(reading, shown) or _excluding(reading)
    )
    if doubtful is not None:
        return doubtful
    return (
        commands.interpretation(reading)
        or followups.about_shown(reading, shown, context.last)
        # With a write under way "make it net 30" may mean that as well.
        or (None if context.write else writes.of_shown(reading, shown))
        or writes.interpretation(reading, shown)
        or _pronoun_changed(reading, context)
        or reads.interpretation(_with_pronoun(reading, context))
    )


# Of several records some are to be left out, which no request can say.
_EXCLUDED = (
    r"(?:except|excepting|excluding|but not|other than|apart from|besides|aside from|"
    r"all but|everything but|minus|save for|without|not including|leaving out)"
    r"(?: (?:for|the|those|that|one|ones|invoices?|bills?|number|no|#|of|to|from|:))* "
    r"(?:<doc:\w>|\d{3,}|{PARTY})"
)
_OF_SEVERAL = frozenset(
    ["invoice.send", "invoice.void", "bill.pay", "payment.record", "invoice.update"]
)


def _excluding(reading: Reading) -> Interpretation | None:
    """Ask what is wanted where a record is named that is to be left out."""
    action = write_rules.meant(reading)
    if action not in _OF_SEVERAL or not reading.sentence.has(_EXCLUDED):
        return None
    return ask_action(
        (action,),
        text="I cannot leave some out. Which ones shall it be? Name one at a time.",
    )


def _is_dismissed(reading: Reading) -> bool:
    """Whether a message only takes back what was begun: "never mind"."""
    return own_words.is_dismissed(reading) and not reading.raw.has(_CANCELLED)


def _ended(last: Interpretation) -> Interpretation | None:
    """What follows "never mind": the question is over, a proposal is asked about."""
    if last.kind == "clarify":
        return ask_action(("help",), text=answers.ENDED)
    if last.kind == "write":
        return ask_action(
            ("proposal.withdraw",), text="Shall I take back the proposal just made?"
        )
    return None


_CANCELLED = (
    r"(?<=^ )(?:(?:please|ok|okay|no|oh|actually|sorry|wait|just|can|could|you|,|\.|"
    r"never mind|nevermind|forget (?:it|that)) )*"
    r"(?:cancel|abort)(?: (?:it|that|this|please|all|the|whole|thing|them|!|\.))* $"
)


def _cancelled(reading: Reading, shown: Shown) -> Interpretation | None:
    """Ask what a bare "cancel" means: a proposal taken back, or an invoice voided.

    "Cancel it" beside the one invoice that was shown means that.
    """
    if shown.invoice is not None or not reading.raw.has(_CANCELLED):
        return None
    return ask_action(("proposal.withdraw", "invoice.void"))


def _pronoun_changed(reading: Reading, context: Context) -> Interpretation | None:
    """Such as "make them inactive", of the customer who was shown."""
    named = _with_pronoun(reading, context)
    action = None if named is reading else write_rules.meant(named)
    if action not in {"customer.update", "vendor.update"}:
        return None
    return writes.interpretation(named)


def _with_pronoun(reading: Reading, context: Context) -> Reading:
    """Such as "Their invoices", after one customer was shown, are that customer's."""
    return followups.with_pronoun(reading, context.one(reading.index))


def _read_or_write(reading: Reading) -> Interpretation | None:
    """Ask which is meant by "invoice 1042 paid": a question, or news."""
    sentence = reading.sentence
    if reading.is_question or sentence.has(r"\?"):
        return None
    found = sentence.search(
        r"(?<=^ )(?:(?:the|invoice|bill|number|#) )*(?:<doc:\w>|\d{3,}) (?:is |was |"
        r"has been "
        r"|got )?"
        r"paid(?: \.| !| please)* $"
    )
    if found is None:
        return None
    bill = next((p for p in sentence.parts if p.symbol == "<doc:b>"), None)
    if bill is not None:
        return ask_action(("bill.show", "bill.pay"), {"bill": str(bill.value)})
    number = next(
        (
            str(part.value) if part.symbol == "<doc:i>" else part.symbol
            for part in sentence.parts
            if part.symbol == "<doc:i>" or part.symbol.isdigit()
        ),
        None,
    )
    arguments = {} if number is None else {"invoice": number}
    return ask_action(("invoice.show", "payment.record"), arguments)


_JOINTS = (
    r"(?:, |\. |; |! |\? )*(?:and then|and also|and|then|also|plus|as well as)(?: "
    r"please| "
    r"can you| could you| also)*|;|\.|\?|!|,"
)
_OPENERS = (
    r"(?:invoice|bill|charge|void|cancel|send|email|pay|record|create|add|make|update|"
    r"change|"
    r"show|list|tell|give|what|who|which|how|run|undo|withdraw|connect|disconnect|sync|"
    r"put|set|"
    r"enter|log|delete|remove|pull|rename|deactivate|approve|reject|get|check|issue)"
)


def _two_requests(reading: Reading, context: Context) -> Interpretation | None:
    """Two requests in one message: which of them first is not for us to guess."""
    sentence = reading.sentence
    for found in sentence.each(rf"(?:{_JOINTS}) (?={_OPENERS} )"):
        if found.first == 0 or found.last >= len(sentence.parts):
            continue
        here = sentence.parts[found.first].start
        there = sentence.parts[found.last].start
        first, second = reading.text[:here].strip(), reading.text[there:].strip()
        if not first or not second:
            continue
        one = _single(Reading(first, reading.index, reading.today), context)
        two = _single(Reading(second, reading.index, reading.today), Context())
        if one is None or two is None or not _both(one, two):
            continue
        if sentence.parts[found.last].symbol in {"invoice", "bill"} and (
            two.action in {"invoice.show", "bill.show"}
        ):
            # A document named behind a request belongs to it.
            continue
        if one.action == two.action == "invoice.create" and "lines" not in (
            two.arguments
        ):
            continue
        wanted = (_begun(one), two.action)
        return ask_action(tuple(dict.fromkeys(each for each in wanted if each)))
    return None


def _both(one: Interpretation, two: Interpretation) -> bool:
    """Whether both halves of a message are requests by themselves.

    Beside a second one that is complete the first may have a question of its own:
    "add item Widget 20 and void invoice 1042".
    """
    if _stands(one):
        return _stands(two)
    whole = two.kind in {"write", "command"} and two.action != "help"
    return whole and _begun(one) not in {None, two.action}


def _begun(made: Interpretation) -> str | None:
    """The action that a piece of a message means, or asks about alone."""
    asked = made.question
    if made.action is None and asked is not None and len(asked.choices) == 1:
        return asked.choices[0]
    return made.action


def _stands(made: Interpretation) -> bool:
    """Whether a piece of a message is a request by itself."""
    if made.action is None or made.action == "help":
        return False
    if made.kind in {"read", "write", "command"}:
        return True
    # A question about a name or number that was said; nothing of it missing.
    asked = made.question
    return asked is not None and bool(asked.choices) and asked.about != "action"


_BUSINESS = (
    r"<name:\w+>|<doc:\w>|<m>|<p>|<terms>|invoices?|bills?|customers?|vendors?|"
    r"payments?|"
    r"expenses?|accounts?|items?|reports?|overdue|balances?|paid|quickbooks|money|"
    r"proposals?"
    r"|approv\w+|unpaid|void|owes?|sales|aging|books|company"
)
_FEW_WORDS = 4


def _lost(reading: Reading) -> Interpretation:
    """A message that nothing fits: a question if it is about books, else a refusal."""
    sentence = reading.sentence
    words = [part for part in sentence.parts if part.symbol[:1] not in "|,.!?"]
    short = len(words) <= _FEW_WORDS and all(part.known for part in words)
    if short or len(words) == 1 or sentence.has(_BUSINESS):
        return ask_action(SUGGESTED)
    return refuse("out_of_scope")


def is_lost(text: str, names: Names, today: date, made: Interpretation) -> bool:
    """Whether a message was not understood, rather than asked about or refused."""
    if made.kind == "clarify":
        asked = made.question
        return asked is not None and asked.choices == SUGGESTED
    if made.reason != "out_of_scope":
        return False
    reading = Reading(clean(text[:LENGTH_MAX]), index_of(names), today)
    return refusals.interpretation(reading.sentence) is None


def _with_company(reading: Reading, made: Interpretation) -> Interpretation:
    """A company named in a request is the one it is about."""
    if made.kind not in {"read", "write", "clarify"} or made.action is None:
        return made
    if ACTIONS[made.action].kind == "command" or made.action == "company.show":
        return made
    if reading.company is None:
        return made
    return replace(made, arguments={**made.arguments, "company": reading.company})


_DAY_WORDS = MONTHS.keys() | WEEKDAYS.keys()
_OF_DAYS = {"period", "due", "as_of", "compare_to", "date", "due_date", "changes"}


def _with_guessed_days(reading: Reading, made: Interpretation) -> Interpretation:
    """A mistyped month or weekday that a day was read from is told."""
    if not _OF_DAYS & made.arguments.keys():
        return made
    notes = tuple(
        f'I read "{reading.raw.text[part.start : part.end]}" as'
        f" {part.symbol.capitalize()}."
        for part in reading.raw.parts
        if part.symbol in _DAY_WORDS
        and part.fold not in KNOWN
        and part.fold not in SLANG
    )
    return replace(made, assumptions=notes + made.assumptions) if notes else made
