"""What admins see of a running action, and of today."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests import factories
from webapp.carriers.base import Accepted, Unknown
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionTally,
    Conversation,
    Message,
    MessageState,
    OptOutSource,
    Recipient,
    RecipientState,
    Texting,
    User,
)
from webapp.services import (
    aside,
    batches,
    optouts,
    overview,
    progress,
    settlement,
    tally,
    today,
    upkeep,
)
from webapp.services.progress import Show


@pytest.fixture
def jordan() -> User:
    return factories.texter(name="Jordan Lee")


def arrive(message: Message, *, sure: bool = True) -> None:
    """The carrier took the text, or nobody knows."""
    with transaction():
        moment = utc_now()
        sending = update(Message).where(Message.id == message.id)
        db.session.execute(
            sending.values(state=MessageState.SENDING, sending_at=moment, lease_owner="w")
        )
        tally.move([message.action_id], "queued", "sending")
        result = Accepted(f"SM{message.id}") if sure else Unknown("No answer in time")
        settlement.settle(message.id, result, owner="w", provider="simulator", now=moment)


def running(texter: User, *, people: int = 3, texted: int = 3) -> tuple[Action, list[Message]]:
    contacts = [factories.contact() for _ in range(people)]
    action = factories.action(*contacts)
    return action, [factories.first_text(action, one, texter) for one in contacts[:texted]]


def test_the_counts_of_an_action_add_up(jordan: User) -> None:
    action, texts = running(jordan, people=5, texted=3)
    arrive(texts[0])
    arrive(texts[1], sure=False)

    one = overview.of(action)

    assert (one.sent, one.handed_out, one.to_text, one.opt_out_rate) == (1, 3, 5, 0)
    assert overview.all_of(action.campaign_id, Texting.P2P) == [one]
    assert overview.running(action.campaign_id) == [one]
    assert overview.all_of(action.campaign_id, Texting.BROADCAST) == []


def test_an_action_nobody_was_texted_in_has_no_rate() -> None:
    assert overview.of(factories.action(factories.contact())).opt_out_rate is None


def test_the_mark_of_a_poll_changes_with_every_count_and_state(jordan: User) -> None:
    action, texts = running(jordan)
    marks = [overview.mark(overview.of(action), now=utc_now())]
    assert overview.mark(overview.of(action), now=utc_now()) == marks[0]
    arrive(texts[0])
    marks.append(overview.mark(overview.of(action), now=utc_now()))
    with transaction():
        db.session.get_one(ActionTally, action.id).replies += 1
    marks.append(overview.mark(overview.of(action), now=utc_now()))
    assert len(set(marks)) == 3


def test_texts_of_unknown_fate_are_listed_until_they_are_settled(jordan: User) -> None:
    action, texts = running(jordan)
    arrive(texts[0], sure=False)
    arrive(texts[1])
    assert [message.id for message, _ in progress.unknown_texts(action)] == [texts[0].id]
    with transaction():
        reason = "She says that nothing arrived"
        settlement.release(texts[0], reason=reason, by=factories.admin(), now=utc_now())
    assert progress.unknown_texts(action) == []


def test_texters_are_shown_with_what_they_did(jordan: User) -> None:
    action, texts = running(jordan, people=4, texted=2)
    with transaction():
        talk = db.session.get_one(Conversation, texts[0].conversation_id)
        talk.needs_attention = True
        upkeep.reassign(talk, factories.texter(name="Ana Ruiz"), by=jordan, now=utc_now())
    assert [
        (one.user.name, one.texted, one.in_batch, one.conversations, one.need_attention)
        for one in progress.texters(action)
    ] == [("Ana Ruiz", 0, 0, 1, 1), ("Jordan Lee", 2, 2, 1, 0)]


def test_conversations_are_narrowed_and_paged(jordan: User) -> None:
    action, texts = running(jordan)
    talks = [db.session.get_one(Conversation, text.conversation_id) for text in texts]
    with transaction():
        talks[0].needs_attention = True
        talks[1].asks_admin = "Is this the right district?"
        upkeep.reassign(talks[2], None, by=jordan, now=utc_now())

    def seen(**narrowed: object) -> set[int]:
        threads, _ = progress.threads(action, **narrowed)  # type: ignore[arg-type]
        return {thread.conversation.id for thread in threads}

    assert seen() == {talk.id for talk in talks}
    assert seen(show=Show.NEEDS) == {talks[0].id}
    assert seen(show=Show.ASKS) == {talks[1].id}
    assert seen(texter_id=jordan.id) == {talks[0].id, talks[1].id}
    assert seen(texter_id=0) == {talks[2].id}
    first, before = progress.threads(action, size=2)
    rest, end = progress.threads(action, before=before, size=2)
    assert {one.conversation.id for one in first + rest} == seen() and end is None


def test_threads_ended_by_a_stop_word_are_not_handed_round(jordan: User) -> None:
    action, texts = running(jordan)
    with transaction():
        db.session.get_one(Conversation, texts[0].conversation_id).is_hidden = True
    assert len(progress.threads(action)[0]) == 2


def test_what_texters_say_looks_wrong_is_listed(jordan: User) -> None:
    action, _ = running(jordan, people=2, texted=1)
    assert batches.open_count(action, jordan) == 1
    waiting = db.session.scalars(
        select(Recipient.contact_id).where(Recipient.state == RecipientState.READY)
    ).one()
    with transaction():
        aside.flag(action, waiting, jordan, aside.Wrong.NAME, now=utc_now())
    assert [(one.texter, one.wrong) for one in progress.flags(action)] == [("Jordan Lee", "name")]
    assert progress.flags(factories.action(factories.contact())) == []


def test_today_counts_from_midnight_in_the_campaigns_zone(jordan: User) -> None:
    _, texts = running(jordan)
    for text in texts:
        arrive(text)
    home = factories.the_campaign()
    with transaction():
        yesterday = utc_now() - timedelta(days=2)
        old = update(Message).where(Message.id == texts[0].id)
        db.session.execute(old.values(created_at=yesterday))
        optouts.record(factories.contact(), Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
    counts = today.counts(home, now=utc_now())
    assert (counts.sent, counts.replies, counts.opt_outs) == (2, 0, 1)
    later = today.counts(home, now=utc_now() + timedelta(days=2))
    assert (later.sent, later.replies, later.opt_outs) == (0, 0, 0)


def test_a_campaign_without_anything_has_nothing_today() -> None:
    home = factories.campaign()
    assert today.counts(home, now=utc_now()) == today.Counts(0, 0, 0)
    assert today.set_up(home.id) == today.SetUp(*[False] * 5)


def test_setting_up_is_checked_off_by_what_exists(jordan: User) -> None:
    running(jordan)
    home = factories.the_campaign().id
    assert not today.set_up(home).is_done
    factories.tag()
    assert today.set_up(home).is_done
