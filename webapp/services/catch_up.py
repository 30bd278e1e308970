"""Which part of the carrier's list of incoming texts has still to be read (decision 17)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from webapp.db import db, insert_once, put
from webapp.models import Campaign, CatchUp, Number, WebhookReceipt

# Read a little again: carriers list a text some time after it was sent, and clocks differ.
OVERLAP = timedelta(minutes=15)
# Stands as provider of a number whose list is to be read before anything is sent, however long
# that takes: its database was restored from a backup.
OWED = "restored"
# The same for the list of what left from a number: nobody else knows whom we texted since.
OWED_SENT = "restored, sent"


@dataclass(frozen=True, slots=True)
class Stretch:
    """The list of one of our numbers, from this moment on."""

    phone: str
    since: datetime


def due(provider: str) -> list[Stretch]:
    """What is to be read: each number since it was read last, or since a campaign has had it.

    Retired numbers are among them: whoever texts STOP to one means it.
    """
    rows = db.session.execute(
        select(
            Number.phone,
            func.min(Number.created_at, type_=Number.created_at.type),
            CatchUp.read_until,
        )
        .join(Campaign, Campaign.id == Number.campaign_id)
        .outerjoin(CatchUp, (CatchUp.phone == Number.phone) & (CatchUp.provider == provider))
        .where(Campaign.archived_at.is_(None))
        .group_by(Number.phone, CatchUp.read_until)
        .order_by(Number.phone)
    )
    return [Stretch(phone, (read_until or added) - OVERLAP) for phone, added, read_until in rows]


def known(provider: str, provider_ids: Collection[str]) -> set[str]:
    """Those of the carrier's ids that have been taken in already."""
    query = select(WebhookReceipt.provider_id).where(
        WebhookReceipt.provider == provider, WebhookReceipt.provider_id.in_(provider_ids)
    )
    return set(db.session.scalars(query))


def note(provider: str, phone: str, *, read_until: datetime) -> None:
    """Remember how far a number's list was read; `read_until` is when the reading began."""
    put(CatchUp, {"provider": provider, "phone": phone}, {"read_until": read_until})


def read_back(*, since: datetime, sent: bool = True) -> None:
    """After a restore: nothing is sent before every list was read from the backup's moment on.

    Where each list was read to is in the backup, so the reading begins there. The mark stays
    until they were read to their end; a carrier that keeps no list has nothing to wait for.
    `sent`: also what left is known from the lists alone. A backup may owe its lists itself, from
    an earlier moment, which stays.
    """
    phones = db.session.scalars(select(Number.phone).distinct()).all()
    for phone in phones:
        for debt in (OWED, OWED_SENT) if sent else (OWED,):
            row = insert_once(CatchUp).values(provider=debt, phone=phone, read_until=since)
            db.session.execute(row)


def sent_unread() -> list[Stretch]:
    """The numbers whose list of what left since the backup was not read to its end yet."""
    rows = db.session.execute(
        select(CatchUp.phone, CatchUp.read_until)
        .join(Number, Number.phone == CatchUp.phone)
        .join(Campaign, Campaign.id == Number.campaign_id)
        .where(CatchUp.provider == OWED_SENT, Campaign.archived_at.is_(None))
        .distinct()
        .order_by(CatchUp.phone)
    )
    return [Stretch(phone, made_at - OVERLAP) for phone, made_at in rows]


def sent_read(phone: str) -> None:
    """What left from this number since the backup is known."""
    these = CatchUp.provider == OWED_SENT, CatchUp.phone == phone
    db.session.execute(delete(CatchUp).where(*these))


def is_owed() -> bool:
    """Whether a restore is not over yet: nothing may leave before the lists were read."""
    query = select(CatchUp.phone).where(CatchUp.provider.in_((OWED, OWED_SENT)))
    return db.session.scalar(query.limit(1)) is not None


def paid() -> None:
    """Every list was read to its end."""
    db.session.execute(delete(CatchUp).where(CatchUp.provider.in_((OWED, OWED_SENT))))
