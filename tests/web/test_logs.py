"""Logs hold ids, never a phone number or the body of a text."""

import json
import logging
from collections.abc import Callable

import pytest

from tests import factories
from tests.client import Browser
from tests.web.conftest import Make
from webapp.models import User

SignIn = Callable[[User], Browser]


@pytest.fixture
def lines(make_app: Make, capsys: pytest.CaptureFixture[str]):
    """Makes a browser of an application that logs in a form, and reads what it logged."""

    def of(form: str, ask: Callable[[Browser], object]) -> str:
        browser = make_app(log=form, testing=False).test_client()
        assert isinstance(browser, Browser)
        person = factories.admin()
        browser.sign_in_as(factories.session_token(person))
        capsys.readouterr()
        ask(browser)
        return capsys.readouterr().err

    return of


def test_a_request_is_one_line_of_json(lines) -> None:
    slug = factories.the_campaign().slug

    written = lines("json", lambda browser: browser.get(f"/c/{slug}/team"))

    entry = json.loads(written)
    assert entry["endpoint"] == "team.index" and entry["status"] == 200
    assert entry["campaign"] == slug and entry["session"] == 1


def test_what_was_searched_and_typed_is_not_logged(lines) -> None:
    def ask(browser: Browser) -> None:
        browser.get("/me?q=%2B13125550142&next=Dana")
        browser.post("/me", {"name": "+13125550142 Dana Whitfield"})

    for form in ("plain", "json"):
        written = lines(form, ask)
        assert written and "5550142" not in written and "Dana" not in written


def test_nobody_forges_a_line(lines) -> None:
    def ask(_browser: Browser) -> None:
        logging.getLogger("huey").error("a job failed\nlevel=info event=paid")

    for form in ("plain", "json"):
        assert lines(form, ask).count("\n") == 1


def test_a_phone_in_an_error_is_masked(lines) -> None:
    def ask(_browser: Browser) -> None:
        logging.getLogger("webapp").warning("cannot text %s", "+13125550142")

    assert "cannot text +…" in lines("plain", ask)


def test_the_values_of_a_row_that_was_refused_are_masked(lines) -> None:
    def ask(_browser: Browser) -> None:
        logging.getLogger("webapp").error("duplicate key\nDETAIL:  Key (name)=(Dana) exists.\n!")

    written = lines("plain", ask)
    assert "duplicate key" in written and "Dana" not in written
