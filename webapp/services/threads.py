"""The texts of one conversation, and who wrote them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from webapp.db import db
from webapp.models import Action, Contact, Conversation, Direction, Draft, Message, User

PAGE = 50


def last(conversation: Conversation, *, before: int | None = None) -> list[Message]:
    """The last texts of a conversation, oldest first; `before` pages back by message id."""
    query = select(Message).where(Message.conversation_id == conversation.id)
    if before is not None:
        query = query.where(Message.id < before)
    rows = db.session.scalars(query.order_by(Message.id.desc()).limit(PAGE)).all()
    return list(reversed(rows))


def last_id(conversation: Conversation) -> int:
    """The id of the newest text of a conversation; 0 before the first."""
    query = select(func.max(Message.id)).where(Message.conversation_id == conversation.id)
    return db.session.scalar(query) or 0


def may_be_read(message: Message, *, texter: User | None) -> bool:
    """Whether this person may read a text: admins (None) every one, texters their threads.

    A thread that a stop word has ended is hidden from texters for good (decision 5).
    """
    if texter is None:
        return True
    thread = db.session.get(Conversation, message.conversation_id or 0)
    return thread is not None and not thread.is_hidden and thread.assignee_id == texter.id


def contact_of(conversation: Conversation) -> Contact:
    """Whom a conversation is with."""
    return db.session.get_one(Contact, conversation.contact_id)


def action_of(conversation: Conversation) -> Action | None:
    """The action a conversation belongs to; None when somebody wrote to us by themselves."""
    if conversation.action_id is None:
        return None
    return db.session.get_one(Action, conversation.action_id)


def newer(conversation: Conversation, *, than: int) -> list[Message]:
    """The texts after a message id, oldest first, for a live thread."""
    query = select(Message).where(Message.conversation_id == conversation.id, Message.id > than)
    return list(db.session.scalars(query.order_by(Message.id).limit(PAGE)))


def settled(conversation: Conversation, *, since: datetime, up_to: int) -> list[Message]:
    """Our texts whose fate became known since then, among those already on the screen."""
    query = select(Message).where(
        Message.conversation_id == conversation.id,
        Message.direction == Direction.OUT,
        Message.id <= up_to,
        Message.settled_at >= since,
    )
    return list(db.session.scalars(query.order_by(Message.id).limit(PAGE)))


def writers(messages: Iterable[Message]) -> dict[int, str]:
    """The first names of the people who wrote these texts, by user id."""
    ids = {message.by_user_id for message in messages} - {None}
    rows = db.session.scalars(select(User).where(User.id.in_(ids))) if ids else ()
    return {user.id: user.first_name for user in rows}


def draft_of(conversation: Conversation, texter: User) -> str:
    """What the texter has typed in this conversation and not sent."""
    draft = db.session.get(Draft, (conversation.id, texter.id))
    return draft.body if draft else ""
