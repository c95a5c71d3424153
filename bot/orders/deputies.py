"""Who decides: by buttons alone, a deputy, who is named instead, for the absent."""

import re
from collections.abc import Sequence

from approvals import deciding, moves
from approvals.proposal import (
    Denied,
    Person,
    Proposal,
    Role,
    Status,
    Verdict,
)
from bot.backstage import Asked, Backstage
from bot.orders.book import ADMINS, Order, order, vouched
from bot.orders.naming import people_called, person_called
from bot.orders.until import EXAMPLES, end_of, last_day
from bot.platform import Press, Reply
from cards import deputies, talk
from cards.card import Card, Tone
from qbo.faults import NotFound

_NUMBER = r"(?P<number>p-?\s?\d{1,9})"
_DELEGATE = r"delegate(?:\s+(?P<rest>.*))?"
_TO_UNTIL = re.compile(
    r"(?:to\s+)?(?P<who>\S.*?)\s+(?:until|till|til|through|for)\s+(?P<when>\S.*)",
    re.IGNORECASE,
)
_STOP = r"(?:stop|end)\s+delegating(?:\s+for\s+(?P<who>\S.*?))?"
_WHO = r"(?:who\s+stands\s+in|who\s+is\s+standing\s+in|deputies|delegations)\s*\??"
_REASSIGN = rf"reassign\s+{_NUMBER}(?:\s+to(?:\s+(?P<who>\S.*?))?)?"
_FORCE = (
    rf"force\s+{_NUMBER}(?:\s+revision\s+(?P<revision>\d{{1,4}}))?"
    r"(?:\s+for\s+(?P<who>[^:\n]{1,80}?)\s*:|\s*:)?"
    r"(?:\s+(?P<why>\S.*?))?"
)

# Before the verb stands what is polite; behind a number anything may follow, as a
# reason does, and behind a pronoun only what gives one.
_DECIDE = (
    r"(?:(?:please|yes|yep|yeah|ok|okay|sure|and|i|we|let's|(?:can|could|would) you)"
    r"\b[\s,.!]*)*"
    r"(?:(?P<no>rejec(?:t|ted)|declined?|den(?:y|ied))"
    # Only a proposal is "posted" in words; all else may be meant otherwise.
    r"|approved?|sign\s+off(?:\s+on)?|post(?=\s+p-?\s?\d))"
    rf"(?:\s+(?:proposal\s+)?{_NUMBER}(?:\W(?s:.*))?"
    r"|(?:\s+(?:it|this|that|the\s+[a-z]+))?"
    r"(?:\s*[:,]\s*\S.*|\s+(?:because|as|since)\s.*"
    r"|(?:,?\s+(?:please|now|thanks|then))*\W*))"
    r"|lgtm\W*"
)
_NOT_BY_WORDS = "Words approve and reject nothing here"
_BY_BUTTON = (
    f"{_NOT_BY_WORDS}, so that nothing is decided by mistake: press the button on the"
    " card. Nothing has been decided."
)
_FOR = re.compile(r"for\s+(?P<who>\S.*)", re.IGNORECASE)
VERBS = frozenset({"reassign", "force"})


def orders(back: Backstage) -> tuple[Order, ...]:
    """The orders about who decides in whose place."""
    book = _Deputies(back)
    return (
        order(
            _DELEGATE,
            book.delegate,
            "delegate Luis until Friday",
            "Let somebody decide in your place until then.",
        ),
        order(
            _DECIDE,
            book.decide,
            "approve P-17",
            "Decided by the button on its card, never in words.",
        ),
        order(
            _STOP, book.stop, "stop delegating", "Decide for yourself again, at once."
        ),
        order(_WHO, book.who, "who stands in", "Who decides in whose place just now."),
        order(
            _REASSIGN,
            book.reassign,
            "reassign P-17 to Luis",
            "Name who approves it instead (administrators).",
            ADMINS,
        ),
        order(
            _FORCE,
            book.force,
            "force P-17 for Priya: why",
            "Approve one step in an absent approver's place (administrators).",
            ADMINS,
        ),
    )


