"""What the carrier said of a text, now or later, written onto its row."""

from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.carriers.base import Accepted, DeliveryReport, Refused, Result, Unknown
from webapp.db import db, insert_once
from webapp.errors import ConflictError, InvalidError
from webapp.models import (
    ActionState,
    Actor,
    CarrierBlock,
    Contact,
    Conversation,
    Event,
    Message,
    MessageKind,
    MessageState,
    OptOutSource,
    User,
)
from webapp.services import holding, optouts, our_texts, stopping, tally, trail
from webapp.texting import scripts as wording

MOST_ATTEMPTS = 5
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
# While the carrier cannot be reached at all, texts wait; they go on soon after it is back.
UNREACHED_WAIT = timedelta(seconds=20)
# Accepted, and not yet known to have arrived or not. Also one that waits for another try, or was
# released by hand: whatever we thought, the carrier has it, and it must not leave twice.
OPEN = (
    MessageState.SENDING,
    MessageState.UNKNOWN,
    MessageState.QUEUED,
    MessageState.CLAIMED,
)
# What the carrier has accepted.
ARRIVING = (MessageState.SENT, MessageState.DELIVERED, MessageState.UNDELIVERED)
# What a later callback may still change, and into what: delivered never goes back to sent.
LATER = {
    MessageState.QUEUED: ("sent", "delivered", "undelivered", "failed"),
    MessageState.CLAIMED: ("sent", "delivered", "undelivered", "failed"),
    MessageState.SENDING: ("sent", "delivered", "undelivered", "failed"),
    MessageState.UNKNOWN: ("sent", "delivered", "undelivered", "failed"),
    MessageState.SENT: ("delivered", "undelivered", "failed"),
    MessageState.UNDELIVERED: ("delivered",),
}


def settle(message_id: int, result: Result, *, owner: str, provider: str, now: datetime) -> None:
    """Write down how the call to the carrier ended. A text that a callback has settled
    meanwhile keeps that state and gets its id.

    `owner` is the worker that made the call. One that comes back so late that the text was
    released and is with another worker is heard only if the carrier took the text.

    A temporary refusal is tried again, five times at most, waiting longer each time; a text
    whose fate is unknown never is. Tries that never reached the carrier do not count: however
    long it is away, the text waits. "Recipient opted out" is recorded as our opt-out, too.
    """
    message = our_texts.by_id(message_id, stops=isinstance(result, Refused))
    if message is None:
        return
    if isinstance(result, Accepted):
        message.provider, message.provider_id = provider, result.provider_id
        if message.state in OPEN:
            _become(message, MessageState.SENT, now=now)
    elif message.state is not MessageState.SENDING or message.lease_owner != owner:
        return
    elif isinstance(result, Unknown):
        message.error_reason = result.reason
        _become(message, MessageState.UNKNOWN, now=now)
    elif result.permanent or result.opted_out or _tried_enough(message, result):
        _fail(message, result.code, result.reason, opted_out=result.opted_out, now=now)
    else:
        _try_again(message, result, now=now)


def report(news: DeliveryReport, *, now: datetime) -> bool:
    """Take in a delivery report; False when it speaks of no text of ours, or changes nothing.

    Reports come out of order and more than once (decision of the carriers' documentation):
    each state may only move on. A report for a text that waits for another try ends the tries.
    """
    stops = news.opted_out
    message = our_texts.by_reference(news.reference, stops=stops) if news.reference else None
    if message is None:
        message = our_texts.by_provider_id(news.provider, news.provider_id, stops=stops)
    if message is None or news.status is None:
        return False
    if message.provider_id not in (None, news.provider_id) or not message.attempts:
        return False
    if news.status not in LATER.get(message.state, ()):
        return False
    message.provider, message.provider_id = news.provider, news.provider_id
    if news.opted_out:
        _fail(message, news.error_code or "", "", opted_out=True, now=now)
        return True
    message.error_code = news.error_code
    _become(message, MessageState(news.status), now=now)
    return True


