"""`countersign policy`: looking at the policy file on the server.

check    every mistake with its line, or the rules; ends with 1 where it is broken
test     what it would ask of whom for some words, and why
replay   under which rule each proposal of the last days was, and would be
versions every text that was in force, by its digest
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from sqlalchemy.exc import SQLAlchemyError

from approvals.policy import Broken, Policy, load
from approvals.proposal import Person
from bot import app as program
from bot import database, verdicts
from bot.settings import Settings, Unfit
from bot.understanding import samples
from cards import policy as cards
from cards.card import Card
from cards.text import text
from qbo.books import Company
from qbo.connection import State

cli = typer.Typer(
    help="The approval policy: is it sound, and what would it ask?",
    no_args_is_help=True,
)

T = TypeVar("T")
File = Annotated[
    Path | None, typer.Option("--file", help="Another file than COUNTERSIGN_POLICY.")
]

_NO_DATABASE = (
    "There is no database with proposals here: set COUNTERSIGN_DATA_DIR or"
    " COUNTERSIGN_DATABASE_URL as the server has it (of the demo:"
    " COUNTERSIGN_DATA_DIR=var/demo)."
)


@cli.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="A file; without it COUNTERSIGN_POLICY.")
    ] = None,
) -> None:
    """Say every mistake of the policy with its line, or show its rules."""
    path = _path(file)
    found = load(path)
    name = path.name if path else ""
    if isinstance(found, Broken):
        _say(cards.broken(found, name))
        raise typer.Exit(1)
    _say(cards.rules(found, name))


@cli.command("test")
def attempt(
    words: Annotated[str, typer.Argument(help="What somebody would say.")],
    *,
    person: Annotated[
        str | None, typer.Option("--as", help="Who would say it: an e-mail address.")
    ] = None,
    company: Annotated[
        str | None,
        typer.Option(help="A connected company's name or realm, or a sample's."),
    ] = None,
    file: File = None,
) -> None:
    """Show what the policy would ask of whom, and why; nothing is proposed."""
    policy = _sound(file)
    today = datetime.now().astimezone().date()
    sample = company if company in samples.companies() else samples.DEFAULT

    async def work(parts: program.Countersign | None) -> Card:
        known = await _company(parts, company) if company != sample else None
        requester = await _person(parts, person)
        trying = verdicts.Trying(words, requester, today, known, sample)
        return await verdicts.tried(policy, trying, parts.ledger if parts else None)

    try:
        _say(asyncio.run(_with_parts(work)))
    except verdicts.Unclear as unclear:
        _complain(unclear.sentence)


@cli.command()
def replay(
    *,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How far back.")] = 90,
    file: File = None,
) -> None:
    """Show under which rule each proposal of the last days was, and would be."""
    policy = _sound(file)

    async def work(parts: program.Countersign | None) -> Card:
        if parts is None:
            raise Unfit((_NO_DATABASE,))
        return await verdicts.replay(
            policy,
            parts.desk,
            parts.people,
            workspace=program.WORKSPACE,
            now=parts.now(),
            days=days,
        )

    _say(asyncio.run(_with_parts(work)))


@cli.command()
def versions(
    digest: Annotated[
        str | None, typer.Argument(help="Print the text of this one (8 letters do).")
    ] = None,
) -> None:
    """List the policies that were in force, or print one of them."""

    async def work(parts: program.Countersign | None) -> Card | str:
        if parts is None:
            raise Unfit(("There is no database with policies here.",))
        if digest is None:
            return cards.versions(await parts.desk.policies.all())
        found = await parts.desk.policies.one(digest)
        if found is None:
            _complain(f"No policy with the digest {digest} was ever in force here.")
        return found.text

    said = asyncio.run(_with_parts(work))
    if isinstance(said, Card):
        _say(said)
    else:
        sys.stdout.write(said)


# --- what they share --------------------------------------------------------------


def _path(file: Path | None) -> Path | None:
    named = os.environ.get("COUNTERSIGN_POLICY", "").strip()
    return file or (Path(named) if named else None)


def _sound(file: Path | None) -> Policy:
    """The policy; where it is broken its mistakes are said, and that is all."""
    path = _path(file)
    found = load(path)
    if isinstance(found, Broken):
        _say(cards.broken(found, path.name if path else ""))
        raise typer.Exit(1)
    return found


async def _with_parts(
    work: Callable[[program.Countersign | None], Awaitable[T]],
) -> T:
    """Do something with the program's parts; None where nothing is set up here."""
    try:
        settings = Settings.read(os.environ)
    except Unfit:
        return await work(None)
    parts = program.assemble(settings, program.utc_now)
    try:
        try:
            is_ready = await database.is_migrated(parts.engine)
        except (SQLAlchemyError, OSError):
            is_ready = False
        return await work(parts if is_ready else None)
    finally:
        await parts.http.aclose()
        await parts.engine.dispose()


async def _company(
    parts: program.Countersign | None, wanted: str | None
) -> Company | None:
    """The connected company that is meant; the first where none is named."""
    known = await parts.connection.all() if parts else ()
    usable = [
        each.company
        for each in known
        if each.state in {State.CONNECTED, State.CONFIRMING}
    ]
    for company in usable:
        if wanted is None or wanted.casefold() in {
            company.name.casefold(),
            company.realm,
        }:
            return company
    if wanted is not None:
        names = [*(each.name for each in usable), *samples.companies()]
        _complain(f"There is no company {wanted} here; there are: {', '.join(names)}.")
    return None


async def _person(parts: program.Countersign | None, email: str | None) -> Person:
    if parts is not None and email is not None:
        for person in await parts.people.people(program.WORKSPACE):
            if person.email and person.email.lower() == email.lower():
                return person
    return verdicts.somebody(email)


def _say(card: Card) -> None:
    sys.stdout.write(text(card))


def _complain(sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    raise typer.Exit(2)
