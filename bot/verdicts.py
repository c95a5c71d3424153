"""What a policy would ask of whom, for words that are only tried.

Nothing is proposed and nothing is written. With a connected company the change is
drafted from its books; where that cannot be, from the words and the names alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from approvals import moves
from approvals.desk import Desk
from approvals.policy import Policy
from approvals.proposal import Person, Role
from approvals.stops import is_readonly
from bot.backstage import without_company
from bot.people import People
from bot.understanding import samples
from bot.understanding.conversation import Context, interpret
from bot.understanding.interpretation import ACTIONS, Interpretation
from cards.card import Card
from cards.policy import Change, Trial, replayed, verdict
from qbo import asks
from qbo.books import (
    Circumstances,
    Company,
    Draft,
    Line,
    Money,
    Names,
    Step,
    Verb,
)
from qbo.faults import BooksFault
from qbo.ledger import Ledger

NOBODY = "P-0"  # the number of what is never proposed
_ENTITIES = {
    "customer": "Customer",
    "vendor": "Vendor",
    "item": "Item",
    "bill": "Bill",
    "expense": "Purchase",
    "payment": "Payment",
    "credit_memo": "CreditMemo",
}
_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*(k)?\b", re.IGNORECASE)


class Unclear(Exception):
    """The words are no change of the books. `sentence` says what to say instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Trying:
    """Who tries what, and in which company (None: the sample company)."""

    words: str
    requester: Person
    today: date
    company: Company | None = None
    sample: str = samples.DEFAULT


def somebody(email: str | None) -> Person:
    """A person of the staff whom we do not know."""
    name = f"{email}, whom nobody here knows yet" if email else "somebody of the staff"
    return Person("", "", name, frozenset({Role.STAFF}), email)


async def tried(policy: Policy, trying: Trying, ledger: Ledger | None) -> Card:
    """What a policy would ask for these words, as a card.

    Raises:
        Unclear: they are no change of the books.
    """
    trial = await _trial(trying, ledger)
    trial = replace(trial, is_readonly=is_readonly(policy.readonly, trial.company))
    explained = policy.explain(
        trial.draft, trial.circumstances, trying.requester, trial.company
    )
    return verdict(trial, explained)


async def _trial(trying: Trying, ledger: Ledger | None) -> Trial:
    company, why = trying.company, ""
    if company is not None and ledger is not None:
        try:
            names = await ledger.names(company.id)
            meant = _meant(trying, names)
            if meant.kind == "write" and meant.action in asks.CHANGES:
                return await _drafted(trying, company, meant, ledger)
        except BooksFault as fault:
            why = f"{fault.sentence} So only the words count here, not the books."
        else:
            return _sketched(
                trying,
                company,
                meant,
                f"From the words and the names of {company.name}; nothing was written.",
            )
    if company is None:
        company = samples.about(trying.sample)
    meant = _meant(trying, samples.names(trying.sample))
    source = (
        f"From the words and the names of the sample company"
        f" {samples.about(trying.sample).name}; nothing was written."
    )
    trial = _sketched(trying, company, meant, source)
    return replace(trial, notes=(*trial.notes, why)) if why else trial


def _meant(trying: Trying, names: Names) -> Interpretation:
    meant = interpret(trying.words, names, trying.today, Context())
    action = meant.action
    if action is None or action not in ACTIONS or ACTIONS[action].kind != "write":
        raise Unclear(
            "That is no change of the books, so no rule is for it. Try words such as"
            " “invoice Acme West for 10 hours consulting”."
        )
    return meant


async def _drafted(
    trying: Trying, company: Company, meant: Interpretation, ledger: Ledger
) -> Trial:
    """The change as it would be proposed, from the books as they are."""
    change = asks.change(meant.action or "", without_company(meant.arguments))
    draft, around = await ledger.draft(
        company.id, change, ref=NOBODY, today=trying.today, is_trial=True
    )
    return Trial(
        trying.words,
        draft,
        around,
        company,
        trying.requester.name,
        f"Drafted from the books of {company.name}; nothing was written.",
        meant.assumptions,
    )


# --- from the words alone ---------------------------------------------------------


