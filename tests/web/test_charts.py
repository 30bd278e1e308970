"""Where the bars and lines of a chart go."""

import pytest

from webapp.web import charts
from webapp.web.charts import BOTTOM, LEFT, RIGHT, TOP


def numbers(chart: charts.Chart) -> list[str]:
    return [word.text for word in chart.grid]


@pytest.mark.parametrize(
    ("most", "axis"),
    [
        (0, ["0", "1"]),
        (1, ["0", "1"]),
        (3, ["0", "1", "2", "3"]),
        (7, ["0", "5", "10"]),
        (340, ["0", "200", "400"]),
        (2_900, ["0", "1,000", "2,000", "3,000"]),
    ],
)
def test_the_axis_of_counts_has_round_numbers_up_to_the_highest(most: int, axis: list[str]) -> None:
    assert numbers(charts.bars([most], ["4:00 pm"], said="", grows=False)) == axis


@pytest.mark.parametrize(
    ("rate", "limit", "axis"),
    [
        (1.9, 3.0, ["0", "1", "2", "3"]),
        (0.0, None, ["0", "0.5", "1"]),
        (0.4, 0.5, ["0", "0.5", "1"]),
        (50.0, 3.0, ["0", "20", "40", "60"]),
    ],
)
def test_the_axis_of_rates_reaches_the_limit(
    rate: float, limit: float | None, axis: list[str]
) -> None:
    assert numbers(charts.line([rate], ["4:00 pm"], said="", limit=limit)) == axis


def test_bars_stand_on_the_ground_inside_the_frame_and_the_last_may_grow() -> None:
    chart = charts.bars([10, 0, 20], ["a", "b", "c"], said="Three", grows=True)
    assert [bar.partial for bar in chart.bars] == [False, False, True]
    assert [bar.height for bar in chart.bars] == [(BOTTOM - TOP) / 2, 0, BOTTOM - TOP]
    for bar in chart.bars:
        assert bar.y + bar.height == BOTTOM
        assert bar.x >= LEFT and bar.x + bar.width <= RIGHT


def test_a_line_begins_with_the_first_value_and_ends_with_a_spot() -> None:
    chart = charts.line([None, 0.0, 3.0], ["a", "b", "c"], said="", limit=3.0, limit_text="Pauses")
    assert len(chart.points.split(" ")) == 2 and chart.spot is not None
    assert chart.spot[1] == TOP
    assert chart.limit is not None and (chart.limit.y, chart.limit.text) == (TOP, "Pauses")


def test_without_values_there_is_only_the_frame() -> None:
    chart = charts.line([], [], said="Nothing")
    assert (chart.points, chart.spot, chart.limit, list(chart.below)) == ("", None, None, [])


def test_few_labels_stand_below() -> None:
    labels = [str(n) for n in range(48)]
    below = charts.bars([1] * 48, labels, said="", grows=False).below
    assert [word.text for word in below] == ["0", "12", "24", "36"]
