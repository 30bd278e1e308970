"""Hands that reach past the guards of the database, to see whether the audit finds what they did."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from webapp.db import db, transaction


@contextmanager
def without_guards(*tables: str) -> Iterator[None]:
    """Take the triggers of these tables away for a while."""
    put_back = [_take_down(table) for table in tables]
    try:
        yield
    finally:
        with transaction():
            for statement in [one for statements in put_back for one in statements]:
                db.session.execute(text(statement))


def take_down(table: str) -> None:
    """Take the triggers of a table away for good."""
    _take_down(table)


def run(statement: str, **values: object) -> None:
    """Raw SQL in a transaction of its own."""
    with transaction():
        db.session.execute(text(statement), values)


def _take_down(table: str) -> list[str]:
    """Drop or disable the triggers of a table; returns what puts them up again."""
    with transaction():
        if db.engine.dialect.name != "sqlite":
            db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            return [f"ALTER TABLE {table} ENABLE TRIGGER USER"]
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
        found = db.session.execute(text(query), {"table": table}).all()
        for name, _ in found:
            db.session.execute(text(f"DROP TRIGGER {name}"))
        return [sql for _, sql in found]
