"""The command line's door."""

import os
import sys
from collections.abc import Sequence


def main() -> None:
    """Run the command line, or at once the simulator.

    The simulator shares no code with the rest, which takes seconds to load.
    """
    if sys.argv[1:2] == ["simulator"]:
        become_simulator(sys.argv[2:])
    from bot import commands  # noqa: PLC0415 - see above

    commands.main()


def become_simulator(arguments: Sequence[str]) -> None:
    """Go on as the simulator: a process of its own in every sense."""
    os.execv(  # noqa: S606 - our own program
        sys.executable, [sys.executable, "-m", "qbo.simulator", *arguments]
    )


if __name__ == "__main__":
    main()
