"""The campaign's own tags on a contact, by hand."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.services.scenes import NOW
from tests.services.together import at_once
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError, RefusedError
from webapp.models import Contact, ContactTag, Event, Tag, Texting, TrailEntry, User
from webapp.services import audit, contact_tags, erasure, optouts, tags, timeline

EVENTS = (Event.CONTACT_TAGGED, Event.CONTACT_UNTAGGED)


def put_on(contact: Contact, tag: Tag) -> bool:
    with transaction():
        return contact_tags.put_on(contact, tag, by=factories.admin(), now=NOW)


def take_off(contact: Contact, tag: Tag) -> bool:
    with transaction():
        return contact_tags.take_off(contact, tag, by=factories.admin(), now=NOW)


def names(contact: Contact) -> list[str]:
    return [tag.name for tag in contact_tags.of(contact)]


def told() -> list[Event]:
    query = select(TrailEntry.event).where(TrailEntry.event.in_(EVENTS)).order_by(TrailEntry.id)
    return list(db.session.scalars(query))


def test_a_tag_is_put_on_and_taken_off_once() -> None:
    dana, tag = factories.contact(), factories.tag("Volunteer")
    assert (put_on(dana, tag), put_on(dana, tag)) == (True, False)
    assert names(dana) == ["Volunteer"] and tag.contacts == 1
    row = db.session.get(ContactTag, (tag.id, dana.id))
    assert row is not None and row.by_user_id is not None
    assert (take_off(dana, tag), take_off(dana, tag)) == (True, False)
    assert names(dana) == []
    assert db.session.get_one(Tag, tag.id, populate_existing=True).contacts == 0
    assert told() == [*EVENTS]


def test_the_timeline_tells_both() -> None:
    dana, tag = factories.contact(), factories.tag("Volunteer")
    put_on(dana, tag)
    take_off(dana, tag)
    said = [moment.what for moment in timeline.of(dana)]
    assert said == ["Tag “Volunteer” removed", "Tag “Volunteer” added"]


@pytest.mark.parametrize("texting", Texting)
def test_an_opt_out_is_neither_put_on_nor_taken_off_as_a_tag(texting: Texting) -> None:
    dana = factories.contact(opted_out_of=texting)
    other = factories.contact()
    tag = tags.built_in(dana.campaign_id, texting)
    with pytest.raises(InvalidError, match="needs its source"):
        put_on(other, tag)
    with pytest.raises(RefusedError, match="lifted on their own"):
        take_off(dana, tag)
    assert not optouts.standing(dana)[texting].may_be_texted
    assert optouts.standing(other)[texting].may_be_texted and told() == []


def test_an_archived_tag_stays_and_can_go_but_not_come() -> None:
    dana, other, tag = factories.contact(), factories.contact(), factories.tag("Volunteer")
    put_on(dana, tag)
    with transaction():
        tags.archive(tag, by=factories.admin(), now=utc_now())
    assert names(dana) == ["Volunteer"] and contact_tags.choices(other) == []
    for person in (other, dana):
        with pytest.raises(InvalidError, match="is archived"):
            put_on(person, tag)
    assert take_off(dana, tag) and names(other) == []


def test_nothing_is_noted_about_somebody_who_was_erased() -> None:
    dana, tag = factories.contact(), factories.tag("Volunteer")
    with transaction():
        erasure.erase(dana, by=factories.admin(), now=utc_now())
    with pytest.raises(ConflictError, match="erased"):
        put_on(dana, tag)
    assert told() == []


def test_what_can_be_added_is_what_is_in_use_and_not_there_yet() -> None:
    dana = factories.contact()
    volunteer, driver = factories.tag("Volunteer"), factories.tag("Driver")
    factories.tag("Elsewhere", of=factories.campaign())
    assert contact_tags.choices(dana) == [driver, volunteer]
    put_on(dana, driver)
    assert contact_tags.choices(dana) == [volunteer]


def test_the_audit_agrees() -> None:
    dana, tag = factories.contact(), factories.tag("Volunteer")
    put_on(dana, tag)
    assert all(finding.ok for finding in audit.run())


def test_many_at_once_put_it_on_once(app: Flask) -> None:
    dana, tag, maya = factories.contact().id, factories.tag().id, factories.admin().id

    def press() -> bool:
        with transaction():
            return contact_tags.put_on(
                db.session.get_one(Contact, dana),
                db.session.get_one(Tag, tag),
                by=db.session.get_one(User, maya),
                now=NOW,
            )

    done, raised = at_once(app, [press] * 4)

    assert raised == [] and sorted(done) == [False, False, False, True]
    assert told() == [Event.CONTACT_TAGGED]
    assert db.session.get_one(Tag, tag, populate_existing=True).contacts == 1
