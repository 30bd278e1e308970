"""The stand-in's calls to Heed are what the carriers would send."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.carrier import API_KEY, AUTH_TOKEN, PUBLIC_KEY, Telnyx, Twilio
from webapp.carriers.base import DeliveryReport, Inbound, Webhook
from webapp.carriers.telnyx import Telnyx as TelnyxReader
from webapp.carriers.twilio import Twilio as Reader

PUBLIC = "https://text.example.org"


class Heed(HTTPServer):
    """Keeps the calls that it gets and answers 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Keeper)
        self.calls: list[Webhook] = []


class Keeper(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Heed)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append(Webhook(f"{PUBLIC}{self.path}", dict(self.headers), body))
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"Fine")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def heed() -> Iterator[Heed]:
    with Heed() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def twilio(heed: Heed) -> Iterator[Twilio]:
    with Twilio(PUBLIC, reach=f"http://127.0.0.1:{heed.server_port}") as client:
        yield client


READER = Reader("AC1", AUTH_TOKEN)


def test_a_text_comes_signed_and_can_be_read(twilio: Twilio, heed: Heed) -> None:
    answered = twilio.text("+13125550142", "+13125550100", "Stop ✋", OptOutType="STOP")

    [call] = heed.calls
    inbound = READER.parse_inbound(call)
    assert (answered.status, answered.text, answered.sid) == (200, "Fine", inbound.provider_id)
    assert READER.verify(call)
    assert (inbound.sender, inbound.body, inbound.opt_out_type) == (
        "+13125550142",
        "Stop ✋",
        "STOP",
    )


def test_the_same_sid_is_the_same_text_again(twilio: Twilio, heed: Heed) -> None:
    for _ in range(2):
        twilio.text("+13125550142", "+13125550100", "STOP", sid="SM7")

    assert {READER.parse_inbound(call).provider_id for call in heed.calls} == {"SM7"}
    assert heed.calls[0].body == heed.calls[1].body


def test_a_report_goes_to_the_callback_of_the_text_or_to_the_usual_address(
    twilio: Twilio, heed: Heed
) -> None:
    twilio.status("SM7", "delivered", callback=f"{PUBLIC}/somewhere?ref=r-17")
    twilio.status("SM8", "failed", ref="r-18", ErrorCode="30003")

    reports = [READER.parse_status(call) for call in heed.calls]
    assert all(READER.verify(call) for call in heed.calls)
    assert [(one.reference, one.status, one.error_code) for one in reports] == [
        ("r-17", "delivered", None),
        ("r-18", "failed", "30003"),
    ]


def test_a_forged_signature_can_be_sent(twilio: Twilio, heed: Heed) -> None:
    twilio.post(f"{PUBLIC}/webhooks/twilio/inbound", {"Body": "STOP"}, signature="forged")

    assert not READER.verify(heed.calls[0])


def test_events_of_telnyx_come_signed_and_can_be_read(heed: Heed) -> None:
    reader = TelnyxReader(API_KEY, PUBLIC_KEY)
    with Telnyx(PUBLIC, reach=f"http://127.0.0.1:{heed.server_port}") as telnyx:
        answered = telnyx.text("+13125550142", "+13125550100", "Stop ✋", autoresponse_type="STOP")
        telnyx.status("m-7", "delivered", callback=f"{PUBLIC}/webhooks/telnyx?ref=r-17")
        telnyx.status("m-8", "delivery_failed", code="40008")

    assert all(reader.verify(call) for call in heed.calls)
    text, delivered, failed = [reader.parse(call) for call in heed.calls]
    assert isinstance(text, Inbound)
    assert (text.provider_id, text.body, text.opt_out_type) == (answered.sid, "Stop ✋", "STOP")
    assert isinstance(delivered, DeliveryReport)
    assert (delivered.reference, delivered.status) == ("r-17", "delivered")
    assert isinstance(failed, DeliveryReport)
    assert (failed.status, failed.error_code) == ("undelivered", "40008")
