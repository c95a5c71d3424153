"""Answers that were shown, so that their buttons go on meaning what they meant.

A button carries an opaque text for (answer, step, verb), sealed under a key of ours:
good for that one thing on that one answer, wherever the program is restarted in
between. What was asked, and what each step asks, is kept here; nothing that a
platform sends back is read as a name, a filter or an amount.
"""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals.proposal import Denied
from bot.platform import Place
from cards.card import Button
from qbo.columns import UtcTime

KEPT_DAYS = 30
# A second press so soon is the same press: double clicks, two readers at once.
ONCE = timedelta(seconds=10)
_SEAL_BYTES = 18
_LONGEST = 120


class _ShownRow(SQLModel, table=True):
    __tablename__ = "shown_answer"
    id: str = Field(primary_key=True)
    workspace: str
    company: str
    person_id: str
    place: str
    action: str
    arguments: str
    steps: str
    pressed: str = "{}"
    at: datetime = Field(sa_type=UtcTime, index=True)


@dataclass(frozen=True, slots=True)
class Step:
    """One next step that an answer offers: a button's words, and what it does.

    `arguments` are those of the interpretation contract where the verb asks or
    proposes something, else what the verb needs ("entity" and "id" to refresh).
    `words` are those that somebody said for it before, "" where the button is all.
    """

    verb: str
    label: str
    action: str
    arguments: dict[str, Any]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer that stands somewhere: what was asked, by whom and where.

    `company` is the `Company.id`; `steps` are its buttons in their order.
    """

    id: str
    workspace: str
    company: str
    person_id: str
    place: Place
    action: str
    arguments: dict[str, Any]
    steps: tuple[Step, ...]


class ShownAnswers:
    """Keeps what was shown for a month, and makes and reads the texts of buttons."""

    def __init__(
        self, engine: AsyncEngine, key: bytes, now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._reading = engine.execution_options(readonly=True)
        self._key = hmac.digest(key, b"countersign answer", "sha256")
        self._now = now

    async def keep(
        self,
        workspace: str,
        company: str,
        person_id: str,
        place: Place,
        action: str,
        arguments: dict[str, Any],
        steps: Sequence[Step],
    ) -> Shown:
        """Keep an answer that is about to be shown."""
        shown = Shown(
            uuid.uuid4().hex,
            workspace,
            company,
            person_id,
            place,
            action,
            arguments,
            tuple(steps),
        )
        row = _ShownRow(
            id=shown.id,
            workspace=workspace,
            company=company,
            person_id=person_id,
            place=place.text(),
            action=action,
            arguments=json.dumps(arguments),
            steps=json.dumps(
                [[s.verb, s.label, s.action, s.arguments, s.words] for s in shown.steps]
            ),
            at=self._now(),
        )
        async with AsyncSession(self._engine) as session, session.begin():
            session.add(row)
        return shown

    def token(self, shown: Shown, number: int) -> str:
        """The text of the button of one step, counted from 0."""
        told = f"{shown.id}~{number}"
        return f"{told}~{self._seal(told, shown.steps[number].verb)}"

    def buttons(self, shown: Shown) -> tuple[Button, ...]:
        """A button for each step, in their order."""
        return tuple(
            Button(step.label, step.verb, self.token(shown, number))
            for number, step in enumerate(shown.steps)
        )

    async def find(self, text: str, verb: str) -> tuple[Shown, int]:
        """What a pressed button belongs to, and the number of its step.

        Raises:
            Denied: not a button of ours, of another verb, or of long ago.
        """
        is_plain = text.isascii() and text.isprintable() and len(text) <= _LONGEST
        parts = text.split("~") if is_plain else []
        if len(parts) != 3 or not parts[1].isdigit():  # noqa: PLR2004
            raise _unknown()
        known, number, seal = parts
        wanted = self._seal(f"{known}~{number}", verb)
        if not hmac.compare_digest(wanted.encode(), seal.encode()):
            raise _unknown()
        async with AsyncSession(self._reading) as session:
            row = await session.get(_ShownRow, known)
        if row is None:
            raise Denied(
                "This answer is too old for its buttons. Nothing has been done; please"
                " ask again.",
                rule="late",
            )
        return _shown(row), int(number)

    async def claim(self, shown: Shown, number: int) -> bool:
        """Whether this press counts; False: the same was pressed a moment ago."""
        now = self._now()
        async with AsyncSession(self._reading) as session:
            row = await session.get(_ShownRow, shown.id)
        if row is None:
            return False
        before = row.pressed
        pressed = json.loads(before)
        last = pressed.get(str(number))
        if last and now - datetime.fromisoformat(last) < ONCE:
            return False
        pressed[str(number)] = now.isoformat()
        async with AsyncSession(self._engine) as session, session.begin():
            done = await session.execute(
                update(_ShownRow)
                .where(col(_ShownRow.id) == shown.id, col(_ShownRow.pressed) == before)
                .values(pressed=json.dumps(pressed))
                .returning(col(_ShownRow.id))
                .execution_options(synchronize_session=False)
            )
            # Who comes second finds another text there, and was pressed just now.
            return done.first() is not None

    async def release(self, shown: Shown, number: int) -> None:
        """Let it be pressed again at once: what was begun has come to nothing."""
        async with AsyncSession(self._engine) as session, session.begin():
            row = await session.get(_ShownRow, shown.id)
            if row is not None:
                pressed = json.loads(row.pressed)
                pressed.pop(str(number), None)
                row.pressed = json.dumps(pressed)

    async def tidy(self) -> None:
        """Forget what was shown more than a month ago."""
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                delete(_ShownRow).where(
                    col(_ShownRow.at) < self._now() - timedelta(days=KEPT_DAYS)
                )
            )

    def _seal(self, told: str, verb: str) -> str:
        mac = hmac.new(self._key, f"{told}~{verb}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac.digest()[:_SEAL_BYTES]).decode()


def _shown(row: _ShownRow) -> Shown:
    return Shown(
        row.id,
        row.workspace,
        row.company,
        row.person_id,
        Place.parse(row.place),
        row.action,
        json.loads(row.arguments),
        tuple(Step(*each) for each in json.loads(row.steps)),
    )


def _unknown() -> Denied:
    return Denied(
        "I do not know that button, so nothing was done. Please ask again.",
        rule="token",
    )
