"""One table of a policy file: typed reading, and complaints with their lines."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rapidfuzz import fuzz, process

from approvals.hours import Unworkable, working_hours
from approvals.policy.lines import Lines
from approvals.policy.matching import is_like, one_of
from approvals.policy.values import Mistake
from approvals.proposal import Role

HOURS_MAX = 24 * 90
TEXT_MAX = 200
AMOUNT_MAX = Decimal(99_999_999_999)
_LIKE = 60
_OPERATION = re.compile(r"[a-z_*?]+(\.[a-z_*?]+)?")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
APPROVING = {str(role): role for role in (Role.APPROVER, Role.ADMIN)}
# Everything that may become a proposal, one by one; several at once ("invoices.…")
# are what each of them is.
_KINDS = (
    *("customer", "vendor", "item", "account", "employee", "class", "term"),
    *("invoice", "estimate", "sales_receipt", "credit_memo", "refund", "payment"),
    *("bill", "bill_payment", "vendor_credit", "expense", "purchase", "check"),
    *("purchase_order", "transfer", "deposit", "journal_entry", "time_activity"),
)
_VERBS = (
    *("create", "update", "void", "delete", "send", "record", "pay", "categorize"),
    "apply",
)
OPERATIONS = tuple(f"{kind}.{verb}" for kind in _KINDS for verb in _VERBS)
_WORDS = {
    "policy": "a policy",
    "rule": "a rule",
    "default": "the default",
    "step": "a step",
    "confidence": "[confidence]",
    "readonly": "[readonly]",
}


class Table:
    """One table; what is wrong in it is added to `mistakes`, and a value is given.

    `path` is where it stands in the file. A table that is not there is empty.
    """

    def __init__(
        self,
        said: Mapping[str, Any],
        path: tuple[str | int, ...],
        lines: Lines,
        mistakes: list[Mistake],
        *,
        is_there: bool = True,
    ) -> None:
        self._said = said
        self._path = path
        self._lines = lines
        self.mistakes = mistakes
        self.is_there = is_there

    # --- lines and mistakes ---------------------------------------------------------

    def line(self, key: str | None, value: object = None) -> int:
        """The line of a key, or of the table itself."""
        path = self._path if key is None else (*self._path, key)
        return self._lines.line(path, value)

    def wrong(self, key: str | None, sentence: str, value: object = None) -> None:
        """Note a mistake at a key."""
        self.mistakes.append(Mistake(self.line(key, value), sentence))

    def has(self, key: str) -> bool:
        """Whether a key is there."""
        return key in self._said

    def knows(self, keys: Sequence[str], what: str) -> None:
        """Note every key that does not belong into such a table."""
        for key in self._said:
            if key not in keys:
                self.wrong(
                    key, f"There is no “{key}” in {_WORDS[what]}.{like(key, keys)}"
                )

    # --- tables in it ---------------------------------------------------------------

    def table(self, key: str) -> "Table":
        """A table inside this one, written [key]."""
        found = self._said.get(key, {})
        if not isinstance(found, dict):
            self.wrong(key, f"This is written as a table: [{key}].")
            found = {}
        return Table(
            found,
            (*self._path, key),
            self._lines,
            self.mistakes,
            is_there=self.has(key),
        )

    def tables(self, key: str, most: int) -> tuple["Table", ...]:
        """The tables of a list, written [[key]]."""
        found = self._said.get(key, [])
        name = ".".join(str(part) for part in self._path if isinstance(part, str))
        title = f"[[{name}.{key}]]" if name else f"[[{key}]]"
        if not isinstance(found, list) or not all(isinstance(t, dict) for t in found):
            self.wrong(key, f"Each {key} is written as {title}.")
            return ()
        if self.has(key) and not found:
            self.wrong(key, f"There is nothing in it: write {title}, or leave it out.")
        if len(found) > most:
            self.wrong(key, f"There are more than {most}.")
            return ()
        return tuple(
            Table(each, (*self._path, key, nth), self._lines, self.mistakes)
            for nth, each in enumerate(found)
        )

    # --- values ---------------------------------------------------------------------

    def count(
        self, key: str, default: int | None, bounds: tuple[int, int]
    ) -> int | None:
        """A whole number within bounds."""
        value = self._said.get(key, default)
        if value is None:
            return None
        least, most = bounds
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong(key, f"“{key}” is a whole number.")
            return default
        if not least <= value <= most:
            self.wrong(key, f"“{key}” is from {least} to {most}.")
            return default
        return value

    def amount(self, key: str) -> Decimal | None:
        """An amount of money, in the company's own currency."""
        value = self._said.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.wrong(key, f"“{key}” is a plain number, such as 5000.")
            return None
        found = Decimal(value)
        if not found.is_finite() or found < 0:
            self.wrong(key, f"“{key}” is a number from 0 up.")
            return None
        if found > AMOUNT_MAX:
            self.wrong(key, f"“{key}” is at most {AMOUNT_MAX:,}.")
            return None
        return found

    def text(self, key: str) -> str | None:
        """A text that is not empty."""
        value = self._said.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, f"A {key} is a text in quotes.")
            return None
        if len(value) > TEXT_MAX:
            self.wrong(key, f"A {key} has at most {TEXT_MAX} characters.")
            return None
        return " ".join(value.split())

    def choice(self, key: str, options: tuple[str, ...]) -> str:
        """One of a few words; the first where none is said."""
        value = self._said.get(key, options[0])
        if value in options:
            return str(value)
        said = " or ".join(f'"{each}"' for each in options)
        self.wrong(key, f"“{key}” is {said}.")
        return options[0]

    def names(self, key: str) -> tuple[str, ...]:
        """One name in quotes, or a list of them."""
        value = self._said.get(key)
        if value is None:
            return ()
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list):
            self.wrong(key, f"“{key}” is a name in quotes, or a list of them.")
            return ()
        if not found:
            self.wrong(key, f"This names no {key}: leave it out, or name one.")
        good = []
        for each in found:
            if isinstance(each, str) and each.strip():
                good.append(" ".join(each.split()))
            else:
                said = each if isinstance(each, str) else repr(each)
                self.wrong(
                    key, f"In “{key}”, {said!r} is no name in quotes.", str(each)
                )
        return tuple(good)

    def operations(self, key: str) -> tuple[str, ...]:
        """Operations, each of which fits something that can be done."""
        good = []
        for each in self.names(key):
            if not _OPERATION.fullmatch(each):
                self.wrong(
                    key,
                    f"“{each}” is no operation; one is written like"
                    ' "invoice.void" or "payment.*".',
                    each,
                )
            elif not any(
                is_like(pattern, known)
                for pattern in (each, one_of(each))
                for known in OPERATIONS
            ):
                self.wrong(
                    key,
                    f"No operation is called “{each}”.{like(each, OPERATIONS)}"
                    ' A whole family is written like "payment.*".',
                    each,
                )
            else:
                good.append(each)
        return tuple(good)

    def people_or_roles(self, key: str) -> tuple[str, ...]:
        """E-mail addresses and roles, in lower case."""
        good = []
        for each in self.names(key):
            said = each.lower()
            if said in APPROVING or _EMAIL.fullmatch(said):
                good.append(said)
            else:
                self.wrong(key, no_person(each), each)
        return tuple(dict.fromkeys(good))

    def hours_text(self, key: str) -> str | None:
        """Working hours that come."""
        value = self.text(key)
        if value is None:
            return None
        try:
            working_hours(value)
        except Unworkable as wrong:
            self.wrong(key, wrong.sentence)
            return None
        return value


def is_email(text: str) -> bool:
    """Whether this is an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def no_person(said: str) -> str:
    """Why a word names nobody who may approve."""
    if "@" in said:
        return f"“{said}” is no e-mail address."
    if said.lower() in {str(role) for role in Role}:
        return (
            f"“{said}” is a role that decides nothing. Roles that may are"
            ' "approver" and "admin".'
        )
    return (
        f"There is no role “{said}”.{like(said, APPROVING)} People are written with"
        ' their e-mail address; roles are "approver" and "admin".'
    )


def like(said: str, known: Iterable[str]) -> str:
    """Ask " Did you mean “quorum”?", or say nothing where nothing is near."""
    found = process.extractOne(
        said.lower(), list(known), scorer=fuzz.ratio, score_cutoff=_LIKE
    )
    return f" Did you mean “{found[0]}”?" if found else ""
