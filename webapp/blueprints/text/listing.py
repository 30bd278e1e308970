"""The list of actions as it is shown: when texting opens, who paused, what a poll asks with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import g

from webapp.models import ActionState
from webapp.services import marks, shift_counts, shifts
from webapp.services.batch_hours import Wait
from webapp.services.shift_counts import Shift
from webapp.web import opening


def until(wait: Wait | None, *, now: datetime) -> str:
    """Until when texting is closed, in words; "" while it is open."""
    return opening.until(wait.opens_at, wait.contact, g.campaign, now=now) if wait else ""


def context(
    found: Sequence[Shift], ids: Sequence[int] | None = None, *, now: datetime
) -> dict[str, Any]:
    """What the cards of these actions need, and the address that the list polls.

    `ids`: the actions whose cards the page keeps up to date; left out, the first of these.
    """
    ids = [one.action.id for one in found][: marks.MOST] if ids is None else ids
    closed = {one.action.id: until(one.wait, now=now) for one in found}
    shut = {one.action.id: one.shut for one in found if one.shut}
    paused = [one.action for one in found if one.action.state is ActionState.PAUSED]
    return {
        "until": closed,
        "paused_by": {action.id: shifts.paused_by(action) for action in paused},
        "hours": opening.span(g.campaign),
        "mark": shift_counts.mark(found, ids),
        "hours_mark": hours_mark(
            {one: said for one, said in (closed | shut).items() if one in ids}
        ),
        "minute": minute(now),
        "waits": int(g.membership.awaits_approval) or None,
    }


def hours_mark(closed: dict[int, str]) -> str:
    """Changes when texting closes or opens, or will open at another time or day."""
    said = ",".join(f"{number}:{words}" for number, words in sorted(closed.items()) if words)
    return marks.digest(said, 6) if said else ""


def minute(now: datetime) -> int:
    """Texting hours are looked at once in each of these; the counts at every poll."""
    return int(now.timestamp()) // 60
