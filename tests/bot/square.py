"""A rail with a chat around it: a platform that holds messages and obeys orders."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from approvals.proposal import Notice, Proposal, WantedNotice
from bot.notices import Notices
from bot.pace import Pace
from bot.people import People
from bot.platform import Place, Sender
from bot.tellings import Tellings
from bot.voice import Voice
from cards.card import Card
from qbo.books import Document
from tests.approvals.far import ALEX, SAM, Rail, W
from tests.conftest import Clock


@dataclass
class Chat:
    """A platform that holds messages, and does what it is told to."""

    name: str = "slack"
    shown: dict[str, list[Card]] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    faults: dict[str, list[BaseException]] = field(default_factory=dict)
    # After the message stands: the process stops before it has noted that.
    stops: list[BaseException] = field(default_factory=list)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)

    async def _arrive(self, place: Place) -> None:
        if gate := self.gates.get(place.conversation):
            await gate.wait()
        if waiting := self.faults.get(place.conversation):
            raise waiting.pop(0)

    async def send(self, place: Place, card: Card) -> str:
        await self._arrive(place)
        message = f"m{len(self.shown) + 1}"
        self.shown[message] = [card]
        self.where[message] = place.conversation
        if self.stops:
            raise self.stops.pop(0)
        return message

    async def edit(self, place: Place, message: str, card: Card) -> None:
        await self._arrive(place)
        self.shown[message].append(card)
        if self.stops:
            raise self.stops.pop(0)

    async def whisper(self, sender: Sender, place: Place, card: Card) -> None:
        raise AssertionError(f"whispered at {place} to {sender}: {card.title}")

    async def deliver(self, place: Place, document: Document) -> None:
        raise AssertionError(f"handed over at {place}: {document.name}")

    async def direct(self, sender: Sender) -> Place:
        return Place(self.name, sender.tenant, f"D{sender.user}")

    def at(self, conversation: str) -> list[Card]:
        """What the messages of a conversation show now."""
        return [
            cards[-1]
            for message, cards in self.shown.items()
            if self.where[message] == conversation
        ]


class Stopped(BaseException):
    """The process ends here."""


@dataclass
class Square:
    """A rail with a chat around it."""

    rail: Rail
    chat: Chat
    people: People
    voice: Voice
    notices: Notices
    tellings: Tellings

    def another(self) -> Notices:
        """The same in another process, or after a new start."""
        return Notices(self.voice, self.rail.desk, self.people, self.rail.clock)

    async def proposed(self, *rooms: str) -> Proposal:
        places = tuple(WantedNotice(at(room)) for room in rooms or ("C1",))
        return await self.rail.proposed(places=places)

    async def notice(self, proposal: Proposal) -> Notice:
        return (await self.rail.desk.notices(proposal.id))[0]

    async def quiet(self, notices: Notices | None = None) -> None:
        """Let the timetable run until nothing more is done."""
        for _ in range(4):
            await (notices or self.notices).catch_up(20)


def at(room: str) -> str:
    return Place("slack", "T1", room).text()


@asynccontextmanager
async def opened(engine: AsyncEngine, clock: Clock) -> AsyncIterator[Square]:
    rail, chat = Rail(engine, clock), Chat()
    people = People(engine, clock)
    await people.open_workspace(W, "Harbour")
    for person in (SAM, ALEX):
        await people.enrol(W, person.name, person.roles, person=person.id)
        await people.identify(person.id, Sender("slack", "T1", person.name.upper()))
    voice = Voice({"slack": chat}, people)
    # Tests do not wait for a real minute; what the figures are is tested below.
    voice.pace = Pace(_swift())
    made = Square(
        rail,
        chat,
        people,
        voice,
        Notices(voice, rail.desk, people, clock),
        Tellings(voice, rail.desk, people, clock),
    )
    yield made
    await made.notices.stop()
    await made.tellings.stop()


def _swift() -> Callable[[], float]:
    """A clock by which an hour passes between any two looks."""
    now = [0.0]

    def look() -> float:
        now[0] += 3600
        return now[0]

    return look
