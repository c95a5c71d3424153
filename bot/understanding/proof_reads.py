"""A read, or a command, that somebody else read, beside the person's words.

A read changes nothing and shows its working, so what narrows it is taken more
freely than in a write: names only of those that were told, numbers only where they
were said, and of days our own reading of the words, where they name any.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bot.understanding.evidence import Evidence
from bot.understanding.interpretation import ACTIONS, Interpretation
from bot.understanding.parties import fits_of
from bot.understanding.periods import is_of_totals
from bot.understanding.read_rules import ACCOUNT_TYPES, ITEM_TYPES, STATES
from bot.understanding.reading import Gathered
from bot.understanding.reads import finished
from bot.understanding.shortlist import LETTERS, Shortlist

_LIMIT_MAX = 1000
_CLASSES = ("Asset", "Liability", "Equity", "Revenue", "Expense")
_WORDS: Mapping[str, tuple[str, ...]] = {
    "which": ("latest",),
    "sort": ("newest", "oldest", "largest", "smallest"),
    "basis": ("cash", "accrual"),
    "state": tuple(name for name, _ in STATES),
}
_BY_ACTION: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("invoices.list", "status"): ("open", "overdue", "paid", "voided", "unsent"),
    ("bills.list", "status"): ("open", "overdue", "paid", "voided"),
    ("spend.total", "group_by"): ("vendor", "account", "month"),
    ("sales.total", "group_by"): ("customer", "item", "month"),
    ("report.profit_and_loss", "by"): ("month", "quarter", "customer", "class"),
    ("items.list", "type"): tuple(name for name, _ in ITEM_TYPES),
    ("accounts.list", "type"): (*(name for name, _ in ACCOUNT_TYPES), *_CLASSES),
}
_DAYS = "The days are as a language model read them: {start} to {end}."
_MEANT = "I took it that {name} is meant."


class _Unfit(Exception):
    """An argument that cannot be shown; the whole reading is turned away."""


def proven(
    offered: Interpretation, evidence: Evidence, told: Shortlist
) -> Interpretation | None:
    """The read as far as it can be shown, or its question; None: turned away."""
    assert offered.action is not None, "a read has an action"
    proof = _Proof(offered, evidence, told)
    for key in ACTIONS[offered.action].takes:
        if key in offered.arguments:
            try:
                _PROVERS[key](proof, key, offered.arguments[key])
            except _Unfit:
                return None
    # What was said and would be passed over makes it another question.
    return None if evidence.left() else proof.made()


class _Proof:
    """One read, and what of it is taken over."""

    def __init__(
        self, offered: Interpretation, evidence: Evidence, told: Shortlist
    ) -> None:
        assert offered.action is not None, "a read has an action"
        self.action = offered.action
        self.compared = offered.arguments.get("compare_to")
        self.evidence = evidence
        self.told = told
        self.gathered = Gathered()

    def made(self) -> Interpretation:
        """The read with its defaults, or the question before it."""
        self.gathered.assumptions += self.evidence.assumptions
        return finished(self.evidence.reading, self.action, self.gathered)

    def _take(self, key: str, value: Any) -> None:
        self.gathered.arguments[key] = value

    def named(self, key: str, value: Any) -> None:
        """A name that was told; one that was said with others alike is asked about."""
        if not isinstance(value, str) or not self.told.has(key, value):
            raise _Unfit
        letter, evidence = LETTERS[key], self.evidence
        if value not in evidence.index.books[letter].names:
            raise _Unfit
        alike = [
            fits for part in evidence.parts if value in (fits := fits_of(part, letter))
        ]
        if alike and (value,) not in alike:
            self.gathered.doubt(key, alike[0], "")
            return
        self._take(key, value)
        if alike:
            evidence.name(key, letter, value)
        else:
            self.gathered.assumptions.append(_MEANT.format(name=value))

    def word(self, key: str, value: Any) -> None:
        """One of the contract's words."""
        known = _WORDS.get(key) or _BY_ACTION.get((self.action, key), ())
        if value not in known:
            raise _Unfit
        self._take(key, value)

    def flag(self, key: str, value: Any) -> None:
        """Something that is wanted or not."""
        if value is True:
            self._take(key, value)
        elif value is not False:
            raise _Unfit

    def document(self, key: str, value: Any) -> None:
        """The number of a document that was said."""
        tag = "<doc:b>" if key == "bill" else "<doc:i>"
        if not self.evidence.document(tag, str(value)):
            raise _Unfit
        self._take(key, str(value))

    def proposal(self, key: str, value: Any) -> None:
        """The number of a proposal that was said."""
        if not self.evidence.tagged(str(value), "<p>"):
            raise _Unfit
        self._take(key, str(value))

    def number(self, key: str, value: Any) -> None:
        """A number that was said."""
        # "The latest invoice" is one.
        is_one = key == "limit" and value == 1 and "sort" in self.gathered.arguments
        if not is_one and not self.evidence.is_said(str(value)):
            raise _Unfit
        if key in {"limit", "min_days_overdue"} and not 0 < int(value) <= _LIMIT_MAX:
            raise _Unfit
        self._take(key, value)

    def search(self, key: str, value: Any) -> None:
        """A part of a name, as it was typed."""
        said = str(value)
        if not self.evidence.tagged(said, "<q>") and not self.evidence.text(said):
            raise _Unfit
        self._take(key, value)

    def days(self, key: str, value: Any) -> None:
        """Some days; where the words name them, as our own grammar reads these."""
        if not isinstance(value, dict) or not value:
            raise _Unfit
        if not self.evidence.has_dates:
            self._note_days(value)
        elif not self.evidence.use_span(value, totals=self._sums(key)):
            only = self.evidence.span(ahead=key == "due")
            # "Vs last month": the days that were said are those of the other side.
            if not only or key == "compare_to" or only == self.compared:
                raise _Unfit
            value = only
        self._take(key, value)

    def _sums(self, key: str) -> bool:
        return key == "period" and is_of_totals(ACTIONS[self.action].takes)

    def day(self, key: str, value: Any) -> None:
        """The day that a report is of, or is compared with."""
        if key == "compare_to" and isinstance(value, dict):
            self.days(key, value)
            return
        if not isinstance(value, str):
            raise _Unfit
        if not self.evidence.has_dates:
            self._note_days({"start": value, "end": value})
        elif not self.evidence.use_end(value):
            raise _Unfit
        self._take(key, value)

    def _note_days(self, span: Mapping[str, str]) -> None:
        start, end = span.get("start"), span.get("end")
        if start and end and date.fromisoformat(start) > date.fromisoformat(end):
            raise _Unfit
        note = _DAYS.format(start=start or "the beginning", end=end or "the end")
        self.gathered.assumptions.append(note)


_PROVERS: dict[str, Callable[[_Proof, str, Any], None]] = {
    **dict.fromkeys(LETTERS, _Proof.named),
    **dict.fromkeys((*_WORDS, "status", "group_by", "by", "type"), _Proof.word),
    **dict.fromkeys(("overdue", "detail", "mine", "with_balance"), _Proof.flag),
    **dict.fromkeys(("invoice", "bill"), _Proof.document),
    **dict.fromkeys(
        ("limit", "min_days_overdue", "min_amount", "max_amount"), _Proof.number
    ),
    **dict.fromkeys(("period", "due"), _Proof.days),
    **dict.fromkeys(("as_of", "compare_to"), _Proof.day),
    "proposal": _Proof.proposal,
    "search": _Proof.search,
}
