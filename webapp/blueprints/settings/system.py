"""Settings > System: how the installation is doing, for whoever looks after the server."""

from datetime import datetime, timedelta

from flask import Response, current_app

from webapp import VERSION, schema
from webapp.blueprints.settings.views import bp
from webapp.config import Settings
from webapp.db import db, utc_now
from webapp.jobs import carrier_of
from webapp.services import health
from webapp.web.access import for_admins
from webapp.web.htmx import render

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
CARRIERS = {"simulator": "Practice mode", "twilio": "Twilio", "telnyx": "Telnyx"}


@bp.route("/settings/system")
@for_admins
def system() -> Response:
    """Read alone: what is set is set on the host, and `./heed doctor` looks deeper."""
    settings: Settings = current_app.extensions["settings"]
    now, path = utc_now(), carrier_of(current_app).inbound_path
    found = health.check(now=now)
    return render(
        "settings/system.html",
        found=found,
        worker_at=_at(now, found.worker_seconds),
        oldest_at=_at(now, found.oldest_text_seconds),
        heard_at=health.last_heard(),
        tasks=current_app.extensions["queue"].pending_count(),
        version=VERSION,
        schema=schema.newest(),
        database=DATABASES.get(db.engine.dialect.name, db.engine.dialect.name),
        carrier=CARRIERS[settings.sms_provider],
        webhook="" if settings.practice else settings.public_url + path,
        settings=settings,
    )


def _at(now: datetime, seconds: float | None) -> datetime | None:
    return now - timedelta(seconds=seconds) if seconds is not None else None
