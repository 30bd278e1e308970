"""The gate between processes that write to one SQLite file: one at a time, nobody waits for ever.

SQLite's own waiting lets some writers starve, so they queue at a file lock instead. The kernel
knows no "wait ten seconds for a lock", and asking again and again would starve us just so: a
thread of its own waits, and is left waiting when the time is up. A process that hangs inside
therefore costs the others one thread and an answer, not themselves.

In front of the gate is a turnstile: whoever waits at the gate stands in it, so that a process that
comes out and wants in again, such as an import between two chunks, does not overtake. Whoever has
stood before the turnstile for long walks around it when the gate is free: the process inside the
turnstile was stopped, or else it would have gone in.
"""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from webapp.errors import BusyError

WALKS_AROUND_AFTER = 2.0  # seconds before the turnstile
LOOKS_EVERY = 0.05  # seconds; too seldom to take the turn of those who wait in earnest

_left_waiting: dict[Path, "_Waiter"] = {}


@contextmanager
def only_writer(path: Path, *, patience: float) -> Iterator[None]:
    """Be the one process inside; BusyError when it is not our turn within `patience` seconds.

    For one thread of a process at a time.
    """
    file = _at_once(path) or _in_turn(path, patience)
    if file is None:
        raise BusyError("The database is busy. Try again in a moment.")
    with file:
        yield


def _at_once(path: Path) -> IO[str] | None:
    turnstile = _taken(_turnstile_of(path))
    if turnstile is None:
        return None
    with turnstile:
        return _taken(path)


def _taken(path: Path) -> IO[str] | None:
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _turnstile_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.next")


def _in_turn(path: Path, patience: float) -> IO[str] | None:
    waiter = _left_waiting.pop(path, None)
    if waiter is None or not waiter.is_wanted_again():
        waiter = _Waiter(path)
        waiter.start()
    file = _around(path, waiter, time.monotonic() + patience)
    if waiter.has_come_up():
        return waiter.file
    _left_waiting[path] = waiter
    return file


def _around(path: Path, waiter: "_Waiter", ends: float) -> IO[str] | None:
    """Wait for the waiter, and take the lock past a turnstile that lets nobody through."""
    pause = waiter.began + WALKS_AROUND_AFTER - time.monotonic()
    while not waiter.came_up.wait(max(0.0, min(pause, ends - time.monotonic()))):
        if time.monotonic() >= ends:
            return None
        if not waiter.is_next and (file := _taken(path)):
            return file
        pause = LOOKS_EVERY
    return None


class _Waiter(threading.Thread):
    """Waits for the lock, however long it takes; nobody may want it any more by then."""

    def __init__(self, path: Path) -> None:
        super().__init__(name="gate", daemon=True)
        self.file = path.open("w")
        self.turnstile = _turnstile_of(path).open("w")
        self.deciding = threading.Lock()
        self.came_up = threading.Event()
        self.is_wanted = True
        self.is_next = False
        self.began = time.monotonic()

    def run(self) -> None:
        """Wait, then hand the lock over, or give it back at once."""
        with self.turnstile:
            fcntl.flock(self.turnstile, fcntl.LOCK_EX)
            self.is_next = True
            fcntl.flock(self.file, fcntl.LOCK_EX)
        with self.deciding:
            if self.is_wanted:
                self.came_up.set()
            else:
                self.file.close()

    def has_come_up(self) -> bool:
        """Whether the lock is ours; if not, it is not wanted any more."""
        with self.deciding:
            self.is_wanted = self.came_up.is_set()
            return self.is_wanted

    def is_wanted_again(self) -> bool:
        """Want the lock again; False when it came and was given back meanwhile."""
        with self.deciding:
            self.is_wanted = not self.file.closed
            return self.is_wanted
