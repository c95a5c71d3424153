"""A write that somebody else read, argument by argument beside the person's words.

Each argument has to follow from the words by our own grammar, or to be known from
the question that the words answer. What does not is asked about; what was said and
is not in the write is asked about as well: a write is never guessed.
"""

import itertools
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bot.understanding.evidence import AMOUNT, QUANTITY, RATE, Evidence, Left
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.marks import CENT, money, quantity
from bot.understanding.parties import fits_of
from bot.understanding.partners import MISTAKEN, TAKEN_AWAY
from bot.understanding.proof_asking import answers_all, did_you_mean
from bot.understanding.reading import Doubt, Gathered
from bot.understanding.request import Request
from bot.understanding.write_rules import meant
from bot.understanding.writes import _CONDITIONS, _NEGATED, PAID_OUT, finished

PICKED = "Of the choices, I took “{said}” to mean {value}."
_UNSURE = (
    r"(?:about|around|roughly|approximately|approx|~|ish|or so|almost|nearly|half|rest"
    r"|most|some|remaining|instead|rather|except|but|not|no|or)"
)
_SHOWN_MAX = 60
_DOCUMENTS = frozenset({"invoice", "invoices", "bill", "expense"})
_LISTS = {"customer": "c", "vendor": "v", "item": "i"}
_ACCOUNTS = {
    "account": "expense",
    "deposit_to": "deposit_to",
    "pay_from": "pay_from",
    "income_account": "income_account",
}
_STATUSES = {
    "open": r"open|outstanding|unpaid",
    "overdue": r"overdue|late|past due",
    "unsent": r"unsent|drafts?",
}
_TYPES = {
    "Service": r"services?",
    "Inventory": r"inventory|stock",
    "NonInventory": r"noninventory|non - inventory|non - stock",
}
_FULL = (
    r"in full|full (?:amount|balance)|fully|everything"
    r"|all(?: of)?(?: \S+){0,2} invoices?|all of it"
    r"|(?:whole|entire|full|its|their|his|her) balance"
)
_SEND = r"send|email|mail"
_DUE = r"due|payable|deadline|(?:pay|paid|payment|owed) (?:by|within)"
_MONEY_WAYS = frozenset(["deposit_to", "pay_from"])
_INTO = frozenset(["into", "to", "in", "onto"])
_OUT_OF = frozenset(["from", "with", "via", "by", "using", "of"])
# What is done to the lines of an invoice, each by its own words.
_WAYS = {
    "add_lines": r"add|append|include|plus|put|also|adding",
    "remove_lines": r"remove|drop|delete|strip|without|minus|take|off|out|removing",
    "lines": r"change|replace|set|make|swap|reduce|increase|instead",
}
# Words that stand for an argument by themselves.
_SPOKEN = {
    "send": _SEND,
    "full": _FULL,
    "status": "|".join(_STATUSES.values()),
    "type": "|".join(_TYPES.values()),
}
_CALLED = {"send": "send it", "full": "in full"}
_ACTIVE = r"reactivate|activate|active|unarchive|restore|enable"
_THEIR = (
    r"(?:\S+ ){0,4}(?:phone|telephone|mobile|number|email|e - mail|address|terms|name)"
)
_INACTIVE = r"deactivate|inactivate|inactive|archive|disable"


def proven(
    offered: Interpretation, evidence: Evidence, last: Interpretation | None
) -> Interpretation | None:
    """The write as far as the words bear it out, or the question before it.

    `last` is the question that these words may answer. None: so little of it is
    borne out that the grammar's own question is the better one.
    """
    assert offered.action is not None, "a write has an action"
    answered = last if last is not None and last.action == offered.action else None
    proof = _Proof(evidence, offered, answered)
    proof.prove()
    made = proof.made()
    asked_for = offered.action if answered else meant(evidence.reading)
    left = [*evidence.left(), *proof.unsaid()]
    is_wish = asked_for == offered.action
    if not is_wish and (made.kind != "write" or not proof.has_shown):
        # Neither what is to be done nor all that it is to be done with was said.
        return None
    if is_wish and not proof.is_hedged():
        if made.kind != "write":
            return made if answers_all(made, left) else None
        if not left:
            return made
    if proof.corrects:
        # What is corrected would be forgotten over such a question.
        return None
    choices = dict.fromkeys(each for each in (asked_for, offered.action) if each)
    return did_you_mean(tuple(choices), made, left)


