"""What every test may ask for: a real database of its own, the application, browsers."""

import ipaddress
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import text

from tests import factories, servers
from tests.client import Browser
from tests.shell import Shell
from webapp.app import create_app
from webapp.config import ROOT, Settings
from webapp.db import Base, db
from webapp.models import User
from webapp.web.limits import limiter

# Tests of pure functions and of the carriers need no database.
WITHOUT_DATABASE = {"texting", "carriers", "carrier"}
DATABASE = os.environ.get("HEED_TEST_DATABASE", "sqlite")
REQUIRED = set(filter(None, os.environ.get("HEED_REQUIRE", "").split(",")))
_missing: dict[str, servers.Missing] = {}


def _needed(name: str, found: servers.Running | servers.Missing) -> str:
    """The URL of a server, or the test is skipped, or fails when HEED_REQUIRE names it."""
    if isinstance(found, servers.Running):
        return found.url
    _missing[name] = found
    sentence = f"{found.reason} {found.how_to_get_it}"
    if name in REQUIRED:
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The last lines say which tests were skipped for want of a server, and how to get it."""
    for name, missing in _missing.items():
        terminalreporter.write_line(f"Skipped for want of {name}: {missing.how_to_get_it}")


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The run's PostgreSQL; `servers.create_database` makes databases on it."""
    return _needed("postgres", servers.postgres())


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The run's Redis."""
    return _needed("redis", servers.redis())


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The system's Chromium."""
    return _needed("browser", servers.chromium())


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """No test talks to another machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(plug: socket.socket, address: Any) -> None:
        _refuse_distant(plug, address)
        connect(plug, address)

    def guarded_ex(plug: socket.socket, address: Any) -> int:
        _refuse_distant(plug, address)
        return connect_ex(plug, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    patch.setattr(socket.socket, "connect_ex", guarded_ex)
    yield
    patch.undo()


def _refuse_distant(plug: socket.socket, address: Any) -> None:
    if plug.family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = str(address[0])
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise RuntimeError(f"A test tried to reach {host}; tests stay on this machine.")


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of the tests' application."""
    folder = tmp_path_factory.mktemp("heed")
    return Settings(
        database_url=_database_url(folder),
        queue_url=f"sqlite:///{folder / 'queue.db'}",
        secret_key="a key for tests alone",
        public_url="http://127.0.0.1:8000",
        instance=folder / "instance",
        embedded_worker=False,
        testing=True,
    )


def _database_url(folder: Path) -> str:
    if DATABASE == "sqlite":
        return f"sqlite:///{folder / 'heed.db'}"
    _needed("postgres", servers.postgres())
    url = servers.create_database(f"heed_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}")
    return url.replace("postgresql:", "postgresql+psycopg:", 1)


@pytest.fixture(scope="session")
def fresh_app(settings: Settings) -> Iterator[Flask]:
    """The application on a database whose schema was made once, by the migrations."""
    app = create_app(settings)
    app.test_client_class = Browser
    with app.app_context():
        if (ROOT / "webapp" / "migrations" / "env.py").exists():
            flask_migrate.upgrade()
        else:
            db.create_all()
        if settings.sqlite:
            _keep_as_template(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(fresh_app: Flask, settings: Settings) -> Iterator[Flask]:
    """The application with an empty database, inside an application context."""
    with fresh_app.app_context():
        if settings.sqlite:
            _copy_template(settings)
        else:
            _empty_tables()
        limiter.reset()
        yield fresh_app
        db.session.rollback()


@pytest.fixture(autouse=True)
def _a_database_for_each_test(request: pytest.FixtureRequest) -> None:
    if not WITHOUT_DATABASE & set(request.path.relative_to(ROOT).parts):
        request.getfixturevalue("app")


@pytest.fixture
def client(app: Flask) -> Browser:
    """A browser that nobody has signed in with."""
    return _browser(app)


@pytest.fixture
def client_for(app: Flask) -> Callable[[User], Browser]:
    """A browser that this person has signed in with."""

    def signed_in(user: User) -> Browser:
        browser = _browser(app)
        browser.sign_in_as(factories.session_token(user))
        return browser

    return signed_in


@pytest.fixture
def heed(monkeypatch: pytest.MonkeyPatch, app: Flask) -> Shell:
    """Runs commands: heed.run("campaign", "set", "rivera"), heed.json(…) for their answer."""
    return Shell(monkeypatch, app)


def _browser(app: Flask) -> Browser:
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser


def _file(settings: Settings) -> Path:
    return Path(settings.database_url.removeprefix("sqlite:///"))


def _keep_as_template(settings: Settings) -> None:
    with db.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.engine.dispose()
    shutil.copyfile(_file(settings), _file(settings).with_suffix(".template"))


def _copy_template(settings: Settings) -> None:
    db.session.remove()
    db.engine.dispose()
    for leftover in ("-wal", "-shm"):
        _file(settings).with_name(_file(settings).name + leftover).unlink(missing_ok=True)
    shutil.copyfile(_file(settings).with_suffix(".template"), _file(settings))


def _empty_tables() -> None:
    """Delete every row, past triggers and foreign keys; far quicker than TRUNCATE, which writes
    new files for each table."""
    db.session.remove()
    deletes = [f'DELETE FROM "{table.name}"' for table in Base.metadata.sorted_tables]
    with db.engine.begin() as connection:
        sequences = connection.scalars(text("SELECT sequencename FROM pg_sequences"))
        restarts = [f"SELECT setval('{name}', 1, false)" for name in sequences]
        beginning = "SET LOCAL session_replication_role = replica"
        connection.exec_driver_sql("; ".join([beginning, *deletes, *restarts]))
