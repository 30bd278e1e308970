"""Broadcasts that are launched by themselves: at a time, once, or back to draft with the reason."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from webapp.db import changed_rows, db
from webapp.errors import ConflictError, InvalidError, RefusedError
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    Actor,
    Campaign,
    Event,
    TrailEntry,
    User,
)
from webapp.services import alarm_answers, alarm_mails, launches, report_settings, trail

FURTHEST = timedelta(days=90)
# A rally's invitation is worth nothing after the rally: what Heed could not launch in time,
# because nobody ran it, is looked at by a person first.
LATEST = timedelta(hours=1)


def schedule(
    action: Action, at: datetime, *, by: User | None, now: datetime, acknowledged: bool = False
) -> Action:
    """Let a broadcast be launched by itself at a time, at most 90 days ahead.

    Raises InvalidError (field "at") for another time, and what a launch would raise: a broadcast
    that could not be launched now is not scheduled. Of one that is scheduled the time changes.
    Safeguard is asked again at that moment; nobody is sorted before.
    """
    if action.kind is not ActionKind.BROADCAST:
        raise RefusedError("Only a broadcast can be scheduled; people send the other texts.")
    launches.check(action, acknowledged=acknowledged, now=now)
    check_time(at, now)
    taken = changed_rows(
        update(Action)
        .where(Action.id == action.id, Action.state.in_(launches.BEFORE))
        .values(state=ActionState.SCHEDULED, starts_at=at, alarm="")
    )
    if not taken:
        raise ConflictError(f"“{action.name}” has already been launched.")
    details: dict[str, Any] = {"starts_at": at.isoformat()}
    if not report_settings.has_opt_out_tag(action):
        details["without_opt_out_tag"] = True
    _record(Event.SCHEDULED, action, details, by=by, actor=None if by else Actor.HOST, now=now)
    return action


def unschedule(action: Action, *, by: User | None, now: datetime) -> bool:
    """Take a scheduled broadcast back to draft, where it can be changed; False for a draft.

    ConflictError when it has begun meanwhile.
    """
    if _back_to_draft(action):
        _record(Event.UNSCHEDULED, action, {}, by=by, actor=None if by else Actor.HOST, now=now)
        return True
    db.session.refresh(action)
    if action.state is ActionState.DRAFT:
        return False
    raise ConflictError(f"“{action.name}” has already been launched.")


def due(*, now: datetime) -> list[int]:
    """The scheduled broadcasts whose time has come, the longest waiting first."""
    query = select(Action.id).where(Action.state == ActionState.SCHEDULED, Action.starts_at <= now)
    return list(db.session.scalars(query.order_by(Action.starts_at, Action.id)))


def start(action_id: int, *, now: datetime) -> bool:
    """Launch a broadcast whose time has come; False when it is not launched by this call.

    Safeguard is asked now. What keeps it from launching (nobody left, a list gone, the number
    retired, an hour late because nothing ran) puts it back to draft with an alarm that says
    why, on the pages and by mail; it is never dropped silently. Of two workers one launches.
    """
    action = db.session.get_one(Action, action_id, populate_existing=True)
    if action.state is not ActionState.SCHEDULED or action.starts_at is None:
        return False
    if action.starts_at > now:
        return False
    if now - action.starts_at > LATEST:
        return _keep_back(action, "Heed wasn't running at that time.", now=now)
    by, acknowledged = _agreed(action)
    try:
        launches.launch(action, by=by, actor=Actor.HEED, acknowledged=acknowledged, now=now)
    except InvalidError as refusal:
        return _keep_back(action, str(refusal), now=now)
    except ConflictError:
        return False  # Another worker was quicker, or somebody took it back.
    return True


def scheduler(action: Action) -> User | None:
    """Who scheduled a broadcast last; None when that was done on the host."""
    return _agreed(action)[0]


def local_time(written: str, campaign: Campaign) -> datetime:
    """A moment as a page writes it, 2026-05-05T16:00, on the campaign's clock.

    InvalidError (field "at") when it cannot be read, or when the clocks skip it in spring. Of
    an hour that comes twice in autumn the first one is meant.
    """
    zone = ZoneInfo(campaign.time_zone)
    try:
        naive = datetime.fromisoformat(written.strip())
    except ValueError:
        raise InvalidError("Choose a day and a time.", field="at") from None
    if naive.tzinfo is not None:
        return naive
    moment = naive.replace(tzinfo=zone)
    utc = ZoneInfo("UTC")
    if moment.astimezone(utc).astimezone(zone).replace(tzinfo=None) != naive:
        raise InvalidError("The clocks skip this time on that day. Choose another.", field="at")
    return moment.astimezone(utc)


def check_time(at: datetime, now: datetime) -> None:
    """InvalidError (field "at") for a time that is past or more than 90 days ahead."""
    if at <= now:
        raise InvalidError("Choose a time that is still to come.", field="at")
    if at > now + FURTHEST:
        raise InvalidError(
            f"A broadcast can be scheduled {FURTHEST.days} days ahead at most.", field="at"
        )


def _agreed(action: Action) -> tuple[User | None, bool]:
    """Who scheduled it last, and whether they launch without the opt-out tag in the report."""
    query = (
        select(User, TrailEntry.details)
        .select_from(TrailEntry)
        .outerjoin(User, User.id == TrailEntry.by_user_id)
        .where(
            TrailEntry.campaign_id == action.campaign_id,
            TrailEntry.event == Event.SCHEDULED,
            TrailEntry.about == Action.__tablename__,
            TrailEntry.about_id == action.id,
        )
        .order_by(TrailEntry.id.desc())
        .limit(1)
    )
    row = db.session.execute(query).first()
    return (row[0], bool(row[1].get("without_opt_out_tag"))) if row else (None, False)


def _keep_back(action: Action, why: str, *, now: datetime) -> bool:
    """Back to draft, with the reason beside it for the admins."""
    if _back_to_draft(action):
        action.alarm = alarm_answers.words(f"It was not sent as scheduled. {why}")
        alarm_mails.announce(action, action.alarm, now=now)
        _record(Event.UNSCHEDULED, action, {"reason": why}, by=None, actor=Actor.HEED, now=now)
    return False


def _back_to_draft(action: Action) -> bool:
    return bool(
        changed_rows(
            update(Action)
            .where(Action.id == action.id, Action.state == ActionState.SCHEDULED)
            .values(state=ActionState.DRAFT, starts_at=None)
        )
    )


def _record(
    event: Event,
    action: Action,
    details: dict[str, Any],
    *,
    by: User | None,
    actor: Actor | None,
    now: datetime,
) -> None:
    trail.record(
        event,
        campaign_id=action.campaign_id,
        by=by,
        actor=actor,
        now=now,
        about=action,
        details=details,
    )
