"""Editing a proposal by a form: opened, filled in, and made a new revision.

Nothing here knows how a form is drawn. What is filled in is drafted anew, as if it
had been said; every mistake comes back in the form, with what was typed.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from approvals import moves, revising
from approvals.proposal import Denied, Person, Proposal, WantedNotice
from bot import editing, filled
from bot.backstage import Backstage
from bot.editing import Form
from bot.platform import Place
from qbo.asks import Change
from qbo.books import Names
from qbo.connection import State
from qbo.faults import Ambiguous, BooksFault, NotFound

_EVENT_MAX = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which two changes of the same proposal differ."""

    label: str
    theirs: str
    yours: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A form, and the revision of the proposal that it was opened on.

    `warnings` are what a person should know before they save it. `differences` are
    how what was typed differs from a revision that somebody else has made meanwhile.
    """

    proposal: Proposal
    revision: int
    form: Form
    names: Names
    warnings: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()


class Editor:
    """Opens the form of a proposal, and makes a revision of what was filled in."""

    def __init__(self, back: Backstage) -> None:
        self._back = back

    async def pressed(self, token: str, person: Person) -> str:
        """The number of the proposal whose Edit button has that token.

        Raises:
            Denied: not a button of ours, or of an older revision.
        """
        _, proposal = await self._back.desk.pressed(token, person)
        return proposal.number

    async def open(self, person: Person, number: str) -> Opened:
        """The form of a proposal as it stands.

        Raises:
            BooksFault: the names of the books cannot be read.
            Denied: not this person's to change, or no longer possible.
            NotFound: no such proposal.
        """
        proposal = await self._proposal(person, number)
        change = self._may(proposal, person)
        names = await self._back.ledger.names(proposal.company.id)
        form = editing.form_of(change, proposal.draft, names)
        return self._opened(proposal, form, names, person)

    async def typed(
        self, person: Person, number: str, values: Mapping[str, str]
    ) -> Opened:
        """The form with what was typed so far, for a line more or less.

        Raises:
            BooksFault: the names of the books cannot be read.
            Denied: not this person's to change, or no longer possible.
            NotFound: no such proposal.
        """
        proposal = await self._proposal(person, number)
        change = self._may(proposal, person)
        names = await self._back.ledger.names(proposal.company.id)
        form = editing.typed(change, proposal.draft, names, values)
        return self._opened(proposal, form, names, person)

    async def save(  # noqa: PLR0911 - a form; each way in which it fails
        self,
        person: Person,
        number: str,
        revision: int,
        event: str,
        values: Mapping[str, str],
        *,
        platform: str,
        where: str = "",
    ) -> Proposal | Opened:
        """Make a new revision of what was filled in; else the form with its mistakes.

        The same `event` with the same values again makes nothing, and gives the
        proposal as it stands. With other values it is a save of its own: a page that
        a browser kept is sent once more, and is about a revision that is over.

        Raises:
            BooksFault: the names of the books cannot be read.
            Denied: not this person's to change, or no longer possible.
            NotFound: no such proposal.
        """
        back = self._back
        inbox = f"edit {person.id} {event[:_EVENT_MAX]} {_digest(values)}"
        done = await back.desk.by_inbox(inbox)
        if done is not None:
            moves.belongs(done, person)
            return done
        proposal = await self._proposal(person, number)
        change = self._may(proposal, person)
        names = await back.ledger.names(proposal.company.id)
        form = editing.typed(change, proposal.draft, names, values)
        opened = self._opened(proposal, form, names, person)
        if proposal.revision != revision:
            return _overtaken(opened)
        wanted, wrong = filled.changed(change, names, values)
        if wanted is None:
            return replace(opened, form=editing.marked(form, wrong))
        if wanted == change:
            return replace(opened, form=editing.marked(form, {}, _SAME))
        try:
            saved = await self._revise(opened, wanted, person, inbox, (platform, where))
        except Ambiguous as unclear:
            return replace(opened, form=_unclear(form, unclear))
        except BooksFault as fault:
            return replace(opened, form=editing.marked(form, {}, fault.sentence))
        except Denied as denied:
            if denied.rule == "changed":
                return _overtaken(await self.typed(person, number, values))
            return replace(opened, form=editing.marked(form, {}, denied.sentence))
        back.background.later(back.show())
        return saved

    async def _revise(
        self,
        opened: Opened,
        wanted: Change,
        person: Person,
        inbox: str,
        at: tuple[str, str],
    ) -> Proposal:
        """Draft what was filled in, and put it in the place of what was proposed."""
        back, proposal = self._back, opened.proposal
        await self._check_connected(proposal)
        draft, circumstances = await back.ledger.draft(
            proposal.company.id,
            wanted,
            ref=proposal.number,
            today=proposal.draft.today,
        )
        return await back.desk.revise(
            proposal.id,
            draft,
            circumstances,
            person,
            platform=at[0],
            where=at[1],
            inbox_id=inbox,
            revision=opened.revision,
            places=_asked_at(proposal),
        )

    async def _proposal(self, person: Person, number: str) -> Proposal:
        found = await self._back.desk.by_number(person.workspace, number)
        if found is None:
            raise NotFound(
                f"There is no proposal {number}.", kind="proposal", name=number
            )
        return found

    def _may(self, proposal: Proposal, person: Person) -> Change:
        """The change that is proposed, where this person may edit it now."""
        moves.may_revise(proposal, person, self._back.now())
        change = editing.change_of(proposal.draft)
        if change is None:
            raise Denied(
                f"There is nothing to fill in about {proposal.number}. Withdraw it, and"
                " ask for what you mean.",
                rule="state",
            )
        return change

    async def _check_connected(self, proposal: Proposal) -> None:
        known = await self._back.connection.companies(proposal.workspace)
        for each in known:
            is_this = each.company.id == proposal.company.id
            if is_this and each.state is State.CONFIRMING:
                raise Denied(
                    f"{each.company.title} waits for the yes of the administrator who"
                    " connected it. Nothing has been changed.",
                    rule="unconfirmed",
                )

    def _opened(
        self, proposal: Proposal, form: Form, names: Names, person: Person
    ) -> Opened:
        return Opened(
            proposal, proposal.revision, form, names, _warnings(proposal, person)
        )


def _digest(values: Mapping[str, str]) -> str:
    """A short name of what was filled in; how the page was sent is no part of it."""
    filled_in = sorted(
        (name, value) for name, value in values.items() if name not in _OF_THE_PAGE
    )
    return hashlib.sha256(repr(filled_in).encode()).hexdigest()[:32]


_OF_THE_PAGE = frozenset({"csrf", "do", "event", "revision"})

_SAME = (
    "That is what is proposed already, so no new revision was made. Change something,"
    " or go back."
)


def _warnings(proposal: Proposal, person: Person) -> tuple[str, ...]:
    """What saving brings with it, said before."""
    said = []
    if not moves.asked_for(proposal, person):
        said.append(
            "If you save a change, you count as having asked for it: then you cannot"
            f" approve {proposal.number}, and somebody else has to."
        )
    if proposal.approvals:
        count = proposal.approvals
        word = "1 approval" if count == 1 else f"{count} approvals"
        said.append(f"The {word} given so far will no longer count.")
    return tuple(said)


def _asked_at(proposal: Proposal) -> tuple[WantedNotice, ...]:
    """Where it was asked for: there the new revision gets a message of its own."""
    try:
        place = Place.parse(proposal.conversation)
    except (ValueError, TypeError):
        return ()
    viewer = proposal.requester_id if place.platform == "console" else None
    return (WantedNotice(proposal.conversation, viewer),)


def _unclear(form: Form, unclear: Ambiguous) -> Form:
    """A question of drafting, beside the field it is about where that is one."""
    about = unclear.about
    rows = form.rows or ()
    if len(rows) == 1 and any(
        each.id == f"line.{rows[0].number}.{about}" for each in rows[0].fields
    ):
        about = f"line.{rows[0].number}.{about}"
    choices = f" ({', '.join(unclear.choices)})" if unclear.choices else ""
    return editing.marked(form, {about: f"{unclear.sentence}{choices}"})


def _overtaken(opened: Opened) -> Opened:
    """The form of a revision that is not the newest: what stands, and what was typed.

    Saved again, it is an answer to the newest revision.
    """
    proposal = opened.proposal
    change = editing.change_of(proposal.draft)
    assert change is not None, "opened what has nothing to fill in"
    newest = editing.form_of(change, proposal.draft, opened.names)
    theirs = {each.id: each for each in _every(newest)}
    yours = {each.id: each for each in _every(opened.form)}
    differences = tuple(
        Difference(
            _named(each_id, (yours.get(each_id) or theirs[each_id]).label),
            theirs[each_id].value if each_id in theirs else "",
            yours[each_id].value if each_id in yours else "",
        )
        for each_id in dict.fromkeys((*theirs, *yours))
        if (theirs[each_id].value if each_id in theirs else "")
        != (yours[each_id].value if each_id in yours else "")
    )
    said = f"{revising.overtaken(proposal).sentence} Nothing of what you typed is lost."
    return replace(
        opened,
        form=editing.marked(opened.form, {}, said),
        differences=differences,
    )


def _every(form: Form) -> tuple[editing.FormField, ...]:
    return (*form.fields, *(each for row in form.rows or () for each in row.fields))


def _named(field_id: str, label: str) -> str:
    parts = field_id.split(".")
    return f"Line {int(parts[1]) + 1}, {label.lower()}" if len(parts) > 1 else label


def values_of(form: Form) -> Mapping[str, str]:
    """What stands in a form, as it would be sent."""
    values = {each.id: each.value for each in _every(form)}
    for row in form.rows or ():
        values[f"line.{row.number}.was"] = "" if row.was is None else str(row.was)
    return values
