"""Sessions live and end on the server."""

from collections.abc import Callable
from datetime import timedelta

import time_machine
from sqlalchemy import select

from tests import factories
from tests.client import Browser
from tests.web.conftest import Make
from webapp.db import db, transaction, utc_now
from webapp.errors import RefusedError
from webapp.models import LoginSession, Membership, User
from webapp.models.people import hash_of
from webapp.web.access import for_members, me

SignIn = Callable[[User], Browser]


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/me").status_code == 200


def test_a_session_that_ended_on_the_server_opens_nothing(client_for: SignIn) -> None:
    browser = client_for(factories.texter())
    assert is_signed_in(browser)

    with transaction():
        db.session.scalars(select(LoginSession)).one().ended_at = utc_now()

    assert not is_signed_in(browser)


def test_a_session_ends_after_two_idle_weeks(client_for: SignIn) -> None:
    browser = client_for(factories.texter())
    with time_machine.travel(utc_now() + timedelta(days=13, hours=23)):
        assert is_signed_in(browser)
    with time_machine.travel(utc_now() + timedelta(days=14, minutes=1)):
        assert not is_signed_in(browser)


def test_a_form_keeps_a_session_alive_and_a_page_does_not(client_for: SignIn) -> None:
    browser, start = client_for(factories.texter()), utc_now()
    with time_machine.travel(start + timedelta(days=10)):
        browser.get("/me")
    with time_machine.travel(start + timedelta(days=12)):
        browser.post("/me", {})
    with time_machine.travel(start + timedelta(days=25)):
        assert is_signed_in(browser)


def test_no_session_lasts_longer_than_60_days(client_for: SignIn) -> None:
    browser, start = client_for(factories.texter()), utc_now()
    for days in range(10, 60, 10):
        with time_machine.travel(start + timedelta(days=days)):
            browser.post("/me", {})
            assert is_signed_in(browser)
    with time_machine.travel(start + timedelta(days=60, minutes=1)):
        assert not is_signed_in(browser)


def test_what_a_form_writes_is_undone_when_the_view_fails(make_app: Make) -> None:
    app = make_app()
    texter = factories.texter()

    @app.post("/rename")
    @for_members
    def rename() -> str:
        with transaction():
            db.session.get_one(User, me().id).name = "Somebody else"
            db.session.flush()
            raise RefusedError("No.")

    browser = Browser(app)
    browser.sign_in_as(factories.session_token(texter))

    assert browser.post("/rename").status_code == 409
    db.session.rollback()
    assert db.session.get_one(User, texter.id).name != "Somebody else"


def test_a_sign_of_life_is_noted_every_five_minutes_at_most(client_for: SignIn) -> None:
    admin, start = factories.admin(), utc_now()
    browser, slug = client_for(admin), factories.the_campaign().slug

    def noted(minutes: int) -> tuple[object, object]:
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            browser.post(f"/c/{slug}/team/taking-texters", {"open": "on"})
        seen = db.session.scalars(select(LoginSession)).one().seen_at
        return seen, db.session.scalars(select(Membership)).one().last_seen_at

    assert noted(1) == (start + timedelta(minutes=1),) * 2  # The first in this campaign.
    assert noted(5) == (start + timedelta(minutes=1),) * 2
    assert noted(7) == (start + timedelta(minutes=7),) * 2


def test_the_database_holds_no_token_that_signs_anybody_in(client_for: SignIn) -> None:
    token = factories.session_token(factories.texter())
    session = db.session.scalars(select(LoginSession)).one()

    assert session.token_hash == hash_of(token)
    assert token not in session.token_hash


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: Browser) -> None:
    person = factories.texter()
    response = client.post("/login", {"email": person.email, "password": factories.PASSWORD})

    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("heed_session=")
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def test_over_https_the_cookie_is_bound_to_this_host(make_app: Make) -> None:
    app, person = make_app(public_url="https://text.example.org"), factories.texter()
    browser, site = app.test_client(), "https://text.example.org"
    with browser.session_transaction(base_url=site) as session:
        session["csrf_token"] = "x" * 64

    response = browser.get("/login", base_url=site)
    token = response.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    signed_in = browser.post(
        "/login",
        {"email": person.email, "password": factories.PASSWORD, "csrf_token": token},
        csrf=False,
        base_url=site,
    )

    cookie = signed_in.headers["Set-Cookie"]
    assert cookie.startswith("__Host-heed_session=")
    assert "Secure" in cookie and "Domain" not in cookie


def test_a_cookie_signed_with_another_key_opens_nothing(client_for: SignIn, make_app: Make) -> None:
    person = factories.texter()
    forger = make_app(secret_key="the key of somebody else").test_client()
    forger.sign_in_as(factories.session_token(person))
    cookie = forger.get_cookie("heed_session")
    assert cookie is not None

    browser = client_for(person)
    browser.set_cookie("heed_session", cookie.value)

    assert not is_signed_in(browser)
