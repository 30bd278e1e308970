"""Putting somebody of a batch aside: skipped for now, or because something looks wrong."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select, update

from webapp.db import changed_rows
from webapp.models import Action, Event, Recipient, User
from webapp.services import batches, trail


class Wrong(StrEnum):
    """What a texter may say is wrong with a first text."""

    NAME = "name"
    TEXT = "text"
    OTHER = "other"


def skip(action: Action, contact_id: int, texter: User) -> bool:
    """Put a person at the end of the batch; False when they are not in it any more."""
    batches.check_texter(action, texter)
    last = select(func.max(Recipient.skips)).where(*batches.mine(action, texter)).scalar_subquery()
    return bool(
        changed_rows(
            update(Recipient)
            .where(Recipient.contact_id == contact_id, *batches.mine(action, texter))
            .values(skips=last + 1)
            .execution_options(synchronize_session=False)
        )
    )


def flag(action: Action, contact_id: int, texter: User, wrong: Wrong, *, now: datetime) -> bool:
    """Tell the admins that a first text looks wrong, and put the person at the end of the batch.

    The entry is on the trail, where the action's page counts it. False, and no entry, when the
    person is not in the texter's batch any more.
    """
    if not skip(action, contact_id, texter):
        return False
    trail.record(
        Event.FLAGGED,
        campaign_id=action.campaign_id,
        by=texter,
        now=now,
        contact_id=contact_id,
        about=action,
        details={"wrong": wrong.value},
    )
    return True
