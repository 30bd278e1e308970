"""The days on which an action texts: from a first day to a last one, on the campaign's clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A first and a last day, both in; None is open."""

    first: date | None = None
    last: date | None = None

    def moments(self, zone: str) -> tuple[datetime | None, datetime | None]:
        """From which moment texts may leave, and from which they may not any more, in UTC."""
        after = self.last + _DAY if self.last else None
        return _midnight(self.first, zone), _midnight(after, zone)


def of(begins: datetime | None, ends: datetime | None, zone: str) -> Span:
    """The days between two moments as `moments` gives them."""
    local = ZoneInfo(zone)
    return Span(
        begins.astimezone(local).date() if begins else None,
        ends.astimezone(local).date() - _DAY if ends else None,
    )


def named(day: date, today: date) -> str:
    """A day in a sentence: Tuesday, December 1; with the year when it is another one."""
    year = "" if day.year == today.year else f", {day.year}"
    return f"{day:%A}, {day:%B} {day.day}{year}"


def in_words(span: Span, today: date) -> str:
    """Both days: Tuesday, December 1 to Friday, December 4; "" when neither is set."""
    first, last = (named(one, today) if one else "" for one in (span.first, span.last))
    if first and last:
        return first if span.first == span.last else f"{first} to {last}"
    if first:
        return f"From {first}"
    return f"Until {last}" if last else ""


def why_closed(begins: datetime | None, ends: datetime | None, zone: str, now: datetime) -> str:
    """Why no first text may leave now, as a sentence; "" when one may."""
    span, today = of(begins, ends, zone), now.astimezone(ZoneInfo(zone)).date()
    if span.last and ends and ends <= now:
        return f"Texting ended on {named(span.last, today)}."
    if span.first and begins and now < begins:
        return f"Texting opens on {named(span.first, today)}."
    return ""


def _midnight(day: date | None, zone: str) -> datetime | None:
    """When a day begins; where the clocks skip its midnight, the moment they skip it."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) if day else None
