"""Incoming texts: de-duplicated, brought to their campaigns, kept and acted on.

The busiest path of all, and the one that a carrier waits for. A handful of statements takes in
one text or many, because what arrives at the same moment is taken in together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from webapp.carriers.base import Inbound
from webapp.db import db
from webapp.models import WebhookReceipt
from webapp.rows import insert_rows
from webapp.services import contacts_by_phone, hearing, numbers, places, turns
from webapp.services.places import Place
from webapp.texting import phones
from webapp.texting.keywords import Meaning

# Texts that one look-up takes at most.
AT_ONCE = 32


@dataclass(eq=False, slots=True)
class _Arrived:
    """A text with its two phones in E.164, as far as they are phones."""

    text: Inbound
    sender: str
    to: str

    @property
    def key(self) -> tuple[str, str]:
        """What the carrier calls this text."""
        return self.text.provider, self.text.provider_id


def receive(text: Inbound, *, now: datetime) -> bool:
    """Take in one text; False when this carrier message id was received before.

    All of it happens in the caller's one transaction, which is committed and synced before the
    carrier gets its 200 (promise G2): receipt, message, conversation, and for a stop word the
    opt-out with everything that was queued. A repeated delivery changes nothing (decision 3).
    Nothing is lost: a text to a number that no campaign holds is kept as its receipt, and an
    unknown sender becomes a contact without a name (decision 4).
    """
    while True:
        [is_new] = _receive([text], wait=True, now=now)
        if is_new is not None:
            return is_new
        # The phone became a contact between our two looks; now we can wait for our turn with it.


def receive_all(texts: Sequence[Inbound], *, now: datetime) -> list[bool | None]:
    """The same for several texts, in this order and in one transaction.

    Nobody's text waits because of somebody else's: None stands for a text that was not taken
    in, because its sender's turn (services/turns.py) is another one's just now. It has to be
    received alone.
    """
    return _receive(texts, wait=False, now=now)


def _receive(texts: Sequence[Inbound], *, wait: bool, now: datetime) -> list[bool | None]:
    answers: list[bool | None] = []
    for some in _apart([_read(_to_us(text)) for text in texts]):
        answers += _take_in(some, wait=wait, now=now)
    db.session.expire_all()  # What was loaded before does not know of this.
    return answers


def _to_us(text: Inbound) -> Inbound:
    """A group text, with that of its recipients as `to` which a campaign holds, if one does."""
    if not text.also_to:
        return text
    named = {phones.read(phone).e164 or phone: phone for phone in (text.to, *text.also_to)}
    held = numbers.held(named)
    ours = (phone for e164, phone in named.items() if e164 in held)
    return replace(text, to=next(ours, text.to))


def _read(text: Inbound) -> _Arrived:
    # No database stores half an emoji, nor PostgreSQL a NUL: a STOP must not be lost over one.
    body = text.body.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    text = text if body == text.body else replace(text, body=body)
    sender = phones.read(text.sender).e164 or text.sender
    return _Arrived(text, sender, phones.read(text.to).e164 or text.to)


def _apart(arrived: Sequence[_Arrived]) -> Iterator[list[_Arrived]]:
    """In order and cut before each repetition: the second text has to see what the first did."""
    some: list[_Arrived] = []
    seen: set[object] = set()
    for one in arrived:
        if len(some) == AT_ONCE or not seen.isdisjoint((one.sender, one.key)):
            yield some
            some, seen = [], set()
        some.append(one)
        seen.update((one.sender, one.key))
    if some:
        yield some


def _take_in(arrived: list[_Arrived], *, wait: bool, now: datetime) -> list[bool | None]:
    """Take in texts of different people; the answers are those of receive_all()."""
    found = _places(arrived, wait=wait, now=now)
    receipts = _receipts({one: len(found[one]) for one in found}, now=now)
    heard = [
        hearing.weigh(place, one.text, receipts[one.key], now=now)
        for one, concerned in found.items()
        if one.key in receipts
        for place in concerned
    ]
    hearing.keep(heard, now=now)
    hearing.act(heard, now=now)
    return [one.key in receipts if one in found else None for one in arrived]


def _places(
    arrived: Sequence[_Arrived], *, wait: bool, now: datetime
) -> dict[_Arrived, list[Place]]:
    """Which campaigns each text concerns, and our turn with its sender there.

    Texts whose sender's turn we did not get are left out. Unknown phones become contacts; if
    another text of theirs was quicker, it is waited for and seen.
    """
    found = _looked_up(arrived, wait=wait)
    unknown = {
        (place.campaign_id, one.sender)
        for one, concerned in found.items()
        for place in concerned
        if place.contact_id is None
    }
    if not unknown:
        return found
    for campaign_id, sender in sorted(unknown):
        contacts_by_phone.make(campaign_id, sender, now=now)
    return _looked_up(list(found), wait=wait)


def _looked_up(arrived: Sequence[_Arrived], *, wait: bool) -> dict[_Arrived, list[Place]]:
    ours = turns.take_for_phones(
        {one.sender for one in arrived}, {one.to for one in arrived}, wait=wait
    )
    found = places.of_all([(one.sender, one.to) for one in arrived])
    return {
        one: _concerned(there, one.text)
        for one, there in zip(arrived, found, strict=True)
        if all(place.contact_id is None or place.contact_id in ours for place in there)
    }


def _concerned(found: list[Place], text: Inbound) -> list[Place]:
    """Which campaigns a text concerns, when several share the number.

    An opt-out concerns every campaign that texted from that number to that phone; anything
    else the one that texted last. If none did: every campaign that holds it (decision 4).
    """
    texted = [place for place in found if place.last_id is not None]
    if not texted:
        return found
    latest = max(texted, key=lambda place: place.last_id)
    return [
        place
        for place in texted
        if place is latest or hearing.meaning_of(text, place) is Meaning.OPT_OUT
    ]


def _receipts(counted: dict[_Arrived, int], *, now: datetime) -> dict[tuple[str, str], int]:
    """The ids of the receipts, with how many messages each text makes.

    Those that the carrier has delivered before are missing.
    """
    rows = [
        {
            "provider": one.text.provider,
            "provider_id": one.text.provider_id,
            "sender": one.text.sender[:40],
            "to": one.text.to[:40],
            "content": {
                "body": one.text.body,
                "media": list(one.text.media),
                "opt_out_type": one.text.opt_out_type,
            },
            "messages": messages,
        }
        for one, messages in counted.items()
    ]
    if not rows:
        return {}
    new = insert_rows(
        WebhookReceipt,
        rows,
        {"received_at": now},
        returning=("id", "provider", "provider_id"),
        once=True,
    )
    return {(row.provider, row.provider_id): row.id for row in new}
