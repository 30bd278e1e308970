"""The days on which an action texts."""

from datetime import UTC, date, datetime

import pytest

from webapp.texting import spans
from webapp.texting.spans import Span

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 4)
CHICAGO = "America/Chicago"


def test_the_days_begin_and_end_at_the_campaigns_midnight() -> None:
    begins, ends = Span(FIRST, LAST).moments(CHICAGO)
    assert begins == datetime(2026, 12, 1, 6, tzinfo=UTC)
    assert ends == datetime(2026, 12, 5, 6, tzinfo=UTC)
    assert Span().moments(CHICAGO) == (None, None)


@pytest.mark.parametrize("zone", [CHICAGO, "Pacific/Auckland", "America/Havana", "Asia/Beirut"])
@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 3, 29), date(2026, 11, 1), FIRST])
def test_days_come_back_as_they_were_also_where_the_clocks_change_at_midnight(
    zone: str, day: date
) -> None:
    """Havana and Beirut skip the hour after midnight in spring: that day begins at one."""
    span = Span(day, day)
    assert spans.of(*span.moments(zone), zone) == span


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (Span(), ""),
        (Span(FIRST, LAST), "Tuesday, December 1 to Friday, December 4"),
        (Span(FIRST, FIRST), "Tuesday, December 1"),
        (Span(FIRST), "From Tuesday, December 1"),
        (Span(last=date(2027, 1, 4)), "Until Monday, January 4, 2027"),
    ],
)
def test_days_in_words(span: Span, said: str) -> None:
    assert spans.in_words(span, date(2026, 11, 27)) == said


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(2026, 12, 1, 5, 59, tzinfo=UTC), "Texting opens on Tuesday, December 1."),
        (datetime(2026, 12, 1, 6, 0, tzinfo=UTC), ""),
        (datetime(2026, 12, 5, 5, 59, tzinfo=UTC), ""),
        (datetime(2026, 12, 5, 6, 0, tzinfo=UTC), "Texting ended on Friday, December 4."),
        (datetime(2027, 1, 2, 6, 0, tzinfo=UTC), "Texting ended on Friday, December 4, 2026."),
    ],
)
def test_why_no_first_text_leaves(now: datetime, said: str) -> None:
    assert spans.why_closed(*Span(FIRST, LAST).moments(CHICAGO), CHICAGO, now) == said
