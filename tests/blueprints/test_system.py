"""Settings > System."""

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import select

from tests import factories
from tests.browser.pictures import ROOT
from tests.carrier import ACCOUNT_SID, API_KEY, AUTH_TOKEN, PUBLIC_KEY, StandIn
from tests.carrier.plan import Rule
from tests.carrier.service import ACCOUNT
from tests.client import Browser
from tests.services.scenes import send_all
from tests.services.talks import Talk
from webapp import VERSION
from webapp.carriers.registry import from_settings
from webapp.db import db, put, transaction, utc_now
from webapp.models import (
    AlarmMail,
    Contact,
    Heartbeat,
    MailState,
    Message,
    MessageKind,
    MessageState,
    Number,
    Texting,
    User,
)
from webapp.services import alarm_mails, erasure
from webapp.smtp import MailServer

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


# Asking the carrier


@pytest.fixture
def through(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., StandIn]]:
    """Text through a carrier that stands on loopback, with right or wrong credentials."""
    with StandIn() as stand_in:
        carriers = []

        def use(provider: str, **more: str) -> StandIn:
            settings = replace(
                app.extensions["settings"],
                sms_provider=provider,
                public_url="https://texts.example.org",
                twilio_account_sid=ACCOUNT_SID,
                twilio_auth_token=AUTH_TOKEN,
                twilio_api_base=stand_in.url,
                telnyx_api_key=API_KEY,
                telnyx_public_key=PUBLIC_KEY,
                telnyx_api_base=stand_in.url,
            )
            carriers.append(from_settings(replace(settings, **more)))
            monkeypatch.setitem(app.extensions, "settings", settings)
            monkeypatch.setitem(app.extensions, "carrier", carriers[-1])
            return stand_in

        yield use
        for carrier in carriers:
            carrier.close()


@pytest.mark.parametrize("provider", ["twilio", "telnyx"])
def test_the_carrier_is_asked_now_and_the_answer_is_in_plain_words(
    browser: Browser, page: str, through: Callable[..., StandIn], provider: str
) -> None:
    stand_in = through(provider)
    assert "Check the carrier now" in browser.get(page).text
    text = browser.post(f"{page}/check-carrier").text
    assert "It works" in text and "answers and takes our key." in text
    stand_in.rule(Rule(ACCOUNT, status=503))
    assert "Worth a look" in browser.post(f"{page}/check-carrier").text
    stand_in.refuse()
    text = browser.post(f"{page}/check-carrier").text
    assert "Not reachable" in text and "can’t be reached from this server" in text
    assert AUTH_TOKEN not in text and API_KEY not in text and ACCOUNT_SID not in text


def test_a_wrong_key_is_said_and_not_shown(
    browser: Browser, page: str, through: Callable[..., StandIn]
) -> None:
    through("twilio", twilio_auth_token="sesame-1234")
    text = browser.post(f"{page}/check-carrier").text
    assert "Wrong key" in text and "TWILIO_AUTH_TOKEN" in text and "sesame" not in text


def test_practice_mode_has_no_carrier_to_ask(browser: Browser, page: str) -> None:
    assert "there is no carrier to ask" in browser.post(f"{page}/check-carrier").text


def test_the_carrier_is_not_asked_without_end(browser: Browser, page: str) -> None:
    codes = [browser.post(f"{page}/check-carrier").status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]


# A test text


def typed(number: Number, **values: object) -> dict[str, object]:
    return {"number": number.id, "phone": "(847) 555-0142", "is_mine": "y", "key": "k"} | values


def test_a_test_text_is_sent_and_its_end_is_shown(browser: Browser, page: str) -> None:
    number = factories.number(phone="+13125550107")
    text = browser.get(page).text
    assert "Send a test text to yourself" in text and "No test text yet." in text
    assert 'id="live"' not in text

    for _ in range(2):
        answer = browser.post(f"{page}/test-text", typed(number))
        assert (answer.status_code, answer.location) == (303, f"{page}#test-text-h")
    text = browser.get(page).text
    assert text.count("Waits to be sent") == 1 and "(847) 555-0142" in text

    live = re.search(r'data-live="([^"]+)"', text)
    assert live is not None
    url = live[1].replace("&amp;", "&")
    assert browser.get(url, htmx=True).status_code == 204
    send_all(now=utc_now())
    part = browser.get(url, htmx=True).text
    assert "Sent" in part and 'id="test-texts"' in part and "<html" not in part
    assert browser.get(url).location == f"{page}#test-text-h"
    assert db.session.scalars(select(Message.kind)).all() == [MessageKind.TEST]


