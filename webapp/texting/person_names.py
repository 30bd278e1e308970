"""People's names: how they are searched for, and how a full name falls apart."""

import re
from collections.abc import Iterator

from webapp.texting import phones
from webapp.texting.letters import Folding

LONGEST_KEY = 80
_FOLDED = Folding()
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|md|phd|esq)\.?", re.IGNORECASE)


def key(name: str) -> str:
    """A name as it is searched for: "Núñez-O'Brien" gives "nunezobrien".

    Case, accents, spaces and punctuation are gone, so that every way of typing it is found.
    """
    if name.isascii() and name.isalnum():
        return name.lower()[:LONGEST_KEY]
    return "".join(name.translate(_FOLDED).split())[:LONGEST_KEY]


def shown(first: str, last: str, phone: str) -> str:
    """First and last name, or the number of someone without either."""
    return f"{first} {last}".strip() or phones.pretty(phone)


def split(full: str) -> tuple[str, str]:
    """First and last name of a full one: "Dana Whitfield", "Whitfield, Dana"."""
    last, comma, first = full.partition(",")
    if comma and not _SUFFIX.fullmatch(first.strip()):
        return first.strip(), last.strip()
    words = full.replace(",", " ").split()
    if len(words) < 2:
        return " ".join(words), ""
    cut = -2 if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else -1
    return " ".join(words[:cut]), " ".join(words[cut:])


def readings(text: str) -> Iterator[tuple[str, str]]:
    """What a search for a name may mean, as keys that (first, last) names begin with.

    One word is the beginning of a first or of a last name; several may be both names, in
    either order, wherever the one ends and the other begins.
    """
    words = [found for word in text.split() if (found := key(word))]
    whole = "".join(words)
    if not whole:
        return
    yield "", whole
    yield whole, ""
    for cut in range(1, len(words)):
        front, back = "".join(words[:cut]), "".join(words[cut:])
        yield front, back
        yield back, front