class _Deputies:
    """What is done for these orders."""

    def __init__(self, back: Backstage) -> None:
        self._back = back

    async def delegate(self, asked: Asked, matched: re.Match[str]) -> Card:
        """Begin a delegation: “delegate Luis until Friday”."""
        back, person = self._back, asked.person
        _not_auditors(person)
        said = _TO_UNTIL.fullmatch((matched["rest"] or "").strip())
        if said is None:
            raise Denied(
                "Say who decides in your place, and until when: “delegate Luis until"
                " Friday”. Nothing has been changed.",
                rule="when",
            )
        if not back.desk.approvers.may_decide(person):
            raise Denied(
                "You decide about nothing here, so there is nothing to delegate."
                " Nothing has been changed.",
                rule="role",
            )
        day = last_day(said["when"], asked.today)
        if day is None:
            raise Denied(
                f"I do not understand until when. Say for example {EXAMPLES}."
                " Nothing has been changed.",
                rule="when",
            )
        vouched(asked)
        members = await back.people.people(person.workspace)
        delegate = person_called(members, said["who"])
        made, before = await back.desk.approvers.delegate(
            person,
            delegate,
            end_of(day, asked.zone),
            platform=asked.place.platform,
            last_day=day,
        )
        await back.voice.tell(delegate, deputies.chosen(made.person, day))
        await back.show()
        return deputies.began(made.delegate, day, before)

    async def decide(self, asked: Asked, matched: re.Match[str]) -> Card:
        """Say that only buttons decide; the card that is meant is shown once more."""
        if not matched["number"]:
            return talk.sentence(_BY_BUTTON, tone=Tone.WARNING)
        back = self._back
        meant = await _proposal(back, asked, matched["number"])
        await back.desk.want(
            meant.id, asked.place.text(), asked.viewer_id, inbox_id=asked.inbox
        )
        await back.notices.catch_up()
        verdict = Verdict.REJECT if matched["no"] else Verdict.APPROVE
        shown = back.desk.actions(meant, asked.person, asked.place.text())
        has_button = verdict in shown
        why = "" if has_button else _why_no_button(meant, asked, verdict)
        said = f"{_NOT_BY_WORDS}. {why}" if why else _BY_BUTTON
        return talk.sentence(said, tone=Tone.WARNING)

    async def stop(self, asked: Asked, matched: re.Match[str]) -> Card:
        """End one: “stop delegating”; an administrator also somebody else's."""
        back, absent = self._back, asked.person
        _not_auditors(asked.person)
        if matched["who"]:
            members = await back.people.people(asked.person.workspace)
            absent = person_called(members, matched["who"])
        ended = await back.desk.approvers.stop_delegating(
            absent, asked.person, platform=asked.place.platform
        )
        if ended is None:
            whose = "your" if absent.id == asked.person.id else f"{absent.name}'s"
            return talk.sentence(f"Nobody decides in {whose} place just now.")
        deputy = await back.people.person(ended.delegate_id)
        if deputy is not None:
            await back.voice.tell(deputy, deputies.over(ended.person))
        await back.show()
        return deputies.ended(ended.person, ended.delegate)

    async def who(self, asked: Asked, matched: re.Match[str]) -> Card:
        """Say who decides in whose place."""
        del matched
        found = await self._back.desk.approvers.deputies(asked.person.workspace)
        return deputies.listing(found)

    async def reassign(self, asked: Asked, matched: re.Match[str]) -> Card | None:
        """Name who approves instead: “reassign P-17 to Luis”."""
        back = self._back
        await back.admins_only(asked, "Naming who approves instead")
        vouched(asked)
        proposal = await _proposal(back, asked, matched["number"])
        if not matched["who"]:
            raise Denied(
                f"Say who is to approve it: “reassign {proposal.number} to Luis”."
                " Nothing has been changed.",
                rule="who",
            )
        members = await back.people.people(asked.person.workspace)
        after = await back.desk.approvers.reassign(
            proposal.id,
            asked.person,
            people_called(members, matched["who"]),
            platform=asked.place.platform,
            where=asked.where(),
        )
        await back.show()
        return deputies.reassigned(after)

    async def force(self, asked: Asked, matched: re.Match[str]) -> Card | None:
        """Decide for the absent: “force P-17 for Priya: she is in hospital”."""
        back = self._back
        await back.admins_only(asked, "Deciding in an absent approver's place")
        vouched(asked)
        proposal = await _proposal(back, asked, matched["number"])
        # Words stand on no card: they say which revision they are about.
        revision = int(matched["revision"] or 1)
        if proposal.revision != revision:
            raise _another_revision(proposal)
        members = await back.people.people(asked.person.workspace)
        instead, why = None, matched["why"] or ""
        if matched["who"]:
            instead = person_called(members, matched["who"])
        elif (name := _FOR.fullmatch(why)) and _is_called(members, name["who"]):
            # "force P-17 for Priya" names somebody, and gives no reason.
            instead, why = person_called(members, name["who"]), ""
        after = await back.desk.approvers.force(
            proposal.id,
            asked.person,
            why,
            instead_of=instead,
            platform=asked.place.platform,
            where=asked.where(),
            revision=revision,
        )
        back.background.later(back.carry_out(after))
        return deputies.forced(after)


