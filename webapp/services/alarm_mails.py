"""Alarms by mail: one for each of those who run the campaign, written down where the alarm rings.

The row is the truth, and nothing is mailed inside the transaction that rings: a mailer takes the
rows one by one (jobs/mailer.py). A mail holds the alarm's sentence, the names of action and
campaign and a link; no phone number and no text. (Impactive: a high opt-out rate is mailed to all
admins.)
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, insert, literal, literal_column, select, update

from webapp.db import changed_rows, db
from webapp.models import (
    Action,
    ActionState,
    AlarmMail,
    Campaign,
    MailState,
    Membership,
    Role,
    User,
)

# Longer than the longest talk with a mail server. A mailer that dies in the middle leaves the
# mail to the next one: an alarm that comes twice is better than one that does not come.
LEASE = timedelta(minutes=5)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)
# Whoever looks at their mail a day later finds the alarm on Home as well.
GIVEN_UP_AFTER = timedelta(days=1)
ANSWERED = "The alarm was answered before the mail was sent."
LEFT = "The person doesn't run the campaign any more."
TOO_OLD = "The mail could not be sent within a day."


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is to be handed over now; `attempt` says whose it is."""

    mail_id: int
    attempt: int
    to: str
    campaign: str
    slug: str
    action_id: int
    action: str
    state: ActionState
    sentence: str


def announce(action: Action, sentence: str, *, now: datetime) -> None:
    """Write down a mail for the owner and each admin; the caller sees to it that it rings once."""
    same = {
        "campaign_id": action.campaign_id,
        "action_id": action.id,
        "sentence": sentence,
        "state": MailState.QUEUED,
        "attempts": 0,
        "error": "",
        "created_at": now,
        "not_before": now,
    }
    columns = AlarmMail.__table__.c
    people = select(
        Membership.user_id, *(literal(value, columns[name].type) for name, value in same.items())
    ).where(
        Membership.campaign_id == action.campaign_id,
        Membership.removed_at.is_(None),
        Membership.role.in_((Role.OWNER, Role.ADMIN)),
    )
    db.session.execute(insert(AlarmMail).from_select(["user_id", *same], people))


@dataclass(frozen=True, slots=True)
class Told:
    """A mail as admins see it: to whom, about which action, and what became of it."""

    at: datetime
    to: str
    action_id: int
    action: str
    look: str  # ok, info, warn or danger
    said: str
    why: str


def last(campaign_id: int, *, has_server: bool, limit: int = 10) -> list[Told]:
    """The last mails about alarms of a campaign, newest first; without a server none leaves."""
    rows = db.session.execute(
        select(AlarmMail, User.name, Action.name)
        .join(User, User.id == AlarmMail.user_id)
        .join(Action, Action.id == AlarmMail.action_id)
        .where(AlarmMail.campaign_id == campaign_id)
        .order_by(AlarmMail.id.desc())
        .limit(limit)
    )
    return [
        Told(mail.created_at, name, mail.action_id, action, *_what_became(mail, has_server))
        for mail, name, action in rows
    ]


def _what_became(mail: AlarmMail, has_server: bool) -> tuple[str, str, str]:
    if mail.state is MailState.SENT:
        return "ok", "Sent", "The mail server has taken it."
    if mail.state is MailState.FAILED:
        return "danger", "Not sent", mail.error
    if mail.state is MailState.CANCELLED:
        return "info", "Not needed any more", mail.error
    if not has_server:
        return "warn", "Not sent", "No mail server is set."
    if mail.error:
        tries = "1 try" if mail.attempts == 1 else f"{mail.attempts} tries"
        return "warn", f"Waits after {tries}", mail.error
    return "info", "Waits to be sent", ""


def is_waiting(*, now: datetime) -> bool:
    """Whether any mail is to be sent, asked without locking anything."""
    return db.session.scalar(_due(now).with_only_columns(AlarmMail.id)) is not None


def claim(*, now: datetime) -> Letter | None:
    """Lease the mail that waits longest; None when there is none.

    Those that nobody needs any more are cancelled here: the alarm was answered, or the person
    has left. So are those that could not be sent within a day, as failed.
    """
    while True:
        query = _due(now).with_for_update(skip_locked=True)
        mail = db.session.scalars(query.execution_options(populate_existing=True)).first()
        if mail is None:
            return None
        letter = _read(mail, now=now)
        if letter is not None:
            return letter
        db.session.flush()


def sent(letter: Letter, *, now: datetime) -> bool:
    """The mail server has taken it; False when it was somebody else's meanwhile."""
    return _settle(letter, state=MailState.SENT, settled_at=now, error="")


def refused(letter: Letter, why: str, *, for_good: bool, now: datetime) -> bool:
    """The mail was not taken: it is tried again, waiting longer each time, for a day at most."""
    if for_good:
        return _settle(letter, state=MailState.FAILED, settled_at=now, error=why[:200])
    wait = min(FIRST_WAIT * 2 ** min(letter.attempt - 1, 10), LONGEST_WAIT)
    return _settle(letter, not_before=now + wait, error=why[:200])


def _due(now: datetime) -> Select[AlarmMail]:
    return (
        select(AlarmMail)
        .where(AlarmMail.state == literal_column("'queued'"), AlarmMail.not_before <= now)
        .order_by(AlarmMail.not_before, AlarmMail.id)
        .limit(1)
    )


def _read(mail: AlarmMail, *, now: datetime) -> Letter | None:
    """The mail as it is sent now, leased; None: it is settled without being sent."""
    action = db.session.get_one(Action, mail.action_id, populate_existing=True)
    campaign = db.session.get_one(Campaign, mail.campaign_id)
    place = db.session.get(Membership, (mail.campaign_id, mail.user_id), populate_existing=True)
    if action.alarm != mail.sentence:
        mail.state, mail.error, mail.settled_at = MailState.CANCELLED, ANSWERED, now
    elif place is None or place.removed_at is not None or not place.role.runs_campaign:
        mail.state, mail.error, mail.settled_at = MailState.CANCELLED, LEFT, now
    elif mail.created_at <= now - GIVEN_UP_AFTER:
        mail.state, mail.error, mail.settled_at = MailState.FAILED, mail.error or TOO_OLD, now
    else:
        mail.attempts, mail.not_before = mail.attempts + 1, now + LEASE
        to = db.session.get_one(User, mail.user_id, populate_existing=True).email
        names = campaign.name, campaign.slug, action.id, action.name, action.state
        return Letter(mail.id, mail.attempts, to, *names, mail.sentence)
    return None


def _settle(letter: Letter, **values: object) -> bool:
    """Write down how it ended, unless the lease has lapsed and another mailer has it now."""
    return bool(
        changed_rows(
            update(AlarmMail)
            .where(
                AlarmMail.id == letter.mail_id,
                AlarmMail.state == MailState.QUEUED,
                AlarmMail.attempts == letter.attempt,
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )
    )
