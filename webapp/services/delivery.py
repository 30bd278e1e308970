"""The only road to a phone: claim, take, settle. The row in the database is the truth."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, literal_column, or_, select, update

from webapp.carriers.base import Outgoing
from webapp.db import changed_rows, db
from webapp.models import (
    Action,
    ActionState,
    Campaign,
    Contact,
    Message,
    MessageKind,
    MessageState,
    Number,
)
from webapp.services import safeguard, tally
from webapp.texting import hours

# A claim is a lease: long enough for a few slow calls, short enough that a killed worker's
# texts are soon claimed by another.
LEASE = timedelta(seconds=30)
# How far ahead one claim books the slots of a number.
HORIZON = 2.0
MOST_AT_ONCE = 20
# Longer than the longest call to a carrier.
GIVEN_UP_AFTER = timedelta(seconds=120)
WHY = "Safeguard: the contact may not be texted any more."


@dataclass(frozen=True, slots=True)
class Claimed:
    """A text leased to this worker, to be taken at `at` (pacing of its number)."""

    message_id: int
    at: datetime


def claim(*, owner: str, rate: float, now: datetime) -> list[Claimed]:
    """Lease the next texts of one number that is free; [] when nothing is to be sent.

    `rate` is texts a second per number. The number's next slots are booked in the same
    transaction, so that several workers together keep its pace. Oldest first.
    """
    number = db.session.scalars(
        select(Number)
        .where(Number.next_free_at <= now, _waiting(now).correlate(Number).exists())
        .order_by(Number.next_free_at)
        .limit(1)
        # FOR NO KEY UPDATE: a text that comes in points to the number and is in nobody's way.
        .with_for_update(skip_locked=True, key_share=True)
    ).first()
    if number is None:
        return []
    limit = max(1, min(MOST_AT_ONCE, int(rate * HORIZON)))
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
    gap = timedelta(seconds=1 / rate)
    number.next_free_at = now + gap * len(rows)
    return [Claimed(row.id, now + gap * place) for place, row in enumerate(rows)]


def take(message_id: int, *, owner: str, status_url: str | None, now: datetime) -> Outgoing | None:
    """Take a leased text to `sending`, right before its call; None: it must not leave now.

    One conditional UPDATE in its own commit asks everything again (decision 11): the lease is
    mine, no opt-out of this kind, no carrier block, the action is live; the hours are read in
    the same transaction. Whoever opts out while this statement waits for the row is seen.
    A text that is refused here is cancelled, held for the pause, or deferred to opening time.
    """
    row = _facts(message_id)
    if row is None or row.Message.state is not MessageState.CLAIMED:
        return None
    message = row.Message
    if message.lease_owner != owner:
        return None
    opening = opens_at(row, now=now)
    if opening != now:
        _change(message, MessageState.CLAIMED, MessageState.QUEUED, not_before=opening)
        return None
    taken = changed_rows(
        update(Message)
        .where(
            Message.id == message_id,
            Message.state == MessageState.CLAIMED,
            Message.lease_owner == owner,
            Message.lease_until > now,
            safeguard.may_reach(now),
            or_(Message.kind != MessageKind.FIRST, _action_is_live()),
        )
        .values(state=MessageState.SENDING, sending_at=now, attempts=Message.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    if not taken:
        _leave(message, now=now)
        return None
    _tally(message, "claimed", "sending")
    return Outgoing(
        row.Number.phone, row.Contact.phone, message.body, message.reference, status_url
    )


def still_wanted(message_id: int, *, owner: str, now: datetime) -> bool:
    """Whether a text in `sending` may still be handed over, read once more before the call.

    What remains open between a STOP and a text is the carrier call itself. A worker that was
    frozen since its take finds that the text is no longer its own.
    """
    query = select(Message.id).where(
        Message.id == message_id,
        Message.state == MessageState.SENDING,
        Message.lease_owner == owner,
        safeguard.may_reach(now),
    )
    return db.session.scalar(query) is not None


def withdraw(message_id: int, *, owner: str, now: datetime) -> None:
    """Cancel a text in `sending` that was not handed over: its contact has just opted out."""
    message = db.session.get_one(Message, message_id)
    if message.lease_owner != owner:
        return
    _change(message, MessageState.SENDING, MessageState.CANCELLED, error_reason=WHY, settled_at=now)


def opens_at(row: Row[Message, Contact, Number, Campaign], *, now: datetime) -> datetime:
    """The moment from which a text may leave: now, or the next opening (decision 14).

    Confirmations keep no hours; replies keep them if the campaign says so.
    """
    message, campaign = row.Message, row.Campaign
    if message.kind is MessageKind.CONFIRMATION:
        return now
    if message.kind is MessageKind.REPLY and not campaign.replies_keep_hours:
        return now
    opening = hours.opens_at(now, campaign.hours, campaign.time_zone, row.Contact.zones)
    return opening or now + timedelta(days=1)


def sweep(*, now: datetime) -> int:
    """Put right what a killed worker left; returns how many texts were touched.

    Lapsed leases are queued again: nothing was on the wire. A text that has been `sending` for
    long may have arrived, so it becomes `unknown` and is never sent again by itself (decision
    11). A confirmation that could not leave in five minutes is dropped.
    """
    late = and_(Message.kind == MessageKind.CONFIRMATION, ~safeguard.is_timely(now))
    stuck = Message.sending_at <= now - GIVEN_UP_AFTER
    return (
        _moved(MessageState.CLAIMED, MessageState.QUEUED, Message.lease_until <= now)
        + _moved(MessageState.SENDING, MessageState.UNKNOWN, stuck)
        + _moved(MessageState.QUEUED, MessageState.CANCELLED, late)
    )


def _waiting(now: datetime) -> Select[int, MessageKind, int | None]:
    """Queued texts of a number whose time has come; first texts only while the action is live.

    The state is a literal, so that the partial index of the queue serves.
    """
    return select(Message.id, Message.kind, Message.action_id).where(
        Message.number_id == Number.id,
        Message.state == literal_column("'queued'"),
        Message.not_before <= now,
        or_(Message.kind != MessageKind.FIRST, _action_is_live()),
    )


def _action_is_live() -> ColumnElement[bool]:
    return (
        select(Action.id)
        .where(Action.id == Message.action_id, Action.state == ActionState.LIVE)
        .correlate(Message)
        .exists()
    )


def _facts(message_id: int) -> Row[Message, Contact, Number, Campaign] | None:
    return db.session.execute(
        select(Message, Contact, Number, Campaign)
        .join(Contact, Contact.id == Message.contact_id)
        .join(Number, Number.id == Message.number_id)
        .join(Campaign, Campaign.id == Message.campaign_id)
        .where(Message.id == message_id)
    ).first()


def _leave(message: Message, *, now: datetime) -> None:
    """A claimed text was not taken: say why on its row, or hold it for the pause."""
    db.session.refresh(message)
    if message.state is not MessageState.CLAIMED:
        return
    stopped = select(Message.id).where(Message.id == message.id, ~safeguard.may_reach(now))
    if db.session.scalar(stopped):
        _change(
            message, MessageState.CLAIMED, MessageState.CANCELLED, error_reason=WHY, settled_at=now
        )
    else:
        _change(message, MessageState.CLAIMED, MessageState.QUEUED, not_before=now)


def _change(message: Message, before: MessageState, after: MessageState, **values: Any) -> None:
    """Change the state of a text of ours, unless a STOP or another worker was quicker."""
    changed = changed_rows(
        update(Message)
        .where(
            Message.id == message.id,
            Message.state == before,
            Message.lease_owner == message.lease_owner,
        )
        .values(state=after, lease_owner=None, lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    if changed:
        _tally(message, before.value, after.value)


def _moved(before: MessageState, after: MessageState, condition: ColumnElement[bool]) -> int:
    """Change the state of many texts, those that nobody is at; returns how many."""
    free = select(Message.id).where(Message.state == literal_column(f"'{before.value}'"), condition)
    rows = db.session.execute(
        update(Message)
        .where(Message.id.in_(free.with_for_update(skip_locked=True)))
        .values(state=after, lease_owner=None, lease_until=None)
        .returning(Message.kind, Message.action_id)
        .execution_options(synchronize_session=False)
    ).all()
    firsts = [row.action_id for row in rows if row.kind is MessageKind.FIRST]
    tally.move(firsts, before.value, after.value)
    return len(rows)


def _tally(message: Message, before: str, after: str) -> None:
    if message.kind is MessageKind.FIRST:
        tally.move([message.action_id], before, after)
