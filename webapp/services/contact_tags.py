"""The campaign's own tags on a contact, put on and taken off by hand; an opt-out is no such tag."""

from datetime import datetime

from sqlalchemy import BigInteger, literal, select

from webapp.db import db
from webapp.errors import ConflictError, InvalidError
from webapp.models import Contact, ContactTag, Event, Tag, User
from webapp.services import tags, trail


def choices(contact: Contact) -> list[Tag]:
    """The own tags in use that this contact does not carry yet."""
    carried = {tag.id for tag in of(contact)}
    every = tags.all_of(contact.campaign_id)
    return [tag for tag in every if not tag.is_built_in and tag.id not in carried]


def of(contact: Contact) -> list[Tag]:
    """All tags of a contact, archived ones too: the built-in ones first, then by name."""
    query = select(Tag).join(ContactTag, ContactTag.tag_id == Tag.id)
    return sorted(
        db.session.scalars(query.where(ContactTag.contact_id == contact.id)), key=tags.rank
    )


def put_on(contact: Contact, tag: Tag, *, by: User, now: datetime) -> bool:
    """Put an own tag on a contact; False when it was there, also when somebody was quicker.

    Refused (InvalidError, field "tag"): a built-in tag, which is recorded as an opt-out and with
    its source alone (spec: opt-out tags are not ordinary tags), and one that is archived, also a
    moment ago. Refused (ConflictError): a person who was erased on request.
    """
    if contact.is_erased:
        raise ConflictError("This person was erased on request, so nothing is noted about them.")
    if tag.is_built_in:
        raise InvalidError(f"Use “Add {tag.name}…”: an opt-out needs its source.", field="tag")
    in_use = select(Tag.id).where(Tag.id == tag.id, Tag.archived_at.is_(None)).exists()
    row = select(literal(contact.id, BigInteger())).where(in_use)
    if tags.apply_many(tag, row, by=by, now=now):
        _record(Event.CONTACT_TAGGED, contact, tag, by=by, now=now)
        return True
    db.session.refresh(tag)
    if tag.archived_at is not None:
        raise InvalidError(f"“{tag.name}” is archived, so it can’t be added.", field="tag")
    return False


def take_off(contact: Contact, tag: Tag, *, by: User, now: datetime) -> bool:
    """Take an own tag off a contact, also an archived one; False when it was not there (any more).

    A built-in tag is refused (RefusedError): it is lifted alone, with a reason.
    """
    if not tags.take_off(tag, contact.id):
        return False
    _record(Event.CONTACT_UNTAGGED, contact, tag, by=by, now=now)
    return True


def _record(event: Event, contact: Contact, tag: Tag, *, by: User, now: datetime) -> None:
    trail.record(
        event,
        campaign_id=contact.campaign_id,
        contact_id=contact.id,
        by=by,
        now=now,
        about=tag,
    )
