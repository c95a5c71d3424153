"""The command line: demo, serve, check, interpret, cards, simulator and the rest."""

import asyncio
import json
import logging
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from cryptography.fernet import Fernet
from sqlalchemy.exc import SQLAlchemyError

from bot import app as program
from bot import (
    audit_commands,
    database,
    exporting,
    manifests,
    policy_commands,
    stop_commands,
)
from bot import check as checks
from bot import demo as demonstration
from bot import misses as missed
from bot.__main__ import become_simulator
from bot.settings import Settings, Unfit
from bot.understanding import command as understanding
from bot.understanding import samples

cli = typer.Typer(
    help="Ask the books in chat; change them only after people approve.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

cli.add_typer(audit_commands.cli, name="audit")
cli.add_typer(policy_commands.cli, name="policy")
cli.command()(stop_commands.freeze)
cli.command()(stop_commands.thaw)

Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="The day that counts as today."),
]
CompanyName = Annotated[str, typer.Option(help="A sample company.")]


def main() -> None:
    """Run the command line; a person never sees a traceback for a bad setting."""
    # What we write (books, chats, keys) is for the one who runs us alone.
    os.umask(0o077)
    level = os.environ.get("COUNTERSIGN_LOG_LEVEL", "WARNING").upper()
    if level not in logging.getLevelNamesMapping():
        _complain(f"COUNTERSIGN_LOG_LEVEL: {level} is no level (try INFO or DEBUG).")
    handler = logging.StreamHandler()
    handler.setFormatter(Fields("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    # These log addresses with parameters, or whole bodies, below WARNING.
    for name in ("httpx", "httpcore", "slack_bolt", "slack_sdk", "msal", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        cli()
    except Unfit as unfit:
        _complain("Countersign cannot work with these settings:", *unfit.problems)
    except (demonstration.DemoFailed, manifests.NoSuchSample) as failed:
        _complain(str(failed))
    except (understanding.BadRequest, samples.UnknownCompany) as unreadable:
        _complain(f"{unreadable}.")
    except (SQLAlchemyError, OSError) as failed:
        _complain(_plain(failed))
    except Exception as fault:
        logging.getLogger(__name__).debug("a fault of our own", exc_info=True)
        _complain(
            f"That is a fault in Countersign ({type(fault).__name__})."
            " COUNTERSIGN_LOG_LEVEL=DEBUG shows where."
        )


class Fields(logging.Formatter):
    """Log lines with their facts as fields: "a notice lags proposal=P-7 why=..."."""

    _USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's
        """The line, with what was given as `extra` behind it."""
        line = super().formatMessage(record)
        facts = [
            f"{name}={str(value)[:200]!r}"
            for name, value in vars(record).items()
            if name not in self._USUAL
        ]
        return " ".join((line, *facts))


def _complain(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201 - for the person at the terminal
    sys.exit(2)


def _plain(failed: SQLAlchemyError | OSError) -> str:
    """What stood in the way, without statements, parameters or addresses."""
    if isinstance(failed, SQLAlchemyError):
        cause = getattr(failed, "orig", None) or failed
        first = str(cause).splitlines()[0][:200]
        return (
            f"The database cannot be used ({type(cause).__name__}: {first})."
            " Is COUNTERSIGN_DATABASE_URL right, and is the file ours to write?"
        )
    if failed.filename:
        return f"{failed.filename}: {failed.strerror}."
    return f"{failed.strerror or failed}."


def _today(day: datetime | None) -> date:
    return day.date() if day else datetime.now().astimezone().date()


@cli.command()
def demo(*, reset: Annotated[bool, typer.Option(help="Start afresh.")] = False) -> None:
    """Run everything with a simulated company: no account, no configuration."""
    demonstration.check_books(os.environ)
    data = demonstration.folder(os.environ)
    with demonstration.alone(data):
        if reset:
            demonstration.reset(data)
        with demonstration.simulator(data) as address:
            settings = demonstration.settings(os.environ, data, address)
            asyncio.run(demonstration.run(settings))


@cli.command()
def serve() -> None:
    """Serve Slack, Teams and the console with the settings of the environment."""
    settings = Settings.read(os.environ)
    asyncio.run(program.run(settings))


@cli.command()
def check() -> None:
    """Say what is configured and what is not, and test each connection."""
    is_fine = asyncio.run(checks.run(os.environ, print))
    raise typer.Exit(0 if is_fine else 1)


@cli.command()
def interpret(
    text: Annotated[str | None, typer.Argument(help="One message.")] = None,
    *,
    company: CompanyName = "harbour-pine-us",
    today: Day = None,
    jsonl: Annotated[
        bool, typer.Option(help="One JSON object a line in, one a line out.")
    ] = False,
    misses: Annotated[
        bool, typer.Option(help="What people said that was not understood, counted.")
    ] = False,
) -> None:
    """Show what a message means, without any platform or server."""
    if misses:
        print(asyncio.run(_misses()))  # noqa: T201
    elif jsonl:
        understanding.interpret_jsonl(sys.stdin, sys.stdout, company, _today(today))
    elif text is None:
        raise typer.BadParameter("give a message, or --jsonl with lines to read")
    else:
        meant = understanding.interpret_one(text, company, _today(today))
        print(json.dumps(meant, indent=2, ensure_ascii=False))  # noqa: T201


async def _misses() -> str:
    engine = database.engine(Settings.read(os.environ).database_url)
    try:
        await database.migrate(engine)
        found = await missed.Misses(engine, lambda: datetime.now(UTC)).counted()
    finally:
        await engine.dispose()
    return missed.listed(found)


@cli.command()
def cards(
    name: Annotated[
        str | None, typer.Argument(help="One card, or `export` for all in a folder.")
    ] = None,
    folder: Annotated[Path | None, typer.Argument(help="Where an export goes.")] = None,
    form: Annotated[str, typer.Option(help="text, slack, teams or html")] = "text",
) -> None:
    """Show sample cards as a platform would draw them, or write a gallery."""
    if name == "export":
        if folder is None:
            raise typer.BadParameter("say where: countersign cards export DIR")
        many = exporting.export(folder)
        print(f"{many} cards are in {folder}; begin with index.html there.")  # noqa: T201
        return
    manifests.show_cards(name, form, print)


@cli.command()
def migrate() -> None:
    """Bring the database to the newest form, and end."""
    settings = Settings.read(os.environ)

    async def upgraded() -> None:
        engine = database.engine(settings.database_url)
        try:
            await database.migrate(engine)
        finally:
            await engine.dispose()

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(upgraded())
    print("The database is in the newest form.")  # noqa: T201


@cli.command()
def key() -> None:
    """Make a key for COUNTERSIGN_SECRET_KEYS."""
    print(Fernet.generate_key().decode())  # noqa: T201


@cli.command()
def console(email: Annotated[str, typer.Argument(help="The person's e-mail.")]) -> None:
    """Print a one-time link with which a known person enters the console."""
    settings = Settings.read(os.environ)
    link = asyncio.run(program.console_link(settings, email))
    if link is None:
        _complain(f"Nobody here has the address {email}.")
    print(link)  # noqa: T201


@cli.command()
def manifest(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")],
) -> None:
    """Write the Slack manifest and the Teams package with this address filled in."""
    settings = Settings.read(os.environ)
    for path in manifests.write(settings, folder):
        print(path)  # noqa: T201


@cli.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def simulator(context: typer.Context) -> None:
    """Run the QuickBooks stand-in alone; `--help` shows its options."""
    become_simulator(context.args)
