"""A PostgreSQL server of our own, from Debian's package, run as an ordinary user."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

MISSING = "PostgreSQL is not installed (Debian: apt-get install postgresql)"


def folder() -> Path | None:
    """Where `initdb` and `postgres` are; None where they are not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """The address of a server made in a temporary folder, ended and removed after."""
    home = Path(tempfile.mkdtemp(prefix="countersign-pg-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # PostgreSQL refuses to run as root; where we are root, it runs as "postgres".
    become = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if become:
        shutil.chown(home, "postgres")
    data = home / "data"
    subprocess.run(  # noqa: S603
        [
            *become,
            str(programs / "initdb"),
            *("-D", str(data), "-U", "postgres", "--auth=trust"),
            *("--encoding=UTF8", "--no-sync"),
        ],
        check=True,
        capture_output=True,
        cwd=home,
    )
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603
            [
                *become,
                str(programs / "postgres"),
                *("-D", str(data), "-p", str(port), "-k", str(home), "-F"),
                *("-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"),
            ],
            stdout=log,
            stderr=log,
            cwd=home,
        )
    address = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    try:
        for _ in range(200):
            try:
                psycopg.connect(address).close()
                break
            except psycopg.OperationalError:
                time.sleep(0.05)
        yield address
    finally:
        # The server itself, not the one who started it, must hear of the end.
        pid = (data / "postmaster.pid").read_text().splitlines()[0]
        os.kill(int(pid), signal.SIGINT)
        server.wait(timeout=30)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def fresh(server: str, template: str | None = None) -> Iterator[str]:
    """The address (SQLAlchemy's) of a new database, dropped after.

    It is empty, or a copy of the database called `template`.
    """
    name = f"t{uuid.uuid4().hex}"
    # Copied as files: what is in it is little, and to be thrown away.
    like = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"{like}'.encode())
    base = server.rsplit("/", 1)[0]
    yield f"{base}/{name}".replace("postgresql://", "postgresql+psycopg://")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
