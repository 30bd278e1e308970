"""Who opted out in answer to an action: the people behind its number, one entry for each."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from webapp.db import db
from webapp.models import (
    Action,
    Contact,
    ContactTag,
    Event,
    Message,
    OptOutSource,
    Tag,
    TrailEntry,
    User,
)
from webapp.services import ledger, tags

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One opt-out that an action counts; `holds`: the contact carries the tag now."""

    entry: TrailEntry
    contact: Contact
    by: str
    text: str
    holds: bool


def page(
    action: Action, *, before: int | None = None, size: int = PAGE
) -> tuple[list[Line], int | None]:
    """The opt-outs that an action counts, newest first, and the id to go on before.

    They are as many as its tally says. Somebody whose opt-out was lifted, and who opted out
    again, is counted and listed twice.
    """
    query = _lines(action, tags.built_in(action.campaign_id, action.texting))
    if before is not None:
        query = query.where(TrailEntry.id < before)
    rows = db.session.execute(query.order_by(TrailEntry.id.desc()).limit(size + 1))
    found = [
        Line(entry, contact, name or ledger.actor(entry.actor), body or "", holds is not None)
        for entry, contact, name, body, holds in rows
    ]
    return found[:size], found[size - 1].entry.id if len(found) > size else None


def _lines(action: Action, tag: Tag) -> Select[TrailEntry, Contact, str, str, int]:
    carries = and_(ContactTag.tag_id == tag.id, ContactTag.contact_id == TrailEntry.contact_id)
    return (
        select(TrailEntry, Contact, User.name, Message.body, ContactTag.contact_id)
        .join(Contact, Contact.id == TrailEntry.contact_id)
        .outerjoin(User, User.id == TrailEntry.by_user_id)
        .outerjoin(Message, Message.id == TrailEntry.message_id)
        .outerjoin(ContactTag, carries)
        .where(
            TrailEntry.campaign_id == action.campaign_id,
            TrailEntry.event == Event.OPTED_OUT,
            TrailEntry.id > _made(action),
            TrailEntry.texting == action.texting,
            _is_counted(action),
        )
    )


def _made(action: Action) -> int:
    """The entry that tells of the making of an action; none of its opt-outs is older."""
    query = select(func.max(TrailEntry.id)).where(
        TrailEntry.campaign_id == action.campaign_id,
        TrailEntry.event == Event.ACTION_CREATED,
        TrailEntry.about == Action.__tablename__,
        TrailEntry.about_id == action.id,
    )
    return db.session.scalar(query) or 0


def _is_counted(action: Action) -> ColumnElement[bool]:
    """The entry names the action; entries from before that was written name a text of it."""
    named = TrailEntry.details["action"].as_integer()
    source = TrailEntry.details["source"].as_string()
    return or_(
        named == action.id,
        and_(
            named.is_(None),
            Message.action_id == action.id,
            source != OptOutSource.CARRIER.value,
        ),
    )
