"""One incoming text: de-duplicated, threaded, read for a keyword, acted on, kept.

The busiest path of all, and the one that a carrier waits for: a few statements, built once.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select

from webapp.carriers.base import Inbound
from webapp.db import db, insert_once, run
from webapp.models import (
    Actor,
    Answerer,
    Campaign,
    Closed,
    Contact,
    ContactTag,
    Direction,
    Hinted,
    Message,
    MessageKind,
    MessageState,
    Number,
    OptOutSource,
    Tag,
    Texting,
    WebhookReceipt,
)
from webapp.services import (
    blocks,
    contacts_by_phone,
    conversations,
    helping,
    optouts,
    outbox,
    places,
    tally,
    turns,
)
from webapp.services.places import Place
from webapp.texting import hints, keywords, phones
from webapp.texting.keywords import Meaning

_GONE = (
    select(Tag.opts_out_of)
    .join(ContactTag, ContactTag.tag_id == Tag.id)
    .where(ContactTag.contact_id == bindparam("contact"), Tag.opts_out_of.is_not(None))
)
_RECEIVED = insert(Message).returning(Message.id)


def receive(text: Inbound, *, now: datetime) -> bool:
    """Take in one text; False when this carrier message id was received before.

    All of it happens in the caller's one transaction, which is committed and synced before the
    carrier gets its 200 (promise G2): receipt, message, conversation, and for a stop word the
    opt-out with everything that was queued. A repeated delivery changes nothing (decision 3).
    Nothing is lost: a text to a number that no campaign holds is kept as its receipt, and an
    unknown sender becomes a contact without a name (decision 4).
    """
    if "\x00" in text.body:  # PostgreSQL cannot store it, and a STOP must not be lost over it.
        text = replace(text, body=text.body.replace("\x00", ""))
    sender = phones.read(text.sender).e164 or text.sender
    to = phones.read(text.to).e164 or text.to
    turns.take_for_phone(sender, to)
    concerned = _concerned(places.of(sender, to), text)
    if any(place.contact_id is None for place in concerned):
        concerned = _introduced(concerned, text, sender, to, now=now)
    receipt_id = _receipt(text, messages=len(concerned), now=now)
    if receipt_id is None:
        return False
    for place in concerned:
        _take_in(place, text, receipt_id, now=now)
    db.session.expire_all()  # What was loaded before does not know of this.
    return True


def _meaning(text: Inbound, place: Place) -> Meaning:
    """What the text says; a carrier's OptOutType=STOP is obeyed whatever the words (decision 2)."""
    if (text.opt_out_type or "").upper() == "STOP":
        return Meaning.OPT_OUT
    return keywords.read(text.body, stop_words=_stop_words(place))


def _stop_words(place: Place) -> Sequence[str]:
    return place.own_stop_words.split("\n") if place.own_stop_words else ()


def _receipt(text: Inbound, *, messages: int, now: datetime) -> int | None:
    """The receipt's id, or None when the carrier has delivered this text before."""
    receipt_id: int | None = run(
        insert_once(WebhookReceipt).returning(WebhookReceipt.id),
        provider=text.provider,
        provider_id=text.provider_id,
        sender=text.sender[:40],
        to=text.to[:40],
        content={
            "body": text.body,
            "media": list(text.media),
            "opt_out_type": text.opt_out_type,
        },
        received_at=now,
        messages=messages,
    ).scalar()
    return receipt_id


def _concerned(found: Sequence[Place], text: Inbound) -> Sequence[Place]:
    """Which campaigns a text concerns, when several share the number.

    An opt-out concerns every campaign that texted from that number to that phone; anything
    else the one that texted last. If none did: every campaign that holds it (decision 4).
    """
    texted = [place for place in found if place.last_id is not None]
    if not texted:
        return found
    latest = max(texted, key=lambda place: place.last_id)
    return [
        place for place in texted if place is latest or _meaning(text, place) is Meaning.OPT_OUT
    ]


def _introduced(
    unknown: Sequence[Place], text: Inbound, sender: str, to: str, *, now: datetime
) -> Sequence[Place]:
    """The places again, after this phone became a contact; another text may have been quicker."""
    for place in unknown:
        contacts_by_phone.make(place.campaign_id, sender, now=now)
    turns.take_for_phone(sender, to)
    return _concerned(places.of(sender, to), text)


