"""`countersign freeze` and `countersign thaw`: stopping a company at the server."""

import asyncio
import os
from typing import Annotated

import typer

from bot import app as program
from bot import stops
from bot.settings import Settings
from qbo.faults import NotFound

CompanyName = Annotated[
    str, typer.Option("--company", help="Its name, or Intuit's id of it.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why; the trail keeps it.")]
Readonly = Annotated[
    bool, typer.Option("--readonly", help="Mean read-only, not frozen.")
]


def freeze(*, company: CompanyName, reason: Reason, readonly: Readonly = False) -> None:
    """Stop a company's approving and posting at once."""
    _order(company, reason, on=True, readonly=readonly)


def thaw(*, company: CompanyName, reason: Reason, readonly: Readonly = False) -> None:
    """Let a company go on, alone; the trail says that it was done here."""
    _order(company, reason, on=False, readonly=readonly)


def _order(company: str, reason: str, *, on: bool, readonly: bool) -> None:
    if not reason.strip():
        raise typer.BadParameter("say why: the trail keeps it")
    settings = Settings.read(os.environ)
    try:
        said = asyncio.run(_ordered(settings, company, reason, on, readonly))
    except NotFound as unknown:
        typer.echo(unknown.sentence, err=True)
        raise typer.Exit(2) from None
    typer.echo(said)


async def _ordered(
    settings: Settings,
    company: str,
    reason: str,
    on: bool,  # noqa: FBT001 - passed on
    readonly: bool,  # noqa: FBT001 - passed on
) -> str:
    async with program.at_rest(settings) as parts:
        return await stops.at_server(
            parts.back, company, on=on, readonly=readonly, reason=reason
        )
