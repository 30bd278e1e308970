"""A test text to one's own phone: fixed words, from a number of the campaign, on the one road.

Whoever runs a campaign tries a number with it. It is a text like any other: it is queued, claimed
and asked about by Safeguard before it leaves, and it stands in no action, so it is in no figures.
It cannot carry a message to strangers: the words are ours, a few leave in an hour, and each is
on the trail.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.db import db
from webapp.errors import ConflictError, InvalidError
from webapp.models import (
    Campaign,
    CarrierBlock,
    Contact,
    Event,
    Message,
    MessageKind,
    MessageState,
    Number,
    Texting,
    TrailEntry,
    User,
)
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import contacts_by_phone, erased, optouts, outbox, safeguard, trail
from webapp.texting import failures, hours, phones

WORDS = (
    "This is a test text from Heed: somebody is trying a number with this phone. "
    "You need not do anything. Reply STOP to opt out."
)
MOST, PER = 5, timedelta(hours=1)
# How long the page looks out for what becomes of one.
WATCHED = safeguard.TESTS_WITHIN
WAITING = (MessageState.QUEUED, MessageState.CLAIMED)
ON_ITS_WAY = (*WAITING, MessageState.SENDING, MessageState.SENT)
NOT_MINE = "Mark that this is your own phone. A test text is for no other."


@dataclass(frozen=True, slots=True)
class Sent:
    """One test text as the page shows it: `look` is ok, warn, danger or info."""

    at: datetime
    phone: str
    number: str
    by: str
    look: str
    said: str
    why: str
    is_watched: bool  # its end is not known yet, and may be soon


def send(
    campaign: Campaign,
    number: Number,
    raw: str,
    *,
    is_mine: bool,
    key: str,
    by: User,
    now: datetime,
) -> Message:
    """Queue a test text from a number to a phone. The same `key` again returns the same text.

    Refused (InvalidError, fields "phone", "number", "is_mine"): what is no phone or one of ours,
    a phone that has opted out of a kind of texting that the number serves, is blocked by the
    carrier, was erased on request or lies in a country that the campaign does not text; a number
    that was retired. Refused (ConflictError): more than 5 in an hour, two people at once
    counted, and outside texting hours. All is asked again when it leaves; what could not leave
    within ten minutes never does. A phone that nobody knew becomes a contact without a name
    (decision 4), so that its STOP is not lost.
    """
    _one_at_a_time(campaign)
    key = outbox.one_form(f"test text {key}", by.id)
    earlier = outbox.with_key(campaign.id, key)
    if earlier is not None:
        return earlier
    if number.retired_at is not None:
        raise InvalidError("This number was retired. Choose another one.", field="number")
    phone = _phone(raw)
    if not is_mine:
        raise InvalidError(NOT_MINE, field="is_mine")
    kinds = number.kind.serves
    _check_person(campaign, number, phone, kinds)
    _check_hours(campaign, phone, now=now)
    _check_pace(campaign, now=now)
    contact = contacts_by_phone.make(campaign.id, phone, now=now)
    message = outbox.test(contact, number.id, kinds[0], WORDS, key=key, by=by, now=now)
    trail.record(
        Event.TEST_TEXT_SENT,
        campaign_id=campaign.id,
        by=by,
        now=now,
        contact_id=contact.id,
        message_id=message.id,
        about=number,
    )
    return message


def last(campaign: Campaign, *, now: datetime, limit: int = MOST) -> list[Sent]:
    """The last test texts of a campaign and what became of them, newest first."""
    rows = db.session.execute(
        select(Message, Contact, Number.phone, User.name)
        .select_from(TrailEntry)
        .join(Message, Message.id == TrailEntry.message_id)
        .join(Contact, Contact.id == Message.contact_id)
        .join(Number, Number.id == Message.number_id)
        .outerjoin(User, User.id == TrailEntry.by_user_id)
        .where(TrailEntry.campaign_id == campaign.id, TrailEntry.event == Event.TEST_TEXT_SENT)
        .order_by(TrailEntry.id.desc())
        .limit(limit)
    )
    return [
        Sent(
            message.created_at,
            "" if contact.is_erased else contact.phone,
            number,
            name or "Somebody who has left",
            *_what_became(message, now=now),
            is_watched=message.state in ON_ITS_WAY and message.created_at > now - WATCHED,
        )
        for message, contact, number, name in rows
    ]


def _what_became(message: Message, *, now: datetime) -> tuple[str, str, str]:
    """How it stands, in plain words: look, what, and why.

    One that waits no longer in earnest is told as not sent before a worker comes to cancel it.
    """
    if message.state in WAITING and message.created_at <= now - safeguard.TESTS_WITHIN:
        return "warn", "Not sent", safeguard.LAPSED[MessageKind.TEST]
    reason = message.error_reason or failures.words(message.error_code or "")
    waits = message.error_reason and f"It is tried again: {message.error_reason}"
    return {
        MessageState.QUEUED: ("info", "Waits to be sent", waits or ""),
        MessageState.SENT: ("ok", "Sent", "The carrier hasn’t said yet whether it arrived."),
        MessageState.DELIVERED: ("ok", "Delivered", ""),
        MessageState.UNDELIVERED: ("danger", "Not delivered", reason),
        MessageState.FAILED: ("danger", "Not delivered", reason),
        MessageState.UNKNOWN: ("warn", "Nobody can say whether it arrived", ""),
        MessageState.CANCELLED: ("warn", "Not sent", message.error_reason),
    }.get(message.state, ("info", "On its way", ""))


def _one_at_a_time(campaign: Campaign) -> None:
    """Two who press at once are counted one after the other."""
    row = select(Campaign.id).where(Campaign.id == campaign.id)
    db.session.execute(row.with_for_update(key_share=True))


def _phone(raw: str) -> str:
    reading = phones.read(raw)
    if reading.e164 is None:
        raise InvalidError(f"{reading.reason}. Write it like (312) 555-0142.", field="phone")
    ours = select(Number.id).where(Number.phone == reading.e164).limit(1)
    if db.session.scalar(ours) is not None:
        said = "This is a number that Heed texts from. Give the phone in your hand."
        raise InvalidError(said, field="phone")
    return reading.e164


def _check_person(
    campaign: Campaign, number: Number, phone: str, kinds: tuple[Texting, ...]
) -> None:
    """Refuse whom a real text from this number would not reach either."""
    if phones.country(phone) not in safeguard.countries(campaign):
        said = "This phone is in a country that your campaign doesn’t text."
        raise InvalidError(said, field="phone")
    if erased.find(campaign.id, phone) is not None:
        said = "This phone belongs to a person who was erased on request, so it isn’t texted."
        raise InvalidError(said, field="phone")
    contact = contacts_by_phone.find(campaign.id, phone)
    if contact is None:
        return
    standing = optouts.standing(contact)
    gone = [BUILT_IN_NAMES[kind] for kind in kinds if not standing[kind].may_be_texted]
    if gone:
        said = f"This phone has {' and '.join(gone)}, so nothing was sent to it."
        raise InvalidError(said, field="phone")
    if db.session.get(CarrierBlock, (number.id, contact.id)) is not None:
        ours = phones.pretty(number.phone)
        said = f"The carrier blocks texts to this phone until it texts START to {ours}."
        raise InvalidError(said, field="phone")


def _check_hours(campaign: Campaign, phone: str, *, now: datetime) -> None:
    if not hours.may_text(now, campaign.hours, campaign.time_zone, hours.zones_of(phone)):
        raise ConflictError("Texting is closed for this phone now. Try again in texting hours.")


def _check_pace(campaign: Campaign, *, now: datetime) -> None:
    newest = select(TrailEntry.at).where(
        TrailEntry.campaign_id == campaign.id, TrailEntry.event == Event.TEST_TEXT_SENT
    )
    times = db.session.scalars(newest.order_by(TrailEntry.id.desc()).limit(MOST)).all()
    if len(times) == MOST and times[-1] > now - PER:
        minutes = int((times[-1] + PER - now).total_seconds() // 60) + 1
        raise ConflictError(
            f"{MOST} test texts an hour are the most. Try again in {minutes} "
            f"{'minute' if minutes == 1 else 'minutes'}."
        )
