"""Wrote back: what people wrote after they had opted out. Nothing here lifts an opt-out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select, text, tuple_, update

from webapp.db import BigId, changed_rows, db
from webapp.models import (
    Contact,
    Event,
    Message,
    Number,
    NumberKind,
    Texting,
    User,
)
from webapp.services import standings, trail

PAGE = 25
MOST_COUNTED = 100
# As the partial index writes it: a bound value would not be recognized.
_WROTE_BACK = text("message.wrote_back")


@dataclass(frozen=True, slots=True)
class Line:
    """A text of somebody who had opted out, and what they are opted out of now."""

    message: Message
    contact: Contact
    number: Number
    read_by: str
    out_of: tuple[Texting, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Some texts, newest first; `after` is the key to go on from, None on the last page."""

    lines: list[Line]
    after: tuple[datetime | None, int] | None


def count(campaign_id: int) -> int:
    """How many of them nobody has read, as far as MOST_COUNTED."""
    some = (
        select(Message.id)
        .where(Message.campaign_id == campaign_id, _WROTE_BACK, _unread())
        .limit(MOST_COUNTED)
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def unread(campaign_id: int, *, before: int | None = None, size: int = PAGE) -> Page:
    """What nobody has read yet, the newest text first."""
    query = _texts(campaign_id).where(_unread())
    if before is not None:
        query = query.where(Message.id < before)
    lines = _read(campaign_id, query.order_by(Message.id.desc()).limit(size + 1))
    more = len(lines) > size
    return Page(lines[:size], (None, lines[size - 1].message.id) if more else None)


def read(campaign_id: int, *, after: tuple[datetime, int] | None = None, size: int = PAGE) -> Page:
    """What has been read, the last read first."""
    key = tuple_(Message.wrote_back_read_at, Message.id)
    query = _texts(campaign_id).where(Message.wrote_back_read_at.is_not(None))
    if after is not None:
        read_at, text_id = after
        there = literal(read_at, Message.wrote_back_read_at.type), literal(text_id, BigId)
        query = query.where(key < tuple_(*there))
    order = (Message.wrote_back_read_at.desc(), Message.id.desc())
    lines = _read(campaign_id, query.order_by(*order).limit(size + 1))
    last = lines[size - 1].message if len(lines) > size else None
    return Page(lines[:size], (last.wrote_back_read_at, last.id) if last else None)


def mark_read(message: Message, *, by: User, now: datetime) -> bool:
    """An admin has read it: it leaves the list. False the second time.

    The text stays what it is, written by somebody who had opted out; the trail says who read it.
    """
    changed = changed_rows(
        update(Message)
        .where(Message.id == message.id, Message.wrote_back, _unread())
        .values(wrote_back_read_at=now, wrote_back_read_by=by.id)
    )
    if changed:
        trail.record(
            Event.WROTE_BACK_READ,
            campaign_id=message.campaign_id,
            by=by,
            now=now,
            contact_id=message.contact_id,
            message_id=message.id,
        )
    return bool(changed)


def numbers_to_rejoin(campaign_id: int) -> list[Number]:
    """The numbers that hear opt-in keywords: those that serve broadcast (decision 2)."""
    serving = (NumberKind.BROADCAST, NumberKind.BOTH)
    query = select(Number).where(
        Number.campaign_id == campaign_id,
        Number.kind.in_(serving),
        Number.retired_at.is_(None),
    )
    return list(db.session.scalars(query.order_by(Number.id)))


def _unread() -> Any:
    return Message.wrote_back_read_at.is_(None)


def _texts(campaign_id: int) -> Any:
    return (
        select(Message, Contact, Number, User.name)
        .join(Contact, Contact.id == Message.contact_id)
        .join(Number, Number.id == Message.number_id)
        .outerjoin(User, User.id == Message.wrote_back_read_by)
        .where(Message.campaign_id == campaign_id, _WROTE_BACK)
    )


def _read(campaign_id: int, query: Any) -> list[Line]:
    rows = db.session.execute(query).all()
    gone = standings.opted_out_of(campaign_id, [contact.id for _, contact, _, _ in rows])
    return [
        Line(
            message,
            contact,
            number,
            reader or "",
            tuple(kind for kind in Texting if (contact.id, kind) in gone),
        )
        for message, contact, number, reader in rows
    ]
