"""The simulated QuickBooks in a fast process: `python -m tests.chaos.quickbooks`.

Says its address on the first line.
"""
# ruff: noqa: E402 - time is hastened before anything else is imported

from tests.chaos import fast

_SPEED = fast.hasten()

import asyncio

from qbo.simulator.serve import Options, start


async def main() -> None:
    """Keep books until the end comes from outside."""
    running = await start(Options(port=0))
    print(fast.READY, running.url, flush=True)  # noqa: T201 - for who started us
    await asyncio.Event().wait()


if __name__ == "__main__":
    fast.run(main(), _SPEED)
