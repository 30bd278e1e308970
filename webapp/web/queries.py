"""What the query of an address says, as far as it makes sense."""

from flask import request

LARGEST = 2**63 - 1


def number(name: str) -> int:
    """A number of the query; 0 when it is missing or none."""
    value = request.args.get(name, "")
    if not value.isdecimal() or not value.isascii() or len(value) > 19:
        return 0
    return min(int(value), LARGEST)
