"""What an incoming text says, and which campaigns it concerns."""

from collections.abc import Sequence
from datetime import datetime

from webapp.carriers.base import Inbound
from webapp.services import contacts_by_phone, places, turns
from webapp.services.places import Place
from webapp.texting import keywords
from webapp.texting.keywords import Meaning


def meaning_of(text: Inbound, place: Place) -> Meaning:
    """What the text says; a carrier's OptOutType=STOP is obeyed whatever the words (decision 2)."""
    if (text.opt_out_type or "").upper() == "STOP":
        return Meaning.OPT_OUT
    return keywords.read(
        text.body,
        stop_words=words(place.own_stop_words),
        opt_in_words=words(place.own_opt_in_words),
    )


def words(lines: str) -> Sequence[str]:
    """A campaign's own words, which are kept one a line."""
    return lines.split("\n") if lines else ()


def narrowed(found: Sequence[Place], text: Inbound) -> Sequence[Place]:
    """Which campaigns a text concerns, when several share the number.

    An opt-out concerns every campaign that texted from that number to that phone; anything
    else the one that texted last. If none did: every campaign that holds it (decision 4).
    """
    texted = [place for place in found if place.last_id is not None]
    if not texted:
        return found
    latest = max(texted, key=lambda place: place.last_id)
    return [
        place for place in texted if place is latest or meaning_of(text, place) is Meaning.OPT_OUT
    ]


def introduced(
    unknown: Sequence[Place], text: Inbound, sender: str, to: str, *, now: datetime
) -> Sequence[Place]:
    """The places again, after this phone became a contact; another text may have been quicker."""
    for place in unknown:
        contacts_by_phone.make(place.campaign_id, sender, now=now)
    turns.take_for_phone(sender, to)
    return narrowed(places.of(sender, to), text)
