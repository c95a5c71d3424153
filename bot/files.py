"""Files handed over by a link that is good for a quarter of an hour.

For platforms that take no bytes from us. The link is the key: long, made by
chance, kept as a digest only, and never logged.
"""

import hashlib
import secrets
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote

from aiohttp import web
from sqlalchemy import LargeBinary, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import Field, SQLModel, col

from qbo.books import Document
from qbo.columns import UtcTime

GOOD_FOR = timedelta(minutes=15)


class _FileRow(SQLModel, table=True):
    __tablename__ = "handed_file"
    id: str = Field(primary_key=True)
    digest: str = Field(index=True, unique=True)
    name: str
    media_type: str
    content: bytes = Field(sa_type=LargeBinary)
    expires_at: datetime = Field(sa_type=UtcTime)


class Files:
    """Keeps files for a while and gives them to whoever has the link."""

    def __init__(
        self, engine: AsyncEngine, now: Callable[[], datetime], base_url: str
    ) -> None:
        self._engine = engine
        self._reading = engine.execution_options(readonly=True)
        self._now = now
        self._base_url = base_url

    async def link(self, document: Document) -> str:
        """Keep a document; the address where it can be fetched until it is too old."""
        token = secrets.token_urlsafe(32)
        row = _FileRow(
            id=uuid.uuid4().hex,
            digest=_digest(token),
            name=document.name,
            media_type=document.media_type,
            content=document.content,
            expires_at=self._now() + GOOD_FOR,
        )
        async with AsyncSession(self._engine) as session, session.begin():
            session.add(row)
        return f"{self._base_url}/files/{token}"

    async def tidy(self) -> None:
        """Forget what is too old."""
        async with AsyncSession(self._engine) as session, session.begin():
            await session.execute(
                delete(_FileRow).where(col(_FileRow.expires_at) < self._now())
            )

    def routes(self, app: web.Application) -> None:
        """Add `/files/{token}`."""
        app.router.add_get("/files/{token}", self._fetch)

    async def _fetch(self, request: web.Request) -> web.Response:
        async with AsyncSession(self._reading) as session:
            row = await session.scalar(
                select(_FileRow).where(
                    col(_FileRow.digest) == _digest(request.match_info["token"])
                )
            )
        if row is None or row.expires_at < self._now():
            return web.Response(
                status=410,
                text="This link is no longer good. Ask for the file again.\n",
            )
        return web.Response(
            body=row.content,
            content_type=row.media_type,
            headers={
                "Content-Disposition": (
                    f"attachment; filename*=UTF-8''{quote(row.name, safe='')}"
                ),
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "sandbox",
            },
        )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
