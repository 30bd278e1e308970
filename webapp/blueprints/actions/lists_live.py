"""The poll of the lists of actions: 204 while nothing has changed, else the rows that have."""

from flask import Response, g, request

from webapp.blueprints.actions.views import bp
from webapp.db import utc_now
from webapp.models import Action, ActionKind
from webapp.services import watched
from webapp.web.access import for_admins
from webapp.web.htmx import render


@bp.route("/actions/p2p/live", endpoint="index_live")
@for_admins
def p2p() -> Response:
    return _changed(ActionKind.P2P, "actions.index")


@bp.route("/actions/broadcast/live", endpoint="broadcasts_live")
@for_admins
def broadcast() -> Response:
    return _changed(ActionKind.BROADCAST, "actions.broadcasts")


def _changed(kind: ActionKind, here: str) -> Response:
    """What changed in the rows since the mark `since`; `new`: what the page knows it lacks."""
    since, known = request.args.get("since", ""), request.args.get("new", "")
    news = watched.news(g.campaign.id, since, Action.kind == kind, now=utc_now())
    if (news.mark, news.new) == (since, known):
        return Response(status=204)
    return render("actions/list_live.html", news=news, here=here)
