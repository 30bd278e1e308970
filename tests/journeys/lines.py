"""How a carrier calls Heed: the same news in Twilio's and in Telnyx's form."""

from dataclasses import dataclass
from typing import Any, Protocol

import httpx2
from twilio.request_validator import RequestValidator

from tests.carrier import AUTH_TOKEN, Arrival, telnyx_phones
from tests.carrier.ledger import new_sid

PUBLIC = "http://127.0.0.1:8000"
TELNYX_WORDS = {"failed": "sending_failed", "undelivered": "delivery_failed"}


@dataclass(frozen=True, slots=True)
class Call:
    """A call to Heed: its path, and what the test client posts."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]


class Line(Protocol):
    """One carrier's calls. `status` is in Twilio's words."""

    name: str
    taken: tuple[int, int]  # the answers to a text and to a report that were taken
    opted_out: str  # its number of the error

    def text(self, sender: str, to: str, body: str, sid: str = "", **extra: str) -> Call:
        """Somebody texts one of our numbers."""
        ...

    def report(self, arrival: Arrival, status: str, code: str = "") -> Call:
        """What became of a text of ours."""
        ...


class TwilioLine:
    """Signed forms, to two addresses."""

    name, taken, opted_out = "twilio", (200, 204), "21610"

    def __init__(self) -> None:
        self._validator = RequestValidator(AUTH_TOKEN)

    def text(self, sender: str, to: str, body: str, sid: str = "", **extra: str) -> Call:
        sid = sid or new_sid()
        fields = {"MessageSid": sid, "SmsSid": sid, "From": sender, "To": to, "Body": body}
        return self.signed("/webhooks/twilio/inbound", {**fields, "NumMedia": "0", **extra})

    def report(self, arrival: Arrival, status: str, code: str = "") -> Call:
        path = _path(arrival.status_callback or "/webhooks/twilio/status")
        fields = {"MessageSid": arrival.sid or "", "MessageStatus": status, "ErrorCode": code}
        return self.signed(path, fields)

    def signed(self, path: str, fields: dict[str, str], signature: str = "") -> Call:
        """Any fields, rightly signed unless told otherwise."""
        signature = signature or self._validator.compute_signature(f"{PUBLIC}{path}", fields)
        return Call(path, {"data": fields}, {"X-Twilio-Signature": signature})


class TelnyxLine:
    """Signed events, to one address."""

    name, taken, opted_out = "telnyx", (200, 200), "40300"

    def text(self, sender: str, to: str, body: str, sid: str = "", **extra: str) -> Call:
        return self.signed(
            telnyx_phones.PATH, telnyx_phones.received(sender, to, body, sid, **extra)
        )

    def report(self, arrival: Arrival, status: str, code: str = "") -> Call:
        url = arrival.status_callback
        word = TELNYX_WORDS.get(status, status)
        event = telnyx_phones.reported(arrival.sid or "", word, callback=url, code=code)
        return self.signed(_path(url or telnyx_phones.PATH), event)

    def signed(self, path: str, event: dict[str, Any]) -> Call:
        """Any event, rightly signed."""
        body = telnyx_phones.encoded(event)
        return Call(path, {"data": body}, telnyx_phones.signed(body))


def _path(url: str) -> str:
    return str(httpx2.URL(url).raw_path, "ascii")