def test_a_test_text_that_is_over_is_not_asked_about_again(browser: Browser, page: str) -> None:
    number = factories.number()
    browser.post(f"{page}/test-text", typed(number))
    with transaction():
        db.session.scalars(select(Message)).one().state = MessageState.DELIVERED
    assert 'id="live"' not in browser.get(page).text
    part = browser.get(f"{page}/live?since=x", htmx=True).text
    assert "Delivered" in part and 'hx-swap-oob="delete"' in part


def test_a_refused_test_text_keeps_what_was_typed(browser: Browser, page: str) -> None:
    number = factories.number()
    factories.contact(phone="+18475550142", opted_out_of=Texting.P2P)
    for changed, status, said in (
        ({}, 422, "has Opt Out (P2P), so nothing was sent to it"),
        ({"phone": "12"}, 422, "Write it like"),
        ({"phone": ""}, 422, "Enter a phone number."),
        ({"phone": "(773) 555-0101", "is_mine": ""}, 422, "is for no other"),
        ({"number": "99999999999999999999"}, 422, "Choose one of the campaign’s numbers."),
        ({"number": ""}, 422, "Choose one of the list."),
    ):
        answer = browser.post(f"{page}/test-text", typed(number) | changed)
        assert answer.status_code == status and said in answer.text, changed
        assert f'value="{changed.get("phone", "(847) 555-0142")}"' in answer.text
    assert db.session.scalars(select(Message)).all() == []


def test_a_sixth_test_text_in_an_hour_is_refused(browser: Browser, page: str) -> None:
    number = factories.number()
    for place in range(5):
        assert browser.post(f"{page}/test-text", typed(number, key=f"{place}")).status_code == 303
    answer = browser.post(f"{page}/test-text", typed(number, key="more"))
    assert answer.status_code == 409 and "5 test texts an hour are the most" in answer.text


def test_numbers_of_another_campaign_send_no_test_text(browser: Browser, page: str) -> None:
    factories.number()
    theirs = factories.number(factories.campaign())
    assert browser.post(f"{page}/test-text", typed(theirs)).status_code == 422


def test_without_a_number_the_way_to_one_is_shown(browser: Browser, page: str) -> None:
    assert "Your campaign has no number to text from yet." in browser.get(page).text


def test_an_erased_persons_phone_is_not_shown(browser: Browser, page: str) -> None:
    browser.post(f"{page}/test-text", typed(factories.number()))
    contact = db.session.scalars(select(Contact)).one()
    with transaction():
        erasure.erase(contact, by=factories.admin(), now=utc_now())
    text = browser.get(page).text
    assert "Erased" in text and "(847) 555-0142" not in text


# Mails


def mail(**values: object) -> None:
    action = factories.action(launched=False)
    same = {
        "campaign_id": action.campaign_id,
        "action_id": action.id,
        "user_id": factories.admin(name="Maya Okafor").id,
        "sentence": "Paused",
    }
    with transaction():
        db.session.add(AlarmMail(**same | values))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Waits to be sent"),
        ({"attempts": 1, "error": "mail:25 can't be reached: no route."}, "Waits after 1 try"),
        ({"attempts": 3, "error": "mail:25 can't be reached: no route."}, "Waits after 3 tries"),
        ({"state": MailState.SENT}, "The mail server has taken it."),
        ({"state": MailState.FAILED, "error": "The mail server refused (550)."}, "Not sent"),
        ({"state": MailState.CANCELLED, "error": alarm_mails.LEFT}, "Not needed any more"),
    ],
)
def test_whether_an_alarms_mail_left_is_shown(
    app: Flask,
    browser: Browser,
    page: str,
    monkeypatch: pytest.MonkeyPatch,
    values: dict[str, object],
    said: str,
) -> None:
    settings = app.extensions["settings"]
    server = replace(settings, mail_server=MailServer("mail", 25, speaks_tls=False))
    monkeypatch.setitem(app.extensions, "settings", server)
    assert "No alarm has been mailed yet." in browser.get(page).text
    mail(**values)
    text = browser.get(page).text
    assert said in text and "Maya Okafor" in text
    assert str(escape(values.get("error", ""))) in text
    assert "No mail server is set" not in text


def test_without_a_mail_server_no_mail_is_said_to_wait(browser: Browser, page: str) -> None:
    mail()
    text = browser.get(page).text
    assert "Not sent" in text and "No mail server is set." in text


def test_mails_of_another_campaign_are_not_shown(browser: Browser, page: str) -> None:
    theirs = factories.action(of=factories.campaign(), launched=False)
    mail(campaign_id=theirs.campaign_id, action_id=theirs.id)
    assert "No alarm has been mailed yet." in browser.get(page).text
