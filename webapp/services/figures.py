"""Figures for Analytics, brought up to date bit by bit: read aside, written in a moment.

A block is a stretch of 10,000 ids. Each minute the blocks in which something happened are
counted again, and every other one in its turn, the older the less often. Counting reads outside
of any write transaction and writes a few small rows, and none when nothing changed.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from webapp.db import Base, db, run
from webapp.models import FigureBlock, FigureOfTexters, Source
from webapp.services import figure_blocks, figure_counts
from webapp.services.figure_blocks import Due
from webapp.services.figure_counts import ABOUT, Counted
from webapp.services.import_running import UnitOfWork

# Of each minute, so that sending and everything else has the rest.
SECONDS = 5.0
# The tables that a block of each kind has rows in.
TABLES: dict[Source, tuple[type[Base], ...]] = {
    Source.MESSAGE: tuple(ABOUT),
    Source.REPORT: (FigureOfTexters,),
}
Rows = set[tuple[Any, ...]]


def bring_up_to_date(
    unit: UnitOfWork,
    *,
    now: datetime,
    seconds: float = SECONDS,
    watch: Callable[[], float] = time.monotonic,
) -> int:
    """Count the blocks that are due; how many were left over when the time was up.

    `unit` is the edge's transaction: this takes several short ones. Called again at once it
    counts the newest blocks again and writes nothing. Two at once do the same work twice, and
    the figures are right all the same.
    """
    ends = watch() + seconds
    found = figure_blocks.touched()
    with unit():
        figure_blocks.mark(found, now=now)
    due = figure_blocks.due(now)
    db.session.rollback()
    counted = 0
    for block in due:
        if counted and watch() >= ends:
            break
        _count(unit, block, now=now)
        counted += 1
    with unit():
        figure_blocks.set_clock(as_of=figure_blocks.waiting_since(now) or now)
    return len(due) - counted


def as_of() -> datetime | None:
    """Up to when the figures are complete; None before they were counted for the first time."""
    clock = figure_blocks.clock()
    return clock.as_of if clock else None


def _count(unit: UnitOfWork, due: Due, *, now: datetime) -> None:
    source, block = due
    counted = figure_counts.OF[source](block)
    rows = {model: _as_rows(model, counted) for model in TABLES[source]}
    changed = [model for model in rows if rows[model] != _stored(model, due)]
    db.session.rollback()  # What was read is read; no transaction stays open over the rest.
    with unit():
        _settle(due, counted, now=now)  # Locks the block: two at once write one after the other.
        for model in changed:
            _replace(model, due, rows[model])


def _settle(due: Due, counted: Counted, *, now: datetime) -> None:
    source, block = due
    next_time = figure_blocks.next_due(counted.newest, now)
    run(
        update(FigureBlock)
        .where(FigureBlock.source == source, FigureBlock.block == block)
        .values(due_at=next_time, pending=counted.pending)
    )


def _as_rows(model: type[Base], counted: Counted) -> Rows:
    names = _counts(model)
    return {
        (*key, *(amounts[name] for name in names)) for key, amounts in counted.rows[model].items()
    }


def _stored(model: type[Base], due: Due) -> Rows:
    columns = [model.__table__.c[name] for name in (*ABOUT[model], *_counts(model))]
    return {tuple(row) for row in db.session.execute(select(*columns).where(_of(model, due)))}


def _replace(model: type[Base], due: Due, rows: Rows) -> None:
    source, block = due
    names = (*ABOUT[model], *_counts(model))
    same: dict[str, Any] = {"block": block}
    if model is FigureOfTexters:
        same["source"] = source
    run(delete(model).where(_of(model, due)))
    if rows:
        values = [dict(zip(names, row, strict=True)) | same for row in sorted(rows, key=str)]
        db.session.connection().execute(insert(model), values)


def _of(model: type[Base], due: Due) -> ColumnElement[bool]:
    """The rows of a block; in one of the tables those of reports stand beside those of texts."""
    source, block = due
    columns = model.__table__.c
    mine: ColumnElement[bool] = columns.block == block
    if model is FigureOfTexters:
        return mine & (columns.source == source)
    return mine


def _counts(model: type[Base]) -> tuple[str, ...]:
    """The names of a table's counts."""
    about = {*ABOUT[model], "block", "source"}
    return tuple(column.name for column in model.__table__.c if column.name not in about)
