"""`db copy`: everything in another database, counted, with its guards in force."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from tests import factories, servers
from tests.shell import Shell
from webapp.app import create_app
from webapp.cli import main
from webapp.config import Settings, load
from webapp.db import Base, db, put, transaction, utc_now
from webapp.models import Contact, Heartbeat, Number, OptOutSource, Texting
from webapp.services import audit, demo, optouts

KEY = "a key for tests alone"
PASSWORD = "practice makes perfect"


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Flask]:
    """Heed on a database, made and migrated if need be."""
    app = create_app(
        load({"HEED_INSTANCE": str(folder), "HEED_DATABASE_URL": url, "HEED_SECRET_KEY": KEY})
    )
    with app.app_context():
        flask_migrate.upgrade()
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def empty(postgres_url: str) -> Iterator[str]:
    """An empty database on the run's PostgreSQL."""
    name = f"heed_copy_{os.getpid()}"
    yield servers.create_database(name)
    servers.drop_database(name)


@contextmanager
def commands_on(app: Flask, patch: pytest.MonkeyPatch) -> Iterator[None]:
    with patch.context() as here:
        here.setattr(main, "_application", lambda: app)
        yield


def counts() -> dict[str, int]:
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def test_the_practice_campaign_moves_to_postgresql_and_back(
    heed: Shell, tmp_path: Path, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, back = (f"sqlite:///{tmp_path / name}.db" for name in ("source", "back"))
    with opened(source, tmp_path) as app:
        demo.build(
            owner_password=PASSWORD,
            texter_password=PASSWORD,
            now=utc_now(),
            unit=transaction,
            subscribers=20,
        )
        before = counts()
        with commands_on(app, monkeypatch):
            facts = heed.json("db", "copy", "--to", empty)
    assert facts["copied"] is True and facts["tables"] == before
    with opened(empty, tmp_path) as app:
        assert counts() == before
        assert [check.check for check in audit.run() if not check.ok] == []
        _goes_on()
        _is_guarded()
        with commands_on(app, monkeypatch):
            assert heed.json("db", "copy", "--to", back)["copied"] is True
    with opened(back, tmp_path):
        assert [check.check for check in audit.run() if not check.ok] == []
        _goes_on()
        _is_guarded()


def _goes_on() -> None:
    """New rows get ids of their own, and an opt-out is recorded as ever."""
    last = db.session.scalar(select(func.max(Contact.id))) or 0
    new = factories.contact(phone=f"+19075550{100 + last % 100}")
    assert new.id == last + 1
    with transaction():
        assert optouts.record(new, Texting.P2P, source=OptOutSource.REPORT, now=utc_now())


def _is_guarded() -> None:
    for statement in (
        "DELETE FROM trail_entry",
        "UPDATE tag SET name = 'Stays in' WHERE opts_out_of IS NOT NULL",
    ):
        with pytest.raises(DatabaseError), db.engine.begin() as connection:
            connection.execute(text(statement))


def test_a_target_that_holds_rows_is_left_alone(
    heed: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = (f"sqlite:///{tmp_path / name}.db" for name in ("source", "target"))
    with opened(target, tmp_path):
        factories.campaign(name="Somebody else's")
    with opened(source, tmp_path) as app:
        factories.campaign()
        with commands_on(app, monkeypatch):
            done = heed.run("db", "copy", "--to", target)
            assert done.returncode == 1 and "The target holds rows" in done.stderr
            assert heed.run("db", "copy", "--to", source).returncode == 1
            assert heed.run("db", "copy", "--to", "mysql://localhost/x").returncode == 1
    with opened(target, tmp_path):
        assert counts()["campaign"] == 1


def test_counts_that_differ_keep_nothing(
    heed: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = (f"sqlite:///{tmp_path / name}.db" for name in ("source", "target"))
    with opened(target, tmp_path), db.engine.begin() as connection:
        # A row that gets lost on its way in.
        connection.execute(
            text(
                "CREATE TRIGGER lost AFTER INSERT ON number BEGIN "
                "DELETE FROM number WHERE id = NEW.id; END"
            )
        )
    with opened(source, tmp_path) as app:
        factories.number()
        with commands_on(app, monkeypatch):
            done = heed.run("db", "copy", "--to", target)
    assert done.returncode == 1 and "The counts of number differ" in done.stderr
    with opened(target, tmp_path):
        assert sum(counts().values()) == 0


def test_nothing_is_copied_while_a_worker_runs(
    heed: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = (f"sqlite:///{tmp_path / name}.db" for name in ("source", "target"))
    with opened(source, tmp_path) as app:
        factories.campaign()
        with transaction():
            put(Heartbeat, {"worker": "elsewhere-1"}, {"at": utc_now()})
        with commands_on(app, monkeypatch):
            done = heed.run("db", "copy", "--to", target)
    assert done.returncode == 1 and "A worker is running" in done.stderr


def test_the_key_that_has_to_move_along_is_named(
    heed: Shell, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = (f"sqlite:///{tmp_path / name}.db" for name in ("source", "target"))
    with opened(source, tmp_path) as app:
        factories.number()
        with commands_on(app, monkeypatch):
            done = heed.run("db", "copy", "--to", target)
    assert done.returncode == 0 and "HEED_SECRET_KEY" in done.stdout
    with opened(target, tmp_path):
        assert db.session.scalars(select(Number)).one()
