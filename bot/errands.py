"""What is done for a person who said something.

Reads go to the ledger, writes become proposals at the desk, commands are about
the connection. An errand returns the card that answers, or None where its
answer was sent already; every "no" is raised.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from approvals.proposal import Denied, Proposal, Role, Status, WantedNotice
from bot import answering, corrected, editing, helping, new_names, stops, undoing, waits
from bot.backstage import Asked, Backstage, without_company
from bot.chatlog import Talk
from bot.connections import Connections
from bot.model import Message, ModelReader
from bot.orders import (
    auditing,
    batches,
    deputies,
    modelling,
    policing,
    stopping,
    uploading,
)
from bot.orders.book import Orders
from bot.people import LINK_CODE_MINUTES, Unlinkable
from bot.platform import Reply, Sender
from bot.shown import Step
from bot.understanding import elsewhere, nearest
from bot.understanding.confidence import (
    Sure,
    confidence,
    confirmed,
    reading_of,
    together,
)
from bot.understanding.conversation import Context, followed, interpret, is_lost
from bot.understanding.currencies import is_named
from bot.understanding.interpretation import Interpretation, Question
from bot.understanding.masking import masked
from bot.understanding.sayings import SAYINGS
from cards import access, connections, proposals, revision, talk
from cards.card import Card
from cards.plain import listed
from qbo import asks, styles
from qbo.books import (
    Answer,
    Bill,
    Circumstances,
    Company,
    CustomerShow,
    Document,
    Draft,
    Invoice,
    Listing,
    Names,
)
from qbo.connection import Connected, State
from qbo.faults import Alike, Ambiguous, BooksFault, Disconnected, NotFound, Refused

# Slack's way to say it; people say it elsewhere too, and in a hurry.
_SLASH = re.compile(r"^\s*/(?:countersign\b\s*|(?=connect\b))", re.IGNORECASE)
_LINK = re.compile(r"\s*link(?:\s+([A-Za-z0-9-]{8,20}))?\s*", re.IGNORECASE)
_CONSOLE = re.compile(r"\s*console\s*", re.IGNORECASE)
_LISTED: Mapping[str, frozenset[Status]] = {
    **{status.value: frozenset({status}) for status in Status},
    "approved": frozenset({Status.APPROVED, Status.APPLYING}),
}
_NOT_ENDED = frozenset(
    {
        Status.PENDING,
        Status.APPROVED,
        Status.APPLYING,
        Status.UNCONFIRMED,
        Status.STALE,
    }
)
_AUDITOR = (
    "An auditor reads everything and changes nothing, so nothing has been done."
    " Somebody with another role can ask for it."
)
_AUDITORS_MAY = frozenset({"help", "connection.status", "connection.use"})
# Of a long talk about one proposal the end is quoted.
WORDS_MAX = 1000
_Done = tuple[Card | None, tuple[tuple[str, str], ...]]


class Errands:
    """Does what was asked in words, for a person we know."""

    def __init__(
        self, backstage: Backstage, companies: Connections, reader: ModelReader
    ) -> None:
        self._back = backstage
        self._companies = companies
        self._reader = reader
        self._orders = Orders(
            (
                *stopping.orders(backstage),
                *auditing.orders(backstage),
                *policing.orders(backstage),
                *deputies.orders(backstage),
                *batches.orders(backstage),
                *uploading.orders(backstage),
                *undoing.orders(backstage),
                *modelling.orders(reader),
            )
        )

    async def hear(self, asked: Asked) -> Card | None:
        """Do what a message says; the card that answers it.

        Raises:
            BooksFault: the books stand in the way.
            Denied: the desk says no.
        """
        asked = replace(asked, words=_SLASH.sub("", asked.words, count=1) or "help")
        if _LINK.fullmatch(asked.words):
            await self._link_code(asked)
            return None
        if _CONSOLE.fullmatch(asked.words):
            await self._console_link(asked)
            return None
        if found := self._orders.find(asked.words):
            order, matched = found
            return await order.do(asked, matched)
        if await self._was_done(asked):
            return None
        turn = await self._turn(asked)
        names = await self._names(turn)
        meant = interpret(asked.words, names, asked.today, turn.context)
        message = Message(
            asked.words,
            meant,
            names,
            asked.today,
            turn.context.last,
            self._back.desk.asks_again_below,
            lambda each: _said(turn, each),
        )
        meant, turn.sure = await self._reader.read(asked.person, message)
        if is_lost(asked.words, names, asked.today, meant):
            if kin := self._orders.kin(asked.words, asked.person):
                return talk.orders_like([(each.usage, each.help) for each in kin])
            turn.near = nearest.readings(asked.words, names, asked.today)
            words = masked(asked.words, names, asked.today)
            await self._back.misses.keep(asked.person.workspace, words)
        turn.words = _said(turn, meant)
        return await self._carried_out(turn, meant)

    async def again(
        self, asked: Asked, meant: Interpretation, company: str, step: Step
    ) -> Card | None:
        """Do what the button of an answer means, in the books that it was of.

        Where it takes up what was said before, those words are quoted and judged.

        Raises:
            BooksFault: the books stand in the way.
            Denied: the desk says no.
        """
        turn = await self._turn(asked)
        turn.connected = await self._back.company_with(asked, company)
        turn.words = step.words or step.label
        if step.words and meant.kind == "write":
            names = await self._names(turn)
            turn.sure = confidence(step.words, meant, names, asked.today)
        return await self._carried_out(turn, meant)

    async def _carried_out(self, turn: "_Turn", meant: Interpretation) -> Card | None:
        """Do what is meant, and keep it for what is said next."""
        asked = turn.asked
        try:
            if "company" in meant.arguments and meant.action != "connection.use":
                name = str(meant.arguments["company"])
                turn.connected = await self._back.company_called(asked, name)
            card, shown = await self._do(turn, meant)
        except Alike as found:
            assert turn.company is not None, "a name in no company's books"
            company = turn.company
            card = await new_names.alike(self._back, asked, company, meant, found)
            meant, shown = _questioned(meant, found), ()
        except Ambiguous as unclear:
            # The question is remembered, so that its answer completes the request.
            meant = _questioned(meant, unclear)
            card, shown = _question(turn, meant), ()
        except (BooksFault, Denied):
            # A correction that follows means this request, not the one before it.
            if meant.kind == "write" and not meant.corrects:
                turn.proposal = None
            await self._remember(turn, meant, ())
            raise
        await self._remember(turn, turn.said or meant, shown)
        return card

    async def _remember(
        self,
        turn: "_Turn",
        meant: Interpretation,
        shown: tuple[tuple[str, str], ...],
    ) -> None:
        context = followed(turn.context, meant, shown)
        await self._back.chatlog.remember(
            turn.asked.place,
            turn.asked.person.id,
            Talk(
                turn.company_in_use,
                context.as_json(),
                turn.waiting,
                turn.proposal,
                turn.words if meant.kind == "clarify" else "",
            ),
        )

    async def second(self, asked: Asked, token: str) -> Card | Reply | None:
        """Propose what was kept for a button, once.

        That is a correction that came too late, as a proposal of its own, or what
        was read too unsurely to be proposed, and was said yes to.

        Raises:
            Denied: there is none, or another one by now.
        """
        event = f"second {token}"
        before = await answering.proposed_before(self._back, event)
        if before is not None:
            return before
        turn = await self._turn(replace(asked, inbox=event))
        waiting = turn.talking.waiting
        if waiting is None or waiting.get("id") != token or turn.connected is None:
            raise Denied(
                "This button is no longer good. Nothing has been changed.",
                rule="changed",
            )
        meant = Interpretation.from_json(waiting)
        turn.words = str(waiting.get("words", ""))
        latest = await self._corrected(turn, meant)
        if latest is not None and latest.status is not Status.PENDING:
            latest = None
        turn.sure = confirmed(_sure_of(waiting), self._back.desk.asks_again_below)
        card = await self._propose(turn, turn.connected, meant, latest)
        # Only now: what the books or a crash stopped can be pressed again.
        talking = replace(turn.talking, waiting=None, proposal=turn.proposal)
        await self._back.chatlog.remember(asked.place, asked.person.id, talking)
        return card

    async def _turn(self, asked: Asked) -> "_Turn":
        talking = await self._back.chatlog.talk(asked.place, asked.person.id)
        context = Context.from_json(talking.context) if talking.context else Context()
        connected = await self._back.company(asked, talking.company)
        in_use = connected.company.id if connected else None
        context = await self._as_it_stands(context, talking.proposal)
        turn = _Turn(
            asked, talking, context, connected, in_use, proposal=talking.proposal
        )
        if context.last is None:
            await self._of_thread(turn)
        return turn

    async def _of_thread(self, turn: "_Turn") -> None:
        """In a proposal's thread its words are what a correction means."""
        found = await corrected.in_thread(self._back, turn.asked)
        said = None if found is None else corrected.as_said(found)
        if found is not None and said is not None:
            turn.context, turn.proposal = Context(last=said, write=said), found.id

    async def _as_it_stands(self, context: Context, proposal: str | None) -> Context:
        """What was said last, with what was edited by a form since, by whomever.

        A correction changes the whole of what it corrects: it must not undo that.
        """
        base = context.write or context.last
        if proposal is None or base is None or base.kind != "write":
            return context
        waits = await self._back.desk.proposal(proposal)
        if waits.status is not Status.PENDING or not waits.draft.change:
            return context
        stands = editing.as_meant(base, waits.draft.change)
        return replace(
            context,
            last=stands if context.last == base else context.last,
            write=stands if context.write == base else context.write,
        )

    async def _names(self, turn: "_Turn") -> Names:
        if turn.connected is None:
            return Names(company="")
        try:
            return await self._back.ledger.names(turn.connected.company.id)
        except BooksFault:
            # Help, connect and the like work without the books.
            return Names(company=turn.connected.company.name)

    async def _do(self, turn: "_Turn", meant: Interpretation) -> _Done:
        if turn.near:
            return talk.not_understood(turn.near, company=turn.company), ()
        match meant.kind:
            case "read":
                return await self._read(turn, meant)
            case "write":
                return await self._write(turn, meant), ()
            case "command":
                return await self._command(turn, meant), ()
            case "clarify":
                meant = await corrected.asked_which(self._back, turn.asked, meant)
                turn.said = meant
                card = _question(turn, meant, await self._over(turn, meant))
                args = (self._back, turn.asked, turn.company, meant, card)
                return await new_names.missing(*args), ()
            case _:
                is_work = meant.reason == "not_supported"
                card = talk.refusal(
                    "not_supported" if is_work else "out_of_scope",
                    company=turn.company,
                    support=await self._back.support(turn.asked.person.workspace),
                    where=elsewhere.where(turn.asked.words) if is_work else "",
                )
                return card, ()

    # --- reads --------------------------------------------------------------------

    async def _read(self, turn: "_Turn", meant: Interpretation) -> _Done:
        action = meant.action or ""
        if action == "proposal.show":
            await self._show_proposal(turn, meant)
            return None, ()
        if action == "proposals.list":
            return await self._list_proposals(turn, meant), ()
        if turn.connected is None:
            return await self._back.unconnected(turn.asked), ()
        known, company = without_company(meant.arguments), turn.connected.company
        with styles.written(turn.asked.style(company)):
            answer = await self._back.ledger.answer(
                company.id, asks.ask(action, known), today=turn.asked.today
            )
            if isinstance(answer.value, Document):
                await self._back.voice.deliver(turn.asked.place, answer.value)
            card = await answering.furnished(
                self._back, turn.asked, action, known, answer
            )
        notes = (*meant.assumptions, *card.footnotes)
        return replace(card, footnotes=notes), _records(answer)

    async def _show_proposal(self, turn: "_Turn", meant: Interpretation) -> None:
        """A message of its own that goes on showing where the proposal stands."""
        asked = turn.asked
        proposal = await self._proposal(asked, str(meant.arguments["proposal"]))
        await self._back.desk.want(
            proposal.id, asked.place.text(), asked.viewer_id, inbox_id=asked.inbox
        )
        await self._back.notices.catch_up()

    async def _list_proposals(self, turn: "_Turn", meant: Interpretation) -> Card:
        person = turn.asked.person
        state = meant.arguments.get("state")
        found = await self._back.desk.proposals(
            person.workspace,
            statuses=_LISTED[state] if state else _NOT_ENDED,
            requester_id=person.id if meant.arguments.get("mine") else None,
        )
        return proposals.listing(found, company=turn.company, state=state)

    async def _proposal(self, asked: Asked, number: str) -> Proposal:
        found = await self._back.desk.by_number(asked.person.workspace, number)
        if found is None:
            raise NotFound(
                f"There is no proposal {number}. (Nothing has been changed.)",
                kind="proposal",
                name=number,
            )
        return found

    # --- writes -------------------------------------------------------------------

    async def _write(self, turn: "_Turn", meant: Interpretation) -> Card | None:
        asked, desk = turn.asked, self._back.desk
        if Role.AUDITOR in asked.person.roles:
            raise Denied(_AUDITOR, rule="role")
        if turn.connected is None:
            return await self._back.unconnected(asked)
        if await self._was_done(asked):
            return None
        latest = await self._corrected(turn, meant)
        if latest is not None and latest.status is not Status.PENDING:
            # The rest of it is what was read before, and no more surely.
            turn.sure = together((latest.confidence, latest.doubts), turn.sure)
            turn.waiting = _kept(turn, meant)
            return talk.too_late_to_correct(
                latest.number,
                latest.status.value,
                turn.waiting["id"],
                company=latest.company,
            )
        certainty, doubts = turn.sure
        if certainty is not None and desk.asks_again(certainty):
            turn.waiting = _kept(turn, meant)
            if latest is None:
                # What is said next is about this one, not about the one before.
                turn.proposal = None
            return revision.unsure(
                certainty,
                doubts,
                reading_of(meant),
                turn.waiting["id"],
                company=turn.company,
            )
        return await self._propose(turn, turn.connected, meant, latest)

    async def _was_done(self, asked: Asked) -> bool:
        """Whether this very message was worked on before a stop; it is shown then."""
        if await self._back.desk.by_inbox(asked.inbox) is None:
            return False
        await self._back.notices.catch_up()
        return True

    async def _corrected(self, turn: "_Turn", meant: Interpretation) -> Proposal | None:
        """The proposal that a correction means; None where it is none."""
        if not meant.corrects or turn.proposal is None:
            return None
        return await self._back.desk.proposal(turn.proposal)

    async def _over(self, turn: "_Turn", meant: Interpretation) -> str:
        """What to know before a question about a correction of what is over."""
        latest = await self._corrected(turn, meant)
        if latest is None or latest.status is Status.PENDING:
            return ""
        too_late = talk.too_late(latest.number, latest.status.value)
        return f"{too_late} For a second one: "

    async def _propose(
        self,
        turn: "_Turn",
        connected: Connected,
        meant: Interpretation,
        revises: Proposal | None,
    ) -> Card | None:
        """Draft and propose; the proposal's own messages are the answer."""
        asked, back, company = turn.asked, self._back, connected.company
        if connected.state is State.CONFIRMING:
            raise Denied(
                f"{company.title} waits for the yes of the administrator who connected"
                " it. Nothing has been proposed.",
                rule="unconfirmed",
            )
        await stops.deny_readonly(back, asked, company)
        change = asks.change(meant.action or "", without_company(meant.arguments))
        if revises is not None:
            change = waits.carried(change, revises.draft.change)
        number = (
            revises.number
            if revises
            else await back.desk.reserve(asked.person.workspace)
        )
        draft, circumstances = await back.ledger.draft(
            company.id, change, ref=number, today=asked.today
        )
        _check_currency(turn.words, draft, company)
        _check_whose(meant, circumstances)
        draft = replace(draft, notes=(*meant.assumptions, *draft.notes))
        if revises is None:
            made = await back.propose(
                asked, company, draft, circumstances, turn.words, sure=turn.sure
            )
            turn.proposal = made.id
            return None
        score, doubts = together((revises.confidence, revises.doubts), turn.sure)
        await back.desk.revise(
            revises.id,
            draft,
            circumstances,
            asked.person,
            platform=asked.place.platform,
            where=asked.where(),
            words=_both(revises.words, turn.words),
            inbox_id=asked.inbox,
            confidence=score,
            doubts=doubts,
            revision=revises.revision,
            # A card of its own, below what was just said; the one above is locked.
            places=(WantedNotice(asked.place.text(), asked.viewer_id),),
        )
        await back.show()
        return None

    # --- commands -----------------------------------------------------------------

    async def _command(  # noqa: PLR0911 - one return a command
        self, turn: "_Turn", meant: Interpretation
    ) -> Card | None:
        asked, action = turn.asked, meant.action or ""
        if Role.AUDITOR in asked.person.roles and action not in _AUDITORS_MAY:
            raise Denied(_AUDITOR, rule="role")
        match action:
            case "help":
                names = await self._names(turn)
                known = [
                    (each.usage, each.help)
                    for each in self._orders.orders
                    if each.is_for(asked.person)
                ]
                return await helping.guide(
                    self._back, asked, turn.company, names, known
                )
            case "connect":
                await self._companies.connect(asked)
                return None
            case "connection.status":
                return await self._companies.status(asked)
            case "connection.use":
                return await self._use(turn, meant)
            case "proposal.withdraw" | "proposal.edit" | "undo":
                return await self._about_proposal(turn, meant)
            case _:  # connection.test, sync.now, disconnect
                if turn.connected is None:
                    return await self._back.unconnected(asked)
                return await self._companies.do(asked, action, turn.connected)

    async def _use(self, turn: "_Turn", meant: Interpretation) -> Card:
        name = str(meant.arguments["company"])
        chosen = await self._back.company_called(turn.asked, name)
        turn.connected, turn.company_in_use = chosen, chosen.company.id
        return connections.using(chosen.company)

    async def _about_proposal(
        self, turn: "_Turn", meant: Interpretation
    ) -> Card | None:
        if meant.action == "proposal.withdraw":
            return await self._withdraw(turn, meant)
        if meant.action == "proposal.edit":
            return await self._edit(turn, meant)
        latest = await self._named_or_latest(turn, meant, "undone")
        await undoing.undo(self._back, turn.asked, latest)
        return None

    async def _withdraw(self, turn: "_Turn", meant: Interpretation) -> Card:
        asked, desk = turn.asked, self._back.desk
        proposal = await self._named_or_latest(turn, meant, "withdrawn")
        await desk.withdraw(
            proposal.id,
            asked.person,
            platform=asked.place.platform,
            where=asked.where(),
        )
        await self._back.notices.catch_up()
        return proposals.withdrawn(proposal.number, company=proposal.company)

    async def _named_or_latest(
        self, turn: "_Turn", meant: Interpretation, what: str
    ) -> Proposal:
        """The proposal of that number, else this person's latest one here."""
        asked = turn.asked
        if number := meant.arguments.get("proposal"):
            return await self._proposal(asked, str(number))
        latest = await self._back.desk.latest(
            asked.person.workspace, asked.place.text(), asked.person.id
        )
        if latest is None:
            raise NotFound(
                f"You have proposed nothing here that could be {what}.",
                kind="proposal",
                name="",
            )
        return latest

    async def _edit(self, turn: "_Turn", meant: Interpretation) -> Card | None:
        """A proposal changed in words that name it: its next revision."""
        asked = turn.asked
        if await self._was_done(asked):
            return None
        proposal = await self._named_or_latest(turn, meant, "changed")
        edited = corrected.changed(proposal, meant.arguments.get("changes", {}))
        turn.said, turn.proposal = edited, proposal.id
        if proposal.status is not Status.PENDING:
            turn.waiting = _kept(turn, edited)
            return talk.too_late_to_correct(
                proposal.number,
                proposal.status.value,
                turn.waiting["id"],
                company=proposal.company,
            )
        known = await self._back.company_with(asked, proposal.company.id)
        return await self._propose(turn, known, edited, proposal)

    # --- one person on two platforms ------------------------------------------------

    async def _link_code(self, asked: Asked) -> None:
        matched = _LINK.fullmatch(asked.words)
        if matched is not None and matched[1]:
            raise Denied(
                "I know you here already. Type `link` alone to get a code for another"
                " platform.",
                rule="twice",
            )
        code = await self._back.people.link_code(asked.person)
        card = access.link_code(code, "the other platform", LINK_CODE_MINUTES)
        await self._back.voice.whisper(asked.sender, asked.place, card)

    async def _console_link(self, asked: Asked) -> None:
        card = access.console_link(await self._back.console_link(asked.person))
        await self._back.voice.whisper(asked.sender, asked.place, card)

    async def link_by_code(self, sender: Sender, words: str) -> Card | None:
        """What a newcomer's "link CODE" leads to; None when it is not that."""
        matched = _LINK.fullmatch(words)
        if matched is None or not matched[1]:
            return None
        try:
            person = await self._back.people.link(matched[1], sender)
        except Unlinkable as no:
            return talk.sentence(no.sentence)
        known = await self._back.people.identities(person.id)
        return access.linked(tuple(sorted({each.platform.title() for each in known})))

    async def explain(self, asked: Asked, fault: BooksFault) -> Card:
        """A fault of the books as a card."""
        if isinstance(fault, Disconnected):
            for each in await self._back.connection.companies(asked.person.workspace):
                if each.company.id == fault.company:
                    return connections.connection_ended(
                        each.company, admin=asked.is_admin
                    )
        return talk.problem(fault.sentence)


