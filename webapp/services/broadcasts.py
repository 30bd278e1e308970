"""Broadcasts: their options, the typed confirmation, and how far one has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import func, select

from webapp.db import db
from webapp.errors import InvalidError, RefusedError
from webapp.models import (
    Action,
    ActionMoment,
    ActionState,
    Campaign,
    Contact,
    Recipient,
    RecipientState,
)
from webapp.services.overview import Summary, mark
from webapp.texting import hours

TYPED_ABOVE = 500  # people: from here on their number is typed before anything is sent
LARGEST_AFTER = 100_000
FIVE_MINUTES = timedelta(minutes=5)
SETTLED = timedelta(seconds=30)  # a speed measured over less says nothing
# People whose hours are looked at when a page says how many wait for them.
MOST_LOOKED_AT = 20_000
# How wide a bar of the charts may get, in minutes, and how many there are at most.
WIDTHS = (5, 10, 15, 30, 60, 120, 240, 720, 1_440, 10_080)
MOST_BARS = 48


@dataclass(frozen=True, slots=True)
class Pace:
    """How quickly texts leave now, a second; `expected` when nothing is measured yet."""

    rate: float
    expected: bool
    minutes_left: int | None  # for those who can be texted now; None: nobody can say


@dataclass(frozen=True, slots=True)
class Waiting:
    """People who are outside their texting hours; the first can be texted at `opens`."""

    people: int
    everybody: bool  # of those who are left
    at_least: bool  # not all of them were looked at
    opens: datetime | None


NOBODY = Waiting(0, False, False, None)


@dataclass(frozen=True, slots=True)
class Span:
    """What happened in an action from `at` on, until the next span."""

    at: datetime
    sent: int
    opt_outs: int
    rate: float | None  # opt-outs per 100 texts from the beginning to the end of the span


def set_options(action: Action, *, per_mille: int, after: int, only_warns: bool) -> None:
    """When a broadcast pauses itself: at so many opt-outs in a thousand texts (0: never), once
    `after` texts were sent; or whether it only warns. It can be changed while it runs.
    """
    if action.state is ActionState.FINISHED:
        raise RefusedError("This action is finished and can't be changed.")
    if not 0 <= per_mille <= 1_000:
        raise InvalidError("Give a rate from 0.1 to 100 percent.", field="percent")
    if not 1 <= after <= LARGEST_AFTER:
        raise InvalidError(f"Give a number from 1 to {LARGEST_AFTER:,}.", field="after")
    action.pause_per_mille, action.pause_after = per_mille, after
    action.pause_only_warns = only_warns


def confirm(typed: int | None, ready: int) -> None:
    """Refuse to text many people before their number was typed (InvalidError, "confirm_count").

    A number that was typed has to be the right one, also for a few.
    """
    if typed is None and ready <= TYPED_ABOVE:
        return
    if typed is None:
        raise InvalidError(
            f"Type the number of people who will be texted: {ready:,}.", field="confirm_count"
        )
    if typed != ready:
        raise InvalidError(
            f"This isn't the number of people who will be texted. It is {ready:,}.",
            field="confirm_count",
        )


def poll_mark(one: Summary, now: datetime) -> str:
    """What a poll compares: "live.3f2a….29318400"; the state, the counts, the minute.

    The minute is in it while texts are leaving: the speed and who waits change with the clock.
    """
    state = f"{one.action.state.value}{'!' if one.action.alarm else ''}"
    going = one.action.state is ActionState.LIVE and one.left
    minute = int(now.timestamp()) // 60 if going else 0
    return f"{state}.{mark(one, now=now).partition('-')[2]}.{minute}"


def pace(one: Summary, waiting: Waiting, *, expected: float, now: datetime) -> Pace | None:
    """How quickly it goes; None when it does not go at all. `expected`: what the number may send.

    Measured over the last five to ten minutes, as they are kept.
    """
    if one.action.state is not ActionState.LIVE or not one.left or waiting.everybody:
        return None
    since = _five_minutes(now) - FIVE_MINUTES
    if one.action.launched_at is not None:
        since = max(since, one.action.launched_at)
    query = select(func.sum(ActionMoment.sent)).where(
        ActionMoment.action_id == one.action.id, ActionMoment.at >= _five_minutes(since)
    )
    sent, seconds = db.session.scalar(query) or 0, (now - since).total_seconds()
    measured = sent / seconds if sent and seconds >= SETTLED.total_seconds() else None
    rate = measured or expected
    left = None if waiting.at_least else one.left - waiting.people
    return Pace(rate, measured is None, None if left is None else ceil(left / rate / 60))


def waiting(one: Summary, campaign: Campaign, *, now: datetime) -> Waiting:
    """How many of those who are left are outside their texting hours now (decision 14).

    Looks at MOST_LOOKED_AT people at most, in one statement.
    """
    action, zone = one.action, campaign.time_zone
    going = action.state in (ActionState.LIVE, ActionState.PAUSED)
    if not going or not one.counts.ready or campaign.hours.always:
        return NOBODY
    if not hours.may_text(now, campaign.hours, zone, zone):
        opens = hours.opens_at(now, campaign.hours, zone, zone)
        return Waiting(one.counts.ready, True, False, opens)
    ready = (
        select(Recipient.contact_id)
        .where(Recipient.action_id == action.id, Recipient.state == RecipientState.READY)
        .order_by(Recipient.contact_id)
        .limit(MOST_LOOKED_AT)
        .subquery()
    )
    by_zone = db.session.execute(
        select(Contact.zones, func.count())
        .join(ready, ready.c.contact_id == Contact.id)
        .group_by(Contact.zones)
    ).all()
    closed = [
        (zones, people)
        for zones, people in by_zone
        if not hours.may_text(now, campaign.hours, zone, zones)
    ]
    openings = [hours.opens_at(now, campaign.hours, zone, zones) for zones, _people in closed]
    people, looked_at = sum(n for _zones, n in closed), sum(n for _zones, n in by_zone)
    every = looked_at >= one.counts.ready
    return Waiting(
        people,
        everybody=every and people == looked_at > 0,
        at_least=bool(people) and not every,
        opens=min((at for at in openings if at is not None), default=None),
    )


def history(action: Action) -> tuple[int, list[Span]]:
    """What happened since the launch, and how many minutes each span is wide.

    Spans follow each other without gaps; there are MOST_BARS at most.
    """
    rows = db.session.scalars(
        select(ActionMoment).where(ActionMoment.action_id == action.id).order_by(ActionMoment.at)
    ).all()
    if not rows:
        return WIDTHS[0], []
    lasted = (rows[-1].at - rows[0].at) // FIVE_MINUTES * 5 + 5
    width = next((one for one in WIDTHS if ceil(lasted / one) <= MOST_BARS), WIDTHS[-1])
    return width, _spans(rows, width)


def _spans(rows: Sequence[ActionMoment], width: int) -> list[Span]:
    first, step = rows[0].at, timedelta(minutes=width)
    sums = [[0, 0] for _ in range((rows[-1].at - first) // step + 1)]
    for row in rows:
        span = sums[(row.at - first) // step]
        span[0] += row.sent
        span[1] += row.opt_outs
    spans, all_sent, all_gone = [], 0, 0
    for n, (sent, gone) in enumerate(sums):
        all_sent, all_gone = all_sent + sent, all_gone + gone
        rate = 100 * all_gone / all_sent if all_sent else None
        spans.append(Span(first + n * step, sent, gone, rate))
    return spans


def _five_minutes(moment: datetime) -> datetime:
    """When the five minutes began that a moment lies in."""
    return moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0)
