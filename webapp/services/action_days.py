"""The first and the last day of a peer-to-peer action: before and after, no first text leaves.

The days are kept as the two moments between which they lie, so that the statement that takes a
text to a carrier can ask. Replies in a conversation that is going on do not.
"""

from datetime import date, datetime

from sqlalchemy import or_, select

from webapp.db import db
from webapp.errors import InvalidError, RefusedError
from webapp.models import Action, ActionKind, Campaign
from webapp.texting import spans
from webapp.texting.spans import Span

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


def set_days(action: Action, span: Span) -> None:
    """Set both days, or take them away; the same ones again change nothing.

    InvalidError (field "first_day" or "last_day") for a last day before the first one, and for
    years that are no campaign's. A last day that is past is allowed: it closes the action now.
    RefusedError for a broadcast or an automated action.
    """
    if span == Span():
        action.texts_from = action.texts_until = None
        return
    if action.kind is not ActionKind.P2P:
        raise RefusedError("Only a peer-to-peer action has a first and a last day.")
    for field, day in (("first_day", span.first), ("last_day", span.last)):
        if day and not EARLIEST <= day <= LATEST:
            raise InvalidError("Choose a day of this century.", field=field)
    if span.first and span.last and span.last < span.first:
        raise InvalidError("The last day is before the first day.", field="last_day")
    action.texts_from, action.texts_until = span.moments(_zone(action))


def of(action: Action) -> Span:
    """The first and the last day of an action."""
    return spans.of(action.texts_from, action.texts_until, _zone(action))


def is_over(action: Action, *, now: datetime) -> bool:
    """Whether the last day is past."""
    return action.texts_until is not None and action.texts_until <= now


def why_closed(action: Action, *, now: datetime) -> str:
    """Why no first text may leave on this day, as a sentence; "" when one may."""
    return spans.why_closed(action.texts_from, action.texts_until, _zone(action), now)


def check_open(action: Action, *, now: datetime) -> None:
    """Raise RefusedError before the first day and after the last."""
    why = why_closed(action, now=now)
    if why:
        raise RefusedError(f"{why} Your place is saved.")


def keep_days(campaign: Campaign, before: str) -> None:
    """After the campaign's time zone changed from `before`, the days begin on the new clock."""
    query = select(Action).where(
        Action.campaign_id == campaign.id,
        or_(Action.texts_from.is_not(None), Action.texts_until.is_not(None)),
    )
    for action in db.session.scalars(query):
        span = spans.of(action.texts_from, action.texts_until, before)
        action.texts_from, action.texts_until = span.moments(campaign.time_zone)


def _zone(action: Action) -> str:
    return db.session.get_one(Campaign, action.campaign_id).time_zone
