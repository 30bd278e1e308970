"""The tests' own tools catch what they are there to catch."""

import socket
from collections.abc import Callable

import pytest
from flask import Flask, g

from tests import factories
from tests.client import Browser
from tests.web.conftest import Make, make_app  # noqa: F401
from webapp.db import db, transaction
from webapp.models import User
from webapp.web.access import public

Hang = Callable[[Callable[[], str]], Browser]


@pytest.fixture
def hang(make_app: Make) -> Hang:  # noqa: F811
    """Hang a view on /view and give a browser for it."""

    def on(view: Callable[[], str]) -> Browser:
        app = make_app()
        app.add_url_rule("/view", "view", public(view), methods=["GET", "POST"])
        browser = app.test_client()
        assert isinstance(browser, Browser)
        return browser

    return on


def add_somebody() -> str:
    with transaction():
        db.session.add(User(email="ana@example.org", name="Ana"))
    return "<p>added</p>"


def test_a_page_with_a_fault_fails_its_test(hang: Hang) -> None:
    with pytest.raises(AssertionError, match="is inline"):
        hang(lambda: "<p>Hello</p><script>alert(1)</script>").get("/view")


def test_a_form_without_the_token_fails_its_test(hang: Hang) -> None:
    with pytest.raises(AssertionError, match="has no token"):
        hang(lambda: '<form method="post"><button>Save</button></form>').get("/view")


def test_reading_that_changes_something_fails_its_test(hang: Hang) -> None:
    browser = hang(add_somebody)

    with pytest.raises(AssertionError, match="reading must change nothing"):
        browser.get("/view")
    assert browser.post("/view").status_code == 200


def test_a_test_sees_what_a_request_wrote_without_asking_twice(hang: Hang) -> None:
    person = factories.user(email="maya@example.org", name="Maya")

    def rename() -> str:
        with transaction():
            db.session.get_one(User, 1).name = "Maya Okafor"
        return "<p>renamed</p>"

    hang(rename).post("/view")

    assert person.name == "Maya Okafor"


def test_a_request_knows_nothing_of_the_test_and_of_the_request_before(hang: Hang) -> None:
    def remember() -> str:
        seen = str(g.get("seen"))
        g.seen = "something"
        return f"<p>{seen}</p>"

    g.seen = "set by the test"
    browser = hang(remember)

    assert [browser.get("/view").text for _ in range(2)] == ["<p>None</p>"] * 2


@pytest.mark.parametrize("n", [1, 2])
def test_each_test_begins_with_an_empty_database(n: int) -> None:
    assert db.session.query(User).count() == 0
    factories.user()


def test_writing_outside_a_transaction_fails(app: Flask) -> None:
    db.session.add(User(email="ana@example.org", name="Ana"))
    with pytest.raises(RuntimeError, match="outside transaction"):
        db.session.flush()
    db.session.rollback()


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_no_test_talks_to_another_machine(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as plug, pytest.raises(RuntimeError, match="stay on this machine"):
        plug.connect(address)
