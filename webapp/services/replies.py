"""Replies: what a texter writes in a conversation, and what is kept of it before."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from webapp.db import db, put
from webapp.errors import ConflictError, InvalidError, RefusedError
from webapp.models import (
    Action,
    Campaign,
    Closed,
    Contact,
    Conversation,
    Direction,
    Draft,
    Message,
    MessageKind,
    User,
)
from webapp.services import approvals, conversations, optouts, outbox, report_marks, scripts
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
    saved_id: int | None = None,
) -> Message:
    """Queue a reply. The same `key` again returns the text that is queued already.

    `saved_id` is the saved reply it was made from: what that one marks is kept for the report.
    `seen` is the id of the last message on the texter's screen. Raises ClosedError when the
    contact has opted out, ConflictError when somebody has answered meanwhile, be it the texter
    in another window, PossibleRequestError once while a possible request to stop is open (not
    with `anyway`), InvalidError for an empty or unfilled text, RefusedError outside texting
    hours and for a texter whom nobody has approved yet. Whether the text may leave is asked
    again when it is sent.
    """
    conversations.lock(conversation)
    key = outbox.one_form(key, conversation.id)
    earlier = outbox.with_key(conversation.campaign_id, key)
    if earlier is not None:
        return earlier
    approvals.check(conversation.campaign_id, by.id)
    contact = db.session.get_one(Contact, conversation.contact_id)
    check_open(conversation, contact)
    text = _checked_text(conversation, body, contact, by)
    _check_hours(conversation, contact, now=now)
    _check_seen(conversation, seen, by)
    if conversation.hint_message_id is not None and not anyway:
        raise PossibleRequestError(f"{contact.called} may have asked to stop. Send anyway?")
    message = outbox.queue(conversation, text, MessageKind.REPLY, by=by, now=now, key=key)
    # The texter has answered over the hint; it stays with the admins in Possible opt-outs.
    conversation.hint_message_id = None
    report_marks.keep(conversation, saved_id)
    drop_draft(conversation, by)
    return message


def check_open(conversation: Conversation, contact: Contact) -> None:
    """Raise ClosedError when this conversation cannot be written in."""
    if conversation.closed is Closed.STOP_WORD:
        raise ClosedError(f"{contact.called} asked to stop.", Closed.STOP_WORD)
    if contact.is_erased:
        raise ClosedError("This person asked to be erased.", Closed.ERASED)
    gone = optouts.is_opted_out(contact.id, conversation.campaign_id, conversation.texting)
    if conversation.closed is not None or gone:
        raise ClosedError(f"{contact.called} has opted out.", Closed.OPTED_OUT)


def opening(conversation: Conversation, contact: Contact, *, now: datetime) -> datetime | None:
    """When a reply may leave, if not now; None: it may."""
    campaign = db.session.get_one(Campaign, conversation.campaign_id)
    if not campaign.replies_keep_hours:
        return None
    opens = hours.opens_at(now, campaign.hours, campaign.time_zone, contact.zones)
    return None if opens == now else opens or now + timedelta(days=8)


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
        select(User.id, User.name)
        .join(Message, Message.by_user_id == User.id)
        .where(
            Message.conversation_id == conversation.id,
            Message.id > seen,
            Message.direction == Direction.OUT,
        )
        .order_by(Message.id.desc())
        .limit(1)
    ).one_or_none()
    if newer:
        who = "You replied in another window" if newer.id == by.id else f"{newer.name} replied"
        raise ConflictError(f"{who} a moment ago. Your message was not sent.")
