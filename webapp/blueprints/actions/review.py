"""Safeguard's review of a draft."""

from typing import Any

from flask import Response, current_app, g, request, url_for

from webapp.blueprints.actions.checks import before_launch
from webapp.blueprints.actions.forms import LaunchForm, SendForm
from webapp.blueprints.actions.previews import preview
from webapp.blueprints.actions.views import bp
from webapp.db import db
from webapp.models import Action, ActionKind, ActionState, Number, Reason
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
    return page(action, empty_form(action))


def page(action: Action, form: LaunchForm, *, status: int | None = None, **more: Any) -> Response:
    """The page of the review; `form` carries what was ticked, and what was refused."""
    return render("actions/review.html", status=status, **_parts(action, form), **more)


def empty_form(action: Action) -> LaunchForm:
    """What is asked at the review: of a broadcast also when it goes out."""
    form = SendForm if action.kind is ActionKind.BROADCAST else LaunchForm
    return form(formdata=None)


def what_changed(action: Action, form: LaunchForm, fresh: Preview) -> str:
    """The sentence about what happened while the admin was reading; empty when nothing did."""
    seen = form.seen.data
    if seen is None or action.state.is_launched or fresh.ready == seen:
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


def pace_of(number: Number | None) -> float:
    """How many texts a second may leave from a number."""
    usual: float = current_app.extensions["settings"].sending_rate
    return (number.rate if number else None) or usual


def _parts(action: Action, form: LaunchForm) -> dict[str, Any]:
    number = db.session.get(Number, action.number_id) if action.number_id else None
    safeguard = launches.preview(action)
    checks = before_launch(action, g.campaign, number, safeguard)
    bodies = [text.body for text in scripts.of(action)]
    place = request.args.get("place", 0, type=int)
    return {
        "action": action,
        "form": form,
        "safeguard": safeguard,
        "checks": checks,
        "can_launch": not any(check.state == "danger" for check in checks),
        "can_record": report_settings.has_opt_out_tag(action),
        "own_tag": report_settings.opt_out_tag(action),
        "preview": preview(action, g.campaign, bodies, place=place, by=me()),
        "number": number,
        "rate": pace_of(number),
        "lists": audience.lists_of(action),
        "texters": len(actions.texters_of(action, approved=True)),
    }
