"""The only road to a phone: claim, take, settle. The row in the database is the truth.

This is the middle part; `claims` comes before it and `settlement` after it.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    bindparam,
    case,
    literal_column,
    select,
    update,
)

from webapp.carriers.base import Outgoing
from webapp.db import changed_rows, db, run
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

# Built once: these are asked for every text that leaves.
_MESSAGE: BindParameter[int] = bindparam("message")
_OWNER: BindParameter[str] = bindparam("owner")
_NOW: Any = bindparam("now", type_=Message.sending_at.type)
_LAPSES: dict[str, Any] = {
    kind.value: bindparam(kind.value, type_=Message.created_at.type) for kind in safeguard.LASTS
}
_FACTS = (
    select(
        Message.id,
        Message.contact_id,
        Message.action_id,
        Message.kind,
        Message.state,
        Message.lease_owner,
        Message.body,
        Message.reference,
        Number.phone.label("sender"),
        Contact.phone.label("recipient"),
        Contact.zones,
        Campaign.opens_minute,
        Campaign.closes_minute,
        Campaign.time_zone,
        Campaign.replies_keep_hours,
        Campaign.recontact_lock_hours,
    )
    .join(Contact, Contact.id == Message.contact_id)
    .join(Number, Number.id == Message.number_id)
    .join(Campaign, Campaign.id == Message.campaign_id)
    .where(Message.id == _MESSAGE)
)
_TAKE = (
    update(Message)
    .where(
        Message.id == _MESSAGE,
        Message.state == literal_column("'claimed'"),
        Message.lease_owner == _OWNER,
        Message.lease_until > _NOW,
        safeguard.may_reach(_LAPSES),
        holding.may_leave(_NOW),
    )
    .values(state=MessageState.SENDING, sending_at=_NOW, attempts=Message.attempts + 1)
)
_STILL_WANTED = select(Message.id).where(
    Message.id == _MESSAGE,
    Message.state == literal_column("'sending'"),
    Message.lease_owner == _OWNER,
    safeguard.may_reach(_LAPSES),
)
_STOPPED = select(safeguard.has_lapsed(_LAPSES).label("has_lapsed")).where(
    Message.id == _MESSAGE, ~safeguard.may_reach(_LAPSES)
)


def take(message_id: int, *, owner: str, status_url: str | None, now: datetime) -> Outgoing | None:
    """Take a leased text to `sending`, right before its call; None: it must not leave now.

    One conditional UPDATE in its own commit asks everything again (decision 11): the lease is
    mine, no opt-out of this kind, no carrier block, the action is live and on one of its days;
    the hours are read in the same transaction. Whoever opts out while this statement waits for
    the row is seen. A text that is refused here is cancelled, held for the pause or the day, or
    deferred to opening time.
    """
    text = _facts(message_id)
    if text is None or text.state is not MessageState.CLAIMED or text.lease_owner != owner:
        return None
    opening = opens_at(text, now=now)
    if opening != now:
        _change(text, MessageState.CLAIMED, MessageState.QUEUED, not_before=opening)
        return None
    lapses = safeguard.lapses(now)
    if run(_TAKE, message=message_id, owner=owner, now=now, **lapses).rowcount != 1:
        _leave(text, now=now)
        return None
    _tally(text, "claimed", "sending")
    return Outgoing(text.sender, text.recipient, text.body, text.reference, status_url)


def still_wanted(message_id: int, *, owner: str, now: datetime) -> bool:
    """Whether a text in `sending` may still be handed over, read once more before the call.

    What remains open between a STOP and a text is the carrier call itself. A worker that was
    frozen since its take finds that the text is no longer its own.
    """
    lapses = safeguard.lapses(now)
    return run(_STILL_WANTED, message=message_id, owner=owner, **lapses).first() is not None


def withdraw(message_id: int, *, owner: str, now: datetime) -> None:
    """Cancel a text in `sending` that was not handed over: its contact has just opted out, or
    its time is over."""
    text = _facts(message_id)
    if text is None or text.lease_owner != owner:
        return
    why = _why_not(text, now=now) or WHY
    _change(text, MessageState.SENDING, MessageState.CANCELLED, error_reason=why, settled_at=now)


def opens_at(text: Row[Any], *, now: datetime) -> datetime:
    """The moment from which a text may leave: now, or the next opening (decision 14).

    Confirmations keep no hours; answers keep them if the campaign says so. A first text also
    waits for the re-contact lock (decision 15).
    """
    if text.kind is MessageKind.CONFIRMATION:
        return now
    if text.kind in ANSWERS and not text.replies_keep_hours:
        return now
    at = now
    if text.kind is MessageKind.FIRST:
        lock = text.recontact_lock_hours
        locked = recontact.free_at([text.contact_id], text.action_id, lock, now=now)
        at = locked.get(text.contact_id, now)
    span = hours.Hours(text.opens_minute, text.closes_minute)
    opening = hours.opens_at(at, span, text.time_zone, text.zones)
    return opening or now + timedelta(days=1)


def sweep(*, now: datetime) -> int:
    """Put right what a killed worker left; returns how many texts were touched.

    Lapsed leases are queued again: nothing was on the wire. A text that has been `sending` for
    long may have arrived, so it becomes `unknown` and is never sent again by itself (decision
    11). A confirmation that could not leave in five minutes is dropped, a test text in ten, and
    an automated answer whose action has been paused for an hour.
    """
    stuck = Message.sending_at <= now - GIVEN_UP_AFTER
    return (
        _moved(MessageState.CLAIMED, MessageState.QUEUED, Message.lease_until <= now)
        + _moved(MessageState.SENDING, MessageState.UNKNOWN, stuck)
        + _moved(
            MessageState.QUEUED,
            MessageState.CANCELLED,
            safeguard.has_lapsed(safeguard.lapses(now)),
            error_reason=case(safeguard.LAPSED, value=Message.kind),
            settled_at=now,
        )
        + holding.drop_old(now=now)
    )


def _facts(message_id: int) -> Row[Any] | None:
    return run(_FACTS, message=message_id).first()


def _leave(text: Row[Any], *, now: datetime) -> None:
    """A claimed text was not taken: say why on its row, or hold it for the pause."""
    text = _facts(text.id) or text
    if text.state is not MessageState.CLAIMED:
        return
    why = _why_not(text, now=now)
    if why is None:
        _change(text, MessageState.CLAIMED, MessageState.QUEUED, not_before=now)
        return
    _change(text, MessageState.CLAIMED, MessageState.CANCELLED, error_reason=why, settled_at=now)


def _why_not(text: Row[Any], *, now: datetime) -> str | None:
    """Why Safeguard lets a text not leave now, or None."""
    stopped = run(_STOPPED, message=text.id, **safeguard.lapses(now)).first()
    if stopped is None:
        return None
    return safeguard.LAPSED[text.kind] if stopped.has_lapsed else WHY


def _change(text: Row[Any], before: MessageState, after: MessageState, **values: Any) -> None:
    """Change the state of a text of ours, unless a STOP or another worker was quicker."""
    changed = changed_rows(
        update(Message)
        .where(
            Message.id == text.id,
            Message.state == before,
            Message.lease_owner == text.lease_owner,
        )
        .values(state=after, lease_owner=None, lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    if changed:
        _tally(text, before.value, after.value)


def _moved(
    before: MessageState, after: MessageState, condition: ColumnElement[bool], **values: Any
) -> int:
    """Change the state of many texts, those that nobody is at; returns how many."""
    free = select(Message.id).where(Message.state == literal_column(f"'{before.value}'"), condition)
    rows = db.session.execute(
        update(Message)
        .where(Message.id.in_(free.with_for_update(skip_locked=True)))
        .values(state=after, lease_owner=None, lease_until=None, **values)
        .returning(Message.kind, Message.action_id)
        .execution_options(synchronize_session=False)
    ).all()
    firsts = [row.action_id for row in rows if row.kind is MessageKind.FIRST]
    tally.move(firsts, before.value, after.value)
    return len(rows)


def _tally(text: Row[Any], before: str, after: str) -> None:
    if text.kind is MessageKind.FIRST:
        tally.move([text.action_id], before, after)
