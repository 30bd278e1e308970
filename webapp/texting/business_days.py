"""Business days: Monday to Friday, federal holidays of the United States aside."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

__all__ = ["DAYS_TO_HONOR", "between", "deadline", "is_business_day", "left"]

# 47 CFR 64.1200(a)(10): a request to stop is honored "within a reasonable time not to exceed
# ten business days from receipt of such request".
DAYS_TO_HONOR = 10
_ONE_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6
_JUNETEENTH_SINCE = 2021
# 5 U.S.C. 6103(a): month and day, and month, weekday and which one of the month (-1: the last).
_ON_A_DATE = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
_ON_A_WEEKDAY = ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (10, 0, 2), (11, 3, 4))


def is_business_day(day: date) -> bool:
    """Whether offices of the United States work on this day."""
    return day.weekday() < _SATURDAY and day not in _holidays(day.year)


def deadline(received: date, days: int = DAYS_TO_HONOR) -> date:
    """The last day on which a request that came on `received` is honored in time.

    The day of receipt does not count, and neither does one on which nobody works.
    """
    day = received
    while days:
        day += _ONE_DAY
        days -= is_business_day(day)
    return day


def left(received: date, today: date) -> int:
    """The business days that are left after today: 0 on the last one, below 0 when overdue.

    -1 says that the deadline has passed and no business day since, or one; -3 three of them.
    """
    last = deadline(received)
    if today <= last:
        return between(today, last)
    return -max(1, between(last, today))


def between(earlier: date, later: date) -> int:
    """How many business days come after one day, up to and including another."""
    days = (earlier + _ONE_DAY * n for n in range(1, (later - earlier).days + 1))
    return sum(map(is_business_day, days))


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    """The days off of a year, as they are kept; New Year's of the next may fall into it."""
    kept = {_kept_on(day) for one in (year, year + 1) for day in _dated(one)}
    kept |= {_nth(year, *rule) for rule in _ON_A_WEEKDAY}
    return frozenset(day for day in kept if day.year == year)


def _dated(year: int) -> Iterator[date]:
    for month, day in _ON_A_DATE:
        if (month, day) != (6, 19) or year >= _JUNETEENTH_SINCE:
            yield date(year, month, day)


def _kept_on(day: date) -> date:
    """The Friday before a holiday on a Saturday, the Monday after one on a Sunday."""
    if day.weekday() == _SATURDAY:
        return day - _ONE_DAY
    return day + _ONE_DAY if day.weekday() == _SUNDAY else day


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    if nth < 0:
        last = date(year, month + 1, 1) - _ONE_DAY
        return last - _ONE_DAY * ((last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + _ONE_DAY * ((weekday - first.weekday()) % 7 + 7 * (nth - 1))
