"""What came to the stand-in, and what it holds for those who ask later."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Arrival:
    """One text that reached the carrier, taken or not.

    Two clocks, in seconds: `came` (monotonic, the same clock in all processes of a machine) and
    `came_at` (Unix time) when the head of the request was there, `read` when its body was.
    `number` counts from 1 in order of arrival.
    """

    number: int
    sender: str
    to: str
    body: str
    status_callback: str | None
    accepted: bool
    sid: str | None
    came: float
    came_at: float
    read: float

    @property
    def ref(self) -> str | None:
        """The `ref` of the status callback's query."""
        query = parse_qs(urlsplit(self.status_callback or "").query)
        return query.get("ref", [None])[0]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Listed:
    """One message as the carrier's own list shows it."""

    sid: str
    sender: str
    to: str
    body: str
    sent: datetime
    direction: str
    media: tuple[str, ...] = ()
    status: str = "sent"
    error_code: int | None = None

    def as_json(self) -> dict[str, Any]:
        """In Twilio's words."""
        sent = format_datetime(self.sent)
        return {
            "sid": self.sid,
            "from": self.sender,
            "to": self.to,
            "body": self.body,
            "direction": self.direction,
            "status": "received" if self.direction == "inbound" else self.status,
            "error_code": self.error_code,
            "date_sent": sent,
            "date_created": sent,
            "num_media": str(len(self.media)),
            "num_segments": "1",
        }


class Ledger:
    """All arrivals and all listed messages; safe to use from several threads."""

    def __init__(self) -> None:
        """Empty."""
        self._changed = threading.Condition()
        self._arrivals: list[Arrival] = []
        self._by_phone: Counter[str] = Counter()
        self._listed: list[Listed] = []

    def record(
        self, fields: dict[str, str], sid: str, *, accepted: bool, came: float, came_at: float
    ) -> None:
        """Write an arrival down, also of a text that is not taken; it keeps its sid if it is."""
        with self._changed:
            arrival = Arrival(
                number=len(self._arrivals) + 1,
                sender=fields["From"],
                to=fields["To"],
                body=fields["Body"],
                status_callback=fields.get("StatusCallback"),
                accepted=accepted,
                sid=sid if accepted else None,
                came=came,
                came_at=came_at,
                read=time.monotonic(),
            )
            self._arrivals.append(arrival)
            self._by_phone[arrival.to] += 1
            self._changed.notify_all()

    def arrivals(self, to: str | None = None, *, after: int = 0) -> list[Arrival]:
        """The texts that came, in order; only those to one phone, only those after a number."""
        with self._changed:
            return [one for one in self._arrivals[after:] if to in (None, one.to)]

    def wait(self, count: int, to: str | None = None, *, seconds: float = 10.0) -> list[Arrival]:
        """As `arrivals`, as soon as there are `count`; what there is when the time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self._count(to) >= count, timeout=seconds)
            return self.arrivals(to)

    def receive(
        self,
        sender: str,
        to: str,
        body: str,
        *,
        sid: str,
        sent: datetime,
        media: tuple[str, ...] = (),
    ) -> None:
        """List a message that somebody sent to one of the account's numbers."""
        with self._changed:
            self._listed.append(Listed(sid, sender, to, body, sent, "inbound", media))

    def leave(self, message: Listed) -> None:
        """List a message that left from one of the account's numbers and did not come by here."""
        with self._changed:
            self._listed.append(message)

    def media_of(self, sid: str) -> tuple[str, ...]:
        """The sids of the pictures of a listed message."""
        with self._changed:
            return next((one.media for one in self._listed if one.sid == sid), ())

    def listed(self, query: Mapping[str, Sequence[str]]) -> list[Listed]:
        """What Twilio's list shows for a query: newest first, both directions.

        Knows To, From, DateSent, DateSent>= and DateSent<= (a day or a moment, UTC). Raises
        ValueError when a date is none.
        """
        with self._changed:
            sent = [_as_listed(one) for one in self._arrivals if one.accepted]
            found = [one for one in self._listed + sent if _fits(one, query)]
        return sorted(found, key=lambda one: one.sent, reverse=True)

    def clear(self) -> None:
        """Forget everything."""
        with self._changed:
            self._arrivals.clear()
            self._by_phone.clear()
            self._listed.clear()

    def _count(self, to: str | None) -> int:
        return len(self._arrivals) if to is None else self._by_phone[to]


def new_sid() -> str:
    """A fresh message sid."""
    return f"SM{secrets.token_hex(16)}"


def _as_listed(arrival: Arrival) -> Listed:
    moment = datetime.fromtimestamp(int(arrival.came_at), UTC)
    sid = arrival.sid or ""
    return Listed(sid, arrival.sender, arrival.to, arrival.body, moment, "outbound-api")


def _fits(one: Listed, query: Mapping[str, Sequence[str]]) -> bool:
    def given(name: str) -> str:
        return query.get(name, [""])[0]

    since, until, day = given("DateSent>"), given("DateSent<"), given("DateSent")
    return (
        given("To") in ("", one.to)
        and given("From") in ("", one.sender)
        and (not since or one.sent >= _moment(since))
        and (not until or one.sent <= _moment(until))
        and (not day or one.sent.date() == _moment(day).date())
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
