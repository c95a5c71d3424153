"""Keeping the stops of companies as they are found, and lifting them at the server."""

import asyncio
import getpass
import logging

from sqlalchemy.ext.asyncio import AsyncEngine

from approvals import waiting
from approvals.proposal import Denied, Role
from approvals.stops import DISCONNECTED, FROZEN, READONLY
from bot.backstage import Asked, Backstage
from qbo.books import Company
from qbo.connection import Connected, State
from qbo.faults import NotFound

log = logging.getLogger(__name__)

_GONE = frozenset({State.ENDED, State.DISCONNECTED})


async def compare(back: Backstage) -> None:
    """Let every company's stops say how its connection, setting and policy are.

    The timetable's, so that nothing is missed that a crash cut short.
    """
    for connected in await back.connection.all():
        await compare_one(back, connected)


async def compare_one(back: Backstage, connected: Connected) -> None:
    """The same for one company, as soon as its connection has changed."""
    company, workspace = connected.company, connected.workspace
    await back.desk.compare_readonly(company, workspace)
    if connected.state is State.CONFIRMING:
        return  # it says itself that it waits for a yes; what stood before stands
    is_new = await back.desk.stops.found(
        company,
        workspace,
        DISCONNECTED,
        back.now(),
        stands=connected.state in _GONE,
        person="QuickBooks" if connected.state is State.ENDED else "an administrator",
        reason=connected.ended_reason or "",
    )
    if is_new:
        log.info(
            "a company's connection has changed",
            extra={"company": company.id, "state": connected.state.value},
        )


async def deny_readonly(back: Backstage, asked: Asked, company: Company) -> None:
    """Let a write pass only where the company may be written to.

    Raises:
        Denied: it is read-only; names who can lift that.
    """
    halt = await back.desk.readonly(company)
    if halt is None:
        return
    admins = await back.people.having(asked.person.workspace, Role.ADMIN)
    names = tuple(each.name for each in admins)
    said = waiting.readonly(company, halt, "nothing was proposed", names)
    raise Denied(said, rule="readonly")


async def take_endings(back: Backstage, engine: AsyncEngine) -> None:
    """Want the administrators told of connections that have ended.

    Taking and wanting are one transaction: told at least once, whatever stops.
    """
    async with engine.begin() as connection:
        ended = await back.connection.take_endings(connection)
        for each in ended:
            await back.desk.stops.told_of_ending(
                connection, each.company, each.workspace, back.now()
            )


async def go_on(back: Backstage) -> None:
    """Carry on at once with what waited, and show it."""
    await back.desk.resume()
    await back.show()


async def look_again(back: Backstage, company: str) -> None:
    """After a company's connection has changed: its cards, and what waited."""
    await compare_one(back, await back.connection.company(company))
    await go_on(back)


async def at_server(
    back: Backstage, company: str, *, on: bool, readonly: bool, reason: str
) -> str:
    """Freeze or thaw a company by whoever runs the server; a sentence for them.

    `company` is its name, its realm or our id of it.

    Raises:
        NotFound: no company is called so, or several are.
    """
    wanted = company.strip().casefold()
    found = [
        each
        for each in await back.connection.all()
        if wanted
        in {
            each.company.id.casefold(),
            each.company.realm.casefold(),
            each.company.name.casefold(),
        }
    ]
    if len(found) != 1:
        known = ", ".join(
            f"{each.company.name} ({each.company.id})"
            for each in await back.connection.all()
        )
        raise NotFound(
            f"{len(found) or 'No'} companies here are called {company}."
            f" Known are: {known or 'none'}. Nothing has been changed.",
            kind="company",
            name=company,
        )
    connected, kind = found[0], READONLY if readonly else FROZEN
    operator = f"{await asyncio.to_thread(_user)} at the server"
    is_changed = await back.desk.stops.by_server(
        connected.company,
        connected.workspace,
        kind,
        back.now(),
        on=on,
        operator=operator,
        reason=reason,
    )
    word = "read-only" if readonly else "frozen"
    title = connected.company.title
    if not is_changed:
        return f"{title} is {word} already." if on else f"{title} is not {word}."
    if on:
        return f"{title} is {word} from now on."
    return f"{title} is no longer {word}. Its trail says that you lifted it alone."


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
