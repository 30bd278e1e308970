"""Where an account came from: nobody has checked the address of one that was made with a code.

Heed sends no email, so that somebody with a join code can sign up with the address of another
person. What it can do is say so, before an admin gives that account more than it has.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp.db import db
from webapp.models import Event, Membership, TrailEntry, User


@dataclass(frozen=True, slots=True)
class Origin:
    """Since when an account exists, and whether it was made by a person themselves."""

    since: datetime
    by_themselves: bool  # with a join code; else an admin or the host made it and gave a link


def of(user: User) -> Origin:
    """Where an account came from; the first time it joined a campaign tells."""
    homes = select(Membership.campaign_id).where(Membership.user_id == user.id)
    first = db.session.scalars(
        select(TrailEntry)
        .where(
            TrailEntry.campaign_id.in_(homes),
            TrailEntry.event == Event.JOINED,
            TrailEntry.about == User.__tablename__,
            TrailEntry.about_id == user.id,
        )
        .order_by(TrailEntry.id)
        .limit(1)
    ).first()
    return Origin(user.created_at, first is not None and first.by_user_id == user.id)
