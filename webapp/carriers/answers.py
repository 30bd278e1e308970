"""Reading what a carrier says, without trusting its form."""

import json
import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

RETRY_AFTER_AT_MOST = 3600.0
# An id or a phone that is longer is none, and has no place in the database.
LONGEST_ID = 64
LONGEST_PHONE = 64
LONGEST_CODE = 32
UNSTORABLE = re.compile(r"[\ud800-\udfff]")


def as_object(body: bytes) -> Mapping[str, object]:
    """The JSON object of a body; empty when it is none."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def within(value: object, *names: str | int) -> object:
    """What lies that deep inside JSON, by names and places; None when there is nothing."""
    for name in names:
        if isinstance(name, str) and isinstance(value, dict):
            value = value.get(name)
        elif isinstance(name, int) and isinstance(value, list) and name < len(value):
            value = value[name]
        else:
            return None
    return value


def words(value: object) -> str:
    """A text out of JSON, "" for anything else.

    NUL is left out and half of a character pair replaced: databases cannot store them, and a
    STOP must not be lost over one.
    """
    if not isinstance(value, str):
        return ""
    return UNSTORABLE.sub("\ufffd", value.replace("\x00", ""))


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds from now, from either form of Retry-After (RFC 9110, 10.2.3), an hour at most.

    `headers` has to look names up in any letter case.
    """
    given = headers.get("Retry-After")
    if not given:
        return None
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(given).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_AT_MOST)
