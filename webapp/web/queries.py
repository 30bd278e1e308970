"""What the query of an address says, as far as it makes sense."""

from flask import request

LARGEST = 2**63 - 1
LARGEST_KEY = 2**31 - 1  # of the tables that stay small


def number(name: str, most: int = LARGEST) -> int:
    """A number of the query, `most` at most; 0 when it is missing or none."""
    value = request.args.get(name, "")
    if not value.isdecimal() or not value.isascii() or len(value) > 19:
        return 0
    return min(int(value), most)
