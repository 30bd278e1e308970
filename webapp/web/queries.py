"""What the query of an address says, as far as it makes sense."""

from flask import request

LARGEST_ID = 2**63 - 1
LARGEST_INTEGER = 2**31 - 1  # of a column that is no BIGINT


def asked(name: str, *, most: int = LARGEST_ID) -> int | None:
    """A number that the address (or a form) carries along: a filter, or the row to go on from.

    None when it is missing, is no number, or one that no column of that size holds.
    """
    found = _read(request.values.get(name, ""))
    return found if found is not None and found <= most else None


def number(name: str, most: int = LARGEST_ID) -> int:
    """A number of the query, `most` at most; 0 when it is missing or none."""
    return min(_read(request.args.get(name, "")) or 0, most)


def _read(value: str) -> int | None:
    is_number = value.isascii() and value.isdecimal() and len(value) <= len(str(LARGEST_ID))
    return int(value) if is_number else None
