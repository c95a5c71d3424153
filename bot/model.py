"""A language model as a second reader: asked where the grammar was not sure.

What it says is held against the person's own words (`understanding/proof.py`) and
taken over only as far as these bear it out. Whatever goes wrong, from the network to
the budget, the grammar's answer or question stands, and nobody waits longer than a
few seconds for it.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.proposal import Person
from bot import model_protocol
from bot.model_calls import ANSWER_TOKENS_MAX, Answered, Calls, NoAnswer, Why
from bot.model_rows import ModelRows
from bot.model_settings import Allowed
from bot.understanding.confidence import Sure, confidence
from bot.understanding.interpretation import Interpretation
from bot.understanding.proof import proven
from bot.understanding.questions import ask_action
from bot.understanding.shortlist import Shortlist, shortlist
from bot.understanding.sureness import is_sure, may_change
from qbo.books import Names

log = logging.getLogger(__name__)

SECONDS = 6.0
OFF = "off"
# What is taken off a confidence (of 100) where a model helped to read.
HELPED_BY = 10
_HELPED = "Read with the help of a language model: {title}."
_HELPED_START = _HELPED.partition("{")[0]
# After so many failures in a row it is left alone for a while.
_FAILURES_MAX = 3
_REST = timedelta(minutes=1)
# Fewer letters than this make one token, in any language that people write here.
_LETTERS_A_TOKEN = 2
_OVERHEAD = 4_000
_TRY = "who owes us money"

_SAYINGS: Mapping[Why, str] = {
    Why.LATE: "did not answer in time.",
    Why.LIMITED: "refuses more requests for now: its limit, or yours, is reached.",
    Why.REFUSED: "refused the request: is the key good, and the model's name right?",
    Why.UNREACHED: "cannot be reached.",
    Why.FAILED: "has a fault of its own just now.",
    Why.MALFORMED: "answers, but not in the form asked for: this model does not do.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand for one person: what could be asked, and what is."""

    allowed: tuple[Allowed, ...]
    choice: str | None
    used: Allowed | None
    tokens: int
    budget: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message, and what the grammar made of it.

    `last` is the question that it may answer, `least` the confidence (0 to 100)
    below which a write is not proposed; `said` gives, for a meaning, the words with
    those of the request that it completes.
    """

    words: str
    meant: Interpretation
    names: Names
    today: date
    last: Interpretation | None
    least: int
    said: Callable[[Interpretation], str]

    def confidence(self, meant: Interpretation) -> tuple[int, tuple[str, ...]]:
        """How surely the words mean that."""
        return confidence(self.said(meant), meant, self.names, self.today)

    @property
    def is_sure(self) -> bool:
        """Whether the grammar was sure."""
        whole = self.meant.kind in {"read", "write"}
        words = self.said(self.meant) if whole else self.words
        return is_sure(self.meant, words, self.names, self.today, self.least)


class ModelReader:
    """Asks a model, where one is allowed, and says how a message is to be read."""

    def __init__(
        self,
        engine: AsyncEngine,
        allowed: tuple[Allowed, ...],
        budget: int,
        now: Callable[[], datetime],
        calls: Calls | None = None,
    ) -> None:
        self._allowed = allowed
        self._budget = budget
        self._now = now
        self._calls = calls or Calls(allowed, SECONDS)
        self._failures: dict[str, int] = {}
        self._rests_until: dict[str, datetime] = {}
        self.rows = ModelRows(engine, now)
        self.asked = Counter(
            "countersign_model_asked",
            "Messages for which a language model was asked, by how that ended",
            ["provider", "outcome"],
            registry=None,
        )
        self.tokens = Counter(
            "countersign_model_tokens",
            "Tokens that language models say they have used",
            ["provider"],
            registry=None,
        )

    @property
    def is_on(self) -> bool:
        """Whether the operator allows any model."""
        return bool(self._allowed)

    async def prepare(self) -> None:
        """Load what is needed, before anybody waits for it."""
        if self._allowed:
            await self._calls.prepare()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._calls.close()

    # --- reading a message ----------------------------------------------------------

    async def read(
        self, person: Person, message: Message
    ) -> tuple[Interpretation, Sure]:
        """How a message is to be read, and how surely where it is a write.

        The grammar's own reading, unless it was not sure and a model's can be shown.
        """
        ours = _carried(message)
        if not self._allowed or message.is_sure:
            return ours
        chosen = await self._chosen(person)
        if chosen is None:
            return ours
        told = shortlist(message.words, message.names, message.today, message.last)
        question = model_protocol.question(message.words, message.today, told)
        try:
            answered = await self._ask(chosen, question, person.workspace)
        except NoAnswer as why:
            self._count(chosen, why.why.value)
            return ours
        if answered is None:
            self._count(chosen, "budget")
            return ours
        theirs = self._shown(message, answered, told)
        taken = _better(message, theirs)
        self._count(chosen, _outcome(theirs, taken))
        if taken is None:
            return ours
        return _marked(taken, message, _HELPED.format(title=chosen.title))

    def _shown(
        self, message: Message, answered: Answered, told: Shortlist
    ) -> Interpretation | None:
        offered = answered.reading.interpretation()
        if offered is None:
            return None
        try:
            return proven(
                offered,
                message.words,
                message.names,
                message.today,
                told,
                message.last,
            )
        except (ArithmeticError, LookupError, TypeError, ValueError):
            # What it said is no help; the message is answered all the same.
            log.warning("a model's answer could not be looked at", exc_info=True)
            return None

    async def _chosen(self, person: Person) -> Allowed | None:
        """The model to ask for that person now, if any."""
        if not self._allowed:
            return None
        try:
            chosen = _of(self._allowed, await self.rows.choice(person.id))
        except SQLAlchemyError:
            return None
        if chosen is None:
            return None
        rests = self._rests_until.get(chosen.provider)
        if rests is not None and self._now() < rests:
            self._count(chosen, "resting")
            return None
        return chosen

    async def _ask(
        self, chosen: Allowed, question: str, workspace: str
    ) -> Answered | None:
        """An answer, within the budget; None: that is used up.

        Raises:
            NoAnswer: there is none, or none that can be used.
        """
        month = self.rows.month()
        aside = len(question) // _LETTERS_A_TOKEN + _OVERHEAD + ANSWER_TOKENS_MAX
        if not await self.rows.put_aside(month, aside, self._budget, workspace):
            return None
        used = aside
        try:
            answered = await self._calls.ask(chosen.provider, question)
            used = answered.tokens or aside
        except NoAnswer as why:
            used = (why.tokens or aside) if why.is_billed else 0
            self._failed(chosen, why.why)
            raise
        finally:
            if used:
                self.tokens.labels(chosen.provider).inc(used)
            await self.rows.settle(month, aside, used)
        self._failures.pop(chosen.provider, None)
        return answered

    def _failed(self, chosen: Allowed, why: Why) -> None:
        log.warning(
            "a language model was of no help",
            extra={"provider": chosen.provider, "why": why.value},
        )
        if why is Why.MALFORMED:
            return
        failures = self._failures.get(chosen.provider, 0) + 1
        self._failures[chosen.provider] = failures
        if failures >= _FAILURES_MAX:
            self._rests_until[chosen.provider] = self._now() + _REST
            self._failures[chosen.provider] = _FAILURES_MAX - 1

    def _count(self, chosen: Allowed, outcome: str) -> None:
        self.asked.labels(chosen.provider, outcome).inc()

    # --- for people and operators ---------------------------------------------------

    async def standing(self, person: Person) -> Standing:
        """How things stand for a person."""
        choice = await self.rows.choice(person.id)
        tokens = await self.rows.used(self.rows.month())
        used = _of(self._allowed, choice)
        return Standing(self._allowed, choice, used, tokens, self._budget)

    async def try_out(self, workspace: str) -> list[tuple[Allowed, bool, str]]:
        """Ask each model one fixed question: whether it answers, and a sentence."""
        found = []
        question = model_protocol.question(_TRY, self._now().date(), Shortlist())
        for each in self._allowed:
            began = time.monotonic()
            try:
                answered = await self._ask(each, question, workspace)
            except NoAnswer as why:
                found.append((each, False, _SAYINGS[why.why]))
                continue
            seconds = time.monotonic() - began
            if answered is None:
                found.append((each, False, "this month's budget of tokens is used up."))
            else:
                said = f"answers, after {seconds:.1f} s with {answered.tokens} tokens."
                found.append((each, True, said))
        return found


def _of(allowed: tuple[Allowed, ...], choice: str | None) -> Allowed | None:
    """The model that a choice means; without one, or with one gone, the first."""
    if choice == OFF or not allowed:
        return None
    return next((each for each in allowed if each.provider == choice), allowed[0])


def _carried(message: Message) -> tuple[Interpretation, Sure]:
    """The grammar's own reading; where a model read the question before, with that."""
    meant, last = message.meant, message.last
    for each in last.assumptions if last and _is_answer(meant, last) else ():
        if each.startswith(_HELPED_START):
            return _marked(meant, message, each)
    return meant, (message.confidence(meant) if meant.kind == "write" else (None, ()))


