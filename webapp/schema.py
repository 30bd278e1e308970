"""Whether the database is at the schema of this version."""

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from webapp.config import ROOT
from webapp.db import db


def newest() -> str | None:
    """The revision that this version of Heed brings."""
    return ScriptDirectory(str(ROOT / "webapp" / "migrations")).get_current_head()


def is_current() -> bool:
    """Whether every migration has been run."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest()
