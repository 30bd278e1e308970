"""Consistent copies of a database, and what goes into a backup beside it."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from webapp import keyed
from webapp.cli import archives
from webapp.cli.archives import Manifest
from webapp.config import Settings
from webapp.errors import ConfigError, InvalidError
from webapp.presence import file_of

KEY = "secret_key"
DUMP = "heed.dump"
KEPT = 3  # backups that `serve` makes before it migrates


def back_up(settings: Settings, target: Path, *, force: bool = False) -> Manifest:
    """Write everything that a restore needs into one file, while Heed runs.

    The database as it was at one moment; the secret key if this installation made it itself;
    uploads that wait for their import. Not the queue: the database is the truth.
    """
    archives.check_target(target, force=force)
    if not target.parent.is_dir():
        raise InvalidError(f"There is no folder {target.parent}.")
    with scratch(target.parent) as folder:
        made_at = datetime.now(UTC)
        if settings.sqlite:
            name, copy, schema = "heed.db", *_copy_sqlite(settings, folder)
        else:
            name, copy, schema = DUMP, *_dump_postgresql(settings, folder)
        parts = {name: copy, **_beside(settings, folder)}
        about = partial(
            Manifest,
            made_at=made_at.isoformat(),
            schema=schema,
            key_print=keyed.print_of(settings.secret_key),
        )
        return archives.write(target, parts, about)


def before_migrating(settings: Settings) -> Path | None:
    """Back up an SQLite database that is about to get another schema; the newest few are kept."""
    database = file_of(settings.database_url)
    if database is None or not database.exists() or not schema_of(database):
        return None
    folder = settings.instance / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"before-upgrade-{stamp()}.heed"
    back_up(settings, target)
    for old in sorted(folder.glob("before-upgrade-*.heed"))[:-KEPT]:
        old.unlink()
    return target


def check(database: Path, source: Path) -> None:
    """InvalidError unless an SQLite file is whole: pages, indexes, and what rows point to."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            whole = connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
            loose = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise InvalidError(f"The database in {source} is damaged ({error}).") from error
    if not whole or loose:
        raise InvalidError(f"The database in {source} is damaged; nothing was changed.")


def schema_of(database: Path) -> str:
    """The revision of an SQLite file; "" when it holds no schema of ours."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        there = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        if not connection.execute(there).fetchone():
            return ""
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""


@contextmanager
def scratch(beside: Path) -> Iterator[Path]:
    """A folder that nobody else can look into, on the same disk, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".heed-", dir=beside) as name:
        yield Path(name)


def stamp() -> str:
    """The present moment as part of a name."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"


def _copy_sqlite(settings: Settings, folder: Path) -> tuple[Path, str]:
    """SQLite's own backup in one step: one read transaction, and writers need not wait for it."""
    database, copy = file_of(settings.database_url), folder / "heed.db"
    if database is None or not database.exists():
        raise ConfigError("There is no database to back up.")
    copy.touch(mode=0o600)
    with (
        closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.execute(f"PRAGMA busy_timeout={60_000}")
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE")  # One file, with nothing beside it.
    check(copy, database)
    return copy, schema_of(copy)


def _dump_postgresql(settings: Settings, folder: Path) -> tuple[Path, str]:
    copy = folder / DUMP
    if shutil.which("pg_dump") is None:
        raise ConfigError(
            "pg_dump is not installed here. Run this command, or pg_dump itself, where "
            "PostgreSQL's client programs are, and keep HEED_SECRET_KEY with the copy."
        )
    copy.touch(mode=0o600)
    url = settings.database_url
    run_program("pg_dump", "--format=custom", "--no-owner", f"--file={copy}", url=url)
    with create_engine(settings.database_url, poolclass=NullPool).connect() as connection:
        return copy, str(connection.scalar(text("SELECT version_num FROM alembic_version")))


def run_program(*words: str, url: str) -> None:
    """Run one of PostgreSQL's own programs; ConfigError with what it said when it fails.

    The password is in its environment: everybody on the machine can read a command line.
    """
    where = make_url(url).set(drivername="postgresql")
    environ = dict(os.environ)
    if where.password is not None:
        environ["PGPASSWORD"], where = where.password, where.set(password=None)
    shown = where.render_as_string(hide_password=False)
    done = subprocess.run(  # noqa: S603
        [*words, f"--dbname={shown}"], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise ConfigError(f"{words[0]} failed: {said[-1].rstrip('.')}.")


def _beside(settings: Settings, folder: Path) -> dict[str, Path]:
    """The files of the instance folder that have to come back with the database."""
    found: dict[str, Path] = {}
    key = settings.instance / KEY
    if key.exists() and key.read_text(encoding="utf-8").strip() == settings.secret_key:
        found[KEY] = key
    uploads = settings.instance / "imports"
    for file in sorted(uploads.glob("*.csv")) if uploads.is_dir() else ():
        with suppress(FileNotFoundError):  # Its import has just ended.
            found[f"imports/{file.name}"] = Path(shutil.copyfile(file, folder / file.name))
    return found
