"""Medians from few counts."""

import statistics

import pytest

from webapp.texting import failures, waits

SOME = [[5.0], [61, 240, 3_600], [0.2, 30, 90, 400, 86_400], [300.0] * 9 + [7 * 86_400]]


@pytest.mark.parametrize("seconds", SOME)
def test_a_median_is_right_to_a_twentieth(seconds: list[float]) -> None:
    counts: dict[int, int] = {}
    for one in seconds:
        counts[waits.step(one)] = counts.get(waits.step(one), 0) + 1
    true = statistics.median_low(seconds)
    found = waits.median(counts)
    assert found == pytest.approx(true, rel=0.05, abs=0.5)


def test_nothing_has_no_median() -> None:
    assert waits.median({}) is None


def test_a_clock_that_went_back_is_no_time_at_all() -> None:
    assert waits.step(-20) == waits.step(0) == 0


def test_three_years_are_few_steps() -> None:
    assert waits.step(3 * 365 * 86_400) < 220


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("30006", "A landline, or a carrier that can't be reached"),
        ("40001", "A landline, or a carrier that can't be reached"),
        ("", "The carrier gave no reason"),
        ("98765", "Code 98765 of the carrier"),
    ],
)
def test_codes_are_told_in_words(code: str, says: str) -> None:
    assert failures.words(code) == says
