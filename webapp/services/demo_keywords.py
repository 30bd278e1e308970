"""The practice campaign's way in: somebody texts JOIN, and Heed answers."""

from datetime import datetime

from sqlalchemy import select

from webapp.db import db
from webapp.models import Action, ActionKind, Campaign, User
from webapp.services import automations
from webapp.services.automations import Wanted

NAME = "Join the text list"
KEYWORD = "JOIN"
ANSWER = (
    "Hi {first_name}, you're on the text list of {organization}. Expect about two texts a month. "
    "Reply STOP to opt out."
)


def add_join(campaign: Campaign, *, by: User, now: datetime) -> None:
    """Let JOIN opt people in and be answered; a second time nothing is made again."""
    automated = Action.kind == ActionKind.AUTOMATED
    there = select(Action.id).where(Action.campaign_id == campaign.id, automated)
    if db.session.scalar(there.limit(1)) is not None:
        return
    wanted = Wanted(name=NAME, words=[KEYWORD], answer=ANSWER, opts_in=True)
    automations.turn_on(automations.make(campaign, wanted, by=by, now=now), by=by, now=now)
