"""`countersign audit`: is the trail as it was written, and the trail as a file.

verify   every chain, with the first broken line; ends with 1 where one is broken
export   the lines of one company as CSV or as JSON lines, page by page
"""

import asyncio
import csv
import hashlib
import json
import os
import sys
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from approvals.auditing import Audit
from approvals.proposal import TrailLine, Verified
from bot import app as program
from bot import database
from bot.settings import Settings, Unfit
from cards.plain import line as plain
from cards.plain import moment

COLUMNS = (
    "seq",
    "at",
    "proposal",
    "event",
    "who",
    "platform",
    "facts",
    "chain",
    "proposal_id",
    "who_id",
    "before",
    "digest",
)
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
WORKSPACE = "workspace:"


class Form(StrEnum):
    """How an export is written."""

    CSV = "csv"
    JSON = "json"


class Unclear(Exception):
    """No chain is meant, or several are; `sentence` says which there are."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Checked:
    """A chain after its check: what people call it, and what was found.

    `expected` is the number somebody has written down; a chain that ends before it
    was cut, and its head with it.
    """

    name: str
    found: Verified
    expected: int | None = None

    @property
    def is_short(self) -> bool:
        """Whether it ends before the number that was written down."""
        return self.expected is not None and self.found.seq < self.expected

    @property
    def sound(self) -> bool:
        """Whether it is as it was written, and as long as it must be."""
        return self.found.sound and not self.is_short

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, in sentences; the first says it all."""
        said = [self.found.sentence]
        if self.is_short:
            said.append(
                f"It ends at line {self.found.seq:,}, but line {self.expected:,} was"
                " written down: its end was cut off, or an older database put back."
            )
        if self.found.broken is not None:
            said.append(f"There now: {_told(self.found.broken)}.")
        if self.found.last is not None:
            said.append(f"The last line that is sound: {_told(self.found.last)}.")
        return tuple(said)


def _told(line: TrailLine) -> str:
    """A line in a few words; all of it may be somebody else's text."""
    about = f" {line.proposal}" if line.proposal else ""
    by = f", by {line.who}" if line.who else ""
    return plain(f"{line.seq}, {line.event}{about}, {moment(line.at)}{by}")


async def checked(
    audit: Audit,
    names: Mapping[str, str],
    *,
    company: str | None = None,
    expected: Mapping[str, int] | None = None,
) -> tuple[Checked, ...]:
    """Check every chain, or those of one company; `names` are titles by chain.

    Raises:
        Unclear: there is no such company.
    """
    chains = sorted({*await audit.chains(), *names}, key=lambda chain: ":" in chain)
    wanted = {chain_of(said, chains, names): n for said, n in (expected or {}).items()}
    if company is not None:
        chains = [chain_of(company, chains, names)]
    return tuple(
        [
            Checked(name_of(chain, names), await audit.verify(chain), wanted.get(chain))
            for chain in chains
        ]
    )


def _order(chain: str) -> tuple[bool, str]:
    """Companies before workspaces."""
    return chain.startswith(WORKSPACE), chain


def name_of(chain: str, names: Mapping[str, str]) -> str:
    """What people call a chain."""
    if chain.startswith(WORKSPACE):
        return f"Workspace {chain.removeprefix(WORKSPACE)}"
    return f"{names[chain]} ({chain})" if chain in names else chain


def chain_of(said: str, chains: Sequence[str], names: Mapping[str, str]) -> str:
    """The chain that somebody means: by its name, its realm or the company's name.

    Raises:
        Unclear: none is meant, or more than one.
    """
    wanted = said.strip().casefold()
    found = [
        chain
        for chain in chains
        if wanted
        in {
            chain.casefold(),
            chain.partition(":")[2].casefold(),
            names.get(chain, "").casefold(),
        }
    ]
    if len(found) == 1:
        return found[0]
    known = ", ".join(name_of(chain, names) for chain in chains) or "none yet"
    several = "Several trails are" if found else "There is no trail"
    raise Unclear(f"{several} called {said}. There are: {known}.")


# --- as a file ------------------------------------------------------------------


async def exported(
    lines: AsyncIterator[TrailLine], form: Form, out: IO[str]
) -> tuple[int, str]:
    """Write the lines; how many, and the SHA-256 of all that was written."""
    tally = _Tally(out)
    write = _csv(tally) if form is Form.CSV else _json(tally)
    count = 0
    async for line in lines:
        write(line)
        count += 1
    return count, tally.digest


class _Tally:
    """Passes on what is written, and keeps its digest."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._sum = hashlib.sha256()

    def write(self, text: str) -> int:
        self._sum.update(text.encode())
        return self._out.write(text)

    @property
    def digest(self) -> str:
        return self._sum.hexdigest()


def as_json(line: TrailLine) -> str:
    """A line exactly: `facts` is the very text that its digest was made over."""
    values: dict[str, Any] = {name: getattr(line, name) for name in COLUMNS}
    values["at"] = line.at.isoformat()
    return json.dumps(values, ensure_ascii=False)


def _json(out: _Tally) -> Callable[[TrailLine], object]:
    return lambda line: out.write(f"{as_json(line)}\n")


def _csv(out: _Tally) -> Callable[[TrailLine], object]:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)

    def write(line: TrailLine) -> object:
        values = {name: str(getattr(line, name)) for name in COLUMNS}
        values["at"] = line.at.isoformat()
        return writer.writerow([harmless(values[name]) for name in COLUMNS])

    return write


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: with a ' before it.

    owasp.org/www-community/attacks/CSV_Injection
    """
    # Also behind blanks, which spreadsheets take away first.
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


# --- the command line -----------------------------------------------------------

cli = typer.Typer(help="The trail: is it as it was written?", no_args_is_help=True)

Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="A day (UTC), itself included."),
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
    since: Annotated[Day, typer.Option("--from")] = None,
    until: Annotated[Day, typer.Option("--to")] = None,
    form: Annotated[Form, typer.Option("--format", help="csv or json.")] = Form.CSV,
    out: Annotated[
        Path | None, typer.Option(help="A file; without it, to the terminal.")
    ] = None,
) -> None:
    """Write a company's trail as a file, whole or from one day to another."""
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
