"""The list of actions and the builder's steps: details, audience, script."""

from flask import Response, flash, g, request, url_for

from webapp.blueprints.actions import broadcast_builder, builder
from webapp.blueprints.actions.forms import ScriptForm
from webapp.blueprints.actions.previews import preview
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError, RefusedError
from webapp.models import (
    Action,
    ActionKind,
    Texting,
)
from webapp.services import actions, audience, overview, scripts, watched
from webapp.web.access import campaign_blueprint, for_admins, load, me
from webapp.web.htmx import render, see_other, wants_part

bp = campaign_blueprint("actions", __name__)

# What works for an automated action as it does for the others.
SHARED = {
    *(("GET", f"actions.{name}") for name in ("conversations", "opt_outs")),
    *(("POST", f"actions.{name}") for name in ("reassign", "launch", "pause", "resume", "finish")),
}


@bp.before_request
def lead_to_automated() -> Response | None:
    """An automated action has pages of its own; its conversations and buttons stand here, too."""
    action_id = (request.view_args or {}).get("action_id")
    if action_id is None or (request.method, request.endpoint) in SHARED:
        return None
    if load(Action, action_id).kind is not ActionKind.AUTOMATED:
        return None
    return see_other(url_for("automations.show", automated_id=action_id))


@bp.route("/actions/p2p")
@for_admins
def index() -> Response:
    rows = overview.all_of(g.campaign.id, Texting.P2P)
    return render("actions/index.html", rows=rows, mark=watched.mark(rows, now=utc_now()))


@bp.route("/actions/p2p/new", methods=["GET", "POST"])
@for_admins
def new() -> Response:
    form = builder.details_form(None)
    if form.validate_on_submit():
        try:
            with transaction():
                made = actions.draft(
                    g.campaign, ActionKind.P2P, form.name.data, by=me(), now=utc_now()
                )
                builder.save_details(form, made)
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            return see_other(url_for(".audience", action_id=made.id))
    return render("actions/details.html", form=form, action=None)


@bp.route("/actions/<int:action_id>/details", methods=["GET", "POST"])
@for_admins
def details(action_id: int) -> Response:
    """The first step; of a broadcast also when it pauses itself."""
    action = load(Action, action_id)
    if action.kind is ActionKind.BROADCAST:
        return broadcast_builder.details(action)
    form, status = builder.details_form(action), None
    if form.validate_on_submit():
        try:
            with transaction():
                builder.save_details(form, action)
        except RefusedError as refusal:
            status = form.refuse(refusal)
        else:
            return builder.next_step(action, ".audience")
    return render("actions/details.html", form=form, action=action, status=status)


@bp.route("/actions/<int:action_id>/audience", methods=["GET", "POST"], endpoint="audience")
@for_admins
def choose_audience(action_id: int) -> Response:
    """Lists and tags. A POST by HTMX, on each change, answers with the size alone."""
    action = load(Action, action_id)
    form = builder.audience_form(action)
    if form.validate_on_submit():
        try:
            with transaction():
                builder.choose_audience(action, form)
        except InvalidError as refusal:
            form.refuse(refusal)
        else:
            if not wants_part():
                return builder.next_step(action, ".script")
    return render(
        "actions/audience.html",
        "actions/_audience_size.html",
        form=form,
        action=action,
        size=audience.size(action),
        lists=audience.choices(g.campaign.id),
    )


@bp.route("/actions/<int:action_id>/script", methods=["GET", "POST"])
@for_admins
def script(action_id: int) -> Response:
    """First texts and saved replies. `do` is save, wording (add how to opt out) or more."""
    action = load(Action, action_id)
    form = builder.script_form_of(action)
    if form.validate_on_submit():
        do = request.form.get("do", "save")
        try:
            with transaction():
                said = builder.save_script(action, form, add_wording=do == "wording")
        except InvalidError as refusal:
            builder.refuse_script(form, action, refusal)
        except RefusedError as refusal:
            form.refuse(refusal)
            return _script_page(action, form, status=409)
        else:
            flash(said)
            here = url_for(".script", action_id=action.id)
            return see_other(builder.after_script(action) if do == "save" else here)
    return _script_page(action, form)


def _script_page(action: Action, form: ScriptForm, *, status: int | None = None) -> Response:
    bodies = [field.data or "" for field in form.texts]
    place = request.args.get("place", 0, type=int)
    return render(
        "actions/script.html",
        status=status,
        form=form,
        action=action,
        kept=scripts.of(action),
        variables=scripts.first_text_variables(action),
        preview=preview(action, g.campaign, bodies, place=place, by=me()),
    )


@bp.route("/actions/<int:action_id>/preview", methods=["POST"])
@for_admins
def try_script(action_id: int) -> Response:
    """How the typed texts read for one person of the audience; nothing is saved."""
    action = load(Action, action_id)
    place = request.form.get("place", 0, type=int)
    if not wants_part():
        return see_other(url_for(".script", action_id=action.id, place=place))
    typed = [text for name, text in request.form.items() if name.startswith("text-")]
    shown = preview(action, g.campaign, typed, place=place, by=me())
    return render("actions/_preview.html", action=action, preview=shown, typing=True)
