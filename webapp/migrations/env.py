"""Alembic's environment: the same migrations for SQLite and PostgreSQL."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from webapp import models
from webapp.db import Base, UtcDateTime, db

assert models.__all__  # Loading the package is what fills the metadata.


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our UTC type into migrations by its name."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from webapp.db import UtcDateTime")
        return "UtcDateTime()"
    return False


def run() -> None:
    """Migrate in one transaction on a connection of the application's engine."""
    with db.engine.connect() as connection:
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
