"""One unit of work at a time, nothing lost, and a locked database is an answer."""

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from tests import factories
from tests.test_gate import hung_inside
from webapp import db as database
from webapp import engine
from webapp.config import Settings
from webapp.db import db, in_transaction, insert_once, put, transaction
from webapp.errors import BusyError
from webapp.models import Campaign, Heartbeat, InboxClock

THREADS, TIMES = 16, 10


def test_a_transaction_commits_at_its_end() -> None:
    home = factories.campaign(name="Before")
    with transaction():
        home.name = "After"
    db.session.rollback()
    assert db.session.get_one(Campaign, home.id).name == "After"


def test_a_transaction_rolls_back_on_any_exception() -> None:
    home = factories.campaign(name="Before")
    with pytest.raises(KeyboardInterrupt), transaction():
        home.name = "After"
        db.session.flush()
        raise KeyboardInterrupt
    assert not in_transaction()
    assert db.session.get_one(Campaign, home.id).name == "Before"


def test_a_transaction_refuses_to_nest() -> None:
    with transaction():
        with pytest.raises(RuntimeError, match="already open"), transaction():
            pass
        assert in_transaction()


def test_nothing_is_written_outside_a_transaction() -> None:
    home = factories.campaign(name="Before")
    home.name = "After"
    with pytest.raises(RuntimeError, match="outside transaction"):
        db.session.flush()
    db.session.rollback()
    with pytest.raises(RuntimeError, match="outside transaction"):
        db.session.execute(update(Campaign).values(name="After"))
    db.session.rollback()
    assert db.session.get_one(Campaign, home.id).name == "Before"


def test_a_decision_is_made_on_what_the_database_holds_now(app: Flask) -> None:
    home = factories.campaign(name="As loaded")

    def rename() -> None:
        with app.app_context(), transaction():
            db.session.get_one(Campaign, home_id).name = "Changed meanwhile"

    home_id = home.id
    assert home.name == "As loaded"
    _in_a_thread(rename)
    with transaction():
        assert home.name == "Changed meanwhile"


def test_no_update_is_lost_when_many_threads_read_then_write(app: Flask) -> None:
    home_id = factories.campaign(recontact_lock_hours=0).id

    def count_up(_: int) -> None:
        with app.app_context():
            for _time in range(TIMES):
                with transaction():
                    query = select(Campaign).where(Campaign.id == home_id).with_for_update()
                    home = db.session.scalars(query).one()
                    home.recontact_lock_hours = home.recontact_lock_hours + 1

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(count_up, range(THREADS)))
    db.session.rollback()
    assert db.session.get_one(Campaign, home_id).recontact_lock_hours == THREADS * TIMES


def test_a_thread_that_waits_for_its_turn_sees_what_was_written_before_it(app: Flask) -> None:
    home_id = factories.campaign(name="Before").id
    waits, seen = threading.Event(), []

    def look() -> None:
        with app.app_context():
            waits.set()
            with transaction():
                query = select(Campaign).where(Campaign.id == home_id).with_for_update()
                seen.append(db.session.scalars(query).one().name)

    thread = threading.Thread(target=look)
    with transaction():
        db.session.execute(update(Campaign).where(Campaign.id == home_id).values(name="After"))
        thread.start()
        assert waits.wait(5)
    thread.join(10)
    assert seen == ["After"]


