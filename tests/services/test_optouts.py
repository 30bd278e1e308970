"""Recording and lifting an opt-out: one tag, one entry on the trail, and everything stops."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.services import scenes
from tests.services.scenes import MINUTE, NOW, again, send_all
from webapp.db import db, transaction
from webapp.errors import InvalidError
from webapp.models import (
    Action,
    ActionTally,
    Actor,
    Campaign,
    Closed,
    Contact,
    ContactTag,
    Conversation,
    Event,
    ListMember,
    Message,
    MessageKind,
    MessageState,
    Number,
    OptOutSource,
    Reason,
    Recipient,
    RecipientState,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import actions, audit, conversations, optouts, outbox, stopping, tags


@pytest.fixture(autouse=True)
def everything_holds(app: Flask) -> Iterator[None]:
    """Whatever is recorded or lifted, the audit has nothing to say."""
    yield
    db.session.rollback()
    assert [found for found in audit.run() if not found.ok] == []


@pytest.fixture
def home() -> Campaign:
    return factories.campaign()


@pytest.fixture
def admin(home: Campaign) -> User:
    return factories.admin(home)


@pytest.fixture
def contact(home: Campaign) -> Contact:
    return factories.contact(of=home)


def record(
    contact: Contact,
    texting: Texting = Texting.P2P,
    *,
    source: OptOutSource = OptOutSource.ADMIN,
    by: User | None = None,
    now: object = NOW,
    **more: object,
) -> bool:
    with transaction():
        return optouts.record(contact, texting, source=source, by=by, now=now, **more)  # type: ignore[arg-type]


def lift(
    contact: Contact,
    by: User,
    texting: Texting = Texting.P2P,
    *,
    reason: str = "They asked us to.",
    now: object = NOW + MINUTE,
) -> bool:
    with transaction():
        return optouts.lift(
            contact,
            texting,
            reason=reason,
            agreed="call",
            by=by,
            now=now,  # type: ignore[arg-type]
        )


def opted_out(contact: Contact) -> set[Texting]:
    db.session.rollback()
    return {kind for kind, one in optouts.standing(contact).items() if not one.may_be_texted}


def told(contact: Contact) -> list[TrailEntry]:
    query = select(TrailEntry).where(TrailEntry.contact_id == contact.id)
    return list(db.session.scalars(query.order_by(TrailEntry.id)))


# Recording


@pytest.mark.parametrize("texting", Texting)
def test_an_opt_out_is_of_one_kind_of_texting(contact: Contact, texting: Texting) -> None:
    assert record(contact, texting)
    assert opted_out(contact) == {texting}
    assert optouts.is_opted_out(contact.id, contact.campaign_id, texting)
    [other] = set(Texting) - {texting}
    assert not optouts.is_opted_out(contact.id, contact.campaign_id, other)


def test_it_says_since_when_why_and_by_whom(contact: Contact, admin: User) -> None:
    record(contact, source=OptOutSource.REPORT, by=admin, note="Said so at the door")
    carried = optouts.standing(contact)[Texting.P2P].opted_out
    assert carried is not None
    assert (carried.since, carried.source, carried.by_user_id, carried.note) == (
        NOW,
        OptOutSource.REPORT,
        admin.id,
        "Said so at the door",
    )


def test_it_is_on_the_trail_with_before_and_after_and_without_names(
    contact: Contact, admin: User
) -> None:
    record(contact, by=admin, note="Dana Whitfield said so")
    [entry] = told(contact)
    assert (entry.event, entry.actor, entry.by_user_id) == (
        Event.OPTED_OUT,
        Actor.PERSON,
        admin.id,
    )
    assert (entry.texting, entry.before, entry.after) == (Texting.P2P, False, True)
    assert (entry.at, entry.campaign_id) == (NOW, contact.campaign_id)
    assert entry.details == {"source": "admin"}


def test_a_second_time_no_tag_is_written_and_the_first_date_stays(contact: Contact) -> None:
    assert record(contact, now=NOW)
    assert not record(contact, source=OptOutSource.CARRIER, now=NOW + MINUTE)
    assert db.session.scalars(select(ContactTag.since)).all() == [NOW]
    assert [entry.event for entry in told(contact)] == [Event.OPTED_OUT, Event.OPT_OUT_REPEATED]
    assert tags.built_in(contact.campaign_id, Texting.P2P).contacts == 1


def test_nothing_is_recorded_when_the_transaction_fails(contact: Contact) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        optouts.record(contact, Texting.P2P, source=OptOutSource.ADMIN, now=NOW)
        raise ZeroDivisionError
    assert opted_out(contact) == set()
    assert told(contact) == []
    assert tags.built_in(contact.campaign_id, Texting.P2P).contacts == 0


def test_an_opt_out_in_one_campaign_is_none_in_another(contact: Contact) -> None:
    elsewhere = factories.contact(of=factories.campaign(), phone=contact.phone)
    record(contact)
    assert opted_out(elsewhere) == set()


def test_one_opt_out_stops_both_kinds_where_the_campaign_says_so(
    home: Campaign, contact: Contact
) -> None:
    with transaction():
        home.one_opt_out_stops_both = True
    assert record(contact, Texting.BROADCAST)
    assert opted_out(contact) == set(Texting)
    assert [entry.texting for entry in told(contact)] == list(Texting)
    assert not record(contact, Texting.P2P)


def test_a_campaign_that_turns_this_on_later_completes_the_next_opt_out(
    home: Campaign, contact: Contact
) -> None:
    record(contact, Texting.P2P)
    with transaction():
        home.one_opt_out_stops_both = True
    assert record(contact, Texting.P2P, now=NOW + MINUTE)  # The other kind is new.
    assert opted_out(contact) == set(Texting)


def test_twenty_at_once_are_one_opt_out(app: Flask, contact: Contact) -> None:
    contact_id, ready = contact.id, threading.Barrier(20)
    fresh: list[bool] = []

    def ask() -> None:
        with app.app_context():
            ready.wait(30)
            fresh.append(record(db.session.get_one(Contact, contact_id)))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(fresh) == [False] * 19 + [True]
    assert opted_out(contact) == {Texting.P2P}
    assert [entry.event for entry in told(contact)].count(Event.OPTED_OUT) == 1
    assert tags.built_in(contact.campaign_id, Texting.P2P).contacts == 1


# What stops


@pytest.fixture
def texter(home: Campaign) -> User:
    return factories.texter(home)


@pytest.fixture
def action(home: Campaign, contact: Contact) -> Action:
    return factories.action(contact, *(factories.contact(of=home) for _ in range(3)), of=home)


def counts(action: Action) -> tuple[int, int, int, int]:
    db.session.rollback()
    row = db.session.get_one(ActionTally, action.id)
    return row.ready, row.queued, row.cancelled, row.opted_out


def test_a_queued_text_is_cancelled(action: Action, contact: Contact, texter: User) -> None:
    text = factories.first_text(action, contact, texter)
    assert counts(action) == (3, 1, 0, 0)
    record(contact)
    kept = again(text)
    assert (kept.state, kept.error_reason) == (MessageState.CANCELLED, stopping.WHY)
    assert kept.settled_at == NOW
    assert counts(action) == (3, 0, 1, 0)


def test_somebody_still_to_be_texted_is_suppressed(action: Action, contact: Contact) -> None:
    record(contact)
    person = db.session.get_one(Recipient, (action.id, contact.id))
    assert (person.state, person.reason) == (RecipientState.SUPPRESSED, Reason.OPTED_OUT)
    assert counts(action) == (3, 0, 0, 1)
    assert db.session.get_one(ActionTally, action.id).skipped == 1


@pytest.mark.parametrize("change", [actions.pause, actions.finish])
def test_somebody_in_a_paused_action_is_suppressed_and_a_finished_one_is_history(
    action: Action, contact: Contact, change: object
) -> None:
    with transaction():
        change(action, by=None, now=NOW)  # type: ignore[operator]
    record(contact)
    person = db.session.get_one(Recipient, (action.id, contact.id))
    suppressed = person.state is RecipientState.SUPPRESSED
    assert suppressed == (change is actions.pause)


def test_conversations_are_closed_and_want_no_attention(
    action: Action, contact: Contact, texter: User
) -> None:
    factories.first_text(action, contact, texter)
    send_all()
    number = actions.numbers_for(contact.campaign_id, Texting.P2P)[0]
    scenes.text_in(contact, number, "Where do I vote?")
    record(contact, now=NOW + 2 * MINUTE)
    thread = db.session.scalars(select(Conversation)).one()
    assert (thread.closed, thread.closed_at) == (Closed.OPTED_OUT, NOW + 2 * MINUTE)
    assert not thread.is_hidden
    assert not (thread.is_unread or thread.needs_attention or thread.needs_reply)


def test_texts_and_conversations_of_the_other_kind_go_on(
    action: Action, contact: Contact, texter: User
) -> None:
    text = factories.first_text(action, contact, texter)
    record(contact, Texting.BROADCAST)
    assert again(text).state is MessageState.QUEUED
    assert db.session.scalars(select(Conversation.closed)).all() == [None]
    assert counts(action) == (3, 1, 0, 0)


def test_texts_of_other_contacts_go_on(
    home: Campaign, action: Action, contact: Contact, texter: User
) -> None:
    other = db.session.scalars(select(Contact).where(Contact.id != contact.id).limit(1)).one()
    text = factories.first_text(action, other, texter)
    record(contact)
    assert again(text).state is MessageState.QUEUED


def test_a_second_time_cancels_what_was_queued_meanwhile(
    action: Action, contact: Contact, texter: User
) -> None:
    record(contact)
    with transaction():
        message = queued_anyway(action, contact, texter)
        optouts.record(contact, Texting.P2P, source=OptOutSource.ADMIN, now=NOW)
    assert again(message).state is MessageState.CANCELLED


def queued_anyway(action: Action, contact: Contact, texter: User) -> Message:
    """A text that some road has queued although the contact had opted out."""
    number = db.session.get_one(Number, action.number_id)
    thread = conversations.start(
        contact, action, number, action.texting, assignee_id=texter.id, now=NOW
    )
    thread.closed = Closed.OPTED_OUT
    return outbox.queue(thread, "Hello", MessageKind.REPLY, by=texter, now=NOW)


# Many at once


def record_many(home: Campaign, *people: Contact, texting: Texting = Texting.P2P) -> int:
    chosen = select(Contact.id).where(Contact.id.in_([one.id for one in people]))
    with transaction():
        return optouts.record_many(
            home, texting, chosen, source=OptOutSource.IMPORT, note="Import of list.csv", now=NOW
        )


def test_many_are_opted_out_in_the_same_way(
    home: Campaign, action: Action, contact: Contact, texter: User
) -> None:
    people = db.session.scalars(select(Contact).order_by(Contact.id)).all()
    text = factories.first_text(action, contact, texter)
    assert record_many(home, *people[:3]) == 3
    assert [opted_out(person) for person in people] == [{Texting.P2P}] * 3 + [set()]
    assert again(text).state is MessageState.CANCELLED
    assert counts(action) == (1, 0, 1, 2)
    assert tags.built_in(home.id, Texting.P2P).contacts == 3
    for person in people[:3]:
        [entry] = told(person)
        assert (entry.event, entry.before, entry.after) == (Event.OPTED_OUT, False, True)
    carried = db.session.scalars(select(ContactTag)).all()
    assert {(row.source, row.note, row.since) for row in carried} == {
        (OptOutSource.IMPORT, "Import of list.csv", NOW)
    }


def test_those_who_had_opted_out_before_keep_their_date_and_get_no_second_entry(
    home: Campaign, contact: Contact
) -> None:
    other = factories.contact(of=home)
    record(contact, now=NOW - MINUTE)
    assert record_many(home, contact, other) == 1
    assert record_many(home, contact, other) == 0
    assert len(told(contact)) == len(told(other)) == 1
    since = optouts.standing(contact)[Texting.P2P].opted_out
    assert since is not None and since.since == NOW - MINUTE


def test_a_contact_that_is_named_twice_gets_one_entry(home: Campaign, contact: Contact) -> None:
    lists = [factories.contact_list(contact, of=home) for _ in range(2)]
    twice = select(ListMember.contact_id).where(ListMember.list_id.in_([one.id for one in lists]))
    with transaction():
        added = optouts.record_many(home, Texting.P2P, twice, source=OptOutSource.IMPORT, now=NOW)
    assert added == 1
    assert len(told(contact)) == 1
    assert tags.built_in(home.id, Texting.P2P).contacts == 1


def test_more_than_one_statement_takes_are_all_told(
    home: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optouts, "ENTRIES_AT_ONCE", 2)
    people = [factories.contact(of=home) for _ in range(5)]
    assert record_many(home, *people) == 5
    assert [len(told(person)) for person in people] == [1] * 5


def test_many_are_opted_out_of_both_kinds_where_the_campaign_says_so(
    home: Campaign, contact: Contact
) -> None:
    with transaction():
        home.one_opt_out_stops_both = True
    record(contact, Texting.P2P)
    other = factories.contact(of=home)
    assert record_many(home, contact, other, texting=Texting.P2P) == 1
    assert opted_out(contact) == opted_out(other) == set(Texting)


# Lifting


def test_a_lift_takes_the_tag_away_and_leaves_the_proof(contact: Contact, admin: User) -> None:
    record(contact)
    assert lift(contact, admin, reason="  She asked to hear from us.  ")
    assert opted_out(contact) == set()
    entry = told(contact)[-1]
    assert (entry.event, entry.by_user_id, entry.before, entry.after) == (
        Event.OPT_OUT_LIFTED,
        admin.id,
        True,
        False,
    )
    assert entry.details == {"reason": "She asked to hear from us.", "agreed": "call"}
    assert tags.built_in(contact.campaign_id, Texting.P2P).contacts == 0


def test_a_lift_is_of_one_kind(contact: Contact, admin: User) -> None:
    for texting in Texting:
        record(contact, texting)
    lift(contact, admin, Texting.BROADCAST)
    assert opted_out(contact) == {Texting.P2P}


def test_there_is_nothing_to_lift_twice(contact: Contact, admin: User) -> None:
    assert not lift(contact, admin)
    record(contact)
    assert lift(contact, admin)
    assert not lift(contact, admin)
    assert [entry.event for entry in told(contact)] == [Event.OPTED_OUT, Event.OPT_OUT_LIFTED]


@pytest.mark.parametrize("reason", ["", "   ", "too short", "         x"])
def test_a_lift_needs_a_reason(contact: Contact, admin: User, reason: str) -> None:
    record(contact)
    with pytest.raises(InvalidError) as refused:
        lift(contact, admin, reason=reason)
    assert refused.value.field == "reason"
    assert opted_out(contact) == {Texting.P2P}


def test_a_lift_revives_no_text_and_puts_threads_under_archived(
    action: Action, contact: Contact, texter: User, admin: User
) -> None:
    text = factories.first_text(action, contact, texter)
    record(contact)
    lift(contact, admin)
    assert again(text).state is MessageState.CANCELLED
    assert send_all(now=NOW + 2 * MINUTE) == []
    thread = db.session.scalars(select(Conversation)).one()
    assert (thread.closed, thread.closed_at, thread.is_archived) == (None, None, True)
    assert not thread.needs_attention


def test_a_lift_opens_no_thread_that_ended_with_a_stop_word(
    action: Action, contact: Contact, texter: User, admin: User
) -> None:
    factories.first_text(action, contact, texter)
    send_all()
    number = actions.numbers_for(contact.campaign_id, Texting.P2P)[0]
    scenes.text_in(contact, number, "STOP", now=NOW + MINUTE)
    lift(contact, admin, now=NOW + 2 * MINUTE)
    thread = db.session.scalars(select(Conversation)).one()
    assert (thread.is_hidden, thread.closed) == (True, Closed.STOP_WORD)


def test_after_a_lift_the_next_opt_out_is_a_new_one(contact: Contact, admin: User) -> None:
    record(contact, now=NOW)
    lift(contact, admin, now=NOW + MINUTE)
    assert record(contact, now=NOW + timedelta(days=1))
    assert db.session.scalars(select(ContactTag.since)).all() == [NOW + timedelta(days=1)]
    assert [entry.event for entry in told(contact)] == [
        Event.OPTED_OUT,
        Event.OPT_OUT_LIFTED,
        Event.OPTED_OUT,
    ]
    assert db.session.scalar(select(func.count()).select_from(ContactTag)) == 1
