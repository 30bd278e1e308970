"""A conversation's own row: what the inbox shows of it, kept as texts come and go."""

from datetime import datetime

from sqlalchemy import select, update

from webapp.db import db
from webapp.models import (
    Action,
    Closed,
    Contact,
    Conversation,
    Direction,
    Message,
    MessageKind,
    MessageState,
    Number,
    Texting,
)
from webapp.services import tally

PREVIEW = 160


def start(
    contact: Contact,
    action: Action | None,
    number: Number,
    texting: Texting,
    *,
    assignee_id: int | None,
    now: datetime,
) -> Conversation:
    """The conversation of this contact in this action; made if it is not there yet."""
    query = select(Conversation).where(Conversation.contact_id == contact.id)
    if action is None:
        query = query.where(
            Conversation.action_id.is_(None), Conversation.number_id == number.id
        )
    else:
        query = query.where(Conversation.action_id == action.id)
    found = db.session.scalars(query).first()
    if found is not None:
        return found
    conversation = Conversation(
        campaign_id=contact.campaign_id,
        contact_id=contact.id,
        action_id=action.id if action else None,
        number_id=number.id,
        texting=texting,
        assignee_id=assignee_id,
        last_message_at=now,
    )
    db.session.add(conversation)
    db.session.flush()
    return conversation


def newest_from(number: Number, contact: Contact) -> Conversation | None:
    """The newest conversation with this contact that was texted from this number.

    An inbound text joins it (decision 23). Judged by our last text, not by the last message.
    """
    query = (
        select(Conversation)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(
            Message.contact_id == contact.id,
            Message.number_id == number.id,
            Message.direction == Direction.OUT,
            Message.state.not_in((MessageState.CANCELLED, MessageState.SUPPRESSED)),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    return db.session.scalars(query).first()


def wrote_out(conversation: Conversation, message: Message, *, now: datetime) -> None:
    """Note that we wrote: the preview changes; a reply clears Needs attention."""
    conversation.preview = _preview(message.body)
    conversation.previewed_out = True
    conversation.last_message_at = now
    if message.kind is MessageKind.REPLY:
        conversation.needs_reply = False
        conversation.needs_attention = False
        conversation.is_unread = False
        conversation.replied_at = None
        conversation.is_archived = False
    tally.tick(conversation.campaign_id, [conversation.assignee_id])


def heard(conversation: Conversation, message: Message, *, quiet: bool, now: datetime) -> None:
    """Note that the contact wrote. `quiet`: a reaction, or somebody who had opted out.

    A reply opens Needs attention ("replied and got no reply, or no report is filled") and
    brings an archived conversation back.
    """
    conversation.preview = _preview(message.body)
    conversation.previewed_out = False
    conversation.last_message_at = now
    if not quiet:
        if conversation.replied_at is None:
            conversation.replied_at = now
        conversation.is_unread = True
        conversation.needs_reply = True
        conversation.report_due = True
        conversation.needs_attention = True
        conversation.is_archived = False
    tally.tick(conversation.campaign_id, [conversation.assignee_id])


def hide(conversation: Conversation, *, now: datetime) -> None:
    """Hide a conversation from texters for good: it ended with a stop word (decision 5)."""
    db.session.execute(
        update(Conversation)
        .where(Conversation.id == conversation.id)
        .values(
            is_hidden=True,
            closed=Closed.STOP_WORD,
            closed_at=now,
            is_unread=False,
            needs_reply=False,
            report_due=False,
            needs_attention=False,
        )
    )
    tally.tick(conversation.campaign_id, [conversation.assignee_id])


def _preview(body: str) -> str:
    return " ".join(body.split())[:PREVIEW]
