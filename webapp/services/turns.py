"""Taking turns: whoever decides what may be sent to a contact holds the contact's row meanwhile.

A STOP, a reply, a report, a first text and a lift for the same person come one after the other,
and the row is always the first that they lock, so that they never wait for each other crosswise.
On SQLite all writers take turns anyway.
"""

from collections.abc import Collection, Container
from typing import Any

from sqlalchemy import Select, String, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from webapp.db import db, run
from webapp.models import Contact, Number

# FOR NO KEY UPDATE: rows that merely point to the contact can be written meanwhile.
_ONE = select(Contact.id).where(Contact.id == bindparam("contact")).with_for_update(key_share=True)
_OF_PHONES = (
    select(Contact.id)
    .join(Number, Number.campaign_id == Contact.campaign_id)
    .where(
        Number.phone == any_(bindparam("numbers", type_=ARRAY(String))),
        Contact.phone == any_(bindparam("senders", type_=ARRAY(String))),
    )
    .order_by(Contact.id)
)
_WAITS = _OF_PHONES.with_for_update(key_share=True, of=Contact)
_SKIPS = _OF_PHONES.with_for_update(key_share=True, of=Contact, skip_locked=True)
_EVERYBODY = range(2**63)


def take(contact_id: int) -> None:
    """Wait for our turn with this contact; it lasts until the transaction ends."""
    if _has_turns():
        run(_ONE, contact=contact_id)


def take_for_phones(
    senders: Collection[str], numbers: Collection[str], *, wait: bool
) -> Container[int]:
    """The same for everybody with these phones in the campaigns that hold these numbers.

    Returns whose turn it is now. Without `wait` it leaves out those with whom somebody else is
    busy, so that one of them does not hold up the others.
    """
    if not _has_turns():
        return _EVERYBODY
    taken = run(_WAITS if wait else _SKIPS, senders=list(senders), numbers=list(numbers))
    return set(taken.scalars())


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
