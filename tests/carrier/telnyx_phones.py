"""The carrier's calls to Heed, as Telnyx makes them: JSON events signed with Ed25519."""

import base64
import json
import time
import uuid
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.carrier.phones import Answered

PATH = "/webhooks/telnyx"
_KEY = Ed25519PrivateKey.generate()
PUBLIC_KEY = base64.b64encode(
    _KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
).decode()


def received(from_: str, to: str, text: str, sid: str = "", **extra: Any) -> dict[str, Any]:
    """The event of an incoming text; `extra` are fields of its payload and win."""
    payload = {
        "id": sid or str(uuid.uuid4()),
        "direction": "inbound",
        "record_type": "message",
        "type": "SMS",
        "from": {"phone_number": from_, "carrier": "Test Mobile", "line_type": "Wireless"},
        "to": [{"phone_number": to, "status": "webhook_delivered", "carrier": "Telnyx"}],
        "text": text,
        "media": [],
        "parts": 1,
        "autoresponse_type": None,
        "errors": [],
        **extra,
    }
    return _event("message.received", payload)


def reported(
    sid: str, status: str, *, callback: str | None = None, code: str = "", **extra: Any
) -> dict[str, Any]:
    """The event that reports what became of a text; `callback` is the text's webhook_url."""
    payload = {
        "id": sid,
        "direction": "outbound",
        "record_type": "message",
        "to": [{"phone_number": "+13125550142", "status": status}],
        "webhook_url": callback,
        "errors": [{"code": code, "title": "No"}] if code else [],
        **extra,
    }
    ended = status not in ("queued", "sending", "sent")
    return _event("message.finalized" if ended else "message.sent", payload, callback)


def encoded(event: dict[str, Any]) -> bytes:
    """The body of a call."""
    return json.dumps(event).encode()


def signed(
    body: bytes, *, at: float | None = None, key: Ed25519PrivateKey = _KEY
) -> dict[str, str]:
    """The headers that go with a body, signed now or at another moment."""
    timestamp = str(int(time.time() if at is None else at))
    signature = base64.b64encode(key.sign(f"{timestamp}|".encode() + body)).decode()
    return {
        "telnyx-signature-ed25519": signature,
        "telnyx-timestamp": timestamp,
        "Content-Type": "application/json",
    }


class Telnyx:
    """Sends webhooks; one object serves all threads. The same verbs as Twilio's phones.

    `public_url` is what Heed believes to be its address; `reach` where it really listens.
    """

    def __init__(self, public_url: str, *, reach: str | None = None, timeout: float = 30.0) -> None:
        """`timeout` in seconds."""
        self._public_url = public_url.rstrip("/")
        self._reach = (reach or public_url).rstrip("/")
        self._http = httpx2.Client(timeout=timeout, trust_env=False)

    def text(
        self, from_: str, to: str, body: str, sid: str | None = None, **extra: Any
    ) -> Answered:
        """Deliver a text to Heed; the same `sid` again is the same text again."""
        return self.post(received(from_, to, body, sid or "", **extra))

    def status(self, sid: str, status: str, **more: Any) -> Answered:
        """Report what became of a text, to its own webhook_url or to the usual address."""
        return self.post(reported(sid, status, **more), more.get("callback"))

    def post(self, event: dict[str, Any], url: str | None = None) -> Answered:
        """Post an event to a public URL of Heed, rightly signed."""
        body = encoded(event)
        parts = urlsplit(url or f"{self._public_url}{PATH}")
        target = f"{self._reach}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        began = time.monotonic()
        answer = self._http.post(target, content=body, headers=signed(body))
        ended = time.monotonic()
        sid = str(event["data"]["payload"]["id"])
        return Answered(sid, answer.status_code, answer.text, ended - began, ended)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()


def _event(kind: str, payload: dict[str, Any], url: str | None = None) -> dict[str, Any]:
    return {
        "data": {
            "event_type": kind,
            "id": str(uuid.uuid4()),
            "occurred_at": "2026-03-05T12:00:00.000+00:00",
            "record_type": "event",
            "payload": payload,
        },
        "meta": {"attempt": 1, "delivered_to": url or "https://text.example.org/webhooks/telnyx"},
    }
