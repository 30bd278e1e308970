"""Forms of other sites, and forms that were open too long."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from tests import factories
from tests.client import Browser
from webapp.db import db, utc_now
from webapp.models import User

SignIn = Callable[[User], Browser]


def test_a_form_without_the_token_changes_nothing(client_for: SignIn) -> None:
    person = factories.texter(name="Ana Ruiz")

    response = client_for(person).post("/me", {"name": "Eve", "theme": "dark"}, csrf=False)

    assert response.status_code == 400
    db.session.refresh(person)
    assert person.name == "Ana Ruiz"


def test_a_stale_form_comes_back_with_what_was_typed(client_for: SignIn) -> None:
    browser = client_for(factories.texter())
    typed = {"note": "Likes yard signs", "tags": ["3", "4"], "password": "not shown again"}

    page = browser.post("/me", typed, csrf=False)

    assert "This page was open too long" in page.text
    assert "Likes yard signs" in page.text
    assert 'name="tags" value="3"' in page.text and 'name="tags" value="4"' in page.text
    assert "not shown again" not in page.text
    assert 'action="/me"' in page.text and 'name="csrf_token"' in page.text


def test_no_password_comes_back_with_a_stale_form(client_for: SignIn) -> None:
    typed = {"present": "the old password", "password": "the new password"}
    page = client_for(factories.texter()).post("/me/password", typed, csrf=False)
    assert page.status_code == 400
    assert "the old password" not in page.text and "the new password" not in page.text


def test_a_form_that_another_site_sent_does_not_come_back(client_for: SignIn) -> None:
    page = client_for(factories.texter()).post(
        "/me", {"name": "Eve"}, csrf=False, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert page.status_code == 400
    assert "Eve" not in page.text


def test_the_token_of_another_session_is_refused(client_for: SignIn) -> None:
    theirs = client_for(factories.texter()).csrf_token()

    page = client_for(factories.texter()).post("/me", {"csrf_token": theirs}, csrf=False)

    assert page.status_code == 400


def test_for_htmx_a_stale_form_is_a_notice(client_for: SignIn) -> None:
    part = client_for(factories.texter()).post("/me", {"note": "x"}, csrf=False, htmx=True)

    assert part.status_code == 400
    assert part.headers["HX-Retarget"] == "#alerts"
    assert "<html" not in part.text and "Send it again." in part.text


@pytest.mark.parametrize("verb", ["put", "patch", "delete"])
def test_other_verbs_do_not_open_what_a_form_guards(client_for: SignIn, verb: str) -> None:
    response = getattr(client_for(factories.texter()), verb)("/me")

    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


def test_a_form_cannot_pretend_to_be_another_verb(client_for: SignIn) -> None:
    response = client_for(factories.texter()).post(
        "/me", {"_method": "DELETE"}, headers={"X-HTTP-Method-Override": "DELETE"}
    )

    assert response.status_code == 422


def test_a_token_lasts_as_long_as_its_session(client_for: SignIn) -> None:
    browser = client_for(factories.texter())
    token = browser.csrf_token()

    with time_machine.travel(utc_now() + timedelta(days=9)):
        response = browser.post("/me", {"csrf_token": token}, csrf=False)

    assert response.status_code == 422  # The form is empty, but it is ours.
