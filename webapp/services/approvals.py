"""An admin approves texters who joined by the code before they text, if the campaign asks for it.

Whoever waits may sign in, do the training and look around. They get no contacts, send no first
text and no reply, and no conversation is given to them. Reports are not asked for: only who has a
conversation can send one, and an opt-out is never refused.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from webapp.db import changed_rows, db
from webapp.errors import RefusedError
from webapp.models import Campaign, Event, Membership, User
from webapp.services import members, trail

NOT_YET = "An admin has to approve you before you can text. Nothing was sent."


def is_waiting(campaign_id: int, user_id: int) -> bool:
    """Whether this person joined and nobody has approved them yet."""
    query = select(Membership.user_id).where(
        Membership.campaign_id == campaign_id, Membership.user_id == user_id, *_WAITS
    )
    return db.session.scalar(query) is not None


def check(campaign_id: int, user_id: int) -> None:
    """Raise RefusedError for somebody who may not text yet."""
    if is_waiting(campaign_id, user_id):
        raise RefusedError(NOT_YET)


def waiting(campaign: Campaign) -> Sequence[tuple[User, Membership]]:
    """Those who wait, the longest first."""
    rows = db.session.execute(
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.campaign_id == campaign.id, *_WAITS)
        .order_by(Membership.created_at, User.id)
    )
    return [(user, place) for user, place in rows]


def count(campaign_id: int) -> int:
    """How many people wait."""
    query = select(func.count()).where(Membership.campaign_id == campaign_id, *_WAITS)
    return db.session.scalar(query) or 0


def approve(campaign: Campaign, user_id: int, *, by: User, now: datetime) -> bool:
    """Let somebody text who waits for it; False when they may already, also when another admin
    was quicker.

    NotFoundError for somebody who is not in the campaign, or was removed a moment ago.
    """
    approved = changed_rows(
        update(Membership)
        .where(Membership.campaign_id == campaign.id, Membership.user_id == user_id, *_WAITS)
        .values(awaits_approval=False)
    )
    person = members.find(campaign, user_id)
    if not approved:
        return False
    trail.record(Event.APPROVED, campaign_id=campaign.id, by=by, about=person.user, now=now)
    return True


def ask(campaign: Campaign, asks: bool, *, by: User, now: datetime) -> bool:
    """Ask for approval of whoever joins from now on, or no longer; False when that was so.

    Those who are in may go on, and those who wait go on waiting: nobody is approved by a switch.
    """
    if campaign.asks_approval is asks:
        return False
    campaign.asks_approval = asks
    trail.record(
        Event.APPROVAL_ASKED, campaign_id=campaign.id, by=by, details={"asks": asks}, now=now
    )
    return True


_WAITS = (Membership.awaits_approval, Membership.removed_at.is_(None))