def _take_in(place: Place, text: Inbound, receipt_id: int, *, now: datetime) -> None:
    meaning = _meaning(text, place)
    kinds = (place.last_texting,) if place.last_id else place.serves.serves
    message = {
        "campaign_id": place.campaign_id,
        "contact_id": place.contact_id,
        "conversation_id": place.thread_id,
        "action_id": place.action_id,
        "number_id": place.number_id,
        "texting": kinds[0],
        "direction": Direction.IN,
        "kind": MessageKind.INBOUND,
        "state": MessageState.RECEIVED,
        "body": text.body,
        "media": list(text.media),
        "receipt_id": receipt_id,
        "provider": text.provider,
        "provider_id": text.provider_id,
        "error_reason": "",
        "attempts": 0,
        "created_at": now,
        "meaning": meaning.value,
        "is_reaction": keywords.is_reaction(text.body),
        "hint": None,
        "wrote_back": False,
    }
    if meaning is Meaning.OPT_OUT:
        _opt_out(place, kinds, message, now=now)
        return
    message_id = _listen(place, kinds, message, now=now)
    if text.opt_out_type == "START":
        number_id, contact_id = place.number_id, place.contact_id
        blocks.lift(number_id, contact_id, place.campaign_id, message_id=message_id, now=now)


def _opt_out(
    place: Place, kinds: tuple[Texting, ...], message: dict[str, Any], *, now: datetime
) -> None:
    """Tag, cancel, close, and hide the thread (spec: automatically-tracked opt-outs)."""
    message_id = run(_RECEIVED, **message).scalar_one()
    contact = db.session.get_one(Contact, message["contact_id"])
    added = [
        texting
        for texting in kinds
        if optouts.record(
            contact,
            texting,
            source=OptOutSource.STOP_WORD,
            actor=Actor.CONTACT,
            message_id=message_id,
            now=now,
        )
    ]
    if place.thread_id is not None:
        if place.thread_texting in added:
            tally.add(place.action_id, opt_outs=1)
        conversations.hide(
            place.thread_id, place.campaign_id, place.assignee_id, message["body"], now=now
        )
    if added and place.confirmation_by is Answerer.HEED:
        campaign = db.session.get_one(Campaign, place.campaign_id)
        outbox.confirm(contact, place.number_id, added[0], campaign.confirmation_text, now=now)


def _listen(
    place: Place, kinds: tuple[Texting, ...], message: dict[str, Any], *, now: datetime
) -> int:
    """Anything but a stop word: into the inbox, or to Wrote back if the person had opted out.

    Returns the id of the message.
    """
    gone = set(run(_GONE, contact=message["contact_id"]).scalars())
    hidden = place.closed is Closed.STOP_WORD
    reaction = message["is_reaction"]
    if hidden or gone.intersection(kinds):
        message["wrote_back"] = not reaction
        message_id: int = run(_RECEIVED, **message).scalar_one()
        if place.thread_id is not None and not hidden:
            _hear(place, place.thread_id, message, quiet=True, now=now)
        return message_id
    thread_id = place.thread_id or _new_thread(place, kinds[0], message, now=now)
    message["conversation_id"] = thread_id
    if message["meaning"] == Meaning.NONE and hints.find(
        message["body"], stop_words=_stop_words(place)
    ):
        message["hint"] = Hinted.OPEN
    message_id = run(_RECEIVED, **message).scalar_one()
    if not reaction and not place.has_replied:
        tally.add(place.action_id, replies=1)
    hint_id = message_id if message["hint"] else None
    _hear(place, thread_id, message, quiet=reaction, hint_id=hint_id, now=now)
    if message["meaning"] == Meaning.HELP:
        helping.answer(thread_id, place.help_by, now=now)
    return message_id


def _hear(
    place: Place,
    thread_id: int,
    message: dict[str, Any],
    *,
    quiet: bool,
    now: datetime,
    hint_id: int | None = None,
) -> None:
    conversations.hear(thread_id, message["body"], quiet=quiet, hint_id=hint_id, now=now)
    tally.tick(place.campaign_id, [place.assignee_id])


def _new_thread(place: Place, texting: Texting, message: dict[str, Any], *, now: datetime) -> int:
    """Somebody whom nobody texted: a conversation without an action, for the admins to see."""
    contact = db.session.get_one(Contact, message["contact_id"])
    number = db.session.get_one(Number, place.number_id)
    return conversations.start(contact, None, number, texting, assignee_id=None, now=now).id
