"""Where an incoming text belongs: one look-up for everything that is known of its two phones."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, literal_column, select
from sqlalchemy.orm import aliased

from webapp.db import run
from webapp.models import (
    AutomationKeyword,
    Campaign,
    Contact,
    Conversation,
    Message,
    MessageState,
    Number,
)

# A text of ours counts as sent to this person once it may be on the wire. Confirmations of an
# opt-out stand in no conversation and decide nothing.
_LAST = (
    select(func.max(Message.id))
    .where(
        Message.contact_id == Contact.id,
        Message.number_id == Number.id,
        Message.direction == literal_column("'out'"),
        Message.kind != literal_column("'confirmation'"),
        Message.state.in_(
            (
                MessageState.SENDING,
                MessageState.SENT,
                MessageState.DELIVERED,
                MessageState.UNDELIVERED,
                MessageState.UNKNOWN,
            )
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
_HAS_KEYWORDS = (
    select(AutomationKeyword.id)
    .where(AutomationKeyword.campaign_id == Campaign.id)
    .correlate(Campaign)
    .exists()
)
# Every campaign that holds the number, the contact with this phone, and our last text to it.
_PLACES = (
    select(
        Number.id.label("number_id"),
        Number.kind.label("serves"),
        Number.confirmation_by,
        Number.help_by,
        Campaign.id.label("campaign_id"),
        Campaign.own_stop_words,
        Campaign.own_opt_in_words,
        _HAS_KEYWORDS.label("has_keywords"),
        Contact.id.label("contact_id"),
        Message.id.label("last_id"),
        Message.texting.label("last_texting"),
        Conversation.id.label("thread_id"),
        Conversation.texting.label("thread_texting"),
        Conversation.action_id,
        Conversation.assignee_id,
        Conversation.closed,
        Conversation.has_replied,
    )
    .join(Campaign, Campaign.id == Number.campaign_id)
    .outerjoin(
        Contact, and_(Contact.campaign_id == Campaign.id, Contact.phone == bindparam("sender"))
    )
    .outerjoin(Message, Message.id == _LAST)
    .outerjoin(Conversation, Conversation.id == func.coalesce(Message.conversation_id, _BEGUN))
    .where(Number.phone == bindparam("to"))
    .order_by(Number.id)
)
Place = Row[Any]


def of(sender: str, to: str) -> Sequence[Place]:
    """A row for each campaign that holds the number `to`, with what it knows of `sender`.

    number_id, serves, confirmation_by, help_by, campaign_id, own_stop_words, own_opt_in_words,
    has_keywords (of automated actions); contact_id (None: nobody knows this phone); our last text
    to it from that number (last_id, last_texting) and the conversation it stands in (thread_id,
    thread_texting, action_id, assignee_id, closed, has_replied). Phones are E.164.
    """
    return run(_PLACES, sender=sender, to=to).all()
