"""The engine of each database: what a new connection is told before its first use."""

import math
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Dialect, Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from webapp import db

# Seconds after which an idle connection is asked before it is used again.
REST = 5.0
# Statements that a connection to PostgreSQL keeps prepared: those of all pages in use, so that they
# do not push each other out.
PREPARED = 300


def set_up_engine(engine: Engine) -> None:
    """Teach a new engine the recipe of its database; see architecture notes in the README."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_pragmas)
        # The type checker sees a method without its self.
        engine.dialect.do_begin = _sqlite_begin  # type: ignore[assignment]
    else:
        event.listen(engine, "connect", _postgresql_habits)
        event.listen(engine, "checkin", _note_rest)
        event.listen(engine, "checkout", _looks_after_rest(engine.dialect))


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # We begin ourselves.
    for pragma in (
        "journal_mode=WAL",
        # WAL with NORMAL may lose the last commits at power loss, and that commit can be a
        # STOP that was already acknowledged.
        "synchronous=FULL",
        f"busy_timeout={int(db.PATIENCE * 1000)}",
        "foreign_keys=ON",
        # So that the guards also see the rows that an INSERT OR REPLACE would throw out.
        "recursive_triggers=ON",
        "temp_store=MEMORY",
        "cache_size=-32768",
        "journal_size_limit=67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _postgresql_habits(connection: Any, _record: object) -> None:
    connection.prepared_max = PREPARED
    connection.execute(f"SET lock_timeout = '{int(db.PATIENCE * 1000)}ms'")
    connection.commit()


def _note_rest(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


def _looks_after_rest(dialect: Dialect) -> Callable[..., None]:
    """A connection that has rested for a while is asked whether it is still there.

    Not before every use: that would be one more trip to the database for every poll of every
    inbox. One that was cut off a moment ago answers 503 once, and all others are then made anew.
    """

    def look(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get("rests_since", math.inf) < REST:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    return look


def _sqlite_begin(connection: Any) -> None:
    """Take the lock at once in a unit of work; the driver's own BEGIN would be later and weaker.

    In place of the dialect's, so that it costs no more than itself and its errors are wrapped.
    """
    connection.execute("BEGIN IMMEDIATE" if db.in_transaction() else "BEGIN")
