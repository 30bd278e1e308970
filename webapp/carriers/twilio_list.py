"""What was sent to a number and from it, by Twilio's own list: for what we missed or lost."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from webapp.carriers import patience, twilio_answers
from webapp.carriers.answers import (
    LONGEST_CODE,
    LONGEST_ID,
    LONGEST_PHONE,
    as_object,
    within,
    words,
)
from webapp.carriers.base import CarrierError, DeliveryReport, DeliveryStatus, Departure, Inbound
from webapp.carriers.connection import Connection, origin

PAGE_SIZE = 200
PAGE_WITHIN = 30.0  # seconds
PAGES_AT_MOST = 500
# We may have sent far more than we got: two million texts.
PAGES_SENT_AT_MOST = 10_000
# Twilio has taken these and passes them on.
TAKEN: dict[str, DeliveryStatus] = {"accepted": "sent", "queued": "sent", "sending": "sent"}
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
        listed = list(errand.entries(messages_url, {"To": to}, since, PAGES_AT_MOST))
        wanted = (entry for entry in listed if _came_in(entry))
        for entry in sorted(wanted, key=_sent):
            media: tuple[str, ...] = ()
            try:
                if words(entry.get("num_media")).strip("0"):
                    media = errand.media(f"{messages_url.removesuffix('.json')}/{_sid(entry)}")
            except CarrierError as error:
                trouble = error
            yield _inbound(entry, media)
    if trouble is not None:
        raise trouble


def departures(
    connection: Connection, messages_url: str, sender: str, since: datetime
) -> Iterator[Departure]:
    """See `Carrier.departures`; page by page, for there may be very many.

    A text counts whoever handed it to Twilio, and also one whose entry is odd.
    """
    with connection.errand() as client:
        errand = _Errand(connection, client)
        for entry in errand.entries(messages_url, {"From": sender}, since, PAGES_SENT_AT_MOST):
            if words(entry.get("direction")).startswith("outbound") and _phone(entry, "to"):
                yield _departure(entry)


class _Errand:
    """One look through the list."""

    def __init__(self, connection: Connection, client: httpx2.Client) -> None:
        self.connection, self.client = connection, client

    def entries(
        self, url: str, whose: Mapping[str, str], since: datetime, pages: int
    ) -> Iterator[Entry]:
        """What is listed from a moment on, page after page."""
        day = since.astimezone(UTC).date().isoformat()
        query = {**whose, "DateSent>": day, "PageSize": str(PAGE_SIZE)}
        page = httpx2.URL(url, params=query)
        for _ in range(pages):
            answer = self.get(page)
            entries = answer.get("messages")
            if not isinstance(entries, list):
                raise CarrierError(UNREADABLE)
            yield from (one for one in entries if isinstance(one, dict) and _sent(one) >= since)
            follows = self._next(page, words(answer.get("next_page_uri")))
            if follows is None:
                return
            page = follows
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


def _came_in(entry: Entry) -> bool:
    usable = 0 < len(_sid(entry)) <= LONGEST_ID and _phone(entry, "from")
    return entry.get("direction") == "inbound" and bool(usable)


def _phone(entry: Entry, name: str) -> str:
    phone = words(entry.get(name)).strip()
    return phone if len(phone) <= LONGEST_PHONE else ""


def _sid(entry: Entry) -> str:
    sid = words(entry.get("sid")).strip()
    return sid if sid.isalnum() and sid.isascii() else ""


def _sent(entry: Entry) -> datetime:
    """When it was sent or, still on its way, made; what has no date that can be read is new."""
    written = words(entry.get("date_sent")) or words(entry.get("date_created"))
    try:
        sent = parsedate_to_datetime(written)
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


def _departure(entry: Entry) -> Departure:
    sid, raw = _sid(entry), words(entry.get("status")).strip().lower()
    code = entry.get("error_code")
    code = str(code)[:LONGEST_CODE] if isinstance(code, int | str) and code else None
    report = DeliveryReport(
        provider="twilio",
        provider_id=sid if len(sid) <= LONGEST_ID else "",
        reference=None,
        status=twilio_answers.STATUSES.get(raw) or TAKEN.get(raw),
        raw=raw,
        error_code=code,
        opted_out=code == twilio_answers.OPTED_OUT,
    )
    sent = _sent(entry)
    return Departure(
        recipient=_phone(entry, "to"),
        body=words(entry.get("body")),
        sent_at=None if sent == NO_DATE else sent,
        report=report,
    )
