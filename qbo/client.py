"""One call to QuickBooks done well.

    read    time-outs, a few retries with jitter, at most about 20 seconds
    write   sent once; once more only after a 401, which means it was not taken

Every call waits for its turn at the governor, carries a valid token and ends in a
`Reply` or in one of the faults of `qbo.faults`.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import SystemRandom
from typing import Any, Final

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
)

from qbo import answers
from qbo.answers import Said
from qbo.connection import USER_AGENT, Connection
from qbo.faults import BooksFault, Throttled, Unconfirmed, Unreachable
from qbo.governor import Governor

_log = logging.getLogger(__name__)

# Older values behave as 75 since August 2025 ("Minor versions of our API").
MINOR_VERSION: Final = "75"

# Longer statements do not fit the address line of every proxy on the way.
_STATEMENT_CHARACTERS_MAX: Final = 1500

# The request certainly never left: no connection, or none free in our own pool.
# (httpcore raises ConnectError and ConnectTimeout for TCP, TLS and names;
# ProxyError when a proxy refuses the tunnel.) Every other exception may come after
# the first byte, so that nobody knows.
NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

_jitter = SystemRandom()


@dataclass(frozen=True, slots=True)
class Reply:
    """A success of QuickBooks. Numbers with a point are exact decimals in `json`."""

    json: dict[str, Any]
    intuit_tid: str | None
    status: int
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long calls may take, in seconds.

    A write's total includes waiting for its turn; the lease of whoever posts must
    be longer. Intuit itself cuts requests after 120 s.
    """

    connect_seconds: float = 6.0
    read_attempt_seconds: float = 12.0
    read_total_seconds: float = 20.0
    read_attempts: int = 4
    write_turn_seconds: float = 30.0
    write_total_seconds: float = 130.0