@dataclass(slots=True)
class _Turn:
    """One message on its way through.

    `words` are what was said, with what a question of ours was asked about before
    it; `sure` is how surely they were read, and what lowered that.
    `company_in_use` is what the conversation goes on with; `waiting` is an
    interpretation kept for a button; `proposal` is the id of what the last request
    to change something became. `near` are the nearest readings of what was not
    understood; `said` is what is to be remembered instead of what was heard.
    """

    asked: Asked
    talking: Talk
    context: Context
    connected: Connected | None
    company_in_use: str | None
    waiting: Any = None
    proposal: str | None = None
    words: str = ""
    sure: Sure = (None, ())
    near: tuple[str, ...] = ()
    said: Interpretation | None = None

    @property
    def company(self) -> Company | None:
        """The company this message is about."""
        return self.connected.company if self.connected else None


def _check_currency(words: str, draft: Draft, company: Company) -> None:
    """Turn away a sum that was said in the company's currency and is in another.

    Raises:
        Refused: the words name one currency, and the document has the other.
    """
    home = company.currency
    total = draft.total
    if total is None or total.currency == home or not is_named(words, home):
        return
    raise Refused(
        f"You said {home}, but this would be entered in {total.currency}, the currency"
        f" of the customer or vendor. Say the amount in {total.currency}, as a bare"
        " number. (Nothing has been proposed.)",
        code="preflight",
    )


