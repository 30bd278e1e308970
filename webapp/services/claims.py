"""Claiming: leases on the texts that may leave next, at the pace of their number."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, literal_column, or_, select, update

from webapp.db import run
from webapp.models import Message, MessageKind, MessageState, Number
from webapp.services import broadcast_queue, holding, tally
from webapp.services.walking import Walks

# A claim is a lease: long enough for a few slow calls, short enough that a killed worker's
# texts are soon claimed by another.
LEASE = timedelta(seconds=30)
# How far ahead one claim books the slots of a number.
HORIZON = 2.0
MOST_AT_ONCE = 20


class Claimed(NamedTuple):
    """A text leased to this worker, to be taken at `at` (pacing of its number)."""

    message_id: int
    at: datetime


def is_waiting(walks: Walks, *, now: datetime) -> bool:
    """Whether there is anything to claim, asked without locking anything."""
    return run(_FREE, resting=walks.resting(now), now=now).first() is not None


def claim(
    *, owner: str, rate: float, now: datetime, walks: Walks | None = None, most: int = MOST_AT_ONCE
) -> list[Claimed]:
    """Lease the next texts of one number that is free; [] when nothing is to be sent.

    Queued texts go first, oldest first, then broadcasts. `rate` is texts a second for a number
    that has no rate of its own. The number's next slots are booked in the same transaction, so
    that several workers together keep its pace. `walks` remembers for one sender how far it
    has walked through the broadcasts.
    """
    walks = walks or Walks()
    number = run(_LOCK_FREE, resting=walks.resting(now), now=now).first()
    if number is None:
        return []
    rate = number.rate or rate
    limit = max(1, min(most, int(rate * HORIZON)))
    lease_until = now + LEASE
    claimed: list[int] = []
    if number.has_queued:
        claimed = _lease_queued(number.id, limit, owner=owner, lease_until=lease_until, now=now)
    if len(claimed) < limit:
        claimed += broadcast_queue.draw(
            number.id,
            limit - len(claimed),
            owner=owner,
            lease_until=lease_until,
            walks=walks,
            now=now,
        )
    gap = timedelta(seconds=1 / rate)
    run(_BOOK, number=number.id, free_at=now + gap * len(claimed))
    return [Claimed(message_id, now + gap * n) for n, message_id in enumerate(claimed)]


def _lease_queued(
    number_id: int, limit: int, *, owner: str, lease_until: datetime, now: datetime
) -> list[int]:
    leased = run(
        _LEASE_DUE, number=number_id, most=limit, owner=owner, lease_until=lease_until, now=now
    ).all()
    firsts = [row.action_id for row in leased if row.kind is MessageKind.FIRST]
    tally.move(firsts, "queued", "claimed")
    oldest_first = sorted(leased, key=lambda row: (row.not_before, row.id))
    return [row.id for row in oldest_first]


def _is_due(number_id: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    """Queued texts of a number whose time has come, and whose action lets them leave."""
    return (
        Message.number_id == number_id,
        _QUEUED,
        Message.not_before <= _NOW,
        holding.may_leave(_NOW),
    )


# Built once: senders ask several times a second, and each claim runs them all.
# The state is a literal, so that the partial index of the queue serves; with a bound one SQLite
# also composes its plan anew for each value.
_QUEUED = Message.state == literal_column("'queued'")
_NOW: Any = bindparam("now", type_=Message.not_before.type)
_HAS_QUEUED = select(Message.id).where(*_is_due(Number.id.expression)).correlate(Number).exists()
_FREE = (
    select(Number.id, Number.rate, _HAS_QUEUED.label("has_queued"))
    .where(Number.next_free_at <= _NOW, or_(_HAS_QUEUED, broadcast_queue.waits_for()))
    .order_by(Number.next_free_at)
    .limit(1)
)
# FOR NO KEY UPDATE: a text that comes in points to the number and is in nobody's way.
_LOCK_FREE = _FREE.with_for_update(skip_locked=True, key_share=True)
_BOOK = (
    update(Number).where(Number.id == bindparam("number")).values(next_free_at=bindparam("free_at"))
)
# A table of its own (CTE), so that PostgreSQL locks the limit and no more.
_DUE = (
    select(Message.id)
    .where(*_is_due(bindparam("number", type_=Number.id.type)))
    .order_by(Message.not_before, Message.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=Message)
    .cte("due")
)
_LEASE_DUE = (
    update(Message)
    .where(Message.id.in_(select(_DUE.c.id)), _QUEUED)
    .values(
        state=MessageState.CLAIMED,
        lease_owner=bindparam("owner"),
        lease_until=bindparam("lease_until"),
    )
    .returning(Message.id, Message.kind, Message.action_id, Message.not_before)
)