class Client:
    """The only way that requests about the books leave for QuickBooks.

    `last_look` is asked about a company just before a write leaves, once it is that
    write's turn; it raises `NotTaken` where it must not leave any more.

    `company` is everywhere a `Company.id` ("environment:realm"); paths are
    relative to `/v3/company/{realm}/`.
    """

    def __init__(
        self,
        connection: Connection,
        governor: Governor,
        http: httpx.AsyncClient,
        now: Callable[[], datetime],
        *,
        limits: Limits | None = None,
    ) -> None:
        self._connection = connection
        self._governor = governor
        self._http = http
        self._now = now
        self._limits = limits or Limits()
        self.last_look: Callable[[str], Awaitable[None]] = _nothing_stands

    async def get(
        self, company: str, path: str, params: Mapping[str, str] | None = None
    ) -> Reply:
        """Read something; made again a few times where that may help.

        Raises:
            Refused: QuickBooks says no (610: no such record).
            Throttled, Disconnected, Forbidden, Unreachable: as in `qbo.faults`.
        """
        request = self._request("GET", company, path, (params or {}).items())
        return _reply(await self._read(company, path, request))

    async def query(self, company: str, statement: str) -> Reply:
        """Ask in QuickBooks' query language; long statements are POSTed.

        Raises:
            Refused: 4000 or 4001, the statement is wrong.
            Throttled, Disconnected, Forbidden, Unreachable: as in `qbo.faults`.
        """
        if len(statement) <= _STATEMENT_CHARACTERS_MAX:
            request = self._request("GET", company, "query", [("query", statement)])
        else:
            request = self._request(
                "POST",
                company,
                "query",
                (),
                content=statement.encode(),
                headers={"Content-Type": "application/text"},
            )
        return _reply(await self._read(company, "query", request))

    async def download(self, company: str, path: str, accept: str) -> bytes:
        """Fetch a file, such as an invoice's PDF.

        Raises:
            Refused: QuickBooks says no.
            Throttled, Disconnected, Forbidden, Unreachable: as in `qbo.faults`.
        """
        request = self._request("GET", company, path, (), headers={"Accept": accept})
        return (await self._read(company, path, request)).body

    async def post(
        self,
        company: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]],
        body: bytes,
        content_type: str,
        request_id: str | None,
    ) -> Reply:
        """Write: send these bytes once, and once more only after a 401.

        Raises:
            Refused, Stale: QuickBooks definitely says no.
            Throttled, Disconnected, Forbidden, Unreachable: it was not taken.
            Unconfirmed: it may have been taken; nobody knows.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + self._limits.write_total_seconds
        named = [] if request_id is None else [("requestid", request_id)]
        request = self._request(
            "POST",
            company,
            path,
            [*query, *named],
            content=body,
            headers={"Content-Type": content_type},
        )
        await self._connection.check_may_post(company)
        async with self._governor.writing(
            company,
            patience_seconds=self._limits.write_turn_seconds,
            lease_seconds=self._limits.write_total_seconds + 10,
            is_batch=path == "batch",
        ):
            # Waiting for its turn takes a while: what was decided meanwhile counts.
            await self.last_look(company)
            said = await self._send_once(company, request, end - loop.time())
            no = await self._no(company, said, is_write=True)
        if no is not None:
            raise no
        try:
            return _reply(said)
        except Unreachable as wrong:
            unread = Unconfirmed(answers.UNCONFIRMED, intuit_tid=said.intuit_tid)
            _keep_answer(unread, said)
            raise unread from wrong

    async def _send_once(
        self, company: str, request: httpx.Request, seconds: float
    ) -> Said:
        bearer = self._connection.bearer(company)
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                return await self._send(request, bearer)
        except BooksFault:
            raise
        except NEVER_SENT as wrong:
            _log.warning("a write never left: %s", type(wrong).__name__)
            raise Unreachable(answers.UNREACHABLE) from wrong
        except Exception as wrong:
            # Whatever breaks while the request is out leaves its outcome unknown.
            if not bearer.is_out:
                raise Unreachable(answers.UNREACHABLE) from wrong
            _log.warning("a write is unconfirmed: %s", type(wrong).__name__)
            raise Unconfirmed(answers.UNCONFIRMED) from wrong

    async def _send(self, request: httpx.Request, bearer: httpx.Auth) -> Said:
        # A redirect would send a write a second time, and its token elsewhere.
        response = await self._http.send(request, auth=bearer, follow_redirects=False)
        return Said(response.status_code, response.headers, response.content)

    async def _read(self, company: str, path: str, request: httpx.Request) -> Said:
        loop = asyncio.get_running_loop()
        limits = self._limits
        end = loop.time() + limits.read_total_seconds
        retrying = AsyncRetrying(
            retry=retry_if_exception_type((Throttled, Unreachable)),
            stop=(
                stop_after_attempt(limits.read_attempts)
                | stop_before_delay(limits.read_total_seconds)
            ),
            wait=_pause_seconds,
            reraise=True,
        )
        # Reports of a large company take their time; a second try takes as long.
        is_slow = path.startswith("reports/")
        async for attempt in retrying:
            with attempt:
                left = max(end - loop.time(), 0.0)
                async with self._governor.reading(company, patience_seconds=left):
                    left = max(end - loop.time(), 0.0)
                    said = await self._read_once(
                        company,
                        request,
                        left if is_slow else min(left, limits.read_attempt_seconds),
                    )
                no = await self._no(company, said, is_write=False)
                if no is not None:
                    raise no
        return said

    async def _read_once(
        self, company: str, request: httpx.Request, seconds: float
    ) -> Said:
        try:
            async with asyncio.timeout(seconds):
                return await self._send(request, self._connection.bearer(company))
        except (TimeoutError, httpx.TimeoutException) as wrong:
            raise Unreachable(answers.SILENT) from wrong
        except (httpx.HTTPError, httpx.StreamError) as wrong:
            _log.info("a read failed: %s", type(wrong).__name__)
            raise Unreachable(answers.UNREACHABLE) from wrong

    async def _no(
        self, company: str, said: Said, *, is_write: bool
    ) -> BooksFault | None:
        now = self._now()
        no = answers.judged(said, company=company, is_write=is_write, now=now)
        if no is not None:
            _log.info(
                "quickbooks said no: %s status=%s code=%s intuit_tid=%s",
                type(no).__name__,
                said.status,
                getattr(no, "code", "-"),
                said.intuit_tid,
            )
            if is_write:
                _keep_answer(no, said)
        if isinstance(no, Throttled):
            no.retry_after_seconds = await self._governor.pause(
                company, answers.retry_after(said.headers, now)
            )
        return no

    def _request(
        self,
        method: str,
        company: str,
        path: str,
        params: Any,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        assert re.fullmatch(r"[\w.~-]+(/[\w.~@%-]+)*", path, re.ASCII), "a strange path"
        assert ".." not in path.split("/"), "a path that leaves the company"
        limits = self._limits
        is_write = method == "POST" and path != "query"
        return self._http.build_request(
            method,
            f"{self._connection.company_url(company)}/{path}",
            params=[*params, ("minorversion", MINOR_VERSION)],
            content=content,
            headers={
                "Accept": "application/json",
                "User-Agent": USER_AGENT,
                **(headers or {}),
            },
            timeout=httpx.Timeout(
                limits.write_total_seconds if is_write else limits.read_total_seconds,
                connect=limits.connect_seconds,
                pool=limits.read_attempt_seconds,
            ),
        )


async def _nothing_stands(company: str) -> None:
    """Where nobody stops companies."""


def _pause_seconds(state: RetryCallState) -> float:
    """As long as QuickBooks asked for, else 0.3, 0.6, 1.2 s; with jitter."""
    failed = state.outcome.exception() if state.outcome else None
    jitter = _jitter.uniform(0.0, 0.3)
    if isinstance(failed, Throttled):
        return failed.retry_after_seconds + jitter
    return float(0.3 * 2.0 ** (state.attempt_number - 1)) + jitter


def _keep_answer(no: BooksFault, said: Said) -> None:
    """What QuickBooks said, word for word, goes along with the fault."""
    no.status, no.response = said.status, said.body.decode(errors="replace")


def _reply(said: Said) -> Reply:
    try:
        body = answers.read_json(said.body)
        return Reply(body, said.intuit_tid, said.status, said.body)
    except answers.Unreadable as wrong:
        raise Unreachable(answers.UNREADABLE, intuit_tid=said.intuit_tid) from wrong