def _check_whose(meant: Interpretation, around: Circumstances) -> None:
    """Ask again where a document is not of the party who was named beside it.

    Raises:
        Ambiguous: it is somebody else's.
    """
    noun = "bill" if "bill" in meant.arguments else "invoice"
    owners = around.vendors if noun == "bill" else around.customers
    if meant.whose and not set(meant.whose) & set(owners):
        number = meant.arguments.get(noun, "")
        raise Ambiguous(
            f"{noun.capitalize()} {number} is of {listed(owners, 'and')}, not of"
            f" {listed(meant.whose)}. Which {noun} do you mean? (Nothing has"
            " been proposed.)",
            about=noun,
        )


def _kept(turn: "_Turn", meant: Interpretation) -> dict[str, Any]:
    """What is kept for a button: a meaning, the words, and how sure these are."""
    score, doubts = turn.sure
    kept = {**meant.as_json(), "words": turn.words, "sure": score}
    return {**kept, "doubts": [*doubts], "id": secrets.token_hex(8)}


def _sure_of(waiting: dict[str, Any]) -> Sure:
    score = waiting.get("sure")
    doubts = tuple(str(each) for each in waiting.get("doubts", ()))
    return (score if isinstance(score, int) else None), doubts


def _said(turn: _Turn, meant: Interpretation) -> str:
    """What was said, with the request that a question of ours was asked about."""
    last = turn.context.last
    is_answer = (
        last is not None
        and last.kind == "clarify"
        and last.action in (None, meant.action)
    )
    return _both(turn.talking.words if is_answer else "", turn.asked.words)


