"""`serve`, `worker` and `demo`: the commands that stay until they are stopped."""

import json
import os
import secrets
import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import flask_migrate
from sqlalchemy import select

from webapp import config, presence
from webapp.app import create_app
from webapp.cli import copies
from webapp.config import ROOT, Settings
from webapp.db import db, transaction, utc_now
from webapp.errors import ConfigError
from webapp.models import Campaign
from webapp.schema import is_current
from webapp.serving import Server

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, never bound by itself
PORT = click.IntRange(1, 65_535)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=PORT)
def serve(host: str, port: int) -> None:
    """Serve the pages and webhooks; migrates first. Put a TLS proxy in front."""
    settings = config.load()
    presence.stay(settings.database_url)
    _migrate(settings)
    click.echo(f"Heed is at http://{host}:{port} (public address {settings.public_url}).")
    if (code := _setup_code(settings)) is not None:
        click.echo(f"Open {settings.public_url}/setup and enter this code: {code}")
    Server(settings, host=host, port=port).run()


@click.command()
def worker() -> None:
    """Send texts and do the work behind the pages, until stopped. Any number may run."""
    from webapp.jobs.worker import Worker

    settings = config.load()
    presence.stay(settings.database_url)
    app = create_app(settings)
    with app.app_context():
        if not is_current():
            raise ConfigError("The database has an older schema. Run: ./heed db upgrade")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    works = Worker(app)
    works.start()
    click.echo("The worker is running. Stop it with Ctrl+C.")
    while not stopping.wait(1.0):
        pass
    works.stop()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=PORT)
@click.option("--fresh", is_flag=True, help="Begin again with new practice data.")
@click.option("--json", "as_json", is_flag=True, help="Say where and who in one JSON object.")
def demo(host: str, port: int, fresh: bool, as_json: bool) -> None:
    """A practice campaign to try everything on; nothing reaches a real phone."""
    settings = _demo_settings(host, port)
    presence.stay(settings.database_url)
    if fresh:
        _forget(settings)
    facts = _practice_campaign(settings)
    facts["url"] = settings.public_url
    click.echo(json.dumps(facts) if as_json else _in_words(facts))
    Server(settings, host=host, port=port).run()


def _migrate(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        if not is_current():
            db.engine.dispose()
            if (kept := copies.before_migrating(settings)) is not None:
                click.echo(f"The database gets a new schema; as it was it is in {kept}.", err=True)
            flask_migrate.upgrade()
        db.engine.dispose()


def _setup_code(settings: Settings) -> str | None:
    """A code for whoever reads the console, while there is no campaign."""
    from webapp.services import first_run

    app = create_app(settings)
    code = None
    with app.app_context():
        if first_run.is_open():
            with transaction():
                code = first_run.make_code(now=utc_now())
        db.engine.dispose()
    return code


def _demo_settings(host: str, port: int) -> Settings:
    """Always SQLite and the simulator, in a folder of its own beside the real data."""
    folder = Path(os.environ.get("HEED_INSTANCE") or ROOT / "instance").resolve() / "demo"
    shown = "127.0.0.1" if host in EVERYWHERE else host
    settings = config.load({"HEED_INSTANCE": str(folder), "HEED_SENDING_RATE": "20"})
    return replace(settings, public_url=f"http://{shown}:{port}", demo=True)


def _forget(settings: Settings) -> None:
    for name in ("heed.db", "heed.db-wal", "heed.db-shm", "queue.db", "demo.json"):
        (settings.instance / name).unlink(missing_ok=True)


def _practice_campaign(settings: Settings) -> dict[str, Any]:
    """Make the practice campaign, or find it again with the passwords it was made with."""
    from webapp.services import demo as practice

    _migrate(settings)
    kept = settings.instance / "demo.json"
    app = create_app(settings)
    with app.app_context():
        there = db.session.scalar(select(Campaign.id).limit(1)) is not None
        if not (there and kept.exists()):
            passwords = {role: secrets.token_urlsafe(9) for role in ("owner", "texter")}
            campaign = practice.build(
                owner_password=passwords["owner"],
                texter_password=passwords["texter"],
                now=utc_now(),
                unit=transaction,
            )
            facts = _facts(settings, campaign, passwords)
            kept.touch(mode=0o600)
            kept.write_text(json.dumps(facts), encoding="utf-8")
        db.engine.dispose()
    facts_again: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return facts_again


def _facts(settings: Settings, campaign: Campaign, passwords: dict[str, str]) -> dict[str, Any]:
    """Where the practice campaign is, and one sign-in per role."""
    from webapp.services import demo_script

    emails = {"owner": demo_script.OWNER[0], "texter": demo_script.TEXTERS[0][0]}
    return {
        "url": settings.public_url,
        "slug": campaign.slug,
        "users": [
            {"role": role, "email": emails[role], "password": password}
            for role, password in passwords.items()
        ],
    }


def _in_words(facts: dict[str, Any]) -> str:
    people = [
        f"  {person['role']:7} {person['email']}  password {person['password']}"
        for person in facts["users"]
    ]
    return "\n".join(
        (
            f"Heed's practice campaign is at {facts['url']}",
            *people,
            f"  demo phone: {facts['url']}/c/{facts['slug']}/demo (sign in as owner)",
            "Nothing here reaches a real phone. Stop it with Ctrl+C.",
        )
    )
