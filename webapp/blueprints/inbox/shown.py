"""Rows and texts as the inbox writes them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from webapp.db import utc_now
from webapp.models import Contact, Direction, Hinted, Message, MessageState, User
from webapp.services import threads
from webapp.services.inbox_lines import Line
from webapp.texting import hints
from webapp.texting.keywords import OwnWords
from webapp.web import fates, filters, pictures

# Shorter waits are no news.
WAITS_FROM = 10 * 60
ON_ITS_WAY = (MessageState.QUEUED, MessageState.CLAIMED, MessageState.SENDING)
# A text that waits longer than this has been put off, for the night or for a pause.
PUT_OFF = 60


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    id: int
    url: str
    name: str
    when: str
    preview: str
    is_unread: bool
    needs: bool
    is_hint: bool
    is_asking: bool
    waiting: str
    is_report_due: bool
    action: str


@dataclass(frozen=True)
class Bubble:
    """One text of the thread."""

    id: int
    is_ours: bool
    sender: str
    when: str
    iso: str
    body: str
    state: str
    is_failed: bool
    parts: list[tuple[str, bool]] | None
    media: list[tuple[str, str]]


@dataclass(frozen=True)
class Day:
    """The texts of one day."""

    name: str
    bubbles: list[Bubble]


def row(line: Line, viewer: User, *, url: str, opened: bool, now: datetime) -> Row:
    """A line of the list. The one that is being opened counts as read."""
    ours = "You: " if line.assignee_id == viewer.id else "Us: "
    return Row(
        id=line.id,
        url=url,
        name=line.shown_name,
        when=filters.short(line.last_message_at),
        preview=(ours if line.previewed_out else "") + line.preview,
        is_unread=line.is_unread and not opened,
        needs=line.needs_attention,
        is_hint=line.hint_message_id is not None and line.needs_attention,
        is_asking=bool(line.asks_admin),
        waiting=waiting(line.replied_at, now),
        is_report_due=line.report_due and not line.needs_reply,
        action=line.action_name,
    )


def waiting(since: datetime | None, now: datetime) -> str:
    """How long a reply has waited: "34 min"; "" for short waits."""
    if since is None or (now - since).total_seconds() < WAITS_FROM:
        return ""
    return str(filters.ago(since).striptags())


def days(messages: Iterable[Message], contact: Contact, viewer: User, own: OwnWords) -> list[Day]:
    """The texts of a thread under the day they were written on."""
    texts = list(messages)
    names = threads.writers(text for text in texts if text.by_user_id != viewer.id)
    zone = filters.zone()
    found = []
    for _, group in groupby(texts, key=lambda text: text.created_at.astimezone(zone).date()):
        of_day = list(group)
        bubbles = [_bubble(text, contact, viewer, names, own) for text in of_day]
        found.append(Day(filters.day(of_day[0].created_at), bubbles))
    return found


def bubbles(
    messages: Iterable[Message], contact: Contact, viewer: User, own: OwnWords
) -> list[Bubble]:
    """The texts of a thread without their days."""
    return [one for day in days(messages, contact, viewer, own) for one in day.bubbles]


def state_of(message: Message, now: datetime) -> str:
    """How far a text has come, in words; "" for what the contact wrote."""
    if message.direction is Direction.IN:
        return ""
    if message.state in ON_ITS_WAY:
        put_off = message.not_before and (message.not_before - now).total_seconds() > PUT_OFF
        return "Waits for texting hours" if put_off else "Sending"
    said = fates.SAID[message.state]
    if message.state is MessageState.CANCELLED and message.error_reason:
        return f"{said} {message.error_reason.removeprefix('Safeguard: ').capitalize()}"
    return said


def _bubble(
    message: Message,
    contact: Contact,
    viewer: User,
    names: dict[int, str],
    own: OwnWords,
) -> Bubble:
    is_ours = message.direction is Direction.OUT
    if not is_ours:
        sender = contact.called
    elif message.by_user_id == viewer.id:
        sender = "You"
    else:
        sender = names.get(message.by_user_id or 0, "The campaign")
    return Bubble(
        id=message.id,
        is_ours=is_ours,
        sender=sender,
        when=filters.clock(message.created_at),
        iso="",
        body=message.body,
        state=state_of(message, utc_now()),
        is_failed=fates.is_failed(message),
        parts=_parts(message, own),
        media=pictures.links(message),
    )


def _parts(message: Message, own: OwnWords) -> list[tuple[str, bool]] | None:
    """The text cut at the words that look like a request to stop; None when there are none."""
    if message.hint not in (Hinted.OPEN, Hinted.AGREED):
        return None
    hint = hints.find(message.body, **own)
    return hint.cut(message.body) if hint else None
