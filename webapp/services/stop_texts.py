"""Texts that are stop words: the opt-outs they make, and the threads they end."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain

from webapp.db import db
from webapp.models import Answerer, Campaign, Contact, Texting
from webapp.services import conversations, optouts, outbox, tally
from webapp.services.conversations import Written
from webapp.services.heard import Heard, answered, count
from webapp.services.stopping import Stop


def opt_out(stopped: Sequence[Heard], *, now: datetime) -> None:
    """Tag, cancel, close, and hide the threads (spec: automatically-tracked opt-outs)."""
    asked = {
        heard.message_id: [
            Stop(heard.place.campaign_id, heard.place.contact_id, kind, *_proof(heard, kind))
            for kind in heard.kinds
        ]
        for heard in stopped
    }
    fresh = optouts.record_stop_words(list(chain.from_iterable(asked.values())), now=now)
    ended = []
    confirmed: set[int] = set()
    # One text confirms an opt-out, also where campaigns share the number: by who texted last.
    for heard in sorted(stopped, key=lambda heard: -(heard.place.last_id or 0)):
        place = heard.place
        added = [stop.texting for stop in asked[heard.message_id] if stop in fresh]
        if heard.thread_id is not None:
            ended.append(Written(heard.thread_id, heard.text.body))
            tally.tick(place.campaign_id, [place.assignee_id])
        if _counted(heard) in added:
            count(heard, now=now, opt_outs=1)
        confirms = added and place.confirmation_by is Answerer.HEED
        if confirms and heard.receipt_id not in confirmed and _confirm(heard, added[0], now=now):
            confirmed.add(heard.receipt_id)
    conversations.hide(ended, now=now)


def _counted(heard: Heard) -> Texting | None:
    """The kind of texting whose opt-out the action counts that is answered."""
    counted: Texting | None = heard.place.thread_texting or heard.place.last_texting
    return counted


def _proof(heard: Heard, kind: Texting) -> tuple[int, int | None]:
    """The text that asks, and the action that counts it."""
    return heard.message_id, answered(heard) if kind is _counted(heard) else None


def _confirm(heard: Heard, texting: Texting, *, now: datetime) -> bool:
    """Whether a confirmation is queued. One that was asked for long ago is not worth sending."""
    contact = db.session.get_one(Contact, heard.place.contact_id)
    campaign = db.session.get_one(Campaign, heard.place.campaign_id)
    number_id, text, at = heard.place.number_id, campaign.confirmation_text, heard.text.sent_at
    return outbox.confirm(contact, number_id, texting, text, now=at or now) is not None
