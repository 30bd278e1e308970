"""What several commands share: finding things by name, and answering in JSON or in words."""

from typing import Any

import click
from sqlalchemy import select

from webapp.cli.written import in_json
from webapp.db import db
from webapp.errors import NotFoundError
from webapp.models import Action, Campaign, Membership, User

LARGEST_ID = 2**31 - 1  # No database holds a larger one in this column.


def find_campaign(slug: str) -> Campaign:
    """The campaign with this slug; NotFoundError otherwise."""
    campaign = db.session.scalar(select(Campaign).where(Campaign.slug == slug))
    if campaign is None:
        raise NotFoundError(f"There is no campaign “{slug}”.")
    return campaign


def find_action(campaign: Campaign, action_id: int) -> Action:
    """The action with this id in the campaign; NotFoundError otherwise."""
    action = db.session.get(Action, action_id) if 0 < action_id <= LARGEST_ID else None
    if action is None or action.campaign_id != campaign.id:
        raise NotFoundError(f"Campaign “{campaign.slug}” has no action {action_id}.")
    return action


def find_member(campaign: Campaign, email: str) -> tuple[User, Membership]:
    """The person with this email who belongs to the campaign now; NotFoundError otherwise."""
    row = db.session.execute(
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(
            User.email == email.strip().lower(),
            Membership.campaign_id == campaign.id,
            Membership.removed_at.is_(None),
        )
    ).first()
    if row is None:
        raise NotFoundError(f"{email} does not belong to campaign “{campaign.slug}”.")
    return row[0], row[1]


def answer(facts: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    """One JSON object and nothing else, or one sentence."""
    click.echo(in_json(facts) if as_json else sentence)


json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
