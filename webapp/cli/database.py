"""`db upgrade` and `db copy`: bring the schema up to date, or everything to another database."""

import sys

import click
import flask_migrate
from flask import current_app
from sqlalchemy import Table

from webapp import config
from webapp.cli import copying
from webapp.cli.common import answer, json_option
from webapp.config import Settings
from webapp.db import db as database
from webapp.errors import ConfigError, ConflictError
from webapp.schema import is_current


@click.group()
def db() -> None:
    """The database: its schema, and the way to another one."""


@db.command()
@json_option
def upgrade(as_json: bool) -> None:
    """Migrate to the newest schema; safe to repeat."""
    if is_current():
        answer({"changed": False}, "The database is up to date.", as_json=as_json)
        return
    flask_migrate.upgrade()
    answer({"changed": True}, "The database was migrated.", as_json=as_json)


@db.command()
@click.option("--to", "url", required=True, help="postgresql://… or sqlite:///…, an empty one.")
@json_option
def copy(url: str, as_json: bool) -> None:
    """Copy everything into another database, from SQLite to PostgreSQL or back.

    Heed has to be stopped. The target is migrated if need be and has to be empty; the counts of
    every table are compared at the end. This database stays as it is: do not start Heed on it
    again, or what waits there would be sent from both.
    """
    settings: Settings = current_app.extensions["settings"]
    if not is_current():
        raise ConfigError("The database has another schema. Run: ./heed db upgrade")
    target = config.database_url(url, settings.instance)
    if target == settings.database_url:
        raise ConflictError("That is the database in use; name another one.")
    database.session.remove()
    database.engine.dispose()
    counts = copying.copy(settings, target, told=_tell)
    facts = {"copied": True, "rows": sum(counts.values()), "tables": counts}
    said = (
        f"{facts['rows']:,} rows in {len(counts)} tables were copied, and the counts agree.\n"
        "Set HEED_DATABASE_URL to the new database and HEED_SECRET_KEY to the key of this "
        "installation (instance/secret_key): with another one, erased numbers are not recognized. "
        "Never start Heed on the old database again."
    )
    answer(facts, said, as_json=as_json)


def _tell(table: Table, rows: int) -> None:
    """On a terminal, each table as it is done."""
    if rows and sys.stderr.isatty():
        click.echo(f"{table.name}: {rows:,}", err=True)
