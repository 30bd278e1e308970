"""How commands write JSON; light, because every command loads it."""

import json

# Line breaks to those who split lines as Unicode does, but not to JSON: one object, one line.
_BREAKS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}


def in_json(facts: object) -> str:
    """JSON on one line, whatever it holds; half a character stays the escape JSON has for it."""
    text = json.dumps(facts, ensure_ascii=False).translate(_BREAKS)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
