"""Slips of the thumb, and words that are written as one."""

import re
from functools import lru_cache

from webapp.texting.lookalikes import LETTERS

# One letter wrong in one of these is a slip of the thumb, except where it makes another word.
_OFTEN_MISTYPED = (
    "texting messaging message messages contact contacting unsubscribe unsubscribed harassing "
    "harassment remove delete number bother bothering anymore receive receiving political please "
    "permission sending spamming alone leave text"
).split()
_OTHER_WORDS = frozenset(
    "testing resting nesting vesting jesting besting sexting massage massages massaging passage "
    "passages messaged messenger contract contacts contracting contracts compact intact remote "
    "removed removes removal remover removing deleted deletes numbers lumber slumber numbed mother "
    "brother other another bothers bothered mothering received receiver receives deceive relieve "
    "deceiving relieving perceive spending pending wending ending bending lending tending mending "
    "vending fending rending seeing seeding standing sanding feeling scamming slamming spanning "
    "shamming leased lease pleased pleases plea pleas plead pleat politica permissions contacto "
    "contacte mensaje number numero unsubscribes subscribe subscribed along clone atone aloe "
    "leaves weave heave cleave leaven leaver texts next remova removas removam remover "
    "removido".split()
)
# "stoptexting", "plsstop", "leavemealone".
_FIRST = "please|pls|plz|stop|dont|donot|leave|remove|optme|take|quit|nomore|unsubscribe|delete|go"
_THEN = (
    "please|pls|plz|stop|texting|texts|text|messaging|messages|me|my|number|this|alone|out|off"
    "|list|contacting|contact|calling|spamming|from|your|now|it|all|you|away|sending|and|the|remove"
)
_AS_ONE = re.compile(f"({_FIRST})((?:{_THEN}){{1,8}})")
_PARTS = re.compile(_THEN)
# What thumbs leave out, so that the rules need not know each form.
_SHORT = {
    **dict.fromkeys("pls plz plse plese pleese plees plss plzz".split(), "please"),
    **dict.fromkeys("txt texr tezt txet teext".split(), "text"),
    **dict.fromkeys("txting txtin txtng txtn textn textin texin".split(), "texting"),
    **dict.fromkeys(("u", "yu", "yoy"), "you"),
    "txts": "texts",
    "msg": "message",
    "msgs": "messages",
    "thx": "thanks",
}
_SWEARING = re.compile(r"f\*+|f[u*]?[*c]*k|fuq|fucc|phuck")

# A word, or one that is spelled out ("s t o p", "s . t . o . p").
_WORD = re.compile(r"(?<![^ ])[a-z](?:(?: \.)? [a-z](?![\w*])){2,}(?: \.)?(?![^ ])|[\w*]+")
# What "stop" may look like before "texting": "stio texting me", "sop sending these".
_SENDING = re.compile(r",? (?:te?xt?in|mess?ag\w*in|sendin|contactin)g?\b")
_NO_SLIP = frozenset(("shop", "step", "top", "spot", "atop", "stops", "slop", "stomp"))
_RUNS = re.compile(r"([a-z])\1{2,}")


def as_meant(plain: str, places: list[int]) -> tuple[str, list[int]]:
    """The words with slips corrected: "st0p texing meee" gives "stop texting me".

    `places` says for each letter where it came from, and is moved along.
    """
    meant: list[str] = []
    moved: list[int] = []
    end = 0
    for word in _WORD.finditer(plain):
        between, end = slice(end, word.start()), word.end()
        better = corrected(_RUNS.sub(r"\1", _latin(word[0].replace(" ", "").replace(".", ""))))
        if _SENDING.match(plain, end) and better not in _NO_SLIP and edits(better, "stop") == 1:
            better = "stop"
        meant += [plain[between], better]
        if better == word[0]:
            moved += places[between.start : end]
            continue
        steps = (min(word.start() + step, end - 1) for step in range(len(better) - 1))
        moved += [*places[between], *(places[step] for step in steps), places[end - 1]]
    return "".join(meant) + plain[end:], moved + places[end:]


def _latin(word: str) -> str:
    """Read "st0p" and Cyrillic "ЅТОР" as "stop": words that mix digits or scripts."""
    if word.isdigit() or (word.isascii() and word.isalpha()):
        return word
    return "".join(LETTERS.get(letter, letter) for letter in word)


@lru_cache(maxsize=8_192)
def corrected(word: str) -> str:
    """The word or words that were meant, where a slip is plain to see; else the word."""
    if word in _SLIPS:
        return _SLIPS[word]
    if word in _SHORT:
        return _SHORT[word]
    if _SWEARING.fullmatch(word):
        return "fuck"
    if "*" in word and word.startswith("f"):
        return "fucking" if word.endswith("ing") else "fuck"
    as_one = _AS_ONE.fullmatch(word) if 6 <= len(word) <= 40 else None
    if as_one:
        return " ".join([as_one[1].replace("optme", "opt me"), *_PARTS.findall(as_one[2])])
    if word.startswith("un") and len(word) > 7 and word not in _OTHER_WORDS:
        return next((each for each in _UNS if edits(word, each) <= 2), word)
    return word


def _one_edit_away(word: str) -> set[str]:
    pairs = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    return (
        {before + after[1:] for before, after in pairs}
        | {before + after[1:2] + after[:1] + after[2:] for before, after in pairs}
        | {before + letter + after for before, after in pairs for letter in letters}
        | {before + letter + after[1:] for before, after in pairs for letter in letters}
    )


_SLIPS = {
    slip: meant
    for meant in _OFTEN_MISTYPED
    for slip in _one_edit_away(meant).difference(_OTHER_WORDS, _OFTEN_MISTYPED)
    if len(slip) > 4
}
_UNS = tuple(word for word in _OFTEN_MISTYPED if word.startswith("un"))


def edits(written: str, meant: str) -> int:
    """How many letters to add, drop, replace or exchange with their neighbours; 3 for many."""
    if abs(len(written) - len(meant)) > 2:
        return 3
    before = row = list(range(len(meant) + 1))
    for down, letter in enumerate(written, start=1):
        above, before, row = before, row, [down] + [0] * len(meant)
        for across, other in enumerate(meant, start=1):
            replaced = before[across - 1] + (letter != other)
            row[across] = min(before[across] + 1, row[across - 1] + 1, replaced)
            swapped = written[down - 2 : down] == meant[across - 2 : across][::-1]
            if down > 1 and across > 1 and swapped:
                row[across] = min(row[across], above[across - 2] + 1)
    return row[-1]
