"""Joining a campaign as a texter with its six-character code."""

import secrets
from datetime import datetime

from sqlalchemy import select

from webapp.db import db
from webapp.errors import NotFoundError, RefusedError
from webapp.models import Campaign, Event, Role, User
from webapp.services import team, trail

# Without 0, O, 1 and I, which people take for each other.
CHARACTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 6
NO_SUCH_CODE = "We can't find that code. Check it with your campaign."
CLOSED = "This campaign isn't taking new texters right now."


def fresh_code() -> str:
    """A random code that no campaign has, out of a thousand million."""
    while True:
        code = "".join(secrets.choice(CHARACTERS) for _ in range(LENGTH))
        if db.session.scalar(select(Campaign.id).where(Campaign.join_code == code)) is None:
            return code


def campaign_with_code(code: str) -> Campaign:
    """The campaign that a join code belongs to, typed in any letter case.

    NotFoundError for an unknown code, RefusedError while the campaign takes nobody new.
    """
    campaign = db.session.scalar(
        select(Campaign).where(
            Campaign.join_code == code.strip().upper(), Campaign.archived_at.is_(None)
        )
    )
    if campaign is None:
        raise NotFoundError(NO_SUCH_CODE)
    if not campaign.join_open:
        raise RefusedError(CLOSED)
    return campaign


def join(code: str, user: User, *, now: datetime) -> Campaign:
    """Make a person a texter of the campaign with this code.

    Refused like `campaign_with_code`. Somebody who is in already keeps their role. Where the
    campaign asks for it, an admin approves them before they text (services.approvals); somebody
    who was removed earlier has to be approved anew.
    """
    campaign = campaign_with_code(code)
    waits = campaign.asks_approval
    team.add(campaign, user, Role.TEXTER, by=user, awaits_approval=waits, now=now)
    return campaign


def new_join_code(campaign: Campaign, *, by: User, now: datetime) -> str:
    """Give the campaign another join code; the old code and its link stop working."""
    campaign.join_code = fresh_code()
    trail.record(Event.JOIN_CODE_CHANGED, campaign_id=campaign.id, by=by, now=now)
    return campaign.join_code


def open_to_texters(campaign: Campaign, is_open: bool, *, by: User, now: datetime) -> bool:
    """Let the join code work, or not; False when that was so already."""
    if campaign.join_open is is_open:
        return False
    campaign.join_open = is_open
    trail.record(
        Event.JOIN_CODE_CHANGED,
        campaign_id=campaign.id,
        by=by,
        details={"open": is_open},
        now=now,
    )
    return True
