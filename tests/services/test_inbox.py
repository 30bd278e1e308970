"""The inbox: views, counts, search, and what is hidden from all of them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from tests import factories
from tests.services.scenes import MINUTE, NOW, text_in
from tests.services.talks import HINT, Talk
from webapp.db import db, transaction
from webapp.errors import NotFoundError
from webapp.models import Contact, Conversation, Texting, User
from webapp.services import inbox, inbox_live, optouts, reports, tags, upkeep
from webapp.services.inbox import Filter, View
from webapp.services.reports import Filled


def seen(view: View, texter: User | None, **narrowed: object) -> list[int]:
    """The conversations of a view, in order."""
    home = factories.the_campaign().id
    page = inbox.page(home, view, texter=texter, narrowed=Filter(**narrowed))  # type: ignore[arg-type]
    return [line.id for line in page.lines]


@pytest.mark.parametrize("view", View)
def test_a_thread_that_ended_with_a_stop_word_is_in_no_view(view: View) -> None:
    talk = Talk()
    talk.hears("Hello?")
    with transaction():
        upkeep.ask_admin(talk.conversation, "Look at this", by=talk.texter, now=NOW)
    talk.hears("STOP")
    assert seen(view, talk.texter) == []
    assert seen(view, None) == []


def test_a_thread_that_ended_with_a_stop_word_is_not_found_even_after_a_lift() -> None:
    talk = Talk()
    talk.hears("STOP")
    with transaction():
        optouts.lift(
            talk.contact,
            Texting.P2P,
            reason="She asked us on the phone",
            agreed="spoke",
            by=factories.admin(),
            now=NOW,
        )
    home, texter = talk.contact.campaign_id, talk.texter
    for whose in (texter, None):
        with pytest.raises(NotFoundError, match="isn't in your inbox"):
            inbox.find(home, talk.id or 0, texter=whose)
    assert seen(View.ALL, texter, search="Dana") == []
    assert inbox.counts(home, texter) == {View.NEEDS: 0, View.UNREAD: 0}
    assert inbox.of_contact(talk.contact, texter=texter) == []


def test_what_its_texter_was_about_to_write_still_finds_the_ended_thread() -> None:
    talk = Talk()
    talk.hears("STOP")
    home = talk.contact.campaign_id
    assert inbox.find(home, talk.id or 0, texter=talk.texter, hidden=True).is_hidden
    with pytest.raises(NotFoundError):
        inbox.find(home, talk.id or 0, texter=factories.texter(), hidden=True)


def test_nobody_sees_conversations_of_another_campaign() -> None:
    talk = Talk()
    elsewhere = factories.campaign()
    with pytest.raises(NotFoundError):
        inbox.find(elsewhere.id, talk.id or 0, texter=None)


def test_a_texter_sees_their_own_and_an_admin_everybodys() -> None:
    number = factories.number()
    one, two = Talk(number=number), Talk(number=number)
    for talk in (one, two):
        talk.hears("Hello")
    assert seen(View.NEEDS, one.texter) == [one.id]
    assert set(seen(View.NEEDS, None)) == {one.id, two.id}
    assert seen(View.NEEDS, None, assignee_id=two.texter.id) == [two.id]


def test_each_view_holds_what_its_name_says() -> None:
    number, texter = factories.number(), factories.texter()
    quiet, asks, answered, archived = (Talk(number=number, texter=texter) for _ in range(4))
    for place, talk in enumerate((asks, answered, archived)):
        talk.hears("Hello", now=NOW + MINUTE * place)
    answered.says("Hi", now=NOW + MINUTE * 5)
    with transaction():
        upkeep.archive(archived.conversation)
    assert seen(View.NEEDS, texter) == [asks.id]
    assert seen(View.UNREAD, texter) == [asks.id]
    assert seen(View.ALL, texter) == [answered.id, asks.id, quiet.id]
    assert seen(View.ARCHIVED, texter) == [archived.id]
    assert inbox.counts(factories.the_campaign().id, texter) == {View.NEEDS: 1, View.UNREAD: 1}


def test_an_archived_conversation_comes_back_with_a_reply() -> None:
    talk = Talk()
    with transaction():
        upkeep.archive(talk.conversation)
    assert seen(View.ALL, talk.texter) == []
    talk.hears("Are you there?")
    assert seen(View.NEEDS, talk.texter) == [talk.id]


def test_a_report_clears_needs_attention_as_well_as_a_reply_does() -> None:
    talk = Talk()
    talk.hears("Wrong number")
    with transaction():
        reports.send(talk.conversation, Filled(), key="key", by=talk.texter, now=NOW)
    assert seen(View.NEEDS, talk.texter) == []
    assert seen(View.ALL, talk.texter) == [talk.id]


def test_possible_requests_to_stop_come_first() -> None:
    number, texter = factories.number(), factories.texter()
    hinted, newer = (Talk(number=number, texter=texter) for _ in range(2))
    hinted.hears(HINT)
    newer.hears("Hello", now=NOW + MINUTE)
    assert seen(View.NEEDS, texter) == [hinted.id, newer.id]
    assert seen(View.UNREAD, texter) == [newer.id, hinted.id]


def test_a_reaction_waits_for_nobody() -> None:
    talk = Talk()
    talk.hears("Liked “Hi Dana, vote on Tuesday.”")
    assert seen(View.NEEDS, talk.texter) == []


@pytest.mark.parametrize(
    "search",
    ["dana", "DANA quim", "ashland", "555-0142", "(312) 555-0142", "+1 312 555 0142"],
)
def test_search_finds_by_name_number_and_last_text(search: str) -> None:
    talk = Talk(last_name="Quimby", phone="+13125550142")
    other = Talk(number=talk.number, texter=talk.texter, first_name="Luis", last_name="Ortega")
    talk.hears("I just moved to Ashland Ave")
    other.hears("Hello")
    assert seen(View.ALL, talk.texter, search=search) == [talk.id]


@pytest.mark.parametrize("search", ["%", "_", "da%a", "\\", "'"])
def test_search_takes_every_character_for_what_it_is(search: str) -> None:
    talk = Talk(last_name="Quimby")
    assert seen(View.ALL, talk.texter, search=search) == []


def test_the_list_narrows_to_an_action_a_tag_and_what_is_nobodys() -> None:
    number, texter = factories.number(), factories.texter()
    one, two = (Talk(number=number, texter=texter) for _ in range(2))
    tag = factories.tag("Needs a ride")
    with transaction():
        tags.apply(tag, one.contact.id, by=texter, now=NOW)
    with transaction():
        upkeep.reassign(two.conversation, None, by=factories.admin(), now=NOW)
    assert seen(View.ALL, texter, action_id=one.action.id) == [one.id]
    assert seen(View.ALL, None, tag_id=tag.id) == [one.id]
    assert seen(View.ALL, None, is_unassigned=True) == [two.id]


@pytest.mark.parametrize("oldest_first", [False, True])
def test_pages_show_each_conversation_once(
    monkeypatch: pytest.MonkeyPatch, oldest_first: bool
) -> None:
    monkeypatch.setattr(inbox, "PAGE", 3)
    number, texter = factories.number(), factories.texter()
    talks = [Talk(number=number, texter=texter) for _ in range(7)]
    for place, talk in enumerate(talks):
        talk.hears("Hello", now=NOW + MINUTE * (place // 2))  # Some at the very same moment.
    home, after, found = factories.the_campaign().id, None, []
    for _ in range(3):
        page = inbox.page(home, View.UNREAD, texter=texter, after=after, oldest_first=oldest_first)
        found += [line.id for line in page.lines]
        after = page.after
    assert after is None
    assert sorted(found) == sorted(talk.id or 0 for talk in talks)
    assert len(found) == 7


def test_who_has_waited_longest_can_come_first_but_after_possible_requests_to_stop() -> None:
    number, texter = factories.number(), factories.texter()
    late, early, hinted = (Talk(number=number, texter=texter) for _ in range(3))
    early.hears("Hello", now=NOW)
    late.hears("Hello", now=NOW + MINUTE)
    hinted.hears("please stop texting me", now=NOW + 2 * MINUTE)
    home = factories.the_campaign().id
    page = inbox.page(home, View.NEEDS, texter=texter, oldest_first=True)
    assert [line.id for line in page.lines] == [hinted.id, early.id, late.id]


def test_the_next_conversation_is_another_one_that_needs_attention() -> None:
    number, texter = factories.number(), factories.texter()
    one, two = (Talk(number=number, texter=texter) for _ in range(2))
    one.hears("Hello")
    home = factories.the_campaign().id
    assert inbox.next_after(home, one.conversation, texter=texter) is None
    two.hears("Hello")
    found = inbox.next_after(home, one.conversation, texter=texter)
    assert found is not None
    assert found.id == two.id


def test_an_inbox_ticks_with_what_happens_in_it_and_with_nothing_else() -> None:
    number = factories.number()
    talk, other = Talk(number=number), Talk(number=number)
    home = factories.the_campaign().id

    def ticked(texter: User | None) -> bool:
        before, ticks[texter] = ticks.get(texter), inbox_live.glance(home, texter).tick
        return before != ticks[texter]

    ticks: dict[User | None, int] = {}
    for texter in (talk.texter, other.texter, None):
        assert ticked(texter)
    talk.hears("Hello")
    assert (ticked(talk.texter), ticked(other.texter), ticked(None)) == (True, False, True)
    talk.hears("STOP", now=NOW + MINUTE)
    assert (ticked(talk.texter), ticked(other.texter), ticked(None)) == (True, False, True)
    assert (ticked(talk.texter), ticked(None)) == (False, False)


def test_the_admins_inbox_ticks_when_a_stranger_writes() -> None:
    number = factories.number()
    home = factories.the_campaign().id
    before = inbox_live.tick(home)
    text_in(factories.STRANGER, number, "Who are you?")
    assert inbox_live.tick(home) != before


def test_new_replies_are_counted_from_the_moment_the_list_was_read() -> None:
    number, texter = factories.number(), factories.texter()
    old, fresh, opened = (Talk(number=number, texter=texter) for _ in range(3))
    home = factories.the_campaign().id
    old.hears("Hello", now=NOW - MINUTE)
    fresh.hears("Hello", now=NOW + MINUTE)
    opened.hears("Hello", now=NOW + MINUTE)

    def new(**narrowed: object) -> int:
        return inbox_live.arrived(
            home,
            View.NEEDS,
            texter=texter,
            since=NOW,
            except_id=opened.id,
            narrowed=Filter(**narrowed),  # type: ignore[arg-type]
        )

    assert new() == 1
    assert new(search="nobody of this name") == 0


def test_conversations_that_ended_a_moment_ago_are_named_to_their_texter() -> None:
    number = factories.number()
    talk, other = Talk(number=number), Talk(number=number)
    home = factories.the_campaign().id
    talk.hears("STOP")
    assert inbox_live.ended(home, talk.texter, since=NOW - MINUTE) == [talk.id]
    assert inbox_live.ended(home, other.texter, since=NOW - MINUTE) == []
    assert inbox_live.ended(home, talk.texter, since=NOW + timedelta(seconds=1)) == []


def test_the_contact_shows_the_tags_it_carries_the_built_in_ones_first() -> None:
    contact = factories.contact(opted_out_of=Texting.BROADCAST)
    with transaction():
        tags.apply(factories.tag("A ride"), contact.id, by=None, now=NOW)
    names = [tag.name for tag in inbox.tags_of(contact)]
    assert names == ["Opt Out (Broadcast)", "A ride"]


def test_a_stranger_who_writes_is_nobodys_conversation_for_the_admins() -> None:
    number = factories.number()
    text_in(factories.STRANGER, number, "Who are you?")
    found = db.session.scalars(select(Conversation)).one()
    contact = db.session.get_one(Contact, found.contact_id)
    assert (found.assignee_id, contact.shown_name) == (None, "(907) 555-0177")
    assert seen(View.NEEDS, None) == [found.id]


@pytest.mark.parametrize(
    ("view", "whose"),
    [
        ("needs", "texter"),
        ("unread", "texter"),
        ("all", "texter"),
        ("archived", "texter"),
        ("needs", "campaign"),
        ("unread", "campaign"),
        ("archived", "campaign"),
        ("asked", "campaign"),
    ],
)
def test_each_view_is_read_from_its_own_index(view: str, whose: str) -> None:
    """A condition that the database does not recognize would be a walk through the campaign."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by the rows it has seen, and there are none.")
    asked: list[tuple[str, Any]] = []
    texter = factories.texter() if whose == "texter" else None

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if "ORDER BY conversation.last_message_at" in statement:
            asked.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    inbox.page(factories.the_campaign().id, View(view), texter=texter)
    event.remove(db.engine, "before_cursor_execute", note)
    statement, values = asked[-1]
    rows = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    plan = "\n".join(row[3] for row in rows)
    assert re.search(rf"ix_conversation_(campaign_)?{view}\b", plan), plan