def _sketched(
    trying: Trying, company: Company, meant: Interpretation, source: str
) -> Trial:
    """The change as far as the words say it: not fit to be posted."""
    arguments = meant.arguments
    notes = list(meant.assumptions)
    if meant.question is not None:
        notes.append(f"Asked for real, I would ask back: {meant.question.text}")
    total = _total(arguments, samples.prices(trying.sample))
    if total is None and meant.kind == "clarify":
        total = _last_number(trying.words)
        if total is not None:
            notes.append(f"Here {total:,.2f} is taken for the total.")
    amount = None if total is None else Money(total, company.currency)
    action = meant.action or ""
    lines = _lines(arguments, company.currency)
    party = arguments.get("customer") or arguments.get("vendor") or ""
    draft = Draft(
        action=action,
        environment=company.environment,
        realm=company.realm,
        ref=NOBODY,
        today=trying.today,
        heading=" ".join(
            part for part in (_word(action), str(party), str(amount or "")) if part
        ),
        steps=(_step(action),),
        digest="",
        lines=lines,
        total=amount,
        home_total=amount,
    )
    return Trial(
        trying.words,
        draft,
        _circumstances(action, arguments),
        company,
        trying.requester.name,
        source,
        tuple(notes),
    )


def _word(action: str) -> str:
    kind, _, verb = action.partition(".")
    return f"{verb.capitalize()} {kind.replace('_', ' ')}"


def _step(action: str) -> Step:
    entity = _ENTITIES.get(action.partition(".")[0], "Invoice")
    return Step(Verb.CREATE, entity, "POST", "", (), "", b"", "", "")


def _circumstances(action: str, arguments: Mapping[str, Any]) -> Circumstances:
    kind = action.partition(".")[0]
    said = _lines_of(arguments)

    def some(*names: Any) -> tuple[str, ...]:
        return tuple(str(name) for name in names if name)

    customer = arguments.get("customer") or (
        kind == "customer" and arguments.get("name")
    )
    vendor = arguments.get("vendor") or (kind == "vendor" and arguments.get("name"))
    return Circumstances(
        party=str(customer or vendor) if customer or vendor else None,
        customers=some(customer),
        vendors=some(vendor),
        accounts=some(
            arguments.get("account"),
            arguments.get("deposit_to"),
            arguments.get("pay_from"),
            *(each.get("account") for each in said),
        ),
        items=some(arguments.get("item"), *(each.get("item") for each in said)),
    )


def _lines_of(arguments: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found = arguments.get("lines") or ()
    return [each for each in found if isinstance(each, dict)]


def _lines(arguments: Mapping[str, Any], currency: str) -> tuple[Line, ...]:
    return tuple(
        Line(
            Money(_decimal(each.get("amount")) or Decimal(0), currency),
            item=each.get("item"),
            account=each.get("account"),
        )
        for each in _lines_of(arguments)
    )


def _total(
    arguments: Mapping[str, Any], prices: Mapping[str, Decimal]
) -> Decimal | None:
    if (amount := _decimal(arguments.get("amount"))) is not None:
        return amount
    lines = _lines_of(arguments)
    amounts = [_amount(each, prices) for each in lines]
    if not amounts or None in amounts:
        return None
    return sum((each for each in amounts if each is not None), Decimal(0))


def _amount(said: Mapping[str, Any], prices: Mapping[str, Decimal]) -> Decimal | None:
    if (amount := _decimal(said.get("amount"))) is not None:
        return amount
    rate = _decimal(said.get("rate")) or prices.get(str(said.get("item")))
    quantity = _decimal(said.get("quantity")) or Decimal(1)
    return None if rate is None else quantity * rate


def _decimal(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def _last_number(words: str) -> Decimal | None:
    found = list(_NUMBER.finditer(words))
    if not found:
        return None
    last = found[-1]
    value = Decimal(last[1].replace(",", "") + (last[2] or ""))
    return value * 1000 if last[3] else value


# --- the past ---------------------------------------------------------------------


async def replay(
    policy: Policy,
    desk: Desk,
    people: People,
    *,
    workspace: str,
    now: datetime,
    days: int,
) -> Card:
    """Under which rule each proposal of the last days would be now, as a card."""
    changes = []
    known: dict[str, Person | None] = {}
    for proposal in await desk.since(workspace, now - timedelta(days=days)):
        asked = sorted(moves.asking(proposal))
        for each in asked:
            if each not in known:
                known[each] = await people.person(each)
        askers = [person for each in asked if (person := known[each])]
        rule = policy.rule(
            proposal.draft,
            proposal.circumstances,
            askers if len(askers) == len(asked) else None,
            proposal.company,
            proposal.confidence,
        )
        changes.append(Change(proposal, rule))
    return replayed(changes, days)
