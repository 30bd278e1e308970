"""One automated action: what came of it, turning it on, pausing, finishing."""

from flask import Response, flash, request, url_for

from webapp.blueprints.automations.forms import TurnOnForm
from webapp.blueprints.automations.views import automated_action, bp
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError
from webapp.models import Action, ActionState
from webapp.services import (
    actions,
    automated,
    automated_live,
    automations,
    report_settings,
    scripts,
)
from webapp.texting import scripts as wording
from webapp.web.access import for_admins, me
from webapp.web.htmx import render, see_other


@bp.route("/actions/automated/<int:automated_id>")
@for_admins
def show(automated_id: int) -> Response:
    """Keywords, answer and figures; a draft also says what is missing."""
    return _page(automated_action(automated_id), TurnOnForm(formdata=None))


@bp.route("/actions/automated/<int:automated_id>/turn-on", methods=["POST"])
@for_admins
def turn_on(automated_id: int) -> Response:
    """Let it answer. `acknowledge` when its report has no opt-out tag."""
    action = automated_action(automated_id)
    form = TurnOnForm()
    form.validate()
    try:
        with transaction():
            acknowledged = bool(form.acknowledge.data)
            changed = automations.turn_on(action, by=me(), now=utc_now(), acknowledged=acknowledged)
    except InvalidError as refusal:
        form.refuse(refusal)
        return _page(action, form)
    words = ", ".join(automated.of(action).words)
    flash(f"Heed answers {words} now." if changed else "It was turned on already.")
    return see_other(url_for(".show", automated_id=action.id))


@bp.route("/actions/automated/<int:automated_id>/pause", methods=["POST"])
@for_admins
def pause(automated_id: int) -> Response:
    """Answer nobody until it is turned on again."""
    action = automated_action(automated_id)
    with transaction():
        actions.pause(action, by=me(), now=utc_now())
    flash("Paused. Texts with these keywords go to the inbox until you turn it on again.")
    return see_other(url_for(".show", automated_id=action.id))


@bp.route("/actions/automated/<int:automated_id>/finish", methods=["GET", "POST"])
@for_admins
def finish(automated_id: int) -> Response:
    """End it for good; the GET asks first."""
    action = automated_action(automated_id)
    if request.method == "GET":
        return render("automations/finish.html", action=action, shown=automated.of(action))
    with transaction():
        actions.finish(action, by=me(), now=utc_now())
    flash("Finished. Its keywords can be used again. Conversations can go on.")
    return see_other(url_for(".show", automated_id=action.id))


def _page(action: Action, form: TurnOnForm) -> Response:
    shown = automated.of(action)
    answer = shown.answer.body if shown.answer else ""
    return render(
        "automations/show.html",
        action=action,
        shown=shown,
        form=form,
        figures=automated.figures(action),
        mark=automated_live.mark_of(action),
        most=automated.MOST_COUNTED,
        problems=automations.problems(action) if action.state is ActionState.DRAFT else [],
        can_record=report_settings.has_opt_out_tag(action),
        own_tag=report_settings.opt_out_tag(action),
        texters=actions.texters_of(action) if not action.all_texters else [],
        says_stop=wording.has_opt_out_wording(scripts.wording_plain(answer)),
    )
