"""Watching a broadcast: counts, speed, charts, pausing, and what Heed pauses by itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests import factories
from tests.client import Browser
from tests.services import scenes
from webapp.carriers.base import Refused
from webapp.db import db, transaction, utc_now
from webapp.models import Action, ActionKind, ActionMoment, ActionState, ActionTally, User
from webapp.services import alarms, broadcasts, launches, overview

SignIn = Callable[[User], Browser]
REASON = "The list was mixed up, that is put right"


@pytest.fixture
def action() -> Action:
    people = [factories.contact() for _ in range(4)]
    return factories.action(*people, kind=ActionKind.BROADCAST, name="Rally")


@pytest.fixture
def browser(action: Action, client_for: SignIn) -> Browser:
    return client_for(factories.admin(name="Maya Okafor"))


@pytest.fixture
def page(action: Action) -> str:
    return f"/c/{factories.the_campaign().slug}/actions/{action.id}"


def counts(action: Action, **values: int) -> None:
    with transaction():
        db.session.execute(
            update(ActionTally).where(ActionTally.action_id == action.id).values(**values)
        )


def ring(action: Action) -> None:
    with transaction():
        alarms.ring(db.session.get_one(Action, action.id), now=utc_now())


def state(action: Action) -> ActionState:
    db.session.rollback()
    return db.session.get_one(Action, action.id, populate_existing=True).state


def mark(action: Action) -> str:
    db.session.expire_all()
    return broadcasts.poll_mark(overview.of(action), utc_now())


def test_a_running_broadcast_shows_how_far_it_has_come(
    browser: Browser, page: str, action: Action
) -> None:
    counts(
        action,
        total=1_010,
        ready=500,
        sent=300,
        delivered=180,
        undelivered=12,
        failed=8,
        opted_out=10,
        replies=24,
        opt_outs=6,
        skipped=3,
    )
    text = browser.get(page).text
    assert '<span class="num">492</span> of <span class="num">1,000</span> sent' in text
    assert "50% – Rally" in text and "a second" in text
    assert "36.6%" in text and "180 texts" in text  # delivered
    assert "4.9%" in text and "1.2%" in text and "pauses itself at 3%" in text
    assert "4.0%" in text and "see why" in text  # not delivered
    assert "Safeguard skipped 3 people since the launch." in text
    assert "1,000 of 1,010 contacts let through, 10 suppressed." in text


def test_both_charts_come_with_their_tables_and_words(
    browser: Browser, page: str, action: Action
) -> None:
    now = utc_now().replace(second=0, microsecond=0)
    start = now - timedelta(minutes=now.minute % 5 + 10)
    with transaction():
        db.session.add_all(
            [
                ActionMoment(action_id=action.id, at=start, sent=100, opt_outs=1),
                ActionMoment(
                    action_id=action.id, at=start + timedelta(minutes=5), sent=150, opt_outs=2
                ),
            ]
        )
    text = browser.get(page).text
    assert text.count('role="img"') == 2 and text.count("<figcaption") == 2
    assert text.count('class="bar') == 2 and "<polyline" in text and "Pauses at 3" in text
    assert "Texts sent every 5 minutes, 150 at most." in text
    assert "Opt-outs per 100 texts, 1.2 at last. Pauses itself at 3." in text
    assert "Show as table" in text and ">1.20</td>" in text and ">150</td>" in text


def test_the_poll_answers_nothing_until_something_changed(
    browser: Browser, page: str, action: Action
) -> None:
    counts(action, sent=1)
    before = mark(action)
    quiet = browser.get(f"{page}/live?since={mark(action)}", htmx=True)
    assert (quiet.status_code, quiet.text) == (204, "")
    counts(action, sent=2)
    news = browser.get(f"{page}/live?since={before}", htmx=True).text
    assert 'id="progress"' in news and 'hx-swap-oob="true"' in news and "<svg" in news
    assert f"since={mark(action).partition('.')[0]}" in news and "Rally – Heed" in news
    # Buttons stay where they are, so that nobody loses the focus on them.
    assert "/pause" not in news


def test_the_charts_come_along_once_a_minute(browser: Browser, page: str, action: Action) -> None:
    now = mark(action)
    counts(action, sent=3)
    assert "rate-drawing" not in browser.get(f"{page}/live?since={now}", htmx=True).text
    minute_ago = f"{now.rpartition('.')[0]}.1"
    news = browser.get(f"{page}/live?since={minute_ago}", htmx=True).text
    assert "rate-drawing" in news and "sent-numbers" in news


def test_the_page_is_loaded_again_when_somebody_else_pauses(
    browser: Browser, page: str, action: Action
) -> None:
    before = mark(action)
    browser.post(f"{page}/pause")
    news = browser.get(f"{page}/live?since={before}", htmx=True)
    assert news.headers["HX-Redirect"].endswith(page)


def test_it_is_paused_at_once_resumed_and_stopped_for_good(
    browser: Browser, page: str, action: Action
) -> None:
    browser.post(f"{page}/pause")
    assert state(action) is ActionState.PAUSED
    paused = browser.get(page).text
    assert "Resume" in paused and "Paused, 4 not texted" in paused
    assert "Sending again." in browser.get(browser.post(f"{page}/resume").location).text
    assert state(action) is ActionState.LIVE
    asked = browser.get(f"{page}/finish").text
    assert "Stop “Rally” for good?" in asked and "4 people won’t get this text" in asked
    browser.post(f"{page}/finish")
    text = browser.get(page).text
    assert state(action) is ActionState.FINISHED and "4 were not texted" in text
    assert "/pause" not in text and browser.post(f"{page}/resume").status_code == 409


def test_what_heed_paused_asks_for_a_reason(browser: Browser, page: str, action: Action) -> None:
    counts(action, total=5_600, ready=5_400, sent=200, opt_outs=7)
    ring(action)
    text = browser.get(page).text
    assert "Heed paused this broadcast" in text and "Opt-outs reached 3.5%" in text
    home = page.split("/actions")[0] + "/"
    assert "Paused by Heed: Rally" in browser.get(home).text
    listed = browser.get(home + "actions/broadcast").text
    assert "Paused itself" in listed and "Opt-outs reached 3.5%" in listed
    assert browser.post(f"{page}/dismiss-alarm").status_code == 409

    refused = browser.post(f"{page}/resume", {"reason": "ok"})
    assert refused.status_code == 422 and "at least 10 characters" in refused.text
    assert 'value="ok"' in refused.text and state(action) is ActionState.PAUSED
    browser.post(f"{page}/resume", {"reason": REASON})

    assert state(action) is ActionState.LIVE
    assert "Paused by Heed" not in browser.get(home).text
    counts(action, sent=300, opt_outs=8)
    assert "1.0% of the 100 since it went on" in browser.get(page).text


def test_a_warning_runs_on_and_is_dismissed(browser: Browser, page: str, action: Action) -> None:
    with transaction():
        action.pause_only_warns = True
    counts(action, sent=200, opt_outs=7)
    ring(action)
    text = browser.get(page).text
    assert "Heed warns: Rally" in text and "warns at 3%" in text and "/pause" in text
    assert state(action) is ActionState.LIVE
    assert browser.post(f"{page}/dismiss-alarm").location.endswith(page)
    assert "Heed warns" not in browser.get(page).text


def test_a_broadcast_that_does_not_arrive_is_told(
    browser: Browser, page: str, action: Action
) -> None:
    counts(action, total=40, ready=20, failed=12, sent=8)
    text = browser.get(page).text
    assert "Most of these texts don’t arrive." in text and "60.0%" in text
    assert "8</span> of" in text


def test_the_last_text_is_told(browser: Browser, page: str, action: Action) -> None:
    counts(action, ready=0, sent=4)
    assert "Everybody has been texted" in browser.get(page).text


def test_while_safeguard_sorts_there_is_nothing_to_pause(
    browser: Browser, page: str, client_for: SignIn
) -> None:
    sorting = factories.action(factories.contact(), kind=ActionKind.BROADCAST, launched=False)
    with transaction():
        launches.launch(sorting, by=None, now=utc_now())
    url = page.rpartition("/")[0] + f"/{sorting.id}"
    text = browser.get(url).text
    assert "Safeguard is checking the list" in text and "/pause" not in text
    assert browser.post(f"{url}/pause").status_code == 409


def test_why_texts_did_not_arrive_can_be_read(browser: Browser, page: str, action: Action) -> None:
    assert "has arrived so far" in browser.get(f"{page}/not-delivered").text
    scenes.send_all(lambda text: Refused("30006", "Landline or unreachable", permanent=True))
    text = browser.get(f"{page}/not-delivered").text
    assert "Refused by the carrier" in text and "Landline or unreachable" in text
    assert "30006" in text and text.count('scope="row"') == 5


def test_people_who_wait_for_texting_hours_are_told(
    browser: Browser, page: str, action: Action
) -> None:
    hour = (utc_now().hour + 2) % 23
    with transaction():
        home = factories.the_campaign()
        home.time_zone, home.opens_minute, home.closes_minute = "UTC", hour * 60, hour * 60 + 30
    text = browser.get(page).text
    assert "Texting is closed for everybody who is left." in text and "Nobody is left out" in text
