"""Settings come from the environment; a wrong one is one sentence that names it."""

import base64
from pathlib import Path

import pytest

from webapp import config
from webapp.errors import ConfigError
from webapp.smtp import MailServer

TWILIO = {
    "HEED_SMS_PROVIDER": "twilio",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "a token",
}
TELNYX = {
    "HEED_SMS_PROVIDER": "telnyx",
    "TELNYX_API_KEY": "KEY1",
    "TELNYX_PUBLIC_KEY": base64.b64encode(bytes(32)).decode(),
}


@pytest.fixture
def here(tmp_path: Path) -> dict[str, str]:
    return {"HEED_INSTANCE": str(tmp_path)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HEED_PUBLIC_URL", "banana"),
        ("HEED_PUBLIC_URL", "http://text.example.org"),
        ("HEED_PUBLIC_URL", "https://[::1"),
        ("HEED_PUBLIC_URL", "https://text.example.org:99999"),
        ("HEED_QUEUE_URL", "amqp://127.0.0.1"),
        ("HEED_QUEUE_URL", "queue.db"),
        ("HEED_DATABASE_URL", "mysql://127.0.0.1/heed"),
        ("HEED_SMS_PROVIDER", "pigeon"),
        ("HEED_SENDING_RATE", "fast"),
        ("HEED_SENDING_RATE", "nan"),
        ("HEED_TRUSTED_PROXIES", "-1"),
        ("HEED_SECRET_KEY", "short"),
        ("HEED_LOG", "xml"),
        ("HEED_EMBEDDED_WORKER", "perhaps"),
        ("HEED_TWILIO_API_BASE", "http://twilio.example.org"),
        ("HEED_TWILIO_API_BASE", "ftp://127.0.0.1"),
        ("HEED_TWILIO_API_BASE", "https://[::1"),
        ("HEED_SMTP_URL", "mail.example.org"),
        ("HEED_SMTP_URL", "mail.example.org:25"),
        ("HEED_SMTP_URL", "https://mail.example.org"),
        ("HEED_SMTP_URL", "smtp://"),
        ("HEED_SMTP_URL", "smtp://mail.example.org:99999"),
        ("HEED_SMTP_URL", "smtp://mail.example.org/inbox"),
        ("HEED_SMTP_URL", "smtp://user@mail.example.org"),
        ("HEED_SMTP_URL", "smtp://[::1"),
        ("HEED_MAIL_FROM", "Heed"),
        ("HEED_MAIL_FROM", "heed@example.org, maya@example.org"),
        ("HEED_MAIL_FROM", "heed@example.org\nBcc: maya@example.org"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_setting(
    here: dict[str, str], name: str, value: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        config.load(here | TWILIO | {name: value})

    assert str(refused.value).startswith(name)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["sqlite:////tmp/queue.db", "postgresql://127.0.0.1/heed", "redis://127.0.0.1/0"]
)
def test_the_queue_has_three_homes(here: dict[str, str], url: str) -> None:
    assert config.load(here | {"HEED_QUEUE_URL": url}).queue_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELNYX_API_KEY", ""),
        ("TELNYX_PUBLIC_KEY", ""),
        ("TELNYX_PUBLIC_KEY", "not a key"),
        ("TELNYX_PUBLIC_KEY", base64.b64encode(bytes(31)).decode()),
        ("HEED_TELNYX_API_BASE", "http://telnyx.example.org"),
        ("HEED_TELNYX_API_BASE", "api.telnyx.com"),
    ],
)
def test_what_telnyx_needs_is_asked_for_by_name(
    here: dict[str, str], name: str, value: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        config.load(here | TELNYX | {name: value})

    assert str(refused.value).startswith(name)
    assert "\n" not in str(refused.value)


def test_telnyx_can_be_the_provider(here: dict[str, str]) -> None:
    settings = config.load(here | TELNYX)

    assert (settings.practice, settings.carrier_base) == (False, "https://api.telnyx.com")
    base = "http://127.0.0.1:9"
    assert config.load(here | TELNYX | {"HEED_TELNYX_API_BASE": base}).carrier_base == base


def test_no_secret_is_shown_with_the_settings(here: dict[str, str]) -> None:
    shown = repr(config.load(here | TELNYX | {"TWILIO_AUTH_TOKEN": "a token"}))

    assert "KEY1" not in shown
    assert "a token" not in shown


def test_what_another_provider_needs_is_not_asked_for(here: dict[str, str]) -> None:
    odd = {"HEED_TELNYX_API_BASE": "nonsense", "TELNYX_PUBLIC_KEY": "nonsense"}

    assert config.load(here | TWILIO | odd).sms_provider == "twilio"


def test_a_setting_can_be_a_file(here: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from a file\n", encoding="utf-8")
    environ = here | TWILIO | {"TWILIO_AUTH_TOKEN_FILE": str(tmp_path / "token")}

    assert config.load(environ).twilio_auth_token == "from a file"


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(
    here: dict[str, str], tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)

    with pytest.raises(ConfigError, match=r"^HEED_SECRET_KEY_FILE cannot be read: .+\.$"):
        config.load(here | {"HEED_SECRET_KEY_FILE": str(tmp_path / "key")})


def test_a_file_in_the_place_of_the_instance_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()

    with pytest.raises(ConfigError, match=r"^HEED_INSTANCE cannot be used: .+\.$"):
        config.load({"HEED_INSTANCE": str(tmp_path / "taken")})


def test_with_postgresql_the_secret_key_has_to_be_given(here: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="HEED_SECRET_KEY is missing"):
        config.load(here | {"HEED_DATABASE_URL": "postgresql://127.0.0.1/heed"})


def test_with_sqlite_the_secret_key_is_made_once(here: dict[str, str]) -> None:
    assert config.load(here).secret_key == config.load(here).secret_key


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", None),
        ("smtp://127.0.0.1", MailServer("127.0.0.1", 587, False)),
        ("smtps://mail.example.org/", MailServer("mail.example.org", 465, True)),
        ("smtp://a%40b.org:p%2Fw@[::1]:25", MailServer("::1", 25, False, "a@b.org", "p/w")),
    ],
)
def test_mail_is_off_until_a_server_is_named(
    here: dict[str, str], url: str, server: MailServer | None
) -> None:
    assert config.load(here | {"HEED_SMTP_URL": url}).mail_server == server


@pytest.mark.parametrize(
    ("environ", "sender"),
    [
        ({}, "heed@localhost"),
        ({"HEED_PUBLIC_URL": "https://text.example.org"}, "heed@text.example.org"),
        ({"HEED_SMTP_URL": "smtp://user:secret@127.0.0.1"}, "heed@localhost"),
        ({"HEED_SMTP_URL": "smtp://us%40b.org:secret@127.0.0.1"}, "us@b.org"),
        ({"HEED_MAIL_FROM": "alarms@example.org"}, "alarms@example.org"),
    ],
)
def test_mails_have_a_sender(here: dict[str, str], environ: dict[str, str], sender: str) -> None:
    assert config.load(here | environ).mail_from == sender


def test_the_password_of_the_mail_server_can_be_in_a_file_and_is_never_shown(
    here: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "url").write_text("smtp://user:secret@127.0.0.1\n", encoding="utf-8")
    settings = config.load(here | {"HEED_SMTP_URL_FILE": str(tmp_path / "url")})
    assert settings.mail_server is not None and settings.mail_server.password == "secret"
    assert "secret" not in repr(settings)
    with pytest.raises(ConfigError) as refused:
        config.load(here | {"HEED_SMTP_URL": "smtp://user:secret@127.0.0.1:none"})
    assert "secret" not in str(refused.value)
