"""`doctor`: is this installation able to work, and if not, what is to be done?"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from webapp import config
from webapp.app import create_app
from webapp.carriers import registry
from webapp.cli import looks
from webapp.cli.common import json_option
from webapp.cli.looks import Verdict
from webapp.cli.written import in_json
from webapp.config import Settings
from webapp.db import db
from webapp.errors import ConfigError


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Look at settings, database, clock, disk, worker, webhooks, carrier and mail.

    A warning is worth a look, a problem keeps Heed from working: exit 1. Nothing is changed.
    """
    with _quiet():
        verdicts = list(_examine())
    healthy = all(verdict.state != "problem" for verdict in verdicts)
    if as_json:
        rows = [{name: getattr(one, name) for name in Verdict.__slots__} for one in verdicts]
        click.echo(in_json({"ok": healthy, "checks": rows}))
    else:
        click.echo("\n".join(f"{one.state:8} {one.sentence}" for one in verdicts))
    if not healthy:
        sys.exit(1)


def _examine() -> Iterator[Verdict]:
    try:
        settings = config.load()
    except ConfigError as error:
        yield Verdict("settings", "problem", str(error))
        return
    way = "practice mode" if settings.practice else f"texting through {settings.sms_provider}"
    yield Verdict("settings", "ok", f"The settings can be used ({way}).")
    yield looks.look("disk", lambda: looks.disk(settings))
    yield looks.look("public_url", lambda: looks.public_url(settings))
    yield looks.look("carrier", lambda: looks.carrier(settings, registry.from_settings))
    yield looks.look("mail", lambda: looks.mail(settings))
    yield from _look_inside(settings)


def _look_inside(settings: Settings) -> Iterator[Verdict]:
    """What needs the application, and most of it the database, which has to be there first."""
    if not looks.database_is_made(settings):
        how = "`./heed serve` and `./heed db upgrade` make it"
        yield Verdict("database", "problem", f"There is no database yet; {how}.")
        return
    try:
        app = create_app(settings)
    except Exception as error:
        yield looks.failed("application", error)
        return
    with app.app_context():
        yield from _look_at(app, settings)
        db.session.remove()
        db.engine.dispose()


def _look_at(app: Flask, settings: Settings) -> Iterator[Verdict]:
    for name, first in {"database": looks.database, "migrations": looks.migrations}.items():
        verdict = looks.look(name, first)
        yield verdict
        if verdict.state == "problem":
            return
    yield looks.look("clock", looks.clock)
    yield looks.look("queue", lambda: looks.queue(app))
    yield looks.look("worker", looks.worker)
    yield looks.look("texts", looks.texts)
    yield looks.look("webhooks", lambda: looks.webhooks(app, settings))
    yield looks.look("numbers", looks.numbers)


@contextmanager
def _quiet() -> Iterator[None]:
    """The looks say what they find; log lines would only get in between."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
