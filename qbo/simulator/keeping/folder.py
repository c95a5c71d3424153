"""The data folder's file: one simulator at a time has it, and it is of today's form."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

FORM: Final = 2
"""The form of what is stored. A change that older programs or folders would trip over
raises it."""
_FILE: Final = "simulator.sqlite"
_BUSY: Final = "database is locked"


class Unusable(ValueError):
    """A data folder that cannot be used; the text says why and what to do."""


def opened(folder: Path) -> sqlite3.Connection:
    """The file of a folder, for us alone until it is closed; made where there is none.

    Raises:
        Unusable: another simulator has it, another version wrote it, or it is no
            database.
        OSError: the folder cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        database = sqlite3.connect(folder / _FILE, timeout=0)
    except sqlite3.Error as wrong:
        raise Unusable(f"{folder} cannot be used: {wrong}.") from None
    try:
        _claim(database, folder)
    except BaseException:
        database.close()
        raise
    return database


def _claim(database: sqlite3.Connection, folder: Path) -> None:
    try:
        # The lock is the file system's: it ends with the process, however that ends.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        (form,) = database.execute("PRAGMA user_version").fetchone()
        (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables:
            database.execute(f"PRAGMA user_version = {FORM}")
        elif form != FORM:
            raise other_version(folder)
    except sqlite3.Error as wrong:
        if str(wrong) == _BUSY:
            raise Unusable(
                f"another simulator is using {folder}. End that one first, or give"
                " another --data."
            ) from None
        raise Unusable(
            f"{folder}/{_FILE} cannot be used: {wrong}. Give another --data, or delete"
            " that folder to begin anew."
        ) from None


@contextmanager
def understood(folder: Path | None) -> Iterator[None]:
    """Around reading what is stored: what is not as we store it is of another version.

    Raises:
        Unusable: it is.
    """
    try:
        yield
    except Unusable:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, sqlite3.Error) as wrong:
        if folder is None:
            raise
        raise other_version(folder) from wrong


def other_version(folder: Path) -> Unusable:
    """Why a folder of another version is not opened."""
    return Unusable(
        f"{folder} was written by another version of the simulator, which stored things"
        " differently. Nothing in it was changed. Give another --data, or delete that"
        " folder to begin anew (the demo does so with `make demo RESET=1`)."
    )
