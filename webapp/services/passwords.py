"""Passwords: which ones are too easy to guess, and how they are kept (Argon2id)."""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import takewhile

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webapp.errors import InvalidError
from webapp.services.common_passwords import SEQUENCES, WORDS

SHORTEST, LONGEST = 12, 128
# What is left of a password once its guessable parts are taken away has to be this long.
LEAST_OF_ONES_OWN = 4
LEAST_DIFFERENT = 3

# OWASP's figures for Argon2id (19 MiB, two passes, one lane): a small host can check several at
# once. ASVS 5.0, 11.4.2.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_LOOKALIKES = str.maketrans("0134578@$!|", "oieastbasii")
_RUN = 3
_YEAR = re.compile(r"(?:19|20)\d\d")
_REPEATED = re.compile(r"(.+?)\1+")


def check(password: str, *, about: Iterable[str] = ()) -> None:
    """Refuse (InvalidError, field "password") a password that is too short, long or guessable.

    12 to 128 characters of any kind (decision 21). Guessable: made up of common passwords,
    sequences of the keyboard, years, repetition, or of the words in `about` (the person's
    email and name, the campaign's name).
    """
    if len(password) < SHORTEST:
        raise InvalidError(f"Use at least {SHORTEST} characters.", field="password")
    if len(password) > LONGEST:
        raise InvalidError(f"Use {LONGEST} characters or fewer.", field="password")
    if is_guessable(password, about):
        raise InvalidError(
            "This password is too easy to guess. Use a few words that don't belong together.",
            field="password",
        )


def hash_of(password: str) -> str:
    """What is stored of a password. Slow on purpose: call it before the transaction."""
    return _hasher.hash(password)


def matches(stored: str, password: str) -> bool:
    """Whether this is the password; as slow when nothing is stored, so that time tells nothing."""
    try:
        return _hasher.verify(stored or _nobodys_hash(), password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def is_guessable(password: str, about: Iterable[str] = ()) -> bool:
    """Whether hardly anything is left without common words, sequences, years and repetition.

    The same without the words in `about` instead of the common ones.
    """
    typed = _YEAR.sub(" ", password.casefold())
    own_words = {word for text in about for word in re.findall(r"\w{3,}", text.casefold())}
    return any(
        len(_left_over(spelling, words)) < LEAST_OF_ONES_OWN
        for spelling in (typed, typed.translate(_LOOKALIKES))
        for words in (WORDS, own_words)
    )


def _left_over(text: str, words: AbstractSet[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, " ")
    text = _without_sequences(text)
    parts = (_REPEATED.sub(r"\1", part) for part in re.split(r"[\W_]+", text))
    rest = "".join(parts)
    return rest if len(set(rest)) >= LEAST_DIFFERENT else ""


def _without_sequences(text: str) -> str:
    """The text without runs of three or more characters that stand side by side."""
    kept, at = [], 0
    while at < len(text):
        length = max(
            (_shared_run(text, at, line) for line in SEQUENCES if text[at] in line), default=1
        )
        if length < _RUN:
            kept.append(text[at])
            length = 1
        at += length
    return "".join(kept)


def _shared_run(text: str, at: int, line: str) -> int:
    """How many characters from `at` on follow each other in the sequence."""
    best, start = 1, line.find(text[at])
    while start >= 0:
        pairs = zip(text[at:], line[start:], strict=False)
        alike = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
        best = max(best, alike)
        start = line.find(text[at], start + 1)
    return best


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")
