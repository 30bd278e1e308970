"""A texter's inbox: views, counts, search and the thread. Hidden threads are in none of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, func, or_, select, text, tuple_

from webapp.db import db
from webapp.errors import NotFoundError
from webapp.models import (
    Action,
    Contact,
    ContactTag,
    Conversation,
    Draft,
    InboxClock,
    Message,
    User,
)
from webapp.texting import phones

PAGE = 50
MOST_COUNTED = 100  # shown as 99+

# Literal conditions, so that the partial index of each view serves (bound ones cost 4 to 9x).
_CONDITIONS = {
    "needs": "conversation.needs_attention AND NOT conversation.is_hidden"
    " AND NOT conversation.is_archived",
    "unread": "conversation.is_unread AND NOT conversation.is_hidden"
    " AND NOT conversation.is_archived",
    "all": "NOT conversation.is_hidden AND NOT conversation.is_archived",
    "archived": "conversation.is_archived AND NOT conversation.is_hidden",
}
_HINTED = (
    "conversation.hint_message_id IS NOT NULL AND conversation.needs_attention"
    " AND NOT conversation.is_hidden"
)


class View(StrEnum):
    """The four views of the inbox."""

    NEEDS = "needs"
    UNREAD = "unread"
    ALL = "all"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the inbox list."""

    conversation: Conversation
    contact: Contact
    action_name: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of lines, newest first; `after` is the key of the next page, None on the last."""

    lines: list[Line]
    after: tuple[datetime, int] | None


def page(
    campaign_id: int,
    view: View,
    *,
    texter: User | None,
    after: tuple[datetime, int] | None = None,
    search: str = "",
    action_id: int | None = None,
    tag_id: int | None = None,
) -> Page:
    """One page of a view. `texter` None: everyone's conversations, for admins.

    On the first page of Needs attention those that may be a request to stop come first.
    """
    narrowed = _narrow(search, action_id, tag_id)
    query = _lines(campaign_id, texter).where(text(_CONDITIONS[view]), *narrowed)
    first: list[Line] = []
    if view is View.NEEDS:
        if after is None:
            hinted = _lines(campaign_id, texter).where(text(_HINTED), *narrowed)
            first = _fetch(hinted.limit(PAGE))
        query = query.where(Conversation.hint_message_id.is_(None))
    if after is not None:
        query = query.where(tuple_(Conversation.last_message_at, Conversation.id) < after)
    lines = _fetch(query.limit(PAGE + 1))
    more = len(lines) > PAGE
    lines = lines[:PAGE]
    last = lines[-1].conversation if more else None
    return Page(first + lines, (last.last_message_at, last.id) if last else None)


def counts(campaign_id: int, texter: User | None) -> dict[View, int]:
    """How many conversations Needs attention and Unread hold, capped at MOST_COUNTED."""
    return {view: _capped(campaign_id, texter, view) for view in (View.NEEDS, View.UNREAD)}


def find(campaign_id: int, conversation_id: int, *, texter: User | None) -> Conversation:
    """A conversation that this texter may see; NotFoundError for hidden or other people's ones.

    `texter` None: an admin, who sees every thread that is not hidden (hidden ones are read
    from the contact).
    """
    found = db.session.get(Conversation, conversation_id)
    if (
        found is None
        or found.campaign_id != campaign_id
        or found.is_hidden
        or (texter is not None and found.assignee_id != texter.id)
    ):
        raise NotFoundError("This conversation isn't in your inbox.")
    return found


def thread(conversation: Conversation, *, before: int | None = None) -> list[Message]:
    """The last texts of a conversation, oldest first; `before` pages back by message id."""
    query = select(Message).where(Message.conversation_id == conversation.id)
    if before is not None:
        query = query.where(Message.id < before)
    rows = db.session.scalars(query.order_by(Message.id.desc()).limit(PAGE)).all()
    return list(reversed(rows))


def newer(conversation: Conversation, *, than: int) -> list[Message]:
    """The texts after a message id, oldest first, for a live thread."""
    query = select(Message).where(Message.conversation_id == conversation.id, Message.id > than)
    return list(db.session.scalars(query.order_by(Message.id).limit(PAGE)))


def tick(campaign_id: int, user_id: int) -> int:
    """The clock of a texter's inbox; a poll that finds it unmoved has nothing to say."""
    query = select(InboxClock.tick).where(
        InboxClock.campaign_id == campaign_id, InboxClock.user_id == user_id
    )
    return db.session.scalar(query) or 0


def draft_of(conversation: Conversation, texter: User) -> str:
    """What the texter has typed in this conversation and not sent."""
    draft = db.session.get(Draft, (conversation.id, texter.id))
    return draft.body if draft else ""


def _lines(campaign_id: int, texter: User | None) -> Select[Conversation, Contact, str]:
    query = (
        select(Conversation, Contact, Action.name)
        .join(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(Action, Action.id == Conversation.action_id)
        .where(Conversation.campaign_id == campaign_id)
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
    )
    return query if texter is None else query.where(Conversation.assignee_id == texter.id)


def _fetch(query: Select[Conversation, Contact, str]) -> list[Line]:
    return [
        Line(conversation, contact, action_name or "No action")
        for conversation, contact, action_name in db.session.execute(query)
    ]


def _narrow(search: str, action_id: int | None, tag_id: int | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if action_id is not None:
        conditions.append(Conversation.action_id == action_id)
    if tag_id is not None:
        carried = select(ContactTag.contact_id).where(
            ContactTag.tag_id == tag_id, ContactTag.contact_id == Conversation.contact_id
        )
        conditions.append(carried.exists())
    words = search.split()
    if not words:
        return conditions
    digits = phones.search_digits(search)
    if digits:
        conditions.append(Contact.phone.contains(digits, autoescape=True))
        return conditions
    name = func.lower(Contact.first_name + " " + Contact.last_name)
    phrase = " ".join(words).lower()
    conditions.append(
        or_(
            name.contains(phrase, autoescape=True),
            func.lower(Conversation.preview).contains(phrase, autoescape=True),
        )
    )
    return conditions


def _capped(campaign_id: int, texter: User | None, view: View) -> int:
    some = select(Conversation.id).where(
        Conversation.campaign_id == campaign_id, text(_CONDITIONS[view])
    )
    if texter is not None:
        some = some.where(Conversation.assignee_id == texter.id)
    counted = some.limit(MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(counted)) or 0
