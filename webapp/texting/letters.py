"""What a character says once case, accents, width and decoration are taken away."""

import re
import unicodedata

# Letters by name that only carry a decoration: Ø, đ, ı, small capitals (ꜱᴛᴏᴘ), Ⓢ, 🆂, 🅢.
_DECORATED = re.compile(
    r"LATIN (?:SMALL LETTER |CAPITAL LETTER |LETTER SMALL CAPITAL )(?:DOTLESS )?([A-Z])"
    r"(?: WITH [A-Z ]+)?"
)
_ENCLOSED = re.compile(
    r"(?:NEGATIVE |CROSSED NEGATIVE )?(?:CIRCLED|SQUARED|PARENTHESIZED|TORTOISE SHELL BRACKETED)"
    r"(?: ITALIC)? LATIN (?:SMALL|CAPITAL) LETTER ([A-Z])"
)
_REGIONAL = re.compile(r"REGIONAL INDICATOR SYMBOL LETTER ([A-Z])")

# Letters to Unicode, nothing to a reader: the Hangul fillers.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")

# A text holds few different characters, a hostile one may hold all of Unicode.
_REMEMBERED = 20_000


class Folding(dict[int, str]):
    """A table for `str.translate` that works a character out when it first meets it."""

    def __missing__(self, point: int) -> str:
        folded = fold(chr(point))
        if len(self) < _REMEMBERED:
            self[point] = folded
        return folded


def fold(char: str) -> str:
    """What is left of one character: lower-case letters and digits, a space, or nothing.

    White space, punctuation and symbols become a space, because they part words. Accents,
    invisible and control characters become nothing, because they do not.
    """
    kind = unicodedata.category(char)
    if char.isspace() or kind[0] in "ZP":
        return " "
    if kind[0] in "CM" or char in _BLANK_LETTERS:
        return ""
    if kind[0] == "S":
        return _enclosed_letter(char) or " "
    if kind[0] == "N":
        return _digits(char)
    return _letters(char)


def _enclosed_letter(char: str) -> str:
    name = unicodedata.name(char, "")
    found = _ENCLOSED.fullmatch(name) or _REGIONAL.fullmatch(name)
    return found[1].lower() if found else ""


def _digits(char: str) -> str:
    value = unicodedata.digit(char, None)
    if value is not None:
        return str(value)
    plain = unicodedata.normalize("NFKD", char).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def _letters(char: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", char).casefold())
    kept = [letter for letter in plain if letter.isalnum()]
    # Spacing marks such as the modifier apostrophe count as letters but say nothing.
    if len(kept) == 1 and "\u02b9" <= kept[0] <= "\u02ff":
        return ""
    return "".join(letter if letter.isascii() else _undecorated(letter) for letter in kept)


def _undecorated(letter: str) -> str:
    found = _DECORATED.fullmatch(unicodedata.name(letter, ""))
    return found[1].lower() if found else letter