async def _proposal(back: Backstage, asked: Asked, number: str) -> Proposal:
    """The proposal that is called so.

    Raises:
        NotFound: none is.
    """
    digits = "".join(c for c in number if c.isdecimal())
    found = await back.desk.by_number(asked.person.workspace, f"P-{digits}")
    if found is None:
        raise NotFound(
            f"There is no proposal P-{digits}. (Nothing has been changed.)",
            kind="proposal",
            name=number,
        )
    return found


def _why_no_button(proposal: Proposal, asked: Asked, verdict: Verdict) -> str:
    """Why a card has no button for a word; "": nothing is known against it."""
    if proposal.status is not Status.PENDING:
        return moves.stands(proposal)
    try:
        deciding.right(proposal, asked.person, verdict, place=asked.place.text())
    except Denied as no:
        kept = "Nothing has been decided."
        return no.sentence if kept in no.sentence else f"{no.sentence} {kept}"
    return ""


def _another_revision(proposal: Proposal) -> Denied:
    """Why a forced word is not taken that may mean what stood before."""
    n, revision = proposal.number, proposal.revision
    return Denied(
        f"{n} was changed since it was first proposed: revision {revision} stands now"
        f" ({proposal.draft.heading}). If you mean that one, say “force {n} revision"
        f" {revision} for …: why”. Nothing has been decided.",
        rule="changed",
    )


def _is_called(members: Sequence[Person], name: str) -> bool:
    try:
        person_called(members, name)
    except Denied:
        return False
    return True


def _not_auditors(person: Person) -> None:
    if Role.AUDITOR in person.roles:
        raise Denied(
            "An auditor reads everything and decides nothing, so there is nothing to"
            " delegate. Nothing has been changed.",
            rule="role",
        )


async def pressed(back: Backstage, asked: Asked, press: Press) -> Reply:
    """The two buttons of an administrator on a proposal's page.

    Raises:
        Denied: not theirs to do, nobody is called so, or the card is an older one.
    """
    verb, proposal = await back.desk.pressed(
        press.token, asked.person, message=press.message, place=asked.place.text()
    )
    if verb != press.verb:
        raise Denied(
            "This button is no longer good. Nothing has been changed.", rule="changed"
        )
    members = await back.people.people(asked.person.workspace)
    where, platform = asked.where(press.message), asked.place.platform
    if verb == "reassign":
        after = await back.desk.approvers.reassign(
            proposal.id,
            asked.person,
            people_called(members, press.fields.get("people", "")),
            platform=platform,
            where=where,
            revision=proposal.revision,
        )
        await back.show()
        return Reply(deputies.reassigned(after).title)
    named = press.fields.get("instead_of", "").strip()
    after = await back.desk.approvers.force(
        proposal.id,
        asked.person,
        press.fields.get("reason", ""),
        instead_of=person_called(members, named) if named else None,
        platform=platform,
        where=where,
        revision=proposal.revision,
    )
    back.background.later(back.carry_out(after))
    return Reply(deputies.forced(after).title)
