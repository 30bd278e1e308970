"""Who opted out in answer to an action."""

from flask import Response

from webapp.blueprints.actions.views import bp
from webapp.models import Action
from webapp.services import action_opt_outs, overview
from webapp.web.access import for_admins, load
from webapp.web.htmx import render
from webapp.web.queries import number


@bp.route("/actions/<int:action_id>/opt-outs")
@for_admins
def opt_outs(action_id: int) -> Response:
    """The people behind the number on its page, newest first, and whether it still holds."""
    action, before = load(Action, action_id), number("before") or None
    lines, more = action_opt_outs.page(action, before=before)
    return render(
        "actions/opt_outs.html",
        action=action,
        counted=overview.of(action).counts.opt_outs,
        lines=lines,
        is_first=before is None,
        before=more,
    )
