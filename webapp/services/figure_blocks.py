"""Which blocks of figures are due: those in which something happened, and others in turn."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, literal, select, update

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


def next_due(newest: datetime | None, now: datetime) -> datetime:
    """When a block is counted again though nothing is known to have happened in it.

    Delivery reports come without telling us which block; most come soon. So a block is looked
    at again when its newest row is a quarter older: each minute at first, then ever less often.
    """
    age = now - newest if newest else SOONEST
    return now + max(SOONEST, age / 4)


def touched(since: datetime | None) -> set[Due]:
    """The blocks in which something happened since a moment; None: all there are."""
    since = since - OVERLAP if since else None
    found: set[Due] = set()
    for source, model in ((Source.MESSAGE, Message), (Source.REPORT, Report)):
        first = today.first_id(model.id, model.created_at, since) if since else 1
        last: int = db.session.scalar(select(func.max(model.id))) or 0
        found |= {(source, n) for n in range(first // SIZE, last // SIZE + 1) if first <= last}
        if since and source is Source.MESSAGE:
            found |= {(source, n) for n in _answered(first, since)}
    return found


def mark(due: Iterable[Due], *, now: datetime) -> None:
    """Make blocks due, and remember until when was looked. One that waits keeps its place."""
    for source, block in sorted(due):
        run(insert_once(FigureBlock), source=source, block=block, due_at=now, pending=0)
        run(
            update(FigureBlock)
            .where(
                FigureBlock.source == source,
                FigureBlock.block == block,
                FigureBlock.due_at > now,
            )
            .values(due_at=now)
        )
    set_clock(read_until=now)


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


def set_clock(**moments: datetime) -> None:
    """Move the clock on."""
    run(insert_once(FigureClock), id=1)
    run(update(FigureClock).where(FigureClock.id == 1).values(**moments))


def _answered(first_message: int, since: datetime) -> set[int]:
    """Blocks with texts to people who answered or opted out, whenever these were sent; and
    those with texts that had yet to leave, once texts have left."""
    first_entry = today.first_id(TrailEntry.id, TrailEntry.at, since)
    wrote = select(Message.contact_id).where(
        Message.id >= first_message, Message.direction == Direction.IN
    )
    told = select(TrailEntry.contact_id).where(
        TrailEntry.id >= first_entry, TrailEntry.event.in_(TOLD)
    )
    block = (Message.id // literal(SIZE)).label("block")
    texts = select(block).where(Message.contact_id.in_(wrote.union(told)))
    waiting = select(FigureBlock.block).where(FigureBlock.pending > 0)
    found = set(db.session.scalars(texts.distinct()))
    return found | (set(db.session.scalars(waiting)) if _are_leaving(since) else set())


def _are_leaving(since: datetime) -> bool:
    """Whether texts of any action left, or failed to, since a moment."""
    moment = timedelta(minutes=tally.MINUTES)
    lately: Select[Any] = (
        select(ActionMoment.at)
        .where(ActionMoment.action_id == Action.id, ActionMoment.at > since - moment)
        .correlate(Action)
    )
    return db.session.scalar(select(Action.id).where(lately.exists()).limit(1)) is not None
