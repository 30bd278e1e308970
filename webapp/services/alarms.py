"""The alarm of a broadcast: too many of those who got it have opted out."""

from datetime import datetime

from sqlalchemy import update

from webapp.db import changed_rows, db
from webapp.models import Action, ActionState, ActionTally, Actor, Event
from webapp.services import trail


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


def ring(action: Action, *, now: datetime) -> bool:
    """Pause a live broadcast, or only warn, when its opt-out rate has passed the threshold.

    True when the broadcast may not go on. Asked before each claim, so no text is claimed after
    the one that made the rate. The admins read `action.alarm`; it rings once until somebody
    resumes or dismisses it, however many workers ask.
    """
    counts = db.session.get_one(ActionTally, action.id, populate_existing=True)
    if not is_due(action, counts) or (action.alarm and action.pause_only_warns):
        return False
    gone, sent = opt_outs_since_resume(action, counts)
    sentence = _sentence(gone, sent, left=counts.ready + counts.queued + counts.claimed)
    values = {"alarm": sentence}
    if not action.pause_only_warns:
        values["state"] = ActionState.PAUSED
    rung = changed_rows(
        update(Action)
        .where(Action.id == action.id, Action.state == ActionState.LIVE)
        .values(**values)
    )
    if rung:
        trail.record(
            Event.ALARMED if action.pause_only_warns else Event.PAUSED,
            campaign_id=action.campaign_id,
            actor=Actor.HEED,
            now=now,
            about=action,
            details={"opt_outs": gone, "sent": sent, "per_mille": action.pause_per_mille},
        )
    return not action.pause_only_warns


def _sentence(gone: int, sent: int, *, left: int) -> str:
    people = "1 person hasn't" if left == 1 else f"{left:,} people haven't"
    return f"Opt-outs reached {100 * gone / sent:.1f} % of {sent:,} texts. {people} been texted."
