"""QR codes as paths."""

import re

import pytest
import segno

from webapp.web import qr

LINK = "https://text.example.org/join/UTX3T9"


def modules(code: qr.Code) -> list[list[bool]]:
    """The picture, drawn again from the path."""
    drawn = [[False] * code.size for _ in range(code.size)]
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", code.path):
        for step in range(int(run)):
            drawn[int(y)][int(x) + step] = True
    return drawn


@pytest.mark.parametrize("text", [LINK, "http://127.0.0.1:8000/join/ABCDEF", "a" * 300])
def test_the_path_draws_the_code_inside_a_quiet_zone(text: str) -> None:
    drawn = modules(qr.of(text))
    inner = [row[qr.QUIET : -qr.QUIET] for row in drawn[qr.QUIET : -qr.QUIET]]
    meant = segno.make_qr(text, error="m").matrix
    assert inner == [[bool(one) for one in row] for row in meant]
    edge = [*drawn[: qr.QUIET], *drawn[-qr.QUIET :]]
    assert not any(map(any, edge))
    assert not any(any(row[: qr.QUIET] + row[-qr.QUIET :]) for row in drawn)


def test_three_corners_hold_the_finder_pattern() -> None:
    drawn = modules(qr.of(LINK))
    first, last = qr.QUIET, len(drawn) - qr.QUIET - 7
    for x, y in ((first, first), (last, first), (first, last)):
        corner = [row[x : x + 7] for row in drawn[y : y + 7]]
        assert all(corner[0]) and all(corner[6]) and corner[3] == [1, 0, 1, 1, 1, 0, 1]
