"""One incoming text: de-duplicated, threaded, read for a keyword, acted on, kept.

The busiest path of all, and the one that a carrier waits for: a few statements, built once.
"""

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
    concerns,
    conversations,
    helping,
    keyword_texts,
    optouts,
    outbox,
    places,
    tally,
    turns,
)
from webapp.services.keyword_texts import Keyword
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
    concerned = concerns.narrowed(places.of(sender, to), text)
    if any(place.contact_id is None for place in concerned):
        concerned = concerns.introduced(concerned, text, sender, to, now=now)
    receipt_id = _receipt(text, messages=len(concerned), now=now)
    if receipt_id is None:
        return False
    # One text confirms an opt-out, also where campaigns share the number: by who texted last.
    confirmed = False
    for place in sorted(concerned, key=lambda place: -(place.last_id or 0)):
        confirmed |= _take_in(place, text, receipt_id, may_confirm=not confirmed, now=now)
    db.session.flush()
    db.session.expire_all()  # What was loaded before does not know of this.
    return True


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


def _take_in(
    place: Place, text: Inbound, receipt_id: int, *, may_confirm: bool, now: datetime
) -> bool:
    """True when a confirmation was queued."""
    meaning = concerns.meaning_of(text, place)
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
        return _opt_out(place, kinds, message, may_confirm=may_confirm, now=now)
    message_id = _listen(place, kinds, message, now=now)
    if text.opt_out_type == "START":
        who = place.number_id, place.contact_id, place.campaign_id
        blocks.lift(*who, message_id=message_id, now=now)
    return False


def _opt_out(
    place: Place,
    kinds: tuple[Texting, ...],
    message: dict[str, Any],
    *,
    may_confirm: bool,
    now: datetime,
) -> bool:
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
    if not may_confirm or not added or place.confirmation_by is not Answerer.HEED:
        return False
    text = db.session.get_one(Campaign, place.campaign_id).confirmation_text
    return outbox.confirm(contact, place.number_id, added[0], text, now=now) is not None


def _listen(
    place: Place, kinds: tuple[Texting, ...], message: dict[str, Any], *, now: datetime
) -> int:
    """Anything but a stop word: into the inbox, or to Wrote back if the person had opted out.

    Returns the id of the message.
    """
    gone = set(run(_GONE, contact=message["contact_id"]).scalars())
    hidden = place.closed is Closed.STOP_WORD
    reaction = message["is_reaction"]
    meaning, body, left = Meaning(message["meaning"]), message["body"], Texting.BROADCAST in gone
    keyword = keyword_texts.read(place, meaning, body, has_left=left, now=now)
    if keyword is not None and not keyword.is_shut_out:
        return _heed(place, keyword, message, now=now)
    if keyword is not None or hidden or gone.intersection(kinds):
        message["wrote_back"] = not reaction
        message_id: int = run(_RECEIVED, **message).scalar_one()
        if place.thread_id is not None and not hidden:
            _hear(place, place.thread_id, message, quiet=True, now=now)
        return message_id
    thread_id = place.thread_id or _new_thread(place, kinds[0], message, now=now)
    message["conversation_id"] = thread_id
    if message["meaning"] == Meaning.NONE and hints.find(
        message["body"], stop_words=concerns.words(place.own_stop_words)
    ):
        message["hint"] = Hinted.OPEN
    message_id = run(_RECEIVED, **message).scalar_one()
    if not reaction and not place.has_replied:
        tally.add(place.action_id, replies=1)
    hint = message_id if message["hint"] else None
    _hear(place, thread_id, message, quiet=reaction, hint_id=hint, now=now)
    if message["meaning"] == Meaning.HELP:
        helping.answer(thread_id, place.help_by, now=now)
    return message_id


def _heed(place: Place, keyword: Keyword, message: dict[str, Any], *, now: datetime) -> int:
    """A keyword needs nobody's attention; it stands where it is answered. Returns its id."""
    keyword_texts.find_thread(keyword, place, now=now)
    message |= {
        "conversation_id": keyword.thread_id,
        "action_id": keyword.action_id,
        "texting": Texting.BROADCAST,
        "meaning": keyword.meaning,
    }
    message_id: int = run(_RECEIVED, **message).scalar_one()
    if keyword.thread_id is not None:
        conversations.hear(keyword.thread_id, message["body"], quiet=True, now=now)
        tally.tick(place.campaign_id, [keyword.assignee_id])
    db.session.expire_all()  # What was loaded before does not know of this.
    keyword_texts.act(keyword, place, message["body"], message_id=message_id, now=now)
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
