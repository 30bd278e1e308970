"""Reports: what they record, correcting them, and how admins read them."""

from collections.abc import Sequence
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.services.talks import Talk
from tests.services.together import at_once
from webapp.db import db, transaction, utc_now
from webapp.errors import InvalidError, NotFoundError
from webapp.models import (
    Action,
    Closed,
    Contact,
    ContactTag,
    Conversation,
    Event,
    QuestionKind,
    Report,
    Tag,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import optouts, report_settings, reported, reports, tags
from webapp.services.reported import Narrowed
from webapp.services.reports import Filled, Sent


@pytest.fixture
def jordan() -> User:
    return factories.texter(name="Jordan Lee")


@pytest.fixture
def conversation(jordan: User) -> Conversation:
    person = factories.contact()
    action = factories.action(person)
    return db.session.get_one(
        Conversation, factories.first_text(action, person, jordan).conversation_id
    )


@pytest.fixture
def will_vote(conversation: Conversation) -> Tag:
    tag = factories.tag("Will vote")
    with transaction():
        action = db.session.get_one(Action, conversation.action_id)
        report_settings.show_tag(action, tag, by=None, now=utc_now())
    return tag


def opt_out_of(conversation: Conversation, kind: Texting = Texting.P2P) -> Tag:
    return tags.built_in(conversation.campaign_id, kind)


def send(
    conversation: Conversation, by: User, *marked: Tag, key: str = "one", **filled: object
) -> Sent:
    with transaction():
        tag_ids = [tag.id for tag in marked]
        given = Filled(tag_ids=tag_ids, **filled)  # type: ignore[arg-type]
        return reports.send(conversation, given, key=key, by=by, now=utc_now())


def correct(
    report: Report, by: User, *marked: Tag, reason: str = "Marked by mistake", key: str = "fix"
) -> Sent:
    with transaction():
        filled = Filled(tag_ids=[tag.id for tag in marked])
        return reports.correct(report, filled, reason=reason, key=key, by=by, now=utc_now())


def carried(conversation: Conversation) -> set[int]:
    query = select(ContactTag.tag_id).where(ContactTag.contact_id == conversation.contact_id)
    return set(db.session.scalars(query))


def may_be_texted(conversation: Conversation) -> bool:
    person = db.session.get_one(Contact, conversation.contact_id)
    return optouts.standing(person)[Texting.P2P].may_be_texted


def test_sending_a_report_applies_its_tags(
    conversation: Conversation, will_vote: Tag, jordan: User
) -> None:
    sent = send(conversation, jordan, will_vote, opt_out_of(conversation), note=" Very firm ")

    assert carried(conversation) == {will_vote.id, opt_out_of(conversation).id}
    assert [tag.name for tag in sent.opted_out_now] == ["Opt Out (P2P)"]
    assert sent.report.note == "Very firm"
    assert not may_be_texted(conversation)
    assert db.session.get_one(Conversation, conversation.id).closed is Closed.OPTED_OUT


def test_the_same_form_twice_is_one_report(conversation: Conversation, jordan: User) -> None:
    first = send(conversation, jordan, opt_out_of(conversation))
    again = send(conversation, jordan, opt_out_of(conversation))
    assert first.report.id == again.report.id
    repeated = select(TrailEntry).where(TrailEntry.event == Event.OPT_OUT_REPEATED)
    assert db.session.scalar(repeated) is None


def test_leaving_an_opt_out_tag_out_of_a_later_report_lifts_nothing(
    conversation: Conversation, will_vote: Tag, jordan: User
) -> None:
    send(conversation, jordan, will_vote, opt_out_of(conversation))
    send(conversation, jordan, key="two")
    assert carried(conversation) == {opt_out_of(conversation).id}


def test_an_opt_out_tag_just_taken_out_of_the_report_still_counts(
    conversation: Conversation, jordan: User
) -> None:
    action = db.session.get_one(Action, conversation.action_id)
    with transaction():
        own = report_settings.opt_out_tag(action)
        report_settings.hide_tag(action, own, by=None, now=utc_now())
    send(conversation, jordan, own)
    assert not may_be_texted(conversation)


def test_a_tag_that_the_report_does_not_offer_is_refused(
    conversation: Conversation, jordan: User
) -> None:
    with pytest.raises(InvalidError):
        send(conversation, jordan, factories.tag("Not offered"))
    with pytest.raises(NotFoundError):
        send(conversation, jordan, factories.tag(of=factories.campaign()))
    assert db.session.scalar(select(Report)) is None


def ask(conversation: Conversation) -> int:
    with transaction():
        action = db.session.get_one(Action, conversation.action_id)
        return report_settings.add_question(
            action,
            "Support level",
            QuestionKind.CHOICE,
            choices=["Strong yes", "Strong no"],
            by=None,
            now=utc_now(),
        ).id


def test_answers_are_among_the_choices(conversation: Conversation, jordan: User) -> None:
    question = ask(conversation)
    with pytest.raises(InvalidError) as refusal:
        send(conversation, jordan, answers={question: "Perhaps"})
    assert refusal.value.field == f"answers-{question}"
    sent = send(conversation, jordan, answers={question: "Strong yes"})
    assert reported.answers(sent.report) == [("Support level", "Strong yes")]


def test_a_correction_replaces_the_tags_and_keeps_the_report_it_corrects(
    conversation: Conversation, will_vote: Tag, jordan: User
) -> None:
    maya, old = factories.admin(name="Maya Okafor"), send(conversation, jordan, will_vote).report

    fresh = correct(old, maya).report

    assert carried(conversation) == set()
    assert (fresh.corrects_id, fresh.correction_reason) == (old.id, "Marked by mistake")
    assert reports.current(conversation) == fresh
    lines = reported.history(old)
    assert [(line.report.id, line.texter, [tag.name for tag in line.tags]) for line in lines] == [
        (fresh.id, "Maya Okafor", []),
        (old.id, "Jordan Lee", ["Will vote"]),
    ]
    last = select(TrailEntry.event).order_by(TrailEntry.id.desc()).limit(1)
    assert db.session.scalar(last) is Event.REPORT_CORRECTED


def test_a_correction_never_lifts_an_opt_out(conversation: Conversation, jordan: User) -> None:
    report = send(conversation, jordan, opt_out_of(conversation)).report
    correct(report, factories.admin())
    assert not may_be_texted(conversation)


def test_a_correction_may_opt_out(conversation: Conversation, jordan: User) -> None:
    report = send(conversation, jordan).report
    sent = correct(report, factories.admin(), opt_out_of(conversation))
    assert [tag.name for tag in sent.opted_out_now] == ["Opt Out (P2P)"]


def test_a_correction_needs_a_reason_and_the_report_that_holds(
    conversation: Conversation, jordan: User
) -> None:
    maya, report = factories.admin(), send(conversation, jordan).report
    with pytest.raises(InvalidError, match="Say why"):
        correct(report, maya, reason="  ")
    correct(report, maya)
    with pytest.raises(InvalidError, match="replaced by a newer one"):
        correct(report, maya, key="again")
    assert correct(report, maya).report.corrects_id == report.id  # the same form once more


def narrowed(**conditions: int) -> list[int]:
    return [
        line.report.id
        for line in reported.page(factories.the_campaign().id, Narrowed(**conditions))[0]
    ]


def test_a_correction_and_a_report_at_the_same_moment_leave_one_report_that_holds(
    app: Flask, conversation: Conversation, jordan: User
) -> None:
    first, opt_out = send(conversation, jordan).report.id, opt_out_of(conversation).id
    thread, texter, admin = conversation.id, jordan.id, factories.admin().id
    filled = Filled(tag_ids=[opt_out])

    def again(key: str) -> Sent:
        with transaction():
            found, by = db.session.get_one(Conversation, thread), db.session.get_one(User, texter)
            return reports.send(found, filled, key=key, by=by, now=utc_now())

    def corrected(key: str) -> Sent:
        with transaction():
            found, by = db.session.get_one(Report, first), db.session.get_one(User, admin)
            return reports.correct(found, filled, reason="A mistake", key=key, by=by, now=utc_now())

    acts = [partial(again, f"again {n}") for n in range(3)]
    acts += [partial(corrected, "same fix") for _ in range(3)]
    _, raised = at_once(app, acts)

    assert [problem for problem in raised if not isinstance(problem, InvalidError)] == []
    db.session.rollback()
    held = db.session.scalars(select(Report).where(Report.is_current)).all()
    assert len(held) == 1


def test_reports_are_listed_newest_first_and_narrowed(
    conversation: Conversation, will_vote: Tag, jordan: User
) -> None:
    first = send(conversation, jordan, will_vote).report
    ana, person = factories.texter(name="Ana Ruiz"), factories.contact()
    other = factories.action(person)
    message = factories.first_text(other, person, ana)
    talk = db.session.get_one(Conversation, message.conversation_id)
    second = send(talk, ana, opt_out_of(talk), key="two").report

    assert narrowed() == [second.id, first.id]
    assert narrowed(tag_id=will_vote.id) == [first.id]
    assert narrowed(texter_id=ana.id) == [second.id]
    assert narrowed(action_id=other.id) == [second.id]
    assert narrowed(texter_id=ana.id, tag_id=will_vote.id) == []


def test_reports_of_another_campaign_are_not_listed(
    conversation: Conversation, jordan: User
) -> None:
    send(conversation, jordan)
    assert reported.page(factories.campaign().id) == ([], None)


def test_the_list_pages_by_key(jordan: User) -> None:
    people: Sequence[Contact] = [factories.contact() for _ in range(5)]
    action = factories.action(*people)
    for person in people:
        message = factories.first_text(action, person, jordan)
        talk = db.session.get_one(Conversation, message.conversation_id)
        send(talk, jordan, key=str(person.id))
    home = factories.the_campaign().id
    first, before = reported.page(home, size=3)
    rest, end = reported.page(home, before=before, size=3)
    ids = [line.report.id for line in first + rest]
    assert ids == sorted(ids, reverse=True) and len(ids) == 5 and end is None


def test_the_excerpt_ends_where_the_report_was_sent(
    conversation: Conversation, jordan: User
) -> None:
    report = send(conversation, jordan).report
    assert [m.body for m in reported.excerpt(report)] == [
        "Hi Dana, vote on Tuesday. Reply STOP to opt out."
    ]


def test_two_conversations_with_the_same_key_are_two_reports() -> None:
    one, other = Talk(), Talk()
    for talk in (one, other):
        send(talk.conversation, talk.texter, opt_out_of(talk.conversation), key="the same")
    assert not may_be_texted(one.conversation)
    assert not may_be_texted(other.conversation)
