"""Texting through Telnyx: one request per text, signed JSON events back."""

from collections.abc import Iterator

import httpx2

from webapp.carriers import checking, media, telnyx_answers, telnyx_events, telnyx_signature
from webapp.carriers.base import Checkup, DeliveryReport, Inbound, Media, Outgoing, Result, Webhook
from webapp.carriers.connection import Connection, with_reference

# Where Telnyx keeps what came with a text, behind addresses that are signed and soon lapse.
MEDIA_HOSTS = (
    r"(?:[a-z0-9-]+\.)*telnyx\.com",
    r"(?:[a-z0-9-]+\.)*telnyxcloudstorage\.com",
    media.S3,
)


class Telnyx:
    """Telnyx's messaging, by API key; its events are signed with its own key."""

    name = "telnyx"
    inbound_path = "/webhooks/telnyx"
    status_path = "/webhooks/telnyx"
    missed = None  # Telnyx keeps no list of what it received,
    departures = None  # nor one of what it sent that can be asked for by number.

    def __init__(
        self,
        api_key: str,
        public_key: str,
        *,
        api_base: str = "https://api.telnyx.com",
        connect_timeout: float = 5.0,
        read_timeout: float = 15.0,
        connections: int = 32,
    ) -> None:
        """`public_key` in Base64, as Telnyx shows it. Time-outs in seconds; at most so many
        connections at once, each carries one text.

        Opens no connection yet; raises ValueError when a value is bad."""
        if not api_key:
            raise ValueError("Telnyx needs an API key.")
        self._public_key = telnyx_signature.read_key(public_key)
        self._connection = Connection(
            "Telnyx",
            api_base,
            auth=_Bearer(api_key),
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            connections=connections,
        )
        self._messages = f"{api_base.rstrip('/')}/v2/messages"
        self._profiles = f"{api_base.rstrip('/')}/v2/messaging_profiles?page[size]=1"
        self._hosts = media.public_hosts(self._connection, *MEDIA_HOSTS)

    def send(self, text: Outgoing) -> Result:
        """Post the text once; see the Carrier contract."""
        fields = {"from": text.sender, "to": text.recipient, "text": text.body}
        if text.status_url is not None:
            fields["webhook_url"] = with_reference(text.status_url, text.reference)
        answer = self._connection.hand_over(self._messages, json=fields)
        if not isinstance(answer, httpx2.Response):
            return answer
        return telnyx_answers.read(answer.status_code, answer.headers, answer.content)

    def verify(self, webhook: Webhook) -> bool:
        """Whether Telnyx signed the body with its key, within the last five minutes."""
        signature = webhook.header("telnyx-signature-ed25519")
        timestamp = webhook.header("telnyx-timestamp")
        return telnyx_signature.fits(signature, timestamp, webhook.body, self._public_key)

    def parse(self, webhook: Webhook) -> Inbound | DeliveryReport | None:
        """The text or the report in a call to /webhooks/telnyx."""
        return telnyx_events.read(webhook.body)

    def fetch_media(self, url: str) -> Media:
        """A picture, without credentials: its address is signed; see the Carrier contract."""
        return media.fetch(self._connection, url, first=self._hosts, then=self._hosts)

    def check(self) -> Checkup:
        """Fetch the first of our messaging profiles; see the Carrier contract."""
        return checking.ask(
            self._connection,
            self._profiles,
            credentials="TELNYX_API_KEY",
            trouble=telnyx_answers.trouble,
        )

    def close(self) -> None:
        """Close the idle connections."""
        self._connection.close()


class _Bearer(httpx2.Auth):
    """The API key in the Authorization header."""

    def __init__(self, api_key: str) -> None:
        self._header = f"Bearer {api_key}"

    def auth_flow(self, request: httpx2.Request) -> Iterator[httpx2.Request]:  # type: ignore[override]
        """Add the header."""
        request.headers["Authorization"] = self._header
        yield request