class _Proof:
    """One write, and what of it has been shown to follow."""

    def __init__(
        self,
        evidence: Evidence,
        offered: Interpretation,
        answered: Interpretation | None,
    ) -> None:
        self.evidence = evidence
        self.action = offered.action or ""
        self.offered: Mapping[str, Any] = offered.arguments
        self.gathered = Gathered()
        asked = answered.question if answered else None
        self.corrects = answered is not None and answered.corrects
        self.before: Mapping[str, Any] = answered.arguments if answered else {}
        self.choices = asked.choices if asked else ()
        self.about = asked.about if asked else ""
        self.gathered.arguments.update(
            {key: value for key, value in self.before.items() if key != "company"}
        )

    def prove(self) -> None:
        """Take over what follows, and doubt what does not."""
        # The numbers of documents first: no sum is looked for in these.
        takes = ACTIONS[self.action].takes
        for key in sorted(takes, key=lambda each: each not in _DOCUMENTS):
            if key not in self.offered or key in self.gathered.arguments:
                continue
            value = self.offered[key]
            proved = _PROVERS[key](self, key, value)
            if isinstance(proved, Doubt):
                self.gathered.doubt(proved.about, proved.choices, proved.said)
            elif proved is not None:
                self.gathered.arguments[key] = proved
        if {"due_date", "terms"} <= self.gathered.arguments.keys():
            self.gathered.doubt("terms")

    def made(self) -> Interpretation:
        """The write, or the question about the first thing that is not known."""
        self.gathered.assumptions += self.evidence.assumptions
        request = Request(self.evidence.reading, self.action)
        request.gathered = self.gathered
        request.sentence.drop(0, len(request.sentence.parts))
        return finished(request, corrects=self.corrects)

    def unsaid(self) -> list[Left]:
        """What words say that stand for an argument which is not in it."""
        found = []
        for key in ACTIONS[self.action].takes:
            if key in self.gathered.arguments or key in self.before:
                continue
            if key == "method":
                request = Request(self.evidence.reading, self.action)
                request.take_method()
                if said := request.arguments.get(key):
                    found.append(Left(str(said), "other"))
            elif (source := _SPOKEN.get(key)) and self.evidence.has(source):
                found.append(Left(_CALLED.get(key, key), "other"))
        return found

    @property
    def has_shown(self) -> bool:
        """Whether the words bear out anything of it at all."""
        return bool(self.evidence.used)

    def is_hedged(self) -> bool:
        """Whether it was said with a condition, a doubt or a no."""
        evidence = self.evidence
        if evidence.reading.is_question or evidence.has(r"\?"):
            return True
        if self.action == "payment.record" and evidence.has(PAID_OUT):
            return True
        return any(evidence.has(each) for each in (_CONDITIONS, _NEGATED, _UNSURE))

    # --- one argument each ----------------------------------------------------------

    def named(self, key: str, value: Any) -> Any:
        """A customer, vendor or item: said, or one of the choices."""
        if not isinstance(value, str):
            return Doubt(key)
        letter = _LISTS[key]
        found = self.evidence.name(key, letter, value)
        if isinstance(found, Doubt):
            return self._picked(key, value) or found
        known = self.evidence.index.books[letter].names[value]
        if not known.active and not self.action.endswith(".update"):
            return Doubt(key, (value,), f"{value} (inactive)")
        return value

    def account(self, key: str, value: Any) -> Any:
        """An account, by the use it is put to."""
        if not isinstance(value, str):
            return Doubt(key)
        found = self.evidence.name(key, "a", value, _ACCOUNTS[key])
        if isinstance(found, Doubt):
            return self._picked(key, value) or found
        if key in _MONEY_WAYS and self._flows(found) not in {"", key}:
            return Doubt(key)
        return value

    def _flows(self, place: int) -> str:
        """Where the money goes by the word before an account: into it, or out of it."""
        if self.evidence.follows(place, _INTO):
            return "deposit_to"
        return "pay_from" if self.evidence.follows(place, _OUT_OF) else ""

    def _picked(self, about: str, value: str) -> str | None:
        """A value that is one of the choices which the words answer."""
        if about != self.about or value not in self.choices:
            return None
        said = self.evidence.reading.text[:_SHOWN_MAX]
        self.gathered.assumptions.append(PICKED.format(said=said, value=value))
        # The words that choose are no words of anything else.
        self.evidence.used.update(
            place
            for place, part in enumerate(self.evidence.parts)
            if part.symbol.startswith("<name:")
            and any(value in fits_of(part, letter) for letter in "cvia")
        )
        return value

    def asked(self, key: str, value: Any) -> Any:
        """Terms, a method, a reference: as our own grammar takes them out."""
        request = Request(self.evidence.reading, self.action)
        {
            "terms": request.take_terms,
            "method": request.take_method,
            "reference": request.take_reference,
        }[key]()
        if request.arguments.get(key) != value:
            doubt = next(iter(request.gathered.doubts), None)
            return self._picked(key, value) or doubt or Doubt(key)
        kinds = {"terms": ("<terms>",), "reference": ("<ref>",)}
        for place, part in enumerate(self.evidence.parts):
            if part.symbol in kinds.get(key, ()):
                self.evidence.used.add(place)
        return value

    def day(self, key: str, value: Any) -> Any:
        """A day, on the side of today where it has to lie."""
        since = self.gathered.arguments.get("date")
        ahead = key == "due_date"
        if self.evidence.has(_DUE) != ahead:
            # A day with "due" is no day of the document, and the reverse.
            return Doubt(key)
        if self.evidence.day(str(value), ahead=ahead, since=since):
            return value
        return Doubt(key)

    def days(self, key: str, value: Any) -> Any:
        """The period in which expenses were made."""
        return value if self.evidence.span(ahead=False) == value else Doubt(key)

    def sum(self, key: str, value: Any) -> Any:
        """The one sum that was said."""
        if self.evidence.only_sum(str(value)) is None:
            return Doubt("amount" if key == "amount" else key)
        return value

    def document(self, key: str, value: Any) -> Any:
        """The number of an invoice, a bill or an expense."""
        tag = "<doc:b>" if key == "bill" else "<doc:i>"
        found = self.evidence.document(tag, str(value), beside=self._beside)
        return value if found else Doubt(key)

    @property
    def _beside(self) -> bool:
        """Whether another bare number may stand beside that of a document."""
        return "amount" in ACTIONS[self.action].takes

    def documents(self, key: str, value: Any) -> Any:
        """The numbers of several invoices."""
        for each in value:
            if not self.evidence.document("<doc:i>", str(each), beside=self._beside):
                return Doubt("invoice")
        return list(value) if key == "invoices" else None

    def address(self, key: str, value: Any) -> Any:
        """An e-mail address or a telephone number, as it was typed."""
        tag = "<e>" if key == "email" else "<phone>"
        return value if self.evidence.tagged(str(value), tag) else Doubt(key)

    def memo(self, key: str, value: Any) -> Any:
        """A memo: after the word, or in quotes."""
        if self.evidence.tagged(str(value), "<memo>", "<q>"):
            return value
        return Doubt(key)

    def new_name(self, key: str, value: Any) -> Any:
        """The name of something new stays as it was typed."""
        said = str(value).strip()
        if self.evidence.tagged(said, "<q>") or self.evidence.new_name(said):
            return said
        return Doubt(key)

    def typed(self, key: str, value: Any) -> Any:
        """A postal address, as it was typed."""
        return value if self.evidence.text(str(value)) else Doubt(key)

    def flag(self, key: str, value: Any) -> Any:
        """Something that holds or not, only where a word says so."""
        words = _FULL if key == "full" else _SEND
        if value is not True:
            return None
        return True if self.evidence.has(words) else Doubt("amount")

    def status(self, key: str, value: Any) -> Any:
        """Which invoices are meant by a word for them all."""
        source = _STATUSES.get(str(value))
        return value if source and self.evidence.has(source) else Doubt(key)

    def type(self, key: str, value: Any) -> Any:
        """What a new item is."""
        source = _TYPES.get(str(value))
        return value if source and self.evidence.has(source) else Doubt(key)

    # --- lines and changes ------------------------------------------------------------

    def lines(self, key: str, value: Any) -> Any:
        """The lines of a document, each with its own numbers beside it."""
        made, spans = [], []
        for said in value:
            line, places, doubt = self._line(said)
            if doubt is not None:
                return doubt
            made.append(line)
            spans.append((min(places), max(places)))
        spans.sort()
        # A number that stands with another line is not this one's.
        if any(one[1] >= two[0] for one, two in itertools.pairwise(spans)):
            return Doubt(key)
        return made or Doubt(key)

    def _line(
        self, said: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[int], Doubt | None]:
        noun = "account" if "account" in said else "item"
        use = "expense" if noun == "account" else ""
        name = str(said.get(noun, ""))
        at = self.evidence.name(noun, noun[0], name, use)
        if isinstance(at, Doubt):
            return {}, [], at
        line: dict[str, Any] = {noun: name}
        places = [at]
        for role in (QUANTITY, RATE):
            if role not in said:
                continue
            found = self._counted(at, said) if role == QUANTITY else None
            if found is None:
                found = self.evidence.number(str(said[role]), role)
            if found is None:
                return {}, [], Doubt(QUANTITY if role == QUANTITY else AMOUNT)
            line[role] = said[role]
            places.append(found)
        doubt = self._priced(line, said, places)
        if doubt is None and "description" in said:
            if not self.evidence.tagged(said["description"], "<described>", "<q>"):
                doubt = Doubt("memo")
            line["description"] = said["description"]
        return line, places, doubt

    def _counted(self, at: int, said: Mapping[str, Any]) -> int | None:
        """Where "1" is said by "a", or follows from a rate by itself."""
        if said[QUANTITY] == "1" and (self.evidence.is_one(at) or RATE in said):
            return at
        return None

    def _priced(
        self, line: dict[str, Any], said: Mapping[str, Any], places: list[int]
    ) -> Doubt | None:
        if RATE in line:
            count = Decimal(line.setdefault(QUANTITY, "1"))
            total = (count * Decimal(line[RATE])).quantize(CENT, ROUND_HALF_UP)
            if said.get(AMOUNT, money(total)) != money(total):
                return Doubt(AMOUNT)
            line[AMOUNT] = money(total)
            line[QUANTITY] = quantity(count)
        elif AMOUNT in said:
            found = self.evidence.number(str(said[AMOUNT]), AMOUNT)
            if found is None:
                return Doubt(AMOUNT)
            line[AMOUNT] = said[AMOUNT]
            places.append(found)
        return None

    def changes(self, key: str, value: Any) -> Any:
        """What is to change, each field like the argument of that name."""
        made: dict[str, Any] = {}
        fields = set(value)
        if {"email", "phone", "terms", "address", "name"} & fields and (
            self.evidence.has(TAKEN_AWAY) or self.evidence.has(MISTAKEN)
        ):
            # What is to go is not what is to stand there.
            return Doubt(key)
        for field, said in value.items():
            if not self._is_that_way(field):
                return Doubt(key)
            proved = _CHANGES[field](self, field, said)
            if isinstance(proved, Doubt):
                return proved
            if proved is not None:
                made[field] = proved
        return made or Doubt(key)

    def _is_that_way(self, field: str) -> bool:
        """Whether lines are added, taken off or changed just as the words say."""
        said = {way for way, words in _WAYS.items() if self.evidence.has(words)}
        return field not in _WAYS or said == {field} or (field == "lines" and not said)

    def active(self, key: str, value: Any) -> Any:
        """Whether somebody is to be active, as a word says."""
        del key
        words = _ACTIVE if value else _INACTIVE
        # "Restore their phone number" makes nobody active.
        if self.evidence.has(words) and not self.evidence.has(rf"(?:{words}) {_THEIR}"):
            return bool(value)
        return Doubt("changes")

    def items(self, key: str, value: Any) -> Any:
        """The items of lines that are to go."""
        del key
        for each in value:
            found = self.evidence.name("item", "i", str(each))
            if isinstance(found, Doubt):
                return found
        return list(value)


