"""Numbers that were erased on request: recognized when they come again, and never known before.

An erased contact keeps its row, its opt-outs and its place in what was counted. Instead of the
phone it holds a keyed hash (decision 24), so that whoever has the number can find it, and nobody
can read the number from it. When the number comes back (an import, by hand, a text from the
person) the contact gets it again, with every opt-out it has: nobody is texted for having been
forgotten.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import select, update

from webapp import keyed
from webapp.db import db
from webapp.models import Closed, Contact, ContactTag, Conversation, Event, Tag, TrailEntry
from webapp.models.contacts import ERASED
from webapp.services import stopping, trail
from webapp.texting import hours, phones

LOOKED_UP_AT_ONCE = 1_000


def any_in(campaign_id: int) -> bool:
    """Whether the campaign has erased anybody; along an index of the trail, which never shrinks."""
    query = select(TrailEntry.id).where(
        TrailEntry.campaign_id == campaign_id, TrailEntry.event == Event.CONTACT_ERASED
    )
    return db.session.execute(query.limit(1)).first() is not None


def as_stored(campaign_id: int, phone: str) -> str:
    """What an erased contact holds instead of this phone."""
    return ERASED + keyed.of(campaign_id, phone)


def find(campaign_id: int, phone: str) -> Contact | None:
    """The erased contact whose number this was."""
    if not any_in(campaign_id):
        return None
    query = select(Contact).where(
        Contact.campaign_id == campaign_id, Contact.phone == as_stored(campaign_id, phone)
    )
    return db.session.scalars(query).first()


def bring_back(campaign_id: int, numbers: Iterable[str], *, now: datetime) -> int:
    """Give erased contacts their number again, if it is one of these; returns how many.

    They come back without a name and with every opt-out. Conversations that the erasure closed
    can be used again, but for those of a kind that is opted out of. A second time nothing is
    found. Call it before contacts are looked up or made by these numbers.
    """
    if not any_in(campaign_id):
        return 0
    left, found = iter(numbers), 0
    while some := list(islice(left, LOOKED_UP_AT_ONCE)):
        found += _bring_back(campaign_id, some, now=now)
    return found


def _bring_back(campaign_id: int, numbers: Sequence[str], *, now: datetime) -> int:
    phone_of = {as_stored(campaign_id, phone): phone for phone in numbers}
    found = db.session.execute(
        select(Contact.id, Contact.phone).where(
            Contact.campaign_id == campaign_id, Contact.phone.in_(phone_of)
        )
    ).all()
    for contact_id, stored in found:
        _give_back(campaign_id, contact_id, phone_of[stored], now=now)
    if found:
        db.session.expire_all()  # What was loaded before does not know of this.
    return len(found)


def _give_back(campaign_id: int, contact_id: int, phone: str, *, now: datetime) -> None:
    db.session.execute(
        update(Contact)
        .where(Contact.id == contact_id)
        .values(
            phone=phone,
            country=phones.country(phone),
            zones=hours.zones_of(phone),
            updated_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Conversation)
        .where(Conversation.contact_id == contact_id, Conversation.closed == Closed.ERASED)
        .values(closed=None, closed_at=None)
        .execution_options(synchronize_session=False)
    )
    kinds = db.session.scalars(
        select(Tag.opts_out_of)
        .join(ContactTag, ContactTag.tag_id == Tag.id)
        .where(ContactTag.contact_id == contact_id, Tag.opts_out_of.is_not(None))
    ).all()
    for texting in kinds:
        if texting is not None:
            stopping.stop(campaign_id, texting, [contact_id], now=now)
    trail.record(
        Event.CONTACT_BROUGHT_BACK, campaign_id=campaign_id, now=now, contact_id=contact_id
    )
