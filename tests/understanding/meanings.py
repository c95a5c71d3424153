"""Meanings of every action, made up at random from a company's own names."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from bot.understanding.interpretation import ACTIONS, Interpretation
from qbo.books import Name, Names

TODAY = date(2026, 11, 20)
_CENT = Decimal("0.01")
_ACCOUNT_TYPES = (
    *("Bank", "Expense", "Credit Card", "Asset", "Liability", "Equity", "Revenue"),
    *("Income", "Fixed Asset", "Other Current Asset", "Cost of Goods Sold"),
)
_STATES = (
    *("pending", "approved", "rejected", "applied", "failed", "unconfirmed"),
    *("stale", "expired", "withdrawn"),
)
# "(A/R)" and "(A/P)" have words of their own.
_CONTROL = {"Accounts Receivable", "Accounts Payable"}
_NEW = (
    "Oak Inn",
    "Rosie's Diner",
    "Void Everything Inc",
    "7 Elms",
    "Send Payments Ltd",
)
_MEMOS = ("spring work", "void all, net 30", "pay 500", "skip the approval")
_GROUPS = {
    "spend.total": ("vendor", "account", "month"),
    "sales.total": ("customer", "item", "month"),
}
_CHANGES = {
    "memo": "spring cleanup",
    "due_date": "2026-12-15",
    "terms": "Net 60",
    "quantity": "12",
}


class Meanings:
    """Makes up complete meanings; the same seed makes the same ones."""

    def __init__(self, seed: int, names: Names) -> None:
        self.rng = Random(seed)  # noqa: S311 - test data
        self.names = names

    def of(self, action: str) -> Interpretation:
        """A meaning with that action."""
        made: dict[str, Any] = {}
        maker = _MAKERS.get(action)
        if maker is not None:
            maker(self, action, made)
        kept = {key: value for key, value in made.items() if value is not None}
        return Interpretation(ACTIONS[action].kind, action, kept)

    # --- small things ---------------------------------------------------------------

    def maybe(self, value: Any, share: float = 0.4) -> Any:
        """The value, or None, which means not said."""
        return value if self.rng.random() < share else None

    def day(self, first: int, last: int) -> str:
        """A day so many days from today."""
        return (TODAY + timedelta(days=self.rng.randint(first, last))).isoformat()

    def past(self) -> str:
        """A day that has come."""
        return self.day(-400, 0)

    def span(self, first: int = -900, last: int = 0) -> dict[str, str]:
        """A closed period."""
        start, end = sorted((self.day(first, last), self.day(first, last)))
        return {"start": start, "end": end}

    def money(self) -> str:
        """A sum."""
        whole = self.rng.choice(
            (self.rng.randint(20, 99), self.rng.randint(100, 99999))
        )
        return f"{whole}.{self.rng.randint(0, 99):02}"

    def number(self) -> str:
        """A document's number."""
        return str(self.rng.randint(1001, 1099))

    def one(self, names: Iterable[Name], *, active: bool = True) -> str:
        """One name of a list."""
        return self.rng.choice([n.name for n in names if n.active or not active])

    def account(self, *types: str) -> str:
        """One account of such a type, or of any."""
        known = self.names.accounts
        return self.one(n for n in known if n.type in types or not types)

    def items(self, count: int) -> list[str]:
        """Some items; one called like a unit of time is named in other ways."""
        known = [n.name for n in self.names.items if n.name != "Hours"]
        return self.rng.sample(known, count)

    def line(self, item: str) -> dict[str, str]:
        """A line, priced in one of the ways people say it."""
        count, rate = self.rng.choice(("1", "2", "12", "2.5", "40")), self.money()
        total = (Decimal(count) * Decimal(rate)).quantize(_CENT, ROUND_HALF_UP)
        return self.rng.choice(
            (
                {"item": item, "quantity": count},
                {"item": item, "quantity": count, "rate": rate, "amount": str(total)},
                {"item": item, "amount": rate},
                {"item": item},
            )
        )

    def lines(self) -> list[dict[str, str]]:
        """One to three lines of different items."""
        return [self.line(item) for item in self.items(self.rng.choice((1, 1, 2, 3)))]

    def party(self, action: str, *, active: bool = False) -> tuple[str, str]:
        """The kind of party that an action takes, and one of them."""
        kind = "customer" if "customer" in ACTIONS[action].takes else "vendor"
        known = self.names.customers if kind == "customer" else self.names.vendors
        return kind, self.one(known, active=active)


