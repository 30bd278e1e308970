"""Lists of contacts; imports make them."""

from datetime import datetime

from sqlalchemy import select

from webapp.db import db
from webapp.errors import ConflictError
from webapp.models import Contact, ContactList, ListMember


def all_of(campaign_id: int, *, archived: bool = False) -> list[ContactList]:
    """The campaign's lists, newest first; archived ones only when asked for."""
    query = select(ContactList).where(ContactList.campaign_id == campaign_id)
    if not archived:
        query = query.where(ContactList.archived_at.is_(None))
    return list(db.session.scalars(query.order_by(ContactList.id.desc())))


def of_contact(contact: Contact) -> list[ContactList]:
    """The lists a contact is on, by name. Asked list by list, along the key of list_member."""
    member = (
        select(ListMember.contact_id)
        .where(ListMember.list_id == ContactList.id, ListMember.contact_id == contact.id)
        .correlate(ContactList)
        .exists()
    )
    query = select(ContactList).where(
        ContactList.campaign_id == contact.campaign_id, ContactList.archived_at.is_(None), member
    )
    return list(db.session.scalars(query.order_by(ContactList.name)))


def archive(chosen: ContactList, *, now: datetime) -> bool:
    """Take a list out of use; actions that have it keep it. False the second time.

    ConflictError while an import adds people to it.
    """
    if chosen.archived_at is not None:
        return False
    if not chosen.is_ready:
        raise ConflictError(f"“{chosen.name}” is still being imported. Wait until it is ready.")
    chosen.archived_at = now
    return True
