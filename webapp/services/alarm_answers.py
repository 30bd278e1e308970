"""How admins answer an alarm: go on with a reason, or take note of a warning."""

from datetime import datetime

from sqlalchemy import update

from webapp.db import changed_rows, db
from webapp.errors import ConflictError, InvalidError
from webapp.models import Action, ActionState, ActionTally, Event, User
from webapp.services import trail
from webapp.texting import lines

LONGEST = 200  # characters of Action.alarm
SHORTEST_REASON = 10


def words(sentence: str) -> str:
    """A sentence as it fits beside an action; a longer one is cut at a word."""
    if len(sentence) <= LONGEST:
        return sentence
    return sentence[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


def reason_to_go_on(action: Action, reason: str) -> dict[str, str]:
    """What the trail keeps of a resume: the reason, if there is one.

    InvalidError (field "reason") when Heed paused the action by itself and no reason is given.
    """
    why = lines.one_line(reason)[:300]
    asked = action.state is ActionState.PAUSED and action.alarm
    if asked and len(why) < SHORTEST_REASON:
        raise InvalidError(
            f"Say in at least {SHORTEST_REASON} characters why it may go on.", field="reason"
        )
    return {"reason": why} if why else {}


def watch_anew(action: Action) -> None:
    """Take back the alarm; the opt-out rate counts from here on."""
    kept = db.session.get_one(ActionTally, action.id, populate_existing=True)
    action.alarm = ""
    action.watched_sent = kept.sent + kept.delivered + kept.undelivered
    action.watched_opt_outs = kept.opt_outs


def dismiss(action: Action, *, by: User | None, now: datetime) -> bool:
    """An admin has read a warning; False when there is none (any more).

    ConflictError while the action is paused: what Heed paused is resumed with a reason, or
    finished. The rate is watched anew, or the same warning would be back with the next text.
    """
    db.session.refresh(action, with_for_update=True)
    if action.state is ActionState.PAUSED and action.alarm:
        raise ConflictError(f"“{action.name}” is paused. Resume it with a reason, or finish it.")
    read = changed_rows(
        update(Action).where(Action.id == action.id, Action.alarm != "").values(alarm="")
    )
    if not read:
        return False
    watch_anew(action)
    trail.record(
        Event.ALARM_DISMISSED, campaign_id=action.campaign_id, by=by, now=now, about=action
    )
    return True
