"""`python -m tests.chaos`: the whole chaos, on a PostgreSQL of its own."""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from random import SystemRandom

from tests import postgres
from tests.chaos.run import Plan, run


def main() -> int:
    """Run it; 1 where anything was not as it must be."""
    usual = Plan()
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--proposals", type=int, default=usual.proposals)
    asked.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6))
    asked.add_argument("--speed", type=float, default=usual.speed)
    asked.add_argument("--at-once", type=int, default=usual.at_once)
    asked.add_argument("--minutes", type=float, default=usual.seconds_max / 60)
    asked.add_argument("--keep", action="store_true", help="keep the servers' logs")
    given = asked.parse_args()
    plan = replace(
        usual,
        proposals=given.proposals,
        seed=given.seed,
        speed=given.speed,
        at_once=given.at_once,
        seconds_max=given.minutes * 60,
        rest_seconds_max=min(usual.rest_seconds_max, given.minutes * 24),
    )
    programs = postgres.folder()
    if programs is None:
        print(postgres.MISSING, file=sys.stderr)  # noqa: T201
        return 2
    # Whoever ends us ends what we have started: by the same way as Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"chaos with --seed {plan.seed} ...", flush=True)  # noqa: T201
    folder = Path(tempfile.mkdtemp(prefix="countersign-chaos-"))
    with postgres.running(programs) as server, postgres.fresh(server) as address:
        figures = asyncio.run(run(plan, folder, address, _say))
    print(figures.told())  # noqa: T201
    if given.keep or figures.breaches:
        print(f"logs: {folder}")  # noqa: T201
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if figures.breaches else 0


def _say(what: str) -> None:
    print(what, flush=True)  # noqa: T201 - for the person at the terminal


if __name__ == "__main__":
    sys.exit(main())
