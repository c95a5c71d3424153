"""The program in a process of its own: `python -m tests.conversations.process`.

Takes its settings as JSON on the command line and runs what `countersign demo`
runs, against a simulated QuickBooks that outlives it.
"""

import asyncio
import json
import sys

from bot import demo
from bot.settings import Settings

if __name__ == "__main__":
    asyncio.run(demo.run(Settings.read(json.loads(sys.argv[1]), demo=True)))
