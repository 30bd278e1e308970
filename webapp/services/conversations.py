"""A conversation's own row: what the inbox shows of it, kept as texts come and go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, false, func, literal_column, select, true, update

from webapp.db import db, run
from webapp.models import (
    Action,
    Closed,
    Contact,
    Conversation,
    Message,
    MessageKind,
    Number,
    Texting,
)
from webapp.rows import run_each
from webapp.services import tally, turns

PREVIEW = 160

# What is the same for every text stands in the statements: bound, it would be handed over anew for
# each of them.
_NOW = bindparam("now", type_=Conversation.last_message_at.type)
_THIS = update(Conversation).where(Conversation.id == bindparam("conversation"))
_HEAR_QUIETLY = _THIS.values(preview=bindparam("body"), previewed_out=false(), last_message_at=_NOW)
_HEAR = _HEAR_QUIETLY.values(
    replied_at=func.coalesce(Conversation.replied_at, _NOW),
    has_replied=true(),
    is_unread=true(),
    needs_reply=true(),
    report_due=true(),
    needs_attention=true(),
    is_archived=false(),
    hint_message_id=func.coalesce(
        bindparam("hint", type_=Conversation.hint_message_id.type), Conversation.hint_message_id
    ),
)
_HIDE = _HEAR_QUIETLY.values(
    has_replied=true(),
    is_hidden=true(),
    closed=literal_column(f"'{Closed.STOP_WORD.value}'"),
    closed_at=_NOW,
    is_unread=false(),
    needs_reply=false(),
    report_due=false(),
    needs_attention=false(),
)
# The contact waits for an answer that Heed did not give; in a conversation that can be used.
_ASK_PEOPLE = (
    _THIS.where(Conversation.closed.is_(None))
    .values(
        replied_at=func.coalesce(
            Conversation.replied_at, bindparam("since", type_=Conversation.replied_at.type)
        ),
        is_unread=true(),
        needs_reply=true(),
        needs_attention=true(),
        is_archived=false(),
    )
    .returning(Conversation.campaign_id, Conversation.assignee_id)
)


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
        query = query.where(Conversation.action_id.is_(None), Conversation.number_id == number.id)
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


def lock(conversation: Conversation) -> None:
    """Two who write to a contact at once take turns, so that the second sees the first."""
    turns.take(conversation.contact_id)
    db.session.refresh(conversation)


def wrote_out(conversation: Conversation, message: Message, *, now: datetime) -> None:
    """Note that we wrote: the preview changes; a reply clears Needs attention."""
    conversation.preview = preview(message.body)
    conversation.previewed_out = True
    conversation.last_message_at = now
    if message.kind is MessageKind.REPLY:
        conversation.needs_reply = False
        conversation.needs_attention = False
        conversation.is_unread = False
        conversation.replied_at = None
        conversation.is_archived = False
    tally.tick(conversation.campaign_id, [conversation.assignee_id])


@dataclass(frozen=True, slots=True)
class Written:
    """Something that a contact wrote in a conversation.

    `quiet`: a reaction, or from somebody who had opted out. `hint_id` is the message itself if
    it reads like a request to stop.
    """

    conversation_id: int
    body: str
    quiet: bool = False
    hint_id: int | None = None


def hear(written: Iterable[Written], *, now: datetime) -> None:
    """Note what contacts wrote, at most one text for each conversation.

    A reply opens Needs attention ("replied and got no reply, or no report is filled") and
    brings an archived conversation back; a quiet text does neither.
    """
    in_order = sorted(written, key=lambda one: one.conversation_id)
    quiet = [_bound(one, now) for one in in_order if one.quiet]
    loud = [_bound(one, now) | {"hint": one.hint_id} for one in in_order if not one.quiet]
    for statement, rows in ((_HEAR_QUIETLY, quiet), (_HEAR, loud)):
        if rows:
            run_each(statement, rows)


def ask_people(since: Mapping[int, datetime]) -> None:
    """Bring conversations to the attention of people, by when their contact began to wait.

    Those that nobody can write in stay as they are.
    """
    for conversation_id, at in sorted(since.items()):
        for row in run(_ASK_PEOPLE, conversation=conversation_id, since=at):
            tally.tick(row.campaign_id, [row.assignee_id])


def _bound(one: Written, now: datetime) -> dict[str, Any]:
    return {"conversation": one.conversation_id, "body": preview(one.body), "now": now}


def hide(ended: Iterable[Written], *, now: datetime) -> None:
    """Hide conversations from texters for good: they ended with a stop word (decision 5)."""
    in_order = sorted(ended, key=lambda one: one.conversation_id)
    if in_order:
        run_each(_HIDE, [_bound(one, now) for one in in_order])


def preview(body: str) -> str:
    """The beginning of a text on one line, as the inbox shows it."""
    return " ".join(body[: 4 * PREVIEW].split())[:PREVIEW]
