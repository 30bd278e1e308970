"""Does a text read like a request to stop? A suggestion for people, never more."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from webapp.texting.hinting import (
    abroad,
    asking,
    forbidding,
    leaving,
    refusing,
    roundabout,
    unmeant,
    words,
)
from webapp.texting.hinting.mixed import are_mixed
from webapp.texting.hinting.phrases import FUN, Phrasebook, Phrases
from webapp.texting.hinting.reading import plain
from webapp.texting.hinting.slips import as_meant, edits
from webapp.texting.keywords import EFFECT, Meaning, OwnWords, read
from webapp.texting.reactions import is_reaction


@dataclass(frozen=True, slots=True)
class Hint:
    """The words that gave the hint: text[start:end] of the text as it came."""

    start: int
    end: int

    def cut(self, text: str) -> list[tuple[str, bool]]:
        """The text in pieces, each with whether it is those words; none is empty."""
        pieces = (
            (text[: self.start], False),
            (text[self.start : self.end], True),
            (text[self.end :], False),
        )
        return [(piece, is_marked) for piece, is_marked in pieces if piece]


_ENGLISH = asking.STOPPING + asking.COMMANDS + forbidding.FORBIDDING + leaving.LISTS
_ENGLISH += refusing.REFUSING + leaving.THREATENING
_ENGLISH += roundabout.POLITE + roundabout.UNWANTED + roundabout.IN_CONTEXT
_ABROAD = abroad.SPANISH + abroad.FRENCH + abroad.OTHERS
_BOOK = Phrasebook(words.WORDS)
_RULES = Phrases(_BOOK.phrases(_ENGLISH) + Phrasebook(abroad.WORDS).phrases(_ABROAD))
_UNMEANT = Phrases(_BOOK.phrases(unmeant.UNMEANT))


def find(
    text: str, *, stop_words: Collection[str] = (), opt_in_words: Collection[str] = ()
) -> Hint | None:
    """The place in a text that reads like a request to stop, or None.

    None for stop words and opt-in keywords (also the campaign's own), HELP and reactions, which
    are no matter for people. Nothing may follow from a hint by itself: the spec leaves wording
    like "Please do not text me anymore" to a person's report.
    """
    own = OwnWords(stop_words=stop_words, opt_in_words=opt_in_words)
    if read(text, **own) is not Meaning.NONE or is_reaction(text):
        return None
    return spot(text, **own)


def spot(
    text: str, *, stop_words: Collection[str] = (), opt_in_words: Collection[str] = ()
) -> Hint | None:
    """The same for a text that is known to be no keyword and no reaction."""
    meant, places = as_meant(*plain(text))
    meant = EFFECT.sub("", meant)
    span = _asked(meant)
    if span and (rest := _as_far_as_meant(meant)) != meant:
        span = _asked(rest)
    if span:
        return Hint(places[span[0]], places[span[1] - 1] + 1)
    if are_mixed(text, stop_words=stop_words, opt_in_words=opt_in_words):
        return Hint(0, len(text))
    return None


def _asked(meant: str) -> tuple[int, int] | None:
    return _RULES.find(meant) or _mistyped(meant) or _signs(meant) or _at_the_end(meant)


def _as_far_as_meant(meant: str) -> str:
    """The text with words that no rule knows, equally long, where nothing is asked for."""
    while span := _UNMEANT.find(meant):
        meant = meant[: span[0]] + "_" * (span[1] - span[0]) + meant[span[1] :]
    return meant


_MEANT = ("stop", "stopall", "unsubscribe", "unsub", "optout", "removeme", "stop2quit")
# One letter from "stop", and yet what someone may well have meant.
_WORDS_OF_THEIR_OWN = frozenset(("shop", "step", "top", "slop", "stow", "stomp", "spot"))


def _mistyped(meant: str) -> tuple[int, int] | None:
    """The whole text, when it is one letter away from a stop word: "stpo", "unsubscibe"."""
    letters = re.sub("[ .,]", "", meant)
    if letters in _WORDS_OF_THEIR_OWN or not 3 <= len(letters) <= 12:
        return None
    near = (word for word in _MEANT if abs(len(word) - len(letters)) <= 1)
    return (0, len(meant)) if any(edits(letters, word) <= 1 for word in near) else None


_ALL_SIGNS = re.compile(r"[🛑🚫⛔ ]+(?:✋ ?)*|(?:✋ ?)+🛑[🛑✋ ]*|🖕[🖕 ]*")
_SIGN_AND_WORD = re.compile(r"[🛑🚫⛔🖕] (?:text|mess|contact|sms)\w*|🖕")


def _signs(meant: str) -> tuple[int, int] | None:
    """Nothing but stop signs and no-entry signs, or one before "texting"."""
    if meant and _ALL_SIGNS.fullmatch(meant):
        return 0, len(meant)
    found = _SIGN_AND_WORD.search(meant)
    return found.span() if found else None


_LAST_WORD = re.compile(r"(?:^|[ ,])(\w+),? (?:stop|stopp)(?=,? \.|,? *$)")
# What comes before a stop that is a place, or before one that somebody else makes.
_NO_COMMAND = frozenset(
    "bus next last my the this that a an your our pit non full first second final one train tram "
    "metro subway trolley shuttle ferry campaign tour rest truck gas food quick short brief hard "
    "dead door each every street st ave avenue road rd main comfort to will wont cant cannot dont "
    "doesnt didnt not never ever we they i it he she should could would must might may gotta gonna "
    "ill well theyll itll lets does did do if when and bill war rain another what which whats any "
    "her his their good nice dare".split()
)

# "Not Carl, remove"
_REMOVAL = re.compile(r", ((?:please )?(?:remove|delete))(?=,? [.]|,? *$)")
# "When will the violence stop", "make the fighting stop": not the one who texts.
_SOMETHING_STOPS = re.compile(
    r"(?<![^ ])(?:will|would|does|do|did|can|make|makes|let|see|want|where|when|if)"
    r"(?: (?:all|the|this|that|these|those|our|his|their|any)){1,2}(?: \w+){1,3}$"
    # "When does early voting stop"
    r"|(?<![^ ])(?:when|where) (?:does|do|did|will)"
    r" (?!(?:you|u|ya|yall|your|this|these|it|people)\b)\w+(?: \w+){0,3}$"
)


def _at_the_end(meant: str) -> tuple[int, int] | None:
    """A sentence that comes to "stop" in the end: "I will never donate so stop"."""
    if FUN.search(meant):
        return None
    removal = _REMOVAL.search(meant)
    if removal:
        return removal.span(1)
    for found in _LAST_WORD.finditer(meant):
        if found[1] in _NO_COMMAND or found[1].isdigit():
            continue
        if not _SOMETHING_STOPS.search(meant, 0, found.end(1)):
            return found.start(1), found.end()
    return None
