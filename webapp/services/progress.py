"""A running action as its admins watch it: texts whose fate is unknown, texters, conversations."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, case, func, select, text, tuple_

from webapp.db import db
from webapp.models import (
    Action,
    Contact,
    Conversation,
    Message,
    MessageKind,
    MessageState,
    Recipient,
    RecipientState,
    TrailEntry,
    User,
)
from webapp.services import aside

PAGE = 50
MOST_UNKNOWN = 100
FLAGS = 20
# A literal condition, so that the partial index serves.
NOT_DELIVERED = text("message.state IN ('unknown', 'failed', 'undelivered')")


class Show(StrEnum):
    """Which conversations of an action a list shows."""

    ALL = "all"
    NEEDS = "needs"  # attention: no reply or no report yet
    ASKS = "asks"  # a texter asks an admin something


@dataclass(frozen=True, slots=True)
class Texter:
    """What one person has texted for an action, and what they have open."""

    user: User
    texted: int
    in_batch: int
    conversations: int
    need_attention: int


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation in the list that it is reassigned from."""

    conversation: Conversation
    contact: Contact
    texter: str | None  # None: nobody has it


@dataclass(frozen=True, slots=True)
class Flag:
    """A texter says that a first text looks wrong: its name, its text, or something else."""

    id: int
    at: datetime
    texter: str
    contact: Contact | None
    wrong: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A reason why texts did not arrive, as the carrier gives it, and how many it stopped."""

    state: MessageState
    code: str | None
    reason: str
    texts: int


def unknown_texts(action: Action) -> list[tuple[Message, Contact]]:
    """The texts of which nobody knows whether they arrived, oldest first, 100 at most.

    They are never sent again by themselves (decision 11).
    """
    query = (
        select(Message, Contact)
        .join(Contact, Contact.id == Message.contact_id)
        # A literal condition, so that the partial index serves.
        .where(Message.action_id == action.id, text("message.state = 'unknown'"))
        .order_by(Message.id)
        .limit(MOST_UNKNOWN)
    )
    return [(message, contact) for message, contact in db.session.execute(query)]


def failures(action: Action) -> list[Failure]:
    """Why first texts of an action did not arrive, or may not have, the most frequent first."""
    people = func.count()
    rows = db.session.execute(
        select(Message.state, Message.error_code, func.max(Message.error_reason), people)
        .where(Message.action_id == action.id, Message.kind == MessageKind.FIRST, NOT_DELIVERED)
        .group_by(Message.state, Message.error_code)
        .order_by(people.desc(), Message.state)
    )
    return [Failure(*row) for row in rows]


def last_failures(action: Action) -> list[tuple[Message, Contact]]:
    """The last first texts that did not arrive, or may not have, newest first; PAGE at most."""
    query = (
        select(Message, Contact)
        .join(Contact, Contact.id == Message.contact_id)
        .where(Message.action_id == action.id, Message.kind == MessageKind.FIRST, NOT_DELIVERED)
        .order_by(Message.id.desc())
        .limit(PAGE)
    )
    return [(message, contact) for message, contact in db.session.execute(query)]


def texters(action: Action) -> list[Texter]:
    """Everybody who texted for an action or has people of it, by name."""
    texted = _by_person(
        select(
            Recipient.assignee_id,
            func.sum(case((Recipient.state == RecipientState.TEXTED, 1), else_=0)),
            func.sum(case((Recipient.state == RecipientState.READY, 1), else_=0)),
        )
        .where(Recipient.action_id == action.id, Recipient.assignee_id.is_not(None))
        .group_by(Recipient.assignee_id)
    )
    talks = _by_person(
        select(
            Conversation.assignee_id,
            func.count(),
            func.sum(case((Conversation.needs_attention, 1), else_=0)),
        )
        .where(
            Conversation.action_id == action.id,
            Conversation.assignee_id.is_not(None),
            ~Conversation.is_hidden,
        )
        .group_by(Conversation.assignee_id)
    )
    people = db.session.scalars(
        select(User).where(User.id.in_({*texted, *talks})).order_by(User.name, User.id)
    )
    nothing = (0, 0)
    return [
        Texter(user, *texted.get(user.id, nothing), *talks.get(user.id, nothing)) for user in people
    ]


def threads(
    action: Action,
    *,
    texter_id: int | None = None,
    show: Show = Show.ALL,
    before: tuple[datetime, int] | None = None,
    size: int = PAGE,
) -> tuple[list[Thread], tuple[datetime, int] | None]:
    """A page of an action's conversations, newest first, and the key to go on before.

    `texter_id` 0 means those that nobody has. Threads that a stop word has ended are not here:
    nobody can work on them.
    """
    query = (
        select(Conversation, Contact, User.name)
        .join(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(User, User.id == Conversation.assignee_id)
        .where(Conversation.action_id == action.id, ~Conversation.is_hidden)
    )
    if texter_id is not None:
        nobodys = Conversation.assignee_id.is_(None)
        query = query.where(Conversation.assignee_id == texter_id if texter_id else nobodys)
    if show is Show.NEEDS:
        query = query.where(Conversation.needs_attention)
    if show is Show.ASKS:
        query = query.where(Conversation.asks_admin != "")
    if before is not None:
        query = query.where(tuple_(Conversation.last_message_at, Conversation.id) < before)
    order = (Conversation.last_message_at.desc(), Conversation.id.desc())
    rows = db.session.execute(query.order_by(*order).limit(size + 1))
    found = [Thread(*row) for row in rows]
    page = found[:size]
    last = page[-1].conversation if len(found) > size else None
    return page, (last.last_message_at, last.id) if last else None


def flags(action: Action) -> list[Flag]:
    """What texters said looks wrong and no admin has cleared, newest first, FLAGS at most."""
    query = (
        aside.flags_of(action)
        .with_only_columns(TrailEntry, Contact, User.name)
        .outerjoin(Contact, Contact.id == TrailEntry.contact_id)
        .outerjoin(User, User.id == TrailEntry.by_user_id)
        .where(~aside.clearing_of(TrailEntry.id, action.campaign_id).exists())
        .order_by(TrailEntry.id.desc())
        .limit(FLAGS)
    )
    return [
        Flag(entry.id, entry.at, name or "", contact, str(entry.details.get("wrong", "")))
        for entry, contact, name in db.session.execute(query)
    ]


def _by_person(query: Select[Any, Any, Any]) -> dict[int, tuple[int, int]]:
    return {person: (first, second) for person, first, second in db.session.execute(query)}
