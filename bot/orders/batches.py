"""Leaving lines out of a proposal of several, and proposing again what failed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from approvals import lines, moves, overtaking
from approvals.lines import LineState
from approvals.proposal import Denied, Proposal, Status, WantedNotice
from bot import corrected
from bot.backstage import Asked, Backstage
from bot.orders.book import Order, order
from bot.understanding.conversation import Context
from cards import talk
from cards.card import Card
from qbo import asks
from qbo.asks import Change, ExpenseCategorize, InvoicesCreate, InvoiceSend
from qbo.books import line_numbers
from qbo.drafting.batch import LinesUnfit
from qbo.drafting.batch import without as without_lines
from qbo.faults import NotFound

VERBS: Final = frozenset({"drop", "rest"})
WORDS_MAX: Final = 1000
# What an upload has said about its file stays on the card when lines are left out.
FROM_FILE: Final = "From the file: "

_NUMBER: Final = r"(?P<number>p-?\s?\d{1,9})"
_OUT: Final = (
    rf"(?:leave\s+out|untick)\s+(?P<what>\S.*?)(?:\s+(?:from|of|in)\s+{_NUMBER})?"
)
_LIST: Final = r"#?\d[\w/.#-]*(?:(?:\s*,\s*|\s+and\s+|\s*,\s*and\s+)#?\d[\w/.#-]*)*"
_WITHOUT: Final = rf"without\s+(?P<what>(?:(?:lines?|invoices?)\s+)?{_LIST})"
_REST: Final = (
    r"propose\s+(?:the\s+)?rest(?:\s+again)?"
    rf"(?:\s+(?:of|from)\s+{_NUMBER})?(?:\s+again)?"
)
_TOKENS: Final = re.compile(r"\s*(?:,|\band\b|;)\s*", re.IGNORECASE)
_RUN: Final = re.compile(r"#?(\d{1,4})\s*(?:-|–|to)\s*#?(\d{1,4})", re.IGNORECASE)
_KIND: Final = re.compile(r"(lines?|invoices?|no\.?|nos\.?)\s+(.*)", re.IGNORECASE)


def orders(back: Backstage) -> tuple[Order, ...]:
    """The orders about proposals of several lines."""

    async def out(asked: Asked, matched: re.Match[str]) -> Card | None:
        number = matched.groupdict().get("number")
        proposal = await _meant(back, asked, number)
        place = WantedNotice(asked.place.text(), asked.viewer_id)
        after = await leave_out(back, asked, proposal, matched["what"], (place,))
        await _speak_of(back, asked, after)
        return None

    async def rest(asked: Asked, matched: re.Match[str]) -> Card | None:
        proposal = await _meant(back, asked, matched["number"])
        await propose_rest(back, asked, proposal)
        return None

    return (
        order(
            _OUT,
            out,
            "leave out 3 from P-17",
            "Leave lines out of a proposal of several.",
        ),
        order(
            _WITHOUT,
            out,
            "without 1042",
            "The same, of the last thing that you asked for here.",
        ),
        order(
            _REST,
            rest,
            "propose the rest of P-17",
            "Propose again what was not posted of several.",
        ),
    )


async def _speak_of(back: Backstage, asked: Asked, proposal: Proposal) -> None:
    """Let what is said next without a number mean this proposal."""
    talking = await back.chatlog.talk(asked.place, asked.person.id)
    if talking.proposal == proposal.id:
        return
    # A correction means it too, and not what was asked for before it.
    said = corrected.as_said(proposal)
    context = Context(last=said, write=said).as_json()
    talking = replace(talking, context=context, waiting=None, proposal=proposal.id)
    await back.chatlog.remember(asked.place, asked.person.id, talking)


async def pressed(
    back: Backstage, asked: Asked, verb: str, proposal: Proposal, said: str
) -> Card | None:
    """Do what a button on a proposal of several means.

    Raises:
        Denied: not this person's to do, no longer possible, or no such line.
        BooksFault: QuickBooks could not be read, or refuses what is left.
    """
    if verb == "rest":
        await propose_rest(back, asked, proposal)
        return None
    after = await leave_out(back, asked, proposal, said)
    return talk.sentence(
        f"{after.number} is now {after.draft.heading}, without"
        f" {line_numbers(chosen(proposal, said)).lower()}. Earlier approvals no longer"
        " count.",
        company=after.company,
    )


async def leave_out(
    back: Backstage,
    asked: Asked,
    proposal: Proposal,
    said: str,
    places: Sequence[WantedNotice] = (),
) -> Proposal:
    """A revision without the lines that are meant.

    Raises:
        Denied: not this person's to do, no longer possible, or no such line.
        BooksFault: QuickBooks could not be read, or refuses what is left.
    """
    if await back.desk.by_inbox(asked.inbox) is not None:
        await back.show()
        return await back.desk.proposal(proposal.id)  # done before a stop
    moves.may_revise(proposal, asked.person, back.now())
    out = chosen(proposal, said)
    change = kept(proposal, out)
    if change is None:
        raise Denied(
            f"That would leave nothing of {proposal.number}, so nothing has been"
            " changed. Withdraw it instead.",
            rule="state",
        )
    draft, circumstances = await back.ledger.draft(
        proposal.company.id,
        change,
        ref=proposal.number,
        # The days that stand on the other lines are to stay.
        today=proposal.draft.today,
    )
    notes = [each for each in proposal.draft.notes if each.startswith(FROM_FILE)]
    told = f"leave out {said}"
    after = await back.desk.revise(
        proposal.id,
        replace(draft, notes=(*notes, *draft.notes)),
        circumstances,
        asked.person,
        platform=asked.place.platform,
        where=asked.where(),
        words=f"{proposal.words} … {told}"[-WORDS_MAX:] if proposal.words else told,
        inbox_id=asked.inbox,
        revision=proposal.revision,
        places=places,
        # The lines that stay were read no more surely than before.
        confidence=proposal.confidence,
        doubts=proposal.doubts,
    )
    await back.show()
    return after


async def propose_rest(back: Backstage, asked: Asked, proposal: Proposal) -> None:
    """Propose exactly the lines that were not done, drafted afresh.

    Raises:
        Denied: not this person's to do, or there is nothing left of it.
        BooksFault: QuickBooks could not be read, or none of them can be prepared.
    """
    moves.may_renew(proposal, asked.person)
    if proposal.status is Status.STALE:
        raise Denied(moves.stands(proposal), rule="state")
    rest = set(lines.rest_places(proposal))
    done = [
        each.number for each in lines.lines(proposal) if each.number - 1 not in rest
    ]
    change = kept(proposal, done)
    assert change is not None, "a rest of nothing"
    number = await back.desk.reserve(asked.person.workspace)
    notes: tuple[str, ...] = (f"What was not done of {proposal.number}.",)
    while True:
        try:
            draft, circumstances = await back.ledger.draft(
                proposal.company.id, change, ref=number, today=asked.today
            )
        except LinesUnfit as unfit:
            assert isinstance(change, InvoicesCreate), "lines of what has none"
            smaller = without_lines(change, [place for place, _ in unfit.problems])
            if smaller is None:
                raise
            notes = (*notes, f"Left out again. {unfit.sentence}")
            change = smaller
        else:
            break
    await back.propose(
        asked,
        proposal.company,
        replace(draft, notes=(*notes, *draft.notes)),
        circumstances,
        proposal.words,
        renews=proposal.id,
        already=overtaking.done(proposal),
    )
    await back.show()


def chosen(proposal: Proposal, said: str) -> tuple[int, ...]:
    """The numbers of the lines that are meant by "3", "2-4 and 7", "1042", a name.

    Raises:
        Denied: it is no proposal of several, or no line of it is meant.
    """
    if not lines.has_several(proposal.draft):
        raise Denied(
            f"{proposal.number} has no lines that can be left out: it is one thing."
            " Nothing has been changed.",
            rule="state",
        )
    states = lines.lines(proposal)
    found: dict[int, None] = {}
    kind = ""
    for token in _TOKENS.split(said.strip().rstrip(".")):
        matched = _KIND.fullmatch(token)
        if matched:
            kind = matched[1].lower()
            token = matched[2]  # noqa: PLW2901 - the rest of the same token
        for number in _numbers(proposal, states, kind, token.strip().lstrip("#")):
            found[number] = None
    return tuple(sorted(found))


def _numbers(
    proposal: Proposal, states: Sequence[LineState], kind: str, token: str
) -> Iterable[int]:
    """The lines that one word means: a run, a number of a line or an invoice, a name.

    Raises:
        Denied: none is meant, or two things are.
    """
    of_document = [each.number for each in states if each.document == token]
    if kind.startswith("invoice") and of_document:
        return of_document
    if (run := _RUN.fullmatch(token)) and not of_document:
        found = range(int(run[1]), int(run[2]) + 1)
        if found and found[-1] <= len(states) and found[0] >= 1:
            return found
    if token.isascii() and token.isdigit() and len(token) <= 4:  # noqa: PLR2004
        is_line = 1 <= int(token) <= len(states) and not kind.startswith("invoice")
        if is_line and of_document and of_document != [int(token)] and not kind:
            raise Denied(
                f"{token} may be line {token} or invoice {token}. Say “line {token}”"
                f" or “invoice {token}”. Nothing has been changed.",
                rule="state",
            )
        if is_line and (kind or not of_document):
            return [int(token)]
    if of_document:
        return of_document
    name = token.casefold()
    of_name = [each.number for each in states if each.name.casefold() == name]
    if of_name:
        return of_name
    raise Denied(
        f"{proposal.number} has no line “{token[:60]}”. Its lines have the numbers 1 to"
        f" {len(states)}. Nothing has been changed.",
        rule="state",
    )


def kept(proposal: Proposal, out: Iterable[int]) -> Change | None:
    """The change without those lines; None where nothing would be left.

    Raises:
        Denied: the change is none that lines can be taken out of.
    """
    change = asks.change_from(proposal.draft.change)
    left_out = set(out)
    if isinstance(change, InvoicesCreate):
        return without_lines(change, [number - 1 for number in left_out])
    if isinstance(change, InvoiceSend):
        stay = tuple(
            each.document
            for each in lines.lines(proposal)
            if each.number not in left_out
        )
        return InvoiceSend(invoices=stay, email=change.email) if stay else None
    if isinstance(change, ExpenseCategorize):
        ids = tuple(
            step.record_id or ""
            for number, step in enumerate(proposal.draft.steps, start=1)
            if number not in left_out
        )
        return ExpenseCategorize(change.account, expenses=ids) if ids else None
    raise Denied(
        f"No lines can be left out of {proposal.number}. Nothing has been changed.",
        rule="state",
    )


async def _meant(back: Backstage, asked: Asked, number: str | None) -> Proposal:
    """The proposal that was named, else the last thing asked for here.

    Raises:
        NotFound: there is none.
    """
    found: Proposal | None
    if number:
        wanted = re.sub(r"\D", "", number)
        found = await back.desk.by_number(asked.person.workspace, wanted)
        if found is None:
            raise NotFound(
                f"There is no proposal P-{wanted}. (Nothing has been changed.)",
                kind="proposal",
                name=wanted,
            )
        return found
    talk_ = await back.chatlog.talk(asked.place, asked.person.id)
    if talk_.proposal is not None:
        return await back.desk.proposal(talk_.proposal)
    found = await back.desk.latest(
        asked.person.workspace, asked.place.text(), asked.person.id
    )
    if found is None:
        raise NotFound(
            "You have proposed nothing here. Name a proposal: “leave out 3 from P-17”."
            " (Nothing has been changed.)",
            kind="proposal",
            name="",
        )
    return found
