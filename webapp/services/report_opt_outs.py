"""What a marked opt-out tag in a report does: goodbye, opt-out, and the answered hint."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from webapp.db import db
from webapp.models import (
    Action,
    Contact,
    Conversation,
    Direction,
    Hinted,
    Message,
    OptOutSource,
    Tag,
    User,
)
from webapp.services import approvals, optouts, outbox, report_settings, tally


def record(
    conversation: Conversation,
    opt_outs: Sequence[Tag],
    *,
    goodbye: bool,
    by: User,
    now: datetime,
) -> tuple[tuple[Tag, ...], tuple[Tag, ...]]:
    """Opt the contact out of each marked kind; which tags are new, and which were there before.

    The goodbye, if there is one, is queued first, in the same transaction. (Spec: "Their report
    will then apply the opt-out tag to the contact".)
    """
    contact = db.session.get_one(Contact, conversation.contact_id)
    _agree_to_hint(conversation, by=by, now=now)
    if goodbye:
        _say_goodbye(conversation, contact, opt_outs, by=by, now=now)
    now_out: list[Tag] = []
    before: list[Tag] = []
    for tag in opt_outs:
        assert tag.opts_out_of is not None
        added = optouts.record(
            contact,
            tag.opts_out_of,
            source=OptOutSource.REPORT,
            by=by,
            message_id=_last_heard(conversation),
            action_id=conversation.action_id if tag.opts_out_of is conversation.texting else None,
            now=now,
        )
        (now_out if added else before).append(tag)
    own = [tag for tag in now_out if tag.opts_out_of is conversation.texting]
    tally.add(conversation.action_id, opt_outs=len(own))
    return tuple(now_out), tuple(before)


def _say_goodbye(
    conversation: Conversation,
    contact: Contact,
    opt_outs: Sequence[Tag],
    *,
    by: User,
    now: datetime,
) -> None:
    """Queue the goodbye, if the action offers one and the contact is not opted out already.

    A texter whom nobody has approved sends none; their opt-out counts all the same.
    """
    action = db.session.get(Action, conversation.action_id) if conversation.action_id else None
    text = report_settings.goodbye_of(action)
    if not text or conversation.closed is not None:
        return
    if approvals.is_waiting(conversation.campaign_id, by.id):
        return
    standing = optouts.standing(contact)
    if any(tag.opts_out_of and not standing[tag.opts_out_of].may_be_texted for tag in opt_outs):
        return
    outbox.confirm(
        contact,
        conversation.number_id,
        conversation.texting,
        text,
        by=by,
        now=now,
        conversation=conversation,
    )


def _last_heard(conversation: Conversation) -> int | None:
    """The text that the report answers: the proof that the contact asked."""
    query = select(Message.id).where(
        Message.conversation_id == conversation.id, Message.direction == Direction.IN
    )
    return db.session.scalar(query.order_by(Message.id.desc()).limit(1))


def _agree_to_hint(conversation: Conversation, *, by: User, now: datetime) -> None:
    """In the texter's name, before the opt-out would settle them in nobody's."""
    open_ones = (Hinted.OPEN, Hinted.DISMISSED)
    db.session.execute(
        update(Message)
        .where(Message.conversation_id == conversation.id, Message.hint.in_(open_ones))
        .values(hint=Hinted.AGREED, hint_by=by.id, hint_at=now)
    )