def _both(before: str, after: str) -> str:
    """Two things said one after the other, as one may quote them."""
    return f"{before} … {after}"[-WORDS_MAX:] if before else after


def _questioned(meant: Interpretation, unclear: Ambiguous) -> Interpretation:
    """The same request, with a question about one of its arguments."""
    known = {k: v for k, v in meant.arguments.items() if k != unclear.about}
    question = Question(unclear.about, unclear.sentence, unclear.choices)
    return replace(meant, kind="clarify", arguments=known, question=question)


def _question(turn: _Turn, meant: Interpretation, before: str = "") -> Card:
    question = meant.question
    assert question is not None, "a clarify without its question"
    return talk.question(
        f"{before}{question.text}",
        question.choices,
        company=turn.company,
        is_write=(meant.action or "") in asks.CHANGES,
        labels=SAYINGS if question.about == "action" else None,
    )


def _records(answer: Answer) -> tuple[tuple[str, str], ...]:
    """The records an answer showed, so that "void it" knows what is meant."""
    value = answer.value
    if isinstance(value, Invoice):
        return (("invoice", value.doc_number),)
    if isinstance(value, Bill):
        return (("bill", value.doc_number or value.id),)
    if isinstance(value, CustomerShow):
        return (("customer", value.customer.name),)
    if isinstance(value, Listing):
        return tuple(
            ("invoice", row.doc_number)
            for row in value.rows
            if isinstance(row, Invoice)
        )
    return ()
