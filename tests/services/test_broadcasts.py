"""Broadcasts: options, the typed number, the pace, who waits for hours, and the charts' numbers."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.errors import InvalidError, RefusedError
from webapp.models import (
    Action,
    ActionKind,
    ActionMoment,
    ActionState,
    ActionTally,
    Campaign,
    Contact,
)
from webapp.services import actions, broadcasts, overview, scripts
from webapp.services.broadcasts import NOBODY, Pace

# 9:30 in the evening in Chicago, 7:30 in Los Angeles, and 10:30 in New York.
EVENING = datetime(2030, 1, 16, 3, 30, tzinfo=UTC)
NOW = datetime(2030, 1, 15, 18, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def broadcast(*people: Contact, **values: object) -> Action:
    who = people or (factories.contact(),)
    return factories.action(*who, kind=ActionKind.BROADCAST, **values)  # type: ignore[arg-type]


def counts(action: Action, **values: int) -> None:
    with transaction():
        db.session.execute(
            update(ActionTally).where(ActionTally.action_id == action.id).values(**values)
        )


def moments(action: Action, *rows: tuple[datetime, int, int]) -> None:
    with transaction():
        db.session.add_all(
            ActionMoment(action_id=action.id, at=at, sent=sent, opt_outs=gone)
            for at, sent, gone in rows
        )


def one(action: Action) -> overview.Summary:
    db.session.rollback()
    db.session.expire_all()
    return overview.of(action)


def pace(action: Action, *, expected: float = 1.0, now: datetime = NOW) -> Pace | None:
    return broadcasts.pace(one(action), NOBODY, expected=expected, now=now)


def test_a_new_broadcast_pauses_itself_at_three_percent_after_two_hundred_texts() -> None:
    action = broadcast(launched=False)
    assert (action.pause_per_mille, action.pause_after, action.pause_only_warns) == (30, 200, False)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"per_mille": -1}, "percent"),
        ({"per_mille": 1_001}, "percent"),
        ({"after": 0}, "after"),
        ({"after": 100_001}, "after"),
    ],
)
def test_options_that_say_nothing_are_refused(values: dict[str, int], field: str) -> None:
    action = broadcast()
    with pytest.raises(InvalidError) as refused:
        broadcasts.set_options(
            action, only_warns=False, **{"per_mille": 30, "after": 200, **values}
        )
    assert refused.value.field == field


def test_options_change_while_it_runs_and_not_afterwards() -> None:
    action = broadcast()
    with transaction():
        broadcasts.set_options(action, per_mille=0, after=50, only_warns=True)
        actions.finish(action, by=None, now=utc_now())
    assert (action.pause_per_mille, action.pause_after, action.pause_only_warns) == (0, 50, True)
    with pytest.raises(RefusedError, match="finished"):
        broadcasts.set_options(action, per_mille=30, after=50, only_warns=True)


@pytest.mark.parametrize(
    ("typed", "ready", "fine"),
    [
        (None, 500, True),
        (None, 501, False),
        (501, 501, True),
        (500, 501, False),
        (3, 3, True),
        (4, 3, False),
    ],
)
def test_above_five_hundred_the_number_is_typed(typed: int | None, ready: int, fine: bool) -> None:
    if fine:
        broadcasts.confirm(typed, ready)
        return
    with pytest.raises(InvalidError, match=str(ready)) as refused:
        broadcasts.confirm(typed, ready)
    assert refused.value.field == "confirm_count"


def test_a_text_that_nobody_sends_has_no_texters_name() -> None:
    action = broadcast(launched=False)
    with pytest.raises(InvalidError, match="No texter sends this text"), transaction():
        scripts.set_scripts(action, ["Hi, {texter_name} here. Reply STOP to opt out."])
    p2p = factories.action(factories.contact(), launched=False)
    with transaction():
        scripts.set_scripts(p2p, ["Hi, {texter_name} here. Reply STOP to opt out."])
        scripts.set_saved_replies(action, [scripts.Reply("Hello", "It's {texter_name}")])
    assert "texter_name" not in scripts.first_text_variables(action)
    assert "texter_name" in scripts.first_text_variables(p2p)


def test_the_speed_is_measured_over_the_last_minutes_and_tells_how_long_it_takes() -> None:
    action = broadcast(launched_at=None)
    counts(action, total=2_000, ready=1_000, sent=700, delivered=300)
    with transaction():
        action.launched_at = NOW - timedelta(hours=1)
    moments(
        action,
        (NOW.replace(minute=0), 5_000, 0),
        (NOW.replace(minute=5), 300, 0),
        (NOW.replace(minute=10), 120, 0),
    )
    # 420 texts in the seven minutes since 12:05.
    assert pace(action) == Pace(1.0, False, 17)


def test_before_anything_is_measured_the_numbers_pace_is_told() -> None:
    action = broadcast()
    counts(action, ready=600)
    with transaction():
        action.launched_at = NOW - timedelta(seconds=5)
    assert pace(action, expected=2.0) == Pace(2.0, True, 5)


def test_there_is_no_speed_where_nothing_leaves() -> None:
    action = broadcast()
    with transaction():
        actions.pause(action, by=None, now=utc_now())
    assert pace(action) is None
    with transaction():
        actions.resume(action, by=None, now=utc_now())
    counts(action, ready=0)
    assert pace(action) is None


@pytest.fixture
def campaign() -> Campaign:
    made = factories.campaign(opens_minute=9 * 60, closes_minute=22 * 60)
    factories.number(made)
    return made


def waiting(action: Action, campaign: Campaign, now: datetime) -> broadcasts.Waiting:
    return broadcasts.waiting(one(action), campaign, now=now)


def test_who_is_outside_texting_hours_waits_and_is_counted(campaign: Campaign) -> None:
    here = [factories.contact(of=campaign) for _ in range(2)]
    east = [factories.contact(of=campaign, zones="America/New_York") for _ in range(3)]
    action = broadcast(*here, *east, of=campaign)

    late = waiting(action, campaign, EVENING)

    assert (late.people, late.everybody, late.at_least) == (3, False, False)
    # The campaign's clock counts as well: nine in Chicago, ten in New York.
    assert late.opens == datetime(2030, 1, 16, 15, tzinfo=UTC)
    noon = datetime(2030, 1, 15, 18, tzinfo=UTC)
    assert waiting(action, campaign, noon).people == 0


def test_at_night_everybody_waits(campaign: Campaign) -> None:
    action = broadcast(*(factories.contact(of=campaign) for _ in range(2)), of=campaign)
    night = waiting(action, campaign, EVENING + timedelta(hours=3))
    assert (night.people, night.everybody) == (2, True)
    assert night.opens == datetime(2030, 1, 16, 15, tzinfo=UTC)
    summary = one(action)
    assert broadcasts.pace(summary, night, expected=1, now=EVENING) is None


def test_of_a_large_audience_the_first_are_looked_at(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    east = [factories.contact(of=campaign, zones="America/New_York") for _ in range(3)]
    action = broadcast(*east, of=campaign)
    monkeypatch.setattr(broadcasts, "MOST_LOOKED_AT", 2)
    late = waiting(action, campaign, EVENING)
    assert (late.people, late.everybody, late.at_least) == (2, False, True)
    slow = broadcasts.pace(one(action), late, expected=1, now=EVENING)
    assert slow is not None and slow.minutes_left is None


def test_nobody_waits_without_hours_or_after_the_end() -> None:
    open_always = factories.campaign()
    action = broadcast(factories.contact(of=open_always), of=open_always)
    assert waiting(action, open_always, EVENING) == NOBODY


def test_the_charts_follow_without_gaps_and_the_rate_counts_from_the_start() -> None:
    action = broadcast()
    start = NOW.replace(minute=10)
    moments(action, (start, 100, 0), (start + 10 * MINUTE, 100, 6), (start + 15 * MINUTE, 0, 2))
    width, spans = broadcasts.history(action)
    assert width == 5 and [span.at for span in spans] == [start + n * 5 * MINUTE for n in range(4)]
    assert [(span.sent, span.opt_outs, span.rate) for span in spans] == [
        (100, 0, 0.0),
        (0, 0, 0.0),
        (100, 6, 3.0),
        (0, 2, 4.0),
    ]


@pytest.mark.parametrize(
    ("hours", "width"), [(1, 5), (4, 10), (11, 15), (23, 30), (30, 60), (24 * 30, 1_440)]
)
def test_a_long_broadcast_has_wider_bars(hours: int, width: int) -> None:
    action = broadcast()
    moments(action, (NOW, 1, 0), (NOW + timedelta(hours=hours), 1, 0))
    wide, spans = broadcasts.history(action)
    assert wide == width and len(spans) <= broadcasts.MOST_BARS and sum(s.sent for s in spans) == 2


def test_before_the_first_text_there_is_nothing_to_draw() -> None:
    assert broadcasts.history(broadcast()) == (5, [])


def test_the_mark_moves_with_counts_state_alarm_and_while_it_sends_with_the_minute() -> None:
    action = broadcast()
    marks = [broadcasts.poll_mark(one(action), NOW)]
    assert broadcasts.poll_mark(one(action), NOW + timedelta(seconds=20)) == marks[0]
    marks.append(broadcasts.poll_mark(one(action), NOW + MINUTE))
    counts(action, sent=1)
    marks.append(broadcasts.poll_mark(one(action), NOW))
    with transaction():
        action.alarm = "Opt-outs reached 4%."
    marks.append(broadcasts.poll_mark(one(action), NOW))
    with transaction():
        actions.pause(action, by=None, now=utc_now())
    marks.append(broadcasts.poll_mark(one(action), NOW))
    assert len(set(marks)) == 5
    assert broadcasts.poll_mark(one(action), NOW + MINUTE) == marks[-1]
    assert action.state is ActionState.PAUSED