_Prover = Callable[[_Proof, str, Any], Any]
_PROVERS: dict[str, _Prover] = {
    **dict.fromkeys(("customer", "vendor"), _Proof.named),
    **dict.fromkeys(_ACCOUNTS, _Proof.account),
    **dict.fromkeys(("terms", "method", "reference"), _Proof.asked),
    **dict.fromkeys(("date", "due_date"), _Proof.day),
    **dict.fromkeys(("amount", "price"), _Proof.sum),
    **dict.fromkeys(("invoice", "bill", "expense"), _Proof.document),
    **dict.fromkeys(("email", "phone"), _Proof.address),
    **dict.fromkeys(("full", "send"), _Proof.flag),
    "period": _Proof.days,
    "invoices": _Proof.documents,
    "memo": _Proof.memo,
    "name": _Proof.new_name,
    "address": _Proof.typed,
    "status": _Proof.status,
    "type": _Proof.type,
    "lines": _Proof.lines,
    "changes": _Proof.changes,
}
_CHANGES: dict[str, _Prover] = {
    **{
        field: _PROVERS[field]
        for field in ("name", "email", "phone", "terms", "address", "memo", "due_date")
    },
    **dict.fromkeys(("add_lines", "lines"), _Proof.lines),
    "remove_lines": _Proof.items,
    "active": _Proof.active,
}
