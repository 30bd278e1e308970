"""What has changed in an inbox since somebody looked at it."""

from datetime import datetime

from sqlalchemy import func, select, text

from webapp.db import db
from webapp.models import Contact, ContactTag, Conversation, InboxClock, Texting, User
from webapp.services import inbox, tags
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


def ended(campaign_id: int, texter: User | None, *, since: datetime) -> list[int]:
    """The ids of conversations that ended with a stop word since then.

    By way of the opt-outs, which are indexed by time; conversations are not.
    """
    built_in = [tags.built_in(campaign_id, kind).id for kind in Texting]
    query = (
        select(Conversation.id)
        .join(ContactTag, ContactTag.contact_id == Conversation.contact_id)
        .where(
            ContactTag.tag_id.in_(built_in),
            ContactTag.since >= since,
            Conversation.is_hidden,
            Conversation.closed_at >= since,
        )
        .limit(inbox.PAGE)
    )
    if texter is not None:
        query = query.where(Conversation.assignee_id == texter.id)
    return list(db.session.scalars(query))
