"""Hands that reach past the guards of the database; will anybody notice?"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from tests.factories import writing
from webapp.db import db


@contextmanager
def without_guards(*tables: str) -> Iterator[None]:
    """Take the triggers of these tables away for a while."""
    put_back = [statement for table in tables for statement in _take_down(table)]
    yield
    for statement in put_back:
        run(statement)


def take_down(table: str) -> None:
    """Take the triggers of a table away; put up again when the transaction is undone."""
    _take_down(table)


def run(statement: str, **values: object) -> None:
    """Raw SQL, in the open transaction or in one of its own."""
    with writing():
        db.session.execute(text(statement), values)


def _take_down(table: str) -> list[str]:
    """Drop or disable the triggers of a table; returns what puts them up again."""
    if db.engine.dialect.name != "sqlite":
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        return [f"ALTER TABLE {table} ENABLE TRIGGER USER"]
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
    found = db.session.execute(text(query), {"table": table}).all()
    for name, _ in found:
        run(f"DROP TRIGGER {name}")
    return [sql for _, sql in found]
