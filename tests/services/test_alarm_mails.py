"""Alarms by mail: who gets one, once, tried again for a day, and not once it was answered."""

import threading
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests import factories
from tests.services.scenes import MINUTE, NOW
from webapp.db import db, transaction
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    AlarmMail,
    Event,
    MailState,
    Membership,
    TrailEntry,
    User,
)
from webapp.services import actions, alarm_mails, alarms, schedules
from webapp.services.alarm_mails import Letter

DAY = timedelta(days=1)


@pytest.fixture
def maya() -> User:
    return factories.owner(name="Maya Ortiz", email="maya@example.org")


@pytest.fixture
def action(maya: User) -> Action:
    return factories.action(factories.contact(), kind=ActionKind.BROADCAST, name="Rally")


def counts(action: Action, **values: int) -> None:
    with transaction():
        db.session.execute(
            update(ActionTally).where(ActionTally.action_id == action.id).values(**values)
        )


def ring(action: Action, *, now: datetime = NOW) -> None:
    with transaction():
        alarms.ring(db.session.get_one(Action, action.id, populate_existing=True), now=now)


def rung(action: Action) -> None:
    counts(action, ready=0, sent=200, opt_outs=8)
    ring(action)


def mails() -> list[AlarmMail]:
    db.session.rollback()
    query = select(AlarmMail).order_by(AlarmMail.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def claim(now: datetime = NOW) -> Letter | None:
    with transaction():
        return alarm_mails.claim(now=now)


def refuse(letter: Letter, *, for_good: bool = False, now: datetime = NOW) -> bool:
    with transaction():
        return alarm_mails.refused(letter, "127.0.0.1:25 is away.", for_good=for_good, now=now)


def sent(letter: Letter, *, now: datetime = NOW) -> bool:
    with transaction():
        return alarm_mails.sent(letter, now=now)


def state(action: Action) -> ActionState:
    db.session.rollback()
    return db.session.get_one(Action, action.id, populate_existing=True).state


# Who


def test_the_owner_and_each_admin_get_one_and_nobody_else(maya: User, action: Action) -> None:
    admin, gone = factories.admin(), factories.admin()
    factories.texter()
    factories.owner(factories.campaign())
    with transaction():
        factories.the_campaign()
        place = db.session.get_one(Membership, (action.campaign_id, gone.id))
        place.removed_at = NOW
    rung(action)
    assert sorted(mail.user_id for mail in mails()) == sorted([maya.id, admin.id])

    letters = [claim(), claim()]

    assert claim() is None
    assert {letter.to for letter in letters if letter} == {maya.email, admin.email}
    told = letters[0]
    assert told is not None and (told.action, told.state) == ("Rally", ActionState.PAUSED)
    assert told.sentence == "Opt-outs reached 4.0% of 200 texts. Everybody has been texted."


def test_a_broadcast_that_was_not_sent_as_scheduled_is_told_as_well(maya: User) -> None:
    late = factories.action(factories.contact(), kind=ActionKind.BROADCAST, launched=False)
    with transaction():
        schedules.schedule(late, NOW + MINUTE, by=maya, now=NOW)
    with transaction():
        schedules.start(late.id, now=NOW + DAY)
    letter = claim(NOW + DAY)
    assert letter is not None and letter.state is ActionState.DRAFT
    assert letter.sentence.startswith("It was not sent as scheduled. Heed wasn't running")


# Once


def test_an_alarm_rings_once_and_the_next_one_is_another(action: Action) -> None:
    rung(action)
    ring(action)
    assert len(mails()) == 1
    with transaction():
        actions.resume(action, reason="The list was mixed up", by=None, now=NOW)
    ring(action)
    assert len(mails()) == 1
    counts(action, sent=400, opt_outs=16)
    ring(action)
    assert len(mails()) == 2


def test_a_warning_is_mailed_once_also_when_many_workers_ask_at_once(
    app: Flask, action: Action
) -> None:
    with transaction():
        action.pause_only_warns = True
    counts(action, sent=200, opt_outs=8)
    barrier, action_id = threading.Barrier(4), action.id
    db.session.rollback()

    def work() -> None:
        with app.app_context(), transaction():
            read = db.session.get_one(Action, action_id)
            if db.engine.dialect.name != "sqlite":  # There they take turns anyway.
                barrier.wait()
            alarms.ring(read, now=NOW)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mails()) == 1 and state(action) is ActionState.LIVE
    entries = select(TrailEntry).where(TrailEntry.event == Event.ALARMED)
    assert len(db.session.scalars(entries).all()) == 1


