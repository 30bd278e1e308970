"""Actions > Automated: the pages."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests import factories
from tests.client import Browser
from tests.polling import statements
from webapp.db import db, transaction, utc_now
from webapp.models import Action, ActionState, Campaign, NumberKind, User
from webapp.services import automated, report_settings

SignIn = Callable[[User], Browser]
ANSWER = "Thanks, {first_name}! Reply STOP to opt out."


@pytest.fixture
def home() -> Campaign:
    return factories.campaign(slug="rivera")


@pytest.fixture
def browser(client_for: SignIn, home: Campaign) -> Browser:
    return client_for(factories.admin(home))


@pytest.fixture
def number(home: Campaign) -> int:
    return factories.number(home, kind=NumberKind.BROADCAST).id


URL = "/c/rivera/actions/automated"


def post(browser: Browser, url: str, **typed: Any) -> TestResponse:
    fields = {"name": "Volunteers", "keywords": "volunteer", "answer": ANSWER, "who": "everyone"}
    return browser.post(url, {**fields, **typed})


def state(action: Action) -> ActionState:
    db.session.rollback()
    return db.session.get_one(Action, action.id).state


def test_the_list_begins_empty_and_says_what_to_do(browser: Browser) -> None:
    page = browser.get(URL).text
    assert "No automated actions yet." in page and f'href="{URL}/new"' in page
    assert 'href="/c/rivera/actions/automated" aria-current=page' in page


def test_the_list_costs_the_same_few_statements_however_many_actions_there_are(
    browser: Browser, number: int
) -> None:
    def load() -> tuple[int, str]:
        with statements() as sent:
            page = browser.get(URL).text
        return len(sent), page

    post(browser, f"{URL}/new", name="One", keywords="ONE, UNO", number=number)
    few, _ = load()
    for name in ("Two", "Three", "Four"):
        post(browser, f"{URL}/new", name=name, keywords=f"{name}, {name} more", number=number)
    many, page = load()
    assert many == few <= 8
    order = [page.index(f">{name}</a>") for name in ("Four", "Three", "Two", "One")]
    assert order == sorted(order)
    assert page.index("UNO") > page.index(">One</a>") > page.index("TWO MORE")


def test_one_is_written_down_turned_on_paused_and_finished(browser: Browser, number: int) -> None:
    made = post(browser, f"{URL}/new", keywords="volunteer, Help out", number=number)
    assert made.status_code == 303
    page = browser.get(made.location).text
    assert "It answers nobody until you turn it on." in page and "HELP OUT" in page
    assert browser.post(f"{made.location}/turn-on").status_code == 303
    assert "Heed answers VOLUNTEER, HELP OUT now." in browser.get(made.location).text
    assert "Volunteers" in browser.get(URL).text
    browser.post(f"{made.location}/pause")
    assert "Paused. Texts with these keywords go to the inbox" in browser.get(made.location).text
    browser.post(f"{made.location}/turn-on")
    assert "can be used by another action then" in browser.get(f"{made.location}/finish").text
    browser.post(f"{made.location}/finish")
    page = browser.get(made.location).text
    assert "Finished. Its keywords can be used again." in page and "Pause</button>" not in page
    assert browser.get(f"{made.location}/edit").status_code == 303


def test_a_refused_keyword_stands_at_its_field_and_nothing_typed_is_lost(
    browser: Browser, number: int
) -> None:
    page = post(browser, f"{URL}/new", keywords="VOLUNTEER, Stop", number=number)
    assert page.status_code == 422
    assert "“STOP” is already a stop word." in page.text
    assert 'value="VOLUNTEER, Stop"' in page.text and ANSWER in page.text
    assert "<title>Error: New automated action" in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Give the action a name."),
        ({"answer": "Hi {fist_name}"}, "Did you mean {first_name}?"),
        ({"keywords": "JOIN"}, "opts people in wherever it is texted"),
        ({"who": "chosen"}, "Choose at least one person."),
    ],
)
def test_what_cannot_work_is_said(
    browser: Browser, number: int, typed: dict[str, str], said: str
) -> None:
    page = post(browser, f"{URL}/new", **typed)
    assert page.status_code == 422 and said in page.text


def test_what_is_typed_is_tried_while_it_is_typed(browser: Browser, number: int) -> None:
    fields = {"keywords": "volunteer, stop", "answer": "Hi {first_name}, thanks!"}
    part = browser.post(f"{URL}/try", fields, headers={"HX-Request": "true"})
    assert part.status_code == 200 and "<html" not in part.text
    assert "VOLUNTEER</strong> can be used" in part.text
    assert "“STOP” is already a stop word." in part.text
    assert "Hi Renee, thanks!" in part.text and "Hi, thanks!" in part.text
    assert "doesn’t say how to opt out" in part.text
    alone = browser.post(f"{URL}/try", fields)
    assert alone.status_code == 303 and alone.location == f"{URL}/new"


def test_a_change_of_a_live_one_counts_from_the_next_text(browser: Browser, number: int) -> None:
    action = factories.automation("VOLUNTEER")
    url = f"{URL}/{action.id}/edit"
    assert "A change counts from the next text on." in browser.get(url).text
    assert post(browser, url, keywords="SIGNS", answer="Pick one up at 1805 S Loomis St.")
    db.session.rollback()
    shown = automated.of(db.session.get_one(Action, action.id))
    assert shown.words == ["SIGNS"]
    again = post(browser, url, keywords="SIGNS", answer="Pick one up at 1805 S Loomis St.")
    assert again.status_code == 303
    tried = browser.post(f"{URL}/{action.id}/try", {"keywords": "signs"})
    assert tried.location == url


def test_a_draft_says_what_is_missing(browser: Browser, home: Campaign) -> None:
    made = post(browser, f"{URL}/new", keywords="", answer="")
    page = browser.get(made.location).text
    assert "Give it at least one keyword." in page and "Write the answer." in page
    assert "Add a number for broadcasts in Settings" in page and "Turn on" not in page
    assert browser.post(f"{made.location}/turn-on").status_code == 422


def test_without_the_opt_out_tag_the_page_asks(browser: Browser, number: int) -> None:
    action = factories.automation("VOLUNTEER", live=False)
    with transaction():
        tag = report_settings.opt_out_tag(action)
        report_settings.hide_tag(action, tag, by=None, now=utc_now())
    page = browser.get(f"{URL}/{action.id}").text
    assert "Texters can’t record opt-outs in this action" in page
    assert browser.post(f"{URL}/{action.id}/turn-on").status_code == 422
    assert browser.post(f"{URL}/{action.id}/turn-on", {"acknowledge": "y"}).status_code == 303
    assert state(action) is ActionState.LIVE


def test_an_address_of_another_kind_of_action_leads_here(browser: Browser, number: int) -> None:
    action = factories.automation("VOLUNTEER", live=False)
    for page in ("", "/details", "/audience", "/script", "/review", "/suppressed", "/finish"):
        answer = browser.get(f"/c/rivera/actions/{action.id}{page}")
        assert (answer.status_code, answer.location) == (303, f"{URL}/{action.id}"), page
    assert "Volunteers" not in browser.get("/c/rivera/actions/p2p").text
    p2p = factories.action(factories.contact())
    assert browser.get(f"{URL}/{p2p.id}").status_code == 404


def test_report_settings_and_conversations_are_those_of_every_action(
    browser: Browser, number: int
) -> None:
    action = factories.automation("VOLUNTEER", name="Helpers")
    for page in ("report-settings", "conversations"):
        answer = browser.get(f"/c/rivera/actions/{action.id}/{page}")
        assert answer.status_code == 200
        assert f'href="{URL}/{action.id}/edit"' in answer.text


def test_the_buttons_that_scripts_press_work_for_it_too(browser: Browser, number: int) -> None:
    action = factories.automation("VOLUNTEER", live=False)
    base = f"/c/rivera/actions/{action.id}"
    for button, after in (
        ("launch", ActionState.LIVE),
        ("pause", ActionState.PAUSED),
        ("resume", ActionState.LIVE),
        ("finish", ActionState.FINISHED),
    ):
        assert browser.post(f"{base}/{button}").status_code == 303
        assert state(action) is after


def test_home_lists_it_among_what_is_running(browser: Browser, number: int) -> None:
    factories.automation("VOLUNTEER", name="Helpers")
    page = browser.get("/c/rivera/").text
    assert "Helpers" in page and "Answers by itself" in page
