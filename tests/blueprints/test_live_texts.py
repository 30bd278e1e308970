"""A texter's list of actions keeps itself up to date."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests import factories
from tests.client import Browser
from tests.polling import Polled
from webapp.db import db, transaction, utc_now
from webapp.models import Action, ActionKind, ActionTexter, Campaign, Membership, MessageState, User
from webapp.services import actions, batches, demo_phone, marks

SignIn = Callable[[User], Browser]


def place() -> str:
    return f"/c/{factories.the_campaign().slug}/text"


@pytest.fixture
def jordan() -> User:
    return factories.texter(name="Jordan Lee")


@pytest.fixture
def browser(jordan: User, client_for: SignIn) -> Browser:
    return client_for(jordan)


def change(action: Action, how: Callable[..., bool], by: User | None = None) -> None:
    with transaction():
        how(db.session.get_one(Action, action.id), by=by, now=utc_now())


def test_the_list_says_nothing_until_a_count_changed(browser: Browser, jordan: User) -> None:
    number, people = factories.number(), [factories.contact(), factories.contact()]
    action = factories.action(*people)
    page = Polled(browser, place())
    assert "2 first texts left" in page.first.text and page.poll() == ""

    with transaction():
        batches.take_batch(action, jordan, now=utc_now())
    assert "2 contacts left in your batch" in page.poll()
    first = factories.first_text(action, people[0], jordan)
    with transaction():
        first.state = MessageState.SENT
    with transaction():
        demo_phone.text_in(people[0].phone, number, "Who is this?", now=utc_now())
    news = page.poll()

    assert f'<li class="card shift" id="shift-{action.id}" hx-swap-oob="true" data-calm>' in news
    assert "1 contact left in your batch" in news and "1 reply is waiting" in news
    assert 'id="nav-needs" hx-swap-oob="true">1<' in news
    assert page.poll() == ""


def test_the_list_says_who_paused_and_that_it_goes_on(browser: Browser) -> None:
    action = factories.action(factories.contact())
    page = Polled(browser, place())
    change(action, actions.pause, factories.admin(name="Maya Okafor"))
    assert "Paused by Maya. No first texts go out for now." in page.poll()
    change(action, actions.resume)
    assert "Texting is open." in page.poll()


def test_a_new_action_waits_behind_a_button_and_is_told_once(browser: Browser) -> None:
    page = Polled(browser, place())
    assert "Nothing to send right now" in page.first.text
    factories.action(factories.contact(), name="Rally on Saturday")
    news = page.poll()
    assert "Show 1 new action" in news and "Rally on Saturday" not in news
    assert 'data-announce="1 new action"' in news
    assert page.poll() == ""
    factories.action(factories.contact())
    news = page.poll()
    assert "Show 2 new actions" in news and "data-announce" not in news


def test_a_card_stays_and_says_that_its_action_is_finished(browser: Browser) -> None:
    action = factories.action(factories.contact(), name="Doorstep to ballot")
    page = Polled(browser, place())
    change(action, actions.finish)
    news = page.poll()
    assert "Doorstep to ballot" in news and "This action is finished." in news
    assert page.poll() == ""


def test_a_card_stays_and_says_that_somebody_was_taken_off_the_action(browser: Browser) -> None:
    action = factories.action(factories.contact())
    page = Polled(browser, place())
    with transaction():
        db.session.get_one(Action, action.id).all_texters = False
        db.session.add(ActionTexter(action_id=action.id, user_id=factories.texter().id))
    assert "You aren’t on this action any more." in page.poll()


def test_other_peoples_actions_cannot_be_asked_for(browser: Browser) -> None:
    elsewhere = factories.contact(of=factories.campaign())
    foreign = factories.action(elsewhere, name="Somebody else’s")
    own = factories.action(factories.contact(of=factories.the_campaign()))
    for number in (foreign.id, 9**9, 9**30):
        asked = f"{place()}/live?since={number}.live.0.0.0-{own.id}.live.0.0.0-x.-&minute=x"
        answer = browser.get(asked, htmx=True)
        assert answer.status_code == 200 and "Somebody else" not in answer.text


def test_nothing_is_told_of_actions_that_a_texter_is_not_on(browser: Browser) -> None:
    secret = {"name": "Plan for October", "instruction": "Ask about the merger."}
    draft = factories.action(factories.contact(), launched=False, **secret)
    broadcast = factories.action(factories.contact(), kind=ActionKind.BROADCAST, **secret)
    others = factories.action(factories.contact(), all_texters=False, **secret)
    finished = factories.action(factories.contact(), all_texters=False, **secret)
    change(finished, actions.finish)
    for one in (draft, broadcast, others, finished):
        answer = browser.get(f"{place()}/live?since={one.id}.live.0.0.0", htmx=True)
        assert "October" not in answer.text and "merger" not in answer.text
        assert "finished" not in answer.text


def test_the_list_says_within_a_minute_that_texting_has_closed(browser: Browser) -> None:
    home = factories.the_campaign()
    with transaction():
        found = db.session.get_one(Campaign, home.id)
        found.opens_minute, found.closes_minute = 9 * 60, 21 * 60
    factories.action(factories.contact())
    tomorrow = datetime.now(ZoneInfo(home.time_zone)) + timedelta(days=1)
    before = tomorrow.replace(hour=20, minute=58, second=5)
    with time_machine.travel(before, tick=False) as clock:
        page = Polled(browser, place())
        assert "Texting hours: 9 am to 9 pm." in page.first.text
        clock.shift(60)
        quiet = page.poll()
        assert "shift-" not in quiet and page.poll() == ""
        clock.shift(60)
        assert "Texting is closed until 9 am tomorrow" in page.poll()
        assert page.poll() == ""


def test_the_polls_cost_few_statements_however_many_actions_there_are(
    browser: Browser, jordan: User
) -> None:
    action = factories.action(factories.contact(), factories.contact())
    with transaction():
        batches.take_batch(action, jordan, now=utc_now())
    few = Polled(browser, place()).cost()
    card = Polled(browser, f"{place()}/{action.id}/send").cost()
    for _ in range(3):
        factories.action(factories.contact())
    assert Polled(browser, place()).cost() == few <= 7
    assert card <= 6


def test_cards_that_a_long_list_shows_are_never_told_of_as_new(browser: Browser) -> None:
    factories.many_actions(marks.MOST + 5)
    page = Polled(browser, place())
    assert page.poll() == ""
    factories.many_actions(1)
    assert "Show 1 new action" in page.poll()
    assert page.poll() == ""


def test_whoever_waits_for_an_admin_is_told_when_they_may_text(
    browser: Browser, jordan: User
) -> None:
    action = factories.action(factories.contact())
    wait(jordan, True)
    page = Polled(browser, place())
    assert "An admin has to approve you" in page.first.text and page.poll() == ""
    wait(jordan, False)
    news = page.poll()
    assert "An admin has approved you. You can text now" in news
    assert f'id="shift-{action.id}"' in news and "btn primary" in news
    assert page.poll() == ""


def wait(person: User, waits: bool) -> None:
    with transaction():
        keys = (factories.the_campaign().id, person.id)
        db.session.get_one(Membership, keys).awaits_approval = waits
