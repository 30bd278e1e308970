"""Settings > System."""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from tests import factories
from tests.browser.pictures import ROOT
from tests.carrier import ACCOUNT_SID, API_KEY, AUTH_TOKEN, PUBLIC_KEY
from tests.client import Browser
from tests.services.talks import Talk
from webapp import VERSION
from webapp.carriers.registry import from_settings
from webapp.db import db, put, transaction, utc_now
from webapp.models import Heartbeat, User

SignIn = Callable[[User], Browser]


@pytest.fixture
def browser(client_for: SignIn) -> Browser:
    return client_for(factories.admin())


@pytest.fixture
def page(browser: Browser) -> str:
    return f"/c/{factories.the_campaign().slug}/settings/system"


def sign_of_life(*, ago: timedelta) -> None:
    with transaction():
        put(Heartbeat, {"worker": "one"}, {"at": utc_now() - ago})


def test_the_version_is_the_one_of_the_package() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_an_installation_at_work(browser: Browser, page: str) -> None:
    sign_of_life(ago=timedelta(seconds=20))
    text = browser.get(page).text
    for said in ("The database answers", "A worker is running", "No text waits to be sent"):
        assert said in text
    assert VERSION in text and "Practice mode" in text and "Address for incoming" not in text


def test_a_worker_that_is_silent_is_a_problem(browser: Browser, page: str) -> None:
    assert "No worker is running" in browser.get(page).text
    sign_of_life(ago=timedelta(hours=2))
    text = browser.get(page).text
    assert "No worker is running" in text and "the last sign of life was" in text


def test_it_says_when_the_last_text_came_in(browser: Browser, page: str) -> None:
    assert "No text has come in yet" in browser.get(page).text
    Talk().hears("Hello")
    text = browser.get(page).text
    assert "Texts come in" in text and "The last one: " in text


@pytest.mark.parametrize(
    ("provider", "path"), [("twilio", "/webhooks/twilio/inbound"), ("telnyx", "/webhooks/telnyx")]
)
def test_the_address_for_the_carrier_can_be_copied(
    app: Flask,
    browser: Browser,
    page: str,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    path: str,
) -> None:
    settings = replace(
        app.extensions["settings"],
        sms_provider=provider,
        public_url="https://texts.example.org",
        twilio_account_sid=ACCOUNT_SID,
        twilio_auth_token=AUTH_TOKEN,
        telnyx_api_key=API_KEY,
        telnyx_public_key=PUBLIC_KEY,
    )
    carrier = from_settings(settings)
    monkeypatch.setitem(app.extensions, "settings", settings)
    monkeypatch.setitem(app.extensions, "carrier", carrier)
    text = browser.get(page).text
    assert f'value="https://texts.example.org{path}"' in text and 'data-copy="webhook"' in text
    assert app.url_map.bind("").match(path, method="POST")[0].startswith("webhooks.")
    carrier.close()


def test_no_secret_is_shown(app: Flask, browser: Browser, page: str) -> None:
    settings = app.extensions["settings"]
    assert settings.secret_key not in browser.get(page).text
    assert db.engine.url.render_as_string() not in browser.get(page).text
