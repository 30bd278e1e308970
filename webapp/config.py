"""Settings from the environment; a wrong value stops the start with one sentence."""

import base64
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from webapp import smtp
from webapp.errors import ConfigError
from webapp.smtp import MailServer

ROOT = Path(__file__).resolve().parent.parent
PROVIDERS = ("simulator", "twilio", "telnyx")
QUEUES = ("sqlite:///", "postgres://", "postgresql://", "postgresql+psycopg://", "redis://")
NEEDED = {
    "twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    "telnyx": ("TELNYX_API_KEY", "TELNYX_PUBLIC_KEY"),
}
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Settings:
    """Everything that can be set; see the README's table."""

    database_url: str
    queue_url: str
    secret_key: str = field(repr=False)
    public_url: str
    instance: Path
    sms_provider: str = "simulator"
    twilio_account_sid: str = ""
    twilio_auth_token: str = field(default="", repr=False)
    twilio_api_base: str = "https://api.twilio.com"
    telnyx_api_key: str = field(default="", repr=False)
    telnyx_public_key: str = ""
    telnyx_api_base: str = "https://api.telnyx.com"
    sending_rate: float = 1.0
    mail_server: MailServer | None = None
    mail_from: str = ""
    trusted_proxies: int = 0
    log: str = "plain"
    embedded_worker: bool = True
    demo: bool = False  # people at the other end answer by themselves
    testing: bool = False

    @property
    def practice(self) -> bool:
        """Whether nothing leaves this machine (the simulator plays the carrier)."""
        return self.sms_provider == "simulator"

    @property
    def carrier_base(self) -> str:
        """Where the carrier's API is; empty in practice mode."""
        return {"twilio": self.twilio_api_base, "telnyx": self.telnyx_api_base}.get(
            self.sms_provider, ""
        )

    @property
    def https(self) -> bool:
        """Whether people reach Heed over TLS (cookies are then marked Secure)."""
        return self.public_url.startswith("https://")

    @property
    def sqlite(self) -> bool:
        """Whether the database is SQLite."""
        return self.database_url.startswith("sqlite")


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raises ConfigError naming the setting that is wrong or missing.

    Each setting may also be given as NAME_FILE, the path of a file that holds the value.
    """
    env = os.environ if environ is None else environ
    instance = Path(_text(env, "HEED_INSTANCE") or ROOT / "instance").resolve()
    database = database_url(_text(env, "HEED_DATABASE_URL"), instance)
    provider = _one_of(env, "HEED_SMS_PROVIDER", PROVIDERS)
    public_url, mail_server = _public_url(env), smtp.server_from(_text(env, "HEED_SMTP_URL"))
    settings = Settings(
        database_url=database,
        queue_url=_queue_url(_text(env, "HEED_QUEUE_URL"), instance),
        secret_key=_secret_key(env, database, instance),
        public_url=public_url,
        instance=instance,
        sms_provider=provider,
        twilio_account_sid=_text(env, "TWILIO_ACCOUNT_SID"),
        twilio_auth_token=_text(env, "TWILIO_AUTH_TOKEN"),
        twilio_api_base=_text(env, "HEED_TWILIO_API_BASE") or "https://api.twilio.com",
        telnyx_api_key=_text(env, "TELNYX_API_KEY"),
        telnyx_public_key=_text(env, "TELNYX_PUBLIC_KEY"),
        telnyx_api_base=_text(env, "HEED_TELNYX_API_BASE") or "https://api.telnyx.com",
        sending_rate=_rate(env),
        mail_server=mail_server,
        mail_from=smtp.sender_from(
            _text(env, "HEED_MAIL_FROM"), mail_server, _mail_domain(public_url)
        ),
        trusted_proxies=_count(env, "HEED_TRUSTED_PROXIES"),
        log=_one_of(env, "HEED_LOG", ("plain", "json")),
        embedded_worker=_one_of(env, "HEED_EMBEDDED_WORKER", ("on", "off")) == "on",
    )
    _check_carrier(settings)
    return settings


def _text(env: Mapping[str, str], name: str) -> str:
    path = env.get(f"{name}_FILE", "").strip()
    if not path:
        return env.get(name, "").strip()
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{name}_FILE cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}_FILE cannot be read: It is no text in UTF-8.") from error


def _one_of(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = _text(env, name).lower() or choices[0]
    if value not in choices:
        raise ConfigError(f"{name} is “{value}”; it can be {', '.join(choices)}.")
    return value


def database_url(url: str, instance: Path) -> str:
    """The address of a database as SQLAlchemy takes it; ConfigError for another kind."""
    if not url:
        return f"sqlite:///{instance / 'heed.db'}"
    if url.startswith("sqlite:///"):
        return url
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    raise ConfigError("HEED_DATABASE_URL has to begin with sqlite:/// or postgresql://.")


def _queue_url(url: str, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'queue.db'}"
    if not url.startswith(QUEUES):
        raise ConfigError("HEED_QUEUE_URL has to begin with sqlite:///, postgresql:// or redis://.")
    return url


def _secret_key(env: Mapping[str, str], database: str, instance: Path) -> str:
    key = _text(env, "HEED_SECRET_KEY")
    if key and len(key) < 16:
        raise ConfigError("HEED_SECRET_KEY is too short; give at least 16 characters.")
    if key:
        return key
    if not database.startswith("sqlite"):
        raise ConfigError("HEED_SECRET_KEY is missing; it has to be given with PostgreSQL.")
    return _kept_key(instance / "secret_key")


def _kept_key(path: Path) -> str:
    """The key of this instance folder, made once; two processes starting together agree."""
    make_folder(path.parent)
    if not path.exists():
        draft = path.with_name(f"secret_key.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        with suppress(FileExistsError):  # Another process was quicker; its key then holds.
            os.link(draft, path)
        draft.unlink()
    key = path.read_text(encoding="utf-8").strip()
    if len(key) < 16:
        raise ConfigError(f"{path} holds no usable secret key; delete it to have a new one made.")
    return key


def make_folder(instance: Path) -> None:
    """Make the instance folder if there is none; ConfigError when that cannot be."""
    try:
        instance.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"HEED_INSTANCE cannot be used: {error.strerror}.") from error


def _public_url(env: Mapping[str, str]) -> str:
    url = (_text(env, "HEED_PUBLIC_URL") or "http://127.0.0.1:8000").rstrip("/")
    scheme, host = _address(url)
    if not scheme or "?" in url:
        raise ConfigError("HEED_PUBLIC_URL has to be an address such as https://text.example.org.")
    if scheme == "http" and host not in LOOPBACK:
        raise ConfigError("HEED_PUBLIC_URL has to begin with https:// (http is for loopback only).")
    return url


def _address(url: str) -> tuple[str, str]:
    """Scheme and host of a web address; both empty when it is none."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # A bracket that is not closed, or a port that does not exist.
        usable = False
    return (parts.scheme, str(parts.hostname)) if usable else ("", "")


