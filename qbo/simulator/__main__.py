"""`python -m qbo.simulator`: a simulated QuickBooks on this machine."""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from qbo.simulator.rules import plans
from qbo.simulator.serve import Options, run
from qbo.simulator.stories import seed
from qbo.simulator.stories.teller import MONTHS
from qbo.simulator.switches import CHOICES


def parser() -> argparse.ArgumentParser:
    """What the command line may hold."""
    reader = argparse.ArgumentParser(
        prog="python -m qbo.simulator", description="A simulated QuickBooks Online."
    )
    add = reader.add_argument
    add(
        "--port",
        type=_up_to(65_535),
        default=8791,
        help="port to listen on; 0 takes a free one",
    )
    add("--host", default="127.0.0.1", help="address to listen on")
    add(
        "--company",
        action="append",
        choices=seed.known(),
        help="company to serve; may be repeated (default harbour-pine-us)",
    )
    add("--today", type=_day, help="pretend it is this day (2026-11-20)")
    add("--invoices", type=_up_to(), help="invoices the story has; 0 for none")
    add(
        "--latency-ms",
        type=_up_to(),
        default=0,
        help="wait that long before each answer",
    )
    add("--limits", action="store_true", help="500 requests a minute, 10 a second")
    add("--token", action="append", metavar="ACCESS[:REFRESH]", help="fixed token")
    keys = "[NAME=]ID:SECRET[:REDIRECT_URI]"
    add("--client", action="append", metavar=keys, help="app with Development keys")
    add(
        "--production-client",
        action="append",
        metavar=keys,
        help="app with Production keys; its redirect URI is https on a domain",
    )
    add(
        "--environment",
        choices=CHOICES["environment"],
        default="sandbox",
        help="which API this is; keys of the other one are refused",
    )
    add(
        "--plan",
        action="append",
        metavar="COMPANY=PLAN",
        help=f"a company's plan: {', '.join(plans.PLANS)}",
    )
    add("--webhook", action="append", metavar="URL", help="address to tell of changes")
    add(
        "--verifier",
        action="append",
        metavar="TOKEN",
        help="what webhooks are signed with: one for each, or one for all",
    )
    add(
        "--webhooks-anywhere",
        action="store_true",
        help="allow webhooks to other machines",
    )
    add("--data", type=Path, help="folder in which everything is kept")
    add(
        "--months",
        type=_up_to(120),
        default=MONTHS,
        metavar="N",
        help=f"how long the story is (usually {MONTHS})",
    )
    add("--seed", type=int, default=1, help="another number tells another story")
    add("--end-with-input", action="store_true", help="end when standard input ends")
    return reader


def _up_to(most: int = 10**9) -> Callable[[str], int]:
    """Reads a whole number from 0."""

    def number(text: str) -> int:
        if not text.isdecimal() or int(text) > most:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to {most}")
        return int(text)

    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no day; one is written 2026-11-20"
        ) from None


def options(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    read = parser().parse_args(arguments)
    return Options(
        port=read.port,
        host=read.host,
        companies=tuple(read.company or ("harbour-pine-us",)),
        today=read.today,
        invoices=read.invoices,
        months=read.months,
        latency_ms=read.latency_ms,
        limits=read.limits,
        tokens=tuple(read.token or ()),
        clients=tuple(read.client or ()),
        production_clients=tuple(read.production_client or ()),
        environment=read.environment,
        plans=tuple(read.plan or ()),
        webhooks=tuple(read.webhook or ()),
        verifiers=tuple(read.verifier or ()),
        webhooks_anywhere=read.webhooks_anywhere,
        data=read.data,
        seed=read.seed,
        end_with_input=read.end_with_input,
    )


def main() -> None:
    """Run until told to end; what cannot start says why in one line."""
    try:
        run(options(sys.argv[1:]))
    except (ValueError, OSError) as wrong:
        sys.exit(f"The simulator cannot start: {wrong}")


if __name__ == "__main__":
    main()
