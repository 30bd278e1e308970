"""What tells that something has happened to a contact since somebody looked."""

from sqlalchemy import case, func, select

from webapp.db import db
from webapp.models import Contact, Message, MessageState, TrailEntry

# Those that the timeline says something of.
UNSENT = (
    MessageState.CANCELLED,
    MessageState.SUPPRESSED,
    MessageState.FAILED,
    MessageState.UNDELIVERED,
    MessageState.UNKNOWN,
)


def mark(contact: Contact) -> str:
    """Changes with every entry of the trail, every text and every one that did not arrive.

    One statement along the indexes of one contact.
    """
    entries = select(func.max(TrailEntry.id)).where(TrailEntry.contact_id == contact.id)
    texts = select(
        func.max(Message.id), func.sum(case((Message.state.in_(UNSENT), 1), else_=0))
    ).where(Message.contact_id == contact.id)
    newest, unsent = texts.subquery().c
    found = db.session.execute(select(entries.scalar_subquery(), newest, unsent)).one()
    return ".".join(str(one or 0) for one in found)
