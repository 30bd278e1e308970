"""Alembic's environment: the same migrations for SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from webapp import models
from webapp.db import Base, UtcDateTime, db

assert models.__all__  # Loading the package is what fills the metadata.


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our UTC type into migrations by its name."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from webapp.db import UtcDateTime")
        return "UtcDateTime()"
    return False


@contextmanager
def tables_may_be_rebuilt(connection: Connection) -> Iterator[None]:
    """Let SQLite copy a table into a new form: dropping the old one must not look like deleting
    its rows. Whatever a migration breaks is found before it is committed."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"A migration left rows that point nowhere: {broken[:5]}")
        connection.commit()
    finally:
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=ON")


def run() -> None:
    """Migrate in one transaction on a connection of the application's engine."""
    with db.engine.connect() as connection, tables_may_be_rebuilt(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            render_item=render_item,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
