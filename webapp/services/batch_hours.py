"""When the first texts of an action may go: texting hours and the re-contact lock (decision 14)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.db import db
from webapp.models import Action, Campaign, Contact, Recipient, User
from webapp.services import batches, recontact
from webapp.texting import hours


@dataclass(frozen=True)
class Turn:
    """Whose turn it is in a texter's open batch."""

    contact_id: int
    assigned_at: datetime | None
    opens_at: datetime | None  # None: the text may go now
    is_locked: bool  # it waits for the re-contact lock alone, not for texting hours


@dataclass(frozen=True)
class Wait:
    """Nobody may be texted before `opens_at`; by the clock of `contact`, or else the campaign's."""

    opens_at: datetime
    contact: Contact | None
    is_locked: bool = False  # by the re-contact lock, while texting hours are open


def first_turn(action: Action, texter: User, campaign: Campaign, *, now: datetime) -> Turn | None:
    """Whose turn it is; None when the batch is done or there is none.

    Skipped people come last. Somebody in whose time zone texting is closed, or whom another
    action has just texted (decision 15), waits while others of the batch can be texted; when
    nobody can be, `opens_at` says when that ends and `is_locked` which of both it is.
    """
    rows = db.session.execute(
        select(Recipient.contact_id, Recipient.assigned_at, Contact.zones)
        .join(Contact, Contact.id == Recipient.contact_id)
        .where(*batches.mine(action, texter))
        .order_by(Recipient.skips, Recipient.contact_id)
    ).all()
    if not rows:
        return None
    locked = recontact.free_at(
        [row.contact_id for row in rows], action.id, campaign.recontact_lock_hours, now=now
    )
    starts = {row.contact_id: (locked.get(row.contact_id, now), row.zones) for row in rows}
    openings = {start: _opening(campaign, start[1], start[0]) for start in set(starts.values())}
    # The first of those who come first.
    chosen = min(rows, key=lambda row: openings[starts[row.contact_id]])
    start, zones = starts[chosen.contact_id]
    opening = openings[start, zones]
    return Turn(
        chosen.contact_id,
        chosen.assigned_at,
        opens_at=None if opening == now else opening,
        is_locked=now < start == opening and _opening(campaign, zones, now) == now,
    )


def wait(
    action: Action, texter: User, campaign: Campaign, *, in_batch: int, now: datetime
) -> Wait | None:
    """How long a texter has to wait with first texts; None when they may send some now.

    With a batch it is the people of the batch who count. Without one only the campaign's own
    hours are known: outside them nobody at all may be texted.
    """
    if in_batch:
        turn = first_turn(action, texter, campaign, now=now)
        if turn is None or turn.opens_at is None:
            return None
        contact = db.session.get_one(Contact, turn.contact_id)
        return Wait(turn.opens_at, contact, turn.is_locked)
    opening = _opening(campaign, campaign.time_zone, now)
    return None if opening == now else Wait(opening, None)


def _opening(campaign: Campaign, zones: str, now: datetime) -> datetime:
    opens = hours.opens_at(now, campaign.hours, campaign.time_zone, zones)
    return opens or now + timedelta(days=8)
