"""Files of contacts become contacts on a list, once, and never lift an opt-out."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, func, insert, select, text

from tests import factories
from tests.services.importing import (
    HEADING,
    bring_in,
    check,
    contacts,
    folder,
    people_on,
    run,
    start,
    write,
)
from webapp.config import Settings
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError
from webapp.models import (
    Campaign,
    Contact,
    ContactImport,
    ContactList,
    ContactTag,
    Event,
    ImportState,
    OptOutSource,
    Tag,
    Texting,
    TrailEntry,
)
from webapp.services import import_chunks, import_files, import_running, imports, optouts, tags

DANA, ANA, BO = "+13125550142", "+17735550101", "+18725550102"
THREE = HEADING + "Dana,Whitfield,(312) 555-0142\nAna,Ruiz,773.555.0101\nBo,Lee,+1 872 555 0102\n"


def counted(row: ContactImport, *names: str) -> tuple[int, ...]:
    return tuple(row.counts.get(name, 0) for name in names)


def test_a_file_becomes_contacts_on_a_list(tmp_path: Path) -> None:
    row = bring_in(tmp_path, THREE)

    assert row.state is ImportState.DONE
    assert (row.rows, row.done_rows) == (3, 3)
    assert {phone: contact.name for phone, contact in contacts().items()} == {
        DANA: "Dana Whitfield",
        ANA: "Ana Ruiz",
        BO: "Bo Lee",
    }
    assert people_on() == {DANA, ANA, BO}
    chosen = db.session.scalars(select(ContactList)).one()
    assert (chosen.size, chosen.is_ready) == (3, True)


def test_the_same_file_twice_adds_nothing(tmp_path: Path) -> None:
    bring_in(tmp_path, THREE)
    before = {phone: contact.id for phone, contact in contacts().items()}

    again = bring_in(tmp_path, THREE)

    assert again.state is ImportState.DONE
    assert counted(again, "new", "updated", "staged") == (0, 0, 3)
    assert {phone: contact.id for phone, contact in contacts().items()} == before
    assert db.session.scalars(select(ContactList.size)).all() == [3]


def test_every_way_of_writing_a_phone_is_the_same_contact(tmp_path: Path) -> None:
    ways = ["(312) 555-0142", "312-555-0142", "312.555.0142", "3125550142", "+1 312 555 0142"]
    ways += ["1-312-555-0142", "13125550142", "3125550142.0", "'3125550142", '="3125550142"']

    row = bring_in(tmp_path, "phone\n" + "\n".join(ways) + "\n")

    assert [*contacts()] == [DANA]
    assert counted(row, "staged", "duplicates", "rejected") == (1, len(ways) - 1, 0)


def test_the_first_of_two_rows_with_one_phone_is_taken(tmp_path: Path) -> None:
    bring_in(tmp_path, HEADING + "Dana,First,3125550142\nDana,Second,312 555 0142\n")

    assert contacts()[DANA].last_name == "First"


def test_a_contact_that_is_there_keeps_its_name_unless_told_to_update(tmp_path: Path) -> None:
    bring_in(tmp_path, THREE)

    row = bring_in(tmp_path, HEADING + "Diana,Whit,3125550142\n")
    assert (row.counts["updated"], contacts()[DANA].name) == (0, "Dana Whitfield")

    row = bring_in(tmp_path, HEADING + "Diana,,3125550142\n", updates=True)
    assert (row.counts["updated"], contacts()[DANA].name) == (1, "Diana Whitfield")
    assert contacts()[DANA].first_key == "diana"


def test_someone_without_a_name_gets_it_from_the_file(tmp_path: Path) -> None:
    with transaction():
        factories.contact(phone=DANA, first_name="", last_name="", opted_out_of=Texting.P2P)

    row = bring_in(tmp_path, THREE)

    assert contacts()[DANA].name == "Dana Whitfield"
    assert counted(row, "new", "updated", "opted_out_p2p") == (2, 1, 1)


def test_merge_fields_are_kept_and_an_update_adds_to_them(tmp_path: Path) -> None:
    bring_in(tmp_path, "phone,Polling place,Ward\n3125550142,Library,25\n")
    assert contacts()[DANA].fields == {"polling_place": "Library", "ward": "25"}

    bring_in(tmp_path, "phone,Ward,Shift\n3125550142,26,\n", updates=True)
    assert contacts()[DANA].fields == {"polling_place": "Library", "ward": "26"}
    again = bring_in(tmp_path, "phone,Ward,Shift\n3125550142,26,\n", updates=True)
    assert again.counts["updated"] == 0


def test_state_and_area_code_give_the_time_zones(tmp_path: Path) -> None:
    bring_in(tmp_path, "phone,state_abbrev,city\n3125550142,california,San José\n7735550101,,\n")

    dana, ana = contacts()[DANA], contacts()[ANA]
    assert (dana.state, dana.city, dana.zones) == ("CA", "San José", "America/Los_Angeles")
    assert (ana.state, ana.zones, ana.country) == ("", "America/Chicago", "US")


def test_a_full_name_is_taken_apart(tmp_path: Path) -> None:
    bring_in(tmp_path, 'Name,Cell\n"Whitfield, Dana",3125550142\nAna de la Ruiz,7735550101\n')

    assert contacts()[DANA].last_name == "Whitfield"
    assert contacts()[ANA].first_name == "Ana de la"


@pytest.mark.parametrize("texting", Texting)
@pytest.mark.parametrize("value", ["false", "", "no", "0", "subscribed", "opted in"])
def test_no_column_ever_lifts_an_opt_out(tmp_path: Path, texting: Texting, value: str) -> None:
    with transaction():
        person = factories.contact(phone=DANA, opted_out_of=texting)
    heading = "phone,first_name,Opt Out (P2P),Opt Out (Broadcast),opted_out"
    content = f"{heading}\n3125550142,D,{value},{value},{value}\n"

    row = bring_in(tmp_path, content, updates=True, subscribed="Sign-up sheet, May 3")

    assert not optouts.standing(person)[texting].may_be_texted
    assert counted(row, "opted_out", f"opted_out_{texting.value}", "new") == (1, 1, 0)


def test_a_column_called_like_an_opt_out_adds_it(tmp_path: Path) -> None:
    content = "phone,Opt Out (P2P),DNC\n3125550142,TRUE,\n7735550101,,x\n8725550102,false,no\n"

    row = bring_in(tmp_path, content)

    standing = {phone: optouts.standing(person) for phone, person in contacts().items()}
    assert [one.may_be_texted for one in standing[DANA].values()] == [False, True]
    assert [one.may_be_texted for one in standing[ANA].values()] == [False, False]
    assert [one.may_be_texted for one in standing[BO].values()] == [True, True]
    assert counted(row, "added_p2p", "added_broadcast") == (2, 1)
    carried = db.session.scalars(select(ContactTag)).all()
    assert {one.source for one in carried} == {OptOutSource.IMPORT}
    assert (
        len(db.session.scalars(select(TrailEntry).where(TrailEntry.event == Event.OPTED_OUT)).all())
        == 3
    )


def test_an_opt_out_in_any_row_of_a_phone_counts(tmp_path: Path) -> None:
    bring_in(tmp_path, "phone,opt out p2p\n3125550142,\n(312) 555-0142,yes\n")

    assert not optouts.standing(contacts()[DANA])[Texting.P2P].may_be_texted


def test_a_column_called_like_a_tag_adds_it(tmp_path: Path) -> None:
    tag = factories.tag("Wants a sign")

    bring_in(tmp_path, "phone,Wants a sign\n3125550142,yes\n7735550101,\n")

    assert db.session.scalars(select(ContactTag.tag_id)).all() == [tag.id]
    assert db.session.get_one(Tag, tag.id).contacts == 1


def test_consent_is_recorded_for_everyone_in_the_file_and_an_earlier_one_stays(
    tmp_path: Path,
) -> None:
    with transaction():
        factories.contact(phone=ANA, subscribed="", subscribed_at=None)
        factories.contact(phone=BO, subscribed="Web form")

    bring_in(tmp_path, THREE, subscribed="Rally, May 3")

    said = {phone: contact.subscribed for phone, contact in contacts().items()}
    assert said == {DANA: "Rally, May 3", ANA: "Rally, May 3", BO: "Web form"}
    assert all(contact.subscribed_at for contact in contacts().values())


def test_an_import_without_consent_takes_none_away(tmp_path: Path) -> None:
    with transaction():
        factories.contact(phone=DANA, subscribed="Web form")

    bring_in(tmp_path, THREE, updates=True)

    assert contacts()[DANA].subscribed == "Web form"
    assert contacts()[ANA].subscribed_at is None


def test_the_campaigns_do_not_meet(tmp_path: Path) -> None:
    mine = factories.campaign()
    other = factories.campaign()
    with transaction():
        factories.contact(of=other, phone=DANA, opted_out_of=Texting.P2P)

    row = bring_in(tmp_path, THREE, of=mine)

    assert counted(row, "new", "opted_out") == (3, 0)
    with transaction():
        count = db.session.scalar(select(func.count()).select_from(ContactTag))
    assert count == 1


def test_nothing_is_stored_before_the_start_and_cancel_keeps_nothing(tmp_path: Path) -> None:
    file = write(folder(tmp_path), THREE)
    row = check(file)
    assert (row.state, contacts()) == (ImportState.CHECKED, {})

    with transaction():
        imports.cancel(db.session.get_one(ContactImport, row.id), folder(tmp_path), now=utc_now())

    assert contacts() == {}
    with pytest.raises(ConflictError, match="cancelled"):
        start(row, folder(tmp_path))


def test_the_button_pressed_twice_starts_once(tmp_path: Path) -> None:
    row = check(write(tmp_path, THREE))
    start(row, folder(tmp_path))

    with pytest.raises(ConflictError, match="started already"):
        start(row, folder(tmp_path))


def test_a_list_cannot_be_used_while_people_are_added_to_it(tmp_path: Path) -> None:
    bring_in(tmp_path, THREE)
    row = check(write(tmp_path, HEADING + "Cy,Young,7085550103\n"))
    start(row, folder(tmp_path))
    assert db.session.scalars(select(ContactList.is_ready)).all() == [False]

    run(row.id, folder(tmp_path))

    assert db.session.scalars(select(ContactList.is_ready)).all() == [True]
    assert len(people_on()) == 4


def test_a_second_import_into_the_list_is_refused_while_one_is_under_way(tmp_path: Path) -> None:
    first = check(write(tmp_path, THREE))
    start(first, folder(tmp_path))
    second = check(write(tmp_path, THREE))

    with (
        import_files.only_one(folder(tmp_path), first.id),
        pytest.raises(ConflictError, match="Another import into “Ward 25” is under way"),
    ):
        start(second, folder(tmp_path))
    with transaction():
        db.session.get_one(ContactImport, first.id).stored_as = "an-upload.csv"
    with pytest.raises(ConflictError, match="under way"):
        start(second, folder(tmp_path))


def test_an_import_that_was_killed_is_replaced_by_the_next_one(tmp_path: Path) -> None:
    dead = check(write(tmp_path, THREE))
    start(dead, folder(tmp_path))

    again = bring_in(tmp_path, THREE)

    assert again.state is ImportState.DONE
    assert db.session.get_one(ContactImport, dead.id).state is ImportState.FAILED


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two phones a transaction."""
    monkeypatch.setattr(import_chunks.next_chunk, "__kwdefaults__", {"size": 2})


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("chunks", range(4))
def test_an_import_that_stops_anywhere_goes_on_and_adds_nothing_twice(
    tmp_path: Path, chunks: int
) -> None:
    numbers = "\n".join(f"N,{n},312555{100 + n:04},{'yes' if n % 3 else ''}" for n in range(8))
    content = f"first_name,last_name,phone,opt out p2p\n{numbers}\nbad,row,12,\n"
    row = check(write(tmp_path, content))
    start(row, folder(tmp_path))
    left = iter(range(chunks))

    def stop_later(*_: object) -> None:
        if next(left, None) is None:
            raise Killed

    with pytest.raises(Killed):
        import_running.run_to_end(
            row.id,
            transaction,
            utc_now,
            folder=folder(tmp_path),
            foreground=True,
            progress=stop_later,
        )
    db.session.rollback()
    with transaction():
        half = db.session.get_one(ContactImport, row.id)
        assert half.state is ImportState.IMPORTING
        assert half.done_rows == len(contacts()) == half.counts["new"]
    import_files.scratch_of(row, folder(tmp_path)).unlink()
    run(row.id, folder(tmp_path))

    done = db.session.get_one(ContactImport, row.id, populate_existing=True)
    assert done.state is ImportState.DONE
    assert counted(done, "new", "added_p2p", "rejected") == (8, 5, 1)
    assert len(people_on()) == 8
    assert db.session.scalars(select(ContactList.size)).all() == [8]
    p2p = tags.built_in(row.campaign_id, Texting.P2P)
    assert p2p.contacts == 5


