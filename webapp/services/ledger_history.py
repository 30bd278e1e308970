"""The history of opt-outs: every one that was recorded or lifted, as the trail tells it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, select

from webapp.db import db
from webapp.models import (
    Contact,
    ContactImport,
    Event,
    Message,
    OptOutSource,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import contact_search, ledger, today
from webapp.services.ledger import ALWAYS, PAGE, Span

CHANGES = (Event.OPTED_OUT, Event.OPT_OUT_LIFTED)


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the history: an opt-out that was recorded or lifted."""

    entry: TrailEntry
    contact: Contact | None
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, newest first; `before` is the id to go on from, None on the last page.

    Of a search for too many people `is_cut` says that another letter or digit would find more.
    """

    changes: list[Change]
    before: int | None
    is_cut: bool = False


def page(
    campaign_id: int,
    *,
    search: str = "",
    texting: Texting | None = None,
    source: OptOutSource | None = None,
    span: Span = ALWAYS,
    before: int | None = None,
    size: int = PAGE,
) -> Page:
    """A page of every opt-out recorded and lifted.

    `search` takes a number in any way of writing, a part of one, or a name. A source narrows to
    what was recorded that way; lifts have none. Days are found by halving the ids, which grow as
    time goes on.
    """
    narrowed, is_cut = _people(campaign_id, search)
    found: list[Change] = []
    for event in CHANGES if source is None else (Event.OPTED_OUT,):
        query = _entries(campaign_id, event).where(*narrowed)
        if texting is not None:
            query = query.where(TrailEntry.texting == texting)
        if source is not None:
            query = query.where(TrailEntry.details["source"].as_string() == source.value)
        for moment, is_start in ((span.start, True), (span.end, False)):
            if moment is not None:
                edge = today.first_id(TrailEntry.id, TrailEntry.at, moment)
                query = query.where(TrailEntry.id >= edge if is_start else TrailEntry.id < edge)
        if before is not None:
            query = query.where(TrailEntry.id < before)
        found += _read(query.order_by(TrailEntry.id.desc()).limit(size + 1))
    found.sort(key=lambda one: one.entry.id, reverse=True)
    more = found[size - 1].entry.id if len(found) > size else None
    return Page(found[:size], more, is_cut)


def _people(campaign_id: int, search: str) -> tuple[list[Any], bool]:
    """The condition that an entry is about somebody whom a search finds."""
    if not search.strip():
        return [], False
    found = contact_search.page(campaign_id, contact_search.Wanted(text=search))
    ids = [contact.id for contact in found.contacts]
    return [TrailEntry.contact_id.in_(ids)], found.is_cut


def _entries(campaign_id: int, event: Event) -> Select[Any, Any, Any, Any, Any]:
    is_import = and_(
        TrailEntry.about == ContactImport.__tablename__, ContactImport.id == TrailEntry.about_id
    )
    return (
        select(TrailEntry, Contact, User.name, Message.body, ContactImport.source_note)
        .outerjoin(Contact, Contact.id == TrailEntry.contact_id)
        .outerjoin(User, User.id == TrailEntry.by_user_id)
        .outerjoin(Message, Message.id == TrailEntry.message_id)
        .outerjoin(ContactImport, is_import)
        .where(TrailEntry.campaign_id == campaign_id, TrailEntry.event == event)
    )


def _read(query: Select[Any, Any, Any, Any, Any]) -> list[Change]:
    return [
        Change(
            entry,
            contact,
            name or ledger.actor(entry.actor),
            body or str(entry.details.get("reason", "")) or note or "",
        )
        for entry, contact, name, body, note in db.session.execute(query)
    ]
