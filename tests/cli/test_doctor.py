"""`doctor` says in plain sentences what is wrong with an installation, and never breaks."""

import contextvars
import json
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests import factories
from tests.carrier import ACCOUNT_SID, API_KEY, AUTH_TOKEN, PUBLIC_KEY, StandIn
from tests.mail_server import MailServer
from tests.services import scenes
from webapp.app import create_app
from webapp.cli import looks
from webapp.cli.doctor import doctor as command
from webapp.config import Settings
from webapp.db import db, put, transaction, utc_now
from webapp.models import Event, Heartbeat
from webapp.services import trail

Doctor = Callable[..., Result]
ORDER = [
    "settings",
    "disk",
    "public_url",
    "carrier",
    "mail",
    "database",
    "migrations",
    "clock",
    "queue",
    "worker",
    "texts",
    "webhooks",
    "numbers",
]


@pytest.fixture
def doctor(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """The command, looking at the tests' database unless told otherwise."""

    def look(*arguments: str, **environ: str) -> Result:
        given = {
            "HEED_INSTANCE": str(tmp_path),
            "HEED_DATABASE_URL": settings.database_url,
            "HEED_QUEUE_URL": f"sqlite:///{tmp_path / 'queue.db'}",
            "HEED_SECRET_KEY": "a key for tests alone",
            **environ,
        }
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return contextvars.Context().run(CliRunner().invoke, command, arguments)

    return look


def verdicts(result: Result) -> dict[str, tuple[str, str]]:
    """State and sentence of each check, from --json; a traceback fails here."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    facts = json.loads(result.stdout)
    problems = [check for check in facts["checks"] if check["state"] == "problem"]
    assert facts["ok"] == (not problems) == (result.exit_code == 0)
    return {check["check"]: (check["state"], check["sentence"]) for check in facts["checks"]}


def alive(ago: timedelta = timedelta(0)) -> None:
    """A worker gave a sign of life."""
    with transaction():
        put(Heartbeat, {"worker": "worker-1"}, {"at": utc_now() - ago})


def test_a_sound_installation_gets_a_line_for_each_look(doctor: Doctor) -> None:
    alive()
    result = doctor()
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["ok"] * len(ORDER)
    assert "Practice mode: nothing leaves this machine." in result.stdout


def test_the_same_in_json_and_nothing_else(doctor: Doctor) -> None:
    alive()
    found = verdicts(doctor("--json"))
    assert list(found) == ORDER
    assert {state for state, _ in found.values()} == {"ok"}


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"HEED_SMS_PROVIDER": "pigeon"}, "HEED_SMS_PROVIDER is “pigeon”"),
        ({"HEED_SMS_PROVIDER": "twilio"}, "TWILIO_ACCOUNT_SID is missing"),
        ({"HEED_SMS_PROVIDER": "telnyx"}, "TELNYX_API_KEY is missing"),
        ({"HEED_PUBLIC_URL": "http://text.example.org"}, "https://"),
        ({"HEED_DATABASE_URL": "mysql://localhost/heed"}, "HEED_DATABASE_URL"),
        ({"HEED_SECRET_KEY_FILE": "/nowhere/at/all"}, "HEED_SECRET_KEY_FILE cannot be read"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    doctor: Doctor, environ: dict[str, str], sentence: str
) -> None:
    found = verdicts(doctor("--json", **environ))
    assert list(found) == ["settings"]
    state, said = found["settings"]
    assert (state, sentence in said) == ("problem", True)


def test_a_look_makes_no_database(doctor: Doctor, tmp_path: Path) -> None:
    missing = tmp_path / "none.db"
    found = verdicts(doctor("--json", HEED_DATABASE_URL=f"sqlite:///{missing}"))
    assert found["database"][0] == "problem"
    assert "./heed db upgrade" in found["database"][1]
    assert not missing.exists()


def test_a_database_without_its_tables_asks_for_the_migrations(
    doctor: Doctor, tmp_path: Path
) -> None:
    (tmp_path / "empty.db").touch()
    found = verdicts(doctor("--json", HEED_DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}"))
    state, sentence = found["migrations"]
    assert (state, "Run: ./heed db upgrade" in sentence) == ("problem", True)
    assert "worker" not in found


def test_a_file_that_is_no_database_is_a_finding(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("Buy milk. " * 500)
    found = verdicts(doctor("--json", HEED_DATABASE_URL=f"sqlite:///{tmp_path / 'notes.db'}"))
    assert "problem" in {state for state, _ in found.values()}


def test_a_database_server_that_is_away_is_a_finding(doctor: Doctor) -> None:
    pytest.importorskip("psycopg")
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        port = plug.getsockname()[1]
    url = f"postgresql://heed:a-secret@127.0.0.1:{port}/heed"
    result = doctor("--json", HEED_DATABASE_URL=url)
    state, sentence = verdicts(result)["database"]
    assert state == "problem"
    assert "refused" in sentence
    assert "a-secret" not in result.output


def test_a_worker_that_has_fallen_silent_is_a_problem(doctor: Doctor) -> None:
    alive(timedelta(minutes=5))
    state, sentence = verdicts(doctor("--json"))["worker"]
    assert (state, "5 minutes ago" in sentence) == ("problem", True)


def test_no_worker_is_a_problem_once_texts_wait(doctor: Doctor) -> None:
    assert verdicts(doctor("--json"))["worker"][0] == "warning"
    contact = factories.contact()
    factories.first_text(factories.action(contact), contact, factories.texter())
    assert verdicts(doctor("--json"))["worker"][0] == "problem"


def test_a_text_that_waits_too_long_is_worth_a_look(doctor: Doctor) -> None:
    alive()
    contact = factories.contact()
    text = factories.first_text(factories.action(contact), contact, factories.texter())
    assert verdicts(doctor("--json"))["texts"][0] == "ok"
    with transaction():
        text.not_before = utc_now() - timedelta(hours=3)
    state, sentence = verdicts(doctor("--json"))["texts"]
    assert (state, "3 hours ago" in sentence) == ("warning", True)


def test_a_clock_that_was_set_back_is_a_problem(doctor: Doctor) -> None:
    with transaction():
        trail.record(Event.EXPORTED, campaign_id=None, now=utc_now() + timedelta(minutes=10))
    assert verdicts(doctor("--json"))["clock"][0] == "problem"


def test_texts_to_a_number_that_nobody_holds_are_named(doctor: Doctor) -> None:
    for _ in range(2):
        scenes.text_in("+13125550142", "+19075550199", "STOP", now=None)
    state, sentence = verdicts(doctor("--json"))["numbers"]
    assert (state, "2 to +19075550199" in sentence) == ("warning", True)


# With a carrier


def with_carrier(url: str, **more: str) -> dict[str, str]:
    return {
        "HEED_SMS_PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "HEED_TWILIO_API_BASE": url,
        **more,
    }


def test_a_carrier_that_answers_and_a_webhook_that_is_taken(doctor: Doctor) -> None:
    with StandIn() as carrier:
        found = verdicts(doctor("--json", **with_carrier(carrier.url)))
    assert found["carrier"] == ("ok", "Twilio answers and takes our key.")
    assert found["webhooks"] == ("ok", "A signed webhook is taken.")
    assert AUTH_TOKEN not in str(found)


def with_telnyx(url: str, **more: str) -> dict[str, str]:
    return {
        "HEED_SMS_PROVIDER": "telnyx",
        "TELNYX_API_KEY": API_KEY,
        "TELNYX_PUBLIC_KEY": PUBLIC_KEY,
        "HEED_TELNYX_API_BASE": url,
        **more,
    }


def test_telnyx_answers_and_what_it_did_not_sign_is_refused(doctor: Doctor) -> None:
    with StandIn() as carrier:
        found = verdicts(doctor("--json", **with_telnyx(carrier.url)))
    assert found["settings"] == ("ok", "The settings can be used (texting through telnyx).")
    assert found["carrier"][0] == "ok"
    assert found["webhooks"] == ("ok", "A webhook that Telnyx did not sign is refused.")
    assert API_KEY not in str(found)


def test_credentials_that_look_odd_are_worth_a_look(doctor: Doctor) -> None:
    with StandIn() as carrier:
        odd_key = with_telnyx(carrier.url, TELNYX_API_KEY="a word")
        odd_account = with_carrier(carrier.url, TWILIO_ACCOUNT_SID="a word")
        sentences = [verdicts(doctor("--json", **one))["carrier"] for one in (odd_key, odd_account)]
    assert [state for state, _ in sentences] == ["warning", "warning"]
    assert "TELNYX_API_KEY" in sentences[0][1]
    assert "TWILIO_ACCOUNT_SID" in sentences[1][1]


def test_a_key_that_the_carrier_does_not_take_is_a_problem(doctor: Doctor) -> None:
    with StandIn() as carrier:
        wrong = with_telnyx(carrier.url, TELNYX_API_KEY="KEY0another")
        for environ in (wrong, with_carrier(carrier.url, TWILIO_AUTH_TOKEN="another")):
            state, sentence = verdicts(doctor("--json", **environ))["carrier"]
            assert (state, "doesn’t take our key" in sentence) == ("problem", True)
            assert "another" not in sentence


def test_a_carrier_that_cannot_be_reached_is_a_problem(doctor: Doctor) -> None:
    with StandIn() as carrier:
        url = carrier.url
    for environ in (with_carrier(url), with_telnyx(url)):
        state, sentence = verdicts(doctor("--json", **environ))["carrier"]
        assert (state, "cannot be reached" in sentence) == ("problem", True)


def test_a_webhook_below_a_path_of_the_public_address_is_tried_there(doctor: Doctor) -> None:
    with StandIn() as carrier:
        environ = with_carrier(carrier.url, HEED_PUBLIC_URL="https://example.org/texting")
        found = verdicts(doctor("--json", **environ))
    assert found["webhooks"][0] == "ok"
    assert found["public_url"] == ("ok", "Heed is reached at https://example.org/texting.")


def test_a_webhook_that_is_refused_is_a_problem(settings: Settings, tmp_path: Path) -> None:
    texting = replace(
        settings,
        instance=tmp_path,
        queue_url=f"sqlite:///{tmp_path / 'queue.db'}",
        sms_provider="twilio",
        twilio_account_sid=ACCOUNT_SID,
        twilio_auth_token=AUTH_TOKEN,
    )
    app = create_app(texting)
    with app.app_context():
        verdict = looks.webhooks(app, replace(texting, twilio_auth_token="another token"))
        db.engine.dispose()
    assert (verdict.state, "403" in verdict.sentence) == ("problem", True)


def test_a_carrier_cannot_call_a_loopback_address(settings: Settings) -> None:
    real = replace(settings, sms_provider="twilio", twilio_api_base="https://api.twilio.com")
    assert looks.public_url(real).state == "problem"
    assert looks.public_url(replace(real, public_url="https://text.example.org")).state == "ok"


def test_a_proxy_stands_between_us_and_a_distant_carrier(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in looks.PROXIES:
        monkeypatch.delenv(name, raising=False)
    assert looks._unreached("api.twilio.com", 443, "timed out").state == "problem"
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert looks._unreached("api.twilio.com", 443, "timed out").state == "warning"
    assert looks._unreached("127.0.0.1", 443, "refused").state == "problem"


# Disk, and looks that fail


def test_a_disk_that_fills_up_is_told_in_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    free = shutil.disk_usage(settings.instance).free
    assert looks.disk(settings).state == "ok"
    monkeypatch.setattr(looks, "NEARLY_FULL", free * 2)
    assert looks.disk(settings).state == "warning"
    monkeypatch.setattr(looks, "FULL", free * 2)
    assert looks.disk(settings).state == "problem"


def test_a_look_that_fails_is_a_finding_and_no_traceback() -> None:
    def broken() -> looks.Verdict:
        raise PermissionError(13, "Permission denied")

    verdict = looks.look("disk", broken)
    assert verdict.state == "problem"
    assert "PermissionError" in verdict.sentence
    assert "Permission denied" in verdict.sentence


def test_it_says_whether_alarms_can_be_mailed(doctor: Doctor) -> None:
    assert verdicts(doctor("--json"))["mail"][1].startswith("Mail is not set (HEED_SMTP_URL)")
    with MailServer() as post:
        asked = {"HEED_SMTP_URL": post.url, "HEED_MAIL_FROM": "heed@example.org"}
        found = verdicts(doctor("--json", **asked))
        assert found["mail"] == ("ok", "Alarms are mailed from heed@example.org.")
        post.refuse()
        state, sentence = verdicts(doctor("--json", **asked))["mail"]
    assert state == "warning" and sentence.startswith("Alarms can't be mailed: 127.0.0.1:")
    assert post.taken == []
