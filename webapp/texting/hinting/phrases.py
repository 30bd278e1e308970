"""A small language for phrases, so that the rules of the hints can be read.

    stop                  this word
    text/texts/sms        one of these words
    do_not/dont           an underscore joins the words of an alternative
    block*                a word that begins so; # is a number
    (please)  (all/the)*  once or not at all; up to four times
    <texts>               one of the words that `Phrasebook` knows by this name
    ...  ..6              up to three words, whatever they are; up to six
    ~6                    the same, also across the end of a sentence
    |                     the beginning or end of a sentence
    |/and/or              the end of a sentence, or one of these words
    ; not after he/she    not where these words come just before
    ; not before him/her  not where these words come just after
    ; not about ballot    not where these words come within four words, before a comma or an end
    ; not in fun          not where somebody laughs

Phrases are matched against lower-case words with single spaces between them, without
apostrophes; "." ends a sentence and "?" a question; a comma parts a word from the one that it
would otherwise be read with ("not after"). Every repetition is bounded, so that no text can
make a phrase slow.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

_SPACE = ",? "
_BEGINS = r"(?<![^ ])"
_ENDS = r"(?![^ ,])"
_SENTENCE_BEGINS = r"(?:(?<![^ ])(?<![^ .?] ))"
_SENTENCE_ENDS = r"(?=,? [.?]|,? *$)"
FUN = re.compile(r"(?<![^ ])(?:l+o+l+|lmf?ao|rofl|(?:ha){2,}h?|(?:[hj]e|ja){2,}|jk|babe|mdr)\b")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase, ready to be looked for; `source` is the line it was written as."""

    source: str
    keys: frozenset[str]  # One of these words, or of these beginnings ("block*"), has to be there.
    pattern: str
    not_after: str
    not_before: str
    not_about: str
    not_in_fun: bool

    def find(self, plain: str) -> tuple[int, int] | None:
        """The first place where the phrase stands, as (start, end)."""
        for found in _compiled(self.pattern).finditer(plain):
            if self.not_after and _compiled(self.not_after).search(plain, 0, found.start()):
                continue
            if self.not_before and _compiled(self.not_before).match(plain, found.end()):
                continue
            if self.not_about and _compiled(self.not_about).match(plain, found.end()):
                continue
            if self.not_in_fun and FUN.search(plain):
                continue
            return found.span()
        return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern compiled when it is first needed: most are not, and starting stays quick."""
    return re.compile(pattern)


class Phrases:
    """Many phrases, of which only those are tried that have a word in common with the text."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self.all = tuple(phrases)
        self._by_word: dict[str, list[int]] = {}
        self._by_beginning: dict[str, list[int]] = {}
        for place, phrase in enumerate(self.all):
            for key in phrase.keys:
                table = self._by_beginning if key.endswith("*") else self._by_word
                table.setdefault(key.rstrip("*"), []).append(place)
        self._lengths = sorted({len(beginning) for beginning in self._by_beginning})

    def find(self, plain: str) -> tuple[int, int] | None:
        """The first place in the text of the first phrase that stands in it."""
        tried: set[int] = set()
        for word in set(plain.replace(",", "").split()):
            tried.update(self._by_word.get(word, ()))
            for length in self._lengths:
                tried.update(self._by_beginning.get(word[:length], ()))
        found = (self.all[place].find(plain) for place in sorted(tried))
        return next(filter(None, found), None)


# Words in so many texts that looking for them saves no time.
_COMMON = frozenset(
    "i im ive ill you u your youre ur me my us we it its this that these those they them he him "
    "she her the a an to of for on in at by from with and or so if is are be am was do does dont "
    "not no never have has had can could will would get got need want like please pls now again "
    "any all more out off up just que de la el los mi por favor ne plus les mas ya".split()
)
_COST_OF_COMMON = 40


