"""Things that break on purpose: the database, the disk; and a look at the system calls."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil
import psycopg
import pytest

from webapp.config import Settings
from webapp.db import db

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
"""

WAITING_FOR_ME = """
SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""


@contextmanager
def held(settings: Settings) -> Iterator[Callable[[], object]]:
    """Another process (or session) holds the database; call what is given to let go."""
    db.session.rollback()
    if not settings.sqlite:
        with psycopg.connect(settings.database_url.replace("+psycopg", "")) as other:
            other.execute("LOCK TABLE message, contact_tag IN ACCESS EXCLUSIVE MODE")
            yield other.rollback
        return
    path = settings.database_url.removeprefix("sqlite:///")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin and holder.stdout
    assert holder.stdout.readline() == "held\n"
    yield lambda: holder.communicate("\n", timeout=10)
    if holder.poll() is None:
        holder.communicate("\n", timeout=10)


@contextmanager
def crossed(settings: Settings, contact_id: int) -> Iterator[None]:
    """A session of PostgreSQL takes a contact's conversations first and the contact second.

    Whoever holds the contact meanwhile and comes to the conversations waits for it crosswise,
    and as the first one to wait is broken off by the server.
    """
    holds = threading.Event()

    def cross() -> None:
        with psycopg.connect(settings.database_url.replace("+psycopg", "")) as other:
            # It never looks for a deadlock itself, so that it is never the one broken off.
            other.execute("SET deadlock_timeout = '10min'")
            other.execute(
                "UPDATE conversation SET preview = preview WHERE contact_id = %s", [contact_id]
            )
            holds.set()
            while not other.execute(WAITING_FOR_ME).fetchone():
                other.execute("SELECT pg_sleep(0.02)")
            other.execute("SELECT id FROM contact WHERE id = %s FOR UPDATE", [contact_id])
            other.rollback()

    db.session.rollback()
    session = threading.Thread(target=cross)
    session.start()
    assert holds.wait(30)
    yield
    session.join()


@contextmanager
def renamed(table: str) -> Iterator[None]:
    """A table cannot be found for a while."""
    db.session.rollback()
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA legacy_alter_table=ON")
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_away")
    try:
        yield
    finally:
        with db.engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {table}_away RENAME TO {table}")
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA legacy_alter_table=OFF")


@contextmanager
def server_away(settings: Settings) -> Iterator[None]:
    """PostgreSQL throws everyone out of this database and lets nobody in."""
    db.session.rollback()
    url = httpx2.URL(settings.database_url.replace("+psycopg", ""))
    name = url.path.strip("/")
    server = str(url.copy_with(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        try:
            yield
        finally:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    db.session.rollback()
    db.engine.dispose()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder.mkdir()
    if not shutil.which("mount"):
        pytest.skip("There is no mount command.")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "heed", str(folder)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("A small disk cannot be mounted here; that needs root.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def traced(master: "subprocess.Popen[bytes]", calls: Path) -> Iterator[Path]:
    """Write down the system calls of what serves."""
    if not shutil.which("strace"):
        pytest.skip("There is no strace; install the package strace.")
    (server,) = psutil.Process(master.pid).children()
    trace = "trace=fsync,fdatasync,recvfrom,recvmsg,sendto,sendmsg"
    command = ["strace", "-f", "-y", "-s", "64", "-e", trace, "-o", str(calls)]
    strace = subprocess.Popen([*command, "-p", str(server.pid)], stderr=subprocess.PIPE, text=True)
    assert strace.stderr is not None
    said = strace.stderr.readline()
    if "attached" not in said:
        strace.wait(10)
        strace.stderr.close()
        pytest.skip(f"strace may not look at processes here: {said.strip()}")
    yield calls
    strace.terminate()
    strace.wait(10)
    strace.stderr.close()
