"""What the host is told."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests import factories
from tests.client import Browser
from tests.web.conftest import make_app  # noqa: F401
from webapp.db import db, transaction, utc_now
from webapp.models import Action, ActionState, Heartbeat, Message
from webapp.services import health


@pytest.fixture
def working() -> None:
    with transaction():
        db.session.add(Heartbeat(worker="one", at=utc_now() - timedelta(seconds=30)))


def test_the_process_is_up_whatever_else_is(client: Browser) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"ok": True})


def test_ready_means_database_migrations_worker_and_queue(client: Browser, working: None) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    told = response.json
    assert told is not None and 29 < told.pop("worker_seconds") < 60
    assert told == {
        "ok": True,
        "database": True,
        "migrations": True,
        "worker": True,
        "queue": True,
        "oldest_text_seconds": None,
    }


def test_without_a_worker_it_is_not_ready(client: Browser) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json is not None and response.json["worker"] is False


def test_a_worker_that_fell_silent_is_noticed(working: None) -> None:
    assert health.check(now=utc_now()).worker
    assert not health.check(now=utc_now() + timedelta(minutes=3)).worker


def test_a_schema_that_is_behind_is_noticed(working: None) -> None:
    def set_revision(revision: str) -> None:
        with transaction():
            db.session.execute(
                text("UPDATE alembic_version SET version_num = :new"), {"new": revision}
            )

    newest = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    set_revision("0000")
    behind = health.check(now=utc_now())
    set_revision(newest)

    assert not behind.migrations and not behind.ready
    assert health.check(now=utc_now()).ready


def test_a_text_that_waits_too_long_is_noticed(working: None) -> None:
    contact, texter = factories.contact(), factories.texter()
    action = factories.action(contact)
    factories.first_text(action, contact, texter)

    def found(minutes: int) -> health.Health:
        return health.check(now=utc_now() + timedelta(minutes=minutes))

    assert found(14).queue and not found(16).queue
    with transaction():
        db.session.get_one(Action, action.id).state = ActionState.PAUSED
    assert found(16).queue  # It may not leave.


def test_a_text_for_later_does_not_wait_yet(working: None) -> None:
    contact, texter = factories.contact(), factories.texter()
    message = factories.first_text(factories.action(contact), contact, texter)
    with transaction():
        db.session.get_one(Message, message.id).not_before = utc_now() + timedelta(hours=8)

    assert health.check(now=utc_now() + timedelta(hours=8)).queue
    assert not health.check(now=utc_now() + timedelta(hours=9)).queue


def test_a_database_that_is_away_is_an_answer(make_app, tmp_path) -> None:  # noqa: F811
    app = make_app(database_url=f"sqlite:///{tmp_path / 'gone' / 'heed.db'}")
    (tmp_path / "gone").rmdir()

    response = app.test_client().get("/readyz")

    assert response.status_code == 503
    assert response.json is not None and response.json["database"] is False
