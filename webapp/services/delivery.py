"""The only road to a phone: claim, take, settle. The row in the database is the truth.

This is the middle part; `claims` comes before it and `settlement` after it.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, literal_column, select, update

from webapp.carriers.base import Outgoing
from webapp.db import changed_rows, db
from webapp.models import (
    Campaign,
    Contact,
    Message,
    MessageKind,
    MessageState,
    Number,
)
from webapp.services import holding, recontact, safeguard, tally
from webapp.texting import hours

# Longer than the longest call to a carrier.
GIVEN_UP_AFTER = timedelta(seconds=120)
ANSWERS = (MessageKind.REPLY, MessageKind.AUTOMATED, MessageKind.HELP)
WHY = "Safeguard: the contact may not be texted any more."


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
            holding.may_leave(),
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

    Confirmations keep no hours; answers keep them if the campaign says so. A first text also
    waits for the re-contact lock (decision 15).
    """
    message, campaign = row.Message, row.Campaign
    if message.kind is MessageKind.CONFIRMATION:
        return now
    if message.kind in ANSWERS and not campaign.replies_keep_hours:
        return now
    at = now
    if message.kind is MessageKind.FIRST:
        locked = recontact.free_at([message.contact_id], message.action_id, campaign, now=now)
        at = locked.get(message.contact_id, now)
    opening = hours.opens_at(at, campaign.hours, campaign.time_zone, row.Contact.zones)
    return opening or now + timedelta(days=1)


def sweep(*, now: datetime) -> int:
    """Put right what a killed worker left; returns how many texts were touched.

    Lapsed leases are queued again: nothing was on the wire. A text that has been `sending` for
    long may have arrived, so it becomes `unknown` and is never sent again by itself (decision
    11). A confirmation that could not leave in five minutes is dropped, and an automated answer
    whose action has been paused for an hour.
    """
    late = and_(Message.kind == MessageKind.CONFIRMATION, ~safeguard.is_timely(now))
    stuck = Message.sending_at <= now - GIVEN_UP_AFTER
    return (
        _moved(MessageState.CLAIMED, MessageState.QUEUED, Message.lease_until <= now)
        + _moved(MessageState.SENDING, MessageState.UNKNOWN, stuck)
        + _moved(MessageState.QUEUED, MessageState.CANCELLED, late)
        + holding.drop_old(now=now)
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
