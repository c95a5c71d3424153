"""One of the two servers: the program as it is, in a fast process.

`python -m tests.chaos.server SETTINGS`, with the settings as JSON.
"""
# ruff: noqa: E402 - time is hastened before anything else is imported

from tests.chaos import fast

_SPEED = fast.hasten()

import asyncio
import json
import logging
import sys

from bot import app as program
from bot.settings import Settings

# As the timetable has it; that itself keeps to the real clock.
CATCH_UP_SECONDS = 60.0


async def main(settings: Settings) -> None:
    """Serve until the end comes from outside."""
    app = program.build(settings, now=fast.now)
    await program.serve(app, settings)
    parts = app[program.PARTS]
    assert parts.slack is not None, "a server without a chat"
    while not parts.slack.ready:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.5)
    print(fast.READY, settings.base_url, flush=True)  # noqa: T201 - for who started us
    while True:
        await asyncio.sleep(CATCH_UP_SECONDS)
        try:
            await program._catch_up(parts)
        except Exception:
            logging.getLogger(__name__).exception("the round failed")


if __name__ == "__main__":
    heard = logging.StreamHandler()
    form = "%(levelname)s %(name)s: %(message)s %(why)s"
    heard.setFormatter(logging.Formatter(form, defaults={"why": ""}))
    logging.basicConfig(level=logging.WARNING, handlers=[heard])
    fast.run(main(Settings.read(json.loads(sys.argv[1]), demo=True)), _SPEED)
