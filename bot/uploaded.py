"""Files that people have uploaded, kept before their arrival is acknowledged.

A file is kept under the event that brought it: the same event again is the same
file. What became of it is noted, so that a file that comes twice can be told.
"""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, UniqueConstraint, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from approvals.proposal import Person
from qbo.columns import UtcTime

KEPT_DAYS = 30


class _UploadRow(SQLModel, table=True):
    __tablename__ = "upload"
    __table_args__ = (UniqueConstraint("workspace", "person_id", "event"),)
    id: str = Field(primary_key=True)
    workspace: str
    person_id: str
    event: str
    name: str
    digest: str = Field(index=True)
    content: bytes = Field(sa_type=LargeBinary)
    at: datetime = Field(sa_type=UtcTime, index=True)
    # The company and the number of what was proposed of it.
    company: str | None = None
    proposal: str | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came. `digest` is the SHA-256 (hex) of its content."""

    id: str
    workspace: str
    person_id: str
    name: str
    content: bytes
    digest: str
    at: datetime


class Uploads:
    """Keeps files; a month, for they hold what customers are billed."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._reading = engine.execution_options(readonly=True)
        self._now = now

    async def keep(self, person: Person, event: str, name: str, content: bytes) -> str:
        """Keep a file durably; its id, the same for the same event."""
        row = _UploadRow(
            id=uuid.uuid4().hex,
            workspace=person.workspace,
            person_id=person.id,
            event=event,
            name=name,
            digest=hashlib.sha256(content).hexdigest(),
            content=content,
            at=self._now(),
        )
        made = row.id
        try:
            async with AsyncSession(self._engine) as session, session.begin():
                session.add(row)
        except IntegrityError:
            async with AsyncSession(self._reading) as session:
                known: str | None = await session.scalar(
                    select(col(_UploadRow.id)).where(
                        col(_UploadRow.workspace) == person.workspace,
                        col(_UploadRow.person_id) == person.id,
                        col(_UploadRow.event) == event,
                    )
                )
            if known is None:
                raise
            return known
        return made

    async def one(self, upload_id: str, person: Person) -> Upload | None:
        """A file of that person; None: there is none of theirs."""
        async with AsyncSession(self._reading) as session:
            row = await session.get(_UploadRow, upload_id)
            if row is None or (row.workspace, row.person_id) != (
                person.workspace,
                person.id,
            ):
                return None
            return Upload(
                row.id,
                row.workspace,
                row.person_id,
                row.name,
                row.content,
                row.digest,
                row.at,
            )

    async def proposed(self, upload: Upload, company: str, number: str) -> None:
        """Note what was proposed of a file."""
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                update(_UploadRow)
                .where(col(_UploadRow.id) == upload.id)
                .values(company=company, proposal=number)
            )

    async def earlier(self, upload: Upload, company: str) -> tuple[str, ...]:
        """The numbers of what was proposed of the very same content before."""
        async with AsyncSession(self._reading) as session:
            found = await session.scalars(
                select(col(_UploadRow.proposal))
                .where(
                    col(_UploadRow.workspace) == upload.workspace,
                    col(_UploadRow.company) == company,
                    col(_UploadRow.digest) == upload.digest,
                    col(_UploadRow.id) != upload.id,
                    col(_UploadRow.proposal).is_not(None),
                )
                .order_by(col(_UploadRow.at))
            )
            return tuple(each for each in found if each)

    async def tidy(self) -> int:
        """Forget files older than a month; how many."""
        async with AsyncSession(self._engine) as session, session.begin():
            gone = await session.execute(
                delete(_UploadRow).where(
                    col(_UploadRow.at) < self._now() - timedelta(days=KEPT_DAYS)
                )
            )
            return int(getattr(gone, "rowcount", 0))
