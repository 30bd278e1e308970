"""What a texter's pages for first texts show: actions, who is next, what is done."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select, text

from webapp.db import db
from webapp.models import (
    Action,
    ActionState,
    ActionTally,
    Campaign,
    Contact,
    Conversation,
    Event,
    Message,
    MessageKind,
    MessageState,
    Recipient,
    RecipientState,
    TrailEntry,
    User,
)
from webapp.services import action_days, actions, batch_hours, batches, inbox, scripts
from webapp.services.batch_hours import Wait

# How many texts that did not arrive are listed above the next one.
MOST_FAILED = 3


@dataclass(frozen=True)
class Shift:
    """One action on a texter's list."""

    action: Action
    in_batch: int  # people of the open batch who are still to be texted
    left: int  # people of the action who are, by anybody
    waiting: int  # the texter's conversations in it that need attention
    shut: str  # a sentence: today is none of the action's days; "" when it is
    wait: Wait | None  # nobody may be texted for now


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
    found = actions.of_texter(campaign.id, texter.id)
    ids = [action.id for action in found]
    tallies = db.session.execute(
        select(ActionTally.action_id, ActionTally.ready).where(ActionTally.action_id.in_(ids))
    )
    left = dict(tallies.all())
    waiting = _waiting_by_action(campaign.id, texter)
    return [
        _shift(action, texter, campaign, left.get(action.id, 0), waiting.get(action.id, 0), now=now)
        for action in found
    ]


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


def _shift(
    action: Action, texter: User, campaign: Campaign, left: int, waiting: int, *, now: datetime
) -> Shift:
    in_batch = batches.open_count(action, texter)
    shut, wait = "", None
    if action.state is ActionState.LIVE and (in_batch or left):
        shut = action_days.why_closed(action, now=now)
        if not shut:
            wait = batch_hours.wait(action, texter, campaign, in_batch=in_batch, now=now)
    return Shift(action, in_batch, left, waiting, shut, wait)


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


def _waiting_by_action(campaign_id: int, texter: User) -> dict[int | None, int]:
    rows = db.session.execute(
        select(Conversation.action_id, func.count())
        .where(
            Conversation.campaign_id == campaign_id,
            Conversation.assignee_id == texter.id,
            text(inbox.CONDITIONS[inbox.View.NEEDS]),
        )
        .group_by(Conversation.action_id)
    )
    return dict(rows.all())


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
