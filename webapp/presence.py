"""Who uses an SQLite database: any number of processes, or the one that puts another in its place.

A lock of the kernel on a file beside the database, shared by all that use it and held as long as
the process lives: it cannot be forgotten, and whoever is killed gives it back.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from webapp.errors import BusyError

_held: dict[Path, IO[str]] = {}


def file_of(database_url: str) -> Path | None:
    """The file of an SQLite database; None for one in memory, and for PostgreSQL."""
    name = database_url.removeprefix("sqlite:///")
    if name == database_url or not name or name.startswith(":memory:"):
        return None
    return Path(name.partition("?")[0])


def stay(database_url: str) -> None:
    """Use the database until this process ends; twice is once.

    BusyError while a backup is being restored over it.
    """
    database = file_of(database_url)
    if database is None or database in _held:
        return
    file = _open(database)
    if not _taken(file, fcntl.LOCK_SH):
        file.close()
        raise BusyError("A backup is being restored, or the database moved. Try again afterwards.")
    _held[database] = file


@contextmanager
def alone(database_url: str) -> Iterator[None]:
    """Be the only process that uses the database; BusyError while another one does."""
    database = file_of(database_url)
    if database is None:
        yield
        return
    mine = _held.get(database)
    file = mine or _open(database)
    try:
        if not _taken(file, fcntl.LOCK_EX):
            raise BusyError("Heed is running on this database. Stop it first, then try again.")
        yield
    finally:
        if mine is None:
            file.close()
        else:
            fcntl.flock(mine, fcntl.LOCK_SH)


def _open(database: Path) -> IO[str]:
    database.parent.mkdir(parents=True, exist_ok=True)
    return database.with_name(f"{database.name}.users").open("w")


def _taken(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
