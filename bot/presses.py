"""What is done for a person who pressed a button."""

from collections.abc import Mapping

from approvals import moves
from approvals.proposal import Denied, Proposal, Role
from bot import answering
from bot.backstage import Asked, Backstage
from bot.connections import Connections
from bot.errands import Errands
from bot.orders import batches, deputies
from bot.people import Unlinkable
from bot.platform import Press, Reply
from bot.undoing import undo
from cards import access
from cards.card import Card
from qbo import asks

_ROLES: Mapping[str, frozenset[Role]] = {
    "staff": frozenset({Role.STAFF}),
    "approver": frozenset({Role.STAFF, Role.APPROVER}),
    "no": frozenset(),
}


class Presses:
    """Does what a button means, for a person we know."""

    def __init__(
        self, backstage: Backstage, companies: Connections, errands: Errands
    ) -> None:
        self._back = backstage
        self._companies = companies
        self._errands = errands

    async def press(  # noqa: PLR0911 - one return a kind of button
        self, asked: Asked, press: Press
    ) -> Card | Reply | None:
        """Do what a pressed button means.

        A card is a new message; a Reply answers the presser alone.

        Raises:
            BooksFault: the books stand in the way.
            Denied: the desk says no.
        """
        verb = press.verb
        if verb in answering.VERBS:
            # Reading is for everybody who is let in; what is not, says so itself.
            return await answering.pressed(self._back, self._errands, asked, press)
        if Role.AUDITOR in asked.person.roles:
            raise Denied(moves.AUDITOR, rule="role")
        if verb in deputies.VERBS:
            return await deputies.pressed(self._back, asked, press)
        if verb in {"approve", "reject", "withdraw", "settle.there", "settle.not"}:
            return await self._decided(asked, press)
        if verb in {"connect.yes", "connect.no"}:
            return await self._companies.confirm(
                asked, press.token, yes=verb == "connect.yes"
            )
        if verb in {"connection.test", "sync.now", "disconnect", "disconnect.yes"}:
            connected = await self._back.company_with(asked, press.token)
            return await self._companies.do(asked, verb, connected)
        if verb.startswith("access."):
            return await self._access(asked, press)
        return await self._others(asked, press)

    async def _others(self, asked: Asked, press: Press) -> Card | Reply | None:
        match press.verb:
            case "connect":
                await self._companies.connect(asked)
                return None
            case "renew":
                await self._renew(asked, press)
                return None
            case "undo":
                await undo(self._back, asked, await self._pressed(asked, press))
                return None
            case verb if verb in batches.VERBS:
                proposal = await self._pressed(asked, press)
                said = press.fields.get("lines", "")
                return await batches.pressed(self._back, asked, verb, proposal, said)
            case "second":
                return await self._errands.second(asked, press.token)
            case _:
                raise _no_longer_good()

    async def _decided(self, asked: Asked, press: Press) -> Reply:
        desk, platform, person = self._back.desk, asked.place.platform, asked.person
        where = asked.where(press.message)
        if press.verb in {"approve", "reject"}:
            proposal = await desk.decide(
                press.token,
                person,
                platform=platform,
                reason=press.fields.get("reason") or None,
                message=press.message,
                place=asked.place.text(),
                where=where,
            )
        elif press.verb == "withdraw":
            pressed = await self._pressed(asked, press)
            proposal = await desk.withdraw(
                pressed.id, person, platform=platform, where=where
            )
        else:
            pressed = await self._pressed(asked, press)
            # An empty number is no "it is not there"; the desk denies it.
            number = press.fields.get("doc_number", "")
            proposal = await desk.settle(
                pressed.id,
                person,
                doc_number=number if press.verb == "settle.there" else None,
                platform=platform,
                where=where,
            )
        self._back.background.later(self._back.carry_out(proposal))
        return Reply(card=self._back.notices.card(proposal, "", person))

    async def _pressed(self, asked: Asked, press: Press) -> Proposal:
        """The proposal whose button was pressed.

        Raises:
            Denied: the button is not ours, not this one, or of another revision.
        """
        verb, proposal = await self._back.desk.pressed(
            press.token,
            asked.person,
            message=press.message,
            place=asked.place.text(),
        )
        if verb != press.verb:
            raise _no_longer_good()
        return proposal

    async def _renew(self, asked: Asked, press: Press) -> None:
        """Propose a stale change anew, upon the records as they are now."""
        back = self._back
        stale = await self._pressed(asked, press)
        number = await back.desk.reserve(asked.person.workspace)
        draft, circumstances = await back.ledger.draft(
            stale.company.id,
            # Of several lines those that can no longer be prepared are left out.
            asks.change_from((stale.rebased or stale.draft).change),
            ref=number,
            today=asked.today,
        )
        await back.propose(
            asked, stale.company, draft, circumstances, stale.words, renews=stale.id
        )

    async def _access(self, asked: Asked, press: Press) -> Card:
        await self._back.admins_only(asked, "Giving access")
        outcome = press.verb.removeprefix("access.")
        roles = _ROLES.get(outcome)
        try:
            granted = (
                await self._back.people.grant(press.token, asked.person, roles)
                if roles is not None
                else None
            )
        except Unlinkable as known:
            raise Denied(known.sentence, rule="twice") from None
        if granted is None:
            raise Denied(
                "Somebody has decided this already. Nothing has been changed.",
                rule="late",
            )
        request, person = granted
        if person is not None:
            await self._back.desk.approvers.changed(person.workspace)
            await self._back.voice.tell(person, access.welcome(outcome))
        name = request.sender.name or request.sender.user
        return access.access_settled(name, outcome, asked.person.name)


def _no_longer_good() -> Denied:
    return Denied(
        "This button is no longer good. Nothing has been changed.", rule="changed"
    )