def test_two_mailers_send_a_mail_once(action: Action) -> None:
    rung(action)
    letter = claim()
    assert letter is not None and claim() is None
    assert sent(letter) and not sent(letter)
    assert claim(NOW + DAY) is None
    assert mails()[0].state is MailState.SENT


def test_a_mailer_that_died_leaves_the_mail_to_the_next_one(action: Action) -> None:
    rung(action)
    first = claim()
    second = claim(NOW + alarm_mails.LEASE)
    assert first is not None and second is not None and second.attempt == 2
    assert not refuse(first, for_good=True), "It is somebody else's now."
    assert sent(second)


# Again


def test_it_is_tried_again_with_longer_and_longer_waits_for_a_day(action: Action) -> None:
    rung(action)
    now, waits = NOW, []
    while (letter := claim(now)) is not None:
        refuse(letter, now=now)
        assert claim(now) is None
        after = mails()[0].not_before
        waits.append((after - now) // MINUTE)
        now = after
    assert waits[:7] == [1, 2, 4, 8, 16, 30, 30] and set(waits[7:]) == {30}
    assert now - NOW <= DAY + timedelta(minutes=30)
    (mail,) = mails()
    assert (mail.state, mail.error) == (MailState.FAILED, "127.0.0.1:25 is away.")


def test_what_is_refused_for_good_is_not_tried_again(action: Action) -> None:
    rung(action)
    letter = claim()
    assert letter is not None and refuse(letter, for_good=True)
    assert claim(NOW + timedelta(hours=2)) is None
    assert mails()[0].state is MailState.FAILED


# Not any more


def test_an_alarm_that_was_answered_meanwhile_is_not_mailed(action: Action) -> None:
    rung(action)
    with transaction():
        actions.finish(action, by=None, now=NOW)
    assert claim() is None
    assert [(mail.state, mail.error) for mail in mails()] == [
        (MailState.CANCELLED, alarm_mails.ANSWERED)
    ]


@pytest.mark.parametrize("how", ["removed", "texter"])
def test_nobody_gets_one_who_does_not_run_the_campaign_any_more(
    maya: User, action: Action, how: str
) -> None:
    admin = factories.admin()
    rung(action)
    with transaction():
        place = db.session.get_one(Membership, (action.campaign_id, admin.id))
        if how == "removed":
            place.removed_at = NOW
        else:
            place.role = db.session.get_one(
                Membership, (action.campaign_id, factories.texter().id)
            ).role
    letters = [letter.to for letter in iter(claim, None)]
    assert letters == [maya.email]


# When nobody is left to be claimed


def test_a_late_opt_out_rings_although_everybody_was_texted(action: Action) -> None:
    counts(action, ready=0, sent=200, opt_outs=5)
    assert alarms.overdue() == []
    counts(action, opt_outs=6)
    assert alarms.overdue() == [action.id]
    ring(action)
    assert state(action) is ActionState.PAUSED and alarms.overdue() == []


@pytest.mark.parametrize(
    "values",
    [
        {"pause_per_mille": 0},
        {"pause_after": 201},
        {"watched_opt_outs": 3},
        {"state": ActionState.PAUSED},
        {"pause_only_warns": True, "alarm": "Opt-outs reached 3.0% of 200 texts."},
    ],
)
def test_the_sweep_rings_nothing_that_a_claim_would_not_ring(
    action: Action, values: dict[str, object]
) -> None:
    counts(action, ready=0, sent=200, opt_outs=8)
    with transaction():
        for name, value in values.items():
            setattr(action, name, value)
    assert alarms.overdue() == []
