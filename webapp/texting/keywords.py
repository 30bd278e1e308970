"""Stop word, opt-in keyword, call for help, or talk?"""

import re
from collections.abc import Collection
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import TypedDict

from webapp.texting.letters import Folding
from webapp.texting.reactions import is_reaction

__all__ = [
    "EFFECT",
    "HELP_WORDS",
    "OPT_IN_KEYWORDS",
    "STOP_WORDS",
    "Meaning",
    "OwnWords",
    "check_own_word",
    "is_reaction",
    "is_taken",
    "normalise",
    "read",
]


class Meaning(StrEnum):
    """What a whole text says to the machine; everything else is for people to read."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    NONE = "none"


class OwnWords(TypedDict):
    """The words that a campaign has added to the locked ones."""

    stop_words: Collection[str]
    opt_in_words: Collection[str]


# Decisions 1, 2 and 7: locked, campaigns may add to them and never take away. YES is an answer.
STOP_WORDS = (
    "STOP",
    "END",
    "UNSUBSCRIBE",
    "QUIT",
    "CANCEL",
    "STOPALL",
    "STOP ALL",
    "REVOKE",
    "OPTOUT",
    "OPT OUT",
    "OPT-OUT",
    "UNSUB",
    "REMOVE",
    "STOP2QUIT",
    "STOP 2 QUIT",
    "STOP TO QUIT",
    "STOP=QUIT",
    "ALTO",
    "PARAR",
    "ARRET",
    "ARRÊT",
)
OPT_IN_KEYWORDS = ("START", "UNSTOP", "JOIN", "SUBSCRIBE", "OPT IN", "OPTIN")
HELP_WORDS = ("HELP", "INFO")
# Answers that campaigns ask for every day: never a keyword (decision 2; research, part c).
_ANSWERS = (
    *("YES", "Y", "YEAH", "YEP", "YUP", "SURE", "SÍ", "OUI", "OK", "OKAY"),
    *("NO", "N", "NOPE", "NAH", "NON", "MAYBE", "WRONG NUMBER", "THANKS", "THANK YOU"),
)

_FOLDING = Folding()
_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")
# Emoji that show a letter: flags are made of them, and 🅾 or ℹ may stand beside a word.
_LETTER_EMOJI = re.compile(
    "[\u2139\u24c2\U0001f170\U0001f171\U0001f17e\U0001f17f\U0001f1e6-\U0001f1ff]"
)
# What phones that know no effects show below the words, in the language of the iPhone.
_EFFECTS = """
sent with (?:\\w+ ){1,4}effect|sent gently|sent with (?:an? |the )?(?:invisible ink|echo|spotlight)
sent with (?:balloons?|confetti|love|hearts?|lasers?|fireworks|shooting star|celebration|sparkles)
sent with (?:slam|loud|gentle|impact)
enviad[oa] con (?:el )?efecto(?: \\w+){0,4}|enviad[oa] con tinta invisible
enviad[oa] com (?:o )?efeito(?: \\w+){0,4}|enviad[oa] com tinta invisivel
envoyee? avec (?:l )?(?:effet(?: \\w+){0,4}|encre invisible)
mit (?:\\w+ ){0,3}effekt gesendet|gesendet mit (?:\\w+ ){0,3}effekt|mit geheimtinte gesendet
inviato con (?:l )?effetto(?: \\w+){0,4}
"""
EFFECT = re.compile(f"(?:^| )(?:{'|'.join(_EFFECTS.split(chr(10))[1:-1])})$", re.ASCII)
_LONGEST_EFFECT = 10
_LONGEST_WORD = 40
_PIECE = 4_000


def normalise(text: str) -> str:
    """The letters and digits of a text, for comparing whole texts with words (decision 1).

    Case, width and compatibility forms, accents, white space, punctuation, symbols, quotes,
    emoji, invisible and control characters, an iPhone's "(Sent with … Effect)" and repetition
    of the same word are taken away: "Ｓ.T.O.P! stop 🛑" gives "stop". The result may be "".
    Emoji that show letters or digits (🅾, 2️⃣, 🇸) count as such when the whole text then spells
    a locked word, and are pictures otherwise: "STOP 🇺🇸" gives "stop".
    """
    if not (_LETTER_EMOJI.search(text) or _KEYCAP.search(text)):
        return _whole(text)
    spelled = _whole(text)
    if spelled in _LOCKED:
        return spelled
    return _whole(_LETTER_EMOJI.sub(" ", _KEYCAP.sub(" ", text)))


def _whole(text: str) -> str:
    words = _without_effect(_told(text).translate(_FOLDING).split())
    # A letter alone may well come twice in a spelled word: S-T-O-P-A-L-L.
    once = [word for before, word in pairwise(["", *words]) if word != before or len(word) == 1]
    return _without_repetition("".join(once))


def _told(text: str) -> str:
    """The text, or the beginning of a very long one that is not one word over and over."""
    letters = ""
    for end in range(_PIECE, len(text), _PIECE):
        letters += "".join(text[end - _PIECE : end].translate(_FOLDING).split())
        if len(letters) > _PIECE // 4:
            repeats = 0 < letters.find(letters[:200], 1) <= _LONGEST_WORD
            return text if repeats else text[:end]
    return text


def _without_effect(words: list[str]) -> list[str]:
    tail = " ".join(words[-_LONGEST_EFFECT:])
    found = EFFECT.search(tail)
    if not found:
        return words
    return words[: len(words) - len(found[0].split())]


def _without_repetition(letters: str) -> str:
    """One "stop" for "stopstop" and for "s t o p s t o p"; "haha" stays as it is."""
    for size in range(3, min(_LONGEST_WORD, len(letters) // 2) + 1):
        times, rest = divmod(len(letters), size)
        unit = letters[:size]
        if not rest and letters.startswith(unit, size) and letters == unit * times:
            return unit
    return letters


@lru_cache(maxsize=4_096)
def _form(word: str) -> str:
    return _whole(word)


def _forms(words: Collection[str]) -> frozenset[str]:
    return frozenset(map(_form, words)) - {""}


_STOP = _forms(STOP_WORDS)
_OPT_IN = _forms(OPT_IN_KEYWORDS)
_HELP = _forms(HELP_WORDS)
_LOCKED = _STOP | _OPT_IN | _HELP


def read(
    text: str, *, stop_words: Collection[str] = (), opt_in_words: Collection[str] = ()
) -> Meaning:
    """What a whole text means, with the campaign's own words beside the locked ones.

    Opting out goes first, then help, then opting in. A reaction ('Liked “… STOP …”') means
    nothing, and so does a text that merely contains a word ("Stop by at 5?").
    """
    letters = normalise(text)
    if not letters:
        return Meaning.NONE
    if letters in _STOP:
        return Meaning.OPT_OUT
    if letters in _HELP:
        return Meaning.HELP
    if letters in _OPT_IN:
        return Meaning.OPT_IN
    if not (stop_words or opt_in_words) or is_reaction(text):
        return Meaning.NONE
    return _own_meaning(letters, stop_words, opt_in_words)


def _own_meaning(
    letters: str, stop_words: Collection[str], opt_in_words: Collection[str]
) -> Meaning:
    if any(_form(word) == letters for word in stop_words):
        return Meaning.OPT_OUT
    if any(_form(word) == letters for word in opt_in_words):
        return Meaning.OPT_IN
    return Meaning.NONE


def is_taken(word: str) -> bool:
    """Whether a word is locked as a stop word, an opt-in keyword or a call for help."""
    return normalise(word) in _LOCKED


def check_own_word(
    word: str,
    meaning: Meaning,
    *,
    stop_words: Collection[str] = (),
    opt_in_words: Collection[str] = (),
) -> None:
    """Refuse a campaign's own word that could not work: ValueError with a plain sentence.

    `meaning` says what the word shall be, OPT_OUT or OPT_IN; `stop_words` and `opt_in_words`
    are the campaign's words so far. A word that already has this very meaning passes.
    """
    letters = normalise(word)
    if not letters:
        raise ValueError("A word needs letters or digits.")
    if len(letters) > _LONGEST_WORD:
        raise ValueError(f"“{word[:40]}…” is too long. Use 40 letters at most.")
    if letters in _forms(_ANSWERS) or (letters.isdigit() and len(letters) < 3):
        raise ValueError(f"“{word}” is an answer people give, so it can't be a keyword.")
    already = read(word, stop_words=stop_words, opt_in_words=opt_in_words)
    if already not in (Meaning.NONE, meaning):
        raise ValueError(f"“{word}” is already {_ROLES[already]}.")


_ROLES = {
    Meaning.OPT_OUT: "a stop word",
    Meaning.OPT_IN: "an opt-in keyword",
    Meaning.HELP: "a word people text for help",
}
