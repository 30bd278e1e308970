"""Automated answers: who gets one, where it stands, how often, and who goes on talking."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests import factories
from tests.services.scenes import MINUTE, NOW, claim, send_all, settle, sweep, take, text_in
from webapp.carriers.base import Refused
from webapp.db import db, transaction
from webapp.models import (
    Action,
    ActionTally,
    Answerer,
    Campaign,
    Contact,
    ContactTag,
    Conversation,
    Event,
    Message,
    MessageKind,
    MessageState,
    Number,
    NumberKind,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import actions, audit, automated, automations, inbox, ledger, optouts, tags

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
ANSWER = "Thanks, {first_name}! Reply STOP to opt out."


@pytest.fixture(autouse=True)
def everything_holds(app: Flask) -> Iterator[None]:
    """Whatever is answered, the audit has nothing to say."""
    yield
    db.session.rollback()
    assert [found for found in audit.run() if not found.ok] == []


@pytest.fixture
def home() -> Campaign:
    return factories.campaign()


@pytest.fixture
def number(home: Campaign) -> Number:
    return factories.number(home, kind=NumberKind.BROADCAST)


@pytest.fixture
def contact(home: Campaign) -> Contact:
    return factories.contact(of=home)


def automation(home: Campaign, *words: str, **values: Any) -> Action:
    return factories.automation(*(words or ("VOLUNTEER",)), of=home, **values)


def opt_out(home: Campaign, contact: Contact, *kinds: Texting) -> None:
    with transaction():
        ledger.log_request(home, contact.phone, kinds, "On paper", by=None, now=NOW - HOUR)


def is_out(contact: Contact) -> set[Texting]:
    db.session.rollback()
    return {kind for kind, one in optouts.standing(contact).items() if not one.may_be_texted}


def answers(contact: Contact) -> list[Message]:
    query = select(Message).where(
        Message.contact_id == contact.id, Message.kind == MessageKind.AUTOMATED
    )
    return list(db.session.scalars(query.order_by(Message.id)))


def heard(contact: Contact) -> Message:
    query = select(Message).where(
        Message.contact_id == contact.id, Message.kind == MessageKind.INBOUND
    )
    return db.session.scalars(query.order_by(Message.id.desc()).limit(1)).one()


def thread_of(contact: Contact, action: Action | None) -> Conversation:
    db.session.rollback()
    query = select(Conversation).where(
        Conversation.contact_id == contact.id,
        Conversation.action_id == (action.id if action else None),
    )
    return db.session.scalars(query).one()


# The answer


@pytest.mark.parametrize("said", ["VOLUNTEER", "volunteer!", " Volunteer 🙋 ", "“volunteer.”"])
def test_a_keyword_is_answered_with_the_script(
    home: Campaign, number: Number, contact: Contact, said: str
) -> None:
    action = automation(home)
    text_in(contact, number, said, now=NOW)
    (answer,) = answers(contact)
    thread = thread_of(contact, action)
    assert answer.body == "Thanks, Dana! Reply STOP to opt out."
    assert (answer.state, answer.texting) == (MessageState.QUEUED, Texting.BROADCAST)
    assert (answer.action_id, answer.conversation_id) == (action.id, thread.id)
    text = heard(contact)
    assert (text.conversation_id, text.action_id) == (thread.id, action.id)
    assert (text.meaning, text.wrote_back, text.hint) == ("keyword", False, None)
    assert [sent.recipient for sent in send_all(now=NOW + SECOND)] == [contact.phone]


def test_somebody_new_is_answered_without_a_name(home: Campaign, number: Number) -> None:
    automation(home)
    text_in("(312) 555-0142", number, "VOLUNTEER", now=NOW)
    assert [sent.body for sent in send_all(now=NOW + SECOND)] == ["Thanks! Reply STOP to opt out."]


@pytest.mark.parametrize(
    "said", ["I want to volunteer", "VOLUNTEER please", "volunteers", "Liked “VOLUNTEER”"]
)
def test_what_merely_contains_it_is_read_by_a_person(
    home: Campaign, number: Number, contact: Contact, said: str
) -> None:
    automation(home)
    text_in(contact, number, said, now=NOW)
    assert answers(contact) == []
    assert thread_of(contact, None).needs_attention is not heard(contact).is_reaction


@pytest.mark.parametrize("state", ["draft", "paused", "finished"])
def test_only_a_live_action_answers(
    home: Campaign, number: Number, contact: Contact, state: str
) -> None:
    action = automation(home, live=state != "draft")
    with transaction():
        if state == "paused":
            actions.pause(action, by=None, now=NOW)
        if state == "finished":
            actions.finish(action, by=None, now=NOW)
    text_in(contact, number, "VOLUNTEER", now=NOW)
    assert answers(contact) == []
    assert thread_of(contact, None).needs_attention


def test_it_answers_at_its_own_number_only(
    home: Campaign, number: Number, contact: Contact
) -> None:
    automation(home)
    for kind in (NumberKind.P2P, NumberKind.BROADCAST):
        text_in(contact, factories.number(home, kind=kind), "VOLUNTEER", now=NOW)
    assert answers(contact) == []


def test_the_order_is_opt_out_help_opt_in_automation_inbox(home: Campaign, number: Number) -> None:
    """Words that get two meanings behind our back: the earlier one in the order counts."""
    with transaction():
        number.help_by = Answerer.HEED
    automation(home, "VOLUNTEER", "SIGNS")
    with transaction():
        home.own_stop_words = "VOLUNTEER"
        home.own_opt_in_words = "SIGNS"
    people = [factories.contact(of=home) for _ in range(4)]
    for person, word in zip(people, ("VOLUNTEER", "HELP", "SIGNS", "Hello"), strict=True):
        text_in(person, number, word, now=NOW)
    out, helped, opted, other = people
    assert is_out(out) == {Texting.BROADCAST} and answers(out) == []
    assert heard(helped).meaning == "help"
    assert heard(opted).meaning == "opt_in" and len(answers(opted)) == 1
    assert thread_of(other, None).needs_attention


def test_its_tags_are_added_and_counted_once(
    home: Campaign, number: Number, contact: Contact
) -> None:
    tag = factories.tag("Volunteer", of=home)
    automation(home, tags=[tag])
    for n in range(3):
        text_in(contact, number, "VOLUNTEER", now=NOW + n * MINUTE)
    carried = select(ContactTag.contact_id).where(ContactTag.tag_id == tag.id)
    assert db.session.scalars(carried).all() == [contact.id]
    db.session.refresh(tag)
    assert tag.contacts == 1


def test_a_tag_archived_meanwhile_is_left_out(
    home: Campaign, number: Number, contact: Contact
) -> None:
    tag = factories.tag("Volunteer", of=home)
    automation(home, tags=[tag])
    with transaction():
        tags.archive(tag, by=None, now=NOW)
    text_in(contact, number, "VOLUNTEER", now=NOW)
    assert len(answers(contact)) == 1
    assert db.session.scalars(select(ContactTag)).all() == []


# Opted out


def test_somebody_opted_out_of_broadcasts_gets_no_answer_and_admins_see_the_text(
    home: Campaign, number: Number, contact: Contact
) -> None:
    tag = factories.tag("Volunteer", of=home)
    automation(home, tags=[tag])
    opt_out(home, contact, Texting.BROADCAST)
    text_in(contact, number, "VOLUNTEER", now=NOW)
    assert answers(contact) == [] and heard(contact).wrote_back
    assert is_out(contact) == {Texting.BROADCAST}
    assert db.session.scalars(select(ContactTag).where(ContactTag.tag_id == tag.id)).all() == []
    assert send_all(now=NOW + MINUTE) == []


def test_an_opt_out_of_p2p_is_none_of_broadcasts(home: Campaign, contact: Contact) -> None:
    both = factories.number(home, kind=NumberKind.BOTH)
    automation(home)
    opt_out(home, contact, Texting.P2P)
    text_in(contact, both, "VOLUNTEER", now=NOW)
    assert len(send_all(now=NOW + SECOND)) == 1
    assert not heard(contact).wrote_back and is_out(contact) == {Texting.P2P}


def test_a_stop_in_between_cancels_the_answer(
    home: Campaign, number: Number, contact: Contact
) -> None:
    automation(home)
    text_in(contact, number, "VOLUNTEER", now=NOW)
    text_in(contact, number, "STOP", now=NOW + SECOND)
    assert [answer.state for answer in answers(contact)] == [MessageState.CANCELLED]
    assert send_all(now=NOW + MINUTE) == []


def test_an_action_that_opts_in_lifts_and_answers(
    home: Campaign, number: Number, contact: Contact
) -> None:
    action = automation(home, "RALLY", opts_in=True)
    opt_out(home, contact, *Texting)
    text_in(contact, number, "rally", now=NOW)
    assert is_out(contact) == {Texting.P2P}
    assert len(send_all(now=NOW + SECOND)) == 1
    lifted = select(TrailEntry).where(TrailEntry.event == Event.OPT_OUT_LIFTED)
    entry = db.session.scalars(lifted).one()
    assert (entry.about, entry.about_id) == ("action", action.id)
    db.session.refresh(contact)
    assert contact.subscribed.startswith("Texted RALLY to ")


def test_its_keyword_opts_in_at_every_broadcast_number_and_at_no_other(
    home: Campaign, number: Number
) -> None:
    automation(home, "RALLY", opts_in=True)
    for kind, left in ((NumberKind.BROADCAST, set()), (NumberKind.P2P, {Texting.BROADCAST})):
        person = factories.contact(of=home)
        opt_out(home, person, Texting.BROADCAST)
        text_in(person, factories.number(home, kind=kind), "RALLY", now=NOW)
        assert is_out(person) == left and answers(person) == []


def test_join_is_answered_by_its_action_instead_of_the_campaigns_text(
    home: Campaign, number: Number, contact: Contact
) -> None:
    with transaction():
        home.opt_in_text = "Welcome."
    automation(home, "JOIN", opts_in=True)
    text_in(contact, number, "JOIN", now=NOW)
    assert [answer.body for answer in answers(contact)] == ["Thanks, Dana! Reply STOP to opt out."]


def test_too_soon_after_a_stop_an_action_that_opts_in_is_silent(
    home: Campaign, number: Number, contact: Contact
) -> None:
    automation(home, "JOIN", opts_in=True)
    text_in(contact, number, "STOP", now=NOW)
    text_in(contact, number, "JOIN", now=NOW + 4 * SECOND)
    assert is_out(contact) == {Texting.BROADCAST} and answers(contact) == []
    assert heard(contact).wrote_back


# Loops


def test_it_answers_one_contact_once_a_minute_and_five_times_a_day(
    home: Campaign, number: Number, contact: Contact
) -> None:
    automation(home)
    for n in range(120):
        text_in(contact, number, "VOLUNTEER", now=NOW + n * timedelta(seconds=30))
    times = [answer.created_at for answer in answers(contact)]
    assert times == [NOW + n * MINUTE for n in range(5)]
    text_in(contact, number, "VOLUNTEER", now=NOW + timedelta(hours=24))
    assert len(answers(contact)) == 6


def test_another_action_and_another_person_are_answered_meanwhile(
    home: Campaign, number: Number, contact: Contact
) -> None:
    automation(home)
    automation(home, "SIGNS")
    other = factories.contact(of=home)
    for person, word in ((contact, "VOLUNTEER"), (contact, "SIGNS"), (other, "VOLUNTEER")):
        text_in(person, number, word, now=NOW)
    assert (len(answers(contact)), len(answers(other))) == (2, 1)


def test_a_keyword_that_is_held_back_still_opts_in(
    home: Campaign, number: Number, contact: Contact
) -> None:
    automation(home, "JOIN", opts_in=True)
    text_in(contact, number, "JOIN", now=NOW)
    send_all(now=NOW + SECOND)
    text_in(contact, number, "STOP", now=NOW + 10 * SECOND)
    text_in(contact, number, "JOIN", now=NOW + 20 * SECOND)
    assert is_out(contact) == set() and len(answers(contact)) == 1


def test_an_answer_that_a_stop_cancelled_holds_no_other_back(
    home: Campaign, number: Number, contact: Contact
) -> None:
    automation(home, "JOIN", opts_in=True)
    text_in(contact, number, "JOIN", now=NOW)
    text_in(contact, number, "STOP", now=NOW + 10 * SECOND)
    text_in(contact, number, "JOIN", now=NOW + 20 * SECOND)
    assert len(send_all(now=NOW + 21 * SECOND)) == 1


def test_a_reaction_is_no_keyword_whatever_the_keyword_is(
    home: Campaign, number: Number, contact: Contact
) -> None:
    automation(home, "LIKED AN IMAGE")
    text_in(contact, number, "Liked an image", now=NOW)
    assert heard(contact).is_reaction and answers(contact) == []


# The conversation


def test_the_keyword_needs_nobody_and_what_follows_lands_with_its_texter(
    home: Campaign, number: Number, contact: Contact
) -> None:
    jordan = factories.texter(home)
    action = automation(home, texters=[jordan])
    text_in(contact, number, "VOLUNTEER", now=NOW)
    thread = thread_of(contact, action)
    assert (thread.assignee_id, thread.needs_attention, thread.is_unread) == (
        jordan.id,
        False,
        False,
    )
    assert thread.preview == "Thanks, Dana! Reply STOP to opt out." and thread.previewed_out
    send_all(now=NOW + SECOND)
    text_in(contact, number, "What time?", now=NOW + MINUTE)
    thread = thread_of(contact, action)
    assert heard(contact).conversation_id == thread.id and thread.needs_attention
    assert inbox.counts(home.id, jordan)[inbox.View.NEEDS] == 1
    assert db.session.get_one(ActionTally, action.id).replies == 1


def test_its_texters_share_the_talks_evenly_and_everyone_means_the_texters(
    home: Campaign, number: Number
) -> None:
    factories.admin(home)
    team: list[User] = [factories.texter(home) for _ in range(2)]
    action = automation(home)
    for _ in range(6):
        text_in(factories.contact(of=home), number, "VOLUNTEER", now=NOW)
    whose = select(Conversation.assignee_id).where(Conversation.action_id == action.id)
    taken = list(db.session.scalars(whose))
    assert {taken.count(texter.id) for texter in team} == {3}


def test_with_no_texter_on_the_team_admins_find_it(
    home: Campaign, number: Number, contact: Contact
) -> None:
    action = automation(home)
    text_in(contact, number, "VOLUNTEER", now=NOW)
    assert thread_of(contact, action).assignee_id is None


def test_a_stop_to_an_answer_sets_opt_out_broadcast_and_counts_for_the_action(
    home: Campaign, contact: Contact
) -> None:
    both = factories.number(home, kind=NumberKind.BOTH)
    action = automation(home)
    text_in(contact, both, "VOLUNTEER", now=NOW)
    send_all(now=NOW + SECOND)
    text_in(contact, both, "STOP", now=NOW + MINUTE)
    assert is_out(contact) == {Texting.BROADCAST}
    assert thread_of(contact, action).is_hidden
    assert automated.figures(action).opt_outs == 1


def test_a_talk_that_a_stop_ended_is_never_opened_again(
    home: Campaign, number: Number, contact: Contact
) -> None:
    action = automation(home, "JOIN", opts_in=True)
    text_in(contact, number, "JOIN", now=NOW)
    send_all(now=NOW + SECOND)
    text_in(contact, number, "STOP", now=NOW + MINUTE)
    text_in(contact, number, "JOIN", now=NOW + 2 * MINUTE)
    assert thread_of(contact, action).is_hidden
    fresh = thread_of(contact, None)
    assert heard(contact).conversation_id == fresh.id
    assert answers(contact)[-1].conversation_id == fresh.id
    assert len(send_all(now=NOW + 2 * MINUTE + SECOND)) == 1
    text_in(contact, number, "What time?", now=NOW + 3 * MINUTE)
    assert heard(contact).conversation_id == fresh.id and not heard(contact).wrote_back
    assert thread_of(contact, None).needs_attention


def test_the_answers_there_count_for_the_loop_as_well(
    home: Campaign, number: Number, contact: Contact
) -> None:
    automation(home, "JOIN", opts_in=True)
    text_in(contact, number, "JOIN", now=NOW)
    send_all(now=NOW + SECOND)
    text_in(contact, number, "STOP", now=NOW + MINUTE)
    for n in range(2, 12):
        text_in(contact, number, "JOIN", now=NOW + n * MINUTE)
    assert len(answers(contact)) == 5


# Hours, finishing, figures


def test_an_answer_waits_for_the_hours_unless_replies_need_none(
    home: Campaign, number: Number, contact: Contact
) -> None:
    with transaction():
        home.opens_minute, home.closes_minute = 20 * 60, 21 * 60  # It is noon in Chicago.
    automation(home)
    text_in(contact, number, "VOLUNTEER", now=NOW)
    assert send_all(now=NOW + SECOND) == []
    with transaction():
        home.replies_keep_hours = False
    text_in(contact, number, "VOLUNTEER", now=NOW + MINUTE)
    assert len(send_all(now=NOW + MINUTE + SECOND)) == 1


def test_finishing_cancels_the_answers_that_are_still_queued(
    home: Campaign, number: Number, contact: Contact
) -> None:
    action = automation(home)
    text_in(contact, number, "VOLUNTEER", now=NOW)
    with transaction():
        actions.finish(action, by=None, now=NOW + SECOND)
    assert [answer.state for answer in answers(contact)] == [MessageState.CANCELLED]


def test_a_pause_between_claim_and_call_holds_the_answer(
    home: Campaign, number: Number, contact: Contact
) -> None:
    action = automation(home)
    text_in(contact, number, "VOLUNTEER", now=NOW)
    (text,) = claim(now=NOW + SECOND)
    with transaction():
        actions.pause(action, by=None, now=NOW + SECOND)
    assert take(text, now=NOW + SECOND) is None
    assert [answer.state for answer in answers(contact)] == [MessageState.QUEUED]
    assert claim(now=NOW + MINUTE) == []


def test_the_campaigns_own_text_waits_for_no_action(
    home: Campaign, number: Number, contact: Contact
) -> None:
    with transaction():
        home.opt_in_text = "Welcome. Reply STOP to opt out."
    action = automation(home)
    text_in(contact, number, "VOLUNTEER", now=NOW)
    send_all(now=NOW + SECOND)
    with transaction():
        actions.pause(action, by=None, now=NOW + SECOND)
    text_in(contact, number, "JOIN", now=NOW + MINUTE)
    assert [sent.body for sent in send_all(now=NOW + 2 * MINUTE)] == [
        "Welcome. Reply STOP to opt out."
    ]


def test_waiting_for_the_morning_is_not_being_held_by_a_pause(
    home: Campaign, number: Number, contact: Contact
) -> None:
    with transaction():
        home.opens_minute, home.closes_minute = 9 * 60, 21 * 60
    action, night = automation(home), NOW + 10 * HOUR  # Ten in the evening in Chicago.
    text_in(contact, number, "VOLUNTEER", now=night)
    assert send_all(now=night) == []
    for hours, change in ((1, actions.pause), (3, actions.resume)):
        with transaction():
            change(action, by=None, now=night + hours * HOUR)
        sweep(now=night + hours * HOUR)
    assert len(send_all(now=night + 11 * HOUR + MINUTE)) == 1


def test_a_thread_that_nobody_can_write_in_is_not_brought_up_by_an_old_answer(
    home: Campaign, number: Number, contact: Contact
) -> None:
    action = automation(home)
    text_in(contact, number, "VOLUNTEER", now=NOW)
    with transaction():
        actions.pause(action, by=None, now=NOW)
    text_in(contact, number, "STOP", now=NOW + MINUTE)
    sweep(now=NOW + 2 * HOUR)
    assert not thread_of(contact, action).needs_attention


def test_an_answer_that_the_carrier_refused_for_now_is_not_tried_again_after_the_end(
    home: Campaign, number: Number, contact: Contact
) -> None:
    action = automation(home)
    text_in(contact, number, "VOLUNTEER", now=NOW)
    (text,) = claim(now=NOW + SECOND)
    assert take(text, now=NOW + SECOND) is not None
    with transaction():
        actions.finish(action, by=None, now=NOW + SECOND)
    settle(text, Refused("busy", "Busy", permanent=False), now=NOW + 2 * SECOND)
    assert [answer.state for answer in answers(contact)] == [MessageState.CANCELLED]


def test_its_figures(home: Campaign, number: Number) -> None:
    action = automation(home, "JOIN", opts_in=True)
    people = [factories.contact(of=home) for _ in range(3)]
    for person in people:
        text_in(person, number, "JOIN", now=NOW)
    text_in(people[0], number, "JOIN", now=NOW + 2 * SECOND)
    send_all(now=NOW + 3 * SECOND)
    text_in(people[1], number, "What time?", now=NOW + MINUTE)
    text_in(people[2], number, "STOP", now=NOW + MINUTE)
    came = automated.figures(action)
    assert (came.people, came.texts_in, came.answers) == (3, 6, 3)
    assert (came.opt_ins, came.opt_outs, came.is_cut) == (3, 1, False)
    assert automated.people_of([action.id]) == {action.id: 3}


def test_a_change_of_the_script_counts_from_the_next_text(
    home: Campaign, number: Number, contact: Contact
) -> None:
    action = automation(home)
    text_in(contact, number, "VOLUNTEER", now=NOW)
    with transaction():
        wanted = automations.Wanted(name="Helpers", words=["VOLUNTEER"], answer="Come on Monday.")
        automations.change(action, wanted, by=None, now=NOW)
    text_in(contact, number, "VOLUNTEER", now=NOW + MINUTE)
    assert [answer.body for answer in answers(contact)] == [
        "Thanks, Dana! Reply STOP to opt out.",
        "Come on Monday.",
    ]


# HELP to a broadcast number


def test_help_to_a_broadcast_number_is_answered_once_a_day_and_to_nobody_opted_out(
    home: Campaign, number: Number, contact: Contact
) -> None:
    with transaction():
        number.help_by = Answerer.HEED
    automation(home)
    gone = factories.contact(of=home)
    opt_out(home, gone, Texting.BROADCAST)
    text_in(contact, number, "HELP", now=NOW)
    thread = thread_of(contact, None)
    assert (thread.texting, thread.previewed_out) == (Texting.BROADCAST, True)
    for n, person in enumerate((contact, gone), start=1):
        text_in(person, number, "HELP", now=NOW + n * MINUTE)
    sent = send_all(now=NOW + HOUR)
    assert [(text.recipient, text.body) for text in sent] == [(contact.phone, home.help_text)]


# What it costs


def statements_of(contact: Contact, number: Number, body: str) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    text_in(contact, number, "Hello", now=NOW)  # The conversation is there from now on.
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        text_in(contact, number, body, now=NOW + MINUTE)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_an_ordinary_reply_costs_one_statement_more_at_most(home: Campaign, number: Number) -> None:
    plain = statements_of(factories.contact(of=home), number, "Where do I vote?")
    automation(home)
    assert statements_of(factories.contact(of=home), number, "Where do I vote?") == plain + 1
    long = "Where do I vote, and until when? I have just moved to Ashland Avenue."
    assert statements_of(factories.contact(of=home), number, long) == plain
