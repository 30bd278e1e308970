"""From the cells of a row to the columns of a contact; what repeats is worked out once."""

import json
import unicodedata
from collections.abc import Callable
from operator import itemgetter
from typing import Any

from webapp.services import sheets
from webapp.texting import hours, person_names, phones, states

LONGEST_NAME = 80
LONGEST_VALUE = 500
_REMEMBERED = 20_000

# Columns of contact. Where people live repeats so much that a staged row only points to it.
PERSON = ("first_name", "first_key", "last_name", "last_key", "fields")
PLACE = ("state", "city", "country", "zones")

Person = Callable[[str, list[str]], tuple[Any, ...]]


class _Memo(dict[Any, Any]):
    """What was worked out before; it forgets everything when it grows too large."""

    def keep(self, given: Any, found: Any) -> Any:
        """Remember and return."""
        if len(self) >= _REMEMBERED:
            self.clear()
        self[given] = found
        return found


class _Texts(_Memo):
    """A cell → the text that is stored."""

    def __missing__(self, raw: str) -> str:
        found: str = self.keep(raw, stored(raw, LONGEST_VALUE))
        return found


class _Names(_Memo):
    """A cell with a first or last name → the name and its key."""

    def __missing__(self, raw: str) -> tuple[str, str]:
        text = stored(raw, LONGEST_NAME)
        found: tuple[str, str] = self.keep(raw, (text, person_names.key(text)))
        return found


class _FullNames(_Memo):
    """A cell with a full name → first name, its key, last name, its key."""

    def __missing__(self, raw: str) -> tuple[str, str, str, str]:
        parts = person_names.split(stored(raw, 2 * LONGEST_NAME))
        first, last = (part[:LONGEST_NAME] for part in parts)
        found: tuple[str, str, str, str] = self.keep(
            raw, (first, person_names.key(first), last, person_names.key(last))
        )
        return found


class Places(_Memo):
    """(area code or phone, state cell, city cell) → a number; `fresh` are rows to be written."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.fresh: list[tuple[int, str, str, str, str]] = []

    def __missing__(self, given: tuple[str, str, str]) -> int:
        area, raw_state, raw_city = given
        # Within North America the area code alone decides; any seven digits may follow.
        phone = f"{area}5550100" if area.startswith("+1") else area
        state, city = states.code(raw_state), stored(raw_city, LONGEST_NAME)
        zones = hours.zones_of(phone, state)
        self.count += 1
        self.fresh.append((self.count, state, city, phones.country(phone), zones))
        self.keep(given, self.count)
        return self.count


def stored(raw: str, longest: int) -> str:
    """A cell as it is stored: composed, on one line, without control characters, not endless."""
    text = sheets.plain(raw[: 4 * longest].strip())
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", text)
        text = "".join(
            " " if char.isspace() else char
            for char in text
            if char.isspace() or unicodedata.category(char) not in ("Cc", "Cs")
        )
    return " ".join(text.split())[:longest]


def person_of(columns: dict[str, int], width: int, places: Places) -> Person:
    """A function that gives the PERSON columns and the place of a row.

    `columns` says at which place of a row each field stands; rows have `width` cells at least.
    """
    names, full_names, values = _Names(), _FullNames(), _Texts()
    full = columns.get("name")
    fields = {
        name.removeprefix("field:"): at for name, at in columns.items() if name.startswith("field:")
    }
    # What a file does not have is read from an empty cell behind its last one.
    pick = itemgetter(
        *(columns.get(name, width) for name in ("first_name", "last_name", "state", "city"))
    )

    def person(phone: str, cells: list[str]) -> tuple[Any, ...]:
        cells.insert(width, "")
        raw_first, raw_last, state, city = pick(cells)
        if full is None:
            first, first_key = names[raw_first]
            last, last_key = names[raw_last]
        else:
            first, first_key, last, last_key = full_names[cells[full]]
        kept = "{}"
        if fields:
            found = {name: text for name, at in fields.items() if (text := values[cells[at]])}
            kept = json.dumps(found, separators=(",", ":")) if found else "{}"
        area = phone[:5] if phone[:2] == "+1" else phone
        return first, first_key, last, last_key, kept, places[area, state, city]

    return person
