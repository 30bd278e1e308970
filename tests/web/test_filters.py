"""How pages write times and numbers."""

from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask, g

from tests import factories
from webapp.web import filters

NOW = datetime(2026, 3, 9, 3, 30, tzinfo=UTC)  # Sunday, 10:30 pm in Chicago, after the clock change


@pytest.fixture(autouse=True)
def in_chicago(app: Flask):
    with app.test_request_context(), time_machine.travel(NOW, tick=False):
        g.campaign = factories.campaign(time_zone="America/Chicago")
        yield


def words(markup: str) -> str:
    return str(markup).partition(">")[2].partition("<")[0]


@pytest.mark.parametrize(
    ("moment", "clock", "day"),
    [
        (datetime(2026, 3, 9, 3, 5, tzinfo=UTC), "10:05 pm", "Today"),
        (datetime(2026, 3, 8, 17, 0, tzinfo=UTC), "12:00 pm", "Today"),
        (datetime(2026, 3, 8, 6, 0, tzinfo=UTC), "12:00 am", "Today"),
        (datetime(2026, 3, 8, 5, 59, tzinfo=UTC), "11:59 pm", "Yesterday"),
        (datetime(2026, 3, 2, 18, 0, tzinfo=UTC), "12:00 pm", "Mon, Mar 2"),
        (datetime(2025, 12, 24, 18, 0, tzinfo=UTC), "12:00 pm", "Dec 24, 2025"),
        (datetime(2026, 3, 10, 18, 0, tzinfo=UTC), "1:00 pm", "Tue, Mar 10"),
    ],
)
def test_times_are_those_of_the_campaign(moment: datetime, clock: str, day: str) -> None:
    assert words(filters.clock(moment)) == clock
    assert words(filters.day(moment)) == day
    assert words(filters.when(moment)) == f"{day}, {clock}"


@pytest.mark.parametrize(
    ("moment", "when", "day"),
    [
        (datetime(2026, 3, 8, 17, 0, tzinfo=UTC), "today, 12:00 pm", "today"),
        (datetime(2026, 3, 8, 5, 59, tzinfo=UTC), "yesterday, 11:59 pm", "yesterday"),
        (datetime(2026, 3, 2, 18, 0, tzinfo=UTC), "Mon, Mar 2, 12:00 pm", "Mon, Mar 2"),
    ],
)
def test_a_day_amid_a_sentence_is_the_campaigns_and_begins_small(
    moment: datetime, when: str, day: str
) -> None:
    assert words(filters.amid(moment)) == when
    assert words(filters.day_amid(moment)) == day


def test_a_time_can_be_read_by_machines() -> None:
    moment = datetime(2026, 3, 9, 3, 5, tzinfo=UTC)

    assert str(filters.clock(moment)) == '<time datetime="2026-03-09T03:05:00Z">10:05 pm</time>'


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 hour"),
        (47 * 3600, "47 hours"),
        (48 * 3600, "2 days"),
        (-300, "just now"),
    ],
)
def test_how_long_ago(seconds: int, said: str) -> None:
    from datetime import timedelta

    assert words(filters.ago(NOW - timedelta(seconds=seconds))) == said


def test_numbers_phones_and_nouns() -> None:
    assert filters.thousands(12966) == "12,966"
    assert filters.plural(1, "reply", "replies") == "1 reply"
    assert filters.plural(1200, "contact") == "1,200 contacts"
    assert filters.phone("+13125550142") == "(312) 555-0142"
