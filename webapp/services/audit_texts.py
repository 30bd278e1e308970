"""The audit of texts: each webhook became what it should, and nobody got the same text twice."""

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    union,
)

from webapp.models import (
    Direction,
    Event,
    Message,
    MessageKind,
    MessageState,
    Number,
    TrailEntry,
    WebhookReceipt,
)
from webapp.services.audit_checks import Check, Column, named, within
from webapp.services.settlement import MOST_ATTEMPTS

NOT_SENT = (MessageState.QUEUED, MessageState.CLAIMED, MessageState.CANCELLED)


def _receipts_without_messages(campaign_id: int | None) -> Select[str]:
    """Receipts whose number of messages is not what is stored."""
    became = (
        select(Message.receipt_id, func.count().label("messages"))
        .where(Message.receipt_id.is_not(None))
        .group_by(Message.receipt_id)
        .subquery()
    )
    return (
        select(named("webhook_receipt", WebhookReceipt.id))
        .outerjoin(became, became.c.receipt_id == WebhookReceipt.id)
        .where(
            WebhookReceipt.messages != func.coalesce(became.c.messages, 0),
            _came_to(campaign_id),
        )
    )


def _receipts_unheard(campaign_id: int | None) -> Select[str]:
    """Receipts that became nothing although a campaign held the number when they came."""
    held = (
        select(Number.id)
        .where(
            Number.phone == WebhookReceipt.to,
            Number.created_at <= WebhookReceipt.received_at,
            within(Number.campaign_id, campaign_id),
        )
        .correlate(WebhookReceipt)
        .exists()
    )
    return select(named("webhook_receipt", WebhookReceipt.id)).where(
        WebhookReceipt.messages == 0, held
    )


def _came_to(campaign_id: int | None) -> ColumnElement[bool]:
    """Receipts of texts to a number of this campaign."""
    numbers = select(Number.phone).where(Number.campaign_id == campaign_id)
    return literal(True) if campaign_id is None else WebhookReceipt.to.in_(numbers)


def _received_twice(campaign_id: int | None) -> Select[str]:
    pair = (WebhookReceipt.provider, WebhookReceipt.provider_id)
    receipts = (
        select(named("webhook_receipt", func.max(WebhookReceipt.id)))
        .where(_came_to(campaign_id))
        .group_by(*pair)
        .having(func.count() > 1)
    )
    messages = _doubles(
        (Message.campaign_id, Message.provider, Message.provider_id),
        and_(Message.direction == Direction.IN, within(Message.campaign_id, campaign_id)),
    )
    return _either(receipts, messages)


def _sent_twice(campaign_id: int | None) -> Select[str]:
    """Two texts with the same carrier id, the same reference or the same key of a form."""
    ours = and_(Message.direction == Direction.OUT, within(Message.campaign_id, campaign_id))
    return _either(
        _doubles((Message.provider, Message.provider_id), ours),
        _doubles((Message.reference,), ours),
        _doubles((Message.campaign_id, Message.key), ours),
    )


def _first_texts_twice(campaign_id: int | None) -> Select[str]:
    """People who were taken to `sending` by two first texts of one action."""
    return (
        select(
            named("action", Message.action_id) + literal(" ") + named("contact", Message.contact_id)
        )
        .where(
            Message.kind == MessageKind.FIRST,
            or_(Message.sending_at.is_not(None), Message.state.not_in(NOT_SENT)),
            within(Message.campaign_id, campaign_id),
        )
        .group_by(Message.action_id, Message.contact_id)
        .having(func.count() > 1)
    )


def _tried_too_often(campaign_id: int | None) -> Select[str]:
    """Texts that were handed over more often than refusals and releases by hand explain.

    A text whose fate is unknown is never tried again by itself (decision 11), so each further
    try needs a release on the trail once the bounded tries are used up.
    """
    releases = (
        select(TrailEntry.message_id, func.count().label("times"))
        .where(TrailEntry.event == Event.RELEASED)
        .group_by(TrailEntry.message_id)
        .subquery()
    )
    return (
        select(named("message", Message.id))
        .outerjoin(releases, releases.c.message_id == Message.id)
        .where(
            Message.attempts > MOST_ATTEMPTS + func.coalesce(releases.c.times, 0),
            within(Message.campaign_id, campaign_id),
        )
    )


def _accepted_and_waiting(campaign_id: int | None) -> Select[str]:
    return select(named("message", Message.id)).where(
        Message.direction == Direction.OUT,
        Message.provider_id.is_not(None),
        Message.state.in_(NOT_SENT),
        within(Message.campaign_id, campaign_id),
    )


def _doubles(columns: tuple[Column, ...], condition: ColumnElement[bool]) -> Select[str]:
    """The newest of the messages that agree in all of these columns, none of them empty."""
    return (
        select(named("message", func.max(Message.id)))
        .where(condition, *(column.is_not(None) for column in columns))
        .group_by(*columns)
        .having(func.count() > 1)
    )


def _either(*queries: Select[str]) -> Select[str]:
    return select(union(*queries).subquery().c[0])


CHECKS = (
    Check(
        "webhooks_became_messages",
        "Every text that a carrier delivered became as many messages as its receipt says.",
        _receipts_without_messages,
    ),
    Check(
        "webhooks_heard",
        "Every text to a number that a campaign held became a message.",
        _receipts_unheard,
    ),
    Check(
        "webhooks_once",
        "No text was taken in twice.",
        _received_twice,
    ),
    Check(
        "texts_once",
        "No two texts share a carrier's id, a reference or a form.",
        _sent_twice,
    ),
    Check(
        "first_texts_once",
        "Nobody was sent two first texts in one action.",
        _first_texts_twice,
    ),
    Check(
        "tries_bounded",
        "No text was tried more often than the rules and the trail allow.",
        _tried_too_often,
    ),
    Check(
        "accepted_not_waiting",
        "No text that a carrier has taken waits to be sent.",
        _accepted_and_waiting,
    ),
)
