"""Replies: who may write when, once each, and what a hint asks."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.services.scenes import NOW, send_all, settle, text_in
from tests.services.talks import HINT, Talk
from tests.services.together import at_once
from webapp.carriers.base import Accepted
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError, RefusedError
from webapp.models import (
    Action,
    Closed,
    Conversation,
    Draft,
    Event,
    Hinted,
    Message,
    MessageKind,
    MessageState,
    OptOutSource,
    Report,
    Tag,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import (
    inbox_live,
    optouts,
    replies,
    report_marks,
    report_settings,
    reports,
    scripts,
    threads,
    upkeep,
)
from webapp.services.reports import Filled
from webapp.services.scripts import Reply

NIGHT = datetime(2030, 1, 15, 8, 0, tzinfo=UTC)  # 2 am in Chicago


def test_a_reply_answers_and_needs_no_attention_any_more() -> None:
    talk = Talk()
    talk.hears("Who is this?")
    assert talk.conversation.needs_attention
    talk.says("It's Jordan.")
    conversation = talk.conversation
    assert not conversation.needs_attention
    assert not conversation.is_unread
    assert (conversation.preview, conversation.previewed_out) == ("It's Jordan.", True)


def test_twenty_sends_of_one_form_at_the_same_moment_are_one_text(app: Flask) -> None:
    talk = Talk()
    ids, texter_id = talk.id, talk.texter.id

    def press() -> int:
        with transaction():
            conversation = db.session.get_one(Conversation, ids)
            texter = db.session.get_one(User, texter_id)
            return replies.reply(conversation, "Hello", key="key", by=texter, now=utc_now()).id

    sent, raised = at_once(app, [press] * 20)

    assert raised == []
    assert len(set(sent)) == 1
    assert talk.count() == 1


def test_after_a_stop_word_nothing_can_be_written() -> None:
    talk = Talk()
    talk.hears("STOP")
    with pytest.raises(replies.ClosedError) as refusal:
        talk.says("But wait")
    assert refusal.value.closed is Closed.STOP_WORD
    assert talk.count() == 0


def test_after_an_opt_out_by_another_road_nothing_can_be_written() -> None:
    talk = Talk()
    with transaction():
        optouts.record(talk.contact, Texting.P2P, source=OptOutSource.ADMIN, now=NOW)
    with pytest.raises(replies.ClosedError) as refusal:
        talk.says("But wait")
    assert refusal.value.closed is Closed.OPTED_OUT
    assert talk.count() == 0


def test_an_opt_out_of_broadcasts_closes_no_conversation() -> None:
    talk = Talk()
    with transaction():
        optouts.record(talk.contact, Texting.BROADCAST, source=OptOutSource.ADMIN, now=NOW)
    assert talk.says("Still here").state is MessageState.QUEUED


@pytest.mark.parametrize("_again", range(3))
def test_a_reply_and_a_stop_at_the_same_moment_leave_nothing_to_be_sent(
    app: Flask, _again: int
) -> None:
    talk = Talk()
    ids, texter_id = talk.id, talk.texter.id
    phone, to = talk.contact.phone, talk.number.phone

    def press() -> None:
        with transaction():
            conversation = db.session.get_one(Conversation, ids)
            texter = db.session.get_one(User, texter_id)
            replies.reply(conversation, "Hello", key="key", by=texter, now=utc_now())

    _, raised = at_once(app, [press, lambda: text_in(phone, to, "STOP", now=None) and None])

    assert all(isinstance(one, replies.ClosedError) for one in raised)
    states = db.session.scalars(select(Message.state).where(Message.kind == MessageKind.REPLY))
    assert set(states) <= {MessageState.CANCELLED}
    assert send_all() == []


def with_saved_replies(talk: Talk) -> list[int]:
    """A goodbye that marks Opt Out (P2P), a sign that marks a tag, and one that marks nothing."""
    sign = factories.tag("Wants a sign").id
    with transaction():
        action = db.session.get_one(Action, talk.action.id)
        own = report_settings.opt_out_tag(action)
        marking = [("Goodbye", own), ("Sign", db.session.get_one(Tag, sign)), ("Polls", None)]
        scripts.set_saved_replies(action, [Reply(title, title, tag) for title, tag in marking])
    return [one.id for one in scripts.saved_replies(action)]


def test_what_a_saved_reply_marks_is_kept_until_the_report_is_sent() -> None:
    talk = Talk()
    goodbye, sign, polls = with_saved_replies(talk)
    for number, saved_id in enumerate((goodbye, goodbye, sign, polls, None, 99_999)):
        talk.says("Bye", key=f"key {number}", saved_id=saved_id)
    conversation = talk.conversation
    marked = {db.session.get_one(Tag, one).name for one in report_marks.of(conversation)}
    assert marked == {"Opt Out (P2P)", "Wants a sign"}
    assert optouts.standing(talk.contact)[Texting.P2P].may_be_texted
    with transaction():
        reports.send(conversation, Filled(), key="r", by=talk.texter, now=NOW)
    assert report_marks.of(talk.conversation) == set()
    assert optouts.standing(talk.contact)[Texting.P2P].may_be_texted


def test_a_saved_reply_of_another_action_marks_nothing() -> None:
    talk, other = Talk(), Talk()
    goodbye = with_saved_replies(other)[0]
    talk.says("Bye", saved_id=goodbye)
    assert report_marks.of(talk.conversation) == set()


def test_a_reply_that_is_refused_keeps_no_mark() -> None:
    talk = Talk()
    goodbye = with_saved_replies(talk)[0]
    with pytest.raises(InvalidError):
        talk.says(" ", saved_id=goodbye)
    assert report_marks.of(talk.conversation) == set()


def test_a_possible_request_to_stop_asks_once() -> None:
    talk = Talk()
    talk.hears(HINT)
    with pytest.raises(replies.PossibleRequestError, match="Dana may have asked to stop"):
        talk.says("Understood")
    assert talk.count() == 0
    talk.says("Understood", anyway=True)
    talk.says("Take care")
    assert talk.count() == 2


def test_a_hint_that_was_answered_over_stays_with_the_admins() -> None:
    talk = Talk()
    talk.hears(HINT)
    talk.says("Understood", anyway=True)
    hint = db.session.scalars(select(Message.hint).where(Message.body == HINT)).one()
    assert hint is Hinted.OPEN


def test_a_dismissed_hint_is_logged_asks_no_more_and_can_be_taken_back() -> None:
    talk = Talk()
    talk.hears(HINT)
    message_id = talk.conversation.hint_message_id
    assert message_id is not None
    with transaction():
        assert upkeep.dismiss_hint(talk.conversation, by=talk.texter, now=NOW)
    talk.says("Good to know")
    message = db.session.get_one(Message, message_id)
    assert (message.hint, message.hint_by) == (Hinted.DISMISSED, talk.texter.id)

    with transaction():
        assert not upkeep.restore_hint(
            talk.conversation, message_id, by=factories.texter(), now=NOW
        )
    with transaction():
        assert upkeep.restore_hint(talk.conversation, message_id, by=talk.texter, now=NOW)
    with pytest.raises(replies.PossibleRequestError):
        talk.says("One more thing")
    events = list(
        db.session.scalars(
            select(TrailEntry.event)
            .where(TrailEntry.message_id == message_id)
            .order_by(TrailEntry.id)
        )
    )
    assert events == [Event.HINT_DISMISSED, Event.HINT_RESTORED]


def test_who_did_not_see_the_answer_of_somebody_else_is_told() -> None:
    talk = Talk()
    seen = threads.last_id(talk.conversation)
    talk.says("I took this one", by=factories.admin(name="Maya Okafor"))
    with pytest.raises(ConflictError, match="Maya Okafor replied a moment ago"):
        talk.says("Me too", seen=seen)
    assert talk.says("Me too", seen=threads.last_id(talk.conversation))


def test_who_did_not_see_their_own_answer_from_another_window_is_told() -> None:
    """Two tabs are like two texters: the contact would be answered twice (ux.md 10.6)."""
    talk = Talk()
    seen = threads.last_id(talk.conversation)
    talk.says("First")
    with pytest.raises(ConflictError, match="You replied in another window a moment ago"):
        talk.says("Second", seen=seen)
    assert talk.says("Second", seen=threads.last_id(talk.conversation))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("   ", "Write a message first"),
        ("Hello {first_name}", "between { and }"),
        ("x" * 1_601, "1600 characters at most"),
    ],
    ids=["empty", "unfilled", "too long"],
)
def test_a_text_that_cannot_be_sent_is_refused_at_its_field(body: str, words: str) -> None:
    talk = Talk()
    with pytest.raises(InvalidError, match=words) as refusal:
        talk.says(body)
    assert refusal.value.field == "body"
    assert talk.count() == 0


def test_an_action_may_allow_saved_replies_only() -> None:
    talk = Talk()
    with transaction():
        action = db.session.get_one(Action, talk.action.id)
        scripts.set_saved_replies(action, [Reply("Hours", "Hi {first_name}, 9 am to 7 pm.")])
        action.own_replies = False
    with pytest.raises(InvalidError, match="only saved replies"):
        talk.says("Whatever I like")
    assert talk.says("Hi Dana, 9 am to 7 pm.")


def test_replies_keep_texting_hours_unless_the_campaign_says_otherwise() -> None:
    talk = Talk()
    home = factories.the_campaign()
    with transaction():
        home.opens_minute, home.closes_minute = 9 * 60, 21 * 60
    with pytest.raises(RefusedError, match="Texting is closed for Dana"):
        talk.says("Good night", now=NIGHT)
    with transaction():
        home.replies_keep_hours = False
    assert talk.says("Good night", now=NIGHT)


def test_a_draft_is_kept_until_it_is_sent() -> None:
    talk = Talk()
    with transaction():
        replies.save_draft(talk.conversation, "Half a thou", by=talk.texter, now=NOW)
    with transaction():
        replies.save_draft(talk.conversation, "Half a thought", by=talk.texter, now=NOW)
    assert threads.draft_of(talk.conversation, talk.texter) == "Half a thought"
    assert threads.draft_of(talk.conversation, factories.texter()) == ""
    talk.says("A whole thought")
    assert threads.draft_of(talk.conversation, talk.texter) == ""


def test_an_empty_draft_is_forgotten() -> None:
    talk = Talk()
    with transaction():
        replies.save_draft(talk.conversation, "Half", by=talk.texter, now=NOW)
    with transaction():
        replies.save_draft(talk.conversation, "  ", by=talk.texter, now=NOW)
    assert db.session.scalars(select(Draft)).all() == []


def test_a_draft_goes_along_to_the_next_texter() -> None:
    talk = Talk()
    ana = factories.texter(name="Ana Ruiz")
    with transaction():
        replies.save_draft(talk.conversation, "Half a thought", by=talk.texter, now=NOW)
    with transaction():
        upkeep.reassign(talk.conversation, ana, by=factories.admin(), now=NOW)
    assert threads.draft_of(talk.conversation, ana) == "Half a thought"
    found = upkeep.moved_to(talk.contact.campaign_id, talk.id or 0, before=talk.texter)
    assert found == ana
    other = factories.texter()
    assert upkeep.moved_to(talk.contact.campaign_id, talk.id or 0, before=other) is None


def test_a_conversation_goes_to_nobody_outside_the_team() -> None:
    talk = Talk()
    stranger = factories.texter(factories.campaign())
    with pytest.raises(InvalidError, match="isn't on the team"), transaction():
        upkeep.reassign(talk.conversation, stranger, by=factories.admin(), now=NOW)


def test_twenty_sends_of_one_report_at_the_same_moment_are_one_report(app: Flask) -> None:
    talk = Talk()
    tag = report_settings.opt_out_tag(talk.action).id
    ids, texter_id = talk.id, talk.texter.id

    def press() -> int:
        with transaction():
            conversation = db.session.get_one(Conversation, ids)
            texter = db.session.get_one(User, texter_id)
            filled = Filled(tag_ids=[tag])
            return reports.send(conversation, filled, key="key", by=texter, now=utc_now()).report.id

    sent, raised = at_once(app, [press] * 20)

    assert raised == []
    assert len(set(sent)) == 1
    assert db.session.scalar(select(func.count()).select_from(Report)) == 1
    told = select(func.count()).where(TrailEntry.event == Event.OPTED_OUT)
    assert db.session.scalar(told) == 1


def test_a_question_to_the_admins_is_kept_until_one_of_them_says_it_is_done() -> None:
    talk = Talk()
    with pytest.raises(InvalidError), transaction():
        upkeep.ask_admin(talk.conversation, "  ", by=talk.texter, now=NOW)
    with transaction():
        upkeep.ask_admin(talk.conversation, "Is this a threat?", by=talk.texter, now=NOW)
    assert talk.conversation.asks_admin == "Is this a threat?"
    assert talk.conversation.assignee_id == talk.texter.id
    with transaction():
        assert upkeep.answered_question(talk.conversation)
    assert talk.conversation.asks_admin == ""


def test_when_a_reply_is_settled_its_texters_inbox_ticks() -> None:
    talk = Talk()
    sent = talk.says("Hello")
    with transaction():
        sent.state, sent.attempts = MessageState.SENDING, 1
    before = inbox_live.glance(talk.contact.campaign_id, talk.texter).tick
    settle(sent.id, Accepted("SM1"))
    assert inbox_live.glance(talk.contact.campaign_id, talk.texter).tick > before


def test_two_conversations_with_the_same_key_get_a_reply_each() -> None:
    one, other = Talk(), Talk()
    assert one.says("Hello", key="the same").id != other.says("Hello", key="the same").id
    assert one.says("Hello", key="the same").conversation_id == one.id
