"""Does the name of a tag look like a built-in opt-out tag?"""

import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from webapp.texting.letters import fold as plain_letters
from webapp.texting.lookalikes import LETTERS, SYMBOLS


class Verdict(StrEnum):
    """What to do with a name that someone gives to a tag, a question or a choice."""

    FINE = "fine"
    RISKY = "risky"  # contains an opt-out word: ask for the acknowledgement
    REFUSED = "refused"  # would be taken for a built-in tag


# Decision 10. Refused alone, with a kind of texting before or after, and one edit away.
_OPT_OUT_NAMES = (
    "opt out",
    "opt outs",
    "opted out",
    "opted outs",
    "do not text",
    "do not texts",
    "do not contact",
    "do not contacts",
    "dnc",
    "dncs",
    "unsubscribe",
    "unsubscribes",
    "unsubscribed",
    "stop",
    "stops",
    "stop list",
    "stop lists",
    "remove me",
)
_KINDS = (
    "p2p",
    "peer to peer",
    "broadcast",
    "broadcasts",
    "sms",
    "text",
    "texts",
    "texting",
)
# One edit from an opt-out name, and yet a word of its own: these make a name an ordinary one.
_ORDINARY = frozenset(
    "top tops shop shops step steps stoop stomp stow strop slop atop spot spots doc docs dna "
    "option output optic".split()
)
_SHORTEST_EDITED = 6
_LONGEST = 200


def fold(name: str) -> str:
    """A name as it looks: case, width, accents, spacing, punctuation and look-alikes gone.

    "Ορt-0ut" (Greek letters, a zero) and "opt out" give the same. For comparing only: i, l
    and 1 all become "i".
    """
    return "".join(_words(name))


def _words(name: str, *, symbols: bool = False) -> list[str]:
    """The folded words of a name; `symbols` reads $ as s and @ as a instead of as nothing."""
    text = unicodedata.normalize("NFC", name[:_LONGEST])
    return "".join(_look(char, symbols=symbols) for char in text).split()


def _look(char: str, *, symbols: bool) -> str:
    if symbols and char in SYMBOLS:
        return SYMBOLS[char]
    if char in LETTERS:
        return LETTERS[char]
    return "".join(LETTERS.get(letter, letter) for letter in plain_letters(char))


def judge(name: str) -> Verdict:
    """Whether a name may be given to something that cannot stop texts (decision 10).

    REFUSED when it is one of the opt-out names, alone or with a kind of texting, or one edit
    away from such a name of six letters or more ("Opt-0ut", "P2P opt outs", "Unsubcribed").
    RISKY when it contains one ("Stop sign petition").
    """
    return _judged(name)[0]


def risky_word(name: str) -> str | None:
    """The opt-out word that a name contains or is, as it stands in our list; None when none."""
    return _judged(name)[1]


@lru_cache(maxsize=4_096)
def _judged(name: str) -> tuple[Verdict, str | None]:
    readings = [_words(name), _words(name, symbols=True)]
    for words in readings:
        meant = _meant(words)
        if meant:
            return Verdict.REFUSED, meant
    for words in readings:
        contained = _contained(words)
        if contained:
            return Verdict.RISKY, contained
    return Verdict.FINE, None


def _meant(words: list[str]) -> str | None:
    """The opt-out name that these words are, or miss by one edit."""
    name = "".join(words)
    if name in _REFUSED:
        return _REFUSED[name]
    if _ORDINARY_LOOKS.intersection(words):
        return None
    return next((_REFUSED[near] for near in _edits(name) if near in _NEAR), None)


def _contained(words: list[str]) -> str | None:
    """An opt-out name inside one word, or made by words that stand together."""
    for start, word in enumerate(words):
        rest = "".join(words[start:])
        for risky, shown in _RISKY.items():
            begins = rest.startswith(risky) and _ends_a_word(words[start:], len(risky))
            if begins or (len(risky) >= _SHORTEST_EDITED and risky in word):
                return shown
            if len(risky) >= _SHORTEST_EDITED and rest.startswith(risky):
                return shown
            if shown == "stop" and (word.startswith(risky) or word.endswith(risky)):
                return shown
    return None


def _ends_a_word(words: list[str], length: int) -> bool:
    for word in words:
        length -= len(word)
        if length <= 0:
            return length == 0
    return False


def _edits(name: str) -> Iterator[str]:
    """Every string one insertion, deletion, replacement or exchange of neighbours away."""
    if len(name) > _LONGEST_REFUSED + 1:
        return
    pairs = [(name[:place], name[place:]) for place in range(len(name) + 1)]
    for before, after in pairs:
        yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in _ALPHABET:
            yield before + letter + after
            yield before + letter + after[1:]


def _refused_names() -> Iterator[tuple[str, str]]:
    for base in _OPT_OUT_NAMES:
        yield base, base
        for kind in _KINDS:
            yield f"{base} {kind}", base
            yield f"{kind} {base}", base


_REFUSED = {fold(name): base for name, base in _refused_names()}
_NEAR = frozenset(name for name in _REFUSED if len(name) >= _SHORTEST_EDITED)
_RISKY = {fold(name): name for name in _OPT_OUT_NAMES}
_ORDINARY_LOOKS = frozenset(map(fold, _ORDINARY))
_LONGEST_REFUSED = max(map(len, _REFUSED))
_ALPHABET = frozenset("".join(_REFUSED))
