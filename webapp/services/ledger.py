"""The ledger: who is opted out now, and requests from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from webapp.db import BigId, db
from webapp.errors import InvalidError
from webapp.models import (
    Actor,
    Campaign,
    Contact,
    ContactTag,
    Message,
    OptOutSource,
    Tag,
    Texting,
    User,
)
from webapp.services import channel_gap, contact_search, contacts_by_phone, optouts, tags
from webapp.texting import phones

PAGE = 50
KINDS = tuple(Texting)
# Since when, and who and which kind in one number, so that one cursor pages through both kinds.
Key = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment up to, and without, another; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, column: InstrumentedAttribute[datetime]) -> list[ColumnElement[bool]]:
        """The conditions that a column lies within."""
        found = [column >= self.start] if self.start else []
        return [*found, column < self.end] if self.end else found


ALWAYS = Span()


@dataclass(frozen=True, slots=True)
class OptOut:
    """A contact who is opted out of one kind of texting now, who recorded it, and the proof."""

    contact: Contact
    texting: Texting
    row: ContactTag
    by: str
    text: str

    @property
    def key(self) -> Key:
        """Where it stands in the ledger, newest first."""
        return (self.row.since, self.row.contact_id * 2 + KINDS.index(self.texting))


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of the ledger; `after` is the key of the page after it, None on the last.

    A search has no pages: `is_cut` says that another letter or digit would find more.
    """

    lines: list[OptOut]
    after: Key | None = None
    is_cut: bool = False


def current(
    campaign_id: int,
    *,
    search: str = "",
    texting: Texting | None = None,
    source: OptOutSource | None = None,
    span: Span = ALWAYS,
    only_one_kind: bool = False,
    after: Key | None = None,
    size: int = PAGE,
) -> Page:
    """Those who are opted out now, newest first.

    `search` takes a number in any way of writing, a part of one, or a name; `only_one_kind`
    leaves out those who are opted out of the other kind as well. One query for each
    built-in tag, merged: each follows an index, however many opt-outs there are.
    """
    lines: list[OptOut] = []
    is_cut = False
    for kind in KINDS if texting is None else (texting,):
        tag = tags.built_in(campaign_id, kind)
        query = carried(tag).where(*span.holds(ContactTag.since))
        if only_one_kind:
            query = query.where(channel_gap.lacks_other(campaign_id, kind))
        if source is not None:
            query = query.where(ContactTag.source == source)
        if search.strip():
            wanted = contact_search.Wanted(text=search, tag_id=tag.id)
            found = contact_search.page(campaign_id, wanted, size=size)
            ids = [contact.id for contact in found.contacts]
            query, is_cut = query.where(ContactTag.contact_id.in_(ids)), is_cut or found.is_cut
        elif after is not None:
            query = query.where(_behind(kind, after))
        order = (ContactTag.since.desc(), ContactTag.contact_id.desc())
        lines.extend(read(kind, query.order_by(*order).limit(size + 1)))
    lines.sort(key=lambda one: one.key, reverse=True)
    if search.strip():
        return Page(lines, is_cut=is_cut)
    return Page(lines[:size], lines[size - 1].key if len(lines) > size else None)


def log_request(
    campaign: Campaign,
    phone: str,
    kinds: Sequence[Texting],
    note: str,
    *,
    by: User | None,
    now: datetime,
) -> dict[Texting, bool]:
    """Record a request that came by another road: a call, an e-mail, a door.

    The contact is made when the number is unknown, so that no later import texts it. Says for
    each kind whether the tag is new; a second time is noted on the trail and changes nothing.
    (47 CFR 64.1200(a)(10): a request by any reasonable means counts.) Raises InvalidError, with
    the field, for a number that is none, for no kind, and without a note of where it came from.
    """
    reading = phones.read(phone)
    if reading.e164 is None:
        raise InvalidError(f"{reading.reason}.", field="phone")
    if not kinds:
        raise InvalidError("Choose what this person asked to stop.", field="kinds")
    if not note.strip():
        raise InvalidError("Say how this request reached you.", field="source")
    contact = contacts_by_phone.find(campaign.id, reading.e164)
    contact = contact or contacts_by_phone.make(campaign.id, reading.e164, now=now)
    return {
        kind: optouts.record(
            contact,
            kind,
            source=OptOutSource.ADMIN,
            by=by,
            actor=None if by else Actor.HOST,
            note=note.strip(),
            now=now,
        )
        for kind in kinds
    }


def carried(tag: Tag) -> Select[Any, Any, Any, Any]:
    """Those who carry a built-in tag, with who recorded it and the text that asked for it."""
    return (
        select(ContactTag, Contact, User.name, Message.body)
        .join(Contact, Contact.id == ContactTag.contact_id)
        .outerjoin(User, User.id == ContactTag.by_user_id)
        .outerjoin(Message, Message.id == ContactTag.message_id)
        .where(ContactTag.tag_id == tag.id, ContactTag.source.is_not(None))
    )


def _behind(kind: Texting, key: Key) -> ColumnElement[bool]:
    """The rows of one kind that stand behind a key of the merged order."""
    since, place = key
    contact_id = (place - KINDS.index(kind) + 1) // 2
    here = tuple_(ContactTag.since, ContactTag.contact_id)
    return here < tuple_(literal(since, ContactTag.since.type), literal(contact_id, BigId))


def read(kind: Texting, query: Select[Any, Any, Any, Any]) -> list[OptOut]:
    """The lines of a query that `carried` began."""
    return [
        OptOut(contact, kind, row, name or recorder(row.source), body or row.note)
        for row, contact, name, body in db.session.execute(query)
    ]


def recorder(source: OptOutSource | None) -> str:
    """Who recorded an opt-out that no person with an account did."""
    by_source = {OptOutSource.STOP_WORD: Actor.CONTACT, OptOutSource.CARRIER: Actor.CARRIER}
    return actor(by_source.get(source or OptOutSource.ADMIN, Actor.HOST))


def actor(actor: Actor) -> str:
    """How an actor is called that is no person with an account."""
    return {
        Actor.CONTACT: "The contact",
        Actor.CARRIER: "The carrier",
        Actor.HEED: "Heed",
        Actor.HOST: "The command line",
        Actor.PERSON: "Somebody who has left",
    }[actor]
