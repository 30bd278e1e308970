"""The engine of each database: what a new connection is told before its first use."""

from typing import Any

from sqlalchemy import Engine, event

from webapp import db


def set_up_engine(engine: Engine) -> None:
    """Teach a new engine the recipe of its database; see architecture notes in the README."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_pragmas)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        event.listen(engine, "connect", _postgresql_patience)


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # The driver's own BEGIN would be too late and too weak.
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


def _postgresql_patience(connection: Any, _record: object) -> None:
    connection.execute(f"SET lock_timeout = '{int(db.PATIENCE * 1000)}ms'")
    connection.commit()


def _sqlite_begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if db.in_transaction() else "BEGIN")
