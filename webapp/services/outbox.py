"""The outbox: a text is a row, written in the transaction that decides to text."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.db import db
from webapp.models import (
    Contact,
    Conversation,
    Direction,
    Message,
    MessageKind,
    MessageState,
    Script,
    Texting,
    User,
)
from webapp.services import conversations, safeguard

_CHANCE = 20  # hexadecimal digits: 80 bits


def queue(
    conversation: Conversation,
    body: str,
    kind: MessageKind,
    *,
    by: User | None,
    now: datetime,
    key: str | None = None,
    script: Script | None = None,
) -> Message:
    """Queue a text in a conversation. Whether it may go is asked again when it is sent.

    `key` is the form's idempotency key as `one_form` made it, unique in the campaign.
    """
    message = _put(
        kind,
        body,
        by=by,
        now=now,
        campaign_id=conversation.campaign_id,
        contact_id=conversation.contact_id,
        conversation_id=conversation.id,
        action_id=conversation.action_id,
        number_id=conversation.number_id,
        texting=conversation.texting,
        script_id=script.id if script else None,
        key=key,
    )
    if kind is not MessageKind.CONFIRMATION:
        conversations.wrote_out(conversation, message, now=now)
    return message


def confirm(
    contact: Contact,
    number_id: int,
    texting: Texting,
    body: str,
    *,
    now: datetime,
    by: User | None = None,
    conversation: Conversation | None = None,
) -> Message | None:
    """Queue the one text that confirms an opt-out, or the goodbye of a report (decision 6).

    None when there is nothing to say, or when a goodbye of the last five minutes says it: whoever
    is told goodbye for one kind and then asks to stop the other hears it once. Nor is there a
    goodbye (`by` somebody) in the five minutes after any confirmation. It alone is exempt from the
    opt-out and from hours; it is dropped when it cannot leave within five minutes (47 CFR
    64.1200(a)(12)).
    """
    if not body.strip() or _was_told(contact.id, before_goodbye=by is not None, now=now):
        return None
    return _put(
        MessageKind.CONFIRMATION,
        body.strip(),
        by=by,
        now=now,
        campaign_id=contact.campaign_id,
        contact_id=contact.id,
        conversation_id=conversation.id if conversation else None,
        action_id=conversation.action_id if conversation else None,
        number_id=number_id,
        texting=texting,
    )


def test(
    contact: Contact,
    number_id: int,
    texting: Texting,
    body: str,
    *,
    key: str,
    by: User,
    now: datetime,
) -> Message:
    """Queue a test text: it stands in no conversation and no action, and Safeguard asks as ever."""
    return _put(
        MessageKind.TEST,
        body,
        by=by,
        now=now,
        campaign_id=contact.campaign_id,
        contact_id=contact.id,
        number_id=number_id,
        texting=texting,
        key=key,
    )


def reference(now: datetime) -> str:
    """What our text is called at the carrier: nobody can guess it."""
    return references(1, now=now)[0]


def references(amount: int, *, now: datetime) -> list[str]:
    """So many references, for texts that are written together.

    They begin with the time, so that they stand together in the index of references; with
    nothing but chance in them, each text of a broadcast would change a page of its own.
    """
    began = f"{int(now.timestamp() * 1000):012x}"
    digits = secrets.token_hex(_CHANCE // 2 * amount)
    return [began + digits[n : n + _CHANCE] for n in range(0, len(digits), _CHANCE)]


def one_form(key: str, *about: int) -> str:
    """An idempotency key as it is kept: of this form about this person or conversation alone.

    Two forms that carry the same key by mistake are two acts all the same. Kept as it came, the
    second one would be answered as done, and an opt-out in its report never recorded.
    """
    return hashlib.sha256("/".join([*map(str, about), key]).encode()).hexdigest()


def with_key(campaign_id: int, key: str) -> Message | None:
    """The text that this form has queued already, if it was sent twice."""
    query = select(Message).where(Message.campaign_id == campaign_id, Message.key == key)
    return db.session.scalars(query).first()


def _was_told(contact_id: int, *, before_goodbye: bool, now: datetime) -> bool:
    """Whether the goodbye of a report has just left, is on its way, or may have arrived; before
    another goodbye also whether a confirmation has.

    A STOP of each kind is confirmed, so confirmations do not take each other away.
    """
    by_somebody = () if before_goodbye else (Message.by_user_id.is_not(None),)
    query = select(Message.id).where(
        Message.contact_id == contact_id,
        Message.kind == MessageKind.CONFIRMATION,
        Message.created_at > now - safeguard.CONFIRMS_WITHIN,
        Message.state.not_in((MessageState.FAILED, MessageState.CANCELLED)),
        *by_somebody,
    )
    return db.session.scalar(query.limit(1)) is not None


def _put(kind: MessageKind, body: str, *, by: User | None, now: datetime, **where: Any) -> Message:
    """Write the row; `where` says in which conversation, from which number, and to whom."""
    message = Message(
        direction=Direction.OUT,
        kind=kind,
        state=MessageState.QUEUED,
        body=body,
        by_user_id=by.id if by else None,
        reference=reference(now),
        created_at=now,
        not_before=now,
        **where,
    )
    db.session.add(message)
    db.session.flush()
    return message
