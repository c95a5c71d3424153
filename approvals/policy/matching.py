"""Whether a rule is for a draft, and the words that say why. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from approvals.proposal import Person, Role, Rule
from approvals.totals import total_of
from qbo.books import Circumstances, Company, Draft, Money

_VENDOR_SIDE = frozenset({"Vendor", "Bill", "BillPayment", "VendorCredit", "Purchase"})


@dataclass(frozen=True, slots=True)
class Situation:
    """What rules are matched with: a draft, who asked for it, and in which company.

    None is "not known", as of a total that cannot be computed; `askers` are all who
    asked for it or changed it, none where that is not known.
    """

    action: str
    total: Decimal | None
    askers: tuple[Person, ...]
    company: Company | None
    customers: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def amount(self, value: Decimal) -> str:
        """A total or a limit as people read it."""
        if self.company is None:
            return f"{value:,.2f}"
        return str(Money(value, self.company.currency))


def situation(
    draft: Draft,
    circumstances: Circumstances,
    askers: tuple[Person, ...],
    company: Company | None,
) -> Situation:
    """All that a rule may look at, from a draft and the facts around it."""
    lines = draft.lines
    party = (circumstances.party,) if circumstances.party else ()
    bought = any(step.entity in _VENDOR_SIDE for step in draft.steps)
    return Situation(
        action=draft.action,
        total=total_of(draft),
        askers=askers,
        company=company,
        customers=_all(circumstances.customers, () if bought else party),
        vendors=_all(circumstances.vendors, party if bought else ()),
        accounts=_all(circumstances.accounts, (line.account for line in lines)),
        items=_all(circumstances.items, (line.item for line in lines)),
        classes=_all(circumstances.classes, (line.tracking_class for line in lines)),
    )


def each_alone(
    whole: Situation, draft: Draft, circumstances: Circumstances
) -> tuple[Situation, ...]:
    """The situation of each line, and in it of each customer and vendor, by itself.

    Each with the total of the whole draft, so that making a list of many, or many
    lists of one, changes nothing about a limit. What is known of the whole and of no
    line belongs to every line.
    """
    parts = [
        situation(replace(draft, lines=()), part, whole.askers, whole.company)
        for part in circumstances.parts
    ]
    left = {name: _left(getattr(whole, name), parts, name) for name in _LISTS}
    found = [
        replace(
            whole,
            customers=_all(part.customers, left["customers"]),
            vendors=_all(part.vendors, left["vendors"]),
            accounts=_all(part.accounts, left["accounts"]),
            items=_all(part.items, left["items"]),
            classes=_all(part.classes, left["classes"]),
        )
        for part in parts
    ]
    return tuple(
        dict.fromkeys(
            replace(each, customers=customers, vendors=vendors)
            for each in found or [whole]
            for customers in _apart(each.customers)
            for vendors in _apart(each.vendors)
        )
    )


_LISTS = ("customers", "vendors", "accounts", "items", "classes")


def _left(
    names: tuple[str, ...], parts: Iterable[Situation], what: str
) -> tuple[str, ...]:
    """Those of the names that belong to no part; a part may say them in full."""
    taken = {
        form
        for part in parts
        for name in getattr(part, what)
        for form in (name, _last(name))
    }
    return tuple(name for name in names if name not in taken)


def _apart(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Each party by itself; "Roof" beside "Acme:Roof" is the same one, said shortly."""
    short = {_last(name) for name in names if ":" in name}
    return tuple((name,) for name in names if name not in short) or ((),)


def _last(name: str) -> str:
    return name.rpartition(":")[2].strip()


