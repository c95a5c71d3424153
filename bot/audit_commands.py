"""`countersign audit`: what auditors ask for on the server.

verify   every chain, with the first broken line; ends with 1 where one is broken
export   the lines of one company as CSV or as JSON lines, page by page
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Annotated

import typer

from approvals.auditing import Audit
from bot import app as program
from bot import database
from bot.audit import Form, Unclear, chain_of, checked, exported, name_of
from bot.settings import Settings, Unfit

cli = typer.Typer(help="The trail: is it as it was written?", no_args_is_help=True)

# Typer takes one description of an option, so that the names stand in each.
From = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="A day (UTC), itself included."),
]
To = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], help="A day (UTC), itself included."),
]


@cli.command()
def verify(
    *,
    company: Annotated[
        str | None, typer.Option(help="Only this company: its name or realm.")
    ] = None,
    expect: Annotated[
        list[str] | None,
        typer.Option(help="COMPANY=LINE: what somebody has written down."),
    ] = None,
) -> None:
    """Check every chain of the trail; ends with 1 where one is broken."""
    expected = dict(_expectation(each) for each in expect or ())

    async def work(audit: Audit, names: Mapping[str, str]) -> bool:
        found = await checked(audit, names, company=company, expected=expected)
        for each in found:
            _say(f"{each.name}: {'sound' if each.sound else 'BROKEN'}")
            for sentence in each.sentences:
                _say(f"  {sentence}")
        if not found:
            _say("Nothing has been written yet.")
        return all(each.sound for each in found)

    raise typer.Exit(0 if _run(work) else 1)


@cli.command()
def export(
    *,
    company: Annotated[str, typer.Option(help="The company's name or realm.")],
    since: From = None,
    until: To = None,
    form: Annotated[Form, typer.Option("--format", help="csv or json.")] = Form.CSV,
    out: Annotated[
        Path | None, typer.Option(help="A file; without it, to the terminal.")
    ] = None,
) -> None:
    """Write a company's trail as a file, whole or from one day to another."""
    if since and until and until < since:
        raise typer.BadParameter("--to is before --from")
    begin = since.replace(tzinfo=UTC) if since else None
    end = until.replace(tzinfo=UTC) + timedelta(days=1) if until else None

    async def work(audit: Audit, names: Mapping[str, str]) -> bool:
        chain = chain_of(company, sorted({*await audit.chains(), *names}), names)
        lines = audit.lines(chain, since=begin, until=end)
        with _opened(out) as file:
            count, digest = await exported(lines, form, file)
        _say(f"{count:,} lines of {name_of(chain, names)}.", sys.stderr)
        _say(f"SHA-256 of the file: {digest}", sys.stderr)
        return True

    _run(work)


def _expectation(said: str) -> tuple[str, int]:
    name, _, number = said.rpartition("=")
    if not name or not number.strip().isdecimal():
        raise typer.BadParameter(f"{said!r} is not COMPANY=LINE, as in Acme=1204")
    return name, int(number)


def _run(work: Callable[[Audit, Mapping[str, str]], Awaitable[bool]]) -> bool:
    """Do something with the trail of the settings' database; changes nothing there.

    Raises:
        Unfit: the database is not in the newest form.
        typer.Exit: what was asked for is not there; ends with 2.
    """
    settings = Settings.read(os.environ)

    async def inside() -> bool:
        parts = program.assemble(settings, program.utc_now)
        try:
            if not await database.is_migrated(parts.engine):
                raise Unfit(
                    ("The database is not in the newest form: `countersign migrate`.",)
                )
            names = {
                each.company.id: each.company.name
                for each in await parts.connection.all()
            }
            return await work(parts.desk.audit, names)
        finally:
            await parts.http.aclose()
            await parts.engine.dispose()

    try:
        return asyncio.run(inside())
    except Unclear as unclear:
        _say(unclear.sentence, sys.stderr)
        raise typer.Exit(2) from None


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        yield file


def _say(text: str, where: IO[str] | None = None) -> None:
    print(text, file=where or sys.stdout)
