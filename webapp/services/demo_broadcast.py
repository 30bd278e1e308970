"""The practice campaign's broadcast: launched a few minutes ago, and still on its way."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.carriers.base import Accepted
from webapp.db import db
from webapp.models import (
    Action,
    ActionKind,
    Answerer,
    Campaign,
    ContactList,
    NumberKind,
    OptOutSource,
    Role,
    Texting,
)
from webapp.services import (
    actions,
    audience,
    claims,
    contacts_by_phone,
    delivery,
    demo_crowd,
    demo_filling,
    demo_phone,
    demo_subscribers,
    launches,
    numbers,
    opt_in_words,
    optouts,
    scripts,
    settlement,
)
from webapp.services.import_running import UnitOfWork

# How long ago it was launched, so that speed and charts have something to show.
AGO = timedelta(minutes=2)
SAID_NO_BEFORE = 4  # people on the list whom Safeguard leaves out


def add(campaign: Campaign, *, people: int, now: datetime, unit: UnitOfWork) -> None:
    """Bring in the subscribers and launch a broadcast to them; a second time nothing is made again.

    It goes on where it is until everybody was texted: a worker sends, at the pace of its number.
    """
    number = campaign.id
    launched = now - AGO
    demo_filling.import_list(
        campaign,
        demo_subscribers.LIST,
        demo_subscribers.rows(people),
        demo_filling.began(now),
        unit,
        subscribed=demo_subscribers.SUBSCRIBED,
    )
    with unit():
        campaign = db.session.get_one(Campaign, number, with_for_update=True)
        if _is_there(campaign):
            return
        _launch(campaign, now=launched)
    with unit():  # Counts are kept at the end of a transaction, and sending looks at them.
        _send_until(now, began=launched)


def _is_there(campaign: Campaign) -> bool:
    query = select(Action.id).where(
        Action.campaign_id == campaign.id, Action.kind == ActionKind.BROADCAST
    )
    return db.session.scalar(query.limit(1)) is not None


def _launch(campaign: Campaign, *, now: datetime) -> None:
    owner = demo_filling.owner_of(campaign)
    for row in demo_subscribers.rows(SAID_NO_BEFORE):
        contact = contacts_by_phone.find(campaign.id, row[2])
        assert contact is not None
        optouts.record(
            contact,
            Texting.BROADCAST,
            source=OptOutSource.ADMIN,
            note="Asked at the street fair",
            by=owner,
            now=now - AGO,
        )
    number, _new = numbers.add(
        campaign,
        demo_subscribers.NUMBER,
        NumberKind.BROADCAST,
        confirmation_by=Answerer.HEED,
        help_by=Answerer.HEED,
        rate=demo_subscribers.RATE,
        by=owner,
        now=now,
    )
    number.next_free_at = now
    opt_in_words.set_text(campaign, demo_subscribers.WELCOME, by=owner, now=now)
    name = demo_subscribers.ACTION
    action = actions.draft(campaign, ActionKind.BROADCAST, name, by=owner, now=now)
    # Those who answer are in another inbox than that of the texter who signs in to practice.
    texters = demo_filling.people(campaign, Role.TEXTER)[1:] or None
    actions.set_details(action, name=name, number=number, texters=texters)
    query = select(ContactList).where(
        ContactList.campaign_id == campaign.id, ContactList.name == demo_subscribers.LIST
    )
    audience.choose(action, list(db.session.scalars(query)))
    scripts.set_scripts(action, [demo_subscribers.TEXT])
    launches.launch(action, by=owner, now=now)
    while launches.sort_chunk(action, now=now):
        pass


def _send_until(now: datetime, *, began: datetime) -> None:
    """What a worker and the people at the other end did since the launch, at its own time."""
    moment = began
    while moment < now:
        claimed = claims.claim(owner="demo", rate=demo_subscribers.RATE, now=moment)
        if not claimed:
            break  # Everybody was texted.
        for text in claimed:
            outgoing = delivery.take(text.message_id, owner="demo", status_url=None, now=text.at)
            if outgoing is not None:
                accepted = Accepted(f"sim-{secrets.token_hex(16)}")
                settlement.settle(
                    text.message_id,
                    accepted,
                    owner="demo",
                    provider=demo_phone.PROVIDER,
                    now=text.at,
                )
        moment += timedelta(seconds=1 / demo_subscribers.RATE)
        if round((moment - began).total_seconds()) % 10 == 0:
            demo_crowd.live_on(now=min(moment, now))
