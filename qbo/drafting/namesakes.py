"""Who has a name already, or nearly it: looked for before a new one is proposed.

QuickBooks keeps customers, vendors and employees in one space of names: no two active
ones are called the same (its error 6240). An inactive one gives its name free. What
is found is offered instead; a name that is only like it can be made all the same.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from rapidfuzz import fuzz
from sqlalchemy import func, or_, select

from qbo.drafting.assembly import Around
from qbo.faults import Alike, Namesake
from qbo.lookup import listed, preflight
from qbo.mirror import RECORDS
from qbo.wire import records
from qbo.wire.exact import Json, dumps, loads

SPACE: Final = ("Customer", "Vendor", "Employee")
"""The lists that share one space of names."""
TAKEN: Final = "6240"
"""What QuickBooks answers where a name is taken."""
_LIKENESS: Final = 90
_ALIKE_MAX: Final = 5
_PHONE_DIGITS: Final = 10
_PHONE_DIGITS_LEAST: Final = 7
_SHORT: Final = 4
_TAIL: Final = 4
_WORDS: Final = re.compile(r"\w+")
_FORMS: Final = frozenset(
    [
        *("ltd", "limited", "llc", "llp", "inc", "co", "company", "corp"),
        *("corporation", "plc", "gmbh"),
    ]
)
_SPELT_OUT: Final = {"bros": "brothers"}
C: Final = RECORDS.c


async def check(around: Around, entity: str, body: Json, *, anyway: bool) -> None:
    """Let a new name pass that nobody has, nor nearly; `anyway` lets likeness pass.

    `entity` is what is to be made ("Customer", "Vendor"), `body` its JSON, of which
    the name, the e-mail address and the phone number are looked for in all lists,
    inactive records too.

    Raises:
        Alike: somebody has them, or nearly; what was found is with it.
        BooksFault: QuickBooks could not be read.
    """
    found = await search(around, body, roster=True)
    taken = any(each.takes for each in found)
    if found and (taken or not anyway):
        raise Alike(_sentence(entity, str(body["DisplayName"]), found), found=found)


def _sentence(entity: str, name: str, found: Sequence[Namesake]) -> str:
    first = found[0]
    if first.takes:
        share = (
            ""
            if first.entity == entity
            else " Customers, vendors and employees share one list of names."
        )
        return (
            f"QuickBooks already has {_a(first.noun)} called {first.name}.{share} Which"
            " name should it be?"
        )
    said = listed([f"{each.title} ({each.why})" for each in found])
    return f"Before {name} is made: QuickBooks has {said}. Is that the one you mean?"


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


async def check_free(around: Around, name: str, own: tuple[str, str]) -> None:
    """Refuse a new name for a record (`own`: its list and id) that another has.

    Raises:
        Refused: it is taken (code "preflight").
        BooksFault: QuickBooks could not be read.
    """
    for each in await search(around, {"DisplayName": name}, roster=True):
        if each.takes and (each.entity, each.record_id) != own:
            share = (
                ""
                if each.entity == own[0]
                else " Customers, vendors and employees share one list of names."
            )
            raise preflight(
                f"QuickBooks already has {_a(each.noun)} called {each.name}.{share}"
                " Choose another name."
            )


def taken_by(entity: str, record: Json) -> str:
    """Why a name was refused by QuickBooks itself, and which record has it."""
    noun, name = entity.lower(), records.label(record)
    share = (
        " Customers, vendors and employees share one list of names."
        if entity in SPACE
        else ""
    )
    return (
        f"QuickBooks has {_a(noun)} called {name} by now (QuickBooks id"
        f" {record['Id']}), so nothing was changed.{share} Use that one, or ask again"
        " with another name."
    )


async def search(
    around: Around, body: Json, *, roster: bool = False
) -> tuple[Namesake, ...]:
    """Those who have a name, e-mail address or phone number, the surest first.

    With `roster` the employees are read from QuickBooks itself: the local copy has
    none of them.

    Raises:
        BooksFault: QuickBooks could not be read.
    """
    wanted = _Wanted.of(body)
    here = (C.company == around.company.id, C.entity.in_(SPACE))
    rows = await around.mirror.rows(
        select(C.entity, C.id, C.name, C.active).where(*here)
    )
    found = {
        (row.entity, row.id): each
        for row in rows
        if (each := wanted.named(row.entity, row.id, row.name, active=row.active))
    }
    if parts := wanted.traces():
        for row in await around.mirror.rows(
            select(C.entity, C.id, C.raw).where(*here, or_(*parts))
        ):
            each = wanted.reached(row.entity, loads(row.raw))
            before = found.get((row.entity, row.id))
            if each and (before is None or before.likeness < each.likeness):
                found[row.entity, row.id] = each
    if roster and around.roster is not None:
        for record in await around.roster():
            if each := wanted.met("Employee", record):
                found[each.entity, each.record_id] = each
    order = sorted(
        found.values(),
        key=lambda each: (-each.likeness, not each.active, each.name.casefold()),
    )
    return tuple(order[:_ALIKE_MAX])


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is looked for: a name, e-mail addresses, the digits of a phone number."""

    name: str
    bare: str
    addresses: frozenset[str]
    phone: str

    @classmethod
    def of(cls, body: Json) -> Self:
        """What the JSON of a new customer or vendor has."""
        name = str(body["DisplayName"])
        return cls(name.casefold(), _bare(name), _addresses(body), _phone(body))

    def named(
        self, entity: str, record_id: str, name: str, *, active: bool
    ) -> Namesake | None:
        """A record, where its name is the same or nearly so."""
        if name.casefold() == self.name:
            why, likeness = "the same name", 3
        elif _is_near(self.bare, _bare(name)) or _begins(self.name, name):
            why, likeness = "nearly the same name", 1
        else:
            return None
        return Namesake(entity, record_id, name, active, why, likeness)

    def reached(self, entity: str, record: Json) -> Namesake | None:
        """A record, where its e-mail address or phone number is the same."""
        if self.addresses & _addresses(record):
            why = "the same e-mail address"
        elif self.phone and self.phone == _phone(record):
            why = "the same phone number"
        else:
            return None
        active = bool(record.get("Active", True))
        name = records.label(record)
        return Namesake(entity, str(record["Id"]), name, active, why, 2)

    def met(self, entity: str, record: Json) -> Namesake | None:
        """A record that is the same by its name, else by how it is reached."""
        active = bool(record.get("Active", True))
        name = records.label(record)
        by_name = self.named(entity, str(record["Id"]), name, active=active)
        return by_name or self.reached(entity, record)

    def traces(self) -> list[Any]:
        """Conditions on a record's JSON that may have the same address or number."""
        text = func.lower(C.raw)
        parts = [dumps(each)[1:-1] for each in self.addresses]
        # However a number is written, its last digits stand together as a rule.
        parts += [self.phone[-_TAIL:]] if self.phone else []
        return [text.contains(each, autoescape=True) for each in parts]


