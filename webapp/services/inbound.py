"""One incoming text: de-duplicated, threaded, read for a keyword, acted on, kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp.carriers.base import Inbound
from webapp.db import changed_rows, db, insert_once
from webapp.models import (
    Actor,
    Campaign,
    Closed,
    Contact,
    Conversation,
    Direction,
    Hinted,
    Message,
    MessageKind,
    MessageState,
    Number,
    OptOutSource,
    Texting,
    WebhookReceipt,
)
from webapp.services import contacts_by_phone, conversations, optouts, tally
from webapp.texting import hints, keywords, phones
from webapp.texting.keywords import Meaning

# States of our own texts that count as "we texted this person".
TEXTED = (
    MessageState.SENDING,
    MessageState.SENT,
    MessageState.DELIVERED,
    MessageState.UNDELIVERED,
    MessageState.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an incoming text belongs: a campaign's number, and what we last sent from it."""

    number: Number
    campaign: Campaign
    contact: Contact | None
    last: Message | None


def receive(text: Inbound, *, now: datetime) -> bool:
    """Take in one text; False when this carrier message id was received before.

    All of it happens in the caller's one transaction, which is committed and synced before the
    carrier gets its 200 (promise G2): receipt, message, conversation, and for a stop word the
    opt-out with everything that was queued. A repeated delivery changes nothing (decision 3).
    Nothing is lost: a text to a number that no campaign holds is kept as its receipt, and an
    unknown sender becomes a contact without a name (decision 4).
    """
    receipt_id = _receipt(text, now=now)
    if receipt_id is None:
        return False
    sender = phones.read(text.sender).e164 or text.sender
    places = _places(sender, phones.read(text.to).e164 or text.to)
    for place in _concerned(places, text):
        _take_in(place, text, sender, receipt_id, now=now)
    return True


def meaning_of(text: Inbound, campaign: Campaign) -> Meaning:
    """What the text says; a carrier's OptOutType=STOP is obeyed whatever the words (decision 2)."""
    if (text.opt_out_type or "").upper() == "STOP":
        return Meaning.OPT_OUT
    return keywords.read(text.body, stop_words=campaign.stop_words)


def _receipt(text: Inbound, *, now: datetime) -> int | None:
    content = {
        "body": text.body,
        "media": list(text.media),
        "opt_out_type": text.opt_out_type,
    }
    fresh = changed_rows(
        insert_once(WebhookReceipt).values(
            provider=text.provider,
            provider_id=text.provider_id,
            sender=text.sender[:40],
            to=text.to[:40],
            content=content,
            received_at=now,
            messages=0,
        )
    )
    if not fresh:
        return None
    return db.session.scalar(
        select(WebhookReceipt.id).where(
            WebhookReceipt.provider == text.provider,
            WebhookReceipt.provider_id == text.provider_id,
        )
    )


def _places(sender: str, to: str) -> list[_Place]:
    rows = db.session.execute(
        select(Number, Campaign)
        .join(Campaign, Campaign.id == Number.campaign_id)
        .where(Number.phone == to)
        .order_by(Number.id)
    ).all()
    places = []
    for number, campaign in rows:
        contact = contacts_by_phone.find(campaign.id, sender)
        places.append(_Place(number, campaign, contact, _last_text(number, contact)))
    return places


