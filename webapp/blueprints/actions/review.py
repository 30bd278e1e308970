"""Safeguard's review of a draft, and the launch."""

from typing import Any

from flask import Response, flash, g, request, url_for

from webapp import jobs
from webapp.blueprints.actions.checks import before_launch
from webapp.blueprints.actions.forms import LaunchForm
from webapp.blueprints.actions.previews import preview
from webapp.blueprints.actions.views import bp
from webapp.db import db, transaction, utc_now
from webapp.errors import InvalidError
from webapp.models import Action, ActionState, Number, Reason
from webapp.services import actions, audience, launches, report_settings, scripts
from webapp.services.launches import Preview
from webapp.web.access import for_admins, load, me
from webapp.web.htmx import render, see_other


@bp.route("/actions/<int:action_id>/review")
@for_admins
def review(action_id: int) -> Response:
    """What Safeguard says of a draft's audience now, and what to look at before the launch."""
    action = load(Action, action_id)
    if action.state is not ActionState.DRAFT:
        return see_other(url_for(".show", action_id=action.id))
    return render("actions/review.html", **_parts(action, LaunchForm(formdata=None)))


@bp.route("/actions/<int:action_id>/launch", methods=["POST"])
@for_admins
def launch(action_id: int) -> Response:
    """Launch: `acknowledge` when the report has no opt-out tag, `confirm_count` where asked for.

    `seen` is the number of people the admin saw (`seen_opted_out` of how many it said that they
    opted out). If Safeguard now says another number, nothing is launched: 409, and the review
    with the news.
    """
    action = load(Action, action_id)
    form = LaunchForm()
    form.validate()
    changed = _what_changed(action, form)
    if changed:
        parts = _parts(action, LaunchForm(formdata=None))
        return render("actions/review.html", status=409, changed=changed, **parts)
    try:
        with transaction():
            _check_count(action, form)
            acknowledged = form.acknowledge.data
            launches.launch(action, by=me(), now=utc_now(), acknowledged=acknowledged)
    except InvalidError as refusal:
        form.refuse(refusal)
        return render("actions/review.html", **_parts(action, form))
    jobs.launch_soon(action.id)
    flash(f"“{action.name}” is launched. No text goes out until a texter taps Send.")
    return see_other(url_for(".show", action_id=action.id))


def _what_changed(action: Action, form: LaunchForm) -> str:
    """The sentence about what happened while the admin was reading; empty when nothing did."""
    seen = form.seen.data
    if seen is None or action.state is not ActionState.DRAFT:
        return ""
    fresh = launches.preview(action)
    if fresh.ready == seen:
        return ""
    fewer = seen - fresh.ready
    verdict = f"{fresh.ready:,} will be texted now."
    if 0 < fewer <= _newly_opted_out(fresh, form):
        people = "1 more person" if fewer == 1 else f"{fewer:,} more people"
        return f"{people} opted out while you were reviewing. {verdict}"
    return f"The audience changed while you were reviewing. {verdict}"


def _newly_opted_out(fresh: Preview, form: LaunchForm) -> int:
    """How many opted out since; all of them, at most, when the page did not say its number."""
    return fresh.suppressed.get(Reason.OPTED_OUT, 0) - (form.seen_opted_out.data or 0)


def _check_count(action: Action, form: LaunchForm) -> None:
    typed = form.confirm_count.data
    if typed is not None and typed != launches.preview(action).ready:
        raise InvalidError("This isn't the number of people to be texted.", field="confirm_count")


def _parts(action: Action, form: LaunchForm) -> dict[str, Any]:
    number = db.session.get(Number, action.number_id) if action.number_id else None
    checks = before_launch(action, g.campaign, number)
    bodies = [text.body for text in scripts.of(action)]
    place = request.args.get("place", 0, type=int)
    return {
        "action": action,
        "form": form,
        "safeguard": launches.preview(action),
        "checks": checks,
        "can_launch": not any(check.state == "danger" for check in checks),
        "can_record": report_settings.has_opt_out_tag(action),
        "own_tag": report_settings.opt_out_tag(action),
        "preview": preview(action, g.campaign, bodies, place=place, by=me()),
        "number": number,
        "lists": audience.lists_of(action),
        "texters": len(actions.texters_of(action)),
    }
