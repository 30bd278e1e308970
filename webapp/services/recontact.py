"""The re-contact lock: no first text soon after another action's; it defers (decision 15)."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp.db import db
from webapp.models import Message, MessageKind, MessageState

# What never reached anybody locks nothing.
NOT_SENT = (MessageState.CANCELLED, MessageState.FAILED, MessageState.SUPPRESSED)


def free_at(
    contact_ids: Collection[int], action_id: int | None, lock_hours: int, *, now: datetime
) -> dict[int, datetime]:
    """When each of these contacts may get a first text of this action, if not now.

    Only those whom another action of the campaign has sent a first text within so many hours
    (Campaign.recontact_lock_hours) are in the answer. Empty while the lock is off.
    """
    if not lock_hours or not contact_ids:
        return {}
    lock = timedelta(hours=lock_hours)
    texted_at = func.coalesce(Message.sending_at, Message.created_at, type_=Message.created_at.type)
    rows = db.session.execute(
        select(Message.contact_id, func.max(texted_at, type_=Message.created_at.type))
        .where(
            Message.contact_id.in_(contact_ids),
            Message.kind == MessageKind.FIRST,
            Message.action_id != action_id,
            Message.state.not_in(NOT_SENT),
            texted_at > now - lock,
        )
        .group_by(Message.contact_id)
    )
    return {contact_id: at + lock for contact_id, at in rows}
