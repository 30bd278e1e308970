"""Taking turns: whoever decides what may be sent to a contact holds the contact's row meanwhile.

A STOP, a reply, a report, a first text and a lift for the same person come one after the other,
and the row is always the first that they lock, so that they never wait for each other crosswise.
On SQLite all writers take turns anyway.
"""

from typing import Any

from sqlalchemy import Select, bindparam, func, select

from webapp.db import db, run
from webapp.models import Contact, Number

# FOR NO KEY UPDATE: rows that merely point to the contact can be written meanwhile.
_ONE = select(Contact.id).where(Contact.id == bindparam("contact")).with_for_update(key_share=True)
_OF_PHONE = (
    select(Contact.id)
    .join(Number, Number.campaign_id == Contact.campaign_id)
    .where(Number.phone == bindparam("to"), Contact.phone == bindparam("sender"))
    .order_by(Contact.id)
    .with_for_update(key_share=True, of=Contact)
)


def take(contact_id: int) -> None:
    """Wait for our turn with this contact; it lasts until the transaction ends."""
    if _has_turns():
        run(_ONE, contact=contact_id)


def take_for_phone(sender: str, to: str) -> None:
    """The same for everybody with this phone in the campaigns that hold the number `to`."""
    if _has_turns():
        run(_OF_PHONE, sender=sender, to=to)


def take_many(contact_ids: Select[Any]) -> None:
    """The same for all contacts of a query, in one statement and in one order."""
    if not _has_turns():
        return
    held = (
        select(Contact.id)
        .where(Contact.id.in_(select(contact_ids.subquery().c[0])))
        .order_by(Contact.id)
        .with_for_update(key_share=True)
        .subquery()
    )
    db.session.scalar(select(func.count()).select_from(held))


def _has_turns() -> bool:
    return db.engine.dialect.name != "sqlite"
