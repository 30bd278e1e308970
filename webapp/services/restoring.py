"""A database that was restored is older than what has happened since: nothing may leave twice.

What was not final when the backup was made may have left afterwards. So nothing of it leaves by
itself again: texts on their way become `unknown`, running actions pause, planned broadcasts go
back to draft, and a person looks at each (decision 11: twice is worse than not at all).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, delete, literal_column, select, update

from webapp.db import db
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    Actor,
    Event,
    Heartbeat,
    LoginSession,
    Message,
    MessageKind,
    MessageState,
    ResetLink,
)
from webapp.services import alarm_answers, launches, tally, trail

ON_THEIR_WAY = (MessageState.QUEUED, MessageState.CLAIMED, MessageState.SENDING)
SENDS = (ActionKind.P2P, ActionKind.BROADCAST)
WHY = "A backup was restored that was made before it was known what became of this text."
PAUSED = "A backup from {at:%b %d, %H:%M} UTC was restored. Some people may have been texted since."
KEPT_BACK = "A backup was restored. It may have been sent since the backup was made."


@dataclass(frozen=True, slots=True)
class Held:
    """What a restore has stopped: texts that are `unknown` now, actions, planned broadcasts."""

    texts: int
    paused: int
    kept_back: int


def sort_on(*, now: datetime) -> bool:
    """Sort a chunk of a launch that the backup caught in the middle; False when none is left."""
    query = select(Action).where(Action.state == ActionState.LAUNCHING).order_by(Action.id)
    action = db.session.scalars(query.limit(1)).first()
    if action is None:
        return False
    launches.sort_chunk(action, now=now)
    return True


def hold(*, made_at: datetime, now: datetime) -> Held:
    """Let nothing leave by itself that the backup does not know the end of; twice is once.

    For a database nobody uses yet; launches are sorted to their end before (sort_on). People sign
    in again: sessions and passwords may have been ended since.
    """
    texts = hold_texts(Message.state.in_(ON_THEIR_WAY), now=now)
    paused = _pause(made_at, now=now)
    kept_back = _keep_back(now=now)
    for model in (Heartbeat, LoginSession, ResetLink):
        db.session.execute(delete(model))
    return Held(texts, paused, kept_back)


def hold_answers(*, now: datetime) -> int:
    """Hold what Heed has queued in answer to texts that were fetched again after a restore.

    They may have been answered before. What a person wrote meanwhile is none of it.
    """
    answers = (MessageKind.AUTOMATED, MessageKind.HELP, MessageKind.CONFIRMATION)
    queued = Message.state == literal_column("'queued'")
    return hold_texts(queued, Message.kind.in_(answers), now=now)


def hold_texts(*which: ColumnElement[bool], why: str = WHY, now: datetime) -> int:
    """Make texts `unknown`; an admin may release each by hand, a delivery report settles it."""
    rows = db.session.execute(
        select(Message.id, Message.state, Message.kind, Message.action_id).where(*which)
    ).all()
    db.session.execute(
        update(Message)
        .where(*which)
        .values(
            state=MessageState.UNKNOWN,
            error_reason=why,
            settled_at=now,
            lease_owner=None,
            lease_until=None,
            attempts=case((Message.attempts == 0, 1), else_=Message.attempts),
        )
        .execution_options(synchronize_session=False)
    )
    firsts = Counter((row.action_id, row.state) for row in rows if row.kind is MessageKind.FIRST)
    for (action_id, state), amount in firsts.items():
        tally.add(action_id, **{state.value: -amount, "unknown": amount})
    return len(rows)


def _pause(made_at: datetime, *, now: datetime) -> int:
    """Pause what sends; automated actions only answer, and go on."""
    running = select(Action).where(Action.state == ActionState.LIVE, Action.kind.in_(SENDS))
    actions = db.session.scalars(running).all()
    for action in actions:
        action.state = ActionState.PAUSED
        if action.kind is ActionKind.BROADCAST:
            action.alarm = alarm_answers.words(PAUSED.format(at=made_at))
        details = {"reason": "A backup was restored", "made_at": made_at.isoformat()}
        _tell(Event.PAUSED, action, details, now=now)
    return len(actions)


def _keep_back(*, now: datetime) -> int:
    planned = db.session.scalars(select(Action).where(Action.state == ActionState.SCHEDULED)).all()
    for action in planned:
        action.state, action.starts_at = ActionState.DRAFT, None
        action.alarm = alarm_answers.words(KEPT_BACK)
        _tell(Event.UNSCHEDULED, action, {"reason": KEPT_BACK}, now=now)
    return len(planned)


def _tell(event: Event, action: Action, details: dict[str, str], *, now: datetime) -> None:
    trail.record(
        event,
        campaign_id=action.campaign_id,
        actor=Actor.HOST,
        now=now,
        about=action,
        details=details,
    )
