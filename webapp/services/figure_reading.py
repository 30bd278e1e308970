"""What one block of texts or reports holds, read for Analytics; few rows come back.

Each row of a first text names what its figures are about: campaign, kind of texting, action,
script, list, and `at`, when it left (to ten minutes, or exactly where one row is one text).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Row,
    ScalarSelect,
    Select,
    String,
    and_,
    case,
    func,
    or_,
    select,
)
from sqlalchemy import type_coerce as as_type
from sqlalchemy.orm import InstrumentedAttribute, aliased

from webapp.db import db
from webapp.models import (
    ActionList,
    Conversation,
    Direction,
    Event,
    ListMember,
    Message,
    MessageKind,
    MessageState,
    Report,
    TrailEntry,
)
from webapp.services.figure_blocks import SIZE
from webapp.texting import failures
from webapp.texting.keywords import Meaning

ARRIVED = (MessageState.SENT, MessageState.DELIVERED, MessageState.UNDELIVERED)
FAILED = (MessageState.FAILED, MessageState.UNDELIVERED)
_LEFT_AT = func.coalesce(Message.sending_at, Message.created_at)
_CODE = case(
    (Message.sending_at.is_(None), failures.NEVER_SENT),
    else_=func.coalesce(Message.error_code, ""),
)


def newest(model: type[Message] | type[Report], block: int) -> datetime | None:
    """When the newest row of a block was made."""
    query = select(model.created_at).where(_within(model.id, block))
    return db.session.scalar(query.order_by(model.id.desc()).limit(1))


def states(block: int) -> Sequence[Row[Any]]:
    """How many first texts are in each state, with the code of those that failed."""
    code = case((Message.state.in_(FAILED), _CODE), else_="").label("code")
    each = _first_texts(block, _tens(_LEFT_AT), Message.state, code).subquery()
    return _all(select(*each.c, func.count().label("texts")).group_by(*each.c))


def replies(block: int) -> Sequence[Row[Any]]:
    """The first texts that were answered, and when at first; a stop word is no answer."""
    inward = aliased(Message)
    first = (
        select(func.min(inward.created_at))
        .where(
            inward.conversation_id == Conversation.id,
            inward.direction == Direction.IN,
            ~inward.is_reaction,
            ~inward.wrote_back,
            inward.meaning != Meaning.OPT_OUT,
        )
        .correlate(Conversation)
        .scalar_subquery()
    )
    same = and_(
        Conversation.contact_id == Message.contact_id,
        Conversation.action_id == Message.action_id,
        Conversation.has_replied,
    )
    query = _first_texts(block, _LEFT_AT, first.label("replied_at")).join(Conversation, same)
    return [row for row in _all(query) if row.replied_at is not None]


def opt_outs(block: int) -> Sequence[Row[Any]]:
    """The first texts that were answered by an opt-out; `details` say by which road.

    An opt-out answers the action whose text the trail names as its proof; without one, the
    last action of that kind that had texted the phone. A text has its first opt-out only.
    """
    proof, later = aliased(Message), aliased(Message)
    texted_later = (
        select(later.id)
        .where(
            later.contact_id == Message.contact_id,
            later.id > Message.id,
            later.texting == Message.texting,
            later.kind == MessageKind.FIRST,
            later.sending_at <= TrailEntry.at,
        )
        .correlate(Message, TrailEntry)
        .exists()
    )
    query = (
        _first_texts(block, _LEFT_AT, Message.id.label("text_id"), TrailEntry.details)
        .join(TrailEntry, TrailEntry.contact_id == Message.contact_id)
        .outerjoin(proof, proof.id == TrailEntry.message_id)
        .where(
            TrailEntry.event == Event.OPTED_OUT,
            TrailEntry.texting == Message.texting,
            TrailEntry.at >= Message.sending_at,
            or_(
                proof.action_id == Message.action_id,
                and_(proof.action_id.is_(None), ~texted_later),
            ),
        )
        .order_by(TrailEntry.id)
    )
    found = _all(query)
    return list({row.text_id: row for row in reversed(found)}.values())


def written(block: int) -> Sequence[Row[Any]]:
    """How many first texts and replies of each person the carrier took."""
    each = (
        select(
            Message.campaign_id,
            Message.texting,
            Message.by_user_id.label("user_id"),
            Message.kind,
            _tens(_LEFT_AT).label("at"),
        )
        .where(
            _within(Message.id, block),
            Message.by_user_id.is_not(None),
            Message.kind.in_((MessageKind.FIRST, MessageKind.REPLY)),
            Message.state.in_(ARRIVED),
        )
        .subquery()
    )
    return _all(select(*each.c, func.count().label("texts")).group_by(*each.c))


def hints(block: int) -> Sequence[Row[Any]]:
    """Texts that read like a request to stop and that somebody has dealt with."""
    query = select(
        Message.campaign_id,
        Message.texting,
        Message.hint_by.label("user_id"),
        Message.hint_at.label("at"),
    )
    return _all(query.where(_within(Message.id, block), Message.hint_by.is_not(None)))


def reports(block: int) -> Sequence[Row[Any]]:
    """How many reports each person sent; corrections are not among them."""
    each = (
        select(
            Report.campaign_id,
            Conversation.texting,
            Report.by_user_id.label("user_id"),
            _tens(Report.created_at).label("at"),
        )
        .join(Conversation, Conversation.id == Report.conversation_id)
        .where(_within(Report.id, block), Report.corrects_id.is_(None))
        .subquery()
    )
    return _all(select(*each.c, func.count().label("reports")).group_by(*each.c))


def _first_texts(block: int, at: ColumnElement[Any], *more: Any) -> Select[Any]:
    return select(
        Message.campaign_id,
        Message.texting,
        Message.action_id,
        func.coalesce(Message.script_id, 0).label("script_id"),
        func.coalesce(_first_list(), 0).label("list_id"),
        at.label("at"),
        *more,
    ).where(_within(Message.id, block), Message.kind == MessageKind.FIRST)


def _first_list() -> ScalarSelect[Any]:
    """The oldest of the action's lists that holds the contact."""
    return (
        select(func.min(ActionList.list_id))
        .join(
            ListMember,
            and_(
                ListMember.list_id == ActionList.list_id,
                ListMember.contact_id == Message.contact_id,
            ),
        )
        .where(ActionList.action_id == Message.action_id)
        .correlate(Message)
        .scalar_subquery()
    )


def _within(row_id: InstrumentedAttribute[int], block: int) -> ColumnElement[bool]:
    return row_id.between(block * SIZE, block * SIZE + SIZE - 1)


def _tens(moment: Any) -> ColumnElement[str]:
    """A moment cut to ten minutes, as text in UTC: "2030-01-15 18:0"."""
    if db.engine.dialect.name == "sqlite":
        return func.substr(as_type(moment, String), 1, 15)
    return func.left(func.to_char(func.timezone("UTC", moment), "YYYY-MM-DD HH24:MI"), 15)


def _all(query: Executable) -> Sequence[Row[Any]]:
    return db.session.execute(query).all()
