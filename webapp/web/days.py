"""The days that a list is narrowed to, as its address says: ?start=2026-05-01&end=2026-05-05."""

from datetime import date, datetime, time, timedelta

from flask import request

from webapp.web import filters

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


def asked(name: str) -> date | None:
    """The day under this name in the address; None for none, and for what is no day."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def span() -> tuple[datetime | None, datetime | None]:
    """From the midnight that `start` begins with to the one that `end` ends with, in the
    campaign's zone: the last day counts as a whole. None is open."""
    start, end = asked("start"), asked("end")
    return _midnight(start), _midnight(end + timedelta(days=1) if end else None)


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), filters.zone()) if day else None
