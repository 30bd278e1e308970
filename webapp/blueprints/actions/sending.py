"""The launch; of a broadcast after a page that repeats the number, now or at a time."""

from datetime import datetime
from math import ceil

from flask import Response, flash, g, request, url_for
from markupsafe import Markup

from webapp import jobs
from webapp.blueprints.actions import review
from webapp.blueprints.actions.forms import LATER, NOW, LaunchForm, SendForm
from webapp.blueprints.actions.previews import preview
from webapp.blueprints.actions.views import bp
from webapp.db import db, transaction, utc_now
from webapp.errors import InvalidError
from webapp.models import Action, ActionKind, Number, Reason
from webapp.services import automations, broadcasts, launches, schedules, scripts
from webapp.services.launches import Preview
from webapp.web import filters
from webapp.web.access import for_admins, load, me
from webapp.web.htmx import render, see_other


@bp.route("/actions/<int:action_id>/launch", methods=["POST"])
@for_admins
def launch(action_id: int) -> Response:
    """Launch: `acknowledge` when the report has no opt-out tag, `confirm_count` where asked for.

    `seen` is the number of people the admin saw (`seen_opted_out` of how many it said that they
    opted out). If Safeguard now says another number, nothing is launched: 409, and the page
    with the news.
    """
    action = load(Action, action_id)
    if action.kind is ActionKind.AUTOMATED:
        return _turn_on(action)
    if action.kind is ActionKind.BROADCAST:
        return _send(action, NOW)
    form = LaunchForm()
    form.validate()
    fresh = launches.preview(action)
    changed = review.what_changed(action, form, fresh)
    if changed:
        return review.page(action, LaunchForm(formdata=None), status=409, changed=changed)
    try:
        if form.confirm_count.data is not None and not action.state.is_launched:
            broadcasts.confirm(form.confirm_count.data, fresh.ready)
        _start(action, form, None, utc_now())
    except InvalidError as refusal:
        form.refuse(refusal)
        return review.page(action, form)
    jobs.launch_soon(action.id)
    flash(f"“{action.name}” is launched. No text goes out until a texter taps Send.")
    return see_other(url_for(".show", action_id=action.id))


def _turn_on(action: Action) -> Response:
    """An automated action has no audience to launch to; it answers from now on."""
    form = LaunchForm()
    form.validate()
    with transaction():
        acknowledged = bool(form.acknowledge.data)
        automations.turn_on(action, by=me(), now=utc_now(), acknowledged=acknowledged)
    return see_other(url_for("automations.show", automated_id=action.id))


@bp.route("/actions/<int:action_id>/confirm")
@for_admins
def confirm(action_id: int) -> Response:
    """Repeats how many people get the broadcast, and when; asks to type a large number."""
    action = load(Action, action_id)
    if action.kind is not ActionKind.BROADCAST or action.state.is_launched:
        return see_other(url_for(".review", action_id=action.id))
    form = SendForm(request.args, meta={"csrf": False})
    try:
        at = _when(form, utc_now())
        launches.check(action, acknowledged=form.acknowledge.data, now=utc_now())
    except InvalidError as refusal:
        form.refuse(refusal)
        return review.page(action, form)
    return _page(action, form, launches.preview(action), at)


@bp.route("/actions/<int:action_id>/schedule", methods=["POST"])
@for_admins
def schedule(action_id: int) -> Response:
    """Let a broadcast go out by itself at `at`, on the campaign's clock."""
    return _send(load(Action, action_id), LATER)


def _send(action: Action, when: str) -> Response:
    """Send now, or at a time, after the number was confirmed; 409 when it changed meanwhile."""
    form, now, at = SendForm(), utc_now(), None
    form.validate()
    form.when.data = when
    fresh = launches.preview(action)
    changed = review.what_changed(action, form, fresh)
    try:
        at = _when(form, now)
        if changed:
            return _page(action, form, fresh, at, changed=changed)
        if not action.state.is_launched:
            broadcasts.confirm(form.confirm_count.data, fresh.ready)
        _start(action, form, at, now)
    except InvalidError as refusal:
        form.refuse(refusal)
        return _page(action, form, fresh, at)
    if at is None:
        jobs.launch_soon(action.id)
    flash(_said(action, at))
    return see_other(url_for(".show", action_id=action.id))


def _start(action: Action, form: LaunchForm, at: datetime | None, now: datetime) -> None:
    acknowledged = form.acknowledge.data
    with transaction():
        if at is None:
            launches.launch(action, acknowledged=acknowledged, by=me(), now=now)
        else:
            schedules.schedule(action, at, acknowledged=acknowledged, by=me(), now=now)


def _said(action: Action, at: datetime | None) -> str:
    if at is None:
        return f"“{action.name}” is on its way."
    return Markup("“{}” is scheduled for {}.").format(action.name, filters.when(at))


def _when(form: SendForm, now: datetime) -> datetime | None:
    """The moment that was chosen; None for now."""
    if form.when.data != LATER:
        return None
    at = schedules.local_time(form.at.data or "", g.campaign)
    schedules.check_time(at, now)
    return at


def _page(
    action: Action, form: SendForm, fresh: Preview, at: datetime | None, *, changed: str = ""
) -> Response:
    if changed:  # The number that was typed is the old one.
        form.confirm_count.data = form.confirm_count.raw_data = None
    number = db.session.get(Number, action.number_id) if action.number_id else None
    bodies = [text.body for text in scripts.of(action)]
    return render(
        "actions/confirm.html",
        status=409 if changed else None,
        action=action,
        form=form,
        ready=fresh.ready,
        opted_out=fresh.suppressed.get(Reason.OPTED_OUT, 0),
        at=at,
        changed=changed,
        types=fresh.ready > broadcasts.TYPED_ABOVE,
        number=number,
        minutes=ceil(fresh.ready / review.pace_of(number) / 60),
        preview=preview(action, g.campaign, bodies, place=0, by=me()),
    )
