"""The way back: an opt-in keyword to a broadcast number, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.services.scenes import NOW, send_all, text_in
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
    Conversation,
    Event,
    Message,
    MessageKind,
    MessageState,
    Number,
    NumberKind,
    Signup,
    Texting,
    TrailEntry,
)
from webapp.services import audit, ledger, optouts, signups

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PHONE = "+13125550107"
BOTH = {Texting.P2P, Texting.BROADCAST}


@pytest.fixture(autouse=True)
def everything_holds(app: Flask) -> Iterator[None]:
    """Whatever is opted in, the audit has nothing to say."""
    yield
    db.session.rollback()
    assert [found for found in audit.run() if not found.ok] == []


@pytest.fixture
def home() -> Campaign:
    return factories.campaign(own_opt_in_words="SÚMATE\nCOUNT ME IN")


@pytest.fixture
def broad(home: Campaign) -> Number:
    return factories.number(home, kind=NumberKind.BROADCAST, phone=PHONE)


@pytest.fixture
def peer(home: Campaign) -> Number:
    return factories.number(home, kind=NumberKind.P2P)


def gone(home: Campaign, *kinds: Texting, **values: object) -> Contact:
    """Somebody who opted out an hour ago, through the service, as after a request on paper."""
    contact = factories.contact(of=home, **values)  # type: ignore[arg-type]
    with transaction():
        ledger.log_request(home, contact.phone, kinds, "On paper", by=None, now=NOW - HOUR)
    return contact


def tags_of(contact: Contact) -> set[Texting]:
    db.session.rollback()
    return {kind for kind, one in optouts.standing(contact).items() if not one.may_be_texted}


def told(contact: Contact, *events: Event) -> list[TrailEntry]:
    query = select(TrailEntry).where(
        TrailEntry.contact_id == contact.id, TrailEntry.event.in_(events)
    )
    return list(db.session.scalars(query.order_by(TrailEntry.id)))


def heard(contact: Contact) -> list[Message]:
    query = select(Message).where(
        Message.contact_id == contact.id, Message.kind == MessageKind.INBOUND
    )
    return list(db.session.scalars(query.order_by(Message.id)))


def texts(contact: Contact) -> list[str]:
    """Our texts to somebody, cancelled ones aside."""
    query = select(Message.body).where(
        Message.contact_id == contact.id,
        Message.direction == "out",
        Message.state != MessageState.CANCELLED,
    )
    return list(db.session.scalars(query.order_by(Message.id)))


def threads(contact: Contact) -> list[Conversation]:
    query = select(Conversation).where(Conversation.contact_id == contact.id)
    return list(db.session.scalars(query.order_by(Conversation.id)))


# An opt-in keyword to the broadcast number


@pytest.mark.parametrize(
    "word",
    [
        "START",
        "unstop",
        "Join!",
        "SUBSCRIBE",
        "opt in",
        "OPTIN",
        "J.O.I.N 🎉",
        "sumate",
        "Count me in",
    ],
)
def test_an_opt_in_keyword_removes_opt_out_broadcast_and_tells_the_trail(
    home: Campaign, broad: Number, word: str
) -> None:
    contact = gone(home, Texting.BROADCAST)
    text_in(contact, broad, word, now=NOW)
    assert tags_of(contact) == set()
    (entry,) = told(contact, Event.OPT_OUT_LIFTED)
    (message,) = heard(contact)
    assert (entry.actor, entry.by_user_id, entry.message_id) == (Actor.CONTACT, None, message.id)
    assert (entry.texting, entry.before, entry.after) == (Texting.BROADCAST, True, False)
    assert (message.meaning, message.wrote_back) == ("opt_in", False)


def test_opt_out_p2p_stays(home: Campaign, broad: Number) -> None:
    contact = gone(home, *BOTH)
    text_in(contact, broad, "JOIN", now=NOW)
    assert tags_of(contact) == {Texting.P2P}


def test_also_where_one_opt_out_stops_both(broad: Number, home: Campaign) -> None:
    with transaction():
        home.one_opt_out_stops_both = True
    contact = gone(home, Texting.BROADCAST)
    assert tags_of(contact) == BOTH
    text_in(contact, broad, "JOIN", now=NOW)
    assert tags_of(contact) == {Texting.P2P}


@pytest.mark.parametrize(
    "said",
    [
        "start sending me signs",
        "please start",
        "I want to join",
        "JOIN US",
        "YES",
        "Yes please",
        "ok you can text me again",
        "Liked “JOIN”",
        "HELP",
        "",
    ],
)
def test_nothing_but_the_whole_word_does(home: Campaign, broad: Number, said: str) -> None:
    contact = gone(home, Texting.BROADCAST)
    text_in(contact, broad, said, now=NOW)
    assert tags_of(contact) == {Texting.BROADCAST}
    assert told(contact, Event.OPT_OUT_LIFTED, Event.OPTED_IN) == []
    (message,) = heard(contact)
    assert message.wrote_back is not message.is_reaction


@pytest.mark.parametrize("word", ["START", "UNSTOP", "JOIN", "sumate"])
@pytest.mark.parametrize("kinds", [[Texting.P2P], [Texting.P2P, Texting.BROADCAST]])
def test_to_a_p2p_number_it_changes_nothing_and_goes_to_wrote_back(
    home: Campaign, peer: Number, word: str, kinds: list[Texting]
) -> None:
    contact = gone(home, *kinds)
    text_in(contact, peer, word, now=NOW)
    assert tags_of(contact) == set(kinds)
    (message,) = heard(contact)
    assert (message.meaning, message.wrote_back) == ("opt_in", True)
    assert texts(contact) == []


def test_to_a_p2p_number_from_somebody_not_opted_out_it_is_an_ordinary_text(
    home: Campaign, peer: Number
) -> None:
    contact = factories.contact(of=home, subscribed="", subscribed_at=None)
    text_in(contact, peer, "JOIN", now=NOW)
    (thread,) = threads(contact)
    assert thread.needs_attention and contact.subscribed_at is None


def test_on_a_number_for_both_it_lifts_broadcasts_alone(home: Campaign) -> None:
    number = factories.number(home, kind=NumberKind.BOTH)
    for kinds, left in (([Texting.P2P], {Texting.P2P}), (list(BOTH), {Texting.P2P})):
        contact = gone(home, *kinds)
        text_in(contact, number, "JOIN", now=NOW)
        assert tags_of(contact) == left
        assert not heard(contact)[0].wrote_back


def test_an_own_word_of_another_campaign_means_nothing_here(broad: Number, home: Campaign) -> None:
    other = factories.campaign()
    contact = gone(other, Texting.BROADCAST)
    text_in(contact, factories.number(other, kind=NumberKind.BROADCAST), "SÚMATE", now=NOW)
    assert tags_of(contact) == {Texting.BROADCAST}


# Consent


def test_it_records_consent_with_where_and_when(home: Campaign, broad: Number) -> None:
    contact = factories.contact(of=home, subscribed="", subscribed_at=None)
    text_in(contact, broad, "join.", now=NOW)
    db.session.refresh(contact)
    assert contact.subscribed == "Texted JOIN to (312) 555-0107"
    assert contact.subscribed_at == NOW
    (entry,) = told(contact, Event.OPTED_IN)
    assert (entry.actor, entry.message_id) == (Actor.CONTACT, heard(contact)[0].id)


def test_a_consent_that_holds_stays_and_one_that_an_opt_out_ended_is_renewed(
    home: Campaign, broad: Number
) -> None:
    holds = factories.contact(of=home)
    ended = gone(home, Texting.BROADCAST)
    for contact in (holds, ended):
        text_in(contact, broad, "Count me in", now=NOW)
        db.session.refresh(contact)
    assert holds.subscribed == "Sign-up sheet at the library"
    assert ended.subscribed == "Texted COUNT ME IN to (312) 555-0107"
    assert len(told(holds, Event.OPTED_IN)) == 1


def test_a_phone_that_nobody_knows_opts_in_as_well(home: Campaign, broad: Number) -> None:
    text_in("(312) 555-0142", broad, "JOIN", now=NOW)
    contact = db.session.scalars(select(Contact)).one()
    assert (contact.phone, contact.subscribed_at) == ("+13125550142", NOW)
    assert threads(contact) == [] and heard(contact)[0].conversation_id is None


# Order and repetition (decision 3)


@pytest.mark.parametrize(
    ("after", "left"),
    [
        (timedelta(), {Texting.BROADCAST}),
        (SECOND, {Texting.BROADCAST}),
        (timedelta(seconds=4.999), {Texting.BROADCAST}),
        (timedelta(seconds=5), set()),
        (MINUTE, set()),
    ],
)
def test_less_than_five_seconds_after_a_stop_nothing_is_lifted(
    home: Campaign, broad: Number, after: timedelta, left: set[Texting]
) -> None:
    contact = factories.contact(of=home)
    text_in(contact, broad, "STOP", now=NOW)
    text_in(contact, broad, "START", now=NOW + after)
    assert tags_of(contact) == left
    assert heard(contact)[-1].wrote_back is bool(left)


def test_the_five_seconds_count_from_the_last_stop_also_when_it_only_repeats_one(
    home: Campaign, broad: Number
) -> None:
    contact = factories.contact(of=home)
    text_in(contact, broad, "STOP", now=NOW)
    text_in(contact, broad, "STOP", now=NOW + HOUR)
    text_in(contact, broad, "START", now=NOW + HOUR + SECOND)
    assert tags_of(contact) == {Texting.BROADCAST}


def test_a_stop_after_a_start_holds_whatever_came_before(home: Campaign, broad: Number) -> None:
    contact = factories.contact(of=home)
    text_in(contact, broad, "START", now=NOW)
    text_in(contact, broad, "STOP", now=NOW + SECOND)
    assert tags_of(contact) == {Texting.BROADCAST}


def test_an_old_start_that_is_delivered_again_lifts_nothing(home: Campaign, broad: Number) -> None:
    contact = factories.contact(of=home)
    text_in(contact, broad, "STOP", now=NOW)
    assert text_in(contact, broad, "START", sid="SM-old", now=NOW + MINUTE)
    text_in(contact, broad, "STOP", now=NOW + 2 * MINUTE)
    assert not text_in(contact, broad, "START", sid="SM-old", now=NOW + HOUR)
    assert tags_of(contact) == {Texting.BROADCAST}
    assert len(told(contact, Event.OPT_OUT_LIFTED)) == 1


def test_each_stop_after_a_lift_is_an_opt_out_of_its_own_with_its_confirmation(
    home: Campaign, broad: Number
) -> None:
    with transaction():
        broad.confirmation_by = Answerer.HEED
    contact = factories.contact(of=home)
    for n, word in enumerate(("STOP", "STOP", "JOIN", "STOP")):
        text_in(contact, broad, word, now=NOW + n * MINUTE)
    assert tags_of(contact) == {Texting.BROADCAST}
    events = [one.event for one in told(contact, Event.OPTED_OUT, Event.OPT_OUT_LIFTED)]
    assert events == [Event.OPTED_OUT, Event.OPT_OUT_LIFTED, Event.OPTED_OUT]
    assert texts(contact) == [home.confirmation_text] * 2


# The thread


def broadcast(home: Campaign, number: Number, contact: Contact) -> Message:
    """A text of a broadcast that has left, in a conversation of its own."""
    with transaction():
        thread = Conversation(
            campaign_id=home.id,
            contact_id=contact.id,
            number_id=number.id,
            texting=Texting.BROADCAST,
            last_message_at=NOW - HOUR,
        )
        db.session.add(thread)
        db.session.flush()
        message = Message(
            campaign_id=home.id,
            contact_id=contact.id,
            conversation_id=thread.id,
            number_id=number.id,
            texting=Texting.BROADCAST,
            direction="out",
            kind=MessageKind.REPLY,
            state=MessageState.SENT,
            body="Rally on Saturday",
            created_at=NOW - 2 * HOUR,
            sending_at=NOW - 2 * HOUR,
        )
        db.session.add(message)
    return message


def test_a_hidden_thread_stays_hidden_and_the_keyword_stands_outside_it(
    home: Campaign, broad: Number
) -> None:
    contact = factories.contact(of=home)
    sent = broadcast(home, broad, contact)
    text_in(contact, broad, "STOP", now=NOW)
    text_in(contact, broad, "JOIN", now=NOW + MINUTE)
    (thread,) = threads(contact)
    assert (thread.id, thread.is_hidden, thread.closed) == (
        sent.conversation_id,
        True,
        Closed.STOP_WORD,
    )
    assert heard(contact)[-1].conversation_id is None


def test_a_thread_that_a_report_closed_can_be_used_again_and_waits_under_archived(
    home: Campaign, broad: Number
) -> None:
    contact = factories.contact(of=home)
    broadcast(home, broad, contact)
    with transaction():
        ledger.log_request(
            home, contact.phone, [Texting.BROADCAST], "On paper", by=None, now=NOW - HOUR
        )
    text_in(contact, broad, "JOIN", now=NOW)
    (thread,) = threads(contact)
    assert (thread.closed, thread.is_archived, thread.needs_attention) == (None, True, False)
    assert heard(contact)[-1].conversation_id == thread.id


def test_a_keyword_in_a_visible_thread_needs_no_attention(home: Campaign, broad: Number) -> None:
    contact = factories.contact(of=home)
    sent = broadcast(home, broad, contact)
    text_in(contact, broad, "JOIN", now=NOW)
    (thread,) = threads(contact)
    assert heard(contact)[0].conversation_id == sent.conversation_id
    assert (thread.preview, thread.needs_attention, thread.is_unread) == ("JOIN", False, False)


def test_what_was_cancelled_stays_cancelled(home: Campaign, broad: Number) -> None:
    contact = factories.contact(of=home)
    factories.automation("VOLUNTEER", of=home)
    text_in(contact, broad, "VOLUNTEER", now=NOW)
    text_in(contact, broad, "STOP", now=NOW + SECOND)
    text_in(contact, broad, "JOIN", now=NOW + MINUTE)
    assert texts(contact) == []
    assert send_all(now=NOW + HOUR) == []


# What they get


def test_the_campaigns_text_confirms_it_outside_any_action(home: Campaign, broad: Number) -> None:
    with transaction():
        home.opt_in_text = "Welcome! Reply STOP to opt out."
    contact = gone(home, Texting.BROADCAST)
    text_in(contact, broad, "JOIN", now=NOW)
    assert texts(contact) == ["Welcome! Reply STOP to opt out."]
    (thread,) = threads(contact)
    assert (thread.action_id, thread.texting) == (None, Texting.BROADCAST)
    assert {one.conversation_id for one in heard(contact)} == {thread.id}
    sent = db.session.scalars(select(Message).where(Message.kind == MessageKind.AUTOMATED)).one()
    assert sent.texting is Texting.BROADCAST
    assert [text.body for text in send_all(now=NOW + MINUTE)] == [home.opt_in_text]


def test_it_is_sent_once_a_minute_and_five_times_a_day_at_most(
    home: Campaign, broad: Number
) -> None:
    with transaction():
        home.opt_in_text = "Welcome! Reply STOP to opt out."
    contact = factories.contact(of=home)
    text_in(contact, broad, "JOIN", now=NOW)
    text_in(contact, broad, "JOIN", now=NOW + timedelta(seconds=59))
    assert len(texts(contact)) == 1
    for n in range(1, 10):
        text_in(contact, broad, "JOIN", now=NOW + n * MINUTE)
    assert len(texts(contact)) == 5
    text_in(contact, broad, "JOIN", now=NOW + timedelta(hours=24, minutes=1))
    assert len(texts(contact)) == 6


def test_a_phone_that_the_carrier_blocks_is_opted_in_and_not_texted_until_start_arrives(
    home: Campaign, broad: Number
) -> None:
    with transaction():
        home.opt_in_text = "Welcome! Reply STOP to opt out."
    contact = gone(home, Texting.BROADCAST)
    with transaction():
        db.session.add(CarrierBlock(campaign_id=home.id, number_id=broad.id, contact_id=contact.id))
    text_in(contact, broad, "JOIN", now=NOW)
    assert tags_of(contact) == set()
    assert send_all(now=NOW + MINUTE) == []
    text_in(contact, broad, "START", opt_out_type="START", now=NOW + 2 * MINUTE)
    assert len(send_all(now=NOW + 3 * MINUTE)) == 1


def test_a_number_of_a_country_that_is_not_texted_is_not_answered(
    home: Campaign, broad: Number
) -> None:
    with transaction():
        home.opt_in_text = "Welcome! Reply STOP to opt out."
    text_in("+442071838750", broad, "JOIN", now=NOW)
    text_in("262966", broad, "JOIN", now=NOW)
    assert db.session.scalar(select(func.count()).where(Message.direction == "out")) == 0


# Sign-up forms


def test_the_keyword_of_somebody_who_signed_up_says_so_on_the_form_and_the_contact(
    home: Campaign, broad: Number
) -> None:
    with transaction():
        form = signups.make(home, "Rally list", keyword="JOIN", number=broad, by=None, now=NOW)
        names = {"first_name": "Dana", "last_name": "Whitfield"}
        signups.sign_up(form, "(312) 555-0142", **names, now=NOW)
    text_in("+13125550142", broad, "JOIN", now=NOW + MINUTE)
    contact = db.session.scalars(select(Contact)).one()
    assert contact.name == "Dana Whitfield"
    assert contact.subscribed == "Signed up on “Rally list”. Texted JOIN to (312) 555-0107"
    assert db.session.scalars(select(Signup.texted_at)).one() == NOW + MINUTE


def test_a_name_that_is_known_stays_and_a_second_keyword_changes_no_entry(
    home: Campaign, broad: Number
) -> None:
    contact = gone(home, Texting.BROADCAST, first_name="Ana", last_name="")
    with transaction():
        form = signups.make(home, "Rally list", keyword="JOIN", number=broad, by=None, now=NOW)
        signups.sign_up(form, contact.phone, first_name="Mallory", now=NOW)
    assert tags_of(contact) == {Texting.BROADCAST}
    for n in (1, 2):
        text_in(contact, broad, "JOIN", now=NOW + n * MINUTE)
    db.session.refresh(contact)
    assert contact.name == "Ana"
    assert db.session.scalars(select(Signup.texted_at)).one() == NOW + MINUTE


@pytest.mark.parametrize("said", ["STOP", "Hello?", "VOLUNTEER"])
def test_any_other_text_fulfills_no_sign_up(home: Campaign, broad: Number, said: str) -> None:
    with transaction():
        form = signups.make(home, "Rally list", keyword="JOIN", number=broad, by=None, now=NOW)
        signups.sign_up(form, "(312) 555-0142", first_name="Dana", now=NOW)
    text_in("+13125550142", broad, said, now=NOW + MINUTE)
    assert db.session.scalars(select(Signup.texted_at)).one() is None
    assert db.session.scalars(select(Contact.first_name)).one() == ""


# Two campaigns on one number


def shared(home: Campaign, broad: Number) -> tuple[Campaign, Contact, Contact]:
    """Another campaign on this number; both have texted the same phone, the other one last."""
    with transaction():
        broad.confirmation_by = Answerer.HEED
    other = factories.campaign()
    line = factories.number(
        other, phone=broad.phone, kind=NumberKind.BROADCAST, confirmation_by=Answerer.HEED
    )
    mine = factories.contact(of=home)
    theirs = factories.contact(of=other, phone=mine.phone)
    broadcast(home, broad, mine)
    broadcast(other, line, theirs)
    return other, mine, theirs


def test_one_text_confirms_an_opt_out_from_two_campaigns(home: Campaign, broad: Number) -> None:
    other, mine, theirs = shared(home, broad)
    with transaction():
        other.confirmation_text = "Other: you are out."
    text_in(mine, broad, "STOP", now=NOW)
    assert tags_of(mine) == tags_of(theirs) == {Texting.BROADCAST}
    assert [text.body for text in send_all(now=NOW + SECOND)] == ["Other: you are out."]


def test_a_campaign_with_nothing_to_say_leaves_the_word_to_the_other(
    home: Campaign, broad: Number
) -> None:
    other, mine, _theirs = shared(home, broad)
    with transaction():
        other.confirmation_text = ""
    text_in(mine, broad, "STOP", now=NOW)
    assert [text.body for text in send_all(now=NOW + SECOND)] == [home.confirmation_text]


def test_an_opt_in_keyword_concerns_the_campaign_that_texted_last(
    home: Campaign, broad: Number
) -> None:
    _other, mine, theirs = shared(home, broad)
    text_in(mine, broad, "STOP", now=NOW)
    text_in(mine, broad, "JOIN", now=NOW + MINUTE)
    assert (tags_of(mine), tags_of(theirs)) == ({Texting.BROADCAST}, set())


def test_a_confirmation_counts_as_no_first_text_and_no_reply(
    home: Campaign, broad: Number, peer: Number
) -> None:
    with transaction():
        peer.confirmation_by = Answerer.HEED
    contact = factories.contact(of=home)
    action: Action = factories.action(contact, of=home, number_id=peer.id)
    factories.first_text(action, contact, factories.texter(home))
    send_all(now=NOW)
    text_in(contact, peer, "STOP", now=NOW + MINUTE)
    send_all(now=NOW + 2 * MINUTE)
    assert len(texts(contact)) == 2
    assert counts(action) == {"sent": 1, "replies": 0, "opt_outs": 1, "total": 1}


def counts(action: Action) -> dict[str, int]:
    kept = db.session.get_one(ActionTally, action.id, populate_existing=True)
    return {name: getattr(kept, name) for name in ("sent", "replies", "opt_outs", "total")}
