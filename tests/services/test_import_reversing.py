"""An import is taken back: what it alone brought in goes, and whatever else happened stays."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests import factories
from tests.services.importing import bring_in, folder, run
from tests.services.scenes import text_in
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError
from webapp.models import (
    Contact,
    ContactImport,
    ContactList,
    Event,
    ImportState,
    ListMember,
    OptOutSource,
    Texting,
    TrailEntry,
)
from webapp.services import audience, audit, contacts, import_reversing, optouts, tags
from webapp.services.contacts import Person

DANA, ANA, CY, BEN = (f"+1312555014{n}" for n in range(2, 6))
FILE = "first_name,phone\nDana,3125550142\nAna,3125550143\nCy,3125550144\nBen,3125550145\n"


def take_back(row: ContactImport, tmp_path: Path, **later: float) -> ContactImport:
    number = row.id
    with transaction():
        found = db.session.get_one(ContactImport, number)
        import_reversing.begin(found, by=None, now=utc_now() + timedelta(**later))
    run(number, folder(tmp_path))
    return db.session.get_one(ContactImport, number, populate_existing=True)


def phones() -> set[str]:
    return set(db.session.scalars(select(Contact.phone)))


def the(phone: str) -> Contact:
    return db.session.scalars(select(Contact).where(Contact.phone == phone)).one()


def test_the_list_and_the_contacts_it_brought_in_go(tmp_path: Path) -> None:
    factories.contact(phone=DANA, first_name="")
    row = take_back(bring_in(tmp_path, FILE), tmp_path)

    assert row.state is ImportState.REVERSED
    assert (row.counts["removed"], row.counts["kept"]) == (3, 1)
    assert phones() == {DANA}
    gone = db.session.scalars(select(ContactList)).one()
    assert gone.archived_at is not None and not gone.is_ready and gone.size == 0
    assert db.session.scalars(select(ListMember)).all() == []
    told = db.session.scalars(select(TrailEntry).where(TrailEntry.event == Event.IMPORT_REVERSED))
    assert told.one().about_id == row.id
    assert all(finding.ok for finding in audit.run(None))


def test_opt_outs_tags_texts_and_other_lists_keep_a_contact(tmp_path: Path) -> None:
    row = bring_in(tmp_path, FILE + "Eve,3125550146\nFay,3125550147\n")
    number, tag = factories.number(), factories.tag()
    factories.contact_list(the(BEN), name="Another list")
    with transaction():
        optouts.record(the(DANA), Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
        tags.apply(tag, the(ANA).id, by=None, now=utc_now())
        later = utc_now() + timedelta(minutes=1)
        contacts.change(the("+13125550146"), Person("Evelyn"), now=later)
    text_in(CY, number, "Who is this?")

    row = take_back(row, tmp_path)

    assert phones() == {DANA, ANA, CY, BEN, "+13125550146"}
    assert not optouts.standing(the(DANA))[Texting.P2P].may_be_texted
    assert (row.counts["removed"], row.counts["kept"]) == (1, 5)


def test_an_opt_out_that_the_file_itself_made_stays(tmp_path: Path) -> None:
    file = "first_name,phone,Opt Out (P2P)\nDana,3125550142,true\nAna,3125550143,\n"
    take_back(bring_in(tmp_path, file), tmp_path)
    assert phones() == {DANA}
    assert not optouts.standing(the(DANA))[Texting.P2P].may_be_texted


def test_an_opt_out_that_was_lifted_is_a_history(tmp_path: Path) -> None:
    row = bring_in(tmp_path, FILE)
    with transaction():
        optouts.record(the(DANA), Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
        reason = {"reason": "She called and agreed", "agreed": "called"}
        optouts.lift(the(DANA), Texting.P2P, by=factories.owner(), now=utc_now(), **reason)
    take_back(row, tmp_path)
    assert phones() == {DANA}


def test_it_is_refused_after_a_day(tmp_path: Path) -> None:
    row = bring_in(tmp_path, FILE)
    with pytest.raises(ConflictError, match="within 24 hours"):
        take_back(row, tmp_path, hours=25)


def test_it_is_refused_when_an_action_has_the_list(tmp_path: Path) -> None:
    row = bring_in(tmp_path, FILE)
    chosen = db.session.scalars(select(ContactList)).one()
    action = factories.action(name="Early vote", launched=False)
    with transaction():
        audience.choose(action, [chosen])
    with pytest.raises(ConflictError, match="“Early vote” has this list"):
        take_back(row, tmp_path)
    assert len(phones()) == 4


def test_it_is_refused_when_somebody_on_it_was_texted_since(tmp_path: Path) -> None:
    row = bring_in(tmp_path, FILE)
    texter = factories.texter()
    factories.first_text(factories.action(the(DANA)), the(DANA), texter)
    with pytest.raises(ConflictError, match="has been texted since"):
        take_back(row, tmp_path)
    assert len(phones()) == 4


def test_it_is_refused_when_another_import_added_to_the_list(tmp_path: Path) -> None:
    row = bring_in(tmp_path, FILE)
    bring_in(tmp_path, "first_name,phone\nGus,3125550148\n")
    with pytest.raises(ConflictError, match="another import"):
        take_back(row, tmp_path)


def test_it_is_taken_back_once(tmp_path: Path) -> None:
    row = take_back(bring_in(tmp_path, FILE), tmp_path)
    with pytest.raises(ConflictError, match="that is done"):
        take_back(row, tmp_path)


def test_killed_in_the_middle_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = bring_in(tmp_path, FILE)
    monkeypatch.setattr(import_reversing, "CHUNK", 1)
    with transaction():
        found = db.session.get_one(ContactImport, row.id)
        import_reversing.begin(found, by=None, now=utc_now())
    with transaction():
        found = db.session.get_one(ContactImport, row.id)
        assert import_reversing.take_back_chunk(found, now=utc_now())
    assert len(phones()) == 3
    run(row.id, folder(tmp_path))
    row = db.session.get_one(ContactImport, row.id, populate_existing=True)
    assert (row.state, row.counts["removed"]) == (ImportState.REVERSED, 4)
    assert phones() == set()


def test_the_same_file_can_be_brought_in_afterwards(tmp_path: Path) -> None:
    take_back(bring_in(tmp_path, FILE), tmp_path)
    row = bring_in(tmp_path, FILE)
    assert (row.state, row.counts["new"]) == (ImportState.DONE, 4)
    chosen = db.session.scalars(select(ContactList)).one()
    assert (chosen.size, chosen.is_ready, chosen.archived_at) == (4, True, None)
