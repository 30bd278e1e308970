"""The carrier's calls to Heed: signed webhooks, as Twilio makes them."""

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import httpx2
from twilio.request_validator import RequestValidator

from tests.carrier.ledger import new_sid
from tests.carrier.service import ACCOUNT_SID, AUTH_TOKEN


@dataclass(frozen=True, slots=True)
class Answered:
    """What Heed answered; `seconds` from the request to the end of the answer."""

    sid: str
    status: int
    text: str
    seconds: float
    answered: float  # on the monotonic clock


class Twilio:
    """Sends webhooks; one object serves all threads. The signature is the published library's.

    `public_url` is what Heed believes to be its address; `reach` where it really listens.
    """

    def __init__(
        self,
        public_url: str,
        auth_token: str = AUTH_TOKEN,
        *,
        account_sid: str = ACCOUNT_SID,
        reach: str | None = None,
        timeout: float = 30.0,
        connections: int = 100,
    ) -> None:
        """`timeout` in seconds."""
        self._public_url = public_url.rstrip("/")
        self._reach = (reach or public_url).rstrip("/")
        self._account_sid = account_sid
        self._validator = RequestValidator(auth_token)
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._http = httpx2.Client(timeout=timeout, limits=limits, trust_env=False)

    def text(
        self, from_: str, to: str, body: str, sid: str | None = None, **extra: str
    ) -> Answered:
        """Deliver a text to Heed; the same `sid` again is the same text again.

        `extra` are further fields, such as OptOutType="STOP", and win over the usual ones.
        """
        sid = sid or new_sid()
        fields = {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": self._account_sid,
            "From": from_,
            "To": to,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
            **extra,
        }
        return self.post(f"{self._public_url}/webhooks/twilio/inbound", fields, sid=sid)

    def status(
        self, sid: str, status: str, *, callback: str | None = None, ref: str = "", **extra: str
    ) -> Answered:
        """Report what became of a text, to its own status callback or to the usual address."""
        usual = f"{self._public_url}/webhooks/twilio/status?{urlencode({'ref': ref})}"
        fields = {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": self._account_sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "ApiVersion": "2010-04-01",
            **extra,
        }
        return self.post(callback or usual, fields, sid=sid)

    def post(
        self, url: str, fields: dict[str, str], *, sid: str = "", signature: str | None = None
    ) -> Answered:
        """Post fields to a public URL of Heed, with the right signature or with a given one."""
        if signature is None:
            signature = self._validator.compute_signature(url, fields)
        parts = urlsplit(url)
        target = f"{self._reach}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        headers: dict[str, Any] = {"X-Twilio-Signature": signature, "User-Agent": "TwilioProxy/1.1"}
        began = time.monotonic()
        answer = self._http.post(target, data=fields, headers=headers)
        ended = time.monotonic()
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
