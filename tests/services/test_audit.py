"""The audit finds every violation that somebody plants by hand, and nothing where all is well."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, text, update

from tests import factories
from tests.services import busy_day, plants
from webapp import schema
from webapp.cli.audit import audit as command
from webapp.db import db, snapshot, transaction
from webapp.errors import ConfigError, NotFoundError
from webapp.models import ContactList, Message
from webapp.services import audit, audit_ground


class _UndoneError(Exception):
    """Rolls back what was planted, dropped triggers and indexes included."""


def wrong() -> dict[str, tuple[int, tuple[str, ...]]]:
    """What the audit finds, by check."""
    return {found.check: (found.count, found.examples) for found in audit.run() if not found.ok}


def test_after_a_busy_day_everything_holds() -> None:
    busy_day.live_through()
    assert wrong() == {}
    kinds = db.session.scalars(select(Message.state).distinct()).all()
    assert {"delivered", "cancelled", "failed", "received", "sent"} <= set(kinds)


def test_every_violation_planted_by_hand_is_found(subtests: pytest.Subtests) -> None:
    busy_day.live_through()
    for check, plant in plants.PLANTS:
        with subtests.test(plant.__name__):
            with pytest.raises(_UndoneError), transaction():
                plant()
                found = wrong()
                raise _UndoneError
            assert check in found, found
            count, examples = found[check]
            assert count >= 1
            assert examples
    assert wrong() == {}


def test_there_is_a_planted_violation_for_every_check() -> None:
    names = [finding.check for finding in audit.run()]
    assert len(set(names)) == len(names)
    assert {check for check, _ in plants.PLANTS} == set(names)


# The command


def answered(*arguments: str) -> tuple[int, str]:
    """The exit code and the output of `heed audit`."""
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    return result.exit_code, result.stdout


def test_the_command_says_a_line_for_each_check_and_ends_with_0() -> None:
    busy_day.live_through()
    code, said = answered()
    *lines, last = said.splitlines()
    assert code == 0
    assert last == "Everything holds."
    assert [line.split()[0] for line in lines] == ["ok"] * len(audit.run())


def test_the_command_lists_what_does_not_hold_and_ends_with_1() -> None:
    busy_day.live_through()
    plants.a_text_left_after_the_opt_out()
    message_id = plants.first_text_of(plants.opted_out_contact())
    code, said = answered()
    assert code == 1
    assert "WRONG  Nobody who opted out was texted again" in said
    assert f"(1 found: message {message_id})" in said
    assert "1 of them not in order" in said.splitlines()[-1]


def test_the_command_answers_in_json() -> None:
    busy_day.live_through()
    code, said = answered("--json")
    facts = json.loads(said)
    assert (code, facts["ok"], facts["texts_after_opt_out"]) == (0, True, 0)
    assert {"check": "built_in_tags", "ok": True, "count": 0, "examples": []} in facts["checks"]

    plants.a_text_left_after_the_opt_out()
    code, said = answered("--json")
    facts = json.loads(said)
    assert (code, facts["ok"], facts["texts_after_opt_out"]) == (1, False, 1)
    assert [check["check"] for check in facts["checks"] if not check["ok"]] == [
        "texts_after_opt_out"
    ]


def test_the_command_can_look_at_one_campaign_alone() -> None:
    busy_day.live_through()
    plants.a_text_left_after_the_opt_out()
    assert answered("rivera")[0] == 1
    assert answered("okafor")[0] == 0
    with pytest.raises(NotFoundError, match="There is no campaign"):
        answered("nobody")


def test_the_command_asks_for_the_migrations_first() -> None:
    newest = schema.newest()
    with transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    try:
        with pytest.raises(ConfigError, match=r"\./heed db upgrade"):
            answered()
    finally:
        with transaction():
            there = text("UPDATE alembic_version SET version_num = :newest")
            db.session.execute(there, {"newest": newest})


def test_an_empty_installation_has_nothing_to_find() -> None:
    assert answered()[0] == 0


def test_the_audit_reads_one_state_while_others_write(app: Flask) -> None:
    factories.contact_list(factories.contact())
    with snapshot():
        assert wrong() == {}

        def grow() -> None:
            with app.app_context(), transaction():
                db.session.execute(update(ContactList).values(size=7))

        with ThreadPoolExecutor(1) as pool:
            pool.submit(grow).result(timeout=10)
        assert wrong() == {}
    assert set(wrong()) == {"list_sizes"}


def test_the_audit_knows_every_guard_that_the_migrations_put_up() -> None:
    names = db.session.scalars(
        text(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            if db.engine.dialect.name == "sqlite"
            else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        )
    )
    assert set(names) == set(audit_ground.GUARDS)
