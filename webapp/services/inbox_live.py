"""What has changed in an inbox since somebody looked at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, null, select, text

from webapp.db import db, run
from webapp.models import Contact, ContactTag, Conversation, InboxClock, Texting, User
from webapp.services import inbox, inbox_lines, tags
from webapp.services.inbox import EVERYTHING, Filter, View


@dataclass(frozen=True, slots=True)
class Glance:
    """What stands around every page of an inbox."""

    tick: int
    counts: dict[View, int]


def tick(campaign_id: int) -> int:
    """The clock of a whole campaign; a poll that finds it unmoved has nothing to say.

    Also moved by conversations of nobody. A texter's own clock comes with the session.
    """
    found: Sequence[Any] = run(_clock(), campaign_id=campaign_id).one()
    return _tick(*found)


def glance(campaign_id: int, texter: User | None) -> Glance:
    """The clock of an inbox and its counts, in one statement."""
    query = _clock_and_counts(texter is not None)
    found: Sequence[Any] = run(query, **inbox_lines.scope(campaign_id, texter)).one()
    return Glance(_tick(*found[:2]), dict(zip(inbox.COUNTED, found[2:], strict=True)))


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


@cache
def _clock() -> Select[Any]:
    return select(*_clock_columns(is_scoped=False))


@cache
def _clock_and_counts(is_scoped: bool) -> Select[Any]:
    return select(*_clock_columns(is_scoped), *inbox.capped_counts(is_scoped))


def _clock_columns(is_scoped: bool) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The sum of the ticks; for a whole campaign also when its newest text came."""
    is_here = InboxClock.campaign_id == bindparam("campaign_id")
    if is_scoped:
        is_mine = InboxClock.user_id == bindparam("texter_id")
        return select(InboxClock.tick).where(is_here, is_mine).scalar_subquery(), null()
    latest = (
        select(Conversation.last_message_at)
        .where(Conversation.campaign_id == bindparam("campaign_id"))
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(1)
    )
    ticks = select(func.sum(InboxClock.tick)).where(is_here)
    return ticks.scalar_subquery(), latest.scalar_subquery()


def _tick(ticks: int | None, latest: datetime | None) -> int:
    return int(ticks or 0) + (int(latest.timestamp() * 1000) if latest else 0)
