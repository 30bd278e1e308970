"""First texts of a peer-to-peer action: batches on demand, one human act per text."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Update, func, select, update

from webapp.db import changed_rows, db
from webapp.errors import ConflictError, ForbiddenError, RefusedError
from webapp.models import (
    Action,
    ActionState,
    Campaign,
    Contact,
    Message,
    MessageKind,
    Reason,
    Recipient,
    RecipientState,
    User,
)
from webapp.services import (
    action_days,
    actions,
    approvals,
    conversations,
    numbers,
    optouts,
    outbox,
    recontact,
    scripts,
    tally,
    turns,
)
from webapp.texting import hours
from webapp.texting import scripts as wording

# A batch that was not finished goes back to the pool after a day (decision 22).
KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Outcome:
    """What a press on Send did: a queued text, or a sentence why this person was skipped."""

    contact: Contact
    message: Message | None
    skipped: str = ""


def take_batch(action: Action, texter: User, *, now: datetime) -> int:
    """Assign the next ready people to a texter; returns how many they have open now.

    One open batch per texter and action: with one open already nothing is assigned, so a
    second click does no harm. Two texters at once get different people. 0: all are texted.
    Refused while the action is not live, before its first day and after its last.
    """
    check_texter(action, texter)
    # On PostgreSQL two clicks of the same texter, or two texters, wait for each other here.
    db.session.execute(select(Action.id).where(Action.id == action.id).with_for_update())
    db.session.refresh(action)
    _check_open(action, now=now)
    left = open_count(action, texter)
    if left:
        return left
    return _assign(action, texter, now=now)


def _assign(action: Action, texter: User, *, now: datetime) -> int:
    assigned = 0
    for start in dict.fromkeys((action.batch_cursor, 0)):
        ids = db.session.scalars(
            select(Recipient.contact_id)
            .where(
                Recipient.action_id == action.id,
                Recipient.contact_id > start,
                Recipient.state == RecipientState.READY,
                Recipient.assignee_id.is_(None),
            )
            .order_by(Recipient.contact_id)
            .limit(action.batch_size)
        ).all()
        if ids:
            assigned = changed_rows(
                update(Recipient)
                .where(
                    Recipient.action_id == action.id,
                    Recipient.contact_id.in_(ids),
                    Recipient.state == RecipientState.READY,
                    Recipient.assignee_id.is_(None),
                )
                .values(assignee_id=texter.id, assigned_at=now, skips=0)
                .execution_options(synchronize_session=False)
            )
            action.batch_cursor = ids[-1]
            break
    return assigned


def mine(action: Action, texter: User) -> tuple[ColumnElement[bool], ...]:
    """The conditions that pick the open batch of a texter: assigned and not yet texted."""
    return (
        Recipient.action_id == action.id,
        Recipient.assignee_id == texter.id,
        Recipient.state == RecipientState.READY,
    )


def open_count(action: Action, texter: User) -> int:
    """How many people of the texter's open batch are still to be texted."""
    query = select(func.count()).where(*mine(action, texter))
    return db.session.scalar(query) or 0


def send_first(
    action: Action, contact_id: int, texter: User, *, key: str, now: datetime
) -> Outcome:
    """Queue the first text to one person of the texter's batch: one human act, one text.

    The same `key` again, a double tap or a second device queue nothing more: the recipient is
    taken by one conditional UPDATE. Somebody who opted out meanwhile is skipped and counted
    under Safeguard. Raises RefusedError while the action is paused, on a day that
    is none of its own or outside hours (nothing is lost, the person stays next), ConflictError
    when this person is not in the texter's batch any more.
    """
    check_texter(action, texter)
    turns.take(contact_id)
    key = outbox.one_form(key, action.id, contact_id)
    earlier = outbox.with_key(action.campaign_id, key)
    if earlier is not None:
        return Outcome(db.session.get_one(Contact, earlier.contact_id), earlier)
    contact = db.session.get(Contact, contact_id)
    if contact is None or contact.campaign_id != action.campaign_id:
        raise ConflictError("This person isn't in your batch any more.")
    _check_open(action, now=now)
    campaign = db.session.get_one(Campaign, action.campaign_id)
    if not hours.may_text(now, campaign.hours, campaign.time_zone, contact.zones):
        raise RefusedError(f"Texting is closed for {contact.called} now. Your place is saved.")
    if recontact.free_at([contact.id], action.id, campaign.recontact_lock_hours, now=now):
        raise RefusedError(
            f"{contact.called} got a text from another action a short while ago. "
            "Your place is saved."
        )
    if optouts.is_opted_out(contact.id, action.campaign_id, action.texting):
        return _skip_opted_out(action, contact)
    if not _take(action, contact.id, texter):
        raise ConflictError(
            f"{contact.called} was texted already, or isn't in your batch any more."
        )
    return Outcome(contact, _queue(action, contact, texter, campaign, key=key, now=now))


