"""The servers that some tests need: found, started once per test run, stopped afterwards.

Each run has one PostgreSQL and one Redis, shared by all its processes. Whoever uses a server
holds a shared lock on a file beside it, which the kernel gives back even after a kill -9; the
keeper (keeper.py) stops the server as soon as nobody holds that lock any more.
"""

import atexit
import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlsplit

from tests.keeper import (
    BASE,
    is_unused,
    make_folder,
    one_at_a_time,
    postgres_answers,
    postgres_folder,
    redis_answers,
)

ROOT = Path(__file__).resolve().parent.parent
POSTGRES_URL, REDIS_URL = "HEED_TEST_POSTGRES_URL", "HEED_TEST_REDIS_URL"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server, by its URL (a path for Chromium)."""

    url: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is none, and what to do about it; both fit for the last lines of a run."""

    reason: str
    how_to_get_it: str


@cache
def postgres() -> Running | Missing:
    """The run's PostgreSQL (postgresql://…/postgres, a superuser, fsync on).

    HEED_TEST_POSTGRES_URL names another one, whose user has to be allowed to make databases.
    """
    how = f"Install the packages postgresql and psycopg, or set {POSTGRES_URL}."
    if importlib.util.find_spec("psycopg") is None:
        return Missing("The Python package psycopg is not installed.", how)
    if given := os.environ.get(POSTGRES_URL):
        url = given.replace("postgresql+psycopg:", "postgresql:", 1)
        return _answering(url, postgres_answers, how)
    if postgres_folder() is None:
        return Missing("There is no PostgreSQL server (initdb, postgres).", how)
    return _shared("postgres", how)


@cache
def redis() -> Running | Missing:
    """The run's Redis (redis://…/0); HEED_TEST_REDIS_URL names another one."""
    how = f"Install the packages redis-server and redis, or set {REDIS_URL}."
    if importlib.util.find_spec("redis") is None:
        return Missing("The Python package redis is not installed.", how)
    if given := os.environ.get(REDIS_URL):
        return _answering(given, redis_answers, how)
    if shutil.which("redis-server") is None:
        return Missing("There is no redis-server.", how)
    return _shared("redis", how)


@cache
def chromium() -> Running | Missing:
    """The path of the system's Chromium."""
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    if path := next(filter(None, found), None):
        return Running(path)
    return Missing("There is no Chromium.", "Install the package chromium.")


def create_database(name: str) -> str:
    """Make an empty database on the run's PostgreSQL, in place of one of this name; its URL."""
    drop_database(name)
    _on_postgres("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name)
    return urlsplit(_postgres_url())._replace(path=f"/{quote(name)}").geturl()


def drop_database(name: str) -> None:
    """Remove a database with everyone connected to it; nothing happens when there is none."""
    _on_postgres("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _postgres_url() -> str:
    match postgres():
        case Running(url):
            return url
        case Missing(reason, how):
            raise RuntimeError(f"{reason} {how}")


def _on_postgres(statement: str, name: str) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(_postgres_url(), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def _answering(url: str, answers: Callable[[str], bool], how: str) -> Running | Missing:
    return Running(url) if answers(url) else Missing("The server that was named is silent.", how)


# Sharing one server among the processes of a run


def _shared(kind: str, how: str) -> Running | Missing:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    folder = BASE / f"{run}-{kind}"
    with one_at_a_time():
        make_folder(folder)
        users = (folder / "users").open("a")
        fcntl.flock(users, fcntl.LOCK_SH)
        if not (folder / "started").exists():
            command = [sys.executable, "-m", "tests.keeper", kind, str(folder)]
            subprocess.run(command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL)
        started = json.loads((folder / "started").read_text())
    atexit.register(_leave, folder, users, os.getpid())
    if "failed" in started:
        return Missing(f"The server does not start: {started['failed']}", how)
    return Running(started["url"])


def _leave(folder: Path, users: IO[str], user: int) -> None:
    """Stop using a server; the last one to leave waits until it has been stopped."""
    if os.getpid() != user:
        return  # A forked child shares its parent's lock and must not touch it.
    alone = is_unused(users)
    users.close()
    ends = time.monotonic() + STOP_SECONDS
    while alone and folder.exists() and time.monotonic() < ends:
        time.sleep(0.05)
