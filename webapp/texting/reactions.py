"""Is a text what a phone writes when someone reacts to a message (👍)?"""

import re

_OPEN = "[\"'“”„‟‘‚«‹「]"
_CLOSE = "[\"'”“»›’」]"
# Google Messages puts hair spaces and zero-width spaces around what it writes.
_AROUND = " \t\r\n\xa0\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u202f\u2060\ufeff"
_BLANK = f"[\\s{_AROUND}]"
_LONGEST_LEAD = 120
_PICTURE = "[^\\w\\s\"'“”«»?!.,;:()-]"

# What iPhones write, as the words before the quotation; iOS 18 names the emoji.
_ENGLISH = (
    r"(?:un)?liked|loved|disliked|laughed at|emphasi[sz]ed|questioned",
    r"removed (?:an? )?(?:like|heart|dislike|laugh|exclamation(?: mark| point)?|question mark"
    r"|emphasis|reaction|sticker|{picture}) (?:from|to)",
    r"reacted (?:with )?(?:an? |the )?(?:sticker|{picture}) to",
    r"reacted to",
    r"{picture}{blank}*(?:to|removed from)",
)
_SPANISH = (
    r"(?:no )?le (?:gust[oóa]|encant[oóa]|disgust[oóa])|(?:le )?dio (?:un )?me gusta a",
    r"se (?:ri[oó]|r[ií]e) (?:de|con)",
    r"(?:enfatiz[oó]|destac[oó]|resalt[oó]|cuestion[oó]|pregunt[oó] (?:por|sobre))",
    r"reaccion[oó] (?:con )?{picture} (?:a|ante)",
    r"(?:elimin[oó]|quit[oó]|retir[oó]) (?:un[oa]? |el |la )?(?:me (?:gusta|encanta)|coraz[oó]n|risa"
    r"|no me gusta|exclamaci[oó]n|signo de (?:exclamaci[oó]n|interrogaci[oó]n)|reacci[oó]n"
    r"|{picture})(?: {picture})? (?:de|a|en)",
    r"{picture}{blank}*a",
)
_FRENCH = (
    r"a (?:aim[eé]|ador[eé]|ri (?:de|[aà])|soulign[eé]|mis en [eé]vidence|insist[eé] sur"
    r"|pos[eé] une question sur|questionn[eé]|exclam[eé])",
    r"n['’]a pas aim[eé]|s['’]est interrog[eé](?:\(?e\)?)? sur",
    r"a r[eé]agi (?:avec |par )?{picture} [aà]",
    r"a (?:retir[eé]|supprim[eé]) (?:la r[eé]action|un|le|la|une)? ?(?:\w+|{picture}) (?:[aà]|de|sur)",
    r"a attribu[eé] la mention « ?[^»]{{1,30}} ?» [aà]",
    r"{picture}{blank}*[aà]",
)
_LEADS = "|".join(_ENGLISH + _SPANISH + _FRENCH).format(picture=f"{_PICTURE}{{1,12}}", blank=_BLANK)
_QUOTING = re.compile(f"(?:{_LEADS}){_BLANK}*{_OPEN}", re.IGNORECASE)
_CLOSED = re.compile(f"{_CLOSE}{_BLANK}*\\.?{_BLANK}*\\Z")
_INNER = re.compile('["“”«»]')

_THING = (
    r"(?:an?|the|your|my|this|\d{1,2}) (?:audio |voice |photo |video |digital touch |live )?"
    r"(?:images?|photos?|pictures?|movies?|videos?|attachments?|messages?|memo|links?|stickers?|gifs?"
    r"|contacts?|locations?|files?|memoji|animoji)"
    r"|(?:una?|la|el|esta|este) (?:imagen|foto|video|v[ií]deo|mensaje|archivo|archivo adjunto|adjunto)"
    r"|(?:une?|l['’]|la|le|cette) ?(?:image|photo|vid[eé]o|message|pi[eè]ce jointe)"
)
_SHOWING = re.compile(f"(?:{_LEADS}) (?:{_THING}){_BLANK}*[.!]?{_BLANK}*\\Z", re.IGNORECASE)


def is_reaction(text: str) -> bool:
    """Whether the whole text is a reaction: 'Liked “…”', '👍 to “…”', 'Loved an image'.

    English, Spanish and French. The quotation may have lost its end where a carrier cut it,
    but words after the closing mark make it a text: 'Liked “your page” but stop texting me'.
    """
    text = text[: _LONGEST_LEAD * 10].lstrip(_AROUND) + text[_LONGEST_LEAD * 10 :]
    if len(text) <= _LONGEST_LEAD and _SHOWING.match(text):
        return True
    lead = _QUOTING.match(text[:_LONGEST_LEAD])
    if not lead:
        return False
    rest = text[lead.end() :]
    return bool(_CLOSED.search(rest[-20:])) or not _INNER.search(rest)
