"""Watching a launched action."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from tests import factories
from tests.client import Browser
from webapp.carriers.base import Accepted, Unknown
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionState,
    Contact,
    Conversation,
    Event,
    Message,
    MessageState,
    OptOutSource,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import aside, batches, optouts, overview, settlement, tally, timeline

SignIn = Callable[[User], Browser]
REASON = "She says that nothing arrived"


@pytest.fixture
def jordan() -> User:
    return factories.texter(name="Jordan Lee")


@pytest.fixture
def people(jordan: User) -> list[Contact]:
    return [factories.contact(first_name=name) for name in ("Renee", "Dana", "Luis")]


@pytest.fixture
def action(people: list[Contact]) -> Action:
    return factories.action(*people, factories.contact(opted_out_of=Texting.P2P))


@pytest.fixture
def page(action: Action) -> str:
    return f"/c/{factories.the_campaign().slug}/actions/{action.id}"


@pytest.fixture
def browser(action: Action, client_for: SignIn) -> Browser:
    return client_for(factories.admin(name="Maya Okafor"))


def arrive(message: Message, *, sure: bool = True) -> None:
    with transaction():
        moment = utc_now()
        sending = update(Message).where(Message.id == message.id)
        db.session.execute(
            sending.values(state=MessageState.SENDING, sending_at=moment, lease_owner="w")
        )
        tally.move([message.action_id], "queued", "sending")
        result = Accepted(f"SM{message.id}") if sure else Unknown("No answer in time")
        settlement.settle(message.id, result, owner="w", provider="simulator", now=moment)


def state(action: Action) -> ActionState:
    return db.session.get_one(Action, action.id).state


def test_a_running_action_shows_its_counts_and_safeguards_receipt(
    browser: Browser, page: str, action: Action, people: list[Contact], jordan: User
) -> None:
    arrive(factories.first_text(action, people[0], jordan))
    text = browser.get(page).text
    assert "33% –" in text and "2 still to text" in text
    assert "3 of 4 contacts let through, 1 suppressed." in text
    assert f"{page}/suppressed?reason=opted_out" in text


def test_a_poll_answers_nothing_until_something_changed(
    browser: Browser, page: str, action: Action, people: list[Contact], jordan: User
) -> None:
    mark = overview.mark(overview.of(action), now=utc_now())
    assert f"/live?since={mark}" in browser.get(page).text
    quiet = browser.get(f"{page}/live?since={mark}", htmx=True)
    assert (quiet.status_code, quiet.text) == (204, "")

    factories.first_text(action, people[0], jordan)
    news = browser.get(f"{page}/live?since={mark}", htmx=True).text

    assert 'id="progress" hx-swap-oob="true"' in news and "2 still to text" in news
    assert "action-state" not in news
    assert f"since={overview.mark(overview.of(action), now=utc_now())}" in news


def test_a_poll_tells_that_somebody_else_paused(
    browser: Browser, page: str, action: Action
) -> None:
    mark = overview.mark(overview.of(action), now=utc_now())
    browser.post(f"{page}/pause")
    news = browser.get(f"{page}/live?since={mark}", htmx=True).text
    assert '<span id="action-state" hx-swap-oob="true" data-calm>' in news and "Paused" in news


def test_an_action_is_paused_resumed_and_finished(
    browser: Browser, page: str, action: Action
) -> None:
    browser.post(f"{page}/pause")
    assert state(action) is ActionState.PAUSED
    assert "Resume" in browser.get(page).text
    browser.post(f"{page}/pause")
    browser.post(f"{page}/resume")
    assert state(action) is ActionState.LIVE
    assert "3 people won’t get a first text" in browser.get(f"{page}/finish").text
    assert state(action) is ActionState.LIVE
    browser.post(f"{page}/finish")
    assert state(action) is ActionState.FINISHED
    assert "were not texted" in browser.get(page).text
    assert browser.post(f"{page}/resume").status_code == 409


def test_somebody_skipped_since_the_launch_is_in_the_receipt(
    browser: Browser, page: str, people: list[Contact]
) -> None:
    with transaction():
        optouts.record(people[0], Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
    assert "Safeguard skipped 1 person since the launch." in browser.get(page).text
    assert "Renee" in browser.get(f"{page}/suppressed").text
    assert "Renee" not in browser.get(f"{page}/suppressed?reason=ready").text
    assert "Renee" in browser.post(f"{page}/suppressed/export").text


@pytest.mark.parametrize("query", ["?reason=zebra", "?after=x", "?reason=country", "?after=99999"])
def test_an_address_typed_by_hand_shows_a_list(browser: Browser, page: str, query: str) -> None:
    assert browser.get(f"{page}/suppressed{query}").status_code == 200


def release(browser: Browser, page: str, message: Message, reason: str) -> tuple[int, str]:
    url = f"{page.rpartition('/')[0]}/texts/{message.id}/release"
    answer = browser.post(url, {"reason": reason})
    return answer.status_code, answer.text


def test_a_text_of_unknown_fate_is_sent_again_by_hand_with_a_reason(
    browser: Browser, page: str, action: Action, people: list[Contact], jordan: User
) -> None:
    message = factories.first_text(action, people[0], jordan)
    arrive(message, sure=False)
    assert "Texts whose fate is unknown" in browser.get(page).text

    status, text = release(browser, page, message, "Because")
    assert status == 422 and "at least 10 characters" in text and 'value="Because"' in text
    assert db.session.get_one(Message, message.id).state is MessageState.UNKNOWN

    assert release(browser, page, message, REASON)[0] == 303
    assert db.session.get_one(Message, message.id).state is MessageState.QUEUED
    assert release(browser, page, message, REASON)[0] == 409
    assert "Texts whose fate is unknown" not in browser.get(page).text


def test_a_text_to_somebody_who_opted_out_is_not_sent_again(
    browser: Browser, page: str, action: Action, people: list[Contact], jordan: User
) -> None:
    message = factories.first_text(action, people[0], jordan)
    arrive(message, sure=False)
    with transaction():
        optouts.record(people[0], Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
    status, text = release(browser, page, message, REASON)
    assert status == 409 and "has opted out" in text


def test_what_texters_flag_is_shown(
    browser: Browser, page: str, action: Action, people: list[Contact], jordan: User
) -> None:
    with transaction():
        batches.take_batch(action, jordan, now=utc_now())
        aside.flag(action, people[1].id, jordan, aside.Wrong.TEXT, now=utc_now())
    text = browser.get(page).text
    assert "Something looks wrong" in text and "The text looks wrong" in text
    assert "Jordan Lee, about" in text and "Dana" in text


def flagged(action: Action, person: Contact, texter: User) -> int:
    with transaction():
        batches.take_batch(action, texter, now=utc_now())
        aside.flag(action, person.id, texter, aside.Wrong.NAME, now=utc_now())
    query = select(TrailEntry.id).where(TrailEntry.event == Event.FLAGGED)
    return db.session.scalars(query.order_by(TrailEntry.id.desc())).first() or 0


def test_an_admin_clears_a_flag_with_a_note(
    browser: Browser, page: str, action: Action, people: list[Contact], jordan: User
) -> None:
    one, other = (flagged(action, person, jordan) for person in people[:2])
    clear = f"{page.rpartition('/')[0]}/flags/{one}/clear"

    refused = browser.post(clear, {"note": " "})
    assert refused.status_code == 422 and "Say what you found" in refused.text
    assert browser.post(clear, {"note": "The name is right"}).status_code == 303

    text = browser.get(page).text
    assert f"flags/{one}/clear" not in text and f"flags/{other}/clear" in text
    assert browser.post(clear, {"note": "Once more"}).status_code == 409
    entry = db.session.scalars(
        select(TrailEntry).where(TrailEntry.event == Event.FLAG_CLEARED)
    ).one()
    assert (entry.about_id, entry.contact_id) == (one, people[0].id)
    assert entry.details == {"reason": "The name is right"}
    told = [moment.text for moment in timeline.of(people[0])]
    assert "The name is right" in told


def test_only_a_flag_can_be_cleared(browser: Browser, page: str, action: Action) -> None:
    other = db.session.scalars(select(TrailEntry.id).limit(1)).first()
    clear = f"{page.rpartition('/')[0]}/flags/{other}/clear"
    assert browser.post(clear, {"note": "The name is right"}).status_code == 404


def test_texters_and_their_conversations(
    browser: Browser, page: str, action: Action, people: list[Contact], jordan: User
) -> None:
    assert "Nobody has texted yet." in browser.get(f"{page}/texters").text
    assert "No conversations yet." in browser.get(f"{page}/conversations").text
    factories.first_text(action, people[0], jordan)
    assert "Jordan Lee" in browser.get(f"{page}/texters").text
    assert "Renee" in browser.get(f"{page}/conversations?texter={jordan.id}").text
    assert "No conversations match." in browser.get(f"{page}/conversations?texter=0").text
    assert "No conversations match." in browser.get(f"{page}/conversations?show=needs").text


def test_conversations_are_moved_many_at_once(
    browser: Browser, page: str, action: Action, people: list[Contact], jordan: User
) -> None:
    ana = factories.texter(name="Ana Ruiz")
    talks = [factories.first_text(action, one, jordan).conversation_id for one in people]

    typed = {"ids": talks[:2], "to": ana.id, "texter": jordan.id, "show": "all"}
    answer = browser.post(f"{page}/conversations/reassign", typed)

    assert f"texter={jordan.id}" in answer.location
    assert "2 conversations moved to Ana Ruiz." in browser.get(answer.location).text
    owners = [db.session.get_one(Conversation, one).assignee_id for one in talks]
    assert owners == [ana.id, ana.id, jordan.id]
    browser.post(f"{page}/conversations/reassign", {"ids": talks[:1], "to": "0"})
    assert db.session.get_one(Conversation, talks[0]).assignee_id is None
    assert browser.post(f"{page}/conversations/reassign").status_code == 303


def test_conversations_go_to_nobody_outside_the_campaign(
    browser: Browser, page: str, action: Action, people: list[Contact], jordan: User
) -> None:
    stranger = factories.texter(factories.campaign())
    talk = factories.first_text(action, people[0], jordan).conversation_id
    answer = browser.post(f"{page}/conversations/reassign", {"ids": [talk], "to": stranger.id})
    assert answer.status_code == 422
    assert db.session.get_one(Conversation, talk).assignee_id == jordan.id


def test_a_conversation_of_another_action_stays_where_it_is(
    browser: Browser, page: str, jordan: User
) -> None:
    person, ana = factories.contact(), factories.texter()
    talk = factories.first_text(factories.action(person), person, jordan).conversation_id
    browser.post(f"{page}/conversations/reassign", {"ids": [talk], "to": ana.id})
    assert db.session.get_one(Conversation, talk).assignee_id == jordan.id


def test_a_draft_leads_to_its_builder(browser: Browser, page: str) -> None:
    draft = factories.action(launched=False)
    root = page.rpartition("/")[0]
    for path in ("", "/texters", "/conversations"):
        answer = browser.get(f"{root}/{draft.id}{path}")
        assert answer.location == f"{root}/{draft.id}/details"


def test_what_the_numbers_count_can_be_opened(browser: Browser, page: str, action: Action) -> None:
    assert f"{page}/conversations?show=needs" in browser.get(page).text
    assert f"{page}/not-delivered" not in browser.get(page).text

    with transaction():
        tally.add(action.id, failed=1)

    assert f"{page}/not-delivered" in browser.get(page).text


def test_an_action_that_leaves_nobody_out_says_so(browser: Browser, people: list[Contact]) -> None:
    root = f"/c/{factories.the_campaign().slug}/actions"
    everybody = factories.action(*people)
    assert (
        "Nobody in this list is suppressed."
        in browser.get(f"{root}/{everybody.id}/suppressed").text
    )

    draft = factories.action(*people, launched=False)
    listed = browser.get(f"{root}/{draft.id}/suppressed").text
    assert "Nobody in this list is suppressed." in listed and "All 3 will be texted." in listed
