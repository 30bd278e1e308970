"""Before a stop word is added: who would have been opted out by it in the last 90 days?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp.db import db
from webapp.models import Campaign, Contact, Direction, Message, Texting
from webapp.services import standings
from webapp.texting import keywords
from webapp.texting.keywords import Meaning

LOOKS_BACK = timedelta(days=90)
# Texts that are read at most, so that the page is there within seconds.
MOST_READ = 100_000
READ_AT_ONCE = 5_000
SHOWN = 50
_NO_LETTERS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who wrote the word and is not opted out."""

    contact: Contact
    texting: Texting
    at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class Replay:
    """Who would newly have been opted out by a word, as far as their texts were read."""

    word: str
    people: int
    shown: list[Asker]
    already: int  # wrote it, too, and are opted out anyway
    read: int
    since: datetime  # no text before this moment was read
    is_whole: bool  # every text of the time looked back on was read


def of(campaign: Campaign, word: str, *, now: datetime) -> Replay:
    """Read the texts of the last 90 days again, newest first, with a word more.

    It opts nobody out: those people wrote it when it meant nothing. Reading ends after MOST_READ
    texts; the answer says how far it came.
    """
    letters = keywords.normalise(word)
    since, read, is_whole = now - LOOKS_BACK, 0, True
    wrote: dict[int, Any] = {}
    for row in _heard(campaign.id, now - LOOKS_BACK):
        if read == MOST_READ:
            is_whole = False
            break
        read, since = read + 1, row.created_at
        if row.meaning == Meaning.NONE.value and not row.is_reaction and _is(row.body, letters):
            wrote.setdefault(row.contact_id, row)
    gone = _opted_out(campaign.id, list(wrote))
    new = [row for row in wrote.values() if (row.contact_id, row.texting) not in gone]
    shown = [
        Asker(db.session.get_one(Contact, row.contact_id), row.texting, row.created_at, row.body)
        for row in new[:SHOWN]
    ]
    return Replay(word, len(new), shown, len(wrote) - len(new), read, since, is_whole)


def _is(body: str, letters: str) -> bool:
    """Whether a whole text is the word; most texts are told apart by their plain letters."""
    if body.isascii() and letters not in _NO_LETTERS.sub("", body.lower()):
        return False
    return keywords.normalise(body) == letters


def _heard(campaign_id: int, since: datetime) -> Iterator[Any]:
    """What people wrote since a moment, newest first, in steps along an index."""
    query = (
        select(
            Message.id,
            Message.contact_id,
            Message.texting,
            Message.body,
            Message.meaning,
            Message.is_reaction,
            Message.created_at,
        )
        .where(Message.campaign_id == campaign_id, Message.direction == Direction.IN)
        .order_by(Message.id.desc())
        .limit(READ_AT_ONCE)
    )
    rows = db.session.execute(query).all()
    while rows:
        for row in rows:
            if row.created_at < since:
                return
            yield row
        rows = db.session.execute(query.where(Message.id < rows[-1].id)).all()


def _opted_out(campaign_id: int, contact_ids: Sequence[int]) -> set[tuple[int, Texting]]:
    """Who of these is opted out of what."""
    parts = range(0, len(contact_ids), READ_AT_ONCE)
    return {
        pair
        for start in parts
        for pair in standings.opted_out_of(campaign_id, contact_ids[start : start + READ_AT_ONCE])
    }
