"""Refusals and failures as answers."""

import io
import sqlite3

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError

from tests.client import Browser
from tests.web.conftest import Make
from webapp.db import db, transaction
from webapp.errors import (
    BusyError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RefusedError,
)
from webapp.models import User
from webapp.web.access import public

SENTENCE = "Dana was texted already."


def raising(app: Flask, error: Exception) -> Browser:
    def fail() -> str:
        raise error

    app.add_url_rule("/fail", "fail", public(fail), methods=["GET", "POST"])
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RefusedError(SENTENCE), 409),
        (ConflictError(SENTENCE), 409),
        (NotFoundError(SENTENCE), 404),
        (ForbiddenError(SENTENCE), 403),
    ],
)
def test_a_refusal_is_a_page_that_says_why(
    make_app: Make, error: RefusedError, status: int
) -> None:
    response = raising(make_app(), error).get("/fail")

    assert response.status_code == status
    assert SENTENCE in response.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RefusedError(SENTENCE), 409),
        (InvalidError(SENTENCE), 422),
        (NotFoundError(SENTENCE), 404),
        (ForbiddenError(SENTENCE), 403),
    ],
)
def test_for_htmx_a_refusal_is_a_notice_among_the_alerts(
    make_app: Make, error: RefusedError, status: int
) -> None:
    response = raising(make_app(), error).post("/fail", htmx=True)

    assert response.status_code == status
    assert response.headers["HX-Retarget"] == "#alerts"
    assert SENTENCE in response.text and "<html" not in response.text


def away() -> OperationalError:
    return OperationalError("SELECT 1", {}, sqlite3.OperationalError("database is locked"))


@pytest.mark.parametrize("error", [BusyError("locked"), away()])
def test_a_database_that_is_away_is_503_and_to_be_tried_again(
    make_app: Make, error: Exception
) -> None:
    response = raising(make_app(), error).get("/fail")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert "Nothing was changed" in response.text


def test_two_people_making_the_same_thing_at_once_is_a_conflict(make_app: Make) -> None:
    app = make_app(testing=False)

    def make_twice() -> str:
        with transaction():
            for _ in range(2):
                db.session.add(User(email="ana@example.org", name="Ana"))
                db.session.flush()
        return "made"

    app.add_url_rule("/twice", "twice", public(make_twice), methods=["POST"])
    assert app.test_client().post("/twice").status_code == 409


def test_a_fault_of_ours_shows_a_reference_that_stands_in_the_log(
    make_app: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = raising(make_app(testing=False), ValueError("no such luck for +13125550142"))

    page = browser.get("/fail").text

    reference = page.partition('id="reference">')[2].partition("<")[0]
    log = capsys.readouterr().err
    assert len(reference) == 8 and reference in log
    assert "no such luck" in log and "ValueError" in log
    assert "no such luck" not in page
    assert "5550142" not in log


def test_a_row_that_breaks_another_rule_of_the_database_is_a_fault_of_ours(
    make_app: Make,
) -> None:
    error = IntegrityError("INSERT", {}, sqlite3.IntegrityError("NOT NULL constraint failed"))

    assert raising(make_app(testing=False), error).get("/fail").status_code == 500


def test_too_much_is_413(client: Browser) -> None:
    response = client.post("/login", {"email": "a" * 1_000_001})

    assert response.status_code == 413
    assert "The limit is 1 MB." in response.text


def test_an_unknown_page_is_404_and_a_wrong_verb_405(client: Browser) -> None:
    assert client.get("/nowhere").status_code == 404
    wrong = client.post("/help")
    assert wrong.status_code == 405 and "GET" in wrong.headers["Allow"]


def test_too_much_is_read_to_its_end_so_that_the_answer_arrives(client: Browser) -> None:
    sent = io.BytesIO(b"x" * 3_000_000)
    response = client.post("/login", input_stream=sent, content_length=3_000_000)
    assert response.status_code == 413
    assert sent.read() == b""
