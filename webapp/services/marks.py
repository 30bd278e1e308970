"""Marks: what a page shows of some rows, as its poll says it: "7.3f2a19-9.b1c2d3".

One part for each row, which begins with the row's id; what follows tells how the row looks.
"""

import hashlib

MOST = 100  # rows that one page keeps up to date
LONGEST_ID = 10  # digits; these rows are of tables that stay small


def parts(mark: str) -> dict[int, str]:
    """The parts of a mark by the ids of their rows; what makes no sense is left out."""
    found: dict[int, str] = {}
    for part in mark.split("-")[:MOST]:
        number = part.partition(".")[0]
        if number.isascii() and number.isdecimal() and len(number) <= LONGEST_ID:
            found[min(int(number), 2**31 - 1)] = part
    return found


def digest(said: str, length: int) -> str:
    """So many digits that change with what is said."""
    return hashlib.sha256(said.encode()).hexdigest()[:length]
