"""Home and the lists of actions keep themselves up to date; nothing on them moves."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests import factories
from tests.client import Browser
from tests.polling import Polled
from tests.services.talks import HINT, Talk
from webapp.db import db, transaction, utc_now
from webapp.models import Action, ActionKind, ActionState, Contact, OptOutSource, Texting, User
from webapp.services import (
    action_days,
    actions,
    demo_phone,
    marks,
    optouts,
    schedules,
    tally,
)
from webapp.texting.spans import Span

SignIn = Callable[[User], Browser]
SLOT = timedelta(seconds=16)


def root() -> str:
    return f"/c/{factories.the_campaign().slug}"


@pytest.fixture
def admin(client_for: SignIn) -> Browser:
    return client_for(factories.admin(name="Maya Okafor"))


def pause(action: Action) -> None:
    with transaction():
        actions.pause(action, by=None, now=utc_now())


def alarm(action: Action) -> None:
    with transaction():
        found = db.session.get_one(Action, action.id)
        found.state, found.alarm = ActionState.PAUSED, "Opt-outs reached 3.1%."


def test_home_answers_nothing_until_something_changed(admin: Browser) -> None:
    people = [factories.contact(), factories.contact()]
    action = factories.action(*people)
    home = Polled(admin, f"{root()}/")
    assert home.poll() == ""

    factories.first_text(action, people[0], factories.texter())

    news = home.poll()
    assert f'id="sent-{action.id}" hx-swap-oob="true"' in news and "1 of 2" in news
    assert home.poll() == ""


def test_home_counts_today_again_when_something_moved_but_not_at_every_poll(
    admin: Browser,
) -> None:
    began = utc_now() + timedelta(seconds=16 - utc_now().timestamp() % 15)
    with time_machine.travel(began, tick=False) as clock:
        dana, luis = factories.contact(), factories.contact()
        home = Polled(admin, f"{root()}/")
        optout(dana)
        assert "today-opt-outs" not in home.poll()
        clock.shift(SLOT)
        first = home.poll()
        assert 'id="today-opt-outs" hx-swap-oob="true"' in first
        optout(luis)
        assert "today-opt-outs" not in home.poll()
        clock.shift(SLOT)
        assert 'id="today-opt-outs" hx-swap-oob="true"' in home.poll()
        clock.shift(SLOT)
        assert home.poll() == ""


def test_home_begins_its_counts_anew_at_midnight(admin: Browser) -> None:
    with time_machine.travel(utc_now(), tick=False) as clock:
        optout(factories.contact())
        home = Polled(admin, f"{root()}/")
        clock.shift(timedelta(days=1))
        news = home.poll()
        tile = news.partition('id="today-opt-outs"')[2].partition("</div></div>")[0]
        assert '<div class="n num">0</div>' in tile
        assert home.poll() == ""


def test_home_tells_of_possible_opt_outs_in_room_that_is_kept(admin: Browser) -> None:
    talk = Talk()
    home = Polled(admin, f"{root()}/")
    assert "No possible opt-outs to review" in home.first.text
    talk.hears(HINT, now=utc_now())

    news = home.poll()

    assert "1 possible opt-out to review" in news
    assert 'id="rail-opt-outs"' in news and 'id="menu-inbox"' in news
    assert 'id="today-needs"' in news and '<div class="n num">1</div>' in news


def test_what_home_does_not_show_yet_waits_behind_a_button(admin: Browser) -> None:
    action = factories.action(factories.contact())
    home = Polled(admin, f"{root()}/")
    other = factories.action(factories.contact(), name="Rally on Saturday")

    news = home.poll()

    assert "Show 1 new action" in news and "Rally on Saturday" not in news
    assert home.poll() == ""
    alarm(action)
    news = home.poll()
    assert "Show what Heed says of an action" in news and "Paused" in news
    assert home.poll() == ""
    pause(other)
    assert home.poll() == ""


def test_home_tells_of_no_broadcast_that_is_scheduled_and_has_no_row_there(
    admin: Browser,
) -> None:
    later = factories.action(factories.contact(), kind=ActionKind.BROADCAST, launched=False)
    with transaction():
        at = utc_now() + timedelta(hours=2)
        schedules.schedule(
            db.session.get_one(Action, later.id), at, by=None, now=utc_now(), acknowledged=True
        )
    home = Polled(admin, f"{root()}/")
    assert home.poll() == ""
    with transaction():
        db.session.get_one(Action, later.id).state = ActionState.LIVE
    assert "Show 1 new action" in home.poll()


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (ActionKind.P2P, ""),
        (ActionKind.P2P, "actions/p2p"),
        (ActionKind.BROADCAST, "actions/broadcast"),
    ],
)
def test_rows_that_a_long_list_shows_are_never_told_of_as_new(
    admin: Browser, kind: ActionKind, path: str
) -> None:
    factories.many_actions(marks.MOST + 5, kind)
    page = Polled(admin, f"{root()}/{path}")
    assert page.poll() == ""
    factories.many_actions(1, kind)
    assert "Show 1 new action" in page.poll()
    assert page.poll() == ""


@pytest.mark.parametrize(
    ("kind", "path"), [(ActionKind.P2P, "p2p"), (ActionKind.BROADCAST, "broadcast")]
)
def test_a_list_of_actions_follows_their_progress(
    admin: Browser, kind: ActionKind, path: str
) -> None:
    action = factories.action(factories.contact(), factories.contact(), kind=kind)
    still = factories.action(factories.contact(), kind=kind)
    page = Polled(admin, f"{root()}/actions/{path}")
    assert page.poll() == ""
    with transaction():
        tally.add(action.id, ready=-1, delivered=1, replies=1)

    news = page.poll()

    assert f'id="sent-{action.id}"' in news and "1 of 2" in news
    assert f'id="sent-{still.id}"' not in news
    assert page.poll() == ""
    pause(action)
    assert "Paused" in page.poll()


@pytest.mark.parametrize("path", ["", "actions/p2p"])
def test_a_row_says_when_the_first_day_of_its_action_has_come(
    client_for: SignIn, path: str
) -> None:
    zone = ZoneInfo(factories.the_campaign().time_zone)
    noon = datetime(2030, 1, 15, 12, tzinfo=zone)
    with time_machine.travel(noon, tick=False) as clock:
        action = factories.action(factories.contact())
        with transaction():
            found = db.session.get_one(Action, action.id)
            action_days.set_days(found, Span(first=date(2030, 1, 16)))
        page = Polled(client_for(factories.admin()), f"{root()}/{path}")
        assert "Texting opens on Wednesday" in page.first.text and page.poll() == ""
        clock.shift(timedelta(hours=12))
        news = page.poll()
        assert f'id="state-{action.id}"' in news and "Texting opens" not in news
        assert page.poll() == ""


def test_the_page_of_an_action_says_that_its_first_day_has_come(client_for: SignIn) -> None:
    zone = ZoneInfo(factories.the_campaign().time_zone)
    noon = datetime(2030, 1, 15, 12, tzinfo=zone)
    with time_machine.travel(noon, tick=False) as clock:
        action = factories.action(factories.contact())
        with transaction():
            found = db.session.get_one(Action, action.id)
            action_days.set_days(found, Span(first=date(2030, 1, 16)))
        page = Polled(client_for(factories.admin()), f"{root()}/actions/{action.id}")
        assert "Texting opens on Wednesday" in page.first.text and page.poll() == ""
        clock.shift(timedelta(hours=12))
        assert "what changed" in page.poll()
        assert page.poll() == ""


def test_a_row_is_kept_up_to_date_until_its_action_is_finished(admin: Browser) -> None:
    action = factories.action(factories.contact())
    page = Polled(admin, f"{root()}/actions/p2p")
    with transaction():
        actions.finish(db.session.get_one(Action, action.id), by=None, now=utc_now())
    assert "Finished" in page.poll()
    assert page.poll() == ""


def test_the_list_of_automated_actions_follows_who_texted(admin: Browser) -> None:
    number = factories.number()
    action = factories.automation("VOLUNTEER")
    page = Polled(admin, f"{root()}/actions/automated")
    own = Polled(admin, f"{root()}/actions/automated/{action.id}")
    assert (page.poll(), own.poll()) == ("", "")
    with transaction():
        demo_phone.text_in(factories.contact().phone, number, "VOLUNTEER", now=utc_now())

    news = page.poll()
    assert f'<span id="people-{action.id}" hx-swap-oob="true" data-calm>1</span>' in news
    assert "from 1 person" in own.poll()
    assert (page.poll(), own.poll()) == ("", "")

    pause(action)
    factories.automation("SIGN")
    news = page.poll()
    assert "Paused" in news and "Show 1 new action" in news
    news = own.poll()
    assert "Paused" in news and "Show what changed" in news


def test_a_finished_automated_action_keeps_its_people_in_the_list(admin: Browser) -> None:
    number, action = factories.number(), factories.automation("VOLUNTEER")
    with transaction():
        demo_phone.text_in(factories.contact().phone, number, "VOLUNTEER", now=utc_now())
    page = Polled(admin, f"{root()}/actions/automated")
    with transaction():
        actions.finish(db.session.get_one(Action, action.id), by=None, now=utc_now())
    news = page.poll()
    assert "Finished" in news and ">1</span>" in news
    assert page.poll() == ""


def test_polls_cost_few_statements_however_many_actions_run(admin: Browser) -> None:
    factories.action(factories.contact())
    factories.automation("VOLUNTEER")
    pages = ("/", "/actions/p2p", "/actions/broadcast", "/actions/automated")
    few = [Polled(admin, f"{root()}{page}").cost() for page in pages]
    for word in ("SIGN", "RALLY", "YARD"):
        factories.action(factories.contact())
        factories.automation(word)
    assert [Polled(admin, f"{root()}{page}").cost() for page in pages] == few
    assert max(few) <= 7


@pytest.mark.parametrize("said", ["7", "x.y-", "9" * 30, "-.-", "1.abc-1.abc", "٣.a"])
def test_an_edited_address_of_a_poll_is_no_error(admin: Browser, said: str) -> None:
    factories.action(factories.contact())
    for query in (
        f"/live?rows={said}&day={said}&texts={said}&slot={said}",
        f"/actions/p2p/live?since={said}&new={said}",
        f"/actions/automated/live?since={said}&new={said}",
    ):
        assert admin.get(f"{root()}{query}", htmx=True).status_code in (200, 204)


def optout(contact: Contact) -> None:
    with transaction():
        optouts.record(contact, Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
