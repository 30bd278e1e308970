"""`db copy`: every row of one database into another one that is empty, and counted at the end."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

import flask_migrate
from sqlalchemy import Connection, Engine, Table, create_engine, func, insert, select, text
from sqlalchemy.pool import NullPool

from webapp import presence
from webapp.app import create_app
from webapp.config import Settings
from webapp.db import Base, db, utc_now
from webapp.engine import set_up_engine
from webapp.errors import BusyError, ConflictError, RefusedError
from webapp.models import Heartbeat
from webapp.schema import is_current

AT_ONCE = 2_000
LOOKS_ALIVE = timedelta(seconds=30)
Told = Callable[[Table, int], None]


def copy(settings: Settings, target_url: str, *, told: Told) -> dict[str, int]:
    """Copy every table; the rows of each by name. `told` hears of each table that is done.

    Refused while Heed runs (a text that leaves after the copy was made would leave again there)
    and when the target holds rows. The source is read as it was at one moment and not changed;
    the target is written in one transaction, which only ends well if all counts agree.
    """
    with presence.alone(settings.database_url):
        _prepare(replace(settings, database_url=target_url))
        source, target = _engine(settings.database_url), _engine(target_url)
        with source.connect() as there, target.begin() as here:
            if there.dialect.name == "postgresql":
                there.execution_options(isolation_level="REPEATABLE READ")
            _refuse_if_alive(there)
            if some := _first(here, tables()):
                raise ConflictError(f"The target holds rows ({some}); nothing was copied.")
            counts = {table.name: _copy(table, there, here, told) for table in tables()}
            _compare(counts, there, here)
            _continue_counting(here)
    return counts


def tables() -> list[Table]:
    """Every table, those that others point to first."""
    return Base.metadata.sorted_tables


def _engine(url: str) -> Engine:
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    set_up_engine(engine)
    return engine


def _prepare(settings: Settings) -> None:
    """Make the target's schema the newest one."""
    with create_app(settings).app_context():
        if not is_current():
            flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()


def _refuse_if_alive(source: Connection) -> None:
    """The lock beside the file knows who uses an SQLite database; elsewhere workers show life."""
    since = utc_now() - LOOKS_ALIVE
    alive = select(func.count()).select_from(Heartbeat).where(Heartbeat.at > since)
    if source.scalar(alive):
        raise BusyError("A worker is running on this database. Stop Heed, then try again.")


def _first(connection: Connection, among: Iterable[Table]) -> str:
    """The first table that holds a row; "" when all are empty."""
    for table in among:
        if connection.execute(select(table).limit(1)).first() is not None:
            return table.name
    return ""


def _copy(table: Table, source: Connection, target: Connection, told: Told) -> int:
    copied = 0
    rows = source.execute(select(table).execution_options(yield_per=AT_ONCE))
    for part in rows.partitions(AT_ONCE):
        target.execute(insert(table), [dict(row._mapping) for row in part])
        copied += len(part)
    told(table, copied)
    return copied


def _compare(counts: dict[str, int], source: Connection, target: Connection) -> None:
    for table in tables():
        query = select(func.count()).select_from(table)
        before, after = source.scalar(query), target.scalar(query)
        if not counts[table.name] == before == after:
            raise RefusedError(
                f"The counts of {table.name} differ ({before} here, {after} there); "
                "nothing was kept."
            )


def _continue_counting(target: Connection) -> None:
    """New rows get ids behind the copied ones."""
    if target.dialect.name != "postgresql":
        return
    for table in tables():
        for column in table.primary_key.columns:
            found = {"table": f'"{table.name}"', "column": column.name}
            sequence = text("SELECT pg_get_serial_sequence(:table, :column)")
            if (name := target.scalar(sequence, found)) is not None:
                last = target.scalar(select(func.max(column)))
                behind = {"name": name, "last": last or 1, "used": last is not None}
                target.execute(text("SELECT setval(:name, :last, :used)"), behind)
