"""Where the lines, bars and words of a chart go; macros/charts.html draws them as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDE, HIGH = 480, 190
LEFT, RIGHT, TOP, BOTTOM = 40, 470, 25, 160
MOST_LABELS = 4
GAP = 0.3  # of a bar's place


@dataclass(frozen=True, slots=True)
class Word:
    """A word on the chart: its middle, or the end of it on the left axis."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; the last one may still grow."""

    x: float
    y: float
    width: float
    height: float
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart in units of its own drawing; `said` tells it to people who can't see it."""

    said: str
    grid: Sequence[Word]  # a line at y, with its number
    below: Sequence[Word]
    bars: Sequence[Bar] = ()
    points: str = ""
    spot: tuple[float, float] | None = None
    limit: Word | None = None


def bars(values: Sequence[int], labels: Sequence[str], *, said: str, grows: bool) -> Chart:
    """Bars for counts; `grows`: the last one is not over yet."""
    top, step = _scale(max(values, default=0), whole=True)
    place = (RIGHT - LEFT) / max(len(values), 1)
    drawn = [
        Bar(
            x=round(LEFT + place * (n + GAP / 2), 1),
            y=round(_height(value, top), 1),
            width=round(place * (1 - GAP), 1),
            height=round(BOTTOM - _height(value, top), 1),
            partial=grows and n == len(values) - 1,
        )
        for n, value in enumerate(values)
    ]
    return Chart(said, _grid(top, step), _below(labels, place), bars=drawn)


def line(
    values: Sequence[float | None],
    labels: Sequence[str],
    *,
    said: str,
    limit: float | None = None,
    limit_text: str = "",
) -> Chart:
    """A line for rates, with a limit above it; places without a value are left out."""
    seen = [value for value in values if value is not None]
    top, step = _scale(max([*seen, limit or 0]), whole=False)
    place = (RIGHT - LEFT) / max(len(values), 1)
    points = [
        (round(LEFT + place * (n + 0.5), 1), round(_height(value, top), 1))
        for n, value in enumerate(values)
        if value is not None
    ]
    return Chart(
        said,
        _grid(top, step),
        _below(labels, place),
        points=" ".join(f"{x},{y}" for x, y in points),
        spot=points[-1] if points else None,
        limit=Word(RIGHT, round(_height(limit, top), 1), limit_text) if limit else None,
    )


def _scale(highest: float, *, whole: bool) -> tuple[float, float]:
    """The top of the axis and the step between its lines: 1, 2 or 5 times a power of ten."""
    highest = max(highest, 1)
    rough = highest / 3
    power: float = 10.0 ** floor(log10(rough))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= rough * 0.999)
    if whole:
        step = max(1.0, step)
    return step * ceil(highest / step - 1e-9), step


def _grid(top: float, step: float) -> list[Word]:
    lines = round(top / step)
    return [
        Word(LEFT - 8, round(_height(n * step, top), 1), f"{n * step:,.10g}")
        for n in range(lines + 1)
    ]


def _below(labels: Sequence[str], place: float) -> list[Word]:
    every = max(1, ceil(len(labels) / MOST_LABELS))
    return [
        Word(round(LEFT + place * (n + 0.5), 1), BOTTOM + 20, text)
        for n, text in enumerate(labels)
        if n % every == 0
    ]


def _height(value: float, top: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * value / top
