"""One thing that happened to a contact, as the timeline tells it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from webapp.models import Texting


class Look(StrEnum):
    """What an entry is about, for its icon."""

    OPT_OUT = "opt_out"
    LIFTED = "lifted"
    BLOCK = "block"
    SAFEGUARD = "safeguard"
    HINT = "hint"
    TEXT = "text"
    IMPORT = "import"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: when, what, who did it ("" when nobody is to be named), words.

    `how` goes on after the name: "in a report". `note` stands alone.
    """

    at: datetime
    what: str
    by: str
    text: str
    look: Look
    texting: Texting | None = None
    how: str = ""
    note: str = ""
