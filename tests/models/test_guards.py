"""What the database itself refuses, whoever asks; and migrations that agree with the models."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import alembic.command
import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from tests import factories, servers
from webapp import schema
from webapp.app import create_app
from webapp.config import ROOT, Settings
from webapp.db import Base, db, transaction, utc_now
from webapp.models import ActionKind, Event, Tag, Texting
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import tags, trail

LOCKED = "This tag is built in and cannot be changed"
APPENDED = "Entries of the trail are never changed or deleted"


def refused(statement: str, why: str, **values: object) -> None:
    """Raw SQL that the database does not obey; what was there is there afterwards."""
    with pytest.raises(DBAPIError, match=why), transaction():
        db.session.execute(text(statement), values)


@pytest.mark.parametrize("texting", Texting)
@pytest.mark.parametrize(
    "change",
    [
        "name = 'Opt Out'",
        "folded_name = 'something else'",
        "description = 'Not really'",
        "archived_at = CURRENT_TIMESTAMP",
        "opts_out_of = NULL",
        "opts_out_of = CASE opts_out_of WHEN 'p2p' THEN 'broadcast' ELSE 'p2p' END",
        "campaign_id = :other",
        "created_by = NULL",
        "id = id + 1000",
        "name = name",
    ],
)
def test_a_built_in_tag_cannot_be_changed_by_any_statement(texting: Texting, change: str) -> None:
    tag = tags.built_in(factories.campaign().id, texting)
    other = factories.campaign().id
    refused(f"UPDATE tag SET {change} WHERE id = :id", LOCKED, id=tag.id, other=other)
    assert db.session.get_one(Tag, tag.id).name == BUILT_IN_NAMES[texting]


@pytest.mark.parametrize("texting", Texting)
def test_a_built_in_tag_cannot_be_deleted(texting: Texting) -> None:
    tag = tags.built_in(factories.campaign().id, texting)
    refused("DELETE FROM tag WHERE id = :id", LOCKED, id=tag.id)
    refused("DELETE FROM tag", LOCKED)


def test_a_campaign_with_its_tags_cannot_be_deleted_under_them() -> None:
    home = factories.campaign()
    refused("DELETE FROM campaign WHERE id = :id", "(?i)foreign key", id=home.id)


@pytest.mark.parametrize("texting", Texting)
def test_an_own_tag_cannot_become_a_built_in_one(texting: Texting) -> None:
    own = factories.tag("Wants a yard sign")
    refused("UPDATE tag SET opts_out_of = :kind WHERE id = :id", LOCKED, kind=texting, id=own.id)


def test_a_campaign_cannot_get_a_second_tag_of_a_kind() -> None:
    home = factories.campaign()
    refused(
        "INSERT INTO tag (campaign_id, name, folded_name, description, opts_out_of, contacts,"
        " created_at) VALUES (:home, 'Second', 'second', '', 'p2p', 0, CURRENT_TIMESTAMP)",
        "(?i)unique",
        home=home.id,
    )


def test_a_built_in_tag_cannot_be_replaced_by_an_insert(settings: Settings) -> None:
    if not settings.sqlite:
        pytest.skip("INSERT OR REPLACE is SQLite's.")
    home = factories.campaign()
    tag = tags.built_in(home.id, Texting.P2P)
    refused(
        "INSERT OR REPLACE INTO tag (id, campaign_id, name, folded_name, description, contacts,"
        " created_at) VALUES (:id, :home, 'Friend', 'friend', '', 0, CURRENT_TIMESTAMP)",
        LOCKED,
        id=tag.id,
        home=home.id,
    )


def test_the_kept_count_of_a_built_in_tag_may_change() -> None:
    tag = tags.built_in(factories.campaign().id, Texting.P2P)
    with transaction():
        db.session.execute(text("UPDATE tag SET contacts = contacts + 1"))
    assert db.session.get_one(Tag, tag.id).contacts == 1


def test_an_own_tag_can_be_renamed_archived_and_deleted() -> None:
    own = factories.tag("Wants a yard sign")
    with transaction():
        db.session.execute(
            text("UPDATE tag SET name = 'Has a sign', archived_at = created_at WHERE id = :id"),
            {"id": own.id},
        )
        db.session.execute(text("DELETE FROM tag WHERE id = :id"), {"id": own.id})
    assert db.session.scalar(text("SELECT count(*) FROM tag")) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET at = at",
        "UPDATE {} SET id = id + 1",
        "DELETE FROM {}",
        "DELETE FROM {} WHERE id = (SELECT max(id) FROM {})",
    ],
)
@pytest.mark.parametrize("table", ["trail_entry", "trail_seal"])
def test_the_trail_and_its_seals_are_never_changed_or_deleted(statement: str, table: str) -> None:
    with transaction():
        trail.record(Event.OPTED_OUT, campaign_id=None, contact_id=1, now=utc_now())
    with transaction():
        assert trail.seal(now=utc_now()) == 1
    refused(statement.format(table, table), APPENDED)
    assert db.session.scalar(text(f"SELECT count(*) FROM {table}")) == 1


@pytest.mark.parametrize("table", ["trail_entry", "trail_seal"])
def test_the_trail_cannot_be_replaced_by_an_insert(table: str, settings: Settings) -> None:
    if not settings.sqlite:
        pytest.skip("INSERT OR REPLACE is SQLite's.")
    with transaction():
        trail.record(Event.OPTED_OUT, campaign_id=None, contact_id=1, now=utc_now())
        trail.seal(now=utc_now())
    refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}", APPENDED)


# Migrations


@pytest.fixture
def empty_app(tmp_path: Path, settings: Settings) -> Iterator[Flask]:
    """The application on a database in which nothing has been made yet."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    if not settings.sqlite:
        given = servers.create_database(
            f"heed_empty_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
        )
        url = given.replace("postgresql:", "postgresql+psycopg:", 1)
    app = create_app(
        Settings(
            database_url=url,
            queue_url=f"sqlite:///{tmp_path / 'queue.db'}",
            secret_key="a key for tests alone",
            public_url="http://127.0.0.1:8000",
            instance=tmp_path,
            embedded_worker=False,
            testing=True,
        )
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, Base.metadata))