def _is_answer(meant: Interpretation, last: Interpretation) -> bool:
    """Whether a meaning goes on with what a question was asked about."""
    asked = last.question
    if asked is None or meant.action is None:
        return False
    if last.action is None and meant.action not in asked.choices:
        return False
    return last.action in {None, meant.action} and all(
        meant.arguments.get(key) == value for key, value in last.arguments.items()
    )


def _marked(
    meant: Interpretation, message: Message, helped: str
) -> tuple[Interpretation, Sure]:
    """The same, with it said that a model helped to read it."""
    if meant.kind == "write":
        score, doubts = message.confidence(meant)
        return meant, (max(0, score - HELPED_BY), (helped, *doubts))
    if helped in meant.assumptions:
        return meant, (None, ())
    return replace(meant, assumptions=(*meant.assumptions, helped)), (None, ())


def _better(message: Message, theirs: Interpretation | None) -> Interpretation | None:
    """What a model read, where it is to go before what the grammar made of it."""
    ours = message.meant
    if theirs is None or replace(theirs, assumptions=ours.assumptions) == ours:
        return None
    match ours.kind:
        case "write":
            return theirs if _is_surer(message, theirs) else None
        case "read" if may_change(theirs):
            return ask_action((theirs.action or "", ours.action or ""))
        case "clarify" if ours.action is not None:
            # The grammar knew what it is about; a model may know the rest of it.
            fits = theirs.action == ours.action and theirs.kind != "clarify"
            return theirs if fits else None
        case _:
            return theirs


def _is_surer(message: Message, theirs: Interpretation) -> bool:
    if theirs.kind != "write":
        return False
    before, after = message.confidence(message.meant), message.confidence(theirs)
    return after[0] - HELPED_BY > before[0]


def _outcome(theirs: Interpretation | None, taken: Interpretation | None) -> str:
    if theirs is None:
        return "turned away"
    if taken is None:
        return "no better"
    return "asked back" if taken.kind == "clarify" else taken.kind
