"""The looks that `doctor` takes: each answers with one verdict and changes nothing."""

import os
import re
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import func, select, text

from webapp import schema, smtp
from webapp.carriers.base import Carrier
from webapp.carriers.twilio_signature import sign
from webapp.config import LOOPBACK, Settings
from webapp.db import db, utc_now
from webapp.models import TrailEntry, WebhookReceipt
from webapp.services import health
from webapp.smtp import MailError

MEGABYTE = 1_000_000
FULL, NEARLY_FULL = 200 * MEGABYTE, 1_000 * MEGABYTE
# Heed was not there before; a clock that says so has lost its battery.
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER, CLOCKS_APART = timedelta(seconds=2), timedelta(seconds=30)
REACHED_WITHIN = 3.0  # seconds
LOOKED_BACK = timedelta(days=30)
PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one look found: `state` is ok, warning or problem."""

    check: str
    state: str
    sentence: str


def look(name: str, at: Callable[[], Verdict]) -> Verdict:
    """Take a look; one that fails is a finding as well."""
    try:
        return at()
    except Exception as error:
        return failed(name, error)


def failed(name: str, error: Exception) -> Verdict:
    """The verdict on something that cannot even be looked at."""
    origin = getattr(error, "orig", None) or error
    said = str(origin).strip().split("\n")[0]
    return Verdict(name, "problem", f"This could not be looked at: {type(origin).__name__} {said}")


# From outside


def disk(settings: Settings) -> Verdict:
    """Is there room for the data, and may we write there?"""
    folder = settings.instance
    free = shutil.disk_usage(folder if folder.exists() else folder.parent).free
    says = f"{free // MEGABYTE:,} MB are free in {folder}."
    if folder.exists() and not os.access(folder, os.W_OK):
        return Verdict("disk", "problem", f"Nothing can be written in {folder}.")
    if free < FULL:
        return Verdict("disk", "problem", f"The disk is full: {says}")
    return Verdict("disk", "warning" if free < NEARLY_FULL else "ok", says)


def public_url(settings: Settings) -> Verdict:
    """Can the carrier call us at this address? A stand-in on this machine can call loopback."""
    host = urlsplit(settings.public_url).hostname
    if host not in LOOPBACK:
        return Verdict("public_url", "ok", f"Heed is reached at {settings.public_url}.")
    at_home = urlsplit(settings.carrier_base).hostname in LOOPBACK
    if settings.practice or at_home:
        sentence = f"Heed is reached at {settings.public_url}, from this machine alone."
        return Verdict("public_url", "ok", sentence)
    sentence = f"The carrier cannot call {settings.public_url}. Set HEED_PUBLIC_URL."
    return Verdict("public_url", "problem", sentence)


def carrier(settings: Settings, make: Callable[[Settings], Carrier]) -> Verdict:
    """Can we call the carrier, and does it know us? Nothing is texted."""
    if settings.practice:
        return Verdict("carrier", "ok", "Practice mode: nothing leaves this machine.")
    base = urlsplit(settings.carrier_base)
    host, port = base.hostname or "", base.port or (443 if base.scheme == "https" else 80)
    try:
        socket.create_connection((host, port), timeout=REACHED_WITHIN).close()
    except OSError as error:
        return _unreached(host, port, error.strerror or "no answer in time")
    odd = _odd_credentials(settings)
    if odd:
        return Verdict("carrier", "warning", odd)
    road = make(settings)
    found = road.check()
    state = {"works": "ok", "wrong_key": "problem"}.get(found.state, "warning")
    return Verdict("carrier", state, found.said)


def _odd_credentials(settings: Settings) -> str:
    """What looks wrong about the credentials, or ""."""
    if settings.sms_provider == "telnyx":
        usual = settings.telnyx_api_key.startswith("KEY")
        return "" if usual else "TELNYX_API_KEY does not look like one (it begins with KEY)."
    if re.fullmatch(r"AC[0-9a-f]{32}", settings.twilio_account_sid):
        return ""
    return "TWILIO_ACCOUNT_SID does not look like one (AC and 32 digits or letters a to f)."


def _unreached(host: str, port: int, why: str) -> Verdict:
    if host not in LOOPBACK and any(os.environ.get(name) for name in PROXIES):
        sentence = f"{host} is not reached directly ({why}); texts go through the proxy."
        return Verdict("carrier", "warning", sentence)
    return Verdict("carrier", "problem", f"{host}:{port} cannot be reached: {why}.")


def mail(settings: Settings) -> Verdict:
    """Can alarms be mailed to those who run a campaign?"""
    if settings.mail_server is None:
        told = "Mail is not set (HEED_SMTP_URL): alarms are told on the pages alone."
        return Verdict("mail", "ok", told)
    try:
        smtp.greet(settings.mail_server)
    except MailError as error:
        return Verdict("mail", "warning", f"Alarms can't be mailed: {error}")
    return Verdict("mail", "ok", f"Alarms are mailed from {settings.mail_from}.")


# From inside the application


def database_is_made(settings: Settings) -> bool:
    """Whether there is a database to look at; SQLite would make one of a mere look."""
    return not settings.sqlite or Path(settings.database_url.removeprefix("sqlite:///")).exists()


def database() -> Verdict:
    """Does the database answer?"""
    db.session.execute(text("SELECT 1"))
    return Verdict("database", "ok", f"The database answers ({db.engine.dialect.name}).")


def migrations() -> Verdict:
    """Is the schema the one of this version?"""
    if schema.is_current():
        return Verdict("migrations", "ok", f"The schema is up to date ({schema.newest()}).")
    sentence = f"The schema is not at {schema.newest()}. Run: ./heed db upgrade"
    return Verdict("migrations", "problem", sentence)


def clock() -> Verdict:
    """Is the clock right, as far as one can tell from here?"""
    now = utc_now()
    if now < EARLIEST:
        return Verdict("clock", "problem", f"The clock says {now:%Y-%m-%d}, which cannot be.")
    last = db.session.scalar(select(TrailEntry.at).order_by(TrailEntry.id.desc()).limit(1))
    if last is not None and last - now > CLOCKS_DIFFER:
        sentence = f"It is {now:%Y-%m-%d %H:%M} by the clock, but the trail goes on until"
        return Verdict("clock", "problem", f"{sentence} {last:%Y-%m-%d %H:%M}. Set the clock.")
    if db.engine.dialect.name == "sqlite":
        return Verdict("clock", "ok", f"The clock says {now:%Y-%m-%d %H:%M:%S} UTC.")
    apart = abs(db.session.execute(select(func.clock_timestamp())).scalar_one() - utc_now())
    state = "problem" if apart > CLOCKS_APART else "warning" if apart > CLOCKS_DIFFER else "ok"
    seconds = apart.total_seconds()
    return Verdict("clock", state, f"The database's clock and this one are {seconds:.1f} s apart.")


def queue(app: Flask) -> Verdict:
    """Does the queue of the jobs answer?"""
    waiting = app.extensions["queue"].pending_count()
    return Verdict("queue", "ok", f"The queue answers; {waiting} tasks wait in it.")


def worker() -> Verdict:
    """Is anybody working behind the pages?"""
    found = health.check(now=utc_now())
    if found.worker:
        sentence = f"A worker gave a sign of life {_ago(found.worker_seconds)}."
        return Verdict("worker", "ok", sentence)
    how = "Start `./heed serve` or `./heed worker`."
    if found.worker_seconds is not None:
        sentence = f"The last sign of life of a worker was {_ago(found.worker_seconds)}. {how}"
        return Verdict("worker", "problem", sentence)
    if found.oldest_text_seconds is not None:
        return Verdict("worker", "problem", f"Texts wait and no worker is running. {how}")
    return Verdict("worker", "warning", f"No worker is running. {how}")


def texts() -> Verdict:
    """Does any text wait longer than it should?"""
    found = health.check(now=utc_now())
    if found.oldest_text_seconds is None:
        return Verdict("texts", "ok", "No text waits to be sent.")
    sentence = f"The text that waits longest might have left {_ago(found.oldest_text_seconds)}."
    return Verdict("texts", "ok" if found.queue else "warning", sentence)


def webhooks(app: Flask, settings: Settings) -> Verdict:
    """Is a webhook taken that is signed with our token? It reports a text that nobody sent.

    Telnyx signs with a key of its own, so that only a refusal can be tried.
    """
    if settings.practice:
        return Verdict("webhooks", "ok", "Practice mode takes no webhooks.")
    client = app.test_client()
    if settings.sms_provider == "telnyx":
        status = client.post("/webhooks/telnyx", json={}).status_code
        if status == 403:
            return Verdict("webhooks", "ok", "A webhook that Telnyx did not sign is refused.")
        sentence = f"A webhook that Telnyx did not sign was answered with {status}."
        return Verdict("webhooks", "problem", sentence)
    path = "/webhooks/twilio/status"
    fields = {"MessageSid": "a self-test of doctor", "MessageStatus": "delivered"}
    signed = {name: [value] for name, value in fields.items()}
    signature = sign(settings.public_url + path, signed, settings.twilio_auth_token)
    answer = client.post(path, data=fields, headers={"X-Twilio-Signature": signature})
    if answer.status_code == 204:
        return Verdict("webhooks", "ok", "A signed webhook is taken.")
    sentence = f"A webhook signed with our own token was answered with {answer.status_code}."
    return Verdict("webhooks", "problem", sentence)


def numbers() -> Verdict:
    """Do texts come to numbers that no campaign holds?"""
    lost = (
        select(WebhookReceipt.to, func.count())
        .where(WebhookReceipt.messages == 0, WebhookReceipt.received_at > utc_now() - LOOKED_BACK)
        .group_by(WebhookReceipt.to)
        .order_by(func.count().desc(), WebhookReceipt.to)
    )
    rows = [f"{times} to {to}" for to, times in db.session.execute(lost.limit(5))]
    if not rows:
        return Verdict("numbers", "ok", "Every text of the last 30 days came to a number in use.")
    sentence = f"Texts came to numbers that no campaign holds: {', '.join(rows)}."
    return Verdict("numbers", "warning", sentence)


def _ago(seconds: float | None) -> str:
    seconds = seconds or 0.0
    if seconds < 120:
        return f"{seconds:.0f} seconds ago"
    if seconds < 7_200:
        return f"{seconds / 60:.0f} minutes ago"
    return f"{seconds / 3600:.0f} hours ago"
