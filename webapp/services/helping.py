"""HELP and INFO: the campaign's help text, once a day, by whom the number says (decision 7)."""

from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.db import db
from webapp.models import Answerer, Campaign, Conversation, Message, MessageKind
from webapp.services import outbox

ONCE_IN = timedelta(hours=24)


def answer(conversation_id: int, by: Answerer, *, now: datetime) -> bool:
    """Queue the help text, if Heed answers HELP for this number; False when nothing is queued.

    Once in 24 hours for each contact and number. It is for people who have not opted out: the
    caller has asked, and it is asked again when the text is sent. No tag changes.
    """
    if by is not Answerer.HEED:
        return False
    conversation = db.session.get_one(Conversation, conversation_id)
    text = db.session.get_one(Campaign, conversation.campaign_id).help_text.strip()
    if not text or _answered_lately(conversation, now=now):
        return False
    outbox.queue(conversation, text, MessageKind.HELP, by=None, now=now)
    return True


def _answered_lately(conversation: Conversation, *, now: datetime) -> bool:
    earlier = select(Message.id).where(
        Message.contact_id == conversation.contact_id,
        Message.number_id == conversation.number_id,
        Message.kind == MessageKind.HELP,
        Message.created_at > now - ONCE_IN,
    )
    return db.session.scalar(earlier.limit(1)) is not None
