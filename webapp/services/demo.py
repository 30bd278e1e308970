"""The practice campaign of `./heed demo`, built by the same services that a real one uses."""

from datetime import datetime

from webapp.models import (
    Campaign,
    Role,
    User,
)
from webapp.services import (
    accounts,
    campaigns,
    demo_broadcast,
    demo_filling,
    demo_keywords,
    demo_script,
    demo_subscribers,
    passwords,
    team,
)
from webapp.services.import_running import UnitOfWork


def build(
    *,
    owner_password: str,
    texter_password: str,
    now: datetime,
    unit: UnitOfWork,
    subscribers: int = demo_subscribers.EVERYBODY,
) -> Campaign:
    """Make “Rivera for Council”: people, a few hours of texts and replies, a running broadcast.

    Everything that happened before `now` goes through the services, at its own time, so that
    trail, counts and audit are as after a real afternoon. A second time nothing is made again;
    what an interrupted build left out is made, and the passwords given hold. `unit` is the
    edge's transaction: this takes several, because an import does. `subscribers`: how many people
    the broadcast goes to.
    """
    began = demo_filling.began(now)
    hashes = [
        accounts.new_password_hash(password) for password in (owner_password, texter_password)
    ]
    with unit():
        campaign = campaigns.find(demo_script.SLUG)
        if campaign is None:
            campaign = _ground(now=began)
        _let_in(owner_password, hashes[0], [demo_script.OWNER[0]], now=now)
        _let_in(texter_password, hashes[1], [email for email, _ in demo_script.TEXTERS], now=now)
    demo_filling.fill_up(campaign.id, began, now, unit)
    with unit():
        demo_keywords.add_join(campaign, by=_person(*demo_script.OWNER, now=began), now=began)
    demo_broadcast.add(campaign, people=subscribers, now=now, unit=unit)
    return campaign


def _let_in(password: str, password_hash: str, emails: list[str], *, now: datetime) -> None:
    """Make a password hold for these people; one that holds already ends no session."""
    for user in filter(None, map(accounts.find, emails)):
        if not passwords.matches(user.password_hash, password):
            accounts.set_password(user, password_hash=password_hash, by=None, now=now)


def _ground(*, now: datetime) -> Campaign:
    """Campaign, people, number and tags."""
    owner = _person(*demo_script.OWNER, now=now)
    campaign = campaigns.create(
        demo_script.NAME,
        slug=demo_script.SLUG,
        time_zone="America/Chicago",
        hours="00:00-24:00",
        by=owner,
        now=now,
    )
    team.add(campaign, owner, Role.OWNER, by=owner, now=now)
    for email, name in demo_script.TEXTERS:
        team.add(campaign, _person(email, name, now=now), Role.TEXTER, by=owner, now=now)
    demo_filling.add_number(campaign, owner, now=now)
    demo_filling.add_tags(campaign, owner, leave_out=set(), now=now)
    return campaign


def _person(email: str, name: str, *, now: datetime) -> User:
    """Somebody of the practice campaign, who has been through the training."""
    person = accounts.find(email) or accounts.create(email, name, password_hash="", now=now)
    accounts.complete_training(person, now=now)
    return person
