"""The command line in processes of its own, quickly.

Loading the program takes longer than most of its commands. So one process loads
it, and every command is run in a fork of that one: a process with its own
arguments, environment, streams and exit code, as a person's would be.
"""

import multiprocessing
import os
import subprocess
import sys
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
_SECONDS = 120.0


def run(
    *arguments: str, given: str = "", **environ: str
) -> subprocess.CompletedProcess[str]:
    """What `countersign ARGUMENTS` ends with and prints, in just that environment.

    Raises:
        subprocess.TimeoutExpired: it did not end.
    """
    with TemporaryDirectory() as folder:
        streams = tuple(Path(folder) / name for name in ("in", "out", "err"))
        streams[0].write_text(given)
        process = _server().Process(
            target=_become,
            args=(arguments, {"PATH": "/usr/bin:/bin", **environ}, streams),
        )
        process.start()
        process.join(_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(arguments, _SECONDS)
        code = process.exitcode
        process.close()
        return subprocess.CompletedProcess(
            arguments, code, streams[1].read_text(), streams[2].read_text()
        )


@cache
def _server() -> ForkServerContext:
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))  # so that the others find this file as well
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bot.commands"])
    return context


def _become(
    arguments: tuple[str, ...], environ: dict[str, str], streams: tuple[Path, ...]
) -> None:
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(ROOT)
    flags = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)
    for number, (path, flag) in enumerate(zip(streams, flags, strict=True)):
        os.dup2(os.open(path, flag, 0o600), number)
    sys.stdin = os.fdopen(0, "r", closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False)
    sys.argv = ["countersign", *arguments]
    from bot.__main__ import main

    main()
