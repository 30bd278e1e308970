"""The list of automated actions, writing one down, and trying what is typed."""

from flask import Response, abort, flash, g, url_for

from webapp.blueprints.automations import writing
from webapp.blueprints.automations.forms import AutomationForm
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError, RefusedError
from webapp.models import Action, ActionKind, ActionState
from webapp.services import automated, automated_live, automations, marks
from webapp.web.access import campaign_blueprint, for_admins, load, me
from webapp.web.htmx import render, see_other, wants_part

bp = campaign_blueprint("automations", __name__)


@bp.route("/actions/automated")
@for_admins
def index() -> Response:
    """All automated actions."""
    rows = automated.all_of(g.campaign.id)
    people = automated.people_of([one.action.id for one in rows])
    moving = [(one.action, people[one.action.id]) for one in rows if one.action.state != "draft"]
    return render(
        "automations/index.html",
        rows=rows,
        people=people,
        most=automated.MOST_LISTED,
        mark=automated_live.mark(moving[: marks.MOST]),
    )


@bp.route("/actions/automated/new", methods=["GET", "POST"])
@for_admins
def new() -> Response:
    """Write a new one down; it is a draft until it is turned on."""
    form = writing.form_of(None)
    if form.validate_on_submit():
        try:
            wanted = writing.wanted(form, None)
            with transaction():
                made = automations.make(g.campaign, wanted, by=me(), now=utc_now())
        except InvalidError as refusal:
            form.refuse(refusal)
        else:
            flash(f"“{made.name}” is saved. It answers nobody until you turn it on.")
            return see_other(url_for(".show", automated_id=made.id))
    return _page(form, None)


@bp.route("/actions/automated/<int:automated_id>/edit", methods=["GET", "POST"])
@for_admins
def edit(automated_id: int) -> Response:
    """Change one; while it is live a change counts from the next text on."""
    action = automated_action(automated_id)
    if action.state is ActionState.FINISHED:
        return see_other(url_for(".show", automated_id=action.id))
    form, status = writing.form_of(action), None
    if form.validate_on_submit():
        try:
            wanted = writing.wanted(form, action)
            with transaction():
                changed = automations.change(action, wanted, by=me(), now=utc_now())
        except RefusedError as refusal:
            status = form.refuse(refusal)
        else:
            flash("Saved." if changed else "Nothing was changed.")
            return see_other(url_for(".show", automated_id=action.id))
    return _page(form, action, status=status)


@bp.route("/actions/automated/try", methods=["POST"], defaults={"automated_id": 0})
@bp.route("/actions/automated/<int:automated_id>/try", methods=["POST"])
@for_admins
def try_out(automated_id: int) -> Response:
    """What is said of the typed keywords, and how the answer reads; nothing is saved."""
    action = automated_action(automated_id) if automated_id else None
    if not wants_part():
        here = url_for(".edit", automated_id=action.id) if action else url_for(".new")
        return see_other(here)
    form = writing.form_of(action)
    tried = writing.tried(form, action)
    return render("automations/_tried.html", tried=tried, typing=True, status=200)


def automated_action(automated_id: int) -> Action:
    """The automated action with this id in the campaign, or 404."""
    action = load(Action, automated_id)
    return action if action.kind is ActionKind.AUTOMATED else abort(404)


def _page(form: AutomationForm, action: Action | None, *, status: int | None = None) -> Response:
    return render(
        "automations/edit.html",
        status=status,
        form=form,
        action=action,
        tried=writing.tried(form, action),
        variables=automations.variables(g.campaign.id),
    )
