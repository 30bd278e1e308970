"""Broadcasts: the list, a new one, and what is done while one is planned or runs."""

from flask import Response, flash, g, url_for

from webapp.blueprints.actions import broadcast_builder
from webapp.blueprints.actions.views import bp
from webapp.db import transaction, utc_now
from webapp.errors import RefusedError
from webapp.models import Action, ActionKind, ActionState
from webapp.services import actions, alarm_answers, overview, progress, schedules, watched
from webapp.web.access import for_admins, load, me
from webapp.web.htmx import render, see_other


@bp.route("/actions/broadcast", endpoint="broadcasts")
@for_admins
def index() -> Response:
    """Every broadcast, newest first."""
    rows = overview.of_kind(g.campaign.id, ActionKind.BROADCAST)
    return render("actions/broadcasts.html", rows=rows, mark=watched.mark(rows, now=utc_now()))


@bp.route("/actions/broadcast/new", methods=["GET", "POST"], endpoint="new_broadcast")
@for_admins
def new() -> Response:
    form = broadcast_builder.details_form(None)
    if form.validate_on_submit():
        try:
            with transaction():
                made = actions.draft(
                    g.campaign, ActionKind.BROADCAST, form.name.data, by=me(), now=utc_now()
                )
                broadcast_builder.save_details(form, made)
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            return see_other(url_for(".audience", action_id=made.id))
    return render("actions/broadcast_details.html", form=form, action=None)


@bp.route("/actions/<int:action_id>/unschedule", methods=["POST"])
@for_admins
def unschedule(action_id: int) -> Response:
    """Take a scheduled broadcast back to draft, where it can be changed."""
    action = load(Action, action_id)
    with transaction():
        changed = schedules.unschedule(action, by=me(), now=utc_now())
    flash("Back to draft. It isn’t scheduled any more." if changed else "It is a draft already.")
    return see_other(url_for(".review", action_id=action_id))


@bp.route("/actions/<int:action_id>/dismiss-alarm", methods=["POST"])
@for_admins
def dismiss_alarm(action_id: int) -> Response:
    """An admin has read what Heed had to say."""
    action = load(Action, action_id)
    with transaction():
        alarm_answers.dismiss(action, by=me(), now=utc_now())
    flash("Dismissed.")
    here = ".review" if action.state is ActionState.DRAFT else ".show"
    return see_other(url_for(here, action_id=action_id))


@bp.route("/actions/<int:action_id>/not-delivered")
@for_admins
def not_delivered(action_id: int) -> Response:
    """Why first texts did not arrive, and the last people they were for."""
    action = load(Action, action_id)
    return render(
        "actions/not_delivered.html",
        action=action,
        reasons=progress.failures(action),
        last=progress.last_failures(action),
    )
