"""The training: four screens and five messages, completed and not passed."""

import re
from collections.abc import Callable

import pytest

from tests import factories
from tests.client import Browser
from webapp.db import db
from webapp.models import User
from webapp.texting import drill

SignIn = Callable[[User], Browser]
NEW = "wandering ducks at noon"


@pytest.fixture
def texter() -> User:
    return factories.texter()


@pytest.fixture
def browser(texter: User, client_for: SignIn) -> Browser:
    return client_for(texter)


def is_trained(person: User) -> bool:
    db.session.expire_all()
    return db.session.get_one(User, person.id).trained_at is not None


def test_who_joins_is_led_through_it_to_the_first_action(client: Browser) -> None:
    campaign = factories.campaign(join_code="ABCDEF")
    typed = {"name": "Ana Ruiz", "email": "ana@example.org", "password": NEW}
    page = client.post("/join/ABCDEF", typed, follow_redirects=True)
    assert "How it works" in page.text and "You are in." in page.text
    for n in (1, 2, 3, 4):
        assert f"screen {n} of 4" in client.get(f"/training/{n}").text
    assert client.get("/training/5").status_code == 404
    done = client.post("/training/drill", {"answers": "nmaam"})
    assert client.get(done.location).location == f"/c/{campaign.slug}/text"


def test_each_answer_is_explained_right_or_not(browser: Browser) -> None:
    answers = ""
    for n, question in enumerate(drill.QUESTIONS, start=1):
        page = browser.get(f"/training/drill?answers={answers}").text
        assert f"message {n} of 5" in page and question.why[:20] not in page
        offered = re.findall(r'name="answers" value="(\w+)"', page)
        assert offered == [f"{answers}{choice}" for choice in "nma"]
        for chosen in offered:
            told = browser.get(f"/training/drill?answers={chosen}&told=1").text
            assert question.why[:20] in told
            assert ("Not quite" in told) is (chosen[-1] != question.right)
        answers += question.right


def test_it_is_completed_however_the_messages_were_answered(browser: Browser, texter: User) -> None:
    assert "Take the training" in browser.get(f"/c/{factories.the_campaign().slug}/text").text
    assert browser.post("/training/drill", {"answers": "aaaaa"}).location == "/"
    assert is_trained(texter)
    assert "Take the training" not in browser.get(f"/c/{factories.the_campaign().slug}/text").text


@pytest.mark.parametrize("answers", ["", "nmaa", "nmaax"])
def test_it_is_not_completed_before_every_message_has_an_answer(
    browser: Browser, texter: User, answers: str
) -> None:
    answer = browser.post("/training/drill", {"answers": answers})
    assert answer.location.startswith("/training/drill")
    assert not is_trained(texter)


def test_a_second_time_keeps_the_first_date(browser: Browser, texter: User) -> None:
    browser.post("/training/drill", {"answers": "nmaam"})
    first = db.session.get_one(User, texter.id).trained_at
    browser.post("/training/drill", {"answers": "nmaam"})
    db.session.expire_all()
    assert db.session.get_one(User, texter.id).trained_at == first


def test_admins_see_who_has_not_been_trained(client_for: SignIn, browser: Browser) -> None:
    admin = client_for(factories.admin())
    team = f"/c/{factories.the_campaign().slug}/team"
    assert "Not trained yet" in admin.get(team).text
    browser.post("/training/drill", {"answers": "nmaam"})
    assert "Not trained yet" not in admin.get(team).text


def test_help_leads_to_it(client: Browser) -> None:
    assert 'href="/training"' in client.get("/help").text
