"""Which blocks of figures are due: those in which something happened, and others in turn."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, update
from sqlalchemy.orm import InstrumentedAttribute

from webapp.db import db, insert_once, run
from webapp.models import (
    Action,
    ActionMoment,
    Direction,
    Event,
    FigureBlock,
    FigureClock,
    Message,
    Report,
    Source,
    TrailEntry,
)
from webapp.services import tally, today

# Ids of one block.
SIZE = 10_000
# On PostgreSQL a row may be committed after one with a higher id; such a one is seen later.
OVERLAP = timedelta(minutes=2)
SOONEST = timedelta(minutes=1)
# What changes a figure of a text long after it was sent.
TOLD = (
    Event.OPTED_OUT,
    Event.HINT_DISMISSED,
    Event.HINT_RESTORED,
    Event.REPORTED,
)
Due = tuple[Source, int]
_DUE_NOW = (
    update(FigureBlock)
    .where(
        FigureBlock.source == bindparam("of"),
        FigureBlock.block == bindparam("number"),
        FigureBlock.due_at > bindparam("now"),
    )
    .values(due_at=bindparam("now"))
)


@dataclass
class Touched:
    """Blocks in which something happened, and the newest rows there were."""

    message_id: int
    report_id: int
    entry_id: int
    blocks: set[Due] = field(default_factory=set)

    def add(self, source: Source, first: int, last: int) -> None:
        """The blocks of the rows from one id to another."""
        if first <= last:
            self.blocks.update((source, n) for n in range(first // SIZE, last // SIZE + 1))


def next_due(newest: datetime | None, now: datetime) -> datetime:
    """When a block is counted again though nothing is known to have happened in it.

    Delivery reports come without telling us which block; most come soon. So a block is looked
    at again when its newest row is a quarter older: each minute at first, then ever less often.
    """
    age = now - newest if newest else SOONEST
    return now + max(SOONEST, age / 4)


def touched() -> Touched:
    """The blocks in which something happened since the last look; at first, all there are."""
    last = clock()
    since = last.read_until - OVERLAP if last and last.read_until else None
    found = Touched(
        message_id=_newest(Message.id),
        report_id=_newest(Report.id),
        entry_id=_newest(TrailEntry.id),
    )
    if last is None or since is None:
        found.add(Source.MESSAGE, 1, found.message_id)
        found.add(Source.REPORT, 1, found.report_id)
        return found
    # Where a clock went back, rows that nobody has seen are older than the last look.
    message = min(last.message_id + 1, today.first_id(Message.id, Message.created_at, since))
    report = min(last.report_id + 1, today.first_id(Report.id, Report.created_at, since))
    entry = min(last.entry_id + 1, today.first_id(TrailEntry.id, TrailEntry.at, since))
    found.add(Source.MESSAGE, message, found.message_id)
    found.add(Source.REPORT, report, found.report_id)
    found.blocks.update((Source.MESSAGE, n) for n in _concerned(message, entry))
    if _are_leaving(since):
        found.blocks.update((Source.MESSAGE, n) for n in _with_pending())
    return found


def mark(found: Touched, *, now: datetime) -> None:
    """Make blocks due, and remember until when was looked. One that waits keeps its place."""
    if found.blocks:
        blocks = [{"of": source, "number": block, "now": now} for source, block in found.blocks]
        connection = db.session.connection()
        fresh = insert_once(FigureBlock).values(
            source=bindparam("of"), block=bindparam("number"), due_at=bindparam("now"), pending=0
        )
        connection.execute(fresh, blocks)
        connection.execute(_DUE_NOW, blocks)
    set_clock(
        read_until=now,
        message_id=found.message_id,
        report_id=found.report_id,
        entry_id=found.entry_id,
    )


def due(now: datetime) -> list[Due]:
    """The blocks that are due, those that wait longest first."""
    query = (
        select(FigureBlock.source, FigureBlock.block)
        .where(FigureBlock.due_at <= now)
        .order_by(FigureBlock.due_at, FigureBlock.source, FigureBlock.block)
    )
    return [(source, block) for source, block in db.session.execute(query)]


def waiting_since(now: datetime) -> datetime | None:
    """Since when the block waits that has been due the longest; None: none is due."""
    oldest: datetime | None = db.session.scalar(
        select(func.min(FigureBlock.due_at)).where(FigureBlock.due_at <= now)
    )
    return oldest


def clock() -> FigureClock | None:
    """How far the figures have come; None before the first count."""
    return db.session.get(FigureClock, 1, populate_existing=True)


def set_clock(**values: Any) -> None:
    """Move the clock on."""
    run(insert_once(FigureClock), id=1, message_id=0, report_id=0, entry_id=0)
    run(update(FigureClock).where(FigureClock.id == 1).values(**values))


def _newest(row_id: InstrumentedAttribute[int]) -> int:
    return db.session.scalar(select(func.max(row_id))) or 0


def _concerned(first_message: int, first_entry: int) -> set[int]:
    """Blocks with texts of people who answered, opted out or were reported, whenever sent."""
    wrote = select(Message.contact_id).where(
        Message.id >= first_message, Message.direction == Direction.IN
    )
    told = select(TrailEntry.contact_id).where(
        TrailEntry.id >= first_entry, TrailEntry.event.in_(TOLD)
    )
    block = (Message.id // literal(SIZE)).label("block")
    texts = select(block).where(Message.contact_id.in_(wrote.union(told)))
    return set(db.session.scalars(texts.distinct()))


def _with_pending() -> set[int]:
    """Blocks with texts that had yet to leave."""
    return set(db.session.scalars(select(FigureBlock.block).where(FigureBlock.pending > 0)))


def _are_leaving(since: datetime) -> bool:
    """Whether texts of any action left, or failed to, since a moment."""
    moment = timedelta(minutes=tally.MINUTES)
    lately: Select[Any] = (
        select(ActionMoment.at)
        .where(ActionMoment.action_id == Action.id, ActionMoment.at > since - moment)
        .correlate(Action)
    )
    return db.session.scalar(select(Action.id).where(lately.exists()).limit(1)) is not None
