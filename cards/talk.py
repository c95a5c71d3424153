"""What Countersign says in conversation: help, questions, refusals, errors.

Plain functions of plain arguments; access.py and connections.py are the like for
who may talk and for the way to QuickBooks. `company` is None where none is
connected or meant; given, its name (and mark) stands before everything else.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cards.card import Button, Card, Section, Style, Tone
from cards.plain import banner, cut, line, listed, summary
from qbo.books import Company

Refusal = Literal["out_of_scope", "not_supported"]

READS = (
    "who owes us money",
    "overdue invoices over 1k",
    "show invoice 1042",
    "payments received this month",
    "profit and loss last quarter",
    "A/R aging",
)
WRITES = (
    "invoice Acme West for 10 hours consulting, net 30",
    "Acme West paid 500 for invoice 1042",
    "send invoice 1042",
    "add customer Birch Lane Bakery",
)
_COMMANDS = (
    ("what's waiting for approval", "the proposals that wait for people"),
    ("connection status", "which company is connected, and how well"),
    ("connect", "connect a QuickBooks company (administrators)"),
)
# Words that are no order of the book, and are typed just so all the same.
_TYPED = (
    ("show P-17", "A proposal's card once more, here."),
    ("withdraw P-17", "Give up what you have asked for."),
    ("link", "Be one person in Slack, Teams and the console."),
)
_CHOICES_MAX = 20
_ORDERS_MAX = 30
_NAMES_MAX = 6
_HEADLINE_MAX = 120
_SENTENCE_END = re.compile(r"(?<=[a-z0-9)”]{2}[.!?]) (?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Support:
    """Where people turn to: `contact` as configured, else the admins' names."""

    contact: str | None = None
    admins: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """One sentence, or an empty text when nobody is known."""
        if self.contact:
            return f"Help: {line(self.contact)}"
        names = names_listed(self.admins)
        return f"Help: ask {names}." if names else ""


def names_listed(people: tuple[str, ...], last: str = "or") -> str:
    """Some people's names in a sentence; the rest is counted."""
    shown = tuple(cut(line(name), 60) for name in people[:_NAMES_MAX])
    left = len(people) - len(shown)
    return listed((*shown, f"{left} more") if left > 0 else shown, last)


def said_button(
    text: str, label: str | None = None, style: Style = Style.PLAIN
) -> Button:
    """A button that says something in the presser's name."""
    return Button(label=label or text, verb="say", token=text, style=style)


def sentence(
    text: str, *, company: Company | None = None, tone: Tone = Tone.PLAIN
) -> Card:
    """One plain sentence, nothing else."""
    return Card(
        title=text, summary=summary(company, text), banner=banner(company), tone=tone
    )


def told(text: str, number: str = "", *, company: Company | None = None) -> Card:
    """Something that somebody is told unasked; with a way to the proposal it is of."""
    buttons = (said_button(f"show {number}", f"Show {number}"),) if number else ()
    first, rest = _headline(text)
    return Card(
        title=first,
        summary=summary(company, text),
        banner=banner(company),
        sections=(Section(texts=(rest,)),) if rest else (),
        buttons=buttons,
    )


def _headline(text: str) -> tuple[str, str]:
    """The first sentence of a long text, which stands out, and what follows it."""
    if len(text) > _HEADLINE_MAX:
        for ends in _SENTENCE_END.finditer(text):
            first = text[: ends.end()]
            # Within brackets or quotes it is the point of a name: "(Acme Inc. West)".
            if all(first.count(a) <= first.count(b) for a, b in ("()", "“”")):
                return first.rstrip(), text[ends.end() :]
    return text, ""


def greeting(
    name: str | None = None,
    *,
    company: Company | None = None,
    support: Support | None = None,
    admin: bool = False,
    examples: tuple[str, ...] = READS[:3],
) -> Card:
    """Hello, and the first things to try; without a company, how to get one."""
    hello = f"Hello {cut(line(name), 60)}." if name else "Hello."
    if company is None:
        return _unconnected(hello, admin=admin, support=support)
    text = (
        "I answer questions about the books. I can also prepare changes, which are "
        "posted to QuickBooks only after somebody else has approved them."
    )
    return Card(
        title=hello,
        summary=summary(company, f"{hello} Ask me about the books."),
        banner=banner(company),
        sections=(Section(texts=(text,)),),
        buttons=(*map(said_button, examples), said_button("help", "Help")),
        footnotes=support_lines(support),
    )