def guards(connection: Connection) -> set[str]:
    names = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[connection.dialect.name]
    return set(connection.scalars(text(names)))


def test_migrating_an_empty_database_gives_exactly_the_models(empty_app: Flask) -> None:
    assert not schema.is_current()
    flask_migrate.upgrade()
    assert schema.is_current()
    with db.engine.connect() as connection:
        assert differences(connection) == []
        assert guards(connection) >= {"tag_keeps_built_in", "trail_entry_is_not_deleted"}


def test_migrating_again_changes_nothing(empty_app: Flask) -> None:
    flask_migrate.upgrade()
    home_id = factories.campaign().id
    flask_migrate.upgrade()
    db.session.rollback()
    assert tags.built_in(home_id, Texting.P2P).name == "Opt Out (P2P)"


def test_every_migration_can_be_taken_back_and_made_again(empty_app: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    with db.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        assert guards(connection) == set()
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        assert differences(connection) == []


def test_rows_from_before_a_migration_keep_what_hangs_on_them(empty_app: Flask) -> None:
    """SQLite copies a table to change it; dropping the old one must not touch other tables."""
    flask_migrate.upgrade()
    action = factories.action(factories.contact(), name="From before")
    counts = text("SELECT (SELECT count(*) FROM shown_tag), (SELECT count(*) FROM action_tally)")
    db.session.rollback()
    before = db.session.execute(counts).one()
    db.session.rollback()
    flask_migrate.downgrade(revision="0002")
    flask_migrate.upgrade()
    db.session.expire_all()
    assert db.session.execute(counts).one() == before == (1, 1)
    assert action.name == "From before"
    assert (action.kind, action.pause_per_mille) == (ActionKind.P2P, 30)
    db.session.rollback()
    with db.engine.connect() as connection:
        assert differences(connection) == []


def test_an_action_that_offers_a_goodbye_keeps_the_campaigns_words(empty_app: Flask) -> None:
    flask_migrate.upgrade()
    offers = factories.action(factories.contact(), goodbye=True)
    offers_none = factories.action(factories.contact())
    db.session.rollback()
    flask_migrate.downgrade(revision="0009")
    flask_migrate.upgrade()
    db.session.expire_all()
    assert offers.goodbye_text == factories.the_campaign().goodbye_text != ""
    assert offers_none.goodbye_text == ""
    assert not factories.the_campaign().asks_approval
    db.session.rollback()


def test_a_migration_that_fails_half_way_leaves_nothing_behind(
    empty_app: Flask, tmp_path: Path
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "webapp" / "migrations", folder)
    head = schema.newest()
    (folder / "versions" / "9999_fails.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision = '9999', {head!r}\n"
        "branch_labels = depends_on = None\n"
        "def upgrade():\n"
        "    op.execute('CREATE TABLE half_way (id int)')\n"
        "    op.execute('This is no SQL')\n"
    )
    flask_migrate.upgrade()
    config = Config()
    config.set_main_option("script_location", str(folder))
    with pytest.raises(DBAPIError):
        alembic.command.upgrade(config, "head")
    with db.engine.connect() as connection:
        assert "half_way" not in inspect(connection).get_table_names()
    assert schema.is_current()


def test_there_is_one_line_of_migrations() -> None:
    folder = ScriptDirectory(str(ROOT / "webapp" / "migrations"))
    assert len(folder.get_heads()) == 1
    assert len(folder.get_bases()) == 1