def give_back(campaign_id: int, user_id: int) -> int:
    """Return the open batches of a texter who leaves to the pool; how many people that are."""
    running = select(Action.id).where(
        Action.campaign_id == campaign_id, Action.state != ActionState.FINISHED
    )
    return changed_rows(
        _returned().where(Recipient.action_id.in_(running), Recipient.assignee_id == user_id)
    )


def give_back_old(*, now: datetime) -> int:
    """Return every batch that is older than a day (decision 22)."""
    running = select(Action.id).where(Action.state.in_((ActionState.LIVE, ActionState.PAUSED)))
    return changed_rows(
        _returned().where(
            Recipient.action_id.in_(running),
            Recipient.assignee_id.is_not(None),
            Recipient.assigned_at <= now - KEPT_FOR,
        )
    )


def _returned() -> Update:
    return (
        update(Recipient)
        .where(Recipient.state == RecipientState.READY)
        .values(assignee_id=None, assigned_at=None, skips=0)
        .execution_options(synchronize_session=False)
    )


def _take(action: Action, contact_id: int, texter: User) -> bool:
    taken = changed_rows(
        update(Recipient)
        .where(Recipient.contact_id == contact_id, *mine(action, texter))
        .values(state=RecipientState.TEXTED)
        .execution_options(synchronize_session=False)
    )
    tally.add(action.id, ready=-taken, queued=taken)
    return bool(taken)


def _queue(
    action: Action,
    contact: Contact,
    texter: User,
    campaign: Campaign,
    *,
    key: str,
    now: datetime,
) -> Message:
    script = scripts.for_contact(action, contact)
    body = scripts.render(script.body, contact, texter, campaign)
    if wording.unfilled(body):
        raise RefusedError(
            f"The text for {contact.called} has an empty variable. Skip this person."
        )
    number = numbers.for_contact(action, contact.id)
    conversation = conversations.start(
        contact, action, number, action.texting, assignee_id=texter.id, now=now
    )
    return outbox.queue(
        conversation, body, MessageKind.FIRST, by=texter, now=now, key=key, script=script
    )


def _skip_opted_out(action: Action, contact: Contact) -> Outcome:
    """Count someone who opted out after the launch under Safeguard and go on."""
    skipped = changed_rows(
        update(Recipient)
        .where(
            Recipient.action_id == action.id,
            Recipient.contact_id == contact.id,
            Recipient.state == RecipientState.READY,
        )
        .values(state=RecipientState.SUPPRESSED, reason=Reason.OPTED_OUT)
        .execution_options(synchronize_session=False)
    )
    tally.add(action.id, ready=-skipped, opted_out=skipped, skipped=skipped)
    return Outcome(contact, None, f"Skipped {contact.called}. They've opted out.")


def check_texter(action: Action, texter: User) -> None:
    """Raise ForbiddenError for somebody who is not on this action, RefusedError until approved."""
    if not actions.is_texter_of(action, texter):
        raise ForbiddenError("You aren't on this action.")
    approvals.check(action.campaign_id, texter.id)


def _check_open(action: Action, *, now: datetime) -> None:
    if action.state is ActionState.PAUSED:
        raise RefusedError("This action is paused. Your place is saved.")
    if action.state is ActionState.FINISHED:
        raise RefusedError("This action is finished.")
    if action.state is not ActionState.LIVE:
        raise RefusedError("This action isn't running yet.")
    action_days.check_open(action, now=now)