def _all(known: Iterable[str], seen: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*known, *(each for each in seen if each)]))


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one condition of a rule; `fits` None: that cannot be known."""

    fits: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """One rule of the file, and the drafts that it is for.

    An empty tuple, or a limit that is None, is no condition. `actions` are
    operations with "*" for any run of letters, the others names or such patterns,
    in any case. `minimum` belongs to the rule, `below` does not.
    """

    rule: Rule
    actions: tuple[str, ...] = ()
    minimum: Decimal | None = None
    below: Decimal | None = None
    customers: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    requesters: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()

    def findings(self, s: Situation) -> tuple[Finding, ...]:
        """What comes of each condition, in the order in which they are read."""
        found = [
            self._operation(s),
            self._total(s),
            _named("customer", self.customers, s.customers),
            _named("vendor", self.vendors, s.vendors),
            _named("account", self.accounts, s.accounts, with_parts=True),
            _named("item", self.items, s.items),
            _named("tracking class", self.classes, s.classes),
            self._requester(s),
            self._company(s),
        ]
        return tuple(each for each in found if each is not None)

    def _operation(self, s: Situation) -> Finding | None:
        if not self.actions:
            return None
        # Several at once are what each of them is: "invoices.create" is for limits
        # on "invoice.create" as well, or a list would be a way around them.
        fits = any(is_like(a, s.action) or is_like(a, one_of(s.action))
                   for a in self.actions)  # fmt: skip
        if fits:
            return Finding(True, s.action)
        return Finding(False, f"{s.action} is not {either(self.actions)}")

    def _total(self, s: Situation) -> Finding | None:
        if not self.bounds_total:
            return None
        if s.total is None:
            return Finding(None, "the total cannot be computed")
        total = s.amount(s.total)
        if self.minimum is not None and s.total < self.minimum:
            return Finding(
                False, f"total {total} is less than {s.amount(self.minimum)}"
            )
        if self.below is not None and s.total >= self.below:
            return Finding(False, f"total {total} is not below {s.amount(self.below)}")
        parts = []
        if self.minimum is not None:
            parts.append(f"is at least {s.amount(self.minimum)}")
        if self.below is not None:
            parts.append(f"is below {s.amount(self.below)}")
        return Finding(True, f"total {total} {' and '.join(parts)}")

    @property
    def bounds_total(self) -> bool:
        """Whether it depends on the total; "at least nothing" is no condition."""
        return bool(self.minimum) or self.below is not None

    def _requester(self, s: Situation) -> Finding | None:
        if not self.requesters:
            return None
        fit = {self._is_requester(person) for person in s.askers}
        if len(fit) != 1:
            # Nobody is known, or the rule is for one of them and not for another.
            return Finding(None, "more than one person asked for it")
        names = _and(tuple(person.name for person in s.askers))
        if True in fit:
            return Finding(True, f"asked for by {names}")
        who = "who asks, is" if len(s.askers) == 1 else "who ask, are"
        return Finding(False, f"{names}, {who} not {either(self.requesters)}")

    def _is_requester(self, person: Person) -> bool:
        roles = {str(role) for role in person.roles}
        return any(
            (wanted.lower() in roles)
            if wanted.lower() in _ROLES
            else is_like(wanted, person.email or "")
            for wanted in self.requesters
        )

    def _company(self, s: Situation) -> Finding | None:
        if not self.companies:
            return None
        if s.company is None:
            return Finding(None, "the company is not known")
        if is_company(self.companies, s.company):
            return Finding(True, f"company {s.company.name}")
        return Finding(False, f"{s.company.name} is not {either(self.companies)}")


_ROLES = frozenset(str(role) for role in Role)


def _named(
    what: str,
    wanted: tuple[str, ...],
    names: tuple[str, ...],
    *,
    with_parts: bool = False,
) -> Finding | None:
    """One of the names is wanted: whole, by its own part, or by what it is part of."""
    if not wanted:
        return None
    for name in names:
        parts = name.split(":")
        forms = [name, parts[-1].strip()]
        if with_parts:
            # "Expenses:Travel:Taxi" belongs to "Expenses" and "Expenses:Travel",
            # and to "Travel", as people call it.
            forms += [":".join(parts[: at + 1]) for at in range(len(parts))]
            forms += [part.strip() for part in parts]
        if any(is_like(pattern, form) for pattern in wanted for form in forms):
            return Finding(True, f"{what} {name}")
    if not names:
        return Finding(False, f"it names no {what}")
    return Finding(False, f"{what} {_and(names)} is not {either(wanted)}")


def is_company(wanted: Iterable[str], company: Company) -> bool:
    """Whether a company is one of those, by its name or its realm."""
    return any(
        is_like(each, company.name) or each in {company.realm, company.id}
        for each in wanted
    )


def one_of(action: str) -> str:
    """The operation on each of several: "invoices.create" is "invoice.create"."""
    kind, dot, verb = action.partition(".")
    return f"{kind.removesuffix('s')}{dot}{verb}"


def is_like(pattern: str, name: str) -> bool:
    """Whether a name is this one, or fits a pattern with "*" and "?", in any case."""
    return _pattern(pattern).fullmatch(" ".join(name.split()).casefold()) is not None


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    escaped = re.escape(" ".join(text.split()).casefold())
    return re.compile(escaped.replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def either(names: tuple[str, ...]) -> str:
    """Names in a sentence: "Acme West, Birch or Cedar"."""
    return listed(names, "or")


def _and(names: tuple[str, ...]) -> str:
    return listed(names, "and")


def listed(names: tuple[str, ...], last: str) -> str:
    """Names in a sentence, with that word before the last one."""
    if len(names) > 1:
        return f"{', '.join(names[:-1])} {last} {names[-1]}"
    return "".join(names)