def test_a_worker_leaves_the_import_of_a_command_alone(tmp_path: Path) -> None:
    row = check(write(tmp_path, THREE))
    start(row, folder(tmp_path))

    worked = import_running.run_to_end(row.id, transaction, utc_now, folder=folder(tmp_path))

    assert (worked, contacts()) == (False, {})


def test_two_workers_do_not_work_on_one_import(tmp_path: Path) -> None:
    row = check(write(tmp_path, THREE))
    start(row, folder(tmp_path))

    with import_files.only_one(folder(tmp_path), row.id):
        assert not run(row.id, folder(tmp_path))
    assert run(row.id, folder(tmp_path))


def test_somebody_of_the_file_who_texts_at_this_moment_is_added_once(
    tmp_path: Path, app: Flask, settings: Settings
) -> None:
    row = only_postgresql(settings, tmp_path)
    with db.engine.connect() as other:
        arrive(other, DANA)
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(run_elsewhere, app, row.id, tmp_path)
            until_it_waits(other)
            other.commit()
            assert done.result(20)

    found = db.session.get_one(ContactImport, row.id, populate_existing=True)
    assert counted(found, "new", "staged") == (2, 3)
    assert set(contacts()) == people_on() == {DANA, ANA, BO}


def test_a_stranger_who_texts_at_this_moment_is_not_put_onto_the_list(
    tmp_path: Path, app: Flask, settings: Settings
) -> None:
    row = only_postgresql(settings, tmp_path)
    stranger = "+13125550150"  # between the phones of the file
    with db.engine.connect() as other:
        other.execute(select(Campaign.id).with_for_update())
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(run_elsewhere, app, row.id, tmp_path)
            until_it_waits(other)
            arrive(other, stranger)
            other.commit()
            assert done.result(20)

    assert set(contacts()) == {DANA, ANA, BO, stranger}
    assert people_on() == {DANA, ANA, BO}


