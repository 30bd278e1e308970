"""The database: the model base, UTC times and the one owner of the transaction."""

import enum
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Dialect,
    Enum,
    Executable,
    Integer,
    MetaData,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, registry
from sqlalchemy.types import TypeDecorator, TypeEngine

from webapp.errors import BusyError
from webapp.gate import only_writer

PATIENCE = 10.0  # seconds that a unit of work waits for its turn before BusyError


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; naive datetimes are refused, so no zone is ever guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store a moment as UTC; SQLite knows no zones."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without its zone cannot be stored.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read it back with its zone."""
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
TYPES: dict[Any, TypeEngine[Any] | type[TypeEngine[Any]]] = {
    datetime: UtcDateTime,
    enum.Enum: Enum(
        enum.Enum,
        native_enum=False,
        create_constraint=False,
        validate_strings=True,
        length=40,
        values_callable=lambda kind: [member.value for member in kind],
    ),
}


class Base(DeclarativeBase):
    """The base of every model: constraint names, enums stored by value, UTC times."""

    registry = registry(metadata=MetaData(naming_convention=NAMES), type_annotation_map=TYPES)


db = SQLAlchemy(model_class=Base)

_writing: ContextVar[bool] = ContextVar("writing", default=False)
_COUNTED, _turn = {"preserve_rowcount": True}, threading.Lock()
_last_steps: list[Callable[[], None]] = []


def utc_now() -> datetime:
    """The present moment; the edge asks once and hands it down as `now=`."""
    return datetime.now(UTC)


@contextmanager
def transaction() -> Iterator[None]:
    """One unit of work: commits at the end, rolls back on any exception, refuses to nest.

    What was loaded before is read again inside, so decisions are made on what the database
    holds now. On SQLite writers queue at a gate (a lock in a process, gate.py between them).
    Raises BusyError when the database is locked or away; nothing was written then.
    """
    if _writing.get():
        raise RuntimeError("A transaction is already open; services never open one.")
    db.session.rollback()
    db.session.info.clear()  # What an earlier unit of work had noted and rolled back.
    token = _writing.set(True)
    try:
        with _gate():
            try:
                yield
                for finish in _last_steps:
                    finish()
                db.session.commit()
            except BaseException:
                db.session.rollback()
                raise
    except DBAPIError as error:
        if is_away(error):
            raise BusyError("The database is busy. Try again in a moment.") from error
        raise
    finally:
        db.session.info.clear()
        _writing.reset(token)


def before_commit(step: Callable[[], None]) -> Callable[[], None]:
    """Decorator: call this in every transaction() right before its commit."""
    _last_steps.append(step)
    return step


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one state of the database throughout, whatever others write meanwhile."""
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":  # SQLite reads that way by itself.
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield
    finally:
        db.session.rollback()


def in_transaction() -> bool:
    """Whether a unit of work is open here."""
    return _writing.get()


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database is locked, full or cannot be reached."""
    return isinstance(error, OperationalError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )


@contextmanager
def _gate() -> Iterator[None]:
    url = db.engine.url
    if url.get_backend_name() != "sqlite":
        yield
        return
    given_up_at = time.monotonic() + PATIENCE
    if not _turn.acquire(timeout=PATIENCE):
        raise BusyError("The database is busy. Try again in a moment.")
    try:
        if not url.database or url.database == ":memory:":
            yield
            return
        gate = Path(f"{url.database}.gate")
        with only_writer(gate, patience=given_up_at - time.monotonic()):
            yield
    finally:
        _turn.release()


def put(
    model: type[Base],
    keys: dict[str, Any],
    values: dict[str, Any],
    changes: dict[str, Any] | None = None,
) -> None:
    """Insert the row with these keys, or change the one that is there; two at once do no harm.

    `changes` is what an existing row gets, if not the same `values`; it may hold expressions.
    """
    statement = insert_into(model, db.engine.dialect.name).values(**keys, **values)
    db.session.execute(
        statement.on_conflict_do_update(index_elements=list(keys), set_=changes or values)
    )


def insert_once(model: type[Base]) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that leaves out rows whose key is already there (ON CONFLICT DO NOTHING).

    A SELECT given to it needs a WHERE clause: SQLite could not tell ON CONFLICT from a join.
    """
    return insert_into(model, db.engine.dialect.name).on_conflict_do_nothing()


@cache
def insert_into(model: type[Base], dialect: str) -> "sqlite.Insert | postgresql.Insert":
    """The INSERT of this database, which knows ON CONFLICT."""
    return sqlite.insert(model) if dialect == "sqlite" else postgresql.insert(model)


def run(statement: Executable, **values: Any) -> CursorResult[Any]:
    """Execute a statement that was built once, past the object layer: for the busiest paths.

    Pending changes of objects are not written first; objects that are loaded do not notice.
    """
    session = db.session()
    connection = session.info.get("connection")
    if connection is None:
        connection = session.connection()
        if _writing.get():  # Remembered until the end of this transaction().
            session.info["connection"] = connection
    return connection.execute(statement, values, execution_options=_COUNTED)


def changed_rows(statement: Executable) -> int:
    """Execute an INSERT, UPDATE or DELETE and say how many rows it changed.

    Fails loudly where the driver does not know: read as 0, a fresh STOP would be a repeat.
    """
    result = db.session.execute(statement, execution_options={"preserve_rowcount": True})
    assert isinstance(result, CursorResult)
    if result.rowcount < 0:
        raise RuntimeError("The database did not say how many rows were changed.")
    return result.rowcount


def _refuse_flush(session: Session, _context: object, _instances: object) -> None:
    if not _writing.get():
        raise RuntimeError("Writing outside transaction(); the edge has to open one.")


def _refuse_statement(state: ORMExecuteState) -> None:
    if not _writing.get() and (state.is_insert or state.is_update or state.is_delete):
        raise RuntimeError("Writing outside transaction(); the edge has to open one.")


event.listen(Session, "before_flush", _refuse_flush)
event.listen(Session, "do_orm_execute", _refuse_statement)
