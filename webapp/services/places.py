"""Where incoming texts belong: one look-up for everything that is known of their two phones."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from webapp.db import run
from webapp.models import (
    AutomationKeyword,
    Campaign,
    Contact,
    ContactTag,
    Conversation,
    Message,
    MessageState,
    Number,
    Tag,
    Texting,
)
from webapp.rows import one_of

# A text of ours counts as sent to this person once it may be on the wire. Confirmations of an
# opt-out and test texts stand in no conversation and decide nothing: a STOP in answer to a test
# is of the kind of the text before it, else of all that the number serves.
_LAST = (
    select(func.max(Message.id))
    .where(
        Message.contact_id == Contact.id,
        Message.number_id == Number.id,
        Message.direction == literal_column("'out'"),
        Message.kind != literal_column("'confirmation'"),
        Message.kind != literal_column("'test'"),
        one_of(
            Message.state,
            MessageState.SENDING,
            MessageState.SENT,
            MessageState.DELIVERED,
            MessageState.UNDELIVERED,
            MessageState.UNKNOWN,
        ),
    )
    .correlate(Contact, Number)
    .scalar_subquery()
)
# The conversation of somebody who wrote to the number by themselves, before any text of ours.
_Begun = aliased(Conversation)
_BEGUN = (
    select(func.max(_Begun.id))
    .where(
        _Begun.contact_id == Contact.id,
        _Begun.number_id == Number.id,
        _Begun.action_id.is_(None),
    )
    .correlate(Contact, Number)
    .scalar_subquery()
)
# A text of an action that stands in no conversation is a broadcast's, not answered yet.
_THREAD = case(
    (Message.action_id.is_not(None), Message.conversation_id),
    else_=func.coalesce(Message.conversation_id, _BEGUN),
)
_HAS_KEYWORDS = (
    select(AutomationKeyword.id)
    .where(AutomationKeyword.campaign_id == Campaign.id)
    .correlate(Campaign)
    .exists()
)
Place = Row[Any]


def of_all(asked: Sequence[tuple[str, str]]) -> list[list[Place]]:
    """For each pair (sender, to): a row for each campaign that holds the number `to`.

    number_id, serves, confirmation_by, help_by, campaign_id, own_stop_words, own_opt_in_words,
    has_keywords (of automated actions); contact_id (None: nobody knows this phone); left_p2p and
    left_broadcast (the person has opted out of it); our last text from that number (last_id,
    last_texting, last_action_id) and the conversation it stands in (thread_id, thread_texting,
    action_id, assignee_id, closed, has_replied; a broadcast has none before its first answer).
    Phones are E.164.
    """
    size = 1 << (len(asked) - 1).bit_length()  # A few statements do for all sizes.
    pairs: dict[str, str | None] = {}
    for nth, (sender, to) in enumerate([*asked, *[(None, None)] * (size - len(asked))]):
        pairs |= {f"sender_{nth}": sender, f"to_{nth}": to}
    found: list[list[Place]] = [[] for _ in asked]
    for place in run(_places(size), **pairs):
        found[place.nth].append(place)
    return found


def has_left(place: Place, texting: Texting) -> bool:
    """Whether the person has opted out of this kind of texting."""
    return bool(place.left_p2p if texting is Texting.P2P else place.left_broadcast)


@cache
def _places(size: int) -> Select[Any]:
    """Every campaign that holds the number, the contact with the phone, our last text to it."""
    asked = _asked(size)
    return (
        select(
            asked.c.nth,
            Number.id.label("number_id"),
            Number.kind.label("serves"),
            Number.confirmation_by,
            Number.help_by,
            Campaign.id.label("campaign_id"),
            Campaign.own_stop_words,
            Campaign.own_opt_in_words,
            _HAS_KEYWORDS.label("has_keywords"),
            Contact.id.label("contact_id"),
            _carries(Texting.P2P).label("left_p2p"),
            _carries(Texting.BROADCAST).label("left_broadcast"),
            Message.id.label("last_id"),
            Message.texting.label("last_texting"),
            Message.action_id.label("last_action_id"),
            Conversation.id.label("thread_id"),
            Conversation.texting.label("thread_texting"),
            Conversation.action_id,
            Conversation.assignee_id,
            Conversation.closed,
            Conversation.has_replied,
        )
        .select_from(asked)
        .join(Number, Number.phone == asked.c.to)
        .join(Campaign, Campaign.id == Number.campaign_id)
        .outerjoin(
            Contact, and_(Contact.campaign_id == Campaign.id, Contact.phone == asked.c.sender)
        )
        .outerjoin(Message, Message.id == _LAST)
        .outerjoin(Conversation, Conversation.id == _THREAD)
        .order_by(asked.c.nth, Number.id)
    )


def _asked(size: int) -> CTE:
    """The pairs that are asked for, as a table."""
    rows = (
        select(
            literal_column(str(nth), Integer).label("nth"),
            bindparam(f"sender_{nth}", type_=String).label("sender"),
            bindparam(f"to_{nth}", type_=String).label("to"),
        )
        for nth in range(size)
    )
    return union_all(*rows).cte("asked")


def _carries(texting: Texting) -> ColumnElement[bool]:
    """Whether the contact carries the campaign's built-in tag of this kind."""
    return (
        select(ContactTag.tag_id)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(
            ContactTag.contact_id == Contact.id,
            Tag.campaign_id == Campaign.id,
            Tag.opts_out_of == literal_column(f"'{texting.value}'"),
        )
        .correlate(Contact, Campaign)
        .exists()
    )
