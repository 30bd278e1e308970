"""Broadcasts: ready recipients become texts when they are claimed, each once, at their hours."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from tests import factories
from tests.services import scenes
from tests.services.scenes import MINUTE, NOW
from webapp.carriers.base import Outgoing
from webapp.db import db, transaction
from webapp.models import (
    Action,
    ActionKind,
    ActionMoment,
    ActionState,
    ActionTally,
    Actor,
    Campaign,
    Contact,
    Event,
    Message,
    MessageKind,
    MessageState,
    NumberKind,
    Reason,
    Recipient,
    RecipientState,
    Texting,
    TrailEntry,
)
from webapp.services import actions, claims, launches, outbox, scripts, walking
from webapp.services.walking import Walks

SUPPRESSED = tuple(reason.value for reason in Reason)
TEXTS = (
    *("queued", "claimed", "sending", "sent", "delivered", "undelivered"),
    *("failed", "unknown", "cancelled"),
)


@pytest.fixture(autouse=True)
def a_number_for_broadcasts(app: Flask) -> None:
    factories.number(kind=NumberKind.BROADCAST)


def broadcast(*people: Contact, **values: object) -> Action:
    return factories.action(*people, kind=ActionKind.BROADCAST, **values)


def people(amount: int, **values: object) -> list[Contact]:
    with transaction():
        return [factories.contact(**values) for _ in range(amount)]


def phones(texts: Sequence[Outgoing]) -> list[str]:
    return [text.recipient for text in texts]


def draw(walks: Walks | None = None, *, most: int = 20, now: datetime = NOW) -> list[int]:
    with transaction():
        claimed = claims.claim(owner="worker-1", rate=1_000, walks=walks, most=most, now=now)
    return [text.message_id for text in claimed]


def send(message_ids: Sequence[int], *, now: datetime = NOW) -> None:
    """Hand these leased texts over; the carrier takes them."""
    for message_id in message_ids:
        out = scenes.take(message_id, now=now)
        assert out is not None
        scenes.settle(message_id, scenes.accepted(out), now=now)


def counts(action: Action) -> ActionTally:
    db.session.rollback()
    kept = db.session.get_one(ActionTally, action.id, populate_existing=True)
    parts = ("ready", *SUPPRESSED, *TEXTS)
    assert kept.total == sum(getattr(kept, part) for part in parts)
    return kept


def test_a_broadcast_reaches_exactly_those_whom_safeguard_let_through_each_once() -> None:
    stays, other = people(2)
    gone = factories.contact(opted_out_of=Texting.BROADCAST)
    gone_p2p = factories.contact(opted_out_of=Texting.P2P)
    never_signed_up = factories.contact(subscribed="", subscribed_at=None)
    action = broadcast(stays, other, gone, gone_p2p, never_signed_up)

    left = scenes.send_all()

    assert sorted(phones(left)) == sorted([stays.phone, other.phone, gone_p2p.phone])
    kept = counts(action)
    assert (kept.ready, kept.sent, kept.opted_out, kept.no_consent) == (0, 3, 1, 1)
    assert scenes.send_all() == []


def test_a_text_becomes_a_row_only_when_it_is_claimed() -> None:
    action = broadcast(*people(3))
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0

    draw(most=2)

    kept = counts(action)
    assert (kept.ready, kept.claimed) == (1, 2)


def test_the_text_reads_as_written_for_each_contact_and_versions_are_spread() -> None:
    ana, ben = people(2, first_name="Ana")
    action = broadcast(ana, ben, launched=False)
    with transaction():
        scripts.set_scripts(action, ["A {first_name}. STOP to stop", "B {first_name}. STOP"])
    with transaction():
        launches.launch(action, by=None, now=NOW)
        while launches.sort_chunk(action, now=NOW):
            pass

    bodies = {text.body for text in scenes.send_all()}

    assert bodies == {"A Ana. STOP to stop", "B Ana. STOP"}


def test_whoever_texts_stop_after_the_launch_is_left_out() -> None:
    stays, gone = people(2)
    action = broadcast(stays, gone)
    number = actions.numbers_for(action.campaign_id, Texting.BROADCAST)[0]

    scenes.text_in(gone, number, "STOP", now=NOW)

    assert phones(scenes.send_all(now=NOW + MINUTE)) == [stays.phone]
    kept = counts(action)
    assert (kept.opted_out, kept.skipped, kept.sent) == (1, 1, 1)


def test_a_stop_between_claim_and_take_cancels_the_text() -> None:
    (gone,) = people(1)
    action = broadcast(gone)
    number = actions.numbers_for(action.campaign_id, Texting.BROADCAST)[0]
    (text,) = draw()

    scenes.text_in(gone, number, "STOP", now=NOW)

    assert scenes.take(text, now=NOW) is None
    assert counts(action).cancelled == 1


def test_a_paused_broadcast_sends_nothing_more_and_goes_on_when_resumed() -> None:
    action = broadcast(*people(3))
    (text,) = draw(most=1)
    with transaction():
        actions.pause(action, by=None, now=NOW)

    assert scenes.take(text, now=NOW) is None
    assert scenes.send_all() == []

    with transaction():
        actions.resume(action, by=None, now=NOW)
    assert len(scenes.send_all(now=NOW + MINUTE)) == 3
    assert counts(action).sent == 3


def test_people_outside_their_hours_stay_ready_until_it_is_day_where_they_live() -> None:
    with transaction():
        home = factories.the_campaign()
        home.opens_minute, home.closes_minute = 9 * 60, 21 * 60
    (east,) = people(1, zones="America/New_York")
    (west,) = people(1, zones="America/Los_Angeles")
    action = broadcast(west, east)
    early = NOW.replace(hour=15, minute=30)  # 10:30 in New York, 9:30 in Chicago, 7:30 in LA

    assert phones(scenes.send_all(now=early)) == [east.phone]
    kept = counts(action)
    assert (kept.ready, kept.sent) == (1, 1)
    assert phones(scenes.send_all(now=early + timedelta(hours=2))) == [west.phone]


def test_the_recontact_lock_defers_a_broadcast_and_never_suppresses() -> None:
    with transaction():
        factories.the_campaign().recontact_lock_hours = 6
    (dana,) = people(1)
    broadcast(dana)
    assert len(scenes.send_all()) == 1

    second = broadcast(dana)

    assert scenes.send_all(now=NOW + timedelta(hours=5)) == []
    assert counts(second).ready == 1
    assert phones(scenes.send_all(now=NOW + timedelta(hours=6, minutes=1))) == [dana.phone]


def test_a_walk_that_found_nobody_rests_and_then_looks_again() -> None:
    with transaction():
        home = factories.the_campaign()
        home.opens_minute, home.closes_minute = 9 * 60, 21 * 60
    (west,) = people(1, zones="America/Los_Angeles")
    broadcast(west)
    walks, early = Walks(), NOW.replace(hour=16, minute=59, second=50)

    assert draw(walks, now=early) == []
    assert not claims.is_waiting(walks, now=early)
    assert not walks.is_under_way

    later = early + walking.REST
    assert claims.is_waiting(walks, now=later)
    assert len(draw(walks, now=later)) == 1


def test_an_audience_of_sleepers_is_walked_in_short_steps() -> None:
    with transaction():
        home = factories.the_campaign()
        home.opens_minute, home.closes_minute = 9 * 60, 21 * 60
    asleep = walking.WINDOW * walking.LOOKS
    phones = [f"+1{area}555{n:04}" for area in range(501, 511) for n in range(100, 200)]
    with transaction():
        sleepers = [
            factories.contact(phone=phone, zones="America/Los_Angeles") for phone in phones[:asleep]
        ]
    assert len(sleepers) == asleep
    action = broadcast(*sleepers, *people(1))
    walks, early = Walks(), NOW.replace(hour=15, minute=30)

    assert draw(walks, now=early) == []
    assert walks.is_under_way, "the rest of the audience is looked at without a pause"
    assert len(draw(walks, now=early)) == 1
    assert counts(action).ready == asleep


def test_a_sender_that_begins_anew_texts_nobody_twice() -> None:
    action = broadcast(*people(5))
    first = draw(Walks(), most=2)
    second = draw(Walks(), most=20, now=NOW + MINUTE)

    assert len({*first, *second}) == 5
    told = select(Message.contact_id, func.count()).group_by(Message.contact_id)
    assert {amount for _contact, amount in db.session.execute(told)} == {1}
    assert counts(action).claimed == 5


def test_a_sender_that_begins_anew_goes_on_where_the_texts_end() -> None:
    """Walking over a million people who have been texted would hold up every writer."""
    action = broadcast(*people(5))
    draw(Walks(), most=3)
    last = db.session.scalars(select(func.max(Message.contact_id))).one()

    with transaction():
        assert Walks().of(action.id).cursor == last


def test_a_sender_that_begins_anew_also_meets_those_who_were_asleep_before() -> None:
    with transaction():
        home = factories.the_campaign()
        home.opens_minute, home.closes_minute = 9 * 60, 21 * 60
    (west,) = people(1, zones="America/Los_Angeles")
    (east,) = people(1, zones="America/New_York")
    broadcast(west, east)
    early = NOW.replace(hour=15, minute=30)
    assert phones(scenes.send_all(now=early)) == [east.phone]

    assert len(draw(Walks(), now=early + timedelta(hours=2))) == 1


def test_a_claim_takes_as_many_statements_for_a_hundred_people_as_for_one() -> None:
    action = broadcast(*people(103))
    walks, asked = Walks(), list[str]()
    draw(walks, most=1)

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        for most in (1, 100):
            asked.clear()
            assert len(draw(walks, most=most, now=NOW + most * MINUTE)) == most
            # The number, the live broadcasts, the audience, the recipients, the texts, the next
            # slot of the number and the kept counts.
            assert len([one for one in asked if not one.startswith("BEGIN")]) == 7, asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert counts(action).claimed == 102


def test_the_audience_is_read_from_where_the_sender_is_in_every_table() -> None:
    """PostgreSQL read all contacts before the cursor, so a broadcast slowed down as it went."""
    query = walking._WINDOW.compile(db.engine)
    with transaction():
        connection = db.session.connection()
        if db.engine.dialect.name == "sqlite":
            values = tuple(1 for _ in query.positiontup or ())
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all()
            plan = "\n".join(row[3] for row in rows)
            assert "recipient USING PRIMARY KEY (action_id=? AND contact_id>?)" in plan, plan
            assert "contact USING INTEGER PRIMARY KEY (rowid=?)" in plan, plan
            return
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("SET LOCAL enable_nestloop = off")  # as for large tables
        connection.exec_driver_sql("SET LOCAL enable_hashjoin = off")
        bound = {name: query.params[name] or 3_000 for name in query.params}
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {query}", bound).scalars())
    assert "(id > " in plan and "(contact_id > " in plan, plan


def test_references_of_texts_that_are_written_together_stand_together() -> None:
    broadcast(*people(20))
    draw(most=20)

    names = db.session.scalars(select(Message.reference)).all()

    assert len(set(names)) == 20 and {len(name or "") for name in names} == {32}
    assert len({(name or "")[:12] for name in names}) == 1, "all begin with the time"
    assert len({(name or "")[12:16] for name in names}) > 10, "and go on with chance"


def test_replies_leave_before_broadcasts() -> None:
    dana, *rest = people(4)
    with transaction():
        number = actions.numbers_for(dana.campaign_id, Texting.BROADCAST)[0]
        number.kind = NumberKind.BOTH
    broadcast(*rest)
    talk = factories.action(dana)
    texter = factories.texter()
    text = factories.first_text(talk, dana, texter)

    assert draw(most=2)[0] == text.id


def test_a_text_with_an_empty_variable_is_listed_as_failed_and_never_sent() -> None:
    with transaction():
        factories.the_campaign().fallbacks = {}
    (nameless,) = people(1, first_name="")
    (dana,) = people(1)
    action = broadcast(nameless, dana, launched=False)
    with transaction():
        scripts.set_scripts(action, ["Hi {city} {first_name}, vote. Reply STOP to opt out."])
        dana.city = "Chicago"
    with transaction():
        launches.launch(action, by=None, now=NOW)
        while launches.sort_chunk(action, now=NOW):
            pass

    left = scenes.send_all()

    assert dana.phone in phones(left)
    kept = counts(action)
    assert kept.sent + kept.failed == 2
    if kept.failed:
        assert scenes.newest(state=MessageState.FAILED).error_reason


def test_a_number_keeps_its_own_pace() -> None:
    action = broadcast(*people(3))
    with transaction():
        number = actions.numbers_for(action.campaign_id, Texting.BROADCAST)[0]
        number.rate = 0.5
    with transaction():
        first = claims.claim(owner="worker-1", rate=1_000, now=NOW)
    with transaction():
        too_early = claims.claim(owner="worker-1", rate=1_000, now=NOW + timedelta(seconds=1))
    with transaction():
        second = claims.claim(owner="worker-1", rate=1_000, now=NOW + timedelta(seconds=2))
    assert (len(first), len(too_early), len(second)) == (1, 0, 1)


# The alarm


def answered_by_stop(action: Action, amount: int) -> None:
    """Say that so many who got this broadcast have opted out in answer to it."""
    with transaction():
        db.session.get_one(ActionTally, action.id, with_for_update=True).opt_outs += amount


def test_a_broadcast_pauses_itself_when_too_many_opt_out() -> None:
    action = broadcast(*people(12), pause_after=10)
    send(draw(most=10))
    assert draw(most=1, now=NOW + MINUTE), "below the threshold it goes on"
    answered_by_stop(action, 1)

    assert draw(now=NOW + 2 * MINUTE) == []

    db.session.rollback()
    paused = db.session.get_one(Action, action.id, populate_existing=True)
    assert paused.state is ActionState.PAUSED
    assert paused.alarm == "Opt-outs reached 10.0% of 10 texts. 2 people haven't been texted."
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.event == Event.PAUSED)).one()
    assert (entry.actor, entry.details["opt_outs"]) == (Actor.HEED, 1)


def test_below_its_number_of_texts_the_alarm_is_silent_and_it_can_be_turned_off() -> None:
    first = broadcast(*people(5), pause_after=200)
    second = broadcast(*people(5), pause_per_mille=0, pause_after=1)
    for action in (first, second):
        answered_by_stop(action, 5)
    assert len(scenes.send_all()) == 10


def test_an_alarm_may_only_warn_and_warns_once() -> None:
    action = broadcast(*people(3), pause_after=1, pause_only_warns=True)
    send(draw(most=1))
    answered_by_stop(action, 1)

    assert len(scenes.send_all(now=NOW + MINUTE)) == 2

    db.session.rollback()
    assert db.session.get_one(Action, action.id, populate_existing=True).alarm
    rung = select(func.count()).where(TrailEntry.event == Event.ALARMED)
    assert db.session.scalar(rung) == 1


def test_after_a_resume_the_rate_is_watched_anew() -> None:
    action = broadcast(*people(4), pause_after=1)
    send(draw(most=1))
    answered_by_stop(action, 1)
    assert draw(now=NOW + MINUTE) == []

    with transaction():
        row = db.session.get_one(Action, action.id)
        row.state, row.alarm = ActionState.LIVE, ""
        row.watched_sent, row.watched_opt_outs = 1, 1

    assert len(scenes.send_all(now=NOW + 2 * MINUTE)) == 3


# The charts


def test_what_happens_is_kept_by_five_minutes() -> None:
    action = broadcast(*people(2))
    at = NOW.replace(minute=3)
    first, second = drawn = draw(now=at)
    send(drawn, now=at)
    scenes.report_of(db.session.get_one(Message, first), "delivered", now=at + 4 * MINUTE)
    scenes.report_of(db.session.get_one(Message, second), "undelivered", now=at + 4 * MINUTE)

    db.session.rollback()
    moments = db.session.scalars(
        select(ActionMoment).where(ActionMoment.action_id == action.id).order_by(ActionMoment.at)
    ).all()
    told = [(one.at.minute, one.sent, one.delivered, one.failed) for one in moments]
    assert told == [(0, 2, 0, 0), (5, 0, 1, 1)]


# At the same moment


def test_senders_at_once_share_an_audience_and_text_nobody_twice(app: Flask) -> None:
    action = broadcast(*people(120))
    drawn: list[int] = []
    with transaction():
        db.session.get_one(Campaign, action.campaign_id)

    def work(owner: str) -> None:
        walks = Walks()
        with app.app_context():
            for round_ in range(40):
                with transaction():
                    claimed = claims.claim(
                        owner=owner, rate=1_000, walks=walks, now=NOW + round_ * MINUTE
                    )
                drawn.extend(text.message_id for text in claimed)

    threads = [threading.Thread(target=work, args=(f"worker-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(drawn) == len(set(drawn)) == 120
    texted = select(func.count()).where(
        Recipient.action_id == action.id, Recipient.state == RecipientState.TEXTED
    )
    assert db.session.scalar(texted) == 120
    assert counts(action).claimed == 120


def test_a_queued_confirmation_needs_no_broadcast() -> None:
    """A number without broadcasts is served as before."""
    dana = factories.contact()
    number = actions.numbers_for(dana.campaign_id, Texting.BROADCAST)[0]
    with transaction():
        outbox.confirm(dana, number.id, Texting.BROADCAST, "You are opted out.", now=NOW)
    assert [text.body for text in scenes.send_all(now=NOW)] == ["You are opted out."]
    assert scenes.newest(kind=MessageKind.CONFIRMATION).state is MessageState.SENT
