"""Scheduled broadcasts: launched by themselves, once; kept back with a reason, never silently."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.services.together import at_once
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError, RefusedError
from webapp.jobs import queue
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    Actor,
    Contact,
    Event,
    ListMember,
    Number,
    OptOutSource,
    Recipient,
    RecipientState,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import (
    actions,
    audience,
    launches,
    numbers,
    optouts,
    recipients,
    report_settings,
    schedules,
    scripts,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def broadcast(*people: Contact) -> Action:
    who = people or (factories.contact(), factories.contact())
    return factories.action(*who, kind=ActionKind.BROADCAST, launched=False)


def schedule(
    action: Action, at: datetime | None = None, *, by: User | None = None, **more: bool
) -> datetime:
    at = at or utc_now() + HOUR
    with transaction():
        schedules.schedule(action, at, by=by, now=utc_now(), **more)
    return at


def start(action: Action, now: datetime) -> bool:
    with transaction():
        return schedules.start(action.id, now=now)


def entries(event: Event) -> list[TrailEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(TrailEntry).where(TrailEntry.event == event)))


def fresh(action: Action) -> Action:
    db.session.rollback()
    return db.session.get_one(Action, action.id, populate_existing=True)


def test_a_scheduled_broadcast_waits_and_is_launched_at_its_time() -> None:
    maya = factories.owner()
    action = broadcast()
    at = schedule(action, by=maya)
    assert (fresh(action).state, fresh(action).starts_at) == (ActionState.SCHEDULED, at)
    assert schedules.due(now=at - MINUTE) == [] and not start(action, at - MINUTE)
    assert schedules.due(now=at) == [action.id]

    assert start(action, at)

    assert fresh(action).state is ActionState.LAUNCHING
    assert fresh(action).launched_by == maya.id
    [launched] = entries(Event.LAUNCHED)
    assert (launched.actor, launched.by_user_id) == (Actor.HEED, maya.id)
    assert schedules.due(now=at) == [] and not start(action, at)


def test_the_job_of_the_minute_launches_what_is_due() -> None:
    action, early = broadcast(), broadcast()
    schedule(action)
    schedule(early)
    with transaction():
        action.starts_at = utc_now() - MINUTE

    queue.each_minute()
    queue.finish_launch(action.id)

    assert fresh(action).state is ActionState.LIVE
    assert fresh(early).state is ActionState.SCHEDULED


def test_two_workers_launch_it_once(app: Flask) -> None:
    action = broadcast()
    at = schedule(action)
    action_id = action.id
    db.session.rollback()

    def work() -> bool:
        with transaction():
            return schedules.start(action_id, now=at)

    done, raised = at_once(app, [work, work])

    assert (sorted(done), raised) == ([False, True], [])
    assert len(entries(Event.LAUNCHED)) == 1


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (timedelta(0), "still to come"),
        (-HOUR, "still to come"),
        (timedelta(days=90, minutes=1), "90 days ahead at most"),
    ],
)
def test_a_time_that_is_past_or_far_away_is_refused(after: timedelta, said: str) -> None:
    action, now = broadcast(), utc_now()
    with pytest.raises(InvalidError, match=said) as refused, transaction():
        schedules.schedule(action, now + after, by=None, now=now)
    assert refused.value.field == "at" and fresh(action).state is ActionState.DRAFT


def test_what_could_not_be_launched_now_is_not_scheduled() -> None:
    nobody = broadcast(factories.contact(opted_out_of=Texting.BROADCAST))
    with pytest.raises(InvalidError, match="Nobody"):
        schedule(nobody)
    p2p = factories.action(factories.contact(), launched=False)
    with pytest.raises(RefusedError, match="Only a broadcast"):
        schedule(p2p)
    running = factories.action(factories.contact(), kind=ActionKind.BROADCAST)
    with pytest.raises(ConflictError, match="already been launched"):
        schedule(running)
    assert entries(Event.SCHEDULED) == []


def test_the_time_of_a_scheduled_one_can_be_changed() -> None:
    action = broadcast()
    first = schedule(action)
    later = schedule(action, first + HOUR)
    assert fresh(action).starts_at == later and not start(action, first)
    assert len(entries(Event.SCHEDULED)) == 2


def test_what_goes_out_is_not_changed_while_it_is_scheduled() -> None:
    action = broadcast()
    schedule(action)
    other = factories.number()
    lists = audience.lists_of(action)
    for change in (
        lambda: audience.choose(action, lists),
        lambda: scripts.set_scripts(action, ["Hello. Reply STOP to opt out."]),
        lambda: actions.set_details(action, name="X", number=other),
    ):
        with pytest.raises(RefusedError, match="Take it back to draft"), transaction():
            change()
    with transaction():
        actions.set_details(action, name="Rally, renamed")
    assert fresh(action).name == "Rally, renamed"


def test_it_is_taken_back_to_draft_once() -> None:
    action = broadcast()
    at = schedule(action)
    with transaction():
        assert schedules.unschedule(action, by=None, now=utc_now())
        assert not schedules.unschedule(action, by=None, now=utc_now())
    assert (fresh(action).state, fresh(action).starts_at) == (ActionState.DRAFT, None)
    assert not start(action, at) and len(entries(Event.UNSCHEDULED)) == 1


def test_one_that_has_begun_is_not_taken_back() -> None:
    action = broadcast()
    start(action, schedule(action))
    with pytest.raises(ConflictError, match="already been launched"), transaction():
        schedules.unschedule(action, by=None, now=utc_now())


def test_send_now_launches_a_scheduled_one_and_the_job_leaves_it_alone() -> None:
    action = broadcast()
    at = schedule(action)
    with transaction():
        launches.launch(action, by=None, now=utc_now())
    assert fresh(action).state is ActionState.LAUNCHING and not start(action, at)


def test_safeguard_is_asked_again_at_the_time() -> None:
    stays, goes = factories.contact(), factories.contact()
    action = broadcast(stays, goes)
    at = schedule(action)
    assert launches.preview(action).ready == 2
    opts_out(goes)
    assert launches.preview(action).ready == 1
    people, _more = recipients.page(action, None)
    assert people == [stays]
    assert start(action, at)
    with transaction():
        while launches.sort_chunk(action, now=at):
            pass
    states = {row.contact_id: row.state for row in db.session.scalars(select(Recipient))}
    assert states == {stays.id: RecipientState.READY, goes.id: RecipientState.SUPPRESSED}


def opts_out(contact: Contact) -> None:
    with transaction():
        optouts.record(contact, Texting.BROADCAST, source=OptOutSource.STOP_WORD, now=utc_now())


def everybody_opts_out(action: Action) -> None:
    for contact in recipients.page(action, None)[0]:
        opts_out(contact)


def the_list_is_emptied(action: Action) -> None:
    with transaction():
        for row in db.session.scalars(select(ListMember)):
            db.session.delete(row)


def the_number_is_retired(action: Action) -> None:
    with transaction():
        number = db.session.get_one(Number, action.number_id)
        numbers.retire(number, by=None, now=utc_now())


def the_tag_is_taken_out(action: Action) -> None:
    with transaction():
        tag = report_settings.opt_out_tag(action)
        report_settings.hide_tag(action, tag, by=None, now=utc_now())


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (everybody_opts_out, "Nobody in this list can be texted."),
        (the_list_is_emptied, "Nobody in this list can be texted."),
        (the_number_is_retired, "The number of this action was retired."),
        (the_tag_is_taken_out, "Texters can't record opt-outs in this action."),
    ],
)
def test_what_keeps_it_from_launching_puts_it_back_to_draft_and_says_why(
    happens: Callable[[Action], None], said: str
) -> None:
    action = broadcast()
    at = schedule(action)
    happens(action)

    assert not start(action, at)

    assert (fresh(action).state, fresh(action).starts_at) == (ActionState.DRAFT, None)
    assert fresh(action).alarm.startswith(f"It was not sent as scheduled. {said}")
    [back] = entries(Event.UNSCHEDULED)
    assert back.actor is Actor.HEED and said in back.details["reason"]
    assert entries(Event.LAUNCHED) == []


def test_scheduling_or_launching_it_again_takes_the_alarm_back() -> None:
    action = broadcast()
    with transaction():
        action.alarm = "It was not sent as scheduled."
    schedule(action)
    assert fresh(action).alarm == ""


def test_nothing_is_sent_hours_late_because_nobody_ran_heed() -> None:
    action = broadcast()
    at = schedule(action)
    assert not start(action, at + timedelta(minutes=61))
    assert "Heed wasn't running at that time." in fresh(action).alarm
    again = broadcast()
    at = schedule(again)
    assert start(again, at + timedelta(minutes=59))


def test_who_agreed_to_launch_without_the_tag_is_asked_once() -> None:
    action = broadcast()
    the_tag_is_taken_out(action)
    with pytest.raises(InvalidError, match="acknowledge"):
        schedule(action)
    at = schedule(action, acknowledged=True)
    assert start(action, at)
    assert len(entries(Event.LAUNCHED_WITHOUT_OPT_OUT_TAG)) == 1


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-05-05T16:00", datetime(2026, 5, 5, 21, tzinfo=UTC)),
        ("2026-12-05T16:00", datetime(2026, 12, 5, 22, tzinfo=UTC)),
        ("2026-11-01T01:30", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),  # The first of two.
        ("2026-05-05T16:00:00+00:00", datetime(2026, 5, 5, 16, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_on_the_campaigns_clock(written: str, moment: datetime) -> None:
    campaign = factories.campaign(time_zone="America/Chicago")
    assert schedules.local_time(written, campaign) == moment


@pytest.mark.parametrize("written", ["", "tomorrow", "2026-13-01T10:00", "2026-03-08T02:30"])
def test_a_time_that_no_clock_shows_is_refused(written: str) -> None:
    campaign = factories.campaign(time_zone="America/Chicago")
    with pytest.raises(InvalidError) as refused:
        schedules.local_time(written, campaign)
    assert refused.value.field == "at"
