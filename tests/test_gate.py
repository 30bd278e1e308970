"""The gate of SQLite's writers: one process at a time, and nobody waits for a hung one for ever."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from webapp import gate as gates
from webapp.config import ROOT
from webapp.errors import BusyError
from webapp.gate import only_writer

HOLD = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("inside", flush=True)
input()
"""


@contextmanager
def hung_inside(gate: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that is inside and does not come out before this ends."""
    command = [sys.executable, "-c", HOLD, str(gate)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "inside\n"
        yield process
    finally:
        process.communicate("\n", timeout=10)


def is_taken(lock: Path) -> bool:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def goes_in(gate: Path, patience: float) -> float:
    """Seconds until we are inside."""
    began = time.monotonic()
    with only_writer(gate, patience=patience):
        return time.monotonic() - began


def waiters() -> int:
    return sum(thread.name == "gate" for thread in threading.enumerate())


def test_who_waits_behind_a_hung_process_gives_up(tmp_path: Path) -> None:
    gate = tmp_path / "heed.db.gate"
    with hung_inside(gate):
        began = time.monotonic()
        with pytest.raises(BusyError, match="Try again"):
            goes_in(gate, 0.2)
        assert 0.2 <= time.monotonic() - began < 5


def test_however_often_one_tries_one_thread_is_left_waiting(tmp_path: Path) -> None:
    gate = tmp_path / "heed.db.gate"
    before = waiters()
    with hung_inside(gate):
        for _ in range(5):
            with pytest.raises(BusyError):
                goes_in(gate, 0.02)
        assert waiters() == before + 1


def test_who_waits_long_enough_gets_in(tmp_path: Path) -> None:
    gate = tmp_path / "heed.db.gate"
    with hung_inside(gate) as process:
        with pytest.raises(BusyError):
            goes_in(gate, 0.05)
        opening = threading.Timer(0.2, process.terminate)
        opening.start()
        assert goes_in(gate, 10) < 5
        opening.join()


def test_a_turn_that_comes_too_late_is_given_back(tmp_path: Path) -> None:
    gate = tmp_path / "heed.db.gate"
    before = waiters()
    with hung_inside(gate), pytest.raises(BusyError):
        goes_in(gate, 0.05)
    ends = time.monotonic() + 5
    while waiters() > before and time.monotonic() < ends:
        time.sleep(0.01)
    with hung_inside(gate):  # Another process finds it free.
        pass
    assert goes_in(gate, 1) < 1


def test_one_thread_after_the_other_goes_in_while_processes_come_and_go(tmp_path: Path) -> None:
    gate = tmp_path / "heed.db.gate"
    for _ in range(3):
        with hung_inside(gate), pytest.raises(BusyError):
            goes_in(gate, 0.02)
        assert goes_in(gate, 5) < 5


NEXT = """
import sys
from pathlib import Path
from webapp.gate import only_writer
with only_writer(Path(sys.argv[1]), patience=60):
    print("inside", flush=True)
"""


@contextmanager
def stopped_in_the_turnstile(gate: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that was stopped while it waited to be the next one inside."""
    command = [sys.executable, "-c", NEXT, str(gate)]
    with hung_inside(gate):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        ends = time.monotonic() + 30
        while not is_taken(gate.with_name(f"{gate.name}.next")) and time.monotonic() < ends:
            time.sleep(0.01)
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        assert process.communicate(timeout=30)[0] == "inside\n"


def test_a_process_that_was_stopped_while_it_waited_holds_nobody_up_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "WALKS_AROUND_AFTER", 0.3)
    gate = tmp_path / "heed.db.gate"
    before = waiters()
    with stopped_in_the_turnstile(gate):
        assert 0.3 <= goes_in(gate, 10) < 5
        assert max(goes_in(gate, 10) for _ in range(5)) < 0.2  # Once it is known, at once.
        with hung_inside(gate), pytest.raises(BusyError):
            goes_in(gate, 0.5)
        assert waiters() == before + 1
    ends = time.monotonic() + 5
    while waiters() > before and time.monotonic() < ends:
        time.sleep(0.01)
    assert waiters() == before
    assert goes_in(gate, 10) < 0.2


LOOP = """
import sys, time
from pathlib import Path
from webapp.gate import only_writer
gate, told = Path(sys.argv[1]), Path(sys.argv[2])
print("ready", flush=True)
for _ in range(40):
    with only_writer(gate, patience=10):
        with told.open("a") as file:
            file.write(sys.argv[3])
        time.sleep(0.02)
"""


def test_processes_that_want_in_again_and_again_do_not_overtake_one_another(
    tmp_path: Path,
) -> None:
    gate, told = tmp_path / "heed.db.gate", tmp_path / "turns"
    crowd = [
        subprocess.Popen([sys.executable, "-c", LOOP, gate, told, name], cwd=ROOT) for name in "abc"
    ]
    assert [process.wait(60) for process in crowd] == [0, 0, 0]
    turns = told.read_text()
    assert len(turns) == 120
    all_were_there = slice(max(map(turns.index, "abc")), min(map(turns.rindex, "abc")))
    twice = [one for one, after in pairwise(turns[all_were_there]) if one == after]
    assert len(twice) <= 3  # A machine that is busy may keep both others from coming in time.
