"""What people type into a field of one line, or a text, without what nobody typed on purpose."""

import unicodedata

# Control characters, halves of a character, and what turns the direction of the rest of a line.
_ODD = ("Cc", "Cs")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str) -> str:
    """A name or a sentence on one line: single spaces, no control characters, "" for nothing.

    Letters, emoji and the joiners inside them are left alone. What shows nothing at all, such as
    a lone zero-width space, is nothing.
    """
    return " ".join(without_controls(text).split()) if shows(text) else ""


def without_controls(text: str) -> str:
    """The text with its line breaks and without control characters or half characters."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char in "\n\t" else " " if char.isspace() else char
        for char in text
        if char.isspace() or not _is_odd(char)
    )


def shows(text: str) -> bool:
    """Whether anything of a text can be seen: zero-width, control and filler characters cannot."""
    return any(not char.isspace() and _is_seen(char) for char in text)


def _is_odd(char: str) -> bool:
    return char in _TURNING or unicodedata.category(char) in _ODD


def _is_seen(char: str) -> bool:
    blank = char in "\u2800\u115f\u1160\u3164\uffa0"
    return not blank and unicodedata.category(char) not in ("Cc", "Cs", "Cf")
