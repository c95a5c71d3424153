"""Which of the workspace's people is meant by a name or an address."""

import re
from collections.abc import Sequence

from approvals.proposal import Denied, Person
from cards.talk import names_listed

_AND = re.compile(r"\s*(?:,|;|&|\band\b)\s*", re.IGNORECASE)
_ASKED = 6


def person_called(members: Sequence[Person], name: str) -> Person:
    """The one person of that name or address.

    Raises:
        Denied: nobody is, or several are.
    """
    said = " ".join(name.split()).strip("“”\"'.").removeprefix("@").lower()
    kept = "Nothing has been changed."
    letting_in = [each for each in members if each.roles]
    for fits in (
        lambda p: said in {(p.email or "").lower(), p.name.lower()},
        lambda p: said == p.name.lower().split(" ")[0],
        lambda p: said in p.name.lower().split(" "),
        lambda p: p.name.lower().startswith(said),
    ):
        found = [each for each in letting_in if said and fits(each)]
        if len(found) == 1:
            return found[0]
        if found:
            names = " or ".join(
                f"{each.name} ({each.email})" if each.email else each.name
                for each in found[:_ASKED]
            )
            raise Denied(f"Whom do you mean: {names}? {kept}", rule="who")
    shown = " ".join(name.split())[:60]
    known = names_listed(tuple(sorted(each.name for each in letting_in)), "and")
    raise Denied(
        f"I know nobody here called “{shown}”. I know {known}. {kept}", rule="who"
    )


def people_called(members: Sequence[Person], names: str) -> tuple[Person, ...]:
    """Those who are named, with commas or "and" between them.

    Raises:
        Denied: nobody, or several, are called so.
    """
    parts = [part for part in _AND.split(names.strip(" .")) if part]
    return tuple(dict.fromkeys(person_called(members, part) for part in parts))
