"""Claim, take, call, settle, sweep: a text leaves once, or not at all, and never after a STOP."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, insert, select, update

from tests import factories
from tests.services import scenes
from tests.services.scenes import MINUTE, NOW, again, claim, send_all, settle, sweep, take
from webapp.carriers.base import Accepted, Refused, Result, Unknown
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError
from webapp.models import (
    Action,
    ActionTally,
    Actor,
    Answerer,
    CarrierBlock,
    Contact,
    ContactTag,
    Event,
    Message,
    MessageKind,
    MessageState,
    Number,
    OptOutSource,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import (
    actions,
    audit,
    claims,
    conversations,
    delivery,
    optouts,
    outbox,
    safeguard,
    settlement,
    tags,
)
from webapp.services.walking import Walks

SECOND = timedelta(seconds=1)
GONE = Refused("21610", "The recipient has opted out.", permanent=True, opted_out=True)
BUSY = Refused("20429", "Too many requests.", permanent=False)


@pytest.fixture(autouse=True)
def everything_holds(app: Flask) -> Iterator[None]:
    """Whatever a test does, the counts add up and nobody was texted after an opt-out."""
    yield
    db.session.rollback()
    assert [found for found in audit.run() if not found.ok] == []


@pytest.fixture
def texter() -> User:
    return factories.texter()


@pytest.fixture
def contact() -> Contact:
    return factories.contact()


@pytest.fixture
def action(contact: Contact) -> Action:
    factories.number(confirmation_by=Answerer.NOBODY)
    return factories.action(contact, *(factories.contact() for _ in range(4)))


@pytest.fixture
def text(action: Action, contact: Contact, texter: User) -> Message:
    """A first text that is queued."""
    return factories.first_text(action, contact, texter)


def stop(contact: Contact, now: datetime = NOW) -> None:
    number = db.session.scalars(select(Number).order_by(Number.id).limit(1)).one()
    scenes.text_in(contact, number, "STOP", now=now)


def reply_to(message: Message, texter: User, *, now: datetime = NOW) -> Message:
    """A reply that is queued in the conversation of a text."""
    with transaction():
        contact = db.session.get_one(Contact, message.contact_id)
        number = db.session.get_one(Number, message.number_id)
        action = db.session.get_one(Action, message.action_id)
        thread = conversations.start(
            contact, action, number, message.texting, assignee_id=texter.id, now=now
        )
        return outbox.queue(thread, "At the library.", MessageKind.REPLY, by=texter, now=now)


def counts(action: Action) -> dict[str, int]:
    db.session.rollback()
    row = db.session.get_one(ActionTally, action.id)
    names = [state.value for state in MessageState] + ["ready", "opted_out", "total"]
    found = {name: getattr(row, name, 0) for name in names}
    return {name: amount for name, amount in found.items() if amount}


# Claiming


def test_a_queued_text_is_leased_to_one_worker(text: Message) -> None:
    assert claim() == [text.id]
    assert claim(owner="worker-2", now=NOW + SECOND) == []
    kept = again(text)
    assert (kept.state, kept.lease_owner) == (MessageState.CLAIMED, scenes.WORKER)
    assert kept.lease_until == NOW + claims.LEASE


def test_the_oldest_texts_are_leased_first(action: Action, texter: User) -> None:
    people = db.session.scalars(select(Contact).order_by(Contact.id.desc())).all()
    texts = [factories.first_text(action, person, texter) for person in people]
    for place, one in enumerate(texts):
        with transaction():
            one.not_before = NOW - (place + 1) * MINUTE
    assert claim(rate=1) == [texts[4].id, texts[3].id]


def test_a_text_waits_for_its_moment(text: Message) -> None:
    with transaction():
        text.not_before = NOW + SECOND
    assert claim() == []
    assert claim(now=NOW + SECOND) == [text.id]


def test_first_texts_of_a_paused_action_wait_and_its_replies_go_on(
    action: Action, text: Message, texter: User
) -> None:
    reply = reply_to(text, texter)
    with transaction():
        actions.pause(action, by=None, now=NOW)
    assert claim() == [reply.id]
    with transaction():
        actions.resume(action, by=None, now=NOW)
    assert claim(now=NOW + SECOND) == [text.id]


def test_a_number_keeps_its_pace(action: Action, texter: User) -> None:
    for person in db.session.scalars(select(Contact)).all():
        factories.first_text(action, person, texter)
    with transaction():
        first = claims.claim(owner="worker-1", rate=2, now=NOW)
    assert [one.at - NOW for one in first] == [place * timedelta(seconds=0.5) for place in range(4)]
    assert claim(owner="worker-2", rate=2, now=NOW + 1.9 * SECOND) == []
    with transaction():
        last = claims.claim(owner="worker-2", rate=2, now=NOW + 2 * SECOND)
    assert [one.at for one in last] == [NOW + 2 * SECOND]


def test_one_number_does_not_wait_for_another(texter: User) -> None:
    numbers = [factories.number() for _ in range(2)]
    for number in numbers:
        contact = factories.contact()
        action = factories.action(contact, number_id=number.id)
        factories.first_text(action, contact, texter)
    assert len(claim(rate=1)) == 1
    assert len(claim(rate=1)) == 1
    assert claim(rate=1) == []


# Taking


def test_a_leased_text_is_taken_once_right_before_its_call(
    text: Message, contact: Contact, action: Action
) -> None:
    claim()
    with transaction():
        out = delivery.take(
            text.id, owner=scenes.WORKER, status_url="https://heed.example/status", now=NOW
        )
    assert out is not None
    number = db.session.get_one(Number, action.number_id)
    assert (out.sender, out.recipient, out.body) == (number.phone, contact.phone, text.body)
    assert (out.reference, out.status_url) == (text.reference, "https://heed.example/status")
    assert take(text.id) is None
    kept = again(text)
    assert (kept.state, kept.attempts, kept.sending_at) == (MessageState.SENDING, 1, NOW)
    assert counts(action) == {"total": 5, "ready": 4, "sending": 1}


def test_a_worker_takes_only_what_is_leased_to_it(text: Message) -> None:
    assert take(text.id) is None
    claim()
    assert take(text.id, owner="worker-2") is None
    assert again(text).state is MessageState.CLAIMED


def test_a_lease_that_has_lapsed_is_worth_nothing(text: Message) -> None:
    claim()
    assert take(text.id, now=NOW + claims.LEASE) is None
    assert again(text).state is MessageState.QUEUED


def test_a_text_of_a_late_worker_is_not_taken_from_the_one_that_has_it_now(text: Message) -> None:
    claim(owner="late")
    sweep(now=NOW + claims.LEASE)
    claim(owner="quick", now=NOW + claims.LEASE)
    assert take(text.id, owner="late", now=NOW + claims.LEASE) is None
    assert take(text.id, owner="quick", now=NOW + claims.LEASE) is not None


def test_a_stop_between_claim_and_take_cancels_the_text(
    text: Message, contact: Contact, action: Action
) -> None:
    stop(contact)  # The text is queued.
    assert claim() == []
    assert again(text).state is MessageState.CANCELLED
    assert counts(action) == {"total": 5, "ready": 4, "cancelled": 1}


def test_a_stop_while_a_text_is_leased_cancels_it(
    text: Message, contact: Contact, action: Action
) -> None:
    claim()
    stop(contact)
    assert take(text.id) is None
    assert again(text).state is MessageState.CANCELLED
    assert counts(action) == {"total": 5, "ready": 4, "cancelled": 1}


@pytest.mark.parametrize("kind", [MessageKind.FIRST, MessageKind.REPLY])
def test_the_take_itself_asks_for_the_opt_out(
    text: Message, contact: Contact, texter: User, kind: MessageKind
) -> None:
    one = text if kind is MessageKind.FIRST else reply_to(text, texter)
    claim()
    with transaction():
        # An opt-out that left the leased texts alone: the road that no other guard watches.
        optouts.record(contact, Texting.P2P, source=OptOutSource.ADMIN, now=NOW)
        leased = {"state": MessageState.CLAIMED, "lease_owner": scenes.WORKER}
        leased["lease_until"] = NOW + MINUTE
        db.session.execute(update(Message).where(Message.id == one.id).values(leased))
        if kind is MessageKind.FIRST:
            db.session.execute(
                update(ActionTally).values(
                    claimed=ActionTally.claimed + 1, cancelled=ActionTally.cancelled - 1
                )
            )
    assert take(one.id) is None
    assert again(one).state is MessageState.CANCELLED


def test_a_carrier_block_between_claim_and_take_cancels_the_text(
    text: Message, contact: Contact
) -> None:
    claim()
    with transaction():
        db.session.execute(
            insert(CarrierBlock).values(
                number_id=text.number_id,
                contact_id=contact.id,
                campaign_id=contact.campaign_id,
                since=NOW,
            )
        )
    assert take(text.id) is None
    assert again(text).state is MessageState.CANCELLED


def test_an_opt_out_of_the_other_kind_stops_nothing(text: Message, contact: Contact) -> None:
    with transaction():
        optouts.record(contact, Texting.BROADCAST, source=OptOutSource.ADMIN, now=NOW)
    assert len(send_all()) == 1


def test_a_stop_between_take_and_call_withdraws_the_text(
    text: Message, contact: Contact, action: Action
) -> None:
    claim()
    assert take(text.id) is not None
    assert delivery.still_wanted(text.id, owner=scenes.WORKER, now=NOW)
    stop(contact)
    assert not delivery.still_wanted(text.id, owner=scenes.WORKER, now=NOW)
    with transaction():
        delivery.withdraw(text.id, owner=scenes.WORKER, now=NOW)
    assert again(text).state is MessageState.CANCELLED
    assert counts(action) == {"total": 5, "ready": 4, "cancelled": 1}


def test_the_confirmation_of_an_opt_out_leaves_all_the_same(text: Message) -> None:
    with transaction():
        db.session.execute(update(Number).values(confirmation_by=Answerer.HEED))
    contact = db.session.get_one(Contact, text.contact_id)
    stop(contact)
    assert [out.body for out in send_all()] == [factories.the_campaign().confirmation_text]


# Hours and pauses

NIGHT = datetime(2030, 1, 16, 5, 0, tzinfo=UTC)  # 11 pm in Chicago
MORNING = datetime(2030, 1, 16, 15, 0, tzinfo=UTC)  # 9 am there


def keep_hours(**values: object) -> None:
    with transaction():
        home = factories.the_campaign()
        home.opens_minute, home.closes_minute = 9 * 60, 21 * 60
        for name, value in values.items():
            setattr(home, name, value)


def test_a_text_outside_the_hours_waits_for_the_next_opening(text: Message) -> None:
    keep_hours()
    assert send_all(now=NIGHT) == []
    kept = again(text)
    assert (kept.state, kept.not_before, kept.attempts) == (MessageState.QUEUED, MORNING, 0)
    assert send_all(now=MORNING - SECOND) == []
    assert len(send_all(now=MORNING)) == 1


def test_the_contacts_own_zone_counts_as_well(text: Message, contact: Contact) -> None:
    keep_hours()
    with transaction():
        contact.zones = "America/Los_Angeles"
    assert send_all(now=MORNING) == []
    assert again(text).not_before == MORNING + timedelta(hours=2)


def test_a_reply_keeps_the_hours_unless_the_campaign_says_otherwise(
    text: Message, texter: User
) -> None:
    send_all()
    reply = reply_to(text, texter)
    keep_hours()
    assert send_all(now=NIGHT) == []
    keep_hours(replies_keep_hours=False)
    with transaction():
        again(reply).not_before = NIGHT
    assert len(send_all(now=NIGHT + MINUTE)) == 1


def test_a_confirmation_keeps_no_hours(text: Message) -> None:
    with transaction():
        db.session.execute(update(Number).values(confirmation_by=Answerer.HEED))
    keep_hours()
    stop(db.session.get_one(Contact, text.contact_id), now=NIGHT)
    assert len(send_all(now=NIGHT)) == 1


def test_a_pause_between_claim_and_take_holds_the_text(text: Message, action: Action) -> None:
    claim()
    with transaction():
        actions.pause(action, by=None, now=NOW)
    assert take(text.id) is None
    assert again(text).state is MessageState.QUEUED
    assert send_all(now=NOW + MINUTE) == []
    with transaction():
        actions.resume(action, by=None, now=NOW + MINUTE)
    assert len(send_all(now=NOW + MINUTE)) == 1


def test_finishing_an_action_cancels_what_is_leased(text: Message, action: Action) -> None:
    claim()
    with transaction():
        actions.finish(action, by=None, now=NOW)
    assert take(text.id) is None
    assert again(text).state is MessageState.CANCELLED
    assert counts(action) == {"total": 5, "ready": 4, "cancelled": 1}


# Settling


def test_a_text_that_the_carrier_took_is_sent(text: Message, action: Action) -> None:
    send_all(lambda _: Accepted("SM-1"))
    kept = again(text)
    assert (kept.state, kept.provider, kept.provider_id) == (MessageState.SENT, "twilio", "SM-1")
    assert kept.settled_at is not None
    assert counts(action) == {"total": 5, "ready": 4, "sent": 1}
    assert send_all(now=NOW + timedelta(days=1)) == []


def test_a_temporary_refusal_is_tried_again_a_few_times_and_ever_later(text: Message) -> None:
    now, waits = NOW, []
    while (state := again(text).state) is MessageState.QUEUED:
        assert len(send_all(lambda _: BUSY, now=now)) == 1
        kept = again(text)
        if kept.state is MessageState.QUEUED:
            assert send_all(now=kept.not_before - timedelta(microseconds=1)) == []
            waits.append((kept.not_before - now).total_seconds())
            now = kept.not_before
    assert state is MessageState.FAILED
    assert again(text).attempts == settlement.MOST_ATTEMPTS == 5
    assert [round(wait) for wait in waits] == [6, 21, 81, 321]  # one second of pacing included
    assert send_all(now=now + timedelta(days=1)) == []


def test_a_carrier_that_names_a_time_is_left_alone_until_then(text: Message) -> None:
    asked = Refused("20429", "Later.", permanent=False, retry_after=120)
    claim()
    take(text.id)
    settle(text.id, asked)
    assert again(text).not_before == NOW + timedelta(seconds=120)


def test_a_carrier_cannot_put_a_text_off_for_ever(text: Message) -> None:
    claim()
    take(text.id)
    settle(text.id, Refused("20429", "Later.", permanent=False, retry_after=86_400))
    assert again(text).not_before == NOW + settlement.LONGEST_WAIT


def test_a_text_that_is_refused_for_good_fails_with_the_reason(text: Message) -> None:
    send_all(lambda _: Refused("21614", "Not a mobile number.", permanent=True))
    kept = again(text)
    assert (kept.state, kept.error_code) == (MessageState.FAILED, "21614")
    assert kept.error_reason == "Not a mobile number."


def test_a_text_whose_fate_is_unknown_is_never_tried_again_by_itself(
    text: Message, action: Action
) -> None:
    send_all(lambda _: Unknown("No answer in time."))
    assert again(text).state is MessageState.UNKNOWN
    for days in range(3):
        sweep(now=NOW + timedelta(days=days))
        assert send_all(now=NOW + timedelta(days=days)) == []
    assert counts(action) == {"total": 5, "ready": 4, "unknown": 1}


def test_a_refusal_of_somebody_who_opted_out_at_the_carrier_is_our_opt_out_too(
    text: Message, contact: Contact, texter: User
) -> None:
    other = reply_to(text, texter, now=NOW + MINUTE)
    send_all(lambda _: GONE)
    assert again(text).state is MessageState.FAILED
    assert optouts.is_opted_out(contact.id, contact.campaign_id, Texting.P2P)
    assert not optouts.is_opted_out(contact.id, contact.campaign_id, Texting.BROADCAST)
    assert again(other).state is MessageState.CANCELLED
    block = db.session.scalars(select(CarrierBlock)).one()
    assert (block.number_id, block.contact_id) == (text.number_id, contact.id)
    carried = db.session.scalars(select(ContactTag)).one()
    assert (carried.source, carried.message_id) == (OptOutSource.CARRIER, text.id)
    told = db.session.scalars(select(TrailEntry).where(TrailEntry.contact_id == contact.id)).all()
    assert [(entry.event, entry.actor) for entry in sorted(told, key=lambda one: one.id)] == [
        (Event.CARRIER_BLOCKED, Actor.CARRIER),
        (Event.OPTED_OUT, Actor.CARRIER),
    ]


def test_a_text_that_was_on_the_wire_when_stop_came_is_not_tried_again(
    text: Message, contact: Contact, action: Action
) -> None:
    claim()
    take(text.id)
    stop(contact)
    settle(text.id, BUSY)
    assert again(text).state is MessageState.CANCELLED
    assert counts(action) == {"total": 5, "ready": 4, "cancelled": 1}


def test_a_text_that_was_on_the_wire_when_its_action_ended_is_not_tried_again(
    text: Message, action: Action
) -> None:
    claim()
    take(text.id)
    with transaction():
        actions.finish(action, by=None, now=NOW)
    settle(text.id, BUSY)
    assert again(text).state is MessageState.CANCELLED
    assert counts(action) == {"total": 5, "ready": 4, "cancelled": 1}


def test_a_text_that_was_on_the_wire_when_stop_came_keeps_its_outcome(
    text: Message, contact: Contact
) -> None:
    claim()
    take(text.id)
    stop(contact, now=NOW + SECOND)
    settle(text.id, Accepted("SM-1"), now=NOW + SECOND)
    assert again(text).state is MessageState.SENT


def test_an_answer_that_comes_after_the_sweep_still_counts(text: Message) -> None:
    claim()
    take(text.id)
    sweep(now=NOW + delivery.GIVEN_UP_AFTER)
    assert again(text).state is MessageState.UNKNOWN
    settle(text.id, Accepted("SM-1"), now=NOW + delivery.GIVEN_UP_AFTER)
    assert again(text).state is MessageState.SENT


def test_a_refusal_that_comes_after_the_sweep_queues_nothing(text: Message) -> None:
    claim()
    take(text.id)
    sweep(now=NOW + delivery.GIVEN_UP_AFTER)
    settle(text.id, BUSY, now=NOW + delivery.GIVEN_UP_AFTER)
    assert again(text).state is MessageState.UNKNOWN


# Reports of the carrier


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        (["sent"], "sent"),
        (["delivered"], "delivered"),
        (["delivered", "sent"], "delivered"),
        (["sent", "delivered", "delivered", "undelivered"], "delivered"),
        (["undelivered", "sent"], "undelivered"),
        (["undelivered", "delivered"], "delivered"),
        (["failed", "delivered"], "failed"),
    ],
)
def test_reports_may_come_in_any_order_and_more_than_once(
    text: Message, reports: list[str], expected: str
) -> None:
    send_all()
    for status in reports:
        scenes.report_of(again(text), status)
    assert again(text).state == expected


def test_a_report_finds_its_text_by_the_carriers_id_as_well(text: Message) -> None:
    send_all()
    assert scenes.report_of(again(text), "delivered", by_id=True)
    assert again(text).state is MessageState.DELIVERED


def test_a_report_that_is_quicker_than_the_answer_is_kept(text: Message) -> None:
    claim()
    take(text.id)
    assert scenes.report_of(again(text), "delivered")
    settle(text.id, Accepted("SM-of-the-carrier"))
    kept = again(text)
    assert (kept.state, kept.provider_id) == (MessageState.DELIVERED, "SM-of-the-carrier")


def test_a_report_tells_what_became_of_an_unknown_text(text: Message) -> None:
    send_all(lambda _: Unknown("No answer in time."))
    assert scenes.report_of(again(text), "delivered")
    assert again(text).state is MessageState.DELIVERED


def test_a_report_for_a_text_that_waits_for_another_try_ends_the_tries(
    text: Message, action: Action
) -> None:
    send_all(lambda _: BUSY)
    assert again(text).state is MessageState.QUEUED
    assert scenes.report_of(again(text), "sent")  # So the carrier did take it.
    assert again(text).state is MessageState.SENT
    assert send_all(now=NOW + timedelta(days=1)) == []
    assert counts(action) == {"total": 5, "ready": 4, "sent": 1}


def test_a_report_for_a_text_that_was_never_handed_over_changes_nothing(text: Message) -> None:
    assert not scenes.report_of(text, "delivered")
    kept = again(text)
    assert (kept.state, kept.provider_id) == (MessageState.QUEUED, None)


def test_a_report_that_speaks_of_another_carrier_id_changes_nothing(text: Message) -> None:
    send_all()
    kept = again(text)
    assert kept.provider_id is not None
    kept.provider_id = "SM-another"
    assert not scenes.report_of(kept, "delivered")
    db.session.rollback()
    assert again(text).state is MessageState.SENT


def test_a_report_of_an_opt_out_is_our_opt_out_too(text: Message, contact: Contact) -> None:
    send_all()
    assert scenes.report_of(again(text), "failed", error_code="21610", opted_out=True)
    assert again(text).state is MessageState.FAILED
    assert optouts.is_opted_out(contact.id, contact.campaign_id, Texting.P2P)
    assert db.session.scalar(select(func.count()).select_from(CarrierBlock)) == 1


# Sweeping and releasing


def test_what_a_killed_worker_had_leased_is_leased_again(text: Message, action: Action) -> None:
    claim()
    assert sweep(now=NOW + claims.LEASE - SECOND) == 0
    assert sweep(now=NOW + claims.LEASE) == 1
    assert counts(action) == {"total": 5, "ready": 4, "queued": 1}
    assert len(send_all(now=NOW + claims.LEASE)) == 1


def test_what_a_killed_worker_had_on_the_wire_is_unknown_from_then_on(
    text: Message, action: Action
) -> None:
    claim()
    take(text.id)
    assert sweep(now=NOW + delivery.GIVEN_UP_AFTER - SECOND) == 0
    assert sweep(now=NOW + delivery.GIVEN_UP_AFTER) == 1
    assert counts(action) == {"total": 5, "ready": 4, "unknown": 1}
    assert send_all(now=NOW + timedelta(days=1)) == []


def test_a_confirmation_that_cannot_leave_within_five_minutes_is_dropped(text: Message) -> None:
    with transaction():
        db.session.execute(update(Number).values(confirmation_by=Answerer.HEED))
    contact = db.session.get_one(Contact, text.contact_id)
    stop(contact)
    assert sweep(now=NOW + timedelta(seconds=299)) == 0
    assert sweep(now=NOW + timedelta(minutes=5)) == 1
    assert send_all(now=NOW + timedelta(minutes=5)) == []
    dropped = scenes.newest(kind=MessageKind.CONFIRMATION)
    assert dropped.error_reason == "It could not be sent within five minutes."
    assert dropped.settled_at == NOW + timedelta(minutes=5)
    assert optouts.is_opted_out(contact.id, contact.campaign_id, Texting.P2P)


@pytest.mark.parametrize("lifted", [False, True])
def test_a_worker_that_starts_late_drops_a_confirmation_before_any_sweep(
    text: Message, lifted: bool
) -> None:
    with transaction():
        db.session.execute(update(Number).values(confirmation_by=Answerer.HEED))
    contact = db.session.get_one(Contact, text.contact_id)
    stop(contact)
    if lifted:
        with transaction():
            optouts.lift(
                contact,
                Texting.P2P,
                reason="They asked us to.",
                agreed="called",
                by=factories.admin(),
                now=NOW,
            )
    assert send_all(now=NOW + safeguard.CONFIRMS_WITHIN) == []
    assert scenes.newest(kind=MessageKind.CONFIRMATION).state is MessageState.CANCELLED


def test_a_confirmation_that_is_late_between_take_and_call_is_withdrawn(text: Message) -> None:
    with transaction():
        db.session.execute(update(Number).values(confirmation_by=Answerer.HEED))
    stop(db.session.get_one(Contact, text.contact_id))
    late = NOW + safeguard.CONFIRMS_WITHIN
    (confirmation,) = claim(now=late - SECOND)
    assert take(confirmation, now=late - SECOND)
    assert delivery.still_wanted(confirmation, owner=scenes.WORKER, now=late - SECOND)
    assert not delivery.still_wanted(confirmation, owner=scenes.WORKER, now=late)
    with transaction():
        delivery.withdraw(confirmation, owner=scenes.WORKER, now=late)
    assert scenes.newest(kind=MessageKind.CONFIRMATION).state is MessageState.CANCELLED


def test_a_text_that_comes_in_keeps_no_worker_from_the_number(app: Flask, text: Message) -> None:
    def hold(written: threading.Event, go_on: threading.Event) -> None:
        with app.app_context(), transaction():
            person = factories.contact(of=factories.the_campaign())
            db.session.execute(
                insert(CarrierBlock).values(
                    number_id=text_number, contact_id=person.id, campaign_id=person.campaign_id
                )
            )
            written.set()
            go_on.wait(30)

    if db.engine.dialect.name == "sqlite":
        pytest.skip("On SQLite writers take turns anyway.")
    text_number = text.number_id
    db.session.rollback()
    written, go_on = threading.Event(), threading.Event()
    thread = threading.Thread(target=hold, args=(written, go_on))
    thread.start()
    try:
        assert written.wait(30)
        assert claim() == [text.id]
    finally:
        go_on.set()
        thread.join()


def test_an_admin_may_release_an_unknown_text_once_and_with_a_reason(
    text: Message, action: Action
) -> None:
    admin = factories.admin()
    send_all(lambda _: Unknown("No answer in time."))
    with pytest.raises(InvalidError), transaction():
        settlement.release(text, reason="Why not", by=admin, now=NOW)
    with transaction():
        settlement.release(text, reason="They told us so.", by=admin, now=NOW)
    with pytest.raises(ConflictError, match="settled meanwhile"), transaction():
        settlement.release(text, reason="They told us so.", by=admin, now=NOW)
    assert len(send_all(now=NOW + MINUTE)) == 1
    assert counts(action) == {"total": 5, "ready": 4, "sent": 1}
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.event == Event.RELEASED)).one()
    assert (entry.message_id, entry.by_user_id) == (text.id, admin.id)


def test_nobody_can_release_a_text_to_somebody_who_opted_out(
    text: Message, contact: Contact
) -> None:
    send_all(lambda _: Unknown("No answer in time."))
    stop(contact, now=NOW + MINUTE)
    with pytest.raises(ConflictError, match="opted out"), transaction():
        settlement.release(text, reason="They told us so.", by=factories.admin(), now=NOW)


def test_an_answer_that_comes_after_the_release_keeps_the_text_from_leaving_twice(
    text: Message, action: Action
) -> None:
    admin = factories.admin()
    claim()
    take(text.id)
    sweep(now=NOW + delivery.GIVEN_UP_AFTER)
    with transaction():
        settlement.release(text, reason="They told us so.", by=admin, now=NOW)
    settle(text.id, Accepted("SM-1"), now=NOW + 3 * MINUTE)
    assert again(text).state is MessageState.SENT
    assert send_all(now=NOW + 4 * MINUTE) == []


def test_a_worker_that_was_frozen_before_its_call_leaves_a_released_text_to_the_next_one(
    text: Message,
) -> None:
    claim()
    assert take(text.id)
    sweep(now=NOW + delivery.GIVEN_UP_AFTER)
    later = NOW + 3 * MINUTE
    with transaction():
        settlement.release(text, reason="They told us so.", by=factories.admin(), now=later)
    assert claim(owner="worker-2", now=later) == [text.id]
    assert take(text.id, owner="worker-2", now=later)
    assert not delivery.still_wanted(text.id, owner=scenes.WORKER, now=later)
    with transaction():
        delivery.withdraw(text.id, owner=scenes.WORKER, now=later)
    assert delivery.still_wanted(text.id, owner="worker-2", now=later)


@pytest.mark.parametrize(
    "result",
    [Unknown("No answer in time."), BUSY],
    ids=["unknown", "refused"],
)
def test_a_worker_that_was_frozen_in_its_call_says_nothing_of_a_text_that_another_one_has(
    text: Message, result: Result
) -> None:
    claim()
    take(text.id)
    later = NOW + 3 * MINUTE
    sweep(now=later)
    with transaction():
        settlement.release(text, reason="They told us so.", by=factories.admin(), now=later)
    claim(owner="worker-2", now=later)
    take(text.id, owner="worker-2", now=later)
    settle(text.id, result, now=later)
    assert again(text).state is MessageState.SENDING
    settle(text.id, Accepted("SM1"), owner="worker-2", now=later)
    assert (again(text).state, text.provider_id) == (MessageState.SENT, "SM1")


def test_nobody_can_release_a_first_text_of_an_action_that_is_finished(
    text: Message, action: Action
) -> None:
    send_all(lambda _: Unknown("No answer in time."))
    with transaction():
        actions.finish(action, by=None, now=NOW)
    with pytest.raises(ConflictError, match="finished"), transaction():
        settlement.release(text, reason="They told us so.", by=factories.admin(), now=NOW)
    assert again(text).state is MessageState.UNKNOWN


# Several workers


def test_two_workers_never_claim_the_same_text(app: Flask, texter: User) -> None:
    numbers = [factories.number() for _ in range(3)]
    people = [factories.contact() for _ in range(40)]
    for number in numbers:
        action = factories.action(*people, number_id=number.id)
        for person in people:
            factories.first_text(action, person, texter)
    claimed: Counter[int] = Counter()
    taken: Counter[str] = Counter()
    wrong: list[BaseException] = []

    def work(owner: str) -> None:
        try:
            idle = 0
            while idle < 5:
                with app.app_context(), transaction():
                    batch = claims.claim(owner=owner, rate=scenes.FAST, now=utc_now())
                idle = 0 if batch else idle + 1
                time.sleep(0.02)  # Until the slots of the last claim are over.
                for one in batch:
                    with app.app_context(), transaction():
                        out = delivery.take(
                            one.message_id, owner=owner, status_url=None, now=utc_now()
                        )
                    claimed[one.message_id] += 1
                    if out is not None:
                        taken[out.reference] += 1
        except BaseException as error:
            wrong.append(error)
            raise

    threads = [threading.Thread(target=work, args=(f"worker-{place}",)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert set(claimed.values()) == {1}
    assert set(taken.values()) == {1}
    assert len(taken) == 3 * 40


def test_several_workers_together_keep_the_pace_of_a_number(app: Flask, texter: User) -> None:
    people = [factories.contact() for _ in range(24)]
    action = factories.action(*people)
    for person in people:
        factories.first_text(action, person, texter)
    rate, slots, ends = 40.0, [], time.monotonic() + 30

    def work(owner: str) -> None:
        while len(slots) < len(people) and time.monotonic() < ends:
            with app.app_context(), transaction():
                slots.extend(claims.claim(owner=owner, rate=rate, now=utc_now()))

    threads = [threading.Thread(target=work, args=(f"worker-{place}",)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    moments = sorted(slot.at for slot in slots)
    assert len(moments) == len(people)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert min(gaps) >= timedelta(seconds=1 / rate)


def test_a_text_is_not_sent_while_its_tags_cannot_be_read(text: Message) -> None:
    """Fail closed: whatever is wrong with the look-up, the text stays where it is."""
    claim()
    with pytest.raises(Exception, match=r"contact_tag|busy"), transaction():
        db.session.execute(db.text("ALTER TABLE contact_tag RENAME TO hidden_away"))
        delivery.take(text.id, owner=scenes.WORKER, status_url=None, now=NOW)
    assert again(text).state is MessageState.CLAIMED
    assert tags.built_in(text.campaign_id, Texting.P2P).contacts == 0


def test_what_waits_is_read_from_the_queue_of_each_number() -> None:
    """Also with the question whether its action lets a text leave."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("The plan of an empty PostgreSQL table says nothing.")
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    claims.is_waiting(Walks(), now=NOW)
    event.remove(db.engine, "before_cursor_execute", note)
    (statement, values) = asked[-1]
    rows = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    plan = "\n".join(row[3] for row in rows)
    queue = "SEARCH message USING INDEX ix_message_queue (number_id=? AND not_before<?)"
    assert queue in plan and "SCAN message" not in plan, plan
    assert "SEARCH script USING INTEGER PRIMARY KEY" in plan and "SCAN script" not in plan, plan
