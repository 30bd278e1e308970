"""A database that is not ready costs a command one sentence, never a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.shell import Shell
from webapp.app import create_app
from webapp.cli import main
from webapp.config import Settings
from webapp.db import db

COMMANDS = (
    ("campaign", "create", "Rivera", "--owner-email", "maya@example.org"),
    ("campaign", "set", "rivera"),
    ("contacts", "show", "rivera", "+13125550142"),
    ("optouts", "export", "rivera"),
    ("user", "reset", "maya@example.org"),
    ("audit",),
)


@contextmanager
def installed(patch: pytest.MonkeyPatch, settings: Settings) -> Iterator[None]:
    """Commands meet this installation instead of the tests' own."""
    app = create_app(settings)
    patch.setattr(main, "_application", lambda: app)
    yield
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_before_the_first_migration_a_command_says_what_to_run(
    heed: Shell,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
) -> None:
    empty = replace(settings, database_url=f"sqlite:///{tmp_path / 'empty.db'}")
    with installed(monkeypatch, empty):
        done = heed.run(*command)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The database has another schema. Run: ./heed db upgrade\n"


@pytest.mark.parametrize("command", [*COMMANDS, ("db", "upgrade")], ids=" ".join)
def test_a_database_that_is_away_is_named(
    heed: Shell,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
) -> None:
    away = replace(settings, database_url="postgresql+psycopg://heed@127.0.0.1:1/heed")
    with installed(monkeypatch, away):
        done = heed.run(*command)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The database cannot be used: ")
    assert done.stderr.count("\n") == 1


def test_a_fault_of_our_own_is_not_hidden(heed: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(main, "_application", fail)
    with pytest.raises(ZeroDivisionError):
        main.main(lambda **_: fail())


@pytest.mark.parametrize(
    "command",
    [
        ("campaign", "create", "Rivera", "--owner-email", "m\udcff@example.org"),
        ("user", "reset", "m\udcff@example.org"),
        ("campaign", "set", "riv\udcffera"),
    ],
    ids=["owner", "reset", "slug"],
)
def test_a_word_that_is_no_utf_8_costs_one_sentence(heed: Shell, command: tuple[str, ...]) -> None:
    done = heed.run(*command, typed="correct horse battery\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The command holds a character that is not UTF-8. Type it again.\n"