class Phrasebook:
    """Turns lines into phrases, with words it knows by name."""

    def __init__(self, words: str) -> None:
        self._named: dict[str, str] = {}
        self._keys: dict[str, frozenset[str]] = {}
        for name, alternatives in (line.split(": ") for line in _joined(words.splitlines())):
            self._keys[name] = self._keys_of(alternatives)
            self._named[name] = self._one_of(alternatives)

    def phrases(self, lines: str) -> tuple[Phrase, ...]:
        """The phrases of a text of one phrase a line; empty lines and # comments are left out.

        A line that is indented belongs to the line before it.
        """
        return tuple(map(self._phrase, _joined(lines.splitlines())))

    def _phrase(self, line: str) -> Phrase:
        what, *limits = (part.strip() for part in line.split(";"))
        stated = {"not after": "", "not before": "", "not about": ""}
        for limit in limits:
            for kind in stated:
                if limit.startswith(kind):
                    stated[kind] = limit.removeprefix(kind).strip()
        after, before, about = (self._one_of(each) if each else "" for each in stated.values())
        return Phrase(
            source=line,
            keys=min(map(self._keys_of, _required(what.split())), key=_cost),
            pattern=self._pattern(what.split()),
            not_after=f"{_BEGINS}(?:{after}) $" if after else "",
            not_before=f"{_SPACE}(?:{before}){_ENDS}" if before else "",
            not_about=rf"(?: \w+){{0,3}}? (?:{about}){_ENDS}" if about else "",
            not_in_fun="not in fun" in limits,
        )

    def _pattern(self, parts: list[str]) -> str:
        at_the_start = parts[0] == "|"
        written, begun = _SENTENCE_BEGINS if at_the_start else _BEGINS, False
        for part in parts[at_the_start:]:
            if part in "|":
                return written + _SENTENCE_ENDS
            written += self._part(part, begun=begun)
            begun = begun or not part.startswith(("(", "..", "~"))
        return written + _ENDS

    def _part(self, part: str, *, begun: bool) -> str:
        if part.startswith(".."):
            return rf"(?:{_SPACE}\w+){{0,{part.strip('.') or 3}}}?"
        if part.startswith("~"):
            return rf"(?:{_SPACE}[\w.?]+){{0,{part[1:]}}}?"
        if part.startswith("|/"):
            return f"(?:{_SENTENCE_ENDS}|{_SPACE}(?:{self._one_of(part[2:])}))"
        if not part.startswith("("):
            return (_SPACE if begun else "") + f"(?:{self._one_of(part)})"
        times = "{0,4}" if part.endswith(")*") else "?"
        inner = self._one_of(part.strip("()*"))
        return f"(?:{_SPACE}(?:{inner})){times}" if begun else f"(?:(?:{inner}){_SPACE}){times}"

    def _keys_of(self, part: str) -> frozenset[str]:
        """One word of each alternative of a part, the rarest."""
        return frozenset().union(*(self._rarest(each) for each in part.split("/")))

    def _rarest(self, alternative: str) -> frozenset[str]:
        pieces = re.findall(r"<\w+>|[^_]+", alternative)
        if not pieces:
            raise ValueError("A phrase has an empty alternative.")
        keys = (self._keys[piece[1:-1]] if piece[0] == "<" else {piece} for piece in pieces)
        return min(map(frozenset, keys), key=_cost)

    def _one_of(self, part: str) -> str:
        return "|".join(map(self._word, part.split("/")))

    def _word(self, word: str) -> str:
        return _SPACE.join(map(self._plain_word, re.findall(r"<\w+>|[^_]+", word)))

    def _plain_word(self, word: str) -> str:
        if word == "#":
            return r"\d+"
        if word.startswith("<"):
            return f"(?:{self._named[word.strip('<>')]})"
        return re.escape(word).replace(r"\*", r"\w*")


def _required(parts: Iterable[str]) -> list[str]:
    """The parts that cannot be left out and say which words they are."""
    return [part for part in parts if part[0] not in "|(.~" and "#" not in part]


def _cost(keys: frozenset[str]) -> int:
    return sum(_COST_OF_COMMON if key in _COMMON else 1 for key in keys)


def _joined(lines: Iterable[str]) -> list[str]:
    """Lines without comments, the indented ones joined to those they continue."""
    whole: list[str] = []
    for line in lines:
        text = line.split("  #")[0].rstrip()
        if not text or text.startswith("#"):
            continue
        if text.startswith(" ") and whole:
            joint = "" if text.lstrip().startswith("/") else " "
            whole[-1] += joint + text.lstrip()
        else:
            whole.append(text)
    return whole
