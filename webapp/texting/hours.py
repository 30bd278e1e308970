"""In which time zones may a contact be, and may we text now?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from webapp.texting.places import zones_of

__all__ = [
    "Hours",
    "closes_at",
    "local_time",
    "may_text",
    "opens_at",
    "parse",
    "zones_of",
]

_DAY = 24 * 60
_LOOK_AHEAD = timedelta(days=8)

# Decision 14: without a known zone also noon to 8 pm Eastern, daytime from Maine to Hawaii.
_UNKNOWN_ZONE = "America/New_York"


@dataclass(frozen=True, slots=True)
class Hours:
    """When texting is open, in minutes after midnight; `opens` is in, `closes` is out."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= _DAY:
            raise ValueError("Hours have to end after they begin, within one day.")

    @property
    def always(self) -> bool:
        """00:00-24:00 means any time anywhere."""
        return self.opens == 0 and self.closes == _DAY

    def __str__(self) -> str:
        return "-".join(f"{at // 60:02}:{at % 60:02}" for at in (self.opens, self.closes))


_UNKNOWN_HOURS = Hours(12 * 60, 20 * 60)
_WRITTEN = re.compile(r"\s*(\d{1,2}):([0-5]\d)\s*[-–—]\s*(\d{1,2}):([0-5]\d)\s*", re.ASCII)


def parse(text: str) -> Hours:
    """Read "09:00-21:00". ValueError with a plain sentence when it is no such span."""
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise ValueError(f"“{text[:40]}” is not a span of hours. Write it like 09:00-21:00.")
    first_hour, first_minute, last_hour, last_minute = map(int, found.groups())
    opens, closes = first_hour * 60 + first_minute, last_hour * 60 + last_minute
    if opens >= _DAY or closes > _DAY:
        raise ValueError(f"“{text.strip()}” goes past midnight. The last possible hour is 24:00.")
    if closes <= opens:
        raise ValueError(f"“{text.strip()}” ends before it begins.")
    return Hours(opens, closes)


def may_text(now: datetime, hours: Hours, campaign_zone: str, zones: str) -> bool:
    """Whether it is texting time for the campaign and wherever the contact may be.

    `now` is aware; `zones` comes from `zones_of`. When no zone is known, it has to be noon to
    8 pm Eastern as well (decision 14).
    """
    if hours.always:
        return True
    return all(
        window.opens <= _minute(now, zone) < window.closes
        for zone, window in _windows(hours, campaign_zone, zones)
    )


@lru_cache(maxsize=4_096)
def _windows(hours: Hours, campaign_zone: str, zones: str) -> tuple[tuple[ZoneInfo, Hours], ...]:
    windows = {campaign_zone: hours} | dict.fromkeys(zones.split(",") if zones else (), hours)
    named = [*windows.items()]
    if not zones:
        named.append((_UNKNOWN_ZONE, _UNKNOWN_HOURS))
    return tuple((ZoneInfo(name), window) for name, window in named)


def _minute(now: datetime, zone: ZoneInfo) -> int:
    local = now.astimezone(zone)
    return local.hour * 60 + local.minute


def opens_at(now: datetime, hours: Hours, campaign_zone: str, zones: str) -> datetime | None:
    """When `may_text` is true next, in UTC: now, if it is; None if not within eight days."""
    if may_text(now, hours, campaign_zone, zones):
        return now.astimezone(UTC)
    changes = _changes(now, hours, campaign_zone, zones)
    return next((at for at in changes if may_text(at, hours, campaign_zone, zones)), None)


def closes_at(now: datetime, hours: Hours, campaign_zone: str, zones: str) -> datetime:
    """When the present window ends, in UTC: now, if texting is closed; in eight days at most."""
    if not may_text(now, hours, campaign_zone, zones):
        return now.astimezone(UTC)
    changes = _changes(now, hours, campaign_zone, zones)
    ends = (at for at in changes if not may_text(at, hours, campaign_zone, zones))
    return next(ends, now.astimezone(UTC) + _LOOK_AHEAD)


def _changes(now: datetime, hours: Hours, campaign_zone: str, zones: str) -> list[datetime]:
    """Every moment ahead at which `may_text` may change its answer, in order, in UTC."""
    if hours.always:
        return []
    start = now.astimezone(UTC)
    moments = {
        moment
        for zone, window in _windows(hours, campaign_zone, zones)
        for moment in _edges(start, zone, window)
    }
    return sorted(moment for moment in moments if start < moment <= start + _LOOK_AHEAD)


def _edges(start: datetime, zone: ZoneInfo, window: Hours) -> Iterator[datetime]:
    first = start.astimezone(zone).date()
    for day in (first + timedelta(days=ahead) for ahead in range(_LOOK_AHEAD.days + 1)):
        yield from _wall_clock(day, window.opens, zone)
        yield from _wall_clock(day, window.closes, zone)
        shift = _clock_change(day, zone)
        if shift:
            yield shift


def _wall_clock(day: date, minute: int, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments at which a clock in the zone shows this minute; two when clocks go back."""
    at = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
    for fold in (0, 1):
        yield at.replace(fold=fold).astimezone(UTC)


def _clock_change(day: date, zone: ZoneInfo) -> datetime | None:
    """The moment on that day at which the zone's clocks change, to the minute."""
    before = datetime.combine(day, time(), zone).astimezone(UTC)
    after = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()
    if after.astimezone(zone).utcoffset() == offset:
        return None
    while after - before > timedelta(minutes=1):
        middle = before + timedelta(minutes=(after - before) // timedelta(minutes=2))
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def local_time(now: datetime, zones: str) -> datetime | None:
    """The contact's own time, when every zone they may be in shows the same; None otherwise."""
    if not zones:
        return None
    times = [now.astimezone(ZoneInfo(name)) for name in zones.split(",")]
    same = all(at.utcoffset() == times[0].utcoffset() for at in times)
    return times[0] if same else None