def release(message: Message, *, reason: str, by: User, now: datetime) -> None:
    """Queue a text again whose fate is unknown, by an admin's hand and with a reason.

    Raises ConflictError when it is no longer unknown, the contact has opted out, its action is
    finished or a variable of a first text is empty; a second press changes nothing more.
    (Decision 11: never by itself; twice is worse than not at all.)
    """
    if len(reason.strip()) < optouts.SHORTEST_REASON:
        raise InvalidError(
            "Say in at least 10 characters why it may be sent again.", field="reason"
        )
    row = our_texts.by_id(message.id, stops=True)
    if row is None or row.state is not MessageState.UNKNOWN:
        raise ConflictError("This text has been settled meanwhile.")
    if optouts.is_opted_out(row.contact_id, row.campaign_id, row.texting):
        raise ConflictError("This contact has opted out, so the text can't be sent.")
    if _over(row):
        raise ConflictError("This action is finished, so the text can't be sent.")
    if row.kind is MessageKind.FIRST and wording.unfilled(row.body):  # services/texted_since.py
        raise ConflictError("This text has an empty variable, so it can't be sent.")
    row.not_before = now
    row.error_reason = ""
    _become(row, MessageState.QUEUED, now=now)
    row.settled_at = None
    trail.record(
        Event.RELEASED,
        campaign_id=row.campaign_id,
        by=by,
        now=now,
        contact_id=row.contact_id,
        message_id=row.id,
        details={"reason": reason.strip()},
    )


def _become(message: Message, state: MessageState, *, now: datetime) -> None:
    if message.kind is MessageKind.FIRST:
        tally.move([message.action_id], message.state.value, state.value)
        _chart(message, state, now=now)
    message.state = state
    message.settled_at = now
    message.lease_owner = message.lease_until = None
    if message.kind is MessageKind.REPLY:
        _tell_inbox(message)


def _chart(message: Message, state: MessageState, *, now: datetime) -> None:
    """Add what became of a first text to the charts of its action."""
    accepted = state in ARRIVING and message.state not in ARRIVING
    amounts = {
        "sent": int(accepted),
        "delivered": int(state is MessageState.DELIVERED),
        "failed": int(state in (MessageState.FAILED, MessageState.UNDELIVERED)),
    }
    told = {name: amount for name, amount in amounts.items() if amount}
    if told:
        tally.chart(message.action_id, now=now, **told)


def _tell_inbox(message: Message) -> None:
    """Whoever has the thread open sees that a reply arrived, or that it did not."""
    query = select(Conversation.assignee_id).where(Conversation.id == message.conversation_id)
    tally.tick(message.campaign_id, [db.session.scalar(query)])


def _fail(message: Message, code: str, reason: str, *, opted_out: bool, now: datetime) -> None:
    message.error_code, message.error_reason = code[:32], reason
    _become(message, MessageState.FAILED, now=now)
    if opted_out:
        db.session.flush()
        _learn_block(message, now=now)


def _learn_block(message: Message, *, now: datetime) -> None:
    """The carrier knows of an opt-out that we did not: record it and the block (decision 2)."""
    db.session.execute(
        insert_once(CarrierBlock).values(
            number_id=message.number_id,
            contact_id=message.contact_id,
            campaign_id=message.campaign_id,
            since=now,
        )
    )
    trail.record(
        Event.CARRIER_BLOCKED,
        campaign_id=message.campaign_id,
        actor=Actor.CARRIER,
        now=now,
        contact_id=message.contact_id,
        message_id=message.id,
    )
    optouts.record(
        db.session.get_one(Contact, message.contact_id),
        message.texting,
        source=OptOutSource.CARRIER,
        actor=Actor.CARRIER,
        message_id=message.id,
        now=now,
    )


def _tried_enough(message: Message, refusal: Refused) -> bool:
    return refusal.reached and message.attempts >= MOST_ATTEMPTS


def _try_again(message: Message, refusal: Refused, *, now: datetime) -> None:
    """Queue a text for a later try, unless a STOP or the end of its action came meanwhile."""
    why = _over(message)
    if why:
        message.error_reason = why
        _become(message, MessageState.CANCELLED, now=now)
        return
    wait = min(FIRST_WAIT * 4 ** (message.attempts - 1), LONGEST_WAIT)
    if not refusal.reached:
        message.attempts -= 1
        wait = UNREACHED_WAIT
    elif refusal.retry_after is not None:
        wait = min(max(wait, timedelta(seconds=refusal.retry_after)), LONGEST_WAIT)
    message.error_code, message.error_reason = refusal.code[:32], refusal.reason
    _become(message, MessageState.QUEUED, now=now)
    message.not_before = now + wait
    message.settled_at = None


def _over(message: Message) -> str:
    """Why a text is not wanted any more, or ""."""
    opted_out = optouts.is_opted_out(message.contact_id, message.campaign_id, message.texting)
    if opted_out and message.kind is not MessageKind.CONFIRMATION:
        return stopping.WHY
    action = holding.action_of(message)
    return holding.FINISHED if action and action.state is ActionState.FINISHED else ""
