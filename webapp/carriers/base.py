"""What a carrier has to be able to do, and the words in which it answers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal, Protocol
from urllib.parse import parse_qs, urlsplit

from webapp.carriers.news import DeliveryReport as DeliveryReport
from webapp.carriers.news import DeliveryStatus as DeliveryStatus
from webapp.carriers.news import Departure as Departure
from webapp.carriers.news import Inbound as Inbound
from webapp.carriers.news import OptOutType as OptOutType
from webapp.errors import HeedError


class BadWebhookError(HeedError):
    """A webhook lacks what it cannot do without; the message says what, in one sentence."""


class CarrierError(HeedError):
    """The carrier could not be asked, or its answer not read; trying again later may help.

    The message is a sentence for an admin or a log: no phone number, no body, no secret.
    """


class MediaError(CarrierError):
    """A picture that is not handed out, now or later; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text on its way out.

    `sender` and `recipient` are E.164. `reference` is our own opaque word for the text; the
    carrier gives it back as `ref` in the query of each callback to `status_url`. Without a
    `status_url` the carrier reports nothing.
    """

    sender: str
    recipient: str
    body: str
    reference: str
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier took the text; callbacks speak of it by `provider_id`."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier did not take the text, and that is certain.

    `permanent=False`: the same text may be tried again, a bounded number of times, not before
    `retry_after` seconds if the carrier named a time. `permanent=True`: it never will be taken.
    `opted_out`: the carrier says that the recipient asked it to stop. `reached=False`: nothing
    was handed over at all, so this was no try of the text. `code` is the carrier's word or
    ours; `reason` is a sentence for an admin and holds no phone number and no body.
    """

    code: str
    reason: str
    permanent: bool
    opted_out: bool = False
    retry_after: float | None = None
    reached: bool = True


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether the carrier took the text, so it is never tried again by itself.

    For a campaign text, twice is worse than not at all (decision 11).
    """

    reason: str


Result = Accepted | Refused | Unknown


@dataclass(frozen=True)
class Webhook:
    """A call from a carrier, exactly as it came.

    `url` is the public address that the carrier called: HEED_PUBLIC_URL, the path and the query
    string, letter for letter, because signatures are made over it. `headers` may be in any
    letter case. `body` is raw: one carrier sends a form, another one JSON.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def form(self) -> dict[str, list[str]]:
        """The form fields of the body; empty when there are none or absurdly many."""
        return _fields(self.body.decode("utf-8", "replace"))

    @property
    def query(self) -> dict[str, list[str]]:
        """The fields of the query string."""
        return _fields(urlsplit(self.url).query)

    def header(self, name: str) -> str:
        """A header, or an empty string."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), "")


@dataclass(frozen=True, slots=True)
class Media:
    """What came with a text, fetched from the carrier: of a type that is safe to hand out.

    `is_inline`: a browser may show it in the page; anything else only as a file to save.
    """

    content_type: str
    content: bytes
    is_inline: bool


@dataclass(frozen=True, slots=True)
class Checkup:
    """Whether the carrier knows us, asked just now. `said` is a sentence without a secret."""

    state: Literal["works", "slow", "wrong_key", "unreachable", "odd"]
    said: str


Missed = Callable[[str, datetime], Iterator[Inbound]]
Departures = Callable[[str, datetime], Iterator[Departure]]


class Carrier(Protocol):
    """A road to a phone. One object serves all threads of a process."""

    @property
    def name(self) -> str:
        """The provider's name, as in HEED_SMS_PROVIDER and in the webhooks' addresses."""
        ...

    @property
    def inbound_path(self) -> str:
        """Where it has to deliver incoming texts, below HEED_PUBLIC_URL."""
        ...

    @property
    def status_path(self) -> str:
        """Where its delivery reports go, below HEED_PUBLIC_URL."""
        ...

    @property
    def missed(self) -> Missed | None:
        """`missed(to, since)`: what was sent to a number of ours, by the carrier's own list.

        Oldest first, from `since` on, each as its webhook would have told it; those we have are
        among them. Raises CarrierError, also halfway: take in what came before, try again later.
        None when the carrier keeps no such list (decision 17).
        """
        ...

    @property
    def departures(self) -> Departures | None:
        """`departures(sender, since)`: what left from a number of ours, by the carrier's own list.

        In no order, from `since` on, whoever sent it; those we know are among them. Raises
        CarrierError, also halfway. None when the carrier keeps no such list.
        """
        ...

    def send(self, text: Outgoing) -> Result:
        """Hand one text over, once; blocks until the carrier answers or its time is up.

        Whatever the network does comes back as a Result; nothing is tried a second time here.
        Call it without an open transaction.
        """
        ...

    def verify(self, webhook: Webhook) -> bool:
        """Whether this call was signed with our secret and has not been altered."""
        ...

    def parse(self, webhook: Webhook) -> Inbound | DeliveryReport | None:
        """What a verified call says; None for news that do not concern texts.

        Raises BadWebhookError when it cannot be read or names no sender or no id.
        """
        ...

    def fetch_media(self, url: str) -> Media:
        """What lies at one of `Inbound.media`; blocks for half a minute at most.

        Only the carrier's own addresses are asked, whatever was stored. Raises MediaError when
        it is elsewhere, gone, too large or of another type, CarrierError when it may be tried
        again. Call it without an open transaction.
        """
        ...

    def check(self) -> Checkup:
        """Ask whether it knows us: nothing is texted; blocks for some seconds at most."""
        ...

    def close(self) -> None:
        """Give the connections back; sending afterwards opens new ones."""
        ...


def _fields(encoded: str) -> dict[str, list[str]]:
    try:
        return parse_qs(encoded, keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        return {}
