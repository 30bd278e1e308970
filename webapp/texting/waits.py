"""How long something took, in steps that grow with it, so that a median needs few counts."""

from collections.abc import Mapping
from math import floor, log2

# Steps within each doubling of the time: a step is 9 % wide.
FINE = 8


def step(seconds: float) -> int:
    """The step that a time falls into; 0 for less than a second, also for a clock gone back."""
    return floor(FINE * log2(max(seconds, 0) + 1))


def median(counts: Mapping[int, int]) -> float | None:
    """The median in seconds, right to the width of a step; None when nothing was counted."""
    total = sum(counts.values())
    before = 0
    for number in sorted(counts):
        before += counts[number]
        if 2 * before >= total:
            return float(2 ** ((number + 0.5) / FINE)) - 1
    return None
