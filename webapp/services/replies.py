"""What a texter does in a conversation besides the report: reply, archive, dismiss, hand over."""

from datetime import datetime

from sqlalchemy import delete, select, update

from webapp.db import changed_rows, db, put
from webapp.errors import ConflictError, InvalidError, RefusedError
from webapp.models import (
    Action,
    Campaign,
    Closed,
    Contact,
    Conversation,
    Direction,
    Draft,
    Event,
    Hinted,
    Membership,
    Message,
    MessageKind,
    User,
)
from webapp.services import optouts, outbox, scripts, tally, trail
from webapp.texting import hours
from webapp.texting import scripts as wording


class ClosedError(ConflictError):
    """Nobody can write in this conversation any more; nothing was sent."""

    def __init__(self, message: str, closed: Closed) -> None:
        super().__init__(message)
        self.closed = closed


class PossibleRequestError(RefusedError):
    """The contact may have asked to stop; the texter is asked once before it is sent."""


def reply(
    conversation: Conversation,
    body: str,
    *,
    key: str,
    by: User,
    now: datetime,
    anyway: bool = False,
    seen: int | None = None,
) -> Message:
    """Queue a reply. The same `key` again returns the text that is queued already.

    `seen` is the id of the last message on the texter's screen. Raises ClosedError when the
    contact has opted out, ConflictError when somebody else has answered meanwhile,
    PossibleRequestError once while a possible request to stop is open (not with `anyway`),
    InvalidError for an empty or unfilled text, RefusedError outside texting hours. Whether the
    text may leave is asked again when it is sent.
    """
    earlier = outbox.with_key(conversation.campaign_id, key)
    if earlier is not None:
        return earlier
    _lock(conversation)
    contact = db.session.get_one(Contact, conversation.contact_id)
    check_open(conversation, contact)
    text = _checked_text(conversation, body, contact, by)
    _check_hours(conversation, contact, now=now)
    _check_seen(conversation, seen, by)
    if conversation.hint_message_id is not None and not anyway:
        raise PossibleRequestError(f"{contact.called} may have asked to stop. Send anyway?")
    message = outbox.queue(conversation, text, MessageKind.REPLY, by=by, now=now, key=key)
    drop_draft(conversation, by)
    return message


def check_open(conversation: Conversation, contact: Contact) -> None:
    """Raise ClosedError when this conversation cannot be written in."""
    if conversation.closed is Closed.STOP_WORD:
        raise ClosedError(f"{contact.called} asked to stop.", Closed.STOP_WORD)
    gone = optouts.is_opted_out(contact.id, conversation.campaign_id, conversation.texting)
    if conversation.closed is not None or gone:
        raise ClosedError(f"{contact.called} has opted out.", Closed.OPTED_OUT)


def opening(conversation: Conversation, contact: Contact, *, now: datetime) -> datetime | None:
    """When a reply may leave, if not now; None: it may."""
    campaign = db.session.get_one(Campaign, conversation.campaign_id)
    if not campaign.replies_keep_hours:
        return None
    opens = hours.opens_at(now, campaign.hours, campaign.time_zone, contact.zones)
    return None if opens == now else opens


def save_draft(conversation: Conversation, body: str, *, by: User, now: datetime) -> None:
    """Keep what was typed; an empty draft is dropped."""
    if not body.strip():
        drop_draft(conversation, by)
        return
    keys = {"conversation_id": conversation.id, "user_id": by.id}
    put(Draft, keys, {"body": body[:5_000], "saved_at": now})


def drop_draft(conversation: Conversation, by: User) -> None:
    """Forget what was typed."""
    db.session.execute(
        delete(Draft).where(Draft.conversation_id == conversation.id, Draft.user_id == by.id)
    )


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
    trail.record(
        Event.HINT_DISMISSED,
        campaign_id=conversation.campaign_id,
        by=by,
        now=now,
        contact_id=conversation.contact_id,
        message_id=message_id,
    )
    tally.tick(conversation.campaign_id, [conversation.assignee_id])
    return True


def ask_admin(conversation: Conversation, note: str, *, by: User, now: datetime) -> None:
    """Leave a note for the admins on this conversation; the texter keeps it."""
    note = note.strip()
    if not note:
        raise InvalidError("Say what an admin should look at.", field="note")
    conversation.asks_admin = note[:1_000]
    tally.tick(conversation.campaign_id, [conversation.assignee_id])


def reassign(conversation: Conversation, to: User | None, *, by: User, now: datetime) -> bool:
    """Move a conversation to another texter or to the pool, its draft with it.

    False when it is there already. Raises InvalidError when that person is not on the team.
    """
    if conversation.assignee_id == (to.id if to else None):
        return False
    if to is not None:
        place = db.session.get(Membership, (conversation.campaign_id, to.id))
        if place is None or place.removed_at is not None:
            raise InvalidError("This person isn't on the team.", field="to")
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


def _hand_over_draft(conversation: Conversation, before: int, after: int) -> None:
    if db.session.get(Draft, (conversation.id, after)) is None:
        db.session.execute(
            update(Draft)
            .where(Draft.conversation_id == conversation.id, Draft.user_id == before)
            .values(user_id=after)
        )


def _lock(conversation: Conversation) -> None:
    """Two replies at once take turns, so that the second sees the first."""
    db.session.execute(
        select(Conversation.id).where(Conversation.id == conversation.id).with_for_update()
    )
    db.session.refresh(conversation)


def _checked_text(conversation: Conversation, body: str, contact: Contact, by: User) -> str:
    text = scripts.wording_plain(body)
    if not text:
        raise InvalidError("Write a message first.", field="body")
    if len(text) > scripts.LONGEST_TEXT:
        raise InvalidError(
            f"A text can have {scripts.LONGEST_TEXT} characters at most.", field="body"
        )
    if wording.unfilled(text):
        raise InvalidError("Fill in or remove what is between { and }.", field="body")
    action = db.session.get(Action, conversation.action_id) if conversation.action_id else None
    if action is not None and not action.own_replies:
        _check_saved(action, text, contact, by)
    return text


def _check_saved(action: Action, text: str, contact: Contact, by: User) -> None:
    campaign = db.session.get_one(Campaign, action.campaign_id)
    allowed = {
        scripts.render(saved.body, contact, by, campaign) for saved in scripts.saved_replies(action)
    }
    if text not in allowed:
        raise InvalidError("In this action only saved replies can be sent.", field="body")


def _check_hours(conversation: Conversation, contact: Contact, *, now: datetime) -> None:
    if opening(conversation, contact, now=now) is not None:
        raise RefusedError(
            f"Texting is closed for {contact.called} now. You can still send the report."
        )


def _check_seen(conversation: Conversation, seen: int | None, by: User) -> None:
    if seen is None:
        return
    newer = db.session.execute(
        select(User.name)
        .join(Message, Message.by_user_id == User.id)
        .where(
            Message.conversation_id == conversation.id,
            Message.id > seen,
            Message.direction == Direction.OUT,
            Message.by_user_id != by.id,
        )
        .limit(1)
    ).scalar()
    if newer:
        raise ConflictError(f"{newer} replied a moment ago. Your message was not sent.")
