"""A text as the phrases read it, and where each of its letters came from."""

import re
from functools import lru_cache

from webapp.texting.letters import fold

# A text is 1,600 characters at most; what is asked stands within them.
LONGEST = 2_000

_SENTENCE_ENDS = ".!;:\n\u2028\u2029…"
_DASH = re.compile(" [-–—] ")  # "STOP - John"; the one in "opt-out" is none.
_QUESTION_MARKS = "?¿？"
_COMMAS = ",،，"
_APOSTROPHES = "'’‘ʼ`´′"
_LAUGHING = "😂🤣😆😹"
_SIGNS = frozenset("🛑🚫⛔🖕✋")
_TWICE = frozenset(((" ", " "), (",", " "), (",", ",")))


def plain(text: str) -> tuple[str, list[int]]:
    """The first 2,000 characters for the phrases, and the place each letter came from.

    Lower-case words with single spaces between them, no accents and no apostrophes; "." ends
    a sentence, "?" a question: "Don’t, Ana! OK?" gives "dont, ana . ok ?".
    """
    letters: list[str] = []
    places: list[int] = []
    for place, char in enumerate(_DASH.sub(" . ", text[:LONGEST])):
        for letter in _spelled(char):
            before = letters[-1] if letters else " "
            if (letter, before) not in _TWICE:
                letters.append(letter)
                places.append(place)
    while letters and letters[-1] in " .,":
        letters.pop()
    return "".join(letters), places


@lru_cache(maxsize=2_048)
def _spelled(char: str) -> str:
    if char.isascii() and char.isalnum():
        return char.lower()
    if char in _APOSTROPHES:
        return ""
    if char in _SENTENCE_ENDS:
        return " . "
    if char in _QUESTION_MARKS:
        return " ? "
    if char in _COMMAS:
        return ", "
    return _sign(char)


def _sign(char: str) -> str:
    if char == "#":
        return " number "
    if char == "&":
        return " and "
    if char in "=→":
        return " to "  # STOP=QUIT
    if char == "*":
        return char
    if char in _SIGNS:
        return f" {char} "
    return " haha " if char in _LAUGHING else fold(char)
