"""The trail is appended, sealed each minute, and tells when somebody has changed it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from tests import factories
from tests.services.tampering import without_guards
from webapp.config import Settings
from webapp.db import db, transaction, utc_now
from webapp.models import Actor, Contact, Event, Texting, TrailEntry, TrailSeal
from webapp.services import trail

NOW = datetime(2030, 1, 15, 18, 0, tzinfo=UTC)


def record(number: int = 1, event: Event = Event.OPTED_OUT) -> None:
    for contact_id in range(1, number + 1):
        trail.record(event, campaign_id=None, contact_id=contact_id, now=utc_now())


def sealed(*sizes: int) -> None:
    """One seal after the other, each over so many entries."""
    for size in sizes:
        with transaction():
            record(size)
        with transaction():
            assert trail.seal(now=utc_now()) == size
    assert trail.broken_seals() == []


def seal_ids() -> list[int]:
    return list(db.session.scalars(select(TrailSeal.id).order_by(TrailSeal.id)))


def test_an_entry_says_who_what_when_and_about_what() -> None:
    home, person = factories.campaign(), factories.admin()
    with transaction():
        trail.record(
            Event.OPT_OUT_LIFTED,
            campaign_id=home.id,
            by=person,
            now=NOW,
            contact_id=7,
            texting=Texting.P2P,
            before=True,
            after=False,
            about=home,
            details={"reason": "They asked for it."},
        )
    entry = db.session.scalars(select(TrailEntry)).one()
    assert (entry.at, entry.by_user_id, entry.actor) == (NOW, person.id, Actor.PERSON)
    assert (entry.about, entry.about_id) == ("campaign", home.id)
    assert (entry.before, entry.after) == (True, False)
    assert entry.details == {"reason": "They asked for it."}


@pytest.mark.parametrize(
    ("given", "expected"), [(None, Actor.HEED), (Actor.CONTACT, Actor.CONTACT)]
)
def test_without_a_person_it_was_heed_or_whoever_is_named(
    given: Actor | None, expected: Actor
) -> None:
    with transaction():
        trail.record(Event.OPTED_OUT, campaign_id=None, actor=given, now=NOW)
    assert db.session.scalars(select(TrailEntry.actor)).all() == [expected]


def test_an_entry_disappears_with_the_transaction_that_it_tells_of() -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        record()
        raise ZeroDivisionError
    assert db.session.scalar(select(func.count()).select_from(TrailEntry)) == 0


def test_one_statement_writes_the_same_entry_for_every_contact() -> None:
    people = [factories.contact() for _ in range(3)]
    home, person = factories.the_campaign(), factories.admin()
    with transaction():
        trail.record_for_each(
            Event.OPTED_OUT,
            select(Contact.id).where(Contact.campaign_id == home.id),
            campaign_id=home.id,
            now=NOW,
            by=person,
            texting=Texting.BROADCAST,
            before=False,
            after=True,
            details={"source": "import"},
        )
    entries = db.session.scalars(select(TrailEntry).order_by(TrailEntry.id)).all()
    assert [entry.contact_id for entry in entries] == [one.id for one in people]
    assert {entry.at for entry in entries} == {NOW}
    assert {entry.texting for entry in entries} == {Texting.BROADCAST}
    assert {entry.by_user_id for entry in entries} == {person.id}
    assert all(entry.details == {"source": "import"} for entry in entries)


def test_a_seal_covers_what_is_new_and_nothing_twice() -> None:
    sealed(3)
    with transaction():
        assert trail.seal(now=NOW) == 0
    sealed(2)
    marks = db.session.scalars(select(TrailSeal).order_by(TrailSeal.id)).all()
    assert [mark.entries for mark in marks] == [3, 2]
    assert marks[0].digest != marks[1].digest
    assert marks[1].last_entry_id == db.session.scalar(select(func.max(TrailEntry.id)))


def test_one_run_seals_a_bounded_number_and_the_next_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trail, "SEALED_AT_ONCE", 2)
    with transaction():
        record(5)
    for expected in (2, 2, 1, 0):
        with transaction():
            assert trail.seal(now=NOW) == expected
    assert trail.broken_seals() == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE trail_entry SET event = 'reported' WHERE id = :id",
        "UPDATE trail_entry SET contact_id = 99 WHERE id = :id",
        "UPDATE trail_entry SET at = '2026-01-01 00:00:00+00:00' WHERE id = :id",
        'UPDATE trail_entry SET details = \'{"reason": "another"}\' WHERE id = :id',
        "DELETE FROM trail_entry WHERE id = :id",
    ],
)
def test_an_entry_that_somebody_changed_breaks_its_seal(change: str) -> None:
    sealed(2, 3, 2)
    with without_guards("trail_entry"), transaction():
        db.session.execute(text(change), {"id": 4})
    assert trail.broken_seals() == [seal_ids()[1]]


def test_an_entry_that_somebody_slipped_in_breaks_its_seal() -> None:
    with transaction():
        record(2)
    with without_guards("trail_entry"), transaction():
        db.session.execute(text("UPDATE trail_entry SET id = id + 10"))
    with transaction():
        trail.seal(now=NOW)
    with transaction():
        db.session.execute(
            text(
                "INSERT INTO trail_entry (id, at, event, actor, about, details)"
                " VALUES (5, '2030-01-01 00:00:00+00:00', 'opted_out', 'contact', '', '{}')"
            )
        )
    assert trail.broken_seals() == seal_ids()


def test_a_seal_that_somebody_took_away_breaks_the_next_one() -> None:
    sealed(1, 1, 1)
    first, second, third = seal_ids()
    with without_guards("trail_seal"), transaction():
        db.session.execute(text("DELETE FROM trail_seal WHERE id = :id"), {"id": second})
    assert trail.broken_seals() == [third]
    assert first not in trail.broken_seals()


def test_a_seal_made_anew_over_changed_entries_breaks_the_next_one() -> None:
    sealed(1, 1)
    with without_guards("trail_entry", "trail_seal"), transaction():
        db.session.execute(text("UPDATE trail_entry SET contact_id = 99 WHERE id = 1"))
        forged = trail._digest("", trail._entries(after=0, limit=1, up_to=1))
        first = update(TrailSeal).where(TrailSeal.id == seal_ids()[0])
        db.session.execute(first.values(digest=forged))
    assert trail.broken_seals() == [seal_ids()[1]]


def test_an_entry_that_was_written_before_a_seal_and_committed_after_it_is_sealed_later(
    app: Flask, settings: Settings
) -> None:
    if settings.sqlite:
        pytest.skip("On SQLite writers take turns.")
    written, may_commit = threading.Event(), threading.Event()

    def slowly() -> None:
        with app.app_context(), transaction():
            record()
            written.set()
            assert may_commit.wait(10)

    thread = threading.Thread(target=slowly)
    thread.start()
    assert written.wait(10)
    with transaction():
        record()
    with transaction():
        early = trail.seal(now=utc_now())
    may_commit.set()
    thread.join(10)
    with transaction():
        late = trail.seal(now=utc_now())
    assert early + late == 2
    assert trail.broken_seals() == []


def test_sealing_never_keeps_writers_waiting(app: Flask, settings: Settings) -> None:
    if settings.sqlite:
        pytest.skip("On SQLite writers take turns.")
    done = threading.Event()

    def write() -> None:
        with app.app_context(), transaction():
            record()
        done.set()

    with transaction():
        record()
    thread = threading.Thread(target=write)
    with transaction():
        assert trail.seal(now=utc_now()) == 1
        thread.start()
        assert done.wait(5)
    thread.join(10)
    assert trail.broken_seals() == []


def test_seals_stay_whole_while_many_write_and_seal_at_once(app: Flask) -> None:
    def work(place: int) -> None:
        with app.app_context():
            for _ in range(8):
                with transaction():
                    record(2)
                if place == 0:
                    with transaction():
                        trail.seal(now=utc_now())

    threads = [threading.Thread(target=work, args=(place,)) for place in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with transaction():
        trail.seal(now=utc_now() + timedelta(minutes=1))
    assert trail.broken_seals() == []
    assert db.session.scalar(select(func.sum(TrailSeal.entries))) == 5 * 8 * 2
