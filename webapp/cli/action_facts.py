"""What the commands about actions print: the state, and counts that add up."""

from datetime import date, datetime
from typing import Any

from webapp.cli import automating
from webapp.cli.common import answer
from webapp.db import db, utc_now
from webapp.errors import InvalidError
from webapp.models import Action, ActionKind, ActionState, ActionTally, Reason
from webapp.services import action_days, launches

TEXTS = (
    *("queued", "claimed", "sending", "sent", "delivered", "undelivered"),
    *("failed", "unknown", "cancelled"),
)


def _facts(action: Action) -> dict[str, Any]:
    """Counts by what became of people; total is the sum of all but `texts` at every moment."""
    seen = launches.preview(action)
    scheduled = action.state is ActionState.SCHEDULED
    span = action_days.of(action)
    kept = db.session.get_one(ActionTally, action.id)
    return {
        "id": action.id,
        "name": action.name,
        "kind": action.kind.value,
        "state": action.state.value,
        "starts_at": _moment(action.starts_at) if scheduled else None,
        "first_day": span.first.isoformat() if span.first else None,
        "last_day": span.last.isoformat() if span.last else None,
        "alarm": action.alarm,
        "total": seen.total,
        "ready": seen.ready,
        "claimed": kept.queued + kept.claimed,
        "sending": kept.sending,
        "sent": kept.sent + kept.delivered + kept.undelivered,
        "failed": kept.failed,
        "unknown": kept.unknown,
        "cancelled": kept.cancelled,
        "replies": kept.replies,
        "opt_outs": kept.opt_outs,
        "suppressed": {reason.value: seen.suppressed.get(reason, 0) for reason in Reason},
        "texts": {state: getattr(kept, state) for state in TEXTS},
    }


def tell(action: Action, further: dict[str, Any], *, as_json: bool) -> None:
    """Print the state of an action and its counts, in words or as one JSON object."""
    facts = _facts(action)
    if action.kind is ActionKind.AUTOMATED:
        facts |= automating.facts(action)
        answer(facts | further, automating.in_words(action, facts), as_json=as_json)
        return
    answer(facts | further, _in_words(action, facts), as_json=as_json)


def _in_words(action: Action, facts: dict[str, Any]) -> str:
    suppressed = sum(facts["suppressed"].values())
    lines = [
        f"{action.name} ({facts['state']})",
        f"  {facts['ready']:,} of {facts['total']:,} ready, {suppressed:,} suppressed",
        *(f"    {n:,} {reason}" for reason, n in facts["suppressed"].items() if n),
        f"  {facts['sent']:,} sent, {facts['claimed'] + facts['sending']:,} on their way, "
        f"{facts['failed']:,} failed, {facts['unknown']:,} unknown",
        *([f"  Goes out {facts['starts_at']}"] if facts["starts_at"] else []),
        *([f"  First day {facts['first_day']}"] if facts["first_day"] else []),
        *([f"  Last day {facts['last_day']}"] if facts["last_day"] else []),
        *([f"  Heed says: {action.alarm}"] if action.alarm else []),
        *(f"  To do: {problem}" for problem in _problems(action)),
    ]
    return "\n".join(lines)


def day(written: str | None) -> date | None:
    """A day of the command line; InvalidError for what is none."""
    if not written:
        return None
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        raise InvalidError(f"“{written[:40]}” is no day; write 2026-12-01.") from None


def _problems(action: Action) -> list[str]:
    return [] if action.state.is_launched else launches.problems(action, now=utc_now())


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