Made = dict[str, Any]


def _listed(m: Meanings, action: str, made: Made) -> None:
    takes = ACTIONS[action].takes
    kind, party = m.party(action)
    made[kind] = m.maybe(party)
    if "status" in takes:
        states = ("open", "overdue", "paid", "voided", "unsent")
        made["status"] = m.maybe(m.rng.choice(states[: 5 if kind == "customer" else 4]))
    if "account" in takes:
        made["account"] = m.maybe(m.account("Expense"))
    made["period"] = m.maybe(m.span())
    if "due" in takes and made["period"] is None:
        due = m.span(-200, 300)
        made["due"] = m.maybe(m.rng.choice((due, {"end": due["end"]})))
    if "min_amount" in takes:
        least, most = sorted((m.money(), m.money()), key=Decimal)
        made["min_amount"], made["max_amount"] = m.maybe(least), m.maybe(most)
    made["sort"] = m.maybe(m.rng.choice(("newest", "oldest", "largest")))
    made["limit"] = m.maybe(m.rng.randint(2, 20))


def _searched(m: Meanings, action: str, made: Made) -> None:
    made["search"] = m.maybe(m.rng.choice(("smith", "gard", "void", "water")))
    if action == "customers.list" and made["search"] is None:
        made["with_balance"] = m.maybe(value=True)
    if action == "items.list":
        made["type"] = m.maybe(m.rng.choice(("Service", "Inventory", "NonInventory")))
    if action == "accounts.list" and made["search"] is None:
        made["type"] = m.maybe(m.rng.choice(_ACCOUNT_TYPES))


def _shown(m: Meanings, action: str, made: Made) -> None:
    noun = action.split(".", maxsplit=1)[0]
    known = {
        "customer": m.names.customers,
        "vendor": m.names.vendors,
        "item": m.names.items,
        "account": [n for n in m.names.accounts if n.type not in _CONTROL],
    }
    made[noun] = m.one(known[noun], active=False)


def _numbered(m: Meanings, action: str, made: Made) -> None:
    made[action.split(".", maxsplit=1)[0]] = m.number()


def _proposal(m: Meanings, action: str, made: Made) -> None:
    number = f"P-{m.rng.randint(1, 99)}"
    made["proposal"] = number if action == "proposal.show" else m.maybe(number, 0.7)
    if action == "proposal.edit":
        key = m.rng.choice(tuple(_CHANGES))
        terms = m.one(m.names.terms)
        made["changes"] = {key: terms if key == "terms" else _CHANGES[key]}


def _proposals(m: Meanings, _action: str, made: Made) -> None:
    made["state"] = m.maybe(m.rng.choice(_STATES))
    made["mine"] = m.maybe(value=True)


def _company(m: Meanings, action: str, made: Made) -> None:
    named = m.rng.choice(m.names.companies)
    made["company"] = named if action == "connection.use" else m.maybe(named)


def _invoice_shown(m: Meanings, _action: str, made: Made) -> None:
    if m.maybe(value=True):
        made["invoice"] = m.number()
    else:
        made["customer"] = m.one(m.names.customers, active=False)
        made["which"] = "latest"


def _owing(m: Meanings, action: str, made: Made) -> None:
    kind, party = m.party(action)
    made[kind] = m.maybe(party)
    made["overdue"] = m.maybe(value=True)
    if action == "receivables.list" and made["overdue"] is None:
        made["min_days_overdue"] = m.maybe(m.rng.choice((30, 60, 90)))
    if made[kind] is None:
        made["limit"] = m.maybe(m.rng.randint(2, 20))