def _last_text(number: Number, contact: Contact | None) -> Message | None:
    if contact is None:
        return None
    query = (
        select(Message)
        .where(
            Message.contact_id == contact.id,
            Message.number_id == number.id,
            Message.direction == Direction.OUT,
            Message.state.in_(TEXTED),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    return db.session.scalars(query).first()


def _concerned(places: list[_Place], text: Inbound) -> list[_Place]:
    """Which campaigns a text concerns, when several share the number.

    An opt-out concerns every campaign that texted from that number to that phone; anything
    else the one that texted last. If none did: every campaign that holds it (decision 4).
    """
    texted = [place for place in places if place.last is not None]
    if not texted:
        return places
    latest = max(texted, key=lambda place: place.last.id if place.last else 0)
    return [
        place
        for place in texted
        if place is latest or meaning_of(text, place.campaign) is Meaning.OPT_OUT
    ]


def _take_in(
    place: _Place, text: Inbound, sender: str, receipt_id: int, *, now: datetime
) -> None:
    contact = place.contact or contacts_by_phone.make(place.campaign.id, sender, now=now)
    meaning = meaning_of(text, place.campaign)
    kinds = (place.last.texting,) if place.last else place.number.kind.serves
    thread = conversations.newest_from(place.number, contact)
    message = Message(
        campaign_id=place.campaign.id,
        contact_id=contact.id,
        conversation_id=thread.id if thread else None,
        action_id=thread.action_id if thread else None,
        number_id=place.number.id,
        texting=kinds[0],
        direction=Direction.IN,
        kind=MessageKind.INBOUND,
        state=MessageState.RECEIVED,
        body=text.body.replace("\x00", ""),
        media=list(text.media),
        receipt_id=receipt_id,
        provider=text.provider,
        provider_id=text.provider_id,
        created_at=now,
        meaning=meaning.value,
        is_reaction=keywords.is_reaction(text.body),
    )
    db.session.add(message)
    db.session.flush()
    receipt = db.session.get_one(WebhookReceipt, receipt_id)
    receipt.messages += 1
    if meaning is Meaning.OPT_OUT:
        _opt_out(contact, kinds, thread, message, text, now=now)
    else:
        _listen(place, contact, kinds, thread, message, meaning, now=now)


def _opt_out(
    contact: Contact,
    kinds: tuple[Texting, ...],
    thread: Conversation | None,
    message: Message,
    text: Inbound,
    *,
    now: datetime,
) -> None:
    """Tag, cancel, close, and hide the thread (spec: automatically-tracked opt-outs)."""
    for texting in kinds:
        added = optouts.record(
            contact,
            texting,
            source=OptOutSource.STOP_WORD,
            actor=Actor.CONTACT,
            message=message,
            now=now,
        )
        if added and thread is not None and thread.texting is texting:
            tally.add(thread.action_id, opt_outs=1)
    if thread is not None:
        db.session.refresh(thread)
        conversations.heard(thread, message, quiet=True, now=now)
        db.session.flush()
        conversations.hide(thread, now=now)


def _listen(
    place: _Place,
    contact: Contact,
    kinds: tuple[Texting, ...],
    thread: Conversation | None,
    message: Message,
    meaning: Meaning,
    *,
    now: datetime,
) -> None:
    """Anything but a stop word: into the inbox, or to Wrote back if the person had opted out."""
    standing = optouts.standing(contact)
    gone = any(not standing[texting].may_be_texted for texting in kinds)
    hidden = thread is not None and thread.closed is Closed.STOP_WORD
    if gone or hidden:
        message.wrote_back = not message.is_reaction
        if thread is not None and not hidden:
            conversations.heard(thread, message, quiet=True, now=now)
        return
    if thread is None:
        thread = conversations.start(
            contact, None, place.number, kinds[0], assignee_id=None, now=now
        )
        message.conversation_id = thread.id
    if meaning is Meaning.NONE and hints.find(message.body, stop_words=place.campaign.stop_words):
        message.hint = Hinted.OPEN
        thread.hint_message_id = message.id
    if not message.is_reaction and not _answered_before(thread, message):
        tally.add(thread.action_id, replies=1)
    conversations.heard(thread, message, quiet=message.is_reaction, now=now)


def _answered_before(thread: Conversation, message: Message) -> bool:
    earlier = (
        select(Message.id)
        .where(
            Message.conversation_id == thread.id,
            Message.direction == Direction.IN,
            ~Message.is_reaction,
            Message.id < message.id,
        )
        .limit(1)
    )
    return db.session.scalar(earlier) is not None
