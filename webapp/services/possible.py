"""Possible opt-outs: texts that read like a request to stop and wait for an admin's decision.

A texter's report settles them, and so does an opt-out by any other road (services.stopping).
What is left here an admin decides, one at a time: there is no "all".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import aliased

from webapp.db import changed_rows, db
from webapp.errors import ConflictError, InvalidError
from webapp.models import (
    Action,
    Contact,
    Conversation,
    Event,
    Hinted,
    Message,
    OptOutSource,
    Texting,
    User,
)
from webapp.services import optouts, tally, trail, turns
from webapp.services.stopping import UNDECIDED
from webapp.texting import lines

PAGE = 25
# A count is read to here and then shown as "99+".
MOST_COUNTED = 100
SHORTEST_REASON = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A text that waits: who wrote it, who has the conversation, and who said something of it."""

    message: Message
    contact: Contact
    conversation: Conversation | None
    texter: str  # "" when nobody has the conversation
    said_by: str  # who dismissed it or told the admins; "" when nobody did
    action_name: str

    @property
    def is_dismissed(self) -> bool:
        """Whether a texter says that it is no request (decision 9: it stays all the same)."""
        return self.message.hint is Hinted.DISMISSED

    @property
    def is_told(self) -> bool:
        """Whether a texter told the admins, because the report could not record it."""
        return self.message.hint is Hinted.OPEN and self.message.hint_by is not None

    @property
    def waits(self) -> bool:
        """Whether nobody has decided yet."""
        return self.message.hint in UNDECIDED


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the texts that wait; `after` is the id to go on from, None on the last page."""

    lines: list[Line]
    after: int | None


def count(campaign_id: int) -> int:
    """How many texts wait, as far as MOST_COUNTED; along an index, whatever has been settled."""
    some = [
        select(Message.id).where(*_waiting(campaign_id, hint)).limit(MOST_COUNTED).subquery()
        for hint in UNDECIDED
    ]
    counts = [select(func.count()).select_from(one).scalar_subquery() for one in some]
    found = sum(db.session.execute(select(*counts)).one())
    return min(found, MOST_COUNTED)


def page(
    campaign_id: int, *, newest_first: bool = False, after: int | None = None, size: int = PAGE
) -> Page:
    """The texts that wait: those with the least time left first, or the newest first."""
    found: list[Line] = []
    order = Message.id.desc() if newest_first else Message.id
    for hint in UNDECIDED:
        query = _lines().where(*_waiting(campaign_id, hint))
        if after is not None:
            query = query.where(Message.id < after if newest_first else Message.id > after)
        found += _read(query.order_by(order).limit(size + 1))
    found.sort(key=lambda line: line.message.id, reverse=newest_first)
    return Page(found[:size], found[size - 1].message.id if len(found) > size else None)


def line_of(message: Message) -> Line | None:
    """One text that was taken for a request, decided or not; None when it never was."""
    lines = _read(_lines().where(Message.id == message.id, Message.hint.is_not(None)))
    return lines[0] if lines else None


def mark(
    message: Message, kinds: Sequence[Texting], *, by: User, now: datetime
) -> dict[Texting, bool]:
    """An admin agrees: the contact asked us to stop. Says for each kind whether the tag is new.

    The second time nothing happens. Somebody who said before that it was no request may think
    better of it. (47 CFR 64.1200(a)(10): any reasonable wording counts.) Raises InvalidError
    (field "kinds") without a kind, and ConflictError for a text that was never taken for a
    request.
    """
    if not kinds:
        raise InvalidError("Choose what should stop.", field="kinds")
    turns.take(message.contact_id)
    db.session.refresh(message)
    if message.hint is None:
        raise ConflictError("This text does not read like a request to stop.")
    contact = db.session.get_one(Contact, message.contact_id)
    standing = optouts.standing(contact)
    if message.hint is Hinted.AGREED and not any(standing[kind].may_be_texted for kind in kinds):
        return dict.fromkeys(kinds, False)
    message_id, action_id, own = message.id, message.action_id, message.texting
    _answer_question(message)
    message.hint, message.hint_by, message.hint_at = Hinted.AGREED, by.id, now
    added = {
        kind: optouts.record(
            contact,
            kind,
            source=OptOutSource.ADMIN,
            by=by,
            message_id=message_id,
            action_id=action_id if kind is own else None,
            now=now,
        )
        for kind in kinds
    }
    if added.get(own):
        tally.add(action_id, opt_outs=1)
    return added


def close(message: Message, reason: str, *, by: User, now: datetime) -> None:
    """An admin says that it was no request to stop, and why; the trail keeps it.

    Raises InvalidError (field "reason") without a reason, and ConflictError when somebody has
    decided meanwhile: an opt-out is never taken back here.
    """
    reason = lines.one_line(reason)
    if len(reason) < SHORTEST_REASON:
        raise InvalidError("Say why it is no request to stop.", field="reason")
    turns.take(message.contact_id)
    db.session.refresh(message)
    _answer_question(message)
    closed = changed_rows(
        update(Message)
        .where(Message.id == message.id, Message.hint.in_(UNDECIDED))
        .values(hint=Hinted.CLOSED, hint_by=by.id, hint_at=now)
    )
    if not closed:
        raise ConflictError("This has been decided already. Reload the page to see how.")
    trail.record(
        Event.HINT_CLOSED,
        campaign_id=message.campaign_id,
        by=by,
        now=now,
        contact_id=message.contact_id,
        message_id=message.id,
        details={"reason": reason},
    )
    _take_from_inbox(message)


def _waiting(campaign_id: int, hint: Hinted) -> tuple[Any, Any]:
    return Message.campaign_id == campaign_id, Message.hint == hint


def _lines() -> Select[Any, Any, Any, Any, Any, Any]:
    said_by = aliased(User)
    return (
        select(Message, Contact, Conversation, User.name, said_by.name, Action.name)
        .join(Contact, Contact.id == Message.contact_id)
        .outerjoin(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(User, User.id == Conversation.assignee_id)
        .outerjoin(said_by, said_by.id == Message.hint_by)
        .outerjoin(Action, Action.id == Message.action_id)
    )


def _read(query: Select[Any, Any, Any, Any, Any, Any]) -> list[Line]:
    return [
        Line(message, contact, conversation, texter or "", said_by or "", action or "")
        for message, contact, conversation, texter, said_by, action in db.session.execute(query)
    ]


def _answer_question(message: Message) -> None:
    """What the texter told the admins about this text is dealt with."""
    if message.hint is not Hinted.OPEN or message.hint_by is None:
        return
    assignees = db.session.scalars(
        update(Conversation)
        .where(Conversation.id == message.conversation_id, Conversation.asks_admin != "")
        .values(asks_admin="")
        .returning(Conversation.assignee_id)
    )
    tally.tick(message.campaign_id, assignees)


def _take_from_inbox(message: Message) -> None:
    """The texter need not answer the hint any more."""
    assignees = db.session.scalars(
        update(Conversation)
        .where(
            Conversation.id == message.conversation_id, Conversation.hint_message_id == message.id
        )
        .values(hint_message_id=None)
        .returning(Conversation.assignee_id)
    )
    tally.tick(message.campaign_id, assignees)