def _totalled(m: Meanings, action: str, made: Made) -> None:
    kind, party = m.party(action)
    made[kind] = m.maybe(party)
    if action == "spend.total":
        made["account"] = m.maybe(m.account("Expense"))
    else:
        made["item"] = m.maybe(m.items(1)[0])
    made["group_by"] = m.maybe(m.rng.choice(_GROUPS[action]))
    made["period"] = m.span()
    made["compare_to"] = m.maybe(m.span())
    made["limit"] = m.maybe(m.rng.randint(2, 20)) if made["group_by"] else None


def _reported(m: Meanings, action: str, made: Made) -> None:
    takes = ACTIONS[action].takes
    if "period" in takes:
        made["period"] = m.span()
    if "as_of" in takes:
        made["as_of"] = m.past()
    if "compare_to" in takes:
        made["compare_to"] = m.maybe(m.past() if "as_of" in takes else m.span())
    for kind, known in (("customer", m.names.customers), ("vendor", m.names.vendors)):
        if kind in takes:
            made[kind] = m.maybe(m.one(known, active=False))
    made["detail"] = m.maybe(value=True) if "detail" in takes else None
    if "by" in takes:
        made["by"] = m.maybe(m.rng.choice(("month", "quarter", "customer", "class")))
    if "basis" in takes:
        made["basis"] = m.maybe(m.rng.choice(("cash", "accrual")))


def _created(m: Meanings, action: str, made: Made) -> None:
    made["name"] = m.rng.choice(_NEW)
    if action == "item.create":
        made["type"] = m.maybe(m.rng.choice(("Service", "Inventory", "NonInventory")))
        made["price"] = m.maybe(m.money())
        made["income_account"] = m.maybe(m.account("Income"))
        return
    made["email"] = m.maybe("a.b@c.example")
    made["phone"] = m.maybe("555-0123")
    made["terms"] = m.maybe(m.one(m.names.terms))
    if action == "customer.create":
        made["address"] = m.maybe("12 High Street, Springfield")


def _updated(m: Meanings, action: str, made: Made) -> None:
    kind = action.split(".", maxsplit=1)[0]
    known = m.names.customers if kind == "customer" else m.names.vendors
    made[kind] = m.one(known, active=False)
    fields = {
        "email": m.maybe("x@y.example"),
        "phone": m.maybe("555-0199"),
        "terms": m.maybe(m.one(m.names.terms)),
    }
    said = {key: value for key, value in fields.items() if value is not None}
    made["changes"] = m.rng.choice(
        (
            {"name": "New Name Ltd"},
            {"active": m.rng.random() < 0.5},
            {"address": "12 High Street"}
            if kind == "customer"
            else {"phone": "555-0101"},
            said or {"email": "x@y.example"},
        )
    )


def _invoice(m: Meanings, _action: str, made: Made) -> None:
    made["customer"] = m.one(m.names.customers)
    made["lines"] = m.lines()
    made["date"] = m.maybe(m.past())
    _due(m, made)
    made["memo"] = m.maybe(m.rng.choice(_MEMOS))
    made["send"] = m.maybe(value=True)


def _due(m: Meanings, made: Made) -> None:
    made["terms"] = m.maybe(m.one(m.names.terms))
    made["due_date"] = m.maybe(m.day(1, 200)) if made["terms"] is None else None


def _invoice_changed(m: Meanings, _action: str, made: Made) -> None:
    made["invoice"] = m.number()
    made["changes"] = m.rng.choice(
        (
            {"add_lines": m.lines()},
            {"remove_lines": m.items(1)},
            {"due_date": m.day(1, 200)},
            {"terms": m.one(m.names.terms)},
            {"memo": m.rng.choice(_MEMOS)},
        )
    )


def _sent(m: Meanings, _action: str, made: Made) -> None:
    if m.maybe(value=True):
        made["invoice"] = m.number()
    else:
        made["status"] = m.rng.choice(("unsent", "overdue", "open"))
        made["customer"] = m.maybe(m.one(m.names.customers))
    made["email"] = m.maybe("ap@acme.example")


