"""Which kinds of texting a cell of a file of opt-outs names, in whatever words it says it.

It fails safe: whoever wrote that somebody wants no texts, without a kind of texting that we know,
has that person opted out of both kinds. Only a word that says nothing about texts is refused.
"""

import re
import unicodedata
from itertools import pairwise

from webapp.models import Texting
from webapp.services import import_columns

_ROLES = {"peer": Texting.P2P, "p2p": Texting.P2P, "broadcast": Texting.BROADCAST}
_ROLES |= {"automated": Texting.BROADCAST, "bulk": Texting.BROADCAST}
# One of these among the words of a cell, and no kind that we know: it means texts of any kind.
_TEXTS = frozenset(
    "sms mms rcs text texts texting textmessage textmessages message messages messaging smsmms "
    "marketing promotional promotions promo texto textos mensaje mensajes".split()
)
_ALL = frozenset("both all any every everything everyone either global todo todos ambos".split())
_STOPS = frozenset(
    "stop stopped stopall dnc dnt unsubscribe unsubscribed unsub optout optouts optedout removed "
    "donotcontact donottext donotmessage".split()
)
# These say that somebody is to be texted, so the cell is no request to stop.
_COMES_IN = frozenset("optin optedin subscribed subscribe start unstop resubscribed".split())
_LEFT = frozenset("notsubscribed neversubscribed longersubscribed".split())
# "All texts except P2P" doesn't name the kind that it names.
_BUT = frozenset("except excepting excluding but not non without excepto menos".split())
_WORDS = re.compile(r"[^\W_]+")


def named(cell: str) -> tuple[Texting, ...] | None:
    """The kinds of texting that a cell names: () when it is empty, None when it names none.

    "P2P texting" is P2P alone; "SMS", "all", "marketing" and "do not text" are both kinds.
    "email", "voice" and "opt in" are none. "All except P2P" may be meant either way: both kinds.
    """
    cell = unicodedata.normalize("NFKC", cell)
    plain = import_columns.letters(cell)
    if not plain:
        return ()
    words = _words(cell, plain)
    if words & _COMES_IN and not words & _LEFT:
        return None
    known = {kind for word, kind in _ROLES.items() if word in plain}
    if known and not words & _BUT:
        return tuple(kind for kind in Texting if kind in known)
    if known:
        return tuple(Texting)
    return (
        tuple(Texting)
        if words & (_TEXTS | _ALL | _STOPS | _LEFT) or _runs_together(plain)
        else None
    )


def _words(cell: str, plain: str) -> set[str]:
    """The words of a cell, each two neighbors as one ("opt out"), and all of them as one."""
    words = _WORDS.findall(cell.casefold())
    pairs = {first + second for first, second in pairwise(words)}
    return {*words, *pairs, plain}


def _runs_together(plain: str) -> bool:
    """Words that are written without a gap: "alltexts", "smsmarketing", "allsms"."""
    parts = "|".join(sorted(_TEXTS | _ALL, key=len, reverse=True))
    return re.fullmatch(rf"(?:{parts})+", plain) is not None
