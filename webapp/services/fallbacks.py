"""What a script says where a contact's value is missing: "there" for an unknown first name."""

import re
from collections.abc import Mapping

from webapp.errors import InvalidError
from webapp.models import Campaign
from webapp.texting import lines, segments

LONGEST = 40
# Variables that a contact may lack; merge fields of an import may be missing as well.
USUAL = ("first_name", "last_name", "city")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}")


def merged(campaign: Campaign, given: Mapping[str, str] | None) -> dict[str, str] | None:
    """The campaign's fallbacks with those given over them; an empty word takes one away.

    None when nothing is given. Raises InvalidError (field "fallbacks") for a name that is no
    merge field, and for a word that is too long or holds a merge field itself.
    """
    if given is None:
        return None
    found = dict(campaign.fallbacks)
    for name, word in given.items():
        word = segments.plain(lines.one_line(word))
        if not _FIELD.fullmatch(name):
            raise InvalidError(
                f"“{name[:40]}” is no merge field. Write it like polling_place.", field="fallbacks"
            )
        if len(word) > LONGEST or "{" in word or "}" in word:
            raise InvalidError(
                f"Use {LONGEST} characters at most for {name}, and no braces.", field="fallbacks"
            )
        found[name] = word
    return {name: word for name, word in sorted(found.items()) if word}


def read(lines: str) -> dict[str, str]:
    """Fallbacks as they are typed, one a line: "polling_place = your polling place".

    Raises InvalidError (field "fallbacks") for a line without "=".
    """
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in lines.splitlines())):
        name, equals, word = line.partition("=")
        if not equals:
            raise InvalidError(
                f"“{line[:40]}” has no “=”. Write polling_place = your polling place.",
                field="fallbacks",
            )
        found[name.strip().strip("{}").casefold()] = word.strip()
    return found


def written(campaign: Campaign) -> str:
    """The campaign's fallbacks as `read` takes them, but the usual ones."""
    return "\n".join(
        f"{name} = {word}" for name, word in campaign.fallbacks.items() if name not in USUAL
    )