def _is_near(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < _SHORT:
        return False
    return (
        fuzz.ratio(one, other) >= _LIKENESS
        or fuzz.token_sort_ratio(one, other) >= _LIKENESS
    )


def _begins(one: str, other: str) -> bool:
    """Whether one name's words are the first of the other's: "Staples (Office)"."""
    few, many = sorted((_words(one), _words(other)), key=len)
    return len(" ".join(few)) >= _SHORT and many[: len(few)] == few


def _bare(name: str) -> str:
    """A name without accents, signs and the form of the company."""
    words = _words(name)
    while len(words) > 1 and words[-1] in _FORMS:
        words.pop()
    return " ".join(words) or _letters(name)


def _words(name: str) -> list[str]:
    said = _WORDS.findall(_letters(name).replace("'", ""))
    return [_SPELT_OUT.get(word, word) for word in said]


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _addresses(record: Json) -> frozenset[str]:
    said = records.text(record, "PrimaryEmailAddr.Address") or ""
    parts = (each.strip().casefold() for each in re.split("[,;]", said))
    return frozenset(each for each in parts if each)


def _phone(record: Json) -> str:
    """The last digits of a phone number; empty where there are too few."""
    said = records.text(record, "PrimaryPhone.FreeFormNumber") or ""
    digits = "".join(each for each in said if each in "0123456789")
    return digits[-_PHONE_DIGITS:] if len(digits) >= _PHONE_DIGITS_LEAST else ""