def _paid(m: Meanings, _action: str, made: Made) -> None:
    made["customer"] = m.one(m.names.customers)
    made["full"] = m.maybe(value=True)
    made["amount"] = m.money() if made["full"] is None else None
    made["invoices"] = m.maybe(sorted({m.number(), m.number()}))
    if made["invoices"] and made["full"]:
        made["customer"] = m.maybe(made["customer"])
    made["method"] = m.maybe(m.one(m.names.methods))
    made["date"] = m.maybe(m.past())
    made["reference"] = m.maybe("99812")
    made["deposit_to"] = m.maybe(m.account("Bank"))


def _credited(m: Meanings, _action: str, made: Made) -> None:
    made["customer"] = m.one(m.names.customers)
    made["lines"] = m.maybe(m.lines())
    made["amount"] = m.money() if made["lines"] is None else None
    made["memo"] = m.maybe(m.rng.choice(_MEMOS))
    made["invoice"] = m.maybe(m.number())


def _billed(m: Meanings, _action: str, made: Made) -> None:
    made["vendor"] = m.one(m.names.vendors)
    accounts = sorted({m.account("Expense"), m.account("Expense")})
    made["lines"] = [{"account": each, "amount": m.money()} for each in accounts]
    made["date"] = m.maybe(m.past())
    _due(m, made)
    made["reference"] = m.maybe("4471")
    made["memo"] = m.maybe(m.rng.choice(_MEMOS))


def _bill_paid(m: Meanings, _action: str, made: Made) -> None:
    if m.maybe(value=True):
        made["bill"] = m.number()
    else:
        made["vendor"] = m.one(m.names.vendors)
    made["full"] = m.maybe(value=True)
    made["amount"] = m.money() if made["full"] is None else None
    made["date"] = m.maybe(m.day(-60, 20))
    made["pay_from"] = m.maybe(m.account("Bank"))


def _spent(m: Meanings, _action: str, made: Made) -> None:
    made["amount"], made["account"] = m.money(), m.account("Expense")
    made["vendor"] = m.maybe(m.one(m.names.vendors))
    made["date"] = m.maybe(m.past())
    made["pay_from"] = m.maybe(m.account("Bank"))
    made["memo"] = m.maybe(m.rng.choice(_MEMOS))


def _categorized(m: Meanings, _action: str, made: Made) -> None:
    made["account"] = m.account("Expense")
    if m.maybe(value=True):
        made["expense"] = m.number()
    else:
        made["vendor"] = m.one(m.names.vendors)
        made["period"] = m.maybe(m.span())


_MAKERS: dict[str, Callable[[Meanings, str, Made], None]] = {
    **dict.fromkeys(
        (
            *("invoices.list", "payments.list", "credit_memos.list", "bills.list"),
            "expenses.list",
        ),
        _listed,
    ),
    **dict.fromkeys(
        ("customers.list", "vendors.list", "items.list", "accounts.list"), _searched
    ),
    **dict.fromkeys(
        ("customer.show", "vendor.show", "item.show", "account.show"), _shown
    ),
    **dict.fromkeys(("invoice.pdf", "invoice.void", "bill.show"), _numbered),
    **dict.fromkeys(
        ("proposal.show", "proposal.edit", "proposal.withdraw", "undo"), _proposal
    ),
    "proposals.list": _proposals,
    **dict.fromkeys(("disconnect", "connection.use"), _company),
    "invoice.show": _invoice_shown,
    **dict.fromkeys(("receivables.list", "payables.list"), _owing),
    **dict.fromkeys(("spend.total", "sales.total"), _totalled),
    **{name: _reported for name in ACTIONS if name.startswith("report.")},
    **dict.fromkeys(("customer.create", "vendor.create", "item.create"), _created),
    **dict.fromkeys(("customer.update", "vendor.update"), _updated),
    "invoice.create": _invoice,
    "invoice.update": _invoice_changed,
    "invoice.send": _sent,
    "payment.record": _paid,
    "credit_memo.create": _credited,
    "bill.create": _billed,
    "bill.pay": _bill_paid,
    "expense.create": _spent,
    "expense.categorize": _categorized,
}