def guide(
    *,
    company: Company | None = None,
    support: Support | None = None,
    admin: bool = False,
    reads: tuple[str, ...] = READS,
    writes: tuple[str, ...] = WRITES,
    orders: tuple[tuple[str, str], ...] = (),
) -> Card:
    """The help: what can be asked, each question also a button.

    `orders` are the fixed words, each with what it does. Without `writes` nothing
    can be changed here, or not by this person.
    """
    commands = _COMMANDS if admin else _COMMANDS[:2]
    sections: tuple[Section, ...] = (
        Section(
            heading="Ask about the books",
            texts=tuple(f"“{example}”" for example in reads),
        ),
        *((_changing(writes),) if writes else ()),
        Section(
            heading="And",
            texts=tuple(f"“{words}”: {meaning}" for words, meaning in commands),
        ),
        *((_ordered((*_TYPED, *orders)),) if orders else ()),
    )
    buttons = (
        *map(said_button, reads),
        *(said_button(words) for words, _ in commands),
    )
    return Card(
        title="What I can do",
        summary=summary(company, "What I can do, with examples."),
        banner=banner(company),
        sections=sections,
        buttons=buttons,
        footnotes=(
            "I do not pay, transfer money, run payroll or give tax advice.",
            *support_lines(support),
        ),
    )


def _changing(writes: tuple[str, ...]) -> Section:
    """The changes that may be asked for; no buttons, they are to be said."""
    return Section(
        heading="Change the books",
        texts=(
            *(f"“{example}”" for example in writes),
            (
                "Each change becomes a proposal. It is posted to QuickBooks "
                "only after somebody other than you has approved it."
            ),
        ),
    )


def _ordered(orders: Sequence[tuple[str, str]]) -> Section:
    """The fixed words, which are typed just so."""
    shown = tuple(f"“{words}”: {meaning}" for words, meaning in orders[:_ORDERS_MAX])
    left = len(orders) - len(shown)
    more = (f"… and {left} more, in the documentation.",) if left > 0 else ()
    return Section(heading="Fixed words", texts=(*shown, *more))


def question(
    text: str,
    choices: tuple[str, ...] = (),
    *,
    company: Company | None = None,
    is_write: bool = False,
    labels: Mapping[str, str] | None = None,
) -> Card:
    """Something has to be asked first; each choice is a button that says it.

    `labels` are sentences for choices that are codes (action names): the button
    shows and says the sentence.
    """
    said = labels or {}
    shown = choices[:_CHOICES_MAX]
    left = len(choices) - len(shown)
    texts = (f"… and {left} more; type the name.",) if left else ()
    return Card(
        title=text,
        summary=summary(company, text),
        banner=banner(company),
        # A title that asks needs no badge to say so.
        status=None if line(text).endswith("?") else "Question",
        sections=(Section(texts=texts),) if texts else (),
        buttons=tuple(said_button(said.get(choice, choice)) for choice in shown),
        footnotes=("Nothing has been changed.",) if is_write else (),
    )


def not_understood(
    readings: tuple[str, ...], *, company: Company | None = None
) -> Card:
    """Nothing was made of what was said; the nearest readings as buttons.

    A reading that would change the books becomes a proposal, like any other.
    """
    text = "I am not sure what you mean. Is it one of these?"
    return Card(
        title=text,
        summary=summary(company, text),
        banner=banner(company),
        buttons=(
            *map(said_button, readings),
            said_button("help", "What can you do?"),
        ),
        footnotes=("Nothing has been changed.",),
    )


def orders_like(orders: Sequence[tuple[str, str]]) -> Card:
    """The fixed words that begin as what was said does; it was none of them."""
    text = "I know these words, and not what was said. Nothing has been changed."
    return Card(title=text, summary=text, sections=(_ordered(orders),))


