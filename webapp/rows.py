"""One statement for many rows, past the object layer: for the busiest paths."""

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    CursorResult,
    Executable,
    SQLColumnExpression,
    Subquery,
    any_,
    bindparam,
    column,
    func,
    insert,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects import postgresql

from webapp.db import Base, db, insert_into, insert_once, run


def run_each(statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute a statement that was built once for each of these sets of values."""
    db.session.connection().execute(statement, rows)


def insert_rows(
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    same: Mapping[str, Any],
    *,
    returning: tuple[str, ...] = (),
    once: bool = False,
) -> CursorResult[Any]:
    """Insert these rows, which have the values `same` in common; the columns asked for come back.

    They are handed over as one bound value instead of one for each cell: the statement stays the
    same for one row and for thirty, is compiled once, and the database keeps it prepared. With a
    list of VALUES, writing down twelve messages cost more than everything else about them.
    Cells in `rows` are what JSON knows: texts, numbers, lists; moments belong to `same`. `once`
    leaves out rows whose key is already there, as insert_once() does.
    """
    dialect = db.engine.dialect.name
    statement = _inserting(model, tuple(rows[0]), tuple(same), returning, once, dialect)
    return run(statement, rows=rows, **same)


def add_up(model: type[Base], keys: Mapping[str, Any], amounts: Mapping[str, int]) -> None:
    """Add to the counts of the row with these keys; it begins with the amounts if there is none.

    Two at once add up. Counts that are not named stay; in a new row they have their defaults.
    """
    statement = _adding(model, tuple(keys), tuple(amounts), db.engine.dialect.name)
    run(statement, **keys, **amounts)


@cache
def _adding(
    model: type[Base], keys: tuple[str, ...], counts: tuple[str, ...], dialect: str
) -> Executable:
    columns = model.__table__.c
    given = {name: bindparam(name, type_=columns[name].type) for name in (*keys, *counts)}
    inserting = insert_into(model, dialect).values(given)
    sums = {name: columns[name] + inserting.excluded[name] for name in counts}
    return inserting.on_conflict_do_update(index_elements=list(keys), set_=sums)


def among(column: SQLColumnExpression[int], name: str, dialect: str) -> ColumnElement[bool]:
    """Whether a column is one of the ids that are bound as one list to this name: the statement
    stays the same for one id and for a thousand, and is compiled once.

    PostgreSQL looks an array up in its order, so that two who lock the same rows do not wait for
    each other crosswise.
    """
    if dialect == "sqlite":
        ids = func.json_each(bindparam(name, type_=JSON())).table_valued("value")
        return column.in_(select(ids.c.value))
    return column == any_(bindparam(name, type_=postgresql.ARRAY(BigInteger)))


def one_of(column: SQLColumnExpression[Any], *values: Enum) -> ColumnElement[bool]:
    """Whether a column is one of these values, which stand in the statement itself.

    Bound, they would be written into the statement anew each time it runs.
    """
    return column.in_([literal_column(f"'{value.value}'") for value in values])


@cache
def _inserting(
    model: type[Base],
    names: tuple[str, ...],
    common: tuple[str, ...],
    returning: tuple[str, ...],
    once: bool,
    dialect: str,
) -> Executable:
    columns = model.__table__.c
    given = _given(model, names, dialect)
    shared = (bindparam(name, type_=columns[name].type) for name in common)
    # SQLite could not tell ON CONFLICT from a join without the WHERE clause.
    chosen = select(*given.c, *shared).where(true())
    inserting = (insert_once(model) if once else insert(model)).from_select(
        [*names, *common], chosen
    )
    if not returning:
        return inserting
    return inserting.returning(*(columns[name] for name in returning))


def _given(model: type[Base], names: tuple[str, ...], dialect: str) -> Subquery:
    """The bound value `rows` as a table with these columns of the model."""
    rows = bindparam("rows", type_=JSON())
    kinds = {name: model.__table__.c[name].type for name in names}
    if dialect == "sqlite":
        each = func.json_each(rows).table_valued("value")
        cells = (func.json_extract(each.c.value, f"$.{name}").label(name) for name in names)
        return select(*cells).select_from(each).subquery("given")
    listed = func.json_to_recordset(rows).table_valued(
        *(column(name, kind) for name, kind in kinds.items())
    )
    return select(listed.render_derived(name="listed", with_types=True)).subquery("given")
