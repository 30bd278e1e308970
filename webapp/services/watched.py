"""What has changed in a list of actions since somebody looked at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, true

from webapp.models import ActionState
from webapp.services import action_days, marks, overview
from webapp.services.marks import MOST
from webapp.services.overview import RUNNING, Summary

WATCHED = (*RUNNING, ActionState.SCHEDULED)
ALARMED = "x"


@dataclass(frozen=True, slots=True)
class News:
    """The rows that say something else by now, and what a list does not show at all yet.

    `mark` is what the page knows once it has the rows.
    """

    rows: list[Summary]
    begun: int  # actions that run and have no row, as far as one can tell
    alarms: int  # of those with a row, whom Heed has something to say of that is not shown yet
    mark: str

    @property
    def new(self) -> str:
        """What a list does not show, in short: "2.0"; "" for nothing."""
        return f"{self.begun}.{self.alarms}" if self.begun or self.alarms else ""


def mark(rows: Sequence[Summary], *, now: datetime) -> str:
    """What a list shows of the actions that may move: "7.3f2a19-9.b1c2d3x".

    Of each its id and a hash of its state, its counts and what its days say; "x" where the page
    tells of an alarm.
    """
    moving = [one for one in rows if one.action.state in WATCHED][:MOST]
    return "-".join(_mark(one, bool(one.action.alarm), now) for one in moving)


def news(
    campaign_id: int,
    seen: str,
    condition: ColumnElement[bool] | None = None,
    *,
    now: datetime,
    states: Sequence[ActionState] = WATCHED,
) -> News:
    """What changed since the mark `seen`, among the actions of a condition; one statement.

    `states`: of which actions the list would have a row, were it made now. A part of the mark
    that makes no sense counts for nothing.
    """
    known = marks.parts(seen)
    rows = overview.among(campaign_id, known, states, true() if condition is None else condition)
    here = [one for one in rows if one.action.id in known]
    shown = {one.action.id: _mark(one, known[one.action.id].endswith(ALARMED), now) for one in here}
    return News(
        rows=[one for one in here if shown[one.action.id] != known[one.action.id]],
        begun=sum(1 for one in rows if _is_missed(one, known)),
        alarms=sum(1 for one in here if one.action.alarm and shown[one.action.id][-1:] != ALARMED),
        mark="-".join(shown.values()),
    )


def _is_missed(one: Summary, known: dict[int, str]) -> bool:
    """Whether a list lacks the row; behind the last of MOST it has rows without a mark."""
    if one.action.id in known:
        return False
    return len(known) < MOST or one.action.id > min(known)


def _mark(one: Summary, tells_alarm: bool, now: datetime) -> str:
    shut = action_days.why_closed(one.action, now=now)
    told = f"{one.action.state.value},{bool(one.action.alarm)},{overview.numbers(one)},{shut}"
    return f"{one.action.id}.{marks.digest(told, 6)}{ALARMED if tells_alarm else ''}"
