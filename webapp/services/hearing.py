"""What an incoming text does in one campaign: weighed first, then kept, then acted on.

In these three steps, so that the texts of several people can be kept with one statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from webapp.carriers.base import Inbound
from webapp.db import db
from webapp.models import (
    Answerer,
    Campaign,
    Closed,
    Contact,
    Direction,
    Hinted,
    Message,
    MessageKind,
    MessageState,
    Number,
    Texting,
)
from webapp.rows import insert_rows
from webapp.services import blocks, conversations, helping, optouts, outbox, places, tally
from webapp.services.conversations import Written
from webapp.services.places import Place
from webapp.services.stopping import Stop
from webapp.texting import hints, keywords
from webapp.texting.keywords import Meaning

_RECEIVED = {
    "direction": Direction.IN,
    "kind": MessageKind.INBOUND,
    "state": MessageState.RECEIVED,
    "error_reason": "",
    "attempts": 0,
}


@dataclass(slots=True)
class Heard:
    """A text in one campaign, and what was decided about it."""

    place: Place
    text: Inbound
    receipt_id: int
    meaning: Meaning
    kinds: tuple[Texting, ...]  # of texting that it answers
    is_reaction: bool = False
    # The person had opted out, or the thread had ended with a stop word.
    is_shut_out: bool = False
    hint: Hinted | None = None
    thread_id: int | None = None  # The conversation it stands in.
    message_id: int = 0  # Known when it is kept.


def meaning_of(text: Inbound, place: Place) -> Meaning:
    """What the text says; a carrier's OptOutType=STOP is obeyed whatever the words (decision 2)."""
    if (text.opt_out_type or "").upper() == "STOP":
        return Meaning.OPT_OUT
    return keywords.read(text.body, stop_words=_stop_words(place))


def weigh(place: Place, text: Inbound, receipt_id: int, *, now: datetime) -> Heard:
    """Decide what a text is, by what is known of its place; nothing about it is written yet.

    The one exception: a conversation for somebody whom nobody texted.
    """
    heard = Heard(
        place=place,
        text=text,
        receipt_id=receipt_id,
        meaning=meaning_of(text, place),
        kinds=(place.last_texting,) if place.last_id else place.serves.serves,
        is_reaction=keywords.is_reaction(text.body),
        thread_id=place.thread_id,
    )
    if heard.meaning is Meaning.OPT_OUT:
        return heard
    heard.is_shut_out = place.closed is Closed.STOP_WORD or any(
        places.has_left(place, kind) for kind in heard.kinds
    )
    if heard.is_shut_out:
        return heard
    heard.thread_id = heard.thread_id or _new_thread(place, heard.kinds[0], now=now)
    if heard.meaning is Meaning.NONE and hints.find(text.body, stop_words=_stop_words(place)):
        heard.hint = Hinted.OPEN
    return heard


def keep(all_heard: Sequence[Heard], *, now: datetime) -> None:
    """Write the messages down, all in one statement."""
    if not all_heard:
        return
    same = {**_RECEIVED, "created_at": now}
    rows = [_message(heard) for heard in all_heard]
    kept = insert_rows(Message, rows, same, returning=("id", "receipt_id", "contact_id"))
    ids = {(row.receipt_id, row.contact_id): row.id for row in kept}
    for heard in all_heard:
        heard.message_id = ids[heard.receipt_id, heard.place.contact_id]


def act(all_heard: Sequence[Heard], *, now: datetime) -> None:
    """Do what the kept texts ask for: stop words first, then the inboxes, then the rest."""
    stopped = [heard for heard in all_heard if heard.meaning is Meaning.OPT_OUT]
    listened = [heard for heard in all_heard if heard.meaning is not Meaning.OPT_OUT]
    if stopped:
        _opt_out(stopped, now=now)
    conversations.hear(filter(None, map(_written, listened)), now=now)
    db.session.expire_all()  # What was loaded before does not know of this.
    for heard in listened:
        _answer(heard, now=now)


def _stop_words(place: Place) -> Sequence[str]:
    return place.own_stop_words.split("\n") if place.own_stop_words else ()


def _new_thread(place: Place, texting: Texting, *, now: datetime) -> int:
    """Somebody whom nobody texted: a conversation without an action, for the admins to see."""
    contact = db.session.get_one(Contact, place.contact_id)
    number = db.session.get_one(Number, place.number_id)
    return conversations.start(contact, None, number, texting, assignee_id=None, now=now).id


def _message(heard: Heard) -> dict[str, Any]:
    place, text = heard.place, heard.text
    return {
        "campaign_id": place.campaign_id,
        "contact_id": place.contact_id,
        "conversation_id": heard.thread_id,
        "action_id": place.action_id,
        "number_id": place.number_id,
        "texting": heard.kinds[0],
        "body": text.body,
        "media": list(text.media),
        "receipt_id": heard.receipt_id,
        "provider": text.provider,
        "provider_id": text.provider_id,
        "meaning": heard.meaning.value,
        "is_reaction": heard.is_reaction,
        "hint": heard.hint,
        "wrote_back": heard.is_shut_out and not heard.is_reaction,
    }


def _opt_out(stopped: Sequence[Heard], *, now: datetime) -> None:
    """Tag, cancel, close, and hide the threads (spec: automatically-tracked opt-outs)."""
    asked = {
        heard.message_id: [
            Stop(heard.place.campaign_id, heard.place.contact_id, kind, heard.message_id)
            for kind in heard.kinds
        ]
        for heard in stopped
    }
    fresh = optouts.record_stop_words(list(chain.from_iterable(asked.values())), now=now)
    ended = []
    for heard in stopped:
        place = heard.place
        added = [stop.texting for stop in asked[heard.message_id] if stop in fresh]
        if heard.thread_id is not None:
            ended.append(Written(heard.thread_id, heard.text.body))
            tally.tick(place.campaign_id, [place.assignee_id])
            if place.thread_texting in added:
                tally.add(place.action_id, opt_outs=1)
        if added and place.confirmation_by is Answerer.HEED:
            _confirm(place, added[0], now=now)
    conversations.hide(ended, now=now)


def _confirm(place: Place, texting: Texting, *, now: datetime) -> None:
    contact = db.session.get_one(Contact, place.contact_id)
    campaign = db.session.get_one(Campaign, place.campaign_id)
    outbox.confirm(contact, place.number_id, texting, campaign.confirmation_text, now=now)


def _written(heard: Heard) -> Written | None:
    """What the inbox shows of anything but a stop word; None: the text is in no inbox.

    A text of somebody who had opted out is found under Wrote back.
    """
    place, body = heard.place, heard.text.body
    if heard.thread_id is None or place.closed is Closed.STOP_WORD:
        return None
    tally.tick(place.campaign_id, [place.assignee_id])
    if heard.is_shut_out or heard.is_reaction:
        return Written(heard.thread_id, body, quiet=True)
    if not place.has_replied:
        tally.add(place.action_id, replies=1)
    return Written(heard.thread_id, body, hint_id=heard.message_id if heard.hint else None)


def _answer(heard: Heard, *, now: datetime) -> None:
    """The help text for those who ask; the end of a block that the carrier says it has lifted."""
    place = heard.place
    if heard.meaning is Meaning.HELP and heard.thread_id is not None and not heard.is_shut_out:
        helping.answer(heard.thread_id, place.help_by, now=now)
    if heard.text.opt_out_type == "START":
        blocks.lift(
            place.number_id,
            place.contact_id,
            place.campaign_id,
            message_id=heard.message_id,
            now=now,
        )
