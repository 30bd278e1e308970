"""Everything on record about one contact's consent, for somebody who has to show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from webapp.db import db
from webapp.models import (
    Contact,
    Direction,
    Event,
    Message,
    MessageKind,
    Number,
    Texting,
    TrailEntry,
    TrailSeal,
    User,
)
from webapp.services import timeline

HEADING = ("at", "what", "kind", "by", "from", "to", "state", "text", "record")
KINDS = {
    MessageKind.FIRST: "First text",
    MessageKind.REPLY: "Reply",
    MessageKind.AUTOMATED: "Automated text",
    MessageKind.CONFIRMATION: "Confirmation of the opt-out, or goodbye",
    MessageKind.HELP: "Answer to HELP",
    MessageKind.TEST: "Test text",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One text or one entry of the trail; `record` names the row in the database."""

    at: datetime
    what: str
    texting: Texting | None
    by: str
    sender: str
    to: str
    state: str
    text: str
    record: str


@dataclass(frozen=True, slots=True)
class Episode:
    """One opt-out, from the request to the lift, if there was one."""

    texting: Texting
    recorded: TrailEntry
    by: str
    request: Message | None  # the text that asked
    confirmation: Message | None
    texts_after: int  # that left while the opt-out held, the confirmation aside
    lifted: TrailEntry | None
    lifted_by: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The evidence about one contact; entries up to `sealed_up_to` can't have been changed."""

    contact: Contact
    episodes: list[Episode]
    rows: list[Row]
    sealed_up_to: int


def of(contact: Contact) -> Sheet:
    """Every text and every entry of the trail about a contact, oldest first."""
    entries = _entries(contact)
    messages = _messages(contact)
    rows = [_entry(contact, *one) for one in entries]
    rows += [_text(contact, *one) for one in messages]
    rows.sort(key=lambda row: row.at)
    sealed = db.session.scalar(select(func.max(TrailSeal.last_entry_id))) or 0
    texts = [message for message, _, _ in messages]
    return Sheet(contact, list(_episodes(contact, entries, texts)), rows, sealed)


def lines(sheet: Sheet) -> Iterator[tuple[str, ...]]:
    """The rows as HEADING says; times are UTC in ISO 8601."""
    for row in sheet.rows:
        yield (
            row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            row.what,
            row.texting.value if row.texting else "",
            row.by,
            row.sender,
            row.to,
            row.state,
            row.text,
            row.record,
        )


def _entries(contact: Contact) -> Sequence[tuple[TrailEntry, str]]:
    rows = db.session.execute(
        select(TrailEntry, User.name)
        .outerjoin(User, User.id == TrailEntry.by_user_id)
        .where(TrailEntry.contact_id == contact.id, TrailEntry.campaign_id == contact.campaign_id)
        .order_by(TrailEntry.id)
    )
    return [(entry, name or timeline.doer(contact, entry)) for entry, name in rows]


def _messages(contact: Contact) -> Sequence[tuple[Message, Number, str]]:
    rows = db.session.execute(
        select(Message, Number, User.name)
        .join(Number, Number.id == Message.number_id)
        .outerjoin(User, User.id == Message.by_user_id)
        .where(Message.contact_id == contact.id)
        .order_by(Message.id)
    )
    return [(message, number, name or "") for message, number, name in rows]


def _entry(contact: Contact, entry: TrailEntry, by: str) -> Row:
    what, _look = timeline.said(contact, entry)
    source = str(entry.details.get("source", "")).replace("_", " ")
    return Row(
        at=entry.at,
        what=what,
        texting=entry.texting,
        by=by,
        sender="",
        to="",
        state=f"by {source}" if source else "",
        text=str(entry.details.get("reason", "")),
        record=f"entry {entry.id}" + (f", text {entry.message_id}" if entry.message_id else ""),
    )


def _text(contact: Contact, message: Message, number: Number, by: str) -> Row:
    is_ours = message.direction is Direction.OUT
    ends = (number.phone, contact.phone) if is_ours else (contact.phone, number.phone)
    what = KINDS.get(message.kind, "Text") if is_ours else "Wrote to us"
    if message.wrote_back:
        what = "Wrote back after opting out"
    return Row(
        at=(message.sending_at or message.created_at) if is_ours else message.created_at,
        what=what,
        texting=message.texting,
        by=by if is_ours else contact.called,
        sender=ends[0],
        to=ends[1],
        state=message.state.value if is_ours else "",
        text=message.body,
        record=f"text {message.id}",
    )


def _episodes(
    contact: Contact, entries: Sequence[tuple[TrailEntry, str]], texts: Sequence[Message]
) -> Iterator[Episode]:
    by_id = {message.id: message for message in texts}
    for place, (entry, by) in enumerate(entries):
        if entry.event is not Event.OPTED_OUT or entry.texting is None:
            continue
        lifted, lifted_by = next(
            (
                one
                for one in entries[place + 1 :]
                if one[0].event is Event.OPT_OUT_LIFTED and one[0].texting is entry.texting
            ),
            (None, ""),
        )
        until = lifted.at if lifted else None
        yield Episode(
            texting=entry.texting,
            recorded=entry,
            by=by,
            request=by_id.get(entry.message_id or 0),
            confirmation=_confirmation(texts, entry, until),
            texts_after=sum(_left_between(message, entry, until) for message in texts),
            lifted=lifted,
            lifted_by=lifted_by,
        )


def _confirmation(
    texts: Sequence[Message], entry: TrailEntry, until: datetime | None
) -> Message | None:
    """The one text that confirmed it: written in the transaction that recorded the opt-out."""
    mine = (
        message
        for message in texts
        if message.kind is MessageKind.CONFIRMATION and message.texting is entry.texting
    )
    held = (one for one in mine if one.created_at >= entry.at)
    found = next(held, None)
    return found if found and (until is None or found.created_at < until) else None


def _left_between(message: Message, entry: TrailEntry, until: datetime | None) -> bool:
    """Whether a text of this kind was handed to the carrier while the opt-out held."""
    left: Any = message.sending_at
    return (
        message.direction is Direction.OUT
        and message.kind is not MessageKind.CONFIRMATION
        and message.texting is entry.texting
        and left is not None
        and left > entry.at
        and (until is None or left < until)
    )
