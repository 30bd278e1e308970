"""Phones of a scratch database, some at a time, within reach of the real database."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, MetaData, Select, String, Table, event, select
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from webapp.db import db
from webapp.models import Contact

# Phones in one transaction: 0.1 s on SQLite, where others wait meanwhile.
CHUNK = 20_000
COLUMNS = (
    "phone", "first_name", "first_key", "last_name", "last_key", "fields", "state", "city",
    "country", "zones",
)  # fmt: skip
SCRATCH = "scratch"
CACHE = -8_000  # KiB of pages while a chunk is merged
_HIGHEST = (
    "SELECT max(phone), count(*) "
    "FROM (SELECT phone FROM staged WHERE phone > ? ORDER BY phone LIMIT ?)"
)


def _table(name: str, schema: str | None, columns: tuple[str, ...]) -> Table:
    return Table(
        name,
        MetaData(),
        *(Column(column, JSON if column == "fields" else String) for column in columns),
        schema=schema,
    )


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some phones of a file as tables that the database can see: `low` < phone <= `high`."""

    low: str
    high: str
    size: int
    person: Table
    mark: Table
    fields: tuple[str, ...]  # what `mark` asks for in this chunk

    def holds(self, phone: ColumnElement[str]) -> ColumnElement[bool]:
        """Whether a phone is in the range of this chunk."""
        return (phone > self.low) & (phone <= self.high)

    def marked(self, what: str, campaign_id: int) -> Select[int]:
        """The contacts that the file marks with a field."""
        phones = select(self.mark.c.phone).where(
            self.mark.c.field == what, self.holds(self.mark.c.phone)
        )
        return select(Contact.id).where(
            Contact.campaign_id == campaign_id, Contact.phone.in_(phones)
        )


def next_chunk(scratch: Path, cursor: str, *, size: int = CHUNK) -> Chunk | None:
    """Put the next phones after `cursor` within reach of the database; None when all are done.

    SQLite attaches the scratch file; PostgreSQL gets a copy of the rows in temporary tables
    that end with the transaction. A transaction has to be open.
    """
    with closing(sqlite3.connect(scratch)) as rows:
        high, found = rows.execute(_HIGHEST, (cursor, size)).fetchone()
        if not found:
            return None
        among = (cursor, high)
        marks = "FROM mark WHERE phone > ? AND phone <= ?"
        fields = tuple(one for (one,) in rows.execute(f"SELECT DISTINCT field {marks}", among))
        if db.engine.dialect.name == "sqlite":
            _attach(scratch)
            person, mark = _ATTACHED
        else:
            person, mark = _COPIED
            everybody = "FROM person WHERE phone > ? AND phone <= ?"
            columns = ", ".join(COLUMNS)
            _copy(person, rows.execute(f"SELECT {columns} {everybody} ORDER BY phone", among))
            _copy(mark, rows.execute(f"SELECT phone, field {marks}", among) if fields else iter(()))
    return Chunk(cursor, high, found, person, mark, fields)


# SQLite: the scratch file beside the database


_ATTACHED = (_table("person", SCRATCH, COLUMNS), _table("mark", SCRATCH, ("phone", "field")))


def _attach(scratch: Path) -> None:
    """Attach the scratch file to this connection until it goes back to the pool.

    Rows come in order, so that a small page cache is as quick as a large one.
    """
    connection = db.session.connection()
    if SCRATCH in connection.info:
        return
    cache = connection.exec_driver_sql("PRAGMA cache_size").scalar()
    connection.exec_driver_sql(f"PRAGMA cache_size = {CACHE}")
    connection.exec_driver_sql(f"ATTACH DATABASE ? AS {SCRATCH}", (str(scratch),))
    connection.info[SCRATCH] = cache


@event.listens_for(Pool, "checkin")
def _detach(connection: Any, entry: ConnectionPoolEntry) -> None:
    """Inside a transaction SQLite cannot detach; a connection that comes back has none."""
    cache = entry.info.pop(SCRATCH, None)
    if cache is not None and connection is not None:
        connection.execute(f"DETACH DATABASE {SCRATCH}")
        connection.execute(f"PRAGMA cache_size = {cache}")


# PostgreSQL: the rows of a chunk in temporary tables


_COPIED = (_table("import_person", None, COLUMNS), _table("import_mark", None, ("phone", "field")))


def _copy(table: Table, rows: Iterator[tuple[Any, ...]]) -> None:
    connection = db.session.connection()
    columns = ", ".join(
        f"{column.name} {'json' if column.name == 'fields' else 'text'}" for column in table.c
    )
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {table.name} ({columns}) ON COMMIT DROP")
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    # Without it the planner knows nothing of a temporary table and picks slow joins.
    asked = ", ".join(name for name in ("phone", "field") if name in table.c)
    connection.exec_driver_sql(f"ANALYZE {table.name} ({asked})")
