"""What people do with a conversation besides writing in it: read, put away, ask, hand over."""

from datetime import datetime

from sqlalchemy import or_, select, update

from webapp.db import changed_rows, db
from webapp.errors import InvalidError
from webapp.models import (
    Action,
    Conversation,
    Direction,
    Draft,
    Event,
    Hinted,
    Membership,
    Message,
    TrailEntry,
    User,
)
from webapp.services import report_settings, tally, trail


def mark_read(conversation: Conversation, *, read: bool = True) -> bool:
    """Mark a conversation read or unread; False when it was so already."""
    changed = changed_rows(
        update(Conversation)
        .where(Conversation.id == conversation.id, Conversation.is_unread == read)
        .values(is_unread=not read)
    )
    if changed:
        tally.tick(conversation.campaign_id, [conversation.assignee_id])
    return bool(changed)


def archive(conversation: Conversation, *, archived: bool = True) -> bool:
    """Put a conversation away until the contact replies, or bring it back."""
    if conversation.is_archived == archived:
        return False
    conversation.is_archived = archived
    tally.tick(conversation.campaign_id, [conversation.assignee_id])
    return True


def dismiss_hint(conversation: Conversation, *, by: User, now: datetime) -> bool:
    """A texter says that it was no request to stop; False when no hint is open.

    It stays in Possible opt-outs, marked with who dismissed it, until an admin agrees
    (decision 9).
    """
    message_id = conversation.hint_message_id
    if message_id is None:
        return False
    conversation.hint_message_id = None
    db.session.execute(
        update(Message)
        .where(Message.id == message_id, Message.hint == Hinted.OPEN)
        .values(hint=Hinted.DISMISSED, hint_by=by.id, hint_at=now)
    )
    _record_hint(Event.HINT_DISMISSED, conversation, message_id, by=by, now=now)
    return True


def restore_hint(conversation: Conversation, message_id: int, *, by: User, now: datetime) -> bool:
    """Take back one's own dismissal of a hint; False when there is nothing to take back."""
    changed = changed_rows(
        update(Message)
        .where(
            Message.id == message_id,
            Message.conversation_id == conversation.id,
            Message.hint == Hinted.DISMISSED,
            Message.hint_by == by.id,
        )
        .values(hint=Hinted.OPEN, hint_by=None, hint_at=None)
    )
    if not changed:
        return False
    conversation.hint_message_id = message_id
    _record_hint(Event.HINT_RESTORED, conversation, message_id, by=by, now=now)
    return True


def _record_hint(
    event: Event, conversation: Conversation, message_id: int, *, by: User, now: datetime
) -> None:
    trail.record(
        event,
        campaign_id=conversation.campaign_id,
        by=by,
        now=now,
        contact_id=conversation.contact_id,
        message_id=message_id,
    )
    tally.tick(conversation.campaign_id, [conversation.assignee_id])


def ask_admin(conversation: Conversation, note: str, *, by: User, now: datetime) -> None:
    """Leave a note for the admins on this conversation; the texter keeps it.

    A text that reads like a request to stop is then marked as told in Possible opt-outs. So is
    the contact's last text where the report cannot record an opt-out: it may be what the note is
    about, and nobody but an admin could record it.
    """
    note = note.strip()
    if not note:
        raise InvalidError("Say what an admin should look at.", field="note")
    conversation.asks_admin = note[:1_000]
    told = conversation.hint_message_id or _unrecordable(conversation)
    if told is not None:
        db.session.execute(
            update(Message)
            .where(
                Message.id == told,
                or_(Message.hint.is_(None), Message.hint.in_((Hinted.OPEN, Hinted.CLOSED))),
            )
            .values(hint=Hinted.OPEN, hint_by=by.id, hint_at=now)
        )
    tally.tick(conversation.campaign_id, [conversation.assignee_id])


def _unrecordable(conversation: Conversation) -> int | None:
    """The contact's last text, when the action's report offers no opt-out tag."""
    action = db.session.get(Action, conversation.action_id) if conversation.action_id else None
    if action is None or report_settings.has_opt_out_tag(action):
        return None
    query = select(Message.id).where(
        Message.conversation_id == conversation.id,
        Message.direction == Direction.IN,
        ~Message.wrote_back,
    )
    return db.session.scalar(query.order_by(Message.id.desc()).limit(1))


def answered_question(conversation: Conversation) -> bool:
    """An admin has dealt with a texter's question; False when there is none."""
    if not conversation.asks_admin:
        return False
    conversation.asks_admin = ""
    tally.tick(conversation.campaign_id, [conversation.assignee_id])
    return True


def reassign(conversation: Conversation, to: User | None, *, by: User, now: datetime) -> bool:
    """Move a conversation to another texter or to the pool, its draft with it.

    False when it is there already. Raises InvalidError when that person is not on the team, or
    waits for approval.
    """
    if conversation.assignee_id == (to.id if to else None):
        return False
    if to is not None:
        place = db.session.get(Membership, (conversation.campaign_id, to.id))
        if place is None or place.removed_at is not None:
            raise InvalidError("This person isn't on the team.", field="to")
        if place.awaits_approval:
            raise InvalidError(f"Approve {to.name} on Team first.", field="to")
    before = conversation.assignee_id
    conversation.assignee_id = to.id if to else None
    if to is not None and before is not None:
        _hand_over_draft(conversation, before, to.id)
    tally.tick(conversation.campaign_id, [before, conversation.assignee_id])
    trail.record(
        Event.REASSIGNED,
        campaign_id=conversation.campaign_id,
        by=by,
        now=now,
        contact_id=conversation.contact_id,
        about=conversation,
        details={"from": before, "to": conversation.assignee_id},
    )
    return True


def moved_to(campaign_id: int, conversation_id: int, *, before: User) -> User | None:
    """Who has a conversation that this person had a moment ago; None if they never had it."""
    query = select(TrailEntry).where(
        TrailEntry.campaign_id == campaign_id,
        TrailEntry.event == Event.REASSIGNED,
        TrailEntry.about == Conversation.__tablename__,
        TrailEntry.about_id == conversation_id,
    )
    last = db.session.scalars(query.order_by(TrailEntry.id.desc()).limit(1)).first()
    if last is None or last.details.get("from") != before.id or not last.details.get("to"):
        return None
    return db.session.get(User, last.details["to"])


def has_draft(conversation_id: int, user: User) -> bool:
    """Whether something stands unsent in somebody's box for a conversation."""
    return db.session.get(Draft, (conversation_id, user.id)) is not None


def _hand_over_draft(conversation: Conversation, before: int, after: int) -> None:
    if db.session.get(Draft, (conversation.id, after)) is None:
        db.session.execute(
            update(Draft)
            .where(Draft.conversation_id == conversation.id, Draft.user_id == before)
            .values(user_id=after)
        )
