"""What has changed in an inbox since somebody looked at it."""

from datetime import datetime

from sqlalchemy import func, select, text

from webapp.db import db
from webapp.models import Contact, Conversation, Direction, InboxClock, Message, User
from webapp.services import inbox
from webapp.services.inbox import EVERYTHING, Filter, View


def tick(campaign_id: int, texter: User | None) -> int:
    """The clock of an inbox; a poll that finds it unmoved has nothing to say.

    `texter` None: the clock of the whole campaign, also moved by conversations of nobody.
    """
    if texter is not None:
        query = select(InboxClock.tick).where(
            InboxClock.campaign_id == campaign_id, InboxClock.user_id == texter.id
        )
        return db.session.scalar(query) or 0
    ticks = select(func.sum(InboxClock.tick)).where(InboxClock.campaign_id == campaign_id)
    latest = (
        select(Conversation.last_message_at)
        .where(Conversation.campaign_id == campaign_id)
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(1)
    )
    moment = db.session.scalar(latest)
    return int(db.session.scalar(ticks) or 0) + (int(moment.timestamp() * 1000) if moment else 0)


def arrived(
    campaign_id: int,
    view: View,
    *,
    texter: User | None,
    since: datetime,
    except_id: int | None = None,
    narrowed: Filter = EVERYTHING,
) -> int:
    """How many conversations of a view got a reply since then, capped like the other counts."""
    some = (
        select(Conversation.id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(
            Conversation.campaign_id == campaign_id,
            text(inbox.CONDITIONS[view]),
            Conversation.last_message_at > since,
            ~Conversation.previewed_out,
            *inbox.narrow(narrowed),
        )
    )
    if texter is not None:
        some = some.where(Conversation.assignee_id == texter.id)
    if except_id is not None:
        some = some.where(Conversation.id != except_id)
    counted = some.limit(inbox.MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(counted)) or 0


def newer(conversation: Conversation, *, than: int) -> list[Message]:
    """The texts after a message id, oldest first, for a live thread."""
    query = select(Message).where(Message.conversation_id == conversation.id, Message.id > than)
    return list(db.session.scalars(query.order_by(Message.id).limit(inbox.PAGE)))


def settled(conversation: Conversation, *, since: datetime, up_to: int) -> list[Message]:
    """Our texts whose fate became known since then, among those already on the screen."""
    query = select(Message).where(
        Message.conversation_id == conversation.id,
        Message.direction == Direction.OUT,
        Message.id <= up_to,
        Message.settled_at >= since,
    )
    return list(db.session.scalars(query.order_by(Message.id).limit(inbox.PAGE)))
