"""Errands about the way to QuickBooks: connect, confirm, test, sync, disconnect."""

from collections.abc import Mapping

from bot import stops
from bot.backstage import Asked, Backstage
from cards import connections as cards
from cards.card import Card
from qbo.connection import Connected, State
from qbo.faults import BooksFault, Disconnected

_STATES: Mapping[State, cards.State] = {
    State.CONFIRMING: "unconfirmed",
    State.CONNECTED: "connected",
    State.ENDED: "ended",
    State.DISCONNECTED: "disconnected",
}


class Connections:
    """What people can do about companies; used by words and by buttons."""

    def __init__(self, backstage: Backstage) -> None:
        self._back = backstage

    async def connect(self, asked: Asked) -> None:
        """Whisper an administrator the link that begins the consent.

        Raises:
            Denied: the person is no administrator.
        """
        await self._back.admins_only(asked, "Connecting a company")
        invited = await self._back.connection.invite(
            asked.person.workspace, asked.person.id, origin=asked.place.text()
        )
        card = cards.invitation(self._back.consent_link(invited.token))
        await self._back.voice.whisper(asked.sender, asked.place, card)

    async def confirm(self, asked: Asked, company: str, *, yes: bool) -> Card:
        """The first yes (or no) to a company that was just connected.

        Raises:
            Denied: not this person's to say.
            BooksFault: QuickBooks stands in the way.
        """
        await self._back.admins_only(asked, "Confirming a company")
        connected = await self._back.company_with(asked, company)
        if yes:
            await self._back.connection.confirm(company, asked.person.id)
            await self._back.desk.hurry(company)
            self._back.background.later(stops.look_again(self._back, company))
            return cards.connected(connected.company, asked.person.name)
        refused = await self._back.connection.refuse(company, asked.person.id)
        await self._back.ledger.forget(company)
        return cards.disconnected(
            connected.company, asked.person.name, refused.sentence
        )

    async def status(self, asked: Asked) -> Card:
        """How every company of the workspace is connected."""
        known = await self._back.connection.companies(asked.person.workspace)
        return cards.status(
            tuple([await self._described(each) for each in known]),
            today=asked.today,
            admin=asked.is_admin,
            support=await self._back.support(asked.person.workspace),
        )

    async def _described(self, connected: Connected) -> cards.Connection:
        by = await self._back.people.person(connected.connected_by)
        synced = await self._back.ledger.status(connected.company.id)
        return cards.Connection(
            company=connected.company,
            state=_STATES[connected.state],
            connected_by=by.name if by else None,
            connected_at=connected.connected_at,
            access_until=connected.access_expires_at,
            renew_until=connected.refresh_expires_at,
            synced_at=synced.fresh_at,
            records=synced.rows,
            problem=connected.ended_reason,
        )

    async def do(self, asked: Asked, action: str, connected: Connected) -> Card:
        """`connection.test`, `sync.now` or `disconnect` one company.

        A disconnection is asked about first, and done by `disconnect.yes`.

        Raises:
            Denied: disconnecting is for administrators.
            BooksFault: QuickBooks stands in the way.
        """
        if action == "disconnect":
            return await self.ask_disconnect(asked, connected)
        if action == "disconnect.yes":
            return await self._disconnect(asked, connected)
        if action == "sync.now":
            return await self._sync(connected)
        return await self._test(connected)

    async def ask_disconnect(self, asked: Asked, connected: Connected) -> Card:
        """Name how many proposals wait, and ask.

        Raises:
            Denied: the person is no administrator.
        """
        await self._back.admins_only(asked, "Disconnecting a company")
        waits = await self._back.desk.stops.waiting(connected.company.id)
        return cards.ask_disconnect(connected.company, waits=waits)

    async def _disconnect(self, asked: Asked, connected: Connected) -> Card:
        await self._back.admins_only(asked, "Disconnecting a company")
        company = connected.company
        ended = await self._back.connection.disconnect(company.id, asked.person.id)
        await self._back.ledger.forget(company.id)
        await self._back.chatlog.forget_company(company.id)
        self._back.background.later(stops.look_again(self._back, company.id))
        return cards.disconnected(company, asked.person.name, ended.sentence)

    async def _sync(self, connected: Connected) -> Card:
        status = await self._back.ledger.sync(connected.company.id, force=True)
        at = status.fresh_at or self._back.now()
        return cards.synced(connected.company, status.rows, at)

    async def _test(self, connected: Connected) -> Card:
        try:
            tested = await self._back.connection.test(connected.company.id)
        except Disconnected:
            raise
        except BooksFault as fault:
            return cards.tested(connected.company, fault.sentence, works=False)
        sentence = f"QuickBooks answered as {tested.name}."
        return cards.tested(tested, sentence, works=True)
