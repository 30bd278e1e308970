"""Broadcasts for the tour: planned, sending, paused by Heed, and kept back."""

from datetime import datetime, timedelta

from sqlalchemy import update

from tests import factories
from webapp.db import db, transaction
from webapp.models import Action, ActionKind, ActionMoment, ActionTally, Campaign, NumberKind, User
from webapp.services import alarms, schedules

FIVE_MINUTES = timedelta(minutes=5)


def make(campaign: Campaign, by: User, *, now: datetime) -> dict[str, int]:
    """Their ids by what they show."""
    factories.number(campaign, kind=NumberKind.BROADCAST, phone="+12175550198")
    people = [
        factories.contact(of=campaign, phone=f"+1618555{101 + n:04}", first_name=name)
        for n, name in enumerate(("Renee", "Ramon", "Ruby"))
    ]
    unasked = factories.contact(of=campaign, phone="+16185550150", subscribed_at=None)
    made = {
        name: factories.action(
            *people,
            unasked,
            of=campaign,
            kind=ActionKind.BROADCAST,
            name=title,
            launched=launched,
            launched_by=by.id,
        )
        for name, title, launched in (
            ("rally", "Rally on Saturday", True),
            ("alarmed", "Weekend invitation", True),
            ("planned", "Polls open today", False),
            ("kept_back", "Phone bank on Monday", False),
            ("broadcast_draft", "Thank you", False),
        )
    }
    _has_come_far(made["rally"], now)
    _has_come_far(made["alarmed"], now)
    with transaction():
        _count(made["alarmed"], opt_outs=360)
    with transaction():
        alarms.ring(made["alarmed"], now=now)
        for name in ("planned", "kept_back"):
            schedules.schedule(made[name], now + timedelta(hours=30), by=by, now=now)
        schedules.start(made["kept_back"].id, now=now + timedelta(hours=40))
    return {name: action.id for name, action in made.items()}


def _has_come_far(action: Action, now: datetime) -> None:
    start = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0) - 6 * FIVE_MINUTES
    with transaction():
        _count(
            action,
            total=12_980,
            ready=4_548,
            sent=244,
            delivered=8_000,
            undelivered=100,
            failed=68,
            replies=404,
            opt_outs=109,
            skipped=6,
            opted_out=19,
            no_consent=1,
        )
        db.session.add_all(
            ActionMoment(action_id=action.id, at=start + n * FIVE_MINUTES, sent=sent, opt_outs=gone)
            for n, (sent, gone) in enumerate(
                ((900, 8), (1_600, 22), (1_640, 31), (1_580, 20), (1_624, 18), (1_000, 10))
            )
        )
        action.launched_at = start


def _count(action: Action, **values: int) -> None:
    counts = update(ActionTally).where(ActionTally.action_id == action.id)
    db.session.execute(counts.values(**values))
