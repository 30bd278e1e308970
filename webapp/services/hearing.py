"""What an incoming text does in one campaign: weighed first, then kept, then acted on.

In these three steps, so that the texts of several people can be kept with one statement.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from webapp.carriers.base import Inbound
from webapp.db import db
from webapp.models import (
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
from webapp.services import (
    blocks,
    conversations,
    helping,
    keyword_texts,
    places,
    stop_texts,
    talks,
    tally,
)
from webapp.services.conversations import Written
from webapp.services.heard import Heard, count
from webapp.services.keyword_texts import Keyword
from webapp.services.places import Place
from webapp.texting import hints, keywords
from webapp.texting.keywords import Meaning, OwnWords

_RECEIVED = {
    "direction": Direction.IN,
    "kind": MessageKind.INBOUND,
    "state": MessageState.RECEIVED,
    "error_reason": "",
    "attempts": 0,
}


def meaning_of(text: Inbound, place: Place) -> Meaning:
    """What the text says; a carrier's OptOutType=STOP is obeyed whatever the words (decision 2)."""
    if (text.opt_out_type or "").upper() == "STOP":
        return Meaning.OPT_OUT
    return keywords.read(text.body, **_own_words(place))


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
        action_id=place.action_id,
        assignee_id=place.assignee_id,
    )
    if heard.meaning is Meaning.OPT_OUT:
        return heard
    # The order is that of sending where we know it: an old START lifts no newer opt-out.
    keyword = keyword_texts.read(place, heard.meaning, text.body, now=text.sent_at or now)
    if keyword is not None and not keyword.is_shut_out:
        return _as_keyword(heard, keyword, now=now)
    heard.is_shut_out = (
        keyword is not None
        or place.closed is Closed.STOP_WORD
        or any(places.has_left(place, kind) for kind in heard.kinds)
    )
    if heard.is_shut_out:
        return heard
    if heard.thread_id is None:
        _start_thread(heard, now=now)
    if heard.meaning is Meaning.NONE and not heard.is_reaction:
        heard.hint = Hinted.OPEN if hints.spot(text.body, **_own_words(place)) else None
    return heard


def _as_keyword(heard: Heard, keyword: Keyword, *, now: datetime) -> Heard:
    """A keyword needs nobody's attention; it stands where it is answered."""
    keyword_texts.find_thread(keyword, heard.place, now=now)
    heard.keyword, heard.kinds = keyword, (Texting.BROADCAST,)
    heard.thread_id, heard.action_id = keyword.thread_id, keyword.action_id
    heard.assignee_id = keyword.assignee_id
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
        stop_texts.opt_out(stopped, now=now)
    written = [_written(heard, now=now) for heard in listened]
    conversations.hear(filter(None, written), now=now)
    db.session.expire_all()  # What was loaded before does not know of this.
    for heard in listened:
        _answer(heard, now=now)
    db.session.flush()


def _own_words(place: Place) -> OwnWords:
    return OwnWords(
        stop_words=_words(place.own_stop_words), opt_in_words=_words(place.own_opt_in_words)
    )


def _words(lines: str) -> Sequence[str]:
    return lines.split("\n") if lines else ()


def _start_thread(heard: Heard, *, now: datetime) -> None:
    """The first answer to a broadcast, or somebody whom nobody texted (for the admins to see)."""
    place = heard.place
    contact = db.session.get_one(Contact, place.contact_id)
    number = db.session.get_one(Number, place.number_id)
    thread = talks.begin(contact, place.last_action_id, number, heard.kinds[0], now=now)
    heard.thread_id, heard.action_id = thread.id, thread.action_id
    heard.assignee_id = thread.assignee_id


def _message(heard: Heard) -> dict[str, Any]:
    place, text = heard.place, heard.text
    return {
        "campaign_id": place.campaign_id,
        "contact_id": place.contact_id,
        "conversation_id": heard.thread_id,
        "action_id": heard.action_id,
        "number_id": place.number_id,
        "texting": heard.kinds[0],
        "body": text.body,
        "media": list(text.media),
        "receipt_id": heard.receipt_id,
        "provider": text.provider,
        "provider_id": text.provider_id,
        "meaning": heard.keyword.meaning if heard.keyword else heard.meaning.value,
        "is_reaction": heard.is_reaction,
        "hint": heard.hint,
        "wrote_back": heard.is_shut_out and not heard.is_reaction,
    }


def _written(heard: Heard, *, now: datetime) -> Written | None:
    """What the inbox shows of anything but a stop word; None: the text is in no inbox.

    A text of somebody who had opted out is found under Wrote back.
    """
    place, body = heard.place, heard.text.body
    ended = heard.keyword is None and place.closed is Closed.STOP_WORD
    if heard.thread_id is None or ended:
        return None
    tally.tick(place.campaign_id, [heard.assignee_id])
    if heard.is_shut_out or heard.is_reaction or heard.keyword is not None:
        return Written(heard.thread_id, body, quiet=True)
    if not place.has_replied:
        count(heard, now=now, replies=1)
    return Written(heard.thread_id, body, hint_id=heard.message_id if heard.hint else None)


def _answer(heard: Heard, *, now: datetime) -> None:
    """What a keyword asks for; the help text; the end of a block that the carrier has lifted."""
    place = heard.place
    if heard.keyword is not None:
        body, message_id = heard.text.body, heard.message_id
        keyword_texts.act(heard.keyword, place, body, message_id=message_id, now=now)
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