def _mail_domain(public_url: str) -> str:
    """What stands behind the @ of our own address."""
    _scheme, host = _address(public_url)
    return "localhost" if host in LOOPBACK else host


def _rate(env: Mapping[str, str]) -> float:
    try:
        rate = float(_text(env, "HEED_SENDING_RATE") or 1)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 10_000:
        raise ConfigError("HEED_SENDING_RATE has to be a number of texts a second above 0.")
    return rate


def _count(env: Mapping[str, str], name: str) -> int:
    value = _text(env, name) or "0"
    if not value.isdecimal() or int(value) > 10:
        raise ConfigError(f"{name} has to be the number of proxies in front of Heed, 0 to 10.")
    return int(value)


def _check_carrier(settings: Settings) -> None:
    if settings.practice:
        return
    name = settings.sms_provider.title()
    for setting in NEEDED[settings.sms_provider]:
        if not getattr(settings, setting.lower()):
            raise ConfigError(f"{setting} is missing; texting through {name} needs it.")
    scheme, host = _address(settings.carrier_base)
    if not scheme or (scheme == "http" and host not in LOOPBACK):
        raise ConfigError(f"HEED_{name.upper()}_API_BASE has to begin with https://.")
    if settings.sms_provider == "telnyx" and not _is_key(settings.telnyx_public_key):
        raise ConfigError("TELNYX_PUBLIC_KEY is no public key; it has 32 bytes, in Base64.")


def _is_key(given: str) -> bool:
    """Whether this can be the public half of an Ed25519 key."""
    try:
        return len(base64.b64decode(given, validate=True)) == 32
    except ValueError:
        return False
