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
    conversation: Conversation, opt_outs: Sequence[Tag], *, by: User, now: datetime
) -> tuple[Tag, ...]:
    """Opt the contact out of each marked kind; gives the tags that are new on the contact.

    (Spec: "Their report will then apply the opt-out tag to the contact".)
    """
    contact = db.session.get_one(Contact, conversation.contact_id)
    _agree_to_hint(conversation, by=by, now=now)
    now_out: list[Tag] = []
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
        if added:
            now_out.append(tag)
    own = [tag for tag in now_out if tag.opts_out_of is conversation.texting]
    tally.add(conversation.action_id, opt_outs=len(own))
    return tuple(now_out)


def say_goodbye(
    conversation: Conversation, opt_outs: Sequence[Tag], *, seen: str, by: User, now: datetime
) -> bool:
    """Queue the goodbye, before the opt-out in the same transaction; False when it was changed.

    `seen` is what report_settings.goodbye_seen() said when the report was opened: words that the
    texter did not see are not sent in their name, and the opt-out counts all the same. A page
    that tells nothing ("") sends the words as they are. Nor is there a goodbye from a texter whom
    nobody has approved, in a closed conversation, or to a contact who is opted out already.
    """
    contact = db.session.get_one(Contact, conversation.contact_id)
    action = db.session.get(Action, conversation.action_id) if conversation.action_id else None
    if conversation.closed is not None or approvals.is_waiting(conversation.campaign_id, by.id):
        return True
    standing = optouts.standing(contact)
    if any(tag.opts_out_of and not standing[tag.opts_out_of].may_be_texted for tag in opt_outs):
        return True
    if seen and seen != report_settings.goodbye_seen(action):
        return False
    text = report_settings.goodbye_of(action)
    if text:
        outbox.confirm(
            contact,
            conversation.number_id,
            conversation.texting,
            text,
            by=by,
            now=now,
            conversation=conversation,
        )
    return True


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
