"""What was sent to a number, by Twilio's own list: for texts whose webhooks we missed."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from webapp.carriers import patience
from webapp.carriers.answers import LONGEST_ID, LONGEST_PHONE, as_object, within, words
from webapp.carriers.base import CarrierError, Inbound
from webapp.carriers.connection import Connection, origin

PAGE_SIZE = 200
PAGES_AT_MOST = 500
PAGE_WITHIN = 30.0  # seconds
UNREADABLE = "Twilio's list of messages could not be read."
NO_DATE = datetime.max.replace(tzinfo=UTC)
Entry = Mapping[str, object]


def missed(
    connection: Connection, messages_url: str, to: str, since: datetime
) -> Iterator[Inbound]:
    """See `Carrier.missed`. Twilio lists by day and newest first, so a day is read as a whole.

    A picture holds up no STOP: if its address cannot be had, the text comes without it, and the
    CarrierError after the last text.
    """
    trouble: CarrierError | None = None
    with connection.errand() as client:
        errand = _Errand(connection, client)
        for entry in sorted(errand.inbound(messages_url, to, since), key=_sent):
            media: tuple[str, ...] = ()
            try:
                if words(entry.get("num_media")).strip("0"):
                    media = errand.media(f"{messages_url.removesuffix('.json')}/{_sid(entry)}")
            except CarrierError as error:
                trouble = error
            yield _inbound(entry, media)
    if trouble is not None:
        raise trouble


class _Errand:
    """One look through the list."""

    def __init__(self, connection: Connection, client: httpx2.Client) -> None:
        self.connection, self.client = connection, client

    def inbound(self, url: str, to: str, since: datetime) -> list[Entry]:
        """The entries of incoming texts, page after page."""
        day = since.astimezone(UTC).date().isoformat()
        query = {"To": to, "DateSent>": day, "PageSize": str(PAGE_SIZE)}
        page: httpx2.URL | None = httpx2.URL(url, params=query)
        found: list[Entry] = []
        for _ in range(PAGES_AT_MOST):
            if page is None:
                return found
            answer = self.get(page)
            entries = answer.get("messages")
            if not isinstance(entries, list):
                raise CarrierError(UNREADABLE)
            found += [one for one in entries if _is_wanted(one, since)]
            page = self._next(page, words(answer.get("next_page_uri")))
        raise CarrierError(UNREADABLE)

    def media(self, message_url: str) -> tuple[str, ...]:
        """The addresses of a text's pictures, as its webhook would name them."""
        base = httpx2.URL(message_url)
        listed = self.get(httpx2.URL(f"{message_url}/Media.json")).get("media_list")
        uris = [words(within(one, "uri")) for one in listed] if isinstance(listed, list) else []
        return tuple(str(base.join(uri.removesuffix(".json"))) for uri in uris if uri)

    def get(self, url: httpx2.URL) -> Entry:
        """A page of JSON; raises CarrierError when there is none."""
        try:
            with patience.at_most(PAGE_WITHIN):
                answer = self.client.get(url, auth=self.connection.auth)
        except httpx2.HTTPError as error:
            raise self.connection.failed(error) from error
        if answer.status_code != 200:
            raise CarrierError(f"Twilio answered with HTTP {answer.status_code}.")
        return as_object(answer.content)

    def _next(self, page: httpx2.URL, uri: str) -> httpx2.URL | None:
        """The page that follows; our credentials go nowhere but to the API itself."""
        if not uri:
            return None
        follows = page.join(uri)
        if origin(follows) != origin(page) or follows == page:
            raise CarrierError(UNREADABLE)
        return follows


def _is_wanted(entry: object, since: datetime) -> bool:
    if not isinstance(entry, dict) or entry.get("direction") != "inbound":
        return False
    sender = words(entry.get("from")).strip()
    usable = 0 < len(_sid(entry)) <= LONGEST_ID and 0 < len(sender) <= LONGEST_PHONE
    return usable and _sent(entry) >= since


def _sid(entry: Entry) -> str:
    sid = words(entry.get("sid")).strip()
    return sid if sid.isalnum() and sid.isascii() else ""


def _sent(entry: Entry) -> datetime:
    """When it was sent; what has no date that can be read counts as new."""
    try:
        sent = parsedate_to_datetime(words(entry.get("date_sent")))
    except (ValueError, TypeError):
        return NO_DATE
    return sent if sent.tzinfo else sent.replace(tzinfo=UTC)


def _inbound(entry: Entry, media: tuple[str, ...]) -> Inbound:
    segments = words(entry.get("num_segments"))
    return Inbound(
        provider="twilio",
        provider_id=_sid(entry),
        sender=words(entry.get("from")).strip(),
        to=words(entry.get("to")).strip(),
        body=words(entry.get("body")),
        media=media,
        segments=int(segments) if segments in map(str, range(1, 100)) else 1,
        sent_at=None if (sent := _sent(entry)) == NO_DATE else sent,
    )