def refusal(
    reason: Refusal,
    *,
    company: Company | None = None,
    support: Support | None = None,
    where: str = "",
) -> Card:
    """What was asked is not ours to do; says what is, and `where` it is done."""
    if reason == "not_supported":
        text = "That is not done from here. (Nothing has been changed.)"
        instead = (
            "I can look up customers, invoices, payments, bills, expenses and reports, "
            "and propose invoices, credits, payments, bills, expenses, customers, "
            "vendors and items for approval."
        )
    else:
        text = "That is outside what I do: I only know the company's books."
        instead = "Ask me about customers, invoices, payments, bills or reports."
    return Card(
        title=text,
        summary=summary(company, text),
        banner=banner(company),
        tone=Tone.MUTED,
        sections=(Section(texts=(*((where,) if where else ()), instead)),),
        buttons=(said_button(READS[0]), said_button("help", "What can you do?")),
        footnotes=support_lines(support),
    )


def problem(
    text: str,
    *,
    company: Company | None = None,
    reference: str | None = None,
    support: Support | None = None,
) -> Card:
    """Something went wrong: one sentence, and under it whom to tell which number."""
    notes = ((f"Reference {reference}.",) if reference else ()) + (
        support_lines(support) if reference else ()
    )
    return Card(
        title=text,
        summary=summary(company, text),
        banner=banner(company),
        tone=Tone.BAD,
        footnotes=notes,
    )


def fault(
    reference: str,
    *,
    support: Support,
    company: Company | None = None,
    nothing_posted: bool = False,
) -> Card:
    """A fault of our own. `nothing_posted` only where that is certain."""
    certain = "; nothing was posted" if nothing_posted else ""
    return problem(
        f"That is a fault in me, not in your books{certain}.",
        company=company,
        reference=reference,
        support=support,
    )


# Where the card of a proposal says it otherwise than its status is called.
_OVER = {
    "applying": "being posted",
    "applied": "posted",
    "stale": "out of date",
    "unconfirmed": "sent to QuickBooks",
}


def too_late(number: str, status: str) -> str:
    """Why a proposal is not changed any more, in the words of its card."""
    return f"{number} is already {_OVER.get(status, status)}, so I cannot change it."


def too_late_to_correct(
    number: str, status: str, token: str, *, company: Company | None = None
) -> Card:
    """A correction of a proposal that no longer waits: a second one instead?

    `token` is the opaque text of the button for just this one.
    """
    text = too_late(number, status)
    return Card(
        title=text,
        summary=summary(company, text),
        banner=banner(company),
        status="Question",
        sections=(
            Section(
                texts=(
                    "Do you want a second one, as you said it now?",
                    "Or say what to change about the record itself.",
                )
            ),
        ),
        buttons=(
            Button("Propose a second one", "second", token, Style.PRIMARY),
            said_button(f"show {number}", f"Show {number}"),
        ),
        footnotes=("Nothing has been changed.",),
    )


def late(words: str, *, company: Company | None = None) -> Card:
    """An apology for a question that was found again too late to be answered."""
    text = "Sorry, I was interrupted and did not answer you in time."
    asked = cut(line(words), 300)
    return Card(
        title=text,
        summary=summary(company, text),
        banner=banner(company),
        tone=Tone.WARNING,
        sections=(
            Section(
                texts=(f"You asked: “{asked}”", "Nothing has been done. Ask again?")
            ),
        ),
        buttons=(said_button(cut(words, 2000), "Ask again"),),
    )


def _unconnected(opening: str, *, admin: bool, support: Support | None) -> Card:
    text = (
        f"{opening} No QuickBooks company is connected yet."
        if opening
        else "No QuickBooks company is connected yet."
    )
    todo = "Connect one to begin." if admin else "An administrator has to connect one."
    return Card(
        title=text,
        summary=text,
        tone=Tone.WARNING,
        sections=(Section(texts=(todo,)),),
        buttons=(Button("Connect QuickBooks", "connect", style=Style.PRIMARY),)
        if admin
        else (),
        footnotes=support_lines(support),
    )


def unconnected(*, admin: bool, support: Support | None = None) -> Card:
    """No company is connected; an admin gets the button."""
    return _unconnected("", admin=admin, support=support)


def support_lines(support: Support | None) -> tuple[str, ...]:
    """The footnote that says where help is."""
    return (support.sentence,) if support and support.sentence else ()
