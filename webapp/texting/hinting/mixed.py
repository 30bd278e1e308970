"""Stop words and opt-in keywords in one text: "STOP START"."""

from collections.abc import Collection
from functools import lru_cache

from webapp.texting.keywords import OPT_IN_KEYWORDS, STOP_WORDS, normalise

_LONGEST = 100  # letters


def are_mixed(
    text: str, *, stop_words: Collection[str] = (), opt_in_words: Collection[str] = ()
) -> bool:
    """Whether a text is a row of such words and nothing else, a stop word among them.

    It is neither a stop word nor an opt-in keyword then (decision 1), so it is for a person to
    read. A stop word alone is a row of one.
    """
    letters = normalise(text)
    if len(letters) > _LONGEST:
        return False
    stops = _forms((*STOP_WORDS, *stop_words))
    words = stops | _forms((*OPT_IN_KEYWORDS, *opt_in_words))
    seen = {(0, False)}  # where a row of words has ended, and whether it holds a stop word
    left = list(seen)
    while left:
        end, has_stop = left.pop()
        further = {
            (end + len(word), has_stop or word in stops)
            for word in words
            if letters.startswith(word, end)
        }
        left.extend(further - seen)
        seen |= further
    return (len(letters), True) in seen


@lru_cache(maxsize=256)
def _forms(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(normalise, words)) - {""}
