"""What a texter's pages for first texts show: actions, who is next, what is done."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import case, func, select

from webapp.db import db
from webapp.models import (
    Action,
    ActionState,
    ActionTally,
    Campaign,
    Contact,
    Event,
    Message,
    MessageKind,
    MessageState,
    Recipient,
    RecipientState,
    TrailEntry,
    User,
)
from webapp.services import action_days, batch_hours, inbox, scripts, shift_counts
from webapp.services.shift_counts import Shift

# How many texts that did not arrive are listed above the next one.
MOST_FAILED = 3


@dataclass(frozen=True)
class Next:
    """The person a texter texts next, and the exact text."""

    contact: Contact
    body: str
    opens_at: datetime | None  # None: the text may go now
    is_locked: bool  # it waits for the re-contact lock alone, not for texting hours
    sent: int  # of this batch
    batch: int  # size of this batch


@dataclass(frozen=True)
class Summary:
    """A batch that is done, or none at all yet."""

    sent: int  # of the last batch; 0 when there was none
    waiting: int  # conversations of the texter that need attention, capped
    is_more: bool  # somebody is left whom nobody has in a batch


def of_texter(campaign: Campaign, texter: User, *, now: datetime) -> list[Shift]:
    """The actions that a texter may text for now, with their counts, newest launch first."""
    return with_waits(shift_counts.of_texter(campaign.id, texter), campaign, texter, now=now)


def with_waits(
    found: Iterable[Shift], campaign: Campaign, texter: User, *, now: datetime
) -> list[Shift]:
    """The same shifts, each with why nobody of it may be texted for now."""
    return [_with_wait(one, campaign, texter, now=now) for one in found]


def up_next(action: Action, texter: User, *, now: datetime) -> Next | None:
    """The next person of the open batch; None when the batch is done.

    Skipped people come last, and those who may not be texted yet after those who may; when
    nobody may be, `opens_at` says when that ends and `is_locked` why.
    """
    campaign = db.session.get_one(Campaign, action.campaign_id)
    turn = batch_hours.first_turn(action, texter, campaign, now=now)
    if turn is None:
        return None
    contact = db.session.get_one(Contact, turn.contact_id)
    script = scripts.for_contact(action, contact)
    sent, size = _progress(action, texter, turn.assigned_at)
    return Next(
        contact=contact,
        body=scripts.render(script.body, contact, texter, campaign),
        opens_at=turn.opens_at,
        is_locked=turn.is_locked,
        sent=sent,
        batch=size,
    )


def summary(action: Action, texter: User) -> Summary:
    """How the texter's last batch went, and whether there is another one to take."""
    sent, _size = _progress(action, texter, _last_batch(action, texter))
    waiting = inbox.counts(action.campaign_id, texter)[inbox.View.NEEDS]
    return Summary(sent, waiting, _is_more(action))


def failed(action: Action, texter: User) -> list[tuple[Message, Contact]]:
    """First texts of the texter's last batch that did not arrive, newest first."""
    query = (
        select(Message, Contact)
        .join(Contact, Contact.id == Message.contact_id)
        .join(Recipient, Recipient.contact_id == Message.contact_id)
        .where(
            Recipient.action_id == action.id,
            Recipient.assignee_id == texter.id,
            Recipient.assigned_at == _last_batch(action, texter),
            Message.action_id == action.id,
            Message.kind == MessageKind.FIRST,
            Message.state.in_((MessageState.FAILED, MessageState.UNDELIVERED)),
        )
        .order_by(Message.id.desc())
        .limit(MOST_FAILED)
    )
    return list(db.session.execute(query))


def sample(action: Action, texter: User) -> str:
    """How a first text of this action reads, for somebody of its audience."""
    campaign = db.session.get_one(Campaign, action.campaign_id)
    first = db.session.scalars(
        select(Contact)
        .join(Recipient, Recipient.contact_id == Contact.id)
        .where(Recipient.action_id == action.id)
        .order_by(Recipient.contact_id)
        .limit(1)
    ).first()
    texts = scripts.of(action)
    if first is None or not texts:
        return texts[0].body if texts else ""
    return scripts.render(scripts.for_contact(action, first).body, first, texter, campaign)


def paused_by(action: Action) -> User | None:
    """Who paused an action that is paused now; None when that was done on the host."""
    if action.state is not ActionState.PAUSED:
        return None
    query = (
        select(User)
        .join(TrailEntry, TrailEntry.by_user_id == User.id)
        .where(
            TrailEntry.campaign_id == action.campaign_id,
            TrailEntry.event == Event.PAUSED,
            TrailEntry.about == action.__tablename__,
            TrailEntry.about_id == action.id,
        )
        .order_by(TrailEntry.id.desc())
        .limit(1)
    )
    return db.session.scalars(query).first()


def _with_wait(shift: Shift, campaign: Campaign, texter: User, *, now: datetime) -> Shift:
    action, in_batch = shift.action, shift.in_batch
    if action.state is not ActionState.LIVE or not (in_batch or shift.left):
        return shift
    if shut := action_days.why_closed(action, now=now):
        return replace(shift, shut=shut)
    wait = batch_hours.wait(action, texter, campaign, in_batch=in_batch, now=now)
    return replace(shift, wait=wait)


def _is_more(action: Action) -> bool:
    ready = select(ActionTally.ready).where(ActionTally.action_id == action.id)
    if not db.session.scalar(ready):
        return False
    free = (
        select(Recipient.contact_id)
        .where(
            Recipient.action_id == action.id,
            Recipient.state == RecipientState.READY,
            Recipient.assignee_id.is_(None),
        )
        .limit(1)
    )
    # Those after the cursor were never handed out: mostly the first look finds one.
    ahead = free.where(Recipient.contact_id > action.batch_cursor)
    return any(db.session.scalar(query) is not None for query in (ahead, free))


def _last_batch(action: Action, texter: User) -> datetime | None:
    return db.session.scalar(
        select(func.max(Recipient.assigned_at)).where(
            Recipient.action_id == action.id, Recipient.assignee_id == texter.id
        )
    )


def _progress(action: Action, texter: User, assigned_at: datetime | None) -> tuple[int, int]:
    """How many of the batch that was assigned then are texted, and how many it has."""
    if assigned_at is None:
        return 0, 0
    done, size = db.session.execute(
        select(
            func.sum(case((Recipient.state == RecipientState.TEXTED, 1), else_=0)),
            func.sum(case((Recipient.state != RecipientState.SUPPRESSED, 1), else_=0)),
        ).where(
            Recipient.action_id == action.id,
            Recipient.assignee_id == texter.id,
            Recipient.assigned_at == assigned_at,
        )
    ).one()
    return int(done or 0), int(size or 0)
