"""What all of the switchboard shares: where it is, what is asked, what is answered."""

import re
from typing import Any, Final

from aiohttp import web

from qbo.simulator.books.company import Company
from qbo.simulator.exact import Json, dumps, received
from qbo.simulator.web.state import STATE

PREFIX: Final = "/_simulator"
_NUMBER: Final = re.compile(r"\d{1,18}", re.ASCII)


async def wish_of(request: web.Request) -> Json:
    """The JSON object of a request; without a body an empty one.

    Raises:
        HTTPBadRequest: it is something else.
    """
    try:
        given = received(await request.read() or b"{}")
    except (ValueError, web.RequestPayloadError):
        given = None
    if not isinstance(given, dict):
        raise bad("a JSON object is wanted")
    return given


def after_of(request: web.Request) -> int:
    """The number in `after=`, behind which a list is to begin; 0 without one."""
    text = request.query.get("after", "")
    return int(text) if _NUMBER.fullmatch(text) else 0


def company_of(request: web.Request) -> Company:
    """The company whose realm is in the path.

    Raises:
        HTTPNotFound: there is none.
    """
    company = request.app[STATE].companies.get(request.match_info["realm"])
    if company is None:
        raise web.HTTPNotFound
    return company


def bad(sentence: str) -> web.HTTPBadRequest:
    """A wish that has no sense, and why."""
    return web.HTTPBadRequest(
        text=dumps({"error": sentence}), content_type="application/json"
    )


def shown(body: Any, status: int = 200) -> web.Response:
    """An answer in JSON."""
    return web.Response(
        text=dumps(body), status=status, content_type="application/json"
    )
