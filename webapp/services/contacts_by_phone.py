"""Finding a contact by its phone, and making one for a phone nobody knew."""

from datetime import datetime

from sqlalchemy import select

from webapp.db import db, insert_once
from webapp.models import Contact
from webapp.services import erased
from webapp.texting import hours, phones


def find(campaign_id: int, phone: str) -> Contact | None:
    """The contact with this E.164 phone in this campaign, also one that was erased."""
    query = select(Contact).where(Contact.campaign_id == campaign_id, Contact.phone == phone)
    return db.session.scalars(query).first() or erased.find(campaign_id, phone)


def make(campaign_id: int, phone: str, *, now: datetime) -> Contact:
    """The contact with this phone, made without a name if it is not there (decision 4).

    Two at once make one: the phone is unique in the campaign. Somebody who was erased gets the
    number again, with every opt-out: it has come back to us.
    """
    erased.bring_back(campaign_id, [phone], now=now)
    db.session.execute(
        insert_once(Contact).values(
            campaign_id=campaign_id,
            phone=phone,
            first_name="",
            last_name="",
            state="",
            city="",
            country=phones.country(phone),
            zones=hours.zones_of(phone),
            fields={},
            subscribed="",
            created_at=now,
            updated_at=now,
        )
    )
    found = find(campaign_id, phone)
    assert found is not None
    return found
