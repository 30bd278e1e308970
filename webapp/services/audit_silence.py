"""The audit of silence: nobody who opted out was texted again, and nothing is left to go."""

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    Interval,
    Select,
    and_,
    extract,
    func,
    literal,
    null,
    or_,
    select,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from webapp.db import db
from webapp.models import (
    Closed,
    ContactTag,
    Conversation,
    Direction,
    Event,
    Message,
    MessageKind,
    MessageState,
    Tag,
    TrailEntry,
)
from webapp.services import safeguard
from webapp.services.audit_checks import Check, Column, named, within
from webapp.services.audit_proof import CHANGES
from webapp.texting.keywords import Meaning

WAITING = (MessageState.QUEUED, MessageState.CLAIMED)
# States of a text that was handed to the carrier, or may have been.
ON_THE_ROAD = (
    MessageState.SENDING,
    MessageState.SENT,
    MessageState.DELIVERED,
    MessageState.UNDELIVERED,
    MessageState.FAILED,
    MessageState.UNKNOWN,
)
# An opt-out holds from its commit on and is dated when its transaction began. On SQLite writers
# take turns, so that the order of the times is the order of the commits. On PostgreSQL a text
# may be taken in between, by a machine whose clock is not quite ours; promise G1 allows it 1 s.
IN_FLIGHT = timedelta(seconds=1)


def _texts_after_opt_out(campaign_id: int | None) -> Select[str]:
    """Texts that went to `sending` while an opt-out of their kind held.

    The opt-outs are taken from the trail, with the lifts that ended them, and once more from
    the tags that are carried now. Only the confirmation of an opt-out is exempt (decision 6).
    """
    held = union(_recorded(campaign_id), _carried(campaign_id)).subquery()
    left = func.coalesce(Message.sending_at, Message.settled_at, Message.created_at)
    return (
        select(named("message", Message.id))
        .join(
            held,
            and_(held.c.contact_id == Message.contact_id, held.c.texting == Message.texting),
        )
        .where(
            Message.direction == Direction.OUT,
            Message.kind != MessageKind.CONFIRMATION,
            or_(Message.sending_at.is_not(None), Message.state.in_(ON_THE_ROAD)),
            left > _surely_known(held.c.since),
            or_(held.c.until.is_(None), left < held.c.until),
        )
        .distinct()
    )


def _surely_known(since: ColumnElement[Any]) -> ColumnElement[Any]:
    if db.engine.dialect.name == "sqlite":
        return since
    return since + literal(IN_FLIGHT, Interval())


def _recorded(campaign_id: int | None) -> Select[Any, Any, Any, Any]:
    """Each opt-out of the trail, until the next change of the same tag; ids give the order."""
    until = func.lead(TrailEntry.at).over(
        partition_by=(TrailEntry.contact_id, TrailEntry.texting), order_by=TrailEntry.id
    )
    changes = (
        select(
            TrailEntry.contact_id,
            TrailEntry.texting,
            TrailEntry.event,
            TrailEntry.at.label("since"),
            until.label("until"),
        )
        .where(TrailEntry.event.in_(CHANGES), within(TrailEntry.campaign_id, campaign_id))
        .subquery()
    )
    return select(changes.c.contact_id, changes.c.texting, changes.c.since, changes.c.until).where(
        changes.c.event == Event.OPTED_OUT
    )


def _carried(campaign_id: int | None) -> Select[Any, Any, Any, Any]:
    """Each opt-out that holds now."""
    return (
        select(ContactTag.contact_id, Tag.opts_out_of.label("texting"), ContactTag.since, null())
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(Tag.opts_out_of.is_not(None), within(Tag.campaign_id, campaign_id))
    )


def _carries_tag(contact_id: Column, texting: Column) -> Exists:
    return (
        select(ContactTag.contact_id)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(ContactTag.contact_id == contact_id, Tag.opts_out_of == texting)
        .exists()
    )


def _texts_waiting(campaign_id: int | None) -> Select[str]:
    return select(named("message", Message.id)).where(
        Message.state.in_(WAITING),
        Message.kind != MessageKind.CONFIRMATION,
        within(Message.campaign_id, campaign_id),
        _carries_tag(Message.contact_id, Message.texting).correlate(Message),
    )


def _confirmations_unasked(campaign_id: int | None) -> Select[str]:
    """Confirmations that left without an opt-out of the contact at that time, or too late.

    They alone may reach somebody who opted out, so nothing else may pass for one (decision 6).
    One that a carrier's list brought late is dated when the contact wrote, before its opt-out.
    """
    slack = (safeguard.CONFIRMS_WITHIN + IN_FLIGHT).total_seconds()
    made = _seconds(Message.created_at)
    entry = aliased(TrailEntry)
    asked = (
        select(entry.id)
        .where(
            entry.event == Event.OPTED_OUT,
            entry.contact_id == Message.contact_id,
            _seconds(entry.at).between(made - slack, made + slack),
        )
        .correlate(Message)
        .exists()
    )
    return select(named("message", Message.id)).where(
        Message.kind == MessageKind.CONFIRMATION,
        within(Message.campaign_id, campaign_id),
        or_(Message.sending_at.is_not(None), Message.state.in_(ON_THE_ROAD)),
        or_(~asked, _seconds(Message.sending_at) > made + slack),
    )


def _seconds(moment: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A moment as seconds since some fixed one, to count with."""
    if db.engine.dialect.name == "sqlite":
        return func.julianday(moment) * 86_400.0
    return extract("epoch", moment)


def _stop_threads_shown(campaign_id: int | None) -> Select[str]:
    ended = Conversation.closed.is_not_distinct_from(Closed.STOP_WORD)
    heard = (
        select(Message.id)
        .where(Message.conversation_id == Conversation.id, Message.meaning == Meaning.OPT_OUT.value)
        .correlate(Conversation)
        .exists()
    )
    return select(named("conversation", Conversation.id)).where(
        within(Conversation.campaign_id, campaign_id),
        or_(ended != Conversation.is_hidden, and_(~Conversation.is_hidden, heard)),
    )


def _closed_threads_asking(campaign_id: int | None) -> Select[str]:
    return select(named("conversation", Conversation.id)).where(
        within(Conversation.campaign_id, campaign_id),
        or_(Conversation.closed.is_not(None), Conversation.is_hidden),
        or_(
            Conversation.is_unread,
            Conversation.needs_reply,
            Conversation.needs_attention,
            Conversation.report_due,
        ),
    )


def _threads_left_open(campaign_id: int | None) -> Select[str]:
    return select(named("conversation", Conversation.id)).where(
        within(Conversation.campaign_id, campaign_id),
        Conversation.closed.is_(None),
        _carries_tag(Conversation.contact_id, Conversation.texting).correlate(Conversation),
    )


CHECKS = (
    Check(
        "texts_after_opt_out",
        "Nobody who opted out was texted again from that kind of texting.",
        _texts_after_opt_out,
    ),
    Check(
        "texts_waiting",
        "No text waits for somebody who opted out of its kind of texting.",
        _texts_waiting,
    ),
    Check(
        "confirmations_asked",
        "Every confirmation that left belongs to an opt-out, and left within five minutes of it.",
        _confirmations_unasked,
    ),
    Check(
        "stop_threads_hidden",
        "Conversations that ended with a stop word are hidden, and no others.",
        _stop_threads_shown,
    ),
    Check(
        "closed_threads_quiet",
        "No closed or hidden conversation is unread or needs attention.",
        _closed_threads_asking,
    ),
    Check(
        "opted_out_threads_closed",
        "The conversations of people who opted out are closed.",
        _threads_left_open,
    ),
)
