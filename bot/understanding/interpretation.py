"""What a message means: the public contract of understanding.

Whatever understands (the grammar here, or a language model) makes one
`Interpretation` of a message, and everything after it reads nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.understanding.days import Span

KINDS = ("read", "write", "command", "clarify", "refuse")
REASONS = ("out_of_scope", "not_supported")


@dataclass(frozen=True, slots=True)
class Question:
    """What a clarify asks. `about` is an argument's name, or "action".

    `choices` are likely values, best first; about an action they are action
    names. Empty where no value is likelier than another. `said` is a name as typed
    that fits nothing; it is no part of the contract's object. `within` are the days
    that were named where one day was meant: "last month". `then` are the arguments
    that are doubtful as well, to be asked about next.
    """

    about: str
    text: str
    choices: tuple[str, ...] = ()
    said: str = field(default="", compare=False)
    within: Span | None = None
    then: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interpretation:
    """The one meaning of one message.

    `action` is None for a refusal, and for a clarify where even the action is
    open. `arguments` holds canonical JSON values only: exact names of the books,
    ISO dates, money and quantities as decimal strings. `corrects` says that this
    is the whole of the write before it, changed. `whose` are the customers (of a
    bill: the vendors) of whom one was named beside the number of a document: it has
    to be that one's.
    """

    kind: str
    action: str | None
    arguments: dict[str, Any]
    assumptions: tuple[str, ...] = ()
    question: Question | None = None
    reason: str | None = None
    corrects: bool = False
    whose: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The contract's object; what is beside it only where it says something."""
        asked = self.question
        made: dict[str, Any] = {
            "kind": self.kind,
            "action": self.action,
            "arguments": self.arguments,
            "assumptions": list(self.assumptions),
            "question": asked
            and {
                "about": asked.about,
                "text": asked.text,
                "choices": list(asked.choices),
                **({"within": asked.within.as_json()} if asked.within else {}),
                **({"then": list(asked.then)} if asked.then else {}),
            },
            "reason": self.reason,
        }
        if self.corrects:
            made["corrects"] = True
        if self.whose:
            made["whose"] = list(self.whose)
        return made

    @staticmethod
    def from_json(obj: Mapping[str, Any]) -> "Interpretation":
        """The interpretation that `as_json` wrote.

        Raises:
            KeyError: a field of the contract is absent.
        """
        asked = obj["question"]
        return Interpretation(
            kind=obj["kind"],
            action=obj["action"],
            arguments=dict(obj["arguments"]),
            assumptions=tuple(obj["assumptions"]),
            question=asked
            and Question(
                asked["about"],
                asked["text"],
                tuple(asked["choices"]),
                within=Span.from_json(asked.get("within")),
                then=tuple(asked.get("then", ())),
            ),
            reason=obj["reason"],
            corrects=bool(obj.get("corrects", False)),
            whose=tuple(obj.get("whose", ())),
        )


@dataclass(frozen=True, slots=True)
class Shape:
    """The arguments of one action, in the contract's order.

    `needs` are the starred ones; a tuple of names inside it means that any one
    of them will do.
    """

    kind: str
    takes: tuple[str, ...]
    needs: tuple[str | tuple[str, ...], ...] = ()

    def missing(self, arguments: Mapping[str, Any]) -> str | tuple[str, ...] | None:
        """The first starred argument that is not there."""
        for need in self.needs:
            options = (need,) if isinstance(need, str) else need
            if not any(option in arguments for option in options):
                return need
        return None


def _read(takes: str, needs: tuple[str | tuple[str, ...], ...] = ()) -> Shape:
    return Shape("read", tuple(takes.split()), needs)


def _write(takes: str, *needs: str | tuple[str, ...]) -> Shape:
    return Shape("write", tuple(takes.split()), needs)


def _command(takes: str = "", *needs: str) -> Shape:
    return Shape("command", tuple(takes.split()), needs)


ACTIONS: dict[str, Shape] = {
    "customers.list": _read("search with_balance"),
    "customer.show": _read("customer", ("customer",)),
    "receivables.list": _read("customer overdue min_days_overdue limit"),
    "invoices.list": _read(
        "status customer period due min_amount max_amount sort limit"
    ),
    "invoice.show": _read("invoice customer which", (("invoice", "customer"),)),
    "invoice.pdf": _read("invoice", ("invoice",)),
    "payments.list": _read("customer period invoice sort limit"),
    "credit_memos.list": _read("customer period sort limit"),
    "bill.show": _read("bill", ("bill",)),
    "vendors.list": _read("search"),
    "vendor.show": _read("vendor", ("vendor",)),
    "bills.list": _read("status vendor period due min_amount max_amount sort limit"),
    "payables.list": _read("vendor overdue limit"),
    "expenses.list": _read("vendor account period min_amount max_amount sort limit"),
    "spend.total": _read("vendor account group_by period compare_to limit"),
    "sales.total": _read("customer item group_by period compare_to limit"),
    "items.list": _read("search type"),
    "item.show": _read("item", ("item",)),
    "accounts.list": _read("type search"),
    "account.show": _read("account", ("account",)),
    "report.profit_and_loss": _read("period compare_to by basis"),
    "report.balance_sheet": _read("as_of compare_to basis"),
    "report.ar_aging": _read("as_of customer detail"),
    "report.ap_aging": _read("as_of vendor detail"),
    "report.cash_flow": _read("period"),
    "company.show": _read(""),
    "proposals.list": _read("state mine"),
    "proposal.show": _read("proposal", ("proposal",)),
    "customer.create": _write("name email phone terms address", "name"),
    "customer.update": _write("customer changes", "customer", "changes"),
    "invoice.create": _write(
        "customer lines date due_date terms memo send", "customer", "lines"
    ),
    "invoice.update": _write("invoice changes", "invoice", "changes"),
    "invoice.send": _write(
        "invoice status customer email", ("invoice", "status", "customer")
    ),
    "invoice.void": _write("invoice", "invoice"),
    "payment.record": _write(
        "customer amount full date method reference invoices deposit_to",
        ("customer", "invoices"),
        ("amount", "full"),
    ),
    "credit_memo.create": _write(
        "customer lines amount memo invoice", "customer", ("lines", "amount")
    ),
    "vendor.create": _write("name email phone terms", "name"),
    "vendor.update": _write("vendor changes", "vendor", "changes"),
    "bill.create": _write(
        "vendor lines date due_date terms reference memo", "vendor", "lines"
    ),
    "bill.pay": _write(
        "bill vendor amount full date pay_from", ("bill", "vendor"), ("amount", "full")
    ),
    "expense.create": _write(
        "amount account vendor date pay_from memo", "amount", "account"
    ),
    "expense.categorize": _write(
        "account expense vendor period", "account", ("expense", "vendor", "period")
    ),
    "item.create": _write("name type price income_account", "name"),
    "help": _command(),
    "connect": _command(),
    "disconnect": _command("company"),
    "connection.status": _command(),
    "connection.test": _command(),
    "connection.use": _command("company", "company"),
    "sync.now": _command(),
    "undo": _command("proposal"),
    "proposal.withdraw": _command("proposal"),
    "proposal.edit": _command("proposal changes"),
}


def refuse(reason: str) -> Interpretation:
    """A refusal, for one of the contract's two reasons."""
    return Interpretation("refuse", None, {}, reason=reason)
