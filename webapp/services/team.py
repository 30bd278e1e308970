"""The people of a campaign: roles, invitations, leaving, handing over, reset links."""

from datetime import datetime

from sqlalchemy import delete, func, select, update

from webapp.db import changed_rows, db
from webapp.errors import ConflictError, ForbiddenError, InvalidError, RefusedError
from webapp.models import (
    Action,
    ActionTexter,
    Actor,
    Campaign,
    Conversation,
    Event,
    Membership,
    Role,
    User,
)
from webapp.services import accounts, batches, members, trail


def add(
    campaign: Campaign,
    user: User,
    role: Role,
    *,
    by: User | None,
    actor: Actor | None = None,
    awaits_approval: bool = False,
    now: datetime,
) -> bool:
    """Put a person into a campaign; False when they are in it (their role stays).

    Somebody who was removed earlier comes back with the new role. `awaits_approval`: they may
    not text until an admin approves them.
    """
    place = db.session.get(Membership, (campaign.id, user.id))
    if place is not None and place.removed_at is None:
        return False
    if place is None:
        place = Membership(campaign_id=campaign.id, user_id=user.id, created_at=now)
        db.session.add(place)
    place.role, place.removed_at, place.awaits_approval = role, None, awaits_approval
    db.session.flush()
    trail.record(
        Event.JOINED,
        campaign_id=campaign.id,
        by=by,
        actor=actor,
        about=user,
        details={"role": role.value},
        now=now,
    )
    return True


class ExistingAccountError(InvalidError):
    """There is an account with this address; nobody has checked whose it is."""


def invite(
    campaign: Campaign,
    email: str,
    name: str,
    role: Role,
    *,
    by: User,
    now: datetime,
    asked: bool = False,
) -> tuple[User, str | None]:
    """Put somebody into the campaign by their email; an account is made if there is none.

    Returns the person and, for a new account, the token of the link with which they choose a
    password. ConflictError when they are in the campaign already. ExistingAccountError (field
    "asked") when the account was there before, until the admin has `asked` the person: whoever
    has a join code can sign up with another person's address. Nobody is made owner here.
    """
    if role is Role.OWNER:
        raise InvalidError("Ownership is handed over, not given out.", field="role")
    user = accounts.find(accounts.checked_email(email))
    token = None
    if user is None:
        user = accounts.create(email, name, password_hash="", now=now)
        token = accounts.make_reset_link(user, by=by, now=now)
    elif not asked and members.role_in(campaign, user) is None:
        raise ExistingAccountError("Ask them first whether this account is theirs.", field="asked")
    if not add(campaign, user, role, by=by, now=now):
        raise ConflictError(f"{user.name} is in this campaign already.")
    return user, token


def change_role(campaign: Campaign, user_id: int, role: Role, *, by: User, now: datetime) -> bool:
    """Make a texter an admin or the other way round; False when that is their role already.

    Refused for the owner (ownership is handed over), for oneself, and for the role of owner.
    """
    person = members.find(campaign, user_id)
    if role is Role.OWNER or person.membership.role is Role.OWNER:
        raise RefusedError("Ownership changes only when the owner hands it over.")
    if person.user.id == by.id:
        raise RefusedError("You can't change your own role. Ask another admin.")
    return set_role(campaign, person.user, role, by=by, now=now)


def set_role(
    campaign: Campaign,
    user: User,
    role: Role,
    *,
    by: User | None,
    actor: Actor | None = None,
    now: datetime,
) -> bool:
    """Give somebody of the campaign another role, whatever it was; for the host.

    False when it is their role already; NotFoundError when they are not in the campaign.
    """
    place = members.find(campaign, user.id).membership
    if place.role is role:
        return False
    before, place.role = place.role, role
    if role.runs_campaign:
        place.awaits_approval = False  # Whoever runs the campaign might approve themselves.
    trail.record(
        Event.ROLE_CHANGED,
        campaign_id=campaign.id,
        by=by,
        actor=actor,
        about=user,
        details={"before": before.value, "after": role.value},
        now=now,
    )
    return True


def remove(campaign: Campaign, user_id: int, *, by: User, now: datetime) -> User:
    """Take a person out of the campaign, at once; their other campaigns are not touched.

    Their conversations go to the unassigned pool and their open batches back to the actions
    (decisions 21 and 22). Refused for the owner and for oneself. NotFoundError the second time.
    """
    person = members.find(campaign, user_id)
    if person.membership.role is Role.OWNER:
        raise RefusedError("The owner can't be removed. Hand over ownership first.")
    if person.user.id == by.id:
        raise RefusedError("You can't remove yourself. Ask another admin.")
    person.membership.removed_at = now
    batches.give_back(campaign.id, user_id)
    db.session.execute(
        update(Conversation)
        .where(Conversation.campaign_id == campaign.id, Conversation.assignee_id == user_id)
        .values(assignee_id=None)
    )
    theirs = select(Action.id).where(Action.campaign_id == campaign.id)
    db.session.execute(
        delete(ActionTexter).where(
            ActionTexter.user_id == user_id, ActionTexter.action_id.in_(theirs)
        )
    )
    trail.record(Event.REMOVED, campaign_id=campaign.id, by=by, about=person.user, now=now)
    return person.user


def hand_over(campaign: Campaign, user_id: int, *, by: User, now: datetime) -> User:
    """Make somebody else of the campaign its owner; the owner becomes an admin.

    ForbiddenError for anybody but the owner, also when they handed it over a moment ago.
    """
    person = members.find(campaign, user_id)
    if person.user.id == by.id:
        raise RefusedError("You own this campaign already.")
    gave_up = changed_rows(
        update(Membership)
        .where(
            Membership.campaign_id == campaign.id,
            Membership.user_id == by.id,
            Membership.role == Role.OWNER,
            Membership.removed_at.is_(None),
        )
        .values(role=Role.ADMIN)
    )
    if gave_up != 1:
        raise ForbiddenError("Only the owner can hand over this campaign.")
    person.membership.role, person.membership.awaits_approval = Role.OWNER, False
    trail.record(
        Event.OWNERSHIP_HANDED_OVER, campaign_id=campaign.id, by=by, about=person.user, now=now
    )
    return person.user


def make_reset_link(campaign: Campaign, user_id: int, *, by: User, now: datetime) -> str:
    """A link with which a person of this campaign sets a new password; returns its token.

    Only for people who belong to this campaign alone and have no higher role than `by`
    (decision 21): an admin here must not come into another campaign that way.
    """
    person, mine = members.find(campaign, user_id), members.find(campaign, by.id)
    if members.RANK[person.membership.role] > members.RANK[mine.membership.role]:
        raise ForbiddenError("You can't make a reset link for someone with a higher role.")
    elsewhere = db.session.scalar(
        select(func.count()).where(
            Membership.user_id == user_id,
            Membership.campaign_id != campaign.id,
            Membership.removed_at.is_(None),
        )
    )
    if elsewhere:
        raise RefusedError(
            f"{person.user.name} belongs to another campaign too. Whoever runs the server can "
            "set a new password with ./heed user reset."
        )
    trail.record(Event.RESET_LINK_MADE, campaign_id=campaign.id, by=by, about=person.user, now=now)
    return accounts.make_reset_link(person.user, by=by, now=now)
