"""Who belongs to which campaign, and with which role."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from webapp.db import db
from webapp.errors import InvalidError, NotFoundError
from webapp.models import Campaign, Conversation, Membership, Role, User

LARGEST = 2**31 - 1  # No database holds a larger id of a person.
RANK = {Role.TEXTER: 0, Role.ADMIN: 1, Role.OWNER: 2}


@dataclass(frozen=True)
class Person:
    """One line of the team page."""

    user: User
    membership: Membership
    waiting: int  # conversations that need this person's attention


def people(campaign: Campaign) -> Sequence[Person]:
    """Everybody in the campaign: the owner, then admins, then texters, by name."""
    waiting = _waiting(campaign)
    rows = db.session.execute(
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.campaign_id == campaign.id, Membership.removed_at.is_(None))
        .order_by(func.lower(User.name), User.id)
    )
    found = [Person(user, place, waiting.get(user.id, 0)) for user, place in rows]
    return sorted(found, key=lambda person: -RANK[person.membership.role])


def texters(campaign_id: int) -> Sequence[User]:
    """The texters of a campaign who may text, not those who run it, by name."""
    query = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.campaign_id == campaign_id,
            Membership.removed_at.is_(None),
            Membership.role == Role.TEXTER,
            ~Membership.awaits_approval,
        )
    )
    return db.session.scalars(query.order_by(func.lower(User.name), User.id)).all()


def campaigns_of(user: User) -> Sequence[tuple[Campaign, Membership]]:
    """The campaigns that a person belongs to, by name."""
    rows = db.session.execute(
        select(Campaign, Membership)
        .join(Membership, Membership.campaign_id == Campaign.id)
        .where(
            Membership.user_id == user.id,
            Membership.removed_at.is_(None),
            Campaign.archived_at.is_(None),
        )
        .order_by(Campaign.name, Campaign.id)
    )
    return [(campaign, place) for campaign, place in rows]


def role_in(campaign: Campaign, user: User) -> Role | None:
    """A person's role in a campaign; None when they are not in it."""
    place = db.session.get(Membership, (campaign.id, user.id))
    return place.role if place is not None and place.removed_at is None else None


def places_of(user_id: int) -> Sequence[Membership]:
    """A person's memberships that have not ended."""
    query = select(Membership).where(Membership.user_id == user_id, Membership.removed_at.is_(None))
    return db.session.scalars(query).all()


def find(campaign: Campaign, user_id: int) -> Person:
    """A person of this campaign; NotFoundError for anybody else."""
    row = db.session.execute(
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.campaign_id == campaign.id,
            Membership.user_id == user_id,
            Membership.removed_at.is_(None),
        )
    ).first()
    if row is None:
        raise NotFoundError("This person isn't in the campaign.")
    return Person(row[0], row[1], 0)


def receiver(campaign: Campaign, user_id: int | None) -> User | None:
    """Whom somebody chose to give conversations to; None for nobody (0 or nothing chosen).

    InvalidError (field "to") for anybody who is not on the team, or not any more.
    """
    if not user_id:
        return None
    try:
        if not 0 < user_id <= LARGEST:
            raise NotFoundError("There is nobody with such a number.")
        return find(campaign, user_id).user
    except NotFoundError:
        raise InvalidError("Choose one of the team.", field="to") from None


def _waiting(campaign: Campaign) -> dict[int, int]:
    """How many conversations need the attention of each person."""
    rows = db.session.execute(
        select(Conversation.assignee_id, func.count())
        .where(
            Conversation.campaign_id == campaign.id,
            Conversation.assignee_id.is_not(None),
            Conversation.needs_attention,
            ~Conversation.is_hidden,
            ~Conversation.is_archived,
        )
        .group_by(Conversation.assignee_id)
    )
    return {user_id: count for user_id, count in rows if user_id is not None}
