"""Settings > System: how the installation is doing, for whoever looks after the server."""

from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, flash, g, request, url_for

from webapp import VERSION, schema
from webapp.blueprints.settings.forms import SelfTextForm
from webapp.blueprints.settings.views import bp
from webapp.config import Settings
from webapp.db import db, transaction, utc_now
from webapp.errors import RefusedError
from webapp.jobs import carrier_of
from webapp.models import Number
from webapp.services import alarm_mails, health, marks, numbers, self_texts
from webapp.services.numbers import NO_NUMBER
from webapp.texting import phones
from webapp.web.access import for_admins, me, picked
from webapp.web.forms import choices
from webapp.web.htmx import render, see_other, wants_part
from webapp.web.limits import limit_carrier_checks

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
CARRIERS = {"simulator": "Practice mode", "twilio": "Twilio", "telnyx": "Telnyx"}


@bp.route("/settings/system")
@for_admins
def system() -> Response:
    """What is set is set on the host, and `./heed doctor` looks deeper."""
    return _page(SelfTextForm(formdata=None))


@bp.route("/settings/system/check-carrier", methods=["POST"])
@for_admins
@limit_carrier_checks
def check_carrier() -> Response:
    """Ask the carrier whether it knows us, now; nothing is written."""
    db.session.rollback()  # No transaction stays open while the carrier thinks.
    found = carrier_of(current_app).check()
    return _page(SelfTextForm(formdata=None), checkup=found)


@bp.route("/settings/system/test-text", methods=["POST"])
@for_admins
def send_test_text() -> Response:
    """A test text to one's own phone; sent twice, the same form sends one."""
    form, status = SelfTextForm(), None
    if form.validate_on_submit():
        try:
            with transaction():
                _send(form)
        except RefusedError as refusal:
            status = form.refuse(refusal)
        else:
            flash("The test text is queued. What becomes of it stands below.")
            return see_other(url_for(".system", _anchor="test-text-h"))
    return _page(form, status=status)


@bp.route("/settings/system/live")
@for_admins
def live_system() -> Response:
    """204 while the test texts are as they were. Without scripts it leads back to them: a link to
    their place on the page that is open would not ask again."""
    texts = self_texts.last(g.campaign, now=utc_now())
    if not wants_part():
        return see_other(url_for(".system", _anchor="test-text-h"))
    if request.args.get("since") == _mark(texts):
        return Response(status=204)
    return render("settings/_live.html", texts=texts, mark=_mark(texts))


def _send(form: SelfTextForm) -> None:
    self_texts.send(
        g.campaign,
        picked(Number, form.number.data or 0, field="number", otherwise=NO_NUMBER),
        form.phone.data or "",
        is_mine=form.is_mine.data,
        key=form.key.data or "",
        by=me(),
        now=utc_now(),
    )


def _page(form: SelfTextForm, *, status: int | None = None, **context: Any) -> Response:
    settings: Settings = current_app.extensions["settings"]
    now, path = utc_now(), carrier_of(current_app).inbound_path
    found, texts = health.check(now=now), self_texts.last(g.campaign, now=now)
    form.number.choices = choices(
        *((one.id, phones.pretty(one.phone)) for one in numbers.all_of(g.campaign))
    )
    context |= {
        "form": form,
        "found": found,
        "worker_at": _at(now, found.worker_seconds),
        "oldest_at": _at(now, found.oldest_text_seconds),
        "heard_at": health.last_heard(),
        "tasks": current_app.extensions["queue"].pending_count(),
        "version": VERSION,
        "schema": schema.newest(),
        "database": DATABASES.get(db.engine.dialect.name, db.engine.dialect.name),
        "carrier": CARRIERS[settings.sms_provider],
        "webhook": "" if settings.practice else settings.public_url + path,
        "settings": settings,
        "mails": alarm_mails.last(g.campaign.id, has_server=settings.mail_server is not None),
        "texts": texts,
        "mark": _mark(texts),
    }
    return render("settings/system.html", status=status, **context)


def _mark(texts: list[self_texts.Sent]) -> str:
    """Changes with everything that the list of test texts shows."""
    return marks.digest(repr(texts), 16)


def _at(now: datetime, seconds: float | None) -> datetime | None:
    return now - timedelta(seconds=seconds) if seconds is not None else None
