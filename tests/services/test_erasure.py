"""Erasing a person: nothing names them any more, and whoever opted out stays opted out."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from tests import factories
from tests.services.importing import bring_in
from tests.services.scenes import NOW, text_in
from tests.services.talks import Talk
from webapp.db import Base, db, transaction
from webapp.errors import RefusedError
from webapp.models import (
    Closed,
    Contact,
    Conversation,
    Event,
    Message,
    MessageState,
    OptOutSource,
    Recipient,
    Texting,
    TrailEntry,
)
from webapp.services import (
    audit,
    contact_standing,
    contacts,
    erasure,
    ledger,
    optouts,
    replies,
    reports,
    timeline,
)
from webapp.services.contacts import Person
from webapp.services.reports import Filled

PHONE = "+13125550142"


def erase(contact: Contact) -> bool:
    with transaction():
        return erasure.erase(db.session.get_one(Contact, contact.id), by=None, now=NOW)


def again(contact: Contact) -> Contact:
    db.session.rollback()
    return db.session.get_one(Contact, contact.id, populate_existing=True)


def can_text(contact: Contact) -> bool:
    return contact_standing.verdicts(again(contact))[Texting.P2P].can_text


def dana(**values: Any) -> Talk:
    return Talk(phone=PHONE, last_name="Whitfield", **values)


def everything_stored() -> str:
    """Every cell of every table."""
    with db.engine.connect() as connection:
        rows = [
            str(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"'))
        ]
    return "\n".join(rows)


def test_nothing_that_is_stored_names_an_erased_person() -> None:
    talk = dana(city="Springfield", fields={"polling_place": "Elm School"})
    talk.hears("My sister Ruth says hello")
    talk.says("Greetings to Ruth")
    with transaction():
        filled = Filled(note="Dana is a nurse")
        reports.send(talk.conversation, filled, key="key", by=talk.texter, now=NOW)
    talk.hears("STOP")
    with transaction():
        person = db.session.get_one(Contact, talk.contact.id)
        by_phone = OptOutSource.ADMIN
        optouts.record(person, Texting.BROADCAST, source=by_phone, note="Dana rang us", now=NOW)
    before = everything_stored()
    told = ("5550142", "Dana", "dana", "Whitfield", "Springfield", "Elm", "Ruth", "nurse")
    assert all(word in before for word in told)

    assert erase(talk.contact)

    after = everything_stored()
    assert [word for word in told if word in after] == []


def test_an_erased_person_is_found_by_their_number_and_shows_only_opt_outs() -> None:
    talk = dana()
    talk.hears("STOP")
    erase(talk.contact)
    found = contacts.find(talk.contact.campaign_id, "(312) 555-0142")
    assert found is not None
    assert (found.id, found.name, found.shown_name) == (talk.contact.id, "", "Erased number")
    assert not can_text(found)
    assert not any("Dana" in moment.what + moment.by + moment.text for moment in timeline.of(found))


def test_an_import_of_the_number_meets_the_opt_out(tmp_path: Path) -> None:
    talk = dana()
    talk.hears("STOP")
    erase(talk.contact)

    row = bring_in(tmp_path, "first_name,last_name,phone\nDana,W,312-555-0142\nAna,R,3125550143\n")

    assert (row.counts["new"], row.counts["opted_out_p2p"]) == (1, 1)
    back = again(talk.contact)
    assert (back.phone, back.name, back.country) == (PHONE, "Dana W", "US")
    assert not can_text(back)
    assert audit.run(None)[0].ok


def test_the_number_added_by_hand_meets_the_opt_out() -> None:
    talk = dana()
    talk.hears("STOP")
    erase(talk.contact)
    with transaction():
        made = contacts.add(talk.contact.campaign_id, PHONE, Person("Dana"), now=NOW)
        assert made.id == talk.contact.id
    assert not can_text(talk.contact)


def test_another_stop_of_an_erased_person_is_heard() -> None:
    talk = dana()
    erase(talk.contact)
    text_in(PHONE, talk.number, "STOP")
    assert again(talk.contact).phone == PHONE
    assert not can_text(talk.contact)
    assert talk.conversation.closed is Closed.STOP_WORD


def test_what_an_opted_out_person_writes_after_the_erasure_lifts_nothing() -> None:
    talk = dana()
    talk.hears("STOP")
    erase(talk.contact)
    text_in(PHONE, talk.number, "JOIN")
    assert not can_text(talk.contact)
    people = db.session.scalars(select(Contact.id)).all()
    assert people == [talk.contact.id]


def test_an_erased_person_who_writes_again_can_be_answered_again() -> None:
    talk = dana()
    talk.hears("Hello")
    erase(talk.contact)
    assert talk.conversation.closed is Closed.ERASED
    text_in(PHONE, talk.number, "Hello again")
    assert talk.conversation.closed is None
    assert talk.says("Hello").body == "Hello"


def test_an_opt_out_recorded_after_the_erasure_holds_and_keeps_the_number_unknown() -> None:
    talk = dana()
    erase(talk.contact)
    home = factories.the_campaign()
    with transaction():
        ledger.log_request(home, PHONE, [Texting.P2P], note="Rang us again", by=None, now=NOW)
    assert again(talk.contact).is_erased
    assert not can_text(talk.contact)
    text_in(PHONE, talk.number, "Hello?")
    assert talk.conversation.closed is Closed.OPTED_OUT


def test_nobody_can_write_to_an_erased_person_and_nothing_that_waited_is_sent() -> None:
    talk = dana()
    talk.says("On its way")
    other = factories.action(talk.contact)
    erase(talk.contact)
    with pytest.raises(replies.ClosedError) as refused:
        talk.says("Hello?")
    assert refused.value.closed is Closed.ERASED
    states = set(db.session.scalars(select(Message.state)))
    assert states == {MessageState.SENT, MessageState.CANCELLED}
    waiting = select(Recipient).where(Recipient.action_id == other.id)
    assert db.session.scalars(waiting).all() == []


def test_erasing_twice_is_told_once() -> None:
    talk = dana()
    assert erase(talk.contact)
    assert not erase(talk.contact)
    told = select(TrailEntry.id).where(TrailEntry.event == Event.CONTACT_ERASED)
    assert len(db.session.scalars(told).all()) == 1


def test_the_same_number_in_another_campaign_is_another_matter() -> None:
    talk = dana()
    elsewhere = factories.campaign()
    theirs = factories.contact(of=elsewhere, phone=PHONE, first_name="Dana")
    erase(talk.contact)
    assert (again(theirs).phone, again(theirs).first_name) == (PHONE, "Dana")
    erase(theirs)
    assert again(theirs).phone != again(talk.contact).phone


def test_an_erased_person_cannot_be_given_a_name() -> None:
    talk = dana()
    erase(talk.contact)
    with pytest.raises(RefusedError, match="was erased"), transaction():
        contacts.change(again(talk.contact), Person("Dana"), now=NOW)


def test_every_count_still_holds_after_an_erasure() -> None:
    talk = dana()
    talk.hears("STOP")
    other = Talk(number=talk.number, texter=talk.texter)
    other.hears("Hello")
    before = [finding.count for finding in audit.run(None)]
    erase(talk.contact)
    erase(other.contact)
    assert [finding.count for finding in audit.run(None)] == before
    assert db.session.scalars(select(Conversation.closed)).all() == [
        Closed.STOP_WORD,
        Closed.ERASED,
    ]
