"""Claiming: leases on the texts that may leave next, at the pace of their number."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, literal_column, or_, select, update

from webapp.db import changed_rows, db
from webapp.models import Message, MessageKind, MessageState, Number
from webapp.services import broadcast_queue, holding, tally
from webapp.services.broadcast_queue import Walks

# A claim is a lease: long enough for a few slow calls, short enough that a killed worker's
# texts are soon claimed by another.
LEASE = timedelta(seconds=30)
# How far ahead one claim books the slots of a number.
HORIZON = 2.0
MOST_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Claimed:
    """A text leased to this worker, to be taken at `at` (pacing of its number)."""

    message_id: int
    at: datetime


def is_waiting(walks: Walks, *, now: datetime) -> bool:
    """Whether there is anything to claim, asked without locking anything."""
    return db.session.scalar(_free_number(walks, now).with_only_columns(Number.id)) is not None


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
    # FOR NO KEY UPDATE: a text that comes in points to the number and is in nobody's way.
    query = _free_number(walks, now).with_for_update(skip_locked=True, key_share=True)
    number = db.session.scalars(query).first()
    if number is None:
        return []
    rate = number.rate or rate
    limit = max(1, min(most, int(rate * HORIZON)))
    claimed = _lease_queued(number, limit, owner=owner, now=now)
    if len(claimed) < limit:
        claimed += broadcast_queue.draw(
            number,
            limit - len(claimed),
            owner=owner,
            lease_until=now + LEASE,
            walks=walks,
            now=now,
        )
    gap = timedelta(seconds=1 / rate)
    number.next_free_at = now + gap * len(claimed)
    return [Claimed(message_id, now + gap * n) for n, message_id in enumerate(claimed)]


def _free_number(walks: Walks, now: datetime) -> Select[Number]:
    waiting = _waiting(now).correlate(Number).exists()
    return (
        select(Number)
        .where(Number.next_free_at <= now, or_(waiting, broadcast_queue.waits_for(walks, now)))
        .order_by(Number.next_free_at)
        .limit(1)
    )


def _lease_queued(number: Number, limit: int, *, owner: str, now: datetime) -> list[int]:
    due = _waiting(now).where(Number.id == number.id).limit(limit)
    rows = db.session.execute(
        due.order_by(Message.not_before, Message.id).with_for_update(skip_locked=True, of=Message)
    ).all()
    changed_rows(
        update(Message)
        .where(Message.id.in_([row.id for row in rows]), Message.state == MessageState.QUEUED)
        .values(state=MessageState.CLAIMED, lease_owner=owner, lease_until=now + LEASE)
    )
    firsts = [row.action_id for row in rows if row.kind is MessageKind.FIRST]
    tally.move(firsts, "queued", "claimed")
    return [row.id for row in rows]


def _waiting(now: datetime) -> Select[int, MessageKind, int | None]:
    """Queued texts of a number whose time has come, and whose action lets them leave.

    The state is a literal, so that the partial index of the queue serves.
    """
    return select(Message.id, Message.kind, Message.action_id).where(
        Message.number_id == Number.id,
        Message.state == literal_column("'queued'"),
        Message.not_before <= now,
        holding.may_leave(),
    )
