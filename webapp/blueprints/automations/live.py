"""The polls of automated actions: 204 while nothing has changed, else the parts that have."""

from flask import Response, g, request

from webapp.blueprints.automations.views import automated_action, bp
from webapp.services import automated, automated_live
from webapp.web.access import for_admins
from webapp.web.htmx import render
from webapp.web.queries import number


@bp.route("/actions/automated/live")
@for_admins
def list_live() -> Response:
    """What changed in the rows since the mark `since`; `new`: how many the page knows it lacks."""
    since, found = request.args.get("since", ""), automated_live.rows(g.campaign.id)
    here = automated_live.known(found, since)
    mark, new = automated_live.mark(here), len(found) - len(here)
    if (mark, new) == (since, number("new")):
        return Response(status=204)
    parts = set(since.split("-"))
    rows = [row for row in here if automated_live.mark([row]) not in parts]
    most = automated.MOST_LISTED
    return render("automations/list_live.html", rows=rows, most=most, new=new, mark=mark)


@bp.route("/actions/automated/<int:automated_id>/live")
@for_admins
def live(automated_id: int) -> Response:
    """What came of it since the mark `since`; its state alone does not change by itself."""
    action = automated_action(automated_id)
    mark, since = automated_live.mark_of(action), request.args.get("since", "")
    if mark == since:
        return Response(status=204)
    return render(
        "automations/live.html",
        action=action,
        mark=mark,
        moved=mark.partition("-")[0] != since.partition("-")[0],
        figures=automated.figures(action),
        most=automated.MOST_COUNTED,
    )
