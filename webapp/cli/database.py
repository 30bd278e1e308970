"""`db upgrade`: bring the schema up to date."""

import click
import flask_migrate

from webapp.cli.common import answer, json_option
from webapp.schema import is_current


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
@json_option
def upgrade(as_json: bool) -> None:
    """Migrate to the newest schema; safe to repeat."""
    if is_current():
        answer({"changed": False}, "The database is up to date.", as_json=as_json)
        return
    flask_migrate.upgrade()
    answer({"changed": True}, "The database was migrated.", as_json=as_json)
