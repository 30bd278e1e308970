"""What a text that comes in does: which campaign hears it, which tag it sets, where it is shown."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.services import scenes
from tests.services.scenes import MINUTE, NOW, send_all, text_in
from webapp.carriers.base import Inbound
from webapp.db import db, transaction
from webapp.models import (
    Action,
    ActionTally,
    Actor,
    Answerer,
    Campaign,
    CarrierBlock,
    Closed,
    Contact,
    ContactTag,
    Conversation,
    Event,
    Hinted,
    InboxClock,
    Message,
    MessageKind,
    MessageState,
    Number,
    NumberKind,
    OptOutSource,
    Texting,
    TrailEntry,
    User,
    WebhookReceipt,
)
from webapp.services import audit, inbound, inbox, optouts, tags

STRANGER = factories.STRANGER


@pytest.fixture(autouse=True)
def everything_holds(app: Flask) -> Iterator[None]:
    """Whatever comes in, the audit has nothing to say."""
    yield
    db.session.rollback()
    assert [found for found in audit.run() if not found.ok] == []


@pytest.fixture
def home() -> Campaign:
    return factories.campaign()


@pytest.fixture
def number(home: Campaign) -> Number:
    return factories.number(home, kind=NumberKind.P2P)


@pytest.fixture
def contact(home: Campaign) -> Contact:
    return factories.contact(of=home)


@pytest.fixture
def texter(home: Campaign) -> User:
    return factories.texter(home)


@pytest.fixture
def action(home: Campaign, number: Number, contact: Contact) -> Action:
    return factories.action(contact, factories.contact(of=home), of=home, number_id=number.id)


@pytest.fixture
def texted(action: Action, contact: Contact, texter: User) -> Message:
    """A first text that has left."""
    message = factories.first_text(action, contact, texter)
    send_all()
    return scenes.again(message)


def tags_of(contact: Contact) -> set[Texting]:
    """The kinds of texting that a contact has opted out of."""
    db.session.rollback()
    return {kind for kind, one in optouts.standing(contact).items() if not one.may_be_texted}


def thread_of(contact: Contact) -> Conversation:
    db.session.rollback()
    query = select(Conversation).where(Conversation.contact_id == contact.id)
    return db.session.scalars(query).one()


def heard() -> Message:
    return scenes.newest(kind=MessageKind.INBOUND)


def number_of(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# A stop word


@pytest.mark.parametrize("body", ["STOP", "stop.", " S t o p ", "Unsubscribe!", "STOP 🛑", "ARRÊT"])
def test_a_stop_word_opts_out_of_the_kind_of_texting_it_answers(
    texted: Message, contact: Contact, number: Number, body: str
) -> None:
    text_in(contact, number, body, sid="SM-stop", now=NOW + MINUTE)
    assert tags_of(contact) == {Texting.P2P}
    carried = db.session.scalars(select(ContactTag)).one()
    assert (carried.source, carried.message_id) == (OptOutSource.STOP_WORD, heard().id)
    assert (carried.since, carried.by_user_id) == (NOW + MINUTE, None)
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.event == Event.OPTED_OUT)).one()
    assert (entry.actor, entry.message_id, entry.at) == (
        Actor.CONTACT,
        heard().id,
        NOW + MINUTE,
    )
    assert (entry.before, entry.after, entry.texting) == (False, True, Texting.P2P)


def test_a_stop_word_hides_its_thread_for_good(
    texted: Message, contact: Contact, number: Number, texter: User
) -> None:
    text_in(contact, number, "Where do I vote?", now=NOW + MINUTE)
    assert inbox.counts(contact.campaign_id, texter)[inbox.View.NEEDS] == 1
    text_in(contact, number, "STOP", now=NOW + 2 * MINUTE)
    thread = thread_of(contact)
    assert (thread.is_hidden, thread.closed) == (True, Closed.STOP_WORD)
    assert set(inbox.counts(contact.campaign_id, texter).values()) == {0}
    with transaction():
        lifted = {"reason": "They asked us to.", "agreed": "call", "by": factories.admin()}
        assert optouts.lift(contact, Texting.P2P, **lifted, now=NOW + 3 * MINUTE)
    assert thread_of(contact).is_hidden


def test_a_stop_word_is_counted_with_the_action_it_answers(
    texted: Message, contact: Contact, number: Number, action: Action
) -> None:
    text_in(contact, number, "STOP")
    text_in(contact, number, "STOP")
    counts = db.session.get_one(ActionTally, action.id)
    assert (counts.opt_outs, counts.replies) == (1, 0)


def test_a_second_stop_word_makes_no_second_tag(
    texted: Message, contact: Contact, number: Number
) -> None:
    text_in(contact, number, "STOP", now=NOW + MINUTE)
    text_in(contact, number, "STOP", now=NOW + 2 * MINUTE)
    assert db.session.scalars(select(ContactTag.since)).all() == [NOW + MINUTE]
    assert tags.built_in(contact.campaign_id, Texting.P2P).contacts == 1
    events = db.session.scalars(
        select(TrailEntry.event).where(TrailEntry.contact_id == contact.id).order_by(TrailEntry.id)
    ).all()
    assert events == [Event.OPTED_OUT, Event.OPT_OUT_REPEATED]


def test_a_word_of_the_campaigns_own_stops_as_well(
    home: Campaign, texted: Message, contact: Contact, number: Number
) -> None:
    with transaction():
        home.own_stop_words = "basta\nenough"
    text_in(contact, number, "Enough!")
    assert tags_of(contact) == {Texting.P2P}


@pytest.mark.parametrize(
    "body", ["Stop texting me", "please stop", "st0p", "Stop by my house", "YES", "", "👍"]
)
def test_a_text_that_merely_holds_such_a_word_opts_nobody_out(
    texted: Message, contact: Contact, number: Number, body: str
) -> None:
    text_in(contact, number, body)
    assert tags_of(contact) == set()
    assert not thread_of(contact).is_hidden


def test_the_carriers_word_that_it_was_a_stop_is_obeyed(
    texted: Message, contact: Contact, number: Number
) -> None:
    text_in(contact, number, "BASTA YA", opt_out_type="STOP")
    assert tags_of(contact) == {Texting.P2P}
    assert thread_of(contact).is_hidden


# Which tag, which campaign (decision 4)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (NumberKind.P2P, {Texting.P2P}),
        (NumberKind.BROADCAST, {Texting.BROADCAST}),
        (NumberKind.BOTH, set(Texting)),
    ],
)
def test_a_stop_from_somebody_whom_nobody_texted_counts_for_what_the_number_serves(
    home: Campaign, kind: NumberKind, expected: set[Texting]
) -> None:
    contact = factories.contact(of=home)
    text_in(contact, factories.number(home, kind=kind), "STOP")
    assert tags_of(contact) == expected
    assert number_of(Conversation) == 0


def test_a_stop_counts_for_the_kind_of_the_last_text_also_where_the_number_serves_both(
    home: Campaign, contact: Contact, texter: User
) -> None:
    number = factories.number(home, kind=NumberKind.BOTH)
    action = factories.action(contact, of=home, number_id=number.id)
    factories.first_text(action, contact, texter)
    send_all()
    text_in(contact, number, "STOP")
    assert tags_of(contact) == {Texting.P2P}


def test_a_text_that_has_not_left_yet_decides_nothing(
    home: Campaign, contact: Contact, texter: User
) -> None:
    number = factories.number(home, kind=NumberKind.BOTH)
    action = factories.action(contact, of=home, number_id=number.id)
    factories.first_text(action, contact, texter)
    text_in(contact, number, "STOP")
    assert tags_of(contact) == set(Texting)
    assert scenes.newest(kind=MessageKind.FIRST).state is MessageState.CANCELLED


def test_one_opt_out_stops_both_kinds_where_the_campaign_says_so(
    home: Campaign, texted: Message, contact: Contact, number: Number
) -> None:
    with transaction():
        home.one_opt_out_stops_both = True
    text_in(contact, number, "STOP")
    assert tags_of(contact) == set(Texting)


def test_a_stop_from_an_unknown_phone_is_kept_with_a_contact_without_a_name(
    home: Campaign, number: Number
) -> None:
    text_in("(217) 555-0142", number, "STOP")
    contact = db.session.scalars(select(Contact)).one()
    assert (contact.phone, contact.name, contact.campaign_id) == ("+12175550142", "", home.id)
    assert (contact.country, contact.zones) == ("US", "America/Chicago")
    assert tags_of(contact) == {Texting.P2P}


@pytest.mark.parametrize("sender", ["262966", "AMAZON", "+4412", "anonymous"])
def test_a_sender_that_is_no_phone_number_is_heard_all_the_same(
    home: Campaign, number: Number, sender: str
) -> None:
    text_in(sender, number, "STOP")
    contact = db.session.scalars(select(Contact)).one()
    assert (contact.phone, tags_of(contact)) == (sender, {Texting.P2P})


def test_a_stop_concerns_every_campaign_that_texted_from_the_number(
    texted: Message, contact: Contact, number: Number
) -> None:
    others = [factories.campaign() for _ in range(3)]
    theirs = [factories.contact(of=other, phone=contact.phone) for other in others]
    numbers = [factories.number(other, phone=number.phone) for other in others]
    for other, person, line in list(zip(others, theirs, numbers, strict=True))[:2]:
        action = factories.action(person, of=other, number_id=line.id)
        factories.first_text(action, person, factories.texter(other))
    send_all(now=NOW + MINUTE)
    text_in(contact, number, "STOP", now=NOW + 2 * MINUTE)
    assert [tags_of(person) for person in [contact, *theirs]] == [
        {Texting.P2P},
        {Texting.P2P},
        {Texting.P2P},
        set(),  # It holds the number, and never texted.
    ]
    receipt = db.session.scalars(select(WebhookReceipt)).one()
    assert receipt.messages == 3


def test_anything_else_is_heard_by_the_campaign_that_texted_last(
    texted: Message, contact: Contact, number: Number
) -> None:
    other = factories.campaign()
    person = factories.contact(of=other, phone=contact.phone)
    line = factories.number(other, phone=number.phone)
    action = factories.action(person, of=other, number_id=line.id)
    factories.first_text(action, person, factories.texter(other))
    send_all(now=NOW + MINUTE)
    text_in(contact, number, "Who is this?", now=NOW + 2 * MINUTE)
    assert heard().campaign_id == other.id
    assert number_of(WebhookReceipt) == 1
    assert not thread_of(contact).needs_attention


def test_a_text_from_an_unknown_phone_is_heard_by_every_campaign_that_holds_the_number(
    home: Campaign, number: Number
) -> None:
    other = factories.campaign()
    factories.number(other, phone=number.phone)
    text_in(STRANGER, number, "Hello?")
    told = db.session.scalars(select(Conversation.campaign_id)).all()
    assert sorted(told) == sorted([home.id, other.id])


def test_a_text_to_a_number_that_nobody_holds_is_kept_as_its_receipt(home: Campaign) -> None:
    assert text_in(STRANGER, "+19075550199", "STOP", sid="SM-1")
    receipt = db.session.scalars(select(WebhookReceipt)).one()
    assert (receipt.messages, receipt.content["body"]) == (0, "STOP")
    assert number_of(Message) == 0


def test_a_retired_number_still_hears_a_stop(
    texted: Message, contact: Contact, number: Number
) -> None:
    with transaction():
        number.retired_at = NOW
    text_in(contact, number, "STOP")
    assert tags_of(contact) == {Texting.P2P}


# The thread it joins (decision 23)


@contextmanager
def out_of_use(number: Number) -> Iterator[None]:
    """Texts of this while leave from another number; else a contact keeps the one they know."""
    with transaction():
        number.retired_at = NOW
    yield
    with transaction():
        number.retired_at = None


def test_a_reply_joins_the_newest_conversation_that_was_texted_from_its_number(
    home: Campaign, texted: Message, contact: Contact, number: Number, texter: User
) -> None:
    other_number = factories.number(home)
    later = factories.action(contact, of=home, number_id=number.id)
    elsewhere = factories.action(contact, of=home, number_id=other_number.id)
    second = factories.first_text(later, contact, texter)
    send_all(now=NOW + MINUTE)
    with out_of_use(number):
        third = factories.first_text(elsewhere, contact, texter)
    send_all(now=NOW + 2 * MINUTE)
    text_in(contact, number, "Where do I vote?", now=NOW + 3 * MINUTE)
    assert (heard().conversation_id, heard().action_id) == (second.conversation_id, later.id)
    text_in(contact, other_number, "And when?", now=NOW + 3 * MINUTE)
    assert heard().conversation_id == third.conversation_id


def test_a_stop_hides_the_thread_it_answers_and_closes_the_others_of_its_kind(
    home: Campaign, texted: Message, contact: Contact, number: Number, texter: User
) -> None:
    other = factories.action(contact, of=home, number_id=factories.number(home).id)
    with out_of_use(number):
        second = factories.first_text(other, contact, texter)
    send_all(now=NOW + MINUTE)
    text_in(contact, number, "STOP", now=NOW + 2 * MINUTE)
    threads = {
        thread.id: (thread.is_hidden, thread.closed)
        for thread in db.session.scalars(select(Conversation))
    }
    assert threads == {
        texted.conversation_id: (True, Closed.STOP_WORD),
        second.conversation_id: (False, Closed.OPTED_OUT),
    }


def test_a_reply_wants_attention_and_brings_an_archived_thread_back(
    texted: Message, contact: Contact, number: Number, texter: User, action: Action
) -> None:
    with transaction():
        thread_of(contact).is_archived = True
    text_in(contact, number, "Where  do\nI vote?", now=NOW + MINUTE)
    thread = thread_of(contact)
    assert thread.is_unread and thread.needs_attention and thread.needs_reply and thread.report_due
    assert (thread.is_archived, thread.replied_at) == (False, NOW + MINUTE)
    assert (thread.preview, thread.previewed_out) == ("Where do I vote?", False)
    assert inbox.counts(contact.campaign_id, texter)[inbox.View.NEEDS] == 1
    text_in(contact, number, "Hello?", now=NOW + 2 * MINUTE)
    assert thread_of(contact).replied_at == NOW + MINUTE  # The oldest that waits.
    assert db.session.get_one(ActionTally, action.id).replies == 1


def test_whoever_writes_by_themselves_gets_a_conversation_without_an_action(
    home: Campaign, number: Number, contact: Contact
) -> None:
    text_in(contact, number, "Can I help?", now=NOW)
    text_in(contact, number, "I have a car", now=NOW + MINUTE)
    thread = thread_of(contact)
    assert (thread.action_id, thread.assignee_id, thread.needs_attention) == (None, None, True)
    assert db.session.scalars(select(Message.conversation_id)).all() == [thread.id] * 2


def test_a_new_text_moves_the_clock_of_the_texters_inbox(
    texted: Message, contact: Contact, number: Number, texter: User
) -> None:
    before = inbox_clock(contact.campaign_id, texter)
    text_in(contact, number, "Hello")
    assert inbox_clock(contact.campaign_id, texter) > before


def inbox_clock(campaign_id: int, texter: User) -> int:
    db.session.rollback()
    found = db.session.get(InboxClock, (campaign_id, texter.id))
    return found.tick if found else 0


# Hints and reactions


def test_wording_that_reads_like_a_request_to_stop_is_pointed_out_and_changes_nothing(
    texted: Message, contact: Contact, number: Number
) -> None:
    text_in(contact, number, "Please do not text me anymore")
    assert tags_of(contact) == set()
    assert heard().hint is Hinted.OPEN
    assert thread_of(contact).hint_message_id == heard().id


@pytest.mark.parametrize("body", ["STOP START", "Basta Rivera"])
def test_a_stop_word_beside_an_opt_in_keyword_applies_neither_and_a_person_looks_at_it(
    texted: Message, contact: Contact, number: Number, body: str
) -> None:
    with transaction():
        home = factories.the_campaign()
        home.own_stop_words, home.own_opt_in_words = "BASTA", "RIVERA"
    text_in(contact, number, body)
    assert tags_of(contact) == set()
    assert heard().hint is Hinted.OPEN
    assert thread_of(contact).hint_message_id == heard().id


def test_a_reaction_is_no_stop_no_hint_and_no_work(
    texted: Message, contact: Contact, number: Number, action: Action
) -> None:
    text_in(contact, number, "Liked “Hi Dana, vote on Tuesday. Reply STOP to opt out.”")
    message, thread = heard(), thread_of(contact)
    assert (message.is_reaction, message.hint, message.wrote_back) == (True, None, False)
    assert (thread.needs_attention, thread.is_unread) == (False, False)
    assert thread.preview.startswith("Liked")
    assert tags_of(contact) == set()
    assert db.session.get_one(ActionTally, action.id).replies == 0


# After an opt-out


@pytest.mark.parametrize("body", ["Thank you", "START", "Unstop", "Please do not text me anymore"])
def test_what_somebody_writes_after_an_opt_out_goes_to_wrote_back(
    texted: Message, contact: Contact, number: Number, texter: User, body: str
) -> None:
    text_in(contact, number, "STOP", now=NOW + MINUTE)
    text_in(contact, number, body, now=NOW + 10 * MINUTE)
    message = heard()
    assert (message.wrote_back, message.hint) == (True, None)
    assert tags_of(contact) == {Texting.P2P}
    assert set(inbox.counts(contact.campaign_id, texter).values()) == {0}


def test_a_reaction_after_an_opt_out_is_not_worth_an_admins_time(
    texted: Message, contact: Contact, number: Number
) -> None:
    text_in(contact, number, "STOP", now=NOW + MINUTE)
    text_in(contact, number, "👍 to “Hi Dana”", now=NOW + 2 * MINUTE)
    assert not heard().wrote_back


def test_somebody_opted_out_who_writes_to_another_number_gets_no_thread(
    home: Campaign, texted: Message, contact: Contact, number: Number
) -> None:
    text_in(contact, number, "STOP", now=NOW + MINUTE)
    text_in(contact, factories.number(home, kind=NumberKind.P2P), "Hello?", now=NOW + 2 * MINUTE)
    assert (heard().wrote_back, heard().conversation_id) == (True, None)
    assert number_of(Conversation) == 1


def test_an_opt_out_of_the_other_kind_leaves_the_conversation_alone(
    texted: Message, contact: Contact, number: Number
) -> None:
    with transaction():
        optouts.record(contact, Texting.BROADCAST, source=OptOutSource.ADMIN, now=NOW)
    text_in(contact, number, "Where do I vote?", now=NOW + MINUTE)
    assert not heard().wrote_back
    assert thread_of(contact).needs_attention


def test_what_comes_after_a_report_opted_somebody_out_is_quiet(
    texted: Message, contact: Contact, number: Number
) -> None:
    with transaction():
        optouts.record(contact, Texting.P2P, source=OptOutSource.REPORT, now=NOW + MINUTE)
    text_in(contact, number, "Thank you", now=NOW + 2 * MINUTE)
    thread = thread_of(contact)
    assert (thread.closed, thread.is_hidden) == (Closed.OPTED_OUT, False)
    assert (thread.needs_attention, thread.preview) == (False, "Thank you")
    assert heard().wrote_back


# Order, repeats, and the carrier's own doing (decisions 2 and 3)


def test_a_text_that_is_delivered_again_changes_nothing(
    texted: Message, contact: Contact, number: Number
) -> None:
    assert text_in(contact, number, "STOP", sid="SM-1")
    before = (number_of(Message), number_of(TrailEntry))
    assert not text_in(contact, number, "STOP", sid="SM-1")
    assert (number_of(Message), number_of(TrailEntry)) == before


def test_a_stop_that_is_delivered_again_does_not_undo_a_lift(
    texted: Message, contact: Contact, number: Number
) -> None:
    text_in(contact, number, "STOP", sid="SM-1", now=NOW + MINUTE)
    with transaction():
        lifted = {"reason": "They asked us to.", "agreed": "call", "by": factories.admin()}
        optouts.lift(contact, Texting.P2P, **lifted, now=NOW + 2 * MINUTE)
    assert not text_in(contact, number, "STOP", sid="SM-1", now=NOW + 3 * MINUTE)
    assert tags_of(contact) == set()


def test_a_start_that_is_delivered_again_after_a_stop_changes_nothing(
    texted: Message, contact: Contact, number: Number
) -> None:
    text_in(contact, number, "START", sid="SM-start", now=NOW + MINUTE)
    text_in(contact, number, "STOP", now=NOW + 2 * MINUTE)
    assert not text_in(contact, number, "START", sid="SM-start", now=NOW + 3 * MINUTE)
    assert tags_of(contact) == {Texting.P2P}


def test_twenty_deliveries_of_one_text_at_once_are_one_text(
    app: Flask, texted: Message, contact: Contact, number: Number
) -> None:
    sender, to, ready = contact.phone, number.phone, threading.Barrier(20)
    fresh: list[bool] = []

    def deliver() -> None:
        with app.app_context():
            ready.wait(30)
            fresh.append(text_in(sender, to, "STOP", sid="SM-1"))

    threads = [threading.Thread(target=deliver) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(fresh) == [False] * 19 + [True]
    db.session.rollback()
    assert number_of(WebhookReceipt) == 1
    assert db.session.scalar(select(func.count()).where(Message.kind == MessageKind.INBOUND)) == 1
    assert tags_of(contact) == {Texting.P2P}
    assert tags.built_in(contact.campaign_id, Texting.P2P).contacts == 1


def test_twenty_texts_of_an_unknown_phone_at_once_make_one_contact(
    app: Flask, home: Campaign, number: Number
) -> None:
    to, ready = number.phone, threading.Barrier(20)

    def deliver(place: int) -> None:
        with app.app_context():
            ready.wait(30)
            text_in(STRANGER, to, "STOP" if place % 2 else "Hello?", sid=f"SM-{place}", now=None)

    threads = [threading.Thread(target=deliver, args=(place,)) for place in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    db.session.rollback()
    contact = db.session.scalars(select(Contact)).one()
    assert tags_of(contact) == {Texting.P2P}
    assert number_of(Message) == number_of(WebhookReceipt) == 20


@pytest.mark.parametrize("first", ["Hello?", "STOP"])
def test_two_texts_of_an_unknown_phone_do_not_pass_each_other_by(
    app: Flask, home: Campaign, number: Number, first: str
) -> None:
    [second] = {"Hello?", "STOP"} - {first}
    to, taken_in = number.phone, threading.Event()

    def slowly() -> None:
        with app.app_context(), transaction():
            inbound.receive(Inbound("twilio", "SM-1", STRANGER, to, first), now=NOW)
            taken_in.set()
            other.join(0.3)  # It has to wait for us, so this is how long it takes.

    def meanwhile() -> None:
        assert taken_in.wait(10)
        with app.app_context():
            text_in(STRANGER, to, second)

    other = threading.Thread(target=meanwhile)
    one = threading.Thread(target=slowly)
    for thread in (other, one):
        thread.start()
    for thread in (one, other):
        thread.join(30)
    db.session.rollback()
    contact = db.session.scalars(select(Contact)).one()
    assert tags_of(contact) == {Texting.P2P}
    hidden = db.session.scalars(select(Conversation.is_hidden)).all()
    assert hidden == ([True] if first == "Hello?" else [])
    assert heard().wrote_back == (first == "STOP")


@pytest.fixture
def blocked(texted: Message, contact: Contact) -> CarrierBlock:
    """The carrier refuses our texts to this contact."""
    with transaction():
        block = CarrierBlock(
            number_id=texted.number_id, contact_id=contact.id, campaign_id=contact.campaign_id
        )
        db.session.add(block)
    return block


def test_the_carriers_word_that_it_was_a_start_lifts_its_block_and_no_tag(
    blocked: CarrierBlock, contact: Contact, number: Number
) -> None:
    with transaction():
        optouts.record(contact, Texting.P2P, source=OptOutSource.CARRIER, now=NOW + MINUTE)
    text_in(contact, number, "START", opt_out_type="START", now=NOW + 2 * MINUTE)
    assert number_of(CarrierBlock) == 0
    assert tags_of(contact) == {Texting.P2P}
    query = select(TrailEntry).where(TrailEntry.event == Event.CARRIER_UNBLOCKED)
    entry = db.session.scalars(query).one()
    assert (entry.actor, entry.message_id) == (Actor.CARRIER, heard().id)


def test_the_word_start_alone_lifts_no_block(
    blocked: CarrierBlock, contact: Contact, number: Number
) -> None:
    text_in(contact, number, "START", now=NOW + MINUTE)
    assert number_of(CarrierBlock) == 1


# Confirmation and help (decisions 6 and 7)


def confirmations() -> list[Message]:
    query = select(Message).where(Message.kind == MessageKind.CONFIRMATION).order_by(Message.id)
    return list(db.session.scalars(query))


def test_heed_confirms_a_stop_once_where_the_number_says_so(
    home: Campaign, texted: Message, contact: Contact, number: Number
) -> None:
    with transaction():
        number.confirmation_by = Answerer.HEED
    text_in(contact, number, "STOP", now=NOW + MINUTE)
    text_in(contact, number, "STOP", now=NOW + 2 * MINUTE)
    [confirmation] = confirmations()
    assert confirmation.body == home.confirmation_text
    assert (confirmation.number_id, confirmation.contact_id) == (number.id, contact.id)
    assert [out.body for out in send_all(now=NOW + 3 * MINUTE)] == [home.confirmation_text]


@pytest.mark.parametrize("answerer", [Answerer.CARRIER, Answerer.NOBODY])
def test_otherwise_heed_says_nothing(
    texted: Message, contact: Contact, number: Number, answerer: Answerer
) -> None:
    with transaction():
        number.confirmation_by = answerer
    text_in(contact, number, "STOP")
    assert confirmations() == []


def test_the_opt_out_of_both_kinds_is_confirmed_with_one_text(home: Campaign) -> None:
    number = factories.number(home, kind=NumberKind.BOTH, confirmation_by=Answerer.HEED)
    text_in(STRANGER, number, "STOP")
    assert len(confirmations()) == 1


def test_a_confirmation_decides_nothing_about_the_next_stop(home: Campaign) -> None:
    number = factories.number(home, kind=NumberKind.BOTH, confirmation_by=Answerer.HEED)
    contact = factories.contact(of=home)
    text_in(contact, number, "STOP")
    assert len(send_all(now=NOW + 2 * MINUTE)) == 1
    lifted = {"reason": "They asked us to.", "agreed": "call", "by": factories.admin()}
    with transaction():
        for texting in Texting:
            optouts.lift(contact, texting, **lifted, now=NOW + 3 * MINUTE)
    text_in(contact, number, "STOP", now=NOW + 4 * MINUTE)
    assert tags_of(contact) == set(Texting)


@pytest.mark.parametrize("body", ["HELP", "Info"])
def test_a_call_for_help_changes_no_tag(
    texted: Message, contact: Contact, number: Number, body: str
) -> None:
    text_in(contact, number, body)
    assert tags_of(contact) == set()
    assert heard().meaning == "help"


# Odd bodies


@pytest.mark.parametrize(
    "body",
    [
        "",
        " \n\t ",
        "S\x00T\x00O\x00P and more",
        "x" * 1_601,
        "stop " * 3_000,
        "é" * 1_600 + "\u202e\u200b",
        "<script>alert(1)</script> {{ 7*7 }} =1+1 %s {first_name}",
        "'; DROP TABLE contact_tag; --",
        "\U0001f6d1\ufe0f" * 500,
    ],
)
def test_whatever_the_body_it_is_taken_in_and_kept(
    texted: Message, contact: Contact, number: Number, body: str
) -> None:
    assert text_in(contact, number, body)
    assert heard().body == body.replace("\x00", "")


@pytest.mark.parametrize("body", ["STOP\x00", "\x00S\x00T\x00O\x00P", "STOP \ud83d"])
def test_a_stop_is_not_lost_over_a_character_that_cannot_be_stored(
    texted: Message, contact: Contact, number: Number, body: str
) -> None:
    text_in(contact, number, body)
    assert tags_of(contact) == {Texting.P2P}


def test_pictures_are_kept_with_their_text(
    texted: Message, contact: Contact, number: Number
) -> None:
    media = ("https://api.example/media/1",)
    with transaction():
        text = Inbound("twilio", "MM-1", contact.phone, number.phone, "", media)
        assert inbound.receive(text, now=NOW + MINUTE)
    assert heard().media == list(media)
    assert thread_of(contact).needs_attention
