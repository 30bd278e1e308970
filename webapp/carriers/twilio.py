"""Texting through Twilio: one request per text, signed form posts back."""

import os
import re
import threading
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode, urlsplit

import httpx2

from webapp.carriers import twilio_answers, twilio_signature
from webapp.carriers.base import (
    BadWebhookError,
    DeliveryReport,
    DeliveryStatus,
    Inbound,
    OptOutType,
    Outgoing,
    Refused,
    Result,
    Unknown,
    Webhook,
)

# Idle connections are dropped early, long before a load balancer would do it, because a request
# written to a connection that is just being closed ends as Unknown and is not tried again.
KEEP_ALIVE = 4.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
MEDIA_AT_MOST = 10
STATUSES: dict[str, DeliveryStatus] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
}
OPT_OUT_TYPES: dict[str, OptOutType] = {"STOP": "STOP", "START": "START", "HELP": "HELP"}


class Twilio:
    """Twilio's Programmable Messaging, by account SID and auth token."""

    name = "twilio"

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        api_base: str = "https://api.twilio.com",
        connect_timeout: float = 5.0,
        read_timeout: float = 15.0,
        connections: int = 32,
    ) -> None:
        """Time-outs in seconds; at most so many connections at once, each carries one text.

        Opens no connection yet; raises ValueError when a value is bad."""
        base = urlsplit(api_base)
        if not account_sid or not auth_token:
            raise ValueError("Twilio needs an account SID and an auth token.")
        if base.scheme not in ("http", "https") or not base.hostname:
            raise ValueError("Twilio's address has to begin with https://.")
        account = quote(account_sid, safe="")
        self._messages = f"{api_base.rstrip('/')}/2010-04-01/Accounts/{account}/Messages.json"
        self._credentials = (account_sid, auth_token)
        self._auth_token = auth_token
        # A proxy named in the environment is for the world outside, not for a stand-in at home.
        self._trust_env = base.hostname not in LOOPBACK
        self._timeout = httpx2.Timeout(read_timeout, connect=connect_timeout, pool=connect_timeout)
        self._limits = httpx2.Limits(
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=KEEP_ALIVE,
        )
        self._lock = threading.Lock()
        self._client: httpx2.Client | None = None
        self._client_pid = 0

    def send(self, text: Outgoing) -> Result:
        """Post the text once; see the Carrier contract.

        Only what happens before the request is written counts as refused: no connection, no
        name, no TLS, no free connection in the pool. Everything after that is Unknown, and so
        is a connection that was open from before and breaks: the request may have gone through.
        """
        fields = {"From": text.sender, "To": text.recipient, "Body": text.body}
        if text.status_url is not None:
            fields["StatusCallback"] = _with_reference(text.status_url, text.reference)
        try:
            answer = self._http().post(self._messages, data=fields)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError):
            return _not_sent("unreachable", "Twilio could not be reached.")
        except httpx2.PoolTimeout:
            return _not_sent("busy", "All connections to Twilio were busy.")
        except httpx2.TimeoutException:
            return Unknown("Twilio did not answer in time.")
        except httpx2.HTTPError:
            return Unknown("The connection to Twilio broke before it answered.")
        return twilio_answers.read(answer.status_code, answer.headers, answer.content)

    def verify(self, webhook: Webhook) -> bool:
        """Whether X-Twilio-Signature fits the address, the form fields and our auth token."""
        given = webhook.header("X-Twilio-Signature")
        return twilio_signature.fits(given, webhook.url, webhook.form, self._auth_token)

    def parse_inbound(self, webhook: Webhook) -> Inbound:
        """The text in a call to /webhooks/twilio/inbound; needs MessageSid and From.

        A missing body is an empty one. NUL characters are left out of everything: PostgreSQL
        cannot store them, and a STOP must not be lost over one.
        """
        form = webhook.form
        return Inbound(
            provider=self.name,
            provider_id=_needed(form, "MessageSid"),
            sender=_needed(form, "From"),
            to=_first(form, "To").strip(),
            body=_first(form, "Body"),
            media=_media(form),
            opt_out_type=OPT_OUT_TYPES.get(_first(form, "OptOutType").strip().upper()),
            segments=_count(_first(form, "NumSegments")),
        )

    def parse_status(self, webhook: Webhook) -> DeliveryReport:
        """The report in a call to /webhooks/twilio/status; needs MessageSid."""
        form = webhook.form
        raw = (_first(form, "MessageStatus") or _first(form, "SmsStatus")).strip().lower()
        code = _first(form, "ErrorCode").strip()
        return DeliveryReport(
            provider=self.name,
            provider_id=_needed(form, "MessageSid"),
            reference=_first(webhook.query, "ref") or None,
            status=STATUSES.get(raw),
            raw=raw,
            error_code=code or None,
            opted_out=code == twilio_answers.OPTED_OUT,
        )

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _http(self) -> httpx2.Client:
        # A forked worker must not write to the connections of its parent: one client a process.
        with self._lock:
            if self._client is None or self._client_pid != os.getpid():
                self._client = self._new_client()
                self._client_pid = os.getpid()
            return self._client

    def _new_client(self) -> httpx2.Client:
        return httpx2.Client(
            auth=self._credentials,
            timeout=self._timeout,
            limits=self._limits,
            headers={"Accept": "application/json", "User-Agent": "heed"},
            follow_redirects=False,
            trust_env=self._trust_env,
        )


def _not_sent(code: str, reason: str) -> Refused:
    return Refused(code=code, reason=reason, permanent=False, reached=False)


def _with_reference(url: str, reference: str) -> str:
    separator = "&" if urlsplit(url).query else "?"
    return f"{url}{separator}{urlencode({'ref': reference})}"


def _first(fields: Mapping[str, Sequence[str]], name: str) -> str:
    values = fields.get(name, ())
    return values[0].replace("\x00", "") if values else ""


def _needed(form: Mapping[str, Sequence[str]], name: str) -> str:
    value = _first(form, name).strip()
    if not value:
        raise BadWebhookError(f"The webhook has no {name}.")
    return value


def _media(form: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    urls = (_first(form, f"MediaUrl{number}").strip() for number in range(MEDIA_AT_MOST))
    return tuple(url for url in urls if url)


def _count(digits: str) -> int:
    return int(digits) if re.fullmatch(r"[1-9][0-9]?", digits.strip()) else 1
