"""The same promises by each carrier: Twilio with forms, Telnyx with events."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.carrier import Arrival, StandIn, telnyx_phones
from tests.client import Browser
from tests.installation import installed
from tests.journeys.lines import TelnyxLine, TwilioLine
from tests.journeys.scene import Scene, states
from webapp.config import Settings
from webapp.db import db
from webapp.models import (
    CarrierBlock,
    Contact,
    Event,
    Message,
    MessageState,
    Texting,
    WebhookReceipt,
)
from webapp.services import optouts

P2P = "Opt Out (P2P)"


def first_text(scene: Scene, contact: Contact) -> Arrival:
    """The text that the carrier has taken."""
    return scene.carrier.arrivals(contact.phone)[0]


def test_launch_first_text_stop_and_silence(either_scene: Scene) -> None:
    scene = either_scene
    dana, ben = scene.contact(), scene.contact("Ben Ortiz")

    scene.texted(dana, ben)
    assert len(scene.taken(dana)) == 1
    arrived = scene.calls(scene.line.report(first_text(scene, dana), "delivered"))
    stopped = scene.hears(dana, "STOP")
    scene.texted(dana, ben, name="The day before")

    assert (stopped.status_code, arrived.status_code) == scene.line.taken
    assert scene.tags_of(dana) == {P2P}
    assert states(scene.messages(dana, direction="out")) == ["delivered"]
    assert (len(scene.taken(dana)), len(scene.taken(ben))) == (1, 2)
    assert {one.provider for one in scene.messages(dana)} == {scene.line.name}


def test_the_same_text_twice_is_one_text(either_scene: Scene) -> None:
    scene = either_scene
    dana = scene.contact()
    scene.texted(dana)

    answers = [scene.hears(dana, "STOP", sid="m-" + "1" * 32) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {200}
    assert len(scene.messages(dana, direction="in")) == 1
    assert len(scene.trail(dana, Event.OPTED_OUT)) == 1


def test_a_recipient_who_opted_out_at_the_carrier_is_opted_out_here(either_scene: Scene) -> None:
    scene = either_scene
    dana, ben = scene.contact(), scene.contact("Ben Ortiz")
    scene.carrier.opted_out(dana.phone)

    scene.texted(dana)
    scene.texted(dana, ben, name="The day before")

    [message] = scene.messages(dana)
    assert (message.state.value, message.error_code) == ("failed", scene.line.opted_out)
    assert scene.tags_of(dana) == {P2P}
    assert db.session.scalar(select(func.count()).select_from(CarrierBlock)) == 1
    assert len(scene.carrier.arrivals(dana.phone)) == 1


def test_a_report_may_say_that_the_recipient_had_opted_out(either_scene: Scene) -> None:
    scene = either_scene
    dana = scene.contact()
    scene.texted(dana)
    said = scene.line.report(first_text(scene, dana), "failed", scene.line.opted_out)

    for _ in range(2):
        assert scene.calls(said).status_code == scene.line.taken[1]

    assert scene.tags_of(dana) == {P2P}
    assert len(scene.trail(dana, Event.OPTED_OUT)) == 1


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (["delivered", "sent", "queued", "delivered"], "delivered"),
        (["sent", "delivered", "failed", "undelivered", "sent"], "delivered"),
        (["undelivered", "sent"], "undelivered"),
        (["undelivered", "delivered", "undelivered"], "delivered"),
        (["failed", "delivered", "sent"], "failed"),
        (["evaporated", "queued"], "sent"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else value,
)
def test_reports_out_of_order_and_repeated_only_move_a_text_on(
    either_scene: Scene, told: list[str], state: str
) -> None:
    scene = either_scene
    dana = scene.contact()
    scene.texted(dana)
    arrival = first_text(scene, dana)

    for status in told:
        assert scene.calls(scene.line.report(arrival, status)).status_code == scene.line.taken[1]

    assert states(scene.messages(dana)) == [state]


def test_reports_of_texts_that_are_not_ours_change_nothing(either_scene: Scene) -> None:
    scene = either_scene
    dana = scene.contact()
    scene.texted(dana)
    arrival = first_text(scene, dana)
    elsewhere = f"http://127.0.0.1:8000/webhooks/{scene.line.name}"
    elsewhere += "/status?ref=unheard" if scene.line.name == "twilio" else "?ref=unheard"
    strangers = [
        replace(arrival, sid="another", status_callback=None),
        replace(arrival, sid="another", status_callback=elsewhere),
        replace(arrival, sid="another"),  # our reference, but not the id that we were given
    ]

    for stranger in strangers:
        answer = scene.calls(scene.line.report(stranger, "delivered"))
        assert answer.status_code == scene.line.taken[1]

    assert states(scene.messages(dana)) == ["sent"]
    told = scene.calls(scene.line.report(replace(arrival, status_callback=None), "delivered"))
    assert told.status_code == scene.line.taken[1]
    assert states(scene.messages(dana)) == ["delivered"], "Known by its id alone."


def test_a_report_settles_a_text_whose_fate_was_unknown(either_scene: Scene) -> None:
    scene = either_scene
    scene.carrier.drop(accepted=True)
    dana = scene.contact()
    scene.texted(dana)
    assert states(scene.messages(dana)) == ["unknown"]

    scene.calls(scene.line.report(first_text(scene, dana), "delivered"))

    assert states(scene.messages(dana)) == ["delivered"]
    assert scene.messages(dana)[0].provider_id == first_text(scene, dana).sid


def test_a_carrier_that_is_busy_is_asked_again(either_scene: Scene) -> None:
    scene = either_scene
    scene.carrier.answer(429, 20429, retry_after="60")
    dana = scene.contact()
    scene.texted(dana)
    for seconds in (30, 90):
        with scene.later(seconds=seconds):
            scene.works()

    assert [one.accepted for one in scene.carrier.arrivals()] == [False, True]
    assert states(scene.messages(dana)) == ["sent"]


def test_texts_by_telnyx_leave_through_a_worker_and_its_calls_come_over_the_network(
    settings: Settings,
) -> None:
    number = factories.number()
    dana, ben = factories.contact(), factories.contact()
    texter = factories.texter()
    first = factories.action(dana, ben)
    factories.first_text(first, dana, texter)

    with installed(settings, provider="telnyx") as (heed, carrier):
        heed.serve()
        worker = heed.worker()
        [arrival] = carrier.wait(1, seconds=30)
        delivered = heed.phones.status(
            arrival.sid or "", "delivered", callback=arrival.status_callback
        )
        factories.first_text(first, ben, texter)
        stopped = heed.phones.text(ben.phone, number.phone, "Stop!")
        repeated = heed.phones.text(ben.phone, number.phone, "Stop!", sid=stopped.sid)
        worker.terminate()
        worker.wait(30)

        assert [one.status for one in (delivered, stopped, repeated)] == [200, 200, 200]
        assert arrival.status_callback.startswith(f"{heed.url}/webhooks/telnyx?ref=")
    db.session.rollback()
    states_of = select(Message.state).where(Message.contact_id == dana.id)
    assert db.session.scalar(states_of) is MessageState.DELIVERED
    assert optouts.is_opted_out(ben.id, ben.campaign_id, Texting.P2P)
    assert db.session.scalar(select(func.count()).select_from(WebhookReceipt)) == 1


# What is refused at the door


def post(scene: Scene, path: str, body: Any, headers: dict[str, str]) -> int:
    answer = scene.browser().post(path, data=body, headers=headers, csrf=False)
    return answer.status_code


def test_a_call_that_was_not_signed_is_refused_and_changes_nothing(either_scene: Scene) -> None:
    scene = either_scene
    dana = scene.contact()
    scene.texted(dana)
    call = scene.line.text(dana.phone, scene.phone, "STOP")

    forged = {name: f"{value[:-6]}AAAAAA" for name, value in call.headers.items()}
    assert post(scene, call.path, call.body["data"], {}) == 403
    assert post(scene, call.path, call.body["data"], forged) == 403

    assert scene.tags_of(dana) == set()
    assert db.session.scalar(select(func.count()).select_from(WebhookReceipt)) == 0


def test_other_verbs_and_too_much_are_refused(either_scene: Scene) -> None:
    scene = either_scene
    path = scene.line.text("+12025550142", scene.phone, "Hi").path
    browser = scene.browser()

    assert browser.get(path).status_code == 405
    assert browser.delete(path, csrf=False).status_code == 405
    assert post(scene, path, b"x" * 1_000_001, {"Content-Type": "application/json"}) == 413


def test_a_call_without_an_id_is_refused_with_400(either_scene: Scene) -> None:
    scene = either_scene
    if scene.line.name == "twilio":
        call = TwilioLine().signed("/webhooks/twilio/inbound", {"Body": "STOP"})
    else:
        call = TelnyxLine().signed("/webhooks/telnyx", {"data": {"event_type": "message.sent"}})

    assert scene.calls(call).status_code == 400


def test_a_sender_that_is_far_too_long_for_one_is_refused_with_400(either_scene: Scene) -> None:
    scene = either_scene

    for sender in ("+1312555" + "9" * 200, "🙂" * 5_000):
        assert scene.calls(scene.line.text(sender, scene.phone, "STOP")).status_code == 400

    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_a_provider_that_is_not_in_use_and_a_wrong_address_are_not_there(
    either_scene: Scene,
) -> None:
    scene = either_scene
    wrong = {
        "twilio": ["telnyx", "twilio", "simulator", "simulator/inbound"],
        "telnyx": ["twilio/inbound", "twilio/status", "telnyx/inbound", "telnyx/status"],
    }

    for path in wrong[scene.line.name]:
        assert post(scene, f"/webhooks/{path}", b"{}", telnyx_phones.signed(b"{}")) == 404, path


@pytest.fixture
def by_telnyx(app: Flask, _live_by_telnyx: Flask, carrier: StandIn) -> Browser:
    browser = _live_by_telnyx.test_client()
    assert isinstance(browser, Browser)
    return browser


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"Body=STOP", 400),
        (b"", 400),
        (b'{"data": {"event_type": "message.received", "payload": {"id": "m"}}}', 400),
        (b'{"data": {"event_type": "call.initiated", "payload": {}}}', 200),
    ],
)
def test_what_telnyx_signed_is_read_or_refused_or_let_be(
    by_telnyx: Browser, body: bytes, status: int
) -> None:
    headers = telnyx_phones.signed(body)

    answer = by_telnyx.post("/webhooks/telnyx", data=body, headers=headers, csrf=False)

    assert answer.status_code == status
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_an_old_call_of_telnyx_is_refused(by_telnyx: Browser) -> None:
    body = telnyx_phones.encoded(telnyx_phones.received("+12025550142", "+12025550107", "STOP"))
    headers = telnyx_phones.signed(body, at=0)

    answer = by_telnyx.post("/webhooks/telnyx", data=body, headers=headers, csrf=False)

    assert answer.status_code == 403


def test_what_telnyx_did_with_a_text_is_obeyed(either_scene: Scene) -> None:
    scene = either_scene
    dana = scene.contact()
    scene.texted(dana)
    word = {"twilio": "OptOutType", "telnyx": "autoresponse_type"}[scene.line.name]

    scene.hears(dana, "Genug davon", **{word: "STOP"})

    assert scene.tags_of(dana) == {P2P}
    assert scene.built_in(Texting.P2P).contacts == 1