def only_postgresql(settings: Settings, tmp_path: Path) -> ContactImport:
    """An import that was started; on SQLite nobody else writes meanwhile."""
    if settings.sqlite:
        pytest.skip("On SQLite there is one writer at a time.")
    row = check(write(tmp_path, THREE))
    start(row, folder(tmp_path))
    return row


def run_elsewhere(app: Flask, import_id: int, tmp_path: Path) -> bool:
    with app.app_context():
        return run(import_id, folder(tmp_path))


def arrive(other: Connection, phone: str) -> None:
    """Somebody unknown texts; not committed yet."""
    now = utc_now()
    campaign_id = other.scalar(select(Campaign.id))
    values = {"campaign_id": campaign_id, "phone": phone, "created_at": now, "updated_at": now}
    other.execute(insert(Contact).values(**values))


def until_it_waits(other: Connection) -> None:
    """Until another connection to this database waits for a lock of this one."""
    query = text(
        "SELECT count(*) FROM pg_locks "
        "WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )
    for _ in range(1_000):
        if other.scalar(query):
            return
        time.sleep(0.01)
    raise AssertionError("Nobody waits.")


def test_an_import_whose_file_is_gone_fails_with_a_sentence(tmp_path: Path) -> None:
    file = write(tmp_path, THREE)
    row = check(file)
    start(row, folder(tmp_path))
    import_files.scratch_of(row, folder(tmp_path)).unlink()
    file.unlink()

    run(row.id, folder(tmp_path))

    failed = db.session.get_one(ContactImport, row.id, populate_existing=True)
    assert (failed.state, failed.problem) == (
        ImportState.FAILED,
        "The file is gone. Upload it again.",
    )


def test_uploads_that_nobody_imported_are_deleted_after_a_day(tmp_path: Path) -> None:
    file = write(folder(tmp_path), THREE)
    row = check(file)
    with transaction():
        assert imports.tidy(folder(tmp_path), now=utc_now()) == 0
        assert imports.tidy(folder(tmp_path), now=row.created_at + imports.KEPT * 2) == 1
    assert [*folder(tmp_path).glob("*.csv")] == []


def test_the_trail_says_what_came_in_without_names_or_numbers(tmp_path: Path) -> None:
    admin = factories.admin()
    row = bring_in(tmp_path, THREE + "x,y,1\n", by=admin)

    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.event == Event.IMPORTED)).one()
    assert (entry.by_user_id, entry.about, entry.about_id) == (admin.id, "contact_import", row.id)
    assert entry.details["new"] == 3
    assert "Dana" not in str(entry.details) and "555" not in str(entry.details)


def test_a_list_needs_a_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="Give the list a name") as refusal:
        check(write(tmp_path, THREE), to="  ")
    assert refusal.value.field == "list_name"
