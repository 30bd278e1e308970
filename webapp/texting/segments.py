"""GSM-7 or UCS-2, and how many texts a message is billed as."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from webapp.texting import lines

# 3GPP TS 23.038: the basic character set, and those that cost two units (an escape and a code).
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")
_GSM = _BASIC | _ESCAPED

# Units in a text that stands alone, and in each part of a longer one (its header costs the rest).
_ALONE = {"GSM-7": 160, "UCS-2": 70}
_TOGETHER = {"GSM-7": 153, "UCS-2": 67}


@dataclass(frozen=True, slots=True)
class Parts:
    """What a message costs: `units` in all, `parts` billed, `room` left in the last part.

    A unit is a septet in GSM-7 and a UTF-16 unit in UCS-2; `limit` is how many of them the
    part that is being filled holds. An empty message has no parts.
    """

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    parts: int
    room: int
    limit: int


def count(text: str) -> Parts:
    """Count the parts of a message as carriers bill them.

    One character outside GSM-7 turns the whole message into UCS-2. A character of two units
    (an escape pair, an emoji) is never split across parts, which may leave a unit unused.
    """
    encoding: Literal["GSM-7", "UCS-2"] = "GSM-7" if _GSM.issuperset(text) else "UCS-2"
    wide = _ESCAPED.__contains__ if encoding == "GSM-7" else _is_surrogate_pair
    units = len(text) + sum(map(wide, text))
    limit = _ALONE[encoding]
    if units <= limit:
        return Parts(encoding, units, 1 if text else 0, limit - units, limit)
    limit = _TOGETHER[encoding]
    parts, filled = 1, 0
    for char in text:
        size = 2 if wide(char) else 1
        if filled + size > limit:
            parts, filled = parts + 1, 0
        filled += size
    return Parts(encoding, units, parts, limit - filled, limit)


def _is_surrogate_pair(char: str) -> bool:
    return char > "\uffff"


_PLAIN = str.maketrans(
    dict.fromkeys("‘’‚‛′ʼ´`", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | {
        "…": "...",
        "•": "-",
        "·": "-",
        "\t": " ",
        "\u2028": "\n",
        "\u2029": "\n",
        "\x85": "\n",
    }
)
_INVISIBLE = frozenset("\u200b\u200c\u200e\u200f\u2060\ufeff\u00ad")


def plain(text: str) -> str:
    """The text with plain quotes, dashes, dots and spaces, so that it may stay in GSM-7.

    Letters with accents and emoji are left alone: they are meant. Control characters are not.
    """
    return "".join(
        " " if unicodedata.category(char) == "Zs" else char
        for char in lines.without_controls(text).translate(_PLAIN)
        if char not in _INVISIBLE
    )


# An emoji may be several characters: a skin tone, a variation, two flags' halves, joined people.
_TAIL = "[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
_SEEN_AS_ONE = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|.{_TAIL}(?:\u200d.{_TAIL})*",
    re.DOTALL,
)


def odd_characters(text: str) -> list[str]:
    """The characters that force UCS-2, each once, in order; an emoji stays in one piece."""
    seen = _SEEN_AS_ONE.findall(text)
    return list(dict.fromkeys(char for char in seen if not _GSM.issuperset(char)))
