"""Does a text read like a request to stop? A suggestion for people, never more."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from webapp.texting import hint_rules, hint_rules_abroad
from webapp.texting.keywords import Meaning, read
from webapp.texting.letters import fold
from webapp.texting.lookalikes import LETTERS
from webapp.texting.reactions import is_reaction


@dataclass(frozen=True, slots=True)
class Hint:
    """The words that gave the hint: text[start:end] of the text as it came."""

    start: int
    end: int


_RULES = hint_rules.RULES + hint_rules_abroad.RULES

# A text is 1,600 characters at most; what is asked stands within them.
_READ = 2_000
_SENTENCE_ENDS = ".!;:\n\u2028\u2029…"
_QUESTION_MARKS = "?¿？"
_APOSTROPHES = "'’‘ʼ`´′"
_SIGNS = frozenset("🛑🚫⛔🖕✋*")


def find(text: str, *, stop_words: Collection[str] = ()) -> Hint | None:
    """The place in a text that reads like a request to stop, or None.

    None for stop words (also the campaign's own `stop_words`), opt-in keywords, HELP and
    reactions, which are no matter for people. Nothing may follow from a hint by itself: the
    spec leaves wording like "Please do not text me anymore" to a person's report.
    """
    if read(text, stop_words=stop_words) is not Meaning.NONE or is_reaction(text):
        return None
    plain, places = _plain(text[:_READ])
    span = next((found for rule in _RULES if (found := rule.find(plain))), None)
    span = span or _misspelled(plain) or _shouted(plain, places, text)
    return Hint(places[span[0]], places[span[1] - 1] + 1) if span else None


def _plain(text: str) -> tuple[str, list[int]]:
    """The text as the rules read it, and for each of its characters the place it came from.

    Lower-case words with single spaces between them, no accents and no apostrophes; "." ends
    a sentence and "?" a question, as words of their own: "Don’t! OK?" gives "dont . ok ?".
    """
    chars: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for letter in _spelled(char):
            if letter == " " and (not chars or chars[-1] == " "):
                continue
            chars.append(letter)
            places.append(place)
    while chars and chars[-1] in " .":
        chars.pop()
    return _look_through("".join(chars)), places


def _spelled(char: str) -> str:
    if char in _APOSTROPHES:
        return ""
    if char in _SENTENCE_ENDS:
        return " . "
    if char in _QUESTION_MARKS:
        return " ? "
    if char in _SIGNS:
        return char if char == "*" else f" {char} "
    return fold(char)


_WORD = re.compile(r"\w+")


def _look_through(plain: str) -> str:
    """Read "st0p" and Cyrillic "ЅТОР" as "stop": words that mix digits or scripts."""
    return plain if plain.isascii() and not _MIXED.search(plain) else _WORD.sub(_latin, plain)


_MIXED = re.compile(r"[a-z]\d|\d[a-z]")


def _latin(word: re.Match[str]) -> str:
    letters = word[0]
    if letters.isdigit() or (letters.isascii() and letters.isalpha()):
        return letters
    return "".join(LETTERS.get(letter, letter) for letter in letters)


_MEANT = ("stop", "stopall", "unsubscribe", "unsub", "optout", "removeme", "stop2quit")
# One letter from "stop", and yet what someone may well have meant.
_WORDS_OF_THEIR_OWN = frozenset(("shop", "step", "top", "slop", "stow", "stoop", "stomp", "spot"))


def _misspelled(plain: str) -> tuple[int, int] | None:
    """The whole text, when it is one letter away from a stop word: "stpo", "unsubscibe"."""
    letters = plain.replace(" ", "").replace(".", "")
    if letters in _WORDS_OF_THEIR_OWN or not 3 <= len(letters) <= 12:
        return None
    return (0, len(plain)) if any(_one_edit(letters, word) for word in _MEANT) else None


def _one_edit(written: str, meant: str) -> bool:
    """Whether one letter was added, dropped, replaced or exchanged with its neighbour."""
    same = 0
    while same < min(len(written), len(meant)) and written[same] == meant[same]:
        same += 1
    left, right = written[same:], meant[same:]
    exchanged = left[:2] == right[1::-1] and left[2:] == right[2:]
    return left[1:] == right or left == right[1:] or left[1:] == right[1:] or exchanged


_LAST_WORD = re.compile(r"(?:^| )(\w+) stop$")
_BEFORE_A_PLACE = frozenset(
    "bus next last my the this that a an your our pit non full first one train tram metro subway "
    "to must will wont cant cannot dont never you we they i it should could would gotta ill didnt".split()
)


def _shouted(plain: str, places: list[int], text: str) -> tuple[int, int] | None:
    """A STOP in capitals at the end of a text that is not all capitals."""
    found = _LAST_WORD.search(plain)
    if not found or found[1] in _BEFORE_A_PLACE:
        return None
    start = found.end() - len("stop")
    shouted = text[places[start] : places[found.end() - 1] + 1].isupper()
    return (start, found.end()) if shouted and not text.isupper() else None
