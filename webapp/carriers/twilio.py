"""Texting through Twilio: one request per text, signed form posts back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote, urlsplit

import httpx2

from webapp.carriers import checking, media, twilio_answers, twilio_list, twilio_signature
from webapp.carriers.answers import LONGEST_CODE, LONGEST_ID, LONGEST_PHONE
from webapp.carriers.base import (
    BadWebhookError,
    Checkup,
    DeliveryReport,
    Departure,
    Inbound,
    Media,
    OptOutType,
    Outgoing,
    Result,
    Webhook,
)
from webapp.carriers.connection import Connection, origin, with_reference

MEDIA_AT_MOST = 10
# Where Twilio sends those on who ask its API for a picture.
MEDIA_HOSTS = (r"(?:[a-z0-9-]+\.)*twilio\.com", r"(?:[a-z0-9-]+\.)*twiliocdn\.com", media.S3)
OPT_OUT_TYPES: dict[str, OptOutType] = {"STOP": "STOP", "START": "START", "HELP": "HELP"}


class Twilio:
    """Twilio's Programmable Messaging, by account SID and auth token."""

    name = "twilio"
    inbound_path = "/webhooks/twilio/inbound"
    status_path = "/webhooks/twilio/status"

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
        if not account_sid or not auth_token:
            raise ValueError("Twilio needs an account SID and an auth token.")
        self._connection = Connection(
            "Twilio",
            api_base,
            auth=(account_sid, auth_token),
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            connections=connections,
        )
        self._auth_token = auth_token
        account = f"/2010-04-01/Accounts/{quote(account_sid, safe='')}"
        self._account = f"{api_base.rstrip('/')}{account}.json"
        self._messages = f"{api_base.rstrip('/')}{account}/Messages.json"
        self._is_media = re.compile(
            rf"{re.escape(account)}/Messages/[A-Za-z0-9]+/Media/[A-Za-z0-9]+"
        )
        self._redirects = media.public_hosts(self._connection, *MEDIA_HOSTS)

    def send(self, text: Outgoing) -> Result:
        """Post the text once; see the Carrier contract."""
        fields = {"From": text.sender, "To": text.recipient, "Body": text.body}
        if text.status_url is not None:
            fields["StatusCallback"] = with_reference(text.status_url, text.reference)
        answer = self._connection.hand_over(self._messages, data=fields)
        if not isinstance(answer, httpx2.Response):
            return answer
        return twilio_answers.read(answer.status_code, answer.headers, answer.content)

    def verify(self, webhook: Webhook) -> bool:
        """Whether X-Twilio-Signature fits the address, the form fields and our auth token."""
        given = webhook.header("X-Twilio-Signature")
        return twilio_signature.fits(given, webhook.url, webhook.form, self._auth_token)

    def parse(self, webhook: Webhook) -> Inbound | DeliveryReport:
        """A report if the call went to the address of reports, otherwise a text."""
        if urlsplit(webhook.url).path.endswith(self.status_path):
            return self.parse_status(webhook)
        return self.parse_inbound(webhook)

    def parse_inbound(self, webhook: Webhook) -> Inbound:
        """The text in a call to /webhooks/twilio/inbound; needs MessageSid and From.

        A missing body is an empty one. NUL characters are left out of everything: PostgreSQL
        cannot store them, and a STOP must not be lost over one.
        """
        form = webhook.form
        return Inbound(
            provider=self.name,
            provider_id=_id(form),
            sender=_needed(form, "From", LONGEST_PHONE),
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
        code = _first(form, "ErrorCode").strip()[:LONGEST_CODE]
        return DeliveryReport(
            provider=self.name,
            provider_id=_id(form),
            reference=_first(webhook.query, "ref") or None,
            status=twilio_answers.STATUSES.get(raw),
            raw=raw,
            error_code=code or None,
            opted_out=code == twilio_answers.OPTED_OUT,
        )

    def missed(self, to: str, since: datetime) -> Iterator[Inbound]:
        """What was sent to a number of ours; see the Carrier contract."""
        return twilio_list.missed(self._connection, self._messages, to, since)

    def departures(self, sender: str, since: datetime) -> Iterator[Departure]:
        """What left from a number of ours; see the Carrier contract."""
        return twilio_list.departures(self._connection, self._messages, sender, since)

    def fetch_media(self, url: str) -> Media:
        """A picture of this account, at the API alone; see the Carrier contract.

        The API asks for the credentials and sends on to where the picture lies.
        """
        auth = self._connection.auth
        return media.fetch(
            self._connection, url, first=self._is_ours, then=self._redirects, auth=auth
        )

    def check(self) -> Checkup:
        """Fetch our own account; see the Carrier contract."""
        settings = "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"
        return checking.ask(
            self._connection, self._account, credentials=settings, trouble=twilio_answers.trouble
        )

    def close(self) -> None:
        """Close the idle connections."""
        self._connection.close()

    def _is_ours(self, url: httpx2.URL) -> bool:
        base = self._connection.base
        return (
            origin(url) == origin(base)
            and not url.userinfo
            and bool(self._is_media.fullmatch(url.raw_path.decode("ascii")))
        )


def _first(fields: Mapping[str, Sequence[str]], name: str) -> str:
    values = fields.get(name, ())
    return values[0].replace("\x00", "") if values else ""


def _needed(form: Mapping[str, Sequence[str]], name: str, longest: int) -> str:
    value = _first(form, name).strip()
    if not value:
        raise BadWebhookError(f"The webhook has no {name}.")
    if len(value) > longest:
        raise BadWebhookError(f"The webhook's {name} is too long.")
    return value


def _id(form: Mapping[str, Sequence[str]]) -> str:
    return _needed(form, "MessageSid", LONGEST_ID)


def _media(form: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    urls = (_first(form, f"MediaUrl{number}").strip() for number in range(MEDIA_AT_MOST))
    return tuple(url for url in urls if url)


def _count(digits: str) -> int:
    return int(digits) if re.fullmatch(r"[1-9][0-9]?", digits.strip()) else 1
