"""Is a text what a phone writes when someone reacts to a message (👍)?"""

import re
import unicodedata

# What phones write before the quotation, without accents; 👍 stands for any emoji. iPhones
# name their own six reactions, from iOS 18 any emoji; Google Messages begins with the emoji.
_ENGLISH = """
liked|loved|disliked|unliked|laughed at|emphasized|emphasised|questioned
removed a (?:like|heart|dislike|laugh|question mark|reaction|sticker) (?:from|to)
removed an (?:exclamation|exclamation mark|exclamation point|emphasis) from
removed (?:an? |the )?👍 (?:reaction )?from
reacted (?:with )?(?:an? |the )?👍 to|reacted (?:with )?an? (?:sticker|emoji) to|reacted to
👍 ?to|👍 ?removed from|removed 👍 from
"""
_SPANISH = """
(?:no )?le (?:gusto|gusta|encanto|encanta|disgusto|disgusta)|(?:le )?dio me gusta a
se (?:rio|rie) (?:de|con)|enfatizo|destaco|resalto|cuestiono|pregunto (?:por|sobre)
reacciono (?:con )?👍 (?:a|ante)|👍 ?a
(?:elimino|quito|retiro) (?:un |una |el |la )?(?:me gusta|me encanta|corazon|risa|👍) (?:de|a|en)
(?:elimino|quito|retiro) (?:un |una |el |la )?(?:no me gusta|exclamacion|interrogacion) (?:de|a|en)
(?:elimino|quito|retiro) (?:un |el )?signo de (?:exclamacion|interrogacion) (?:de|a|en)
(?:elimino|quito|retiro) (?:una |la |su )?reaccion (?:👍 )?(?:de|a|en)
"""
_FRENCH = """
a aime|a adore|n'a pas aime|a ri (?:de|a)|a souligne|a mis en evidence|a insiste sur
a pose une question sur|a questionne|s'est interroge(?:e|\\(e\\))? sur
a reagi (?:avec |par )?👍 a|👍 ?a
a (?:retire|supprime) (?:la reaction |un |une |le |la )?(?:\\w+|👍) (?:a|de|sur)
a attribue la mention
"""
_EMOJI = "[^\\w\\s\"'.,;:!?()-]{1,12}"
_LEADS = "|".join((_ENGLISH + _SPANISH + _FRENCH).split("\n")[1:-1]).replace("👍", _EMOJI)
_LEAD = re.compile(_LEADS.replace("||", "|"))

_THING = (
    "(?:an?|the|your|my|this|[0-9]{1,2}) (?:(?:audio|voice|photo|video|digital touch|live) )?"
    "(?:image|photo|picture|movie|video|attachment|message|memo|link|sticker|gif|contact"
    "|location|file|memoji|animoji)s?"
    "|(?:una?|la|el|este|esta) (?:imagen|foto|video|mensaje|archivo|adjunto|archivo adjunto)"
    "|(?:une?|la|le|cette|l') ?(?:image|photo|video|message|piece jointe)"
)
_SHOWN = re.compile(f"(?:{_LEAD.pattern}) (?:{_THING})")

_OPENING = re.compile("[\"“”„‟«‹「]|(?<=\\s)['‘‚]")
_CLOSED = re.compile("[\"'“”»›’」]\\s*\\.?\\s*\\Z")
_ANY_QUOTE = re.compile('["“”«»]')
_LONGEST_LEAD = 120


def is_reaction(text: str) -> bool:
    """Whether the whole text is a reaction: 'Liked “…”', '👍 to “…”', 'Loved an image'.

    English, Spanish and French. The quotation may have lost its end where a carrier cut it,
    but words after the closing mark make it a text: 'Liked “your page” but stop texting me'.
    """
    opening = _OPENING.search(text, 0, _LONGEST_LEAD)
    if not opening:
        return len(text) <= _LONGEST_LEAD and bool(_SHOWN.fullmatch(_plain(text)))
    if not _LEAD.fullmatch(_plain(text[: opening.start()])):
        return False
    quoted = text[opening.end() :]
    return bool(_CLOSED.search(_visible(quoted[-40:]))) or not _ANY_QUOTE.search(quoted)


def _plain(lead: str) -> str:
    """Lower case, without accents, invisible characters and superfluous white space."""
    if lead.isascii() and lead.isprintable():  # Like most: there is nothing to take out.
        return " ".join(lead.casefold().split()).rstrip(".!")
    bare = unicodedata.normalize("NFD", _visible(lead)).replace("’", "'").casefold()
    kept = "".join(char for char in bare if unicodedata.category(char) != "Mn")
    return " ".join(kept.split()).rstrip(".!")


def _visible(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Cc"))
