"""QR codes as SVG paths, drawn on the server: the pages load nothing and run nothing for them."""

from dataclasses import dataclass

import segno

QUIET = 4  # modules around the code, as ISO/IEC 18004 asks for


@dataclass(frozen=True, slots=True)
class Code:
    """A square of `size` modules, and the path of the dark ones."""

    size: int
    path: str


def of(text: str) -> Code:
    """The code of a text, at the correction level that still fits its size."""
    rows = [list(row) for row in segno.make_qr(text, error="m").matrix]
    steps = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = x
            while run < len(row) and row[run]:
                run += 1
            if run > x:
                steps.append(f"M{x + QUIET} {y + QUIET}h{run - x}v1h-{run - x}z")
            x = run + 1
    return Code(len(rows) + 2 * QUIET, "".join(steps))
