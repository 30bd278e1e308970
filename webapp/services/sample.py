"""Sample data for a campaign that has just been made, to practise on."""

from datetime import datetime

from sqlalchemy import select

from webapp.db import db
from webapp.errors import ConflictError
from webapp.models import Campaign, Contact, ContactList
from webapp.services import campaigns, demo_filling, demo_script, numbers, tags
from webapp.services.import_running import UnitOfWork


def fill(campaign_id: int, *, now: datetime, unit: UnitOfWork) -> None:
    """Give an empty campaign the sample people, tags and actions, and the owner as texter.

    The texting hours become any time, because people practise when they have the time
    (decision 14). A second time nothing is made again; what an interrupted one left out is
    made. ConflictError when the campaign has contacts or actions of its own, among which
    invented people would be lost.
    """
    with unit():
        campaign = db.session.get_one(Campaign, campaign_id)
        if not _is_filled(campaign):
            _prepare(campaign, now=now)
    demo_filling.fill_up(campaign_id, demo_filling.began(now), now, unit)


def _prepare(campaign: Campaign, *, now: datetime) -> None:
    """Hours, a number and the tags; refused where something is that is no sample."""
    if demo_filling.has_actions(campaign) or _has_contacts(campaign):
        raise ConflictError(
            "This campaign has contacts or actions of its own. Sample data is for an empty one."
        )
    owner = demo_filling.owner_of(campaign)
    campaigns.change(campaign, hours="00:00-24:00", by=owner, now=now)
    if not numbers.all_of(campaign):
        demo_filling.add_number(campaign, owner, now=now)
    there = {tag.name for tag in tags.all_of(campaign.id)}
    demo_filling.add_tags(campaign, owner, leave_out=there, now=now)


def _is_filled(campaign: Campaign) -> bool:
    """Whether the sample people are there, or on their way in."""
    query = select(ContactList.id).where(
        ContactList.campaign_id == campaign.id, ContactList.name == demo_script.LIST
    )
    return db.session.scalar(query.limit(1)) is not None


def _has_contacts(campaign: Campaign) -> bool:
    some = select(Contact.id).where(Contact.campaign_id == campaign.id).limit(1)
    return db.session.scalar(some) is not None
