"""One contact at a time: found, added, changed, deleted as a person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from webapp.db import changed_rows, db
from webapp.errors import InvalidError, RefusedError
from webapp.models import (
    Action,
    ActionState,
    Contact,
    ContactList,
    ContactTag,
    Event,
    ListMember,
    Message,
    MessageKind,
    MessageState,
    Recipient,
    RecipientState,
    Tag,
    User,
)
from webapp.services import contacts_by_phone, signups, tally, trail
from webapp.services.import_cells import LONGEST_NAME, stored
from webapp.texting import hours, phones, states

LONGEST_CONSENT = 500
DELETED = "The contact was deleted before it was sent."
UNDER_WAY = (ActionState.LAUNCHING, ActionState.LIVE, ActionState.PAUSED)


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person besides the phone."""

    first_name: str = ""
    last_name: str = ""
    state: str = ""
    city: str = ""
    subscribed: str = ""  # where and when this person signed up for broadcasts


def find(campaign_id: int, raw: str) -> Contact | None:
    """The contact with this phone, written in any way; None when there is none."""
    reading = phones.read(raw)
    return contacts_by_phone.find(campaign_id, reading.e164) if reading.e164 else None


def add(campaign_id: int, raw: str, person: Person, *, now: datetime) -> Contact:
    """Add one contact by hand. Somebody known only by the number gets the name.

    Raises InvalidError: field "phone" with the reason when it is none or belongs to somebody
    with a name already, "state" for an unknown one. Opt-outs of the number stay.
    """
    reading = phones.read(raw)
    if reading.e164 is None:
        raise InvalidError(f"{reading.reason}.", field="phone")
    there = contacts_by_phone.find(campaign_id, reading.e164)
    if there is not None and there.name:
        raise InvalidError(f"{there.name} has this number already.", field="phone")
    contact = contacts_by_phone.make(campaign_id, reading.e164, now=now)
    return change(contact, person, now=now)


def change(contact: Contact, person: Person, *, now: datetime) -> Contact:
    """Change what is known of a person. The phone never changes: another one is another contact.

    Consent is added or corrected, never taken away here: an empty `subscribed` leaves it as it
    is. Raises InvalidError (field "state") for an unknown state, RefusedError for somebody who
    was erased.
    """
    if contact.is_erased:
        raise RefusedError("This person was erased. Nothing about them can be written down.")
    state = states.code(person.state)
    if person.state.strip() and not state:
        raise InvalidError("Give the state as two letters, such as IL.", field="state")
    contact.first_name = stored(person.first_name, LONGEST_NAME)
    contact.last_name = stored(person.last_name, LONGEST_NAME)
    contact.city = stored(person.city, LONGEST_NAME)
    contact.state = state
    contact.zones = hours.zones_of(contact.phone, state)
    consent = stored(person.subscribed, LONGEST_CONSENT)
    if consent and consent != contact.subscribed:
        contact.subscribed, contact.subscribed_at = consent, now
    contact.updated_at = now
    db.session.flush()
    return contact


def forget(contact: Contact, *, bodies: bool, by: User | None, now: datetime) -> None:
    """Delete the person: name, fields, consent, own tags, lists; `bodies` also what was written.

    The number and its opt-outs stay (decision 24), so that no later import texts this person;
    an import of the number brings the contact back. Whoever was still to be texted is not.
    """
    contact.first_name = contact.last_name = contact.city = contact.state = ""
    contact.zones = hours.zones_of(contact.phone)
    contact.fields = {}
    contact.subscribed, contact.subscribed_at = "", None
    contact.updated_at = now
    db.session.flush()
    signups.forget(contact)
    _take_off_tags(contact)
    _take_off_lists(contact)
    _take_out_of_actions(contact, now=now)
    if bodies:
        db.session.execute(
            update(Message)
            .where(Message.contact_id == contact.id)
            .values(body="", media=[])
            .execution_options(synchronize_session=False)
        )
    trail.record(
        Event.CONTACT_DELETED,
        campaign_id=contact.campaign_id,
        by=by,
        now=now,
        contact_id=contact.id,
        details={"bodies": bodies},
    )


def tags_of(contact_ids: list[int]) -> dict[int, list[Tag]]:
    """The tags of some contacts: built-in ones first, then by name."""
    found: dict[int, list[Tag]] = {}
    rows = db.session.execute(
        select(ContactTag.contact_id, Tag)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(ContactTag.contact_id.in_(contact_ids))
        .order_by(Tag.opts_out_of.is_(None), Tag.opts_out_of.desc(), Tag.folded_name)
    )
    for contact_id, tag in rows:
        found.setdefault(contact_id, []).append(tag)
    return found


def _take_off_tags(contact: Contact) -> None:
    own = select(Tag.id).where(Tag.campaign_id == contact.campaign_id, Tag.opts_out_of.is_(None))
    carried = db.session.scalars(
        delete(ContactTag)
        .where(ContactTag.contact_id == contact.id, ContactTag.tag_id.in_(own))
        .returning(ContactTag.tag_id)
    ).all()
    for tag_id in carried:
        tally.carry(tag_id, -1)


def _take_off_lists(contact: Contact) -> None:
    mine = select(ContactList.id).where(ContactList.campaign_id == contact.campaign_id)
    left = db.session.scalars(
        delete(ListMember)
        .where(ListMember.list_id.in_(mine), ListMember.contact_id == contact.id)
        .returning(ListMember.list_id)
    ).all()
    db.session.execute(
        update(ContactList)
        .where(ContactList.id.in_(left))
        .values(size=ContactList.size - 1)
        .execution_options(synchronize_session=False)
    )


def _take_out_of_actions(contact: Contact, *, now: datetime) -> None:
    """Cancel what is queued, and leave the audiences that are still being texted."""
    for state in (MessageState.QUEUED, MessageState.CLAIMED):
        cancelled = db.session.execute(
            update(Message)
            .where(
                Message.contact_id == contact.id,
                Message.state == state,
                Message.kind != MessageKind.CONFIRMATION,
            )
            .values(state=MessageState.CANCELLED, error_reason=DELETED, settled_at=now)
            .returning(Message.kind, Message.action_id)
            .execution_options(synchronize_session=False)
        ).all()
        firsts = [action_id for kind, action_id in cancelled if kind is MessageKind.FIRST]
        tally.move(firsts, state.value, "cancelled")
    under_way = select(Action.id).where(
        Action.campaign_id == contact.campaign_id, Action.state.in_(UNDER_WAY)
    )
    for action_id in db.session.scalars(under_way).all():
        left = changed_rows(
            delete(Recipient).where(
                Recipient.action_id == action_id,
                Recipient.contact_id == contact.id,
                Recipient.state == RecipientState.READY,
            )
        )
        tally.add(action_id, total=-left, ready=-left)
