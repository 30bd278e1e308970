"""The clock of a request to stop runs on business days."""

from datetime import date, timedelta

import pytest

from webapp.texting import business_days

# As the Office of Personnel Management lists them.
HOLIDAYS = {
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2028: "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
}


@pytest.mark.parametrize("year", HOLIDAYS)
def test_the_federal_holidays_of_a_year_are_no_business_days(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365 + (year % 4 == 0))]
    off = [day for day in days if day.weekday() < 5 and not business_days.is_business_day(day)]
    assert off == [date.fromisoformat(f"{year}-{day}") for day in HOLIDAYS[year].split()]


def test_weekends_are_no_business_days() -> None:
    assert not business_days.is_business_day(date(2026, 5, 9))
    assert not business_days.is_business_day(date(2026, 5, 10))
    assert business_days.is_business_day(date(2026, 5, 11))


def test_juneteenth_was_no_holiday_before_2021() -> None:
    assert business_days.is_business_day(date(2020, 6, 19))
    assert not business_days.is_business_day(date(2021, 6, 18))


@pytest.mark.parametrize(
    ("received", "last"),
    [
        ("2026-05-04", "2026-05-18"),  # Monday to Monday in two weeks
        ("2026-05-08", "2026-05-22"),  # Friday
        ("2026-05-09", "2026-05-22"),  # Saturday counts from Monday on
        ("2026-05-15", "2026-06-01"),  # over Memorial Day
        ("2026-06-30", "2026-07-15"),  # over Independence Day, kept on a Friday
        ("2026-12-18", "2027-01-05"),  # over Christmas and New Year's Day
        ("2027-12-22", "2028-01-07"),  # New Year's Day is kept on Friday, December 31
    ],
)
def test_a_request_is_honored_within_ten_business_days(received: str, last: str) -> None:
    assert business_days.deadline(date.fromisoformat(received)) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("today", "left"),
    [
        ("2026-05-04", 10),
        ("2026-05-05", 9),
        ("2026-05-10", 6),
        ("2026-05-15", 1),
        ("2026-05-17", 1),
        ("2026-05-18", 0),
        ("2026-05-19", -1),
        ("2026-05-20", -2),
        ("2026-05-26", -5),  # Memorial Day is not counted
    ],
)
def test_the_days_that_are_left(today: str, left: int) -> None:
    assert business_days.left(date(2026, 5, 4), date.fromisoformat(today)) == left


def test_a_weekend_after_the_last_day_is_overdue_already() -> None:
    received = date(2026, 5, 8)
    assert business_days.deadline(received) == date(2026, 5, 22)
    assert business_days.left(received, date(2026, 5, 23)) == -1