def test_a_database_that_another_process_keeps_locked_is_busy_and_nothing_is_written(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = factories.campaign(name="Before")
    home_id = home.id
    with _short_patience(monkeypatch), _locked_by_another_process(settings):
        began = time.monotonic()
        with pytest.raises(BusyError, match="Try again"), transaction():
            db.session.get_one(Campaign, home_id).name = "After"
        assert time.monotonic() - began < 5
    assert db.session.get_one(Campaign, home_id).name == "Before"
    with transaction():
        db.session.get_one(Campaign, home_id).name = "After"


def test_a_process_that_hangs_in_the_middle_costs_the_others_an_answer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not settings.sqlite:
        pytest.skip("PostgreSQL has no gate.")
    home_id = factories.campaign(name="Before").id
    gate = Path(f"{settings.database_url.removeprefix('sqlite:///')}.gate")
    with _short_patience(monkeypatch), hung_inside(gate):
        began = time.monotonic()
        with pytest.raises(BusyError, match="Try again"), transaction():
            pass
        assert time.monotonic() - began < 5
    with transaction():
        db.session.get_one(Campaign, home_id).name = "After"


def test_a_unit_of_work_holds_the_database_from_its_first_look(settings: Settings) -> None:
    if not settings.sqlite:
        pytest.skip("On PostgreSQL rows are locked, not the database.")
    home_id = factories.campaign(name="Before").id
    path = settings.database_url.removeprefix("sqlite:///")
    # A program that knows nothing of our gate, such as SQLite's own shell.
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as stranger:
        with transaction():
            assert db.session.get_one(Campaign, home_id).name == "Before"
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                stranger.execute("UPDATE campaign SET name = 'Meanwhile'")
        stranger.execute("UPDATE campaign SET name = 'Afterwards'")


def test_a_thread_that_waits_too_long_for_its_turn_gives_up(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    home_id = factories.campaign(name="Before").id

    def rename() -> None:
        with app.app_context(), pytest.raises(BusyError), transaction():
            db.session.get_one(Campaign, home_id).name = "Later"
            db.session.flush()

    with _short_patience(monkeypatch), transaction():
        db.session.get_one(Campaign, home_id).name = "After"
        db.session.flush()
        _in_a_thread(rename)
    assert db.session.get_one(Campaign, home_id).name == "After"


def test_work_goes_on_after_the_connections_were_cut(settings: Settings) -> None:
    if settings.sqlite:
        pytest.skip("SQLite has no connections to cut.")
    home_id = factories.campaign(name="Before").id
    with pytest.raises(BusyError), transaction():
        mine = db.session.scalar(text("SELECT pg_backend_pid()"))
        _cut(settings, mine)
        db.session.get_one(Campaign, home_id).name = "Half-way"
    with transaction():
        db.session.get_one(Campaign, home_id).name = "After"
    assert db.session.get_one(Campaign, home_id).name == "After"


def test_a_connection_that_was_cut_while_it_rested_is_not_used_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if settings.sqlite:
        pytest.skip("SQLite has no connections to cut.")
    monkeypatch.setattr(engine, "REST", 0.0)
    home_id = factories.campaign(name="Before").id
    with transaction():
        mine = db.session.scalar(text("SELECT pg_backend_pid()"))
    db.session.remove()
    _cut(settings, mine)
    with transaction():
        db.session.get_one(Campaign, home_id).name = "After"
        assert db.session.scalar(text("SELECT pg_backend_pid()")) != mine


def test_a_broken_rule_of_the_database_is_not_taken_for_a_busy_one() -> None:
    home = factories.campaign()
    with pytest.raises(IntegrityError), transaction():
        home.opens_minute, home.closes_minute = 900, 600


def test_only_writers_wait_for_each_other(app: Flask) -> None:
    home = factories.campaign(name="Before")
    home_id = home.id
    with transaction():
        db.session.get_one(Campaign, home_id).name = "After"
        db.session.flush()

        def read() -> str:
            with app.app_context():
                return db.session.get_one(Campaign, home_id).name

        assert _in_a_thread(read) == "Before"


def test_a_time_without_its_zone_is_refused() -> None:
    with pytest.raises(StatementError, match="without its zone"), transaction():
        db.session.add(Heartbeat(worker="w", at=datetime(2026, 11, 23, 12, 0)))  # noqa: DTZ001


def test_a_time_comes_back_as_the_same_moment_in_utc() -> None:
    in_chicago = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=-6)))
    with transaction():
        db.session.add(Heartbeat(worker="w", at=in_chicago))
    db.session.expire_all()
    kept = db.session.get_one(Heartbeat, "w").at
    assert kept == in_chicago
    assert kept.tzinfo is UTC


def test_putting_a_row_twice_keeps_one_and_applies_the_change() -> None:
    home, person = factories.campaign(), factories.user()
    keys = {"campaign_id": home.id, "user_id": person.id}
    for _ in range(3):
        with transaction():
            put(InboxClock, keys, {"tick": 1}, {"tick": InboxClock.tick + 1})
    assert db.session.scalars(select(InboxClock.tick)).all() == [3]


def test_inserting_once_says_whether_the_row_is_new() -> None:
    at = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    with transaction():
        statement = insert_once(Heartbeat).values(worker="w", at=at)
        assert database.changed_rows(statement) == 1
        assert database.changed_rows(statement) == 0


def test_sqlite_syncs_each_commit_and_keeps_its_promises(settings: Settings) -> None:
    if not settings.sqlite:
        pytest.skip("These settings are SQLite's.")
    expected = {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1, "recursive_triggers": 1}
    found = {name: db.session.scalar(text(f"PRAGMA {name}")) for name in expected}
    assert found == expected


def _in_a_thread(work):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(timeout=10)


@contextmanager
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same rules with less waiting: connections made from now on give up soon."""
    with monkeypatch.context() as patch:
        patch.setattr(database, "PATIENCE", 0.3)
        db.session.remove()
        db.engine.dispose()
        yield
    db.session.remove()
    db.engine.dispose()


@contextmanager
def _locked_by_another_process(settings: Settings) -> Iterator[None]:
    """A process that holds the whole database until we have seen enough."""
    url = settings.database_url.replace("+psycopg", "")
    lines = {
        True: "import sqlite3; c = sqlite3.connect({path!r}, isolation_level=None);"
        " c.execute('BEGIN EXCLUSIVE')",
        False: "import psycopg; c = psycopg.connect({url!r});"
        " c.execute('LOCK TABLE campaign IN ACCESS EXCLUSIVE MODE')",
    }[settings.sqlite].format(path=url.removeprefix("sqlite:///"), url=url)
    process = subprocess.Popen(
        [sys.executable, "-c", f"{lines}; print('locked', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "locked\n"
        yield
    finally:
        process.communicate("\n", timeout=10)


def _cut(settings: Settings, backend: int) -> None:
    import psycopg

    url = settings.database_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [backend])
