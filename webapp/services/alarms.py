"""The alarm of a broadcast: too many of those who got it have opted out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update

from webapp.db import changed_rows, db
from webapp.models import Action, ActionKind, ActionState, ActionTally, Actor, Event
from webapp.services import alarm_mails, trail


def opt_outs_since_resume(action: Action, counts: ActionTally) -> tuple[int, int]:
    """Opt-outs and texts sent since the last resume, from the kept counts."""
    sent = counts.sent + counts.delivered + counts.undelivered
    return counts.opt_outs - action.watched_opt_outs, sent - action.watched_sent


def is_due(action: Action, counts: ActionTally) -> bool:
    """Whether the threshold is passed: 3 % after 200 texts, if nothing else is set."""
    gone, sent = opt_outs_since_resume(action, counts)
    if not action.pause_per_mille or sent < max(1, action.pause_after):
        return False
    return gone * 1000 >= action.pause_per_mille * sent


def has_to_ring() -> ColumnElement[bool]:
    """The same for a statement over Action and ActionTally; what was warned of rings no more."""
    kept = ActionTally.__table__.c
    sent = kept.sent + kept.delivered + kept.undelivered - Action.watched_sent
    gone = kept.opt_outs - Action.watched_opt_outs
    return and_(
        Action.pause_per_mille > 0,
        or_(Action.alarm == "", ~Action.pause_only_warns),
        sent > 0,
        sent >= Action.pause_after,
        gone * 1000 >= Action.pause_per_mille * sent,
    )


def overdue() -> Sequence[int]:
    """The live broadcasts whose alarm has to ring, for the sweep; asked without locking anything.

    Most opt-outs come after the last text was claimed, when no claim asks any more.
    """
    query = (
        select(Action.id)
        .join(ActionTally, ActionTally.action_id == Action.id)
        .where(Action.kind == ActionKind.BROADCAST, Action.state == ActionState.LIVE, has_to_ring())
    )
    return db.session.scalars(query.order_by(Action.id)).all()


def ring(action: Action, *, now: datetime) -> bool:
    """Pause a live broadcast, or only warn, when its opt-out rate has passed the threshold.

    True when the broadcast may not go on. Asked before each claim, so no text is claimed after
    the one that made the rate, and by the sweep. The admins read `action.alarm` and get a mail;
    it rings once until somebody resumes or dismisses it, however many workers ask. A broadcast
    that has texted everybody is paused as well: somebody has to look at it.
    """
    counts = db.session.get_one(ActionTally, action.id, populate_existing=True)
    if not is_due(action, counts) or (action.alarm and action.pause_only_warns):
        return False
    gone, sent = opt_outs_since_resume(action, counts)
    sentence = _sentence(gone, sent, left=counts.ready + counts.queued + counts.claimed)
    if _rings(action, sentence):
        trail.record(
            Event.ALARMED if action.pause_only_warns else Event.PAUSED,
            campaign_id=action.campaign_id,
            actor=Actor.HEED,
            now=now,
            about=action,
            details={"opt_outs": gone, "sent": sent, "per_mille": action.pause_per_mille},
        )
        alarm_mails.announce(action, sentence, now=now)
    return not action.pause_only_warns


def _rings(action: Action, sentence: str) -> bool:
    """Of several workers that ask at once, one rings."""
    first = update(Action).where(Action.id == action.id, Action.state == ActionState.LIVE)
    if action.pause_only_warns:
        return bool(changed_rows(first.where(Action.alarm == "").values(alarm=sentence)))
    return bool(changed_rows(first.values(alarm=sentence, state=ActionState.PAUSED)))


def _sentence(gone: int, sent: int, *, left: int) -> str:
    people = "1 person hasn't" if left == 1 else f"{left:,} people haven't"
    rest = f"{people} been texted." if left else "Everybody has been texted."
    return f"Opt-outs reached {100 * gone / sent:.1f}% of {sent:,} texts. {rest}"
