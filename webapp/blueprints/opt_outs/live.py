"""The poll of Possible opt-outs: 204 while nothing has changed, else what has."""

from flask import Response, g, request

from webapp.blueprints.opt_outs.views import bp
from webapp.services import possible, possible_live
from webapp.web.access import for_admins
from webapp.web.context import badges
from webapp.web.htmx import render
from webapp.web.queries import number


@bp.route("/data/opt-outs/possible/live")
@for_admins
def possible_news() -> Response:
    """The counts, what came after `since`, and which texts of `shown` somebody has decided about.

    Nothing is added to the list or taken out of it: new texts wait behind a button (`new`: how
    many the page tells of), a card that is settled says how.
    """
    since, shown = number("since"), _shown()
    glance = possible_live.glance(g.campaign.id, since=since)
    settled = possible_live.decided(g.campaign.id, shown)
    if (glance.waiting, glance.new) == (number("waiting"), number("new")) and not settled:
        return Response(status=204)
    badges().note("possible", glance.waiting)
    gone = {one.message.id for one in settled}
    return render(
        "opt_outs/possible_live.html",
        glance=glance,
        settled=settled,
        since=since,
        shown=[one for one in shown if one not in gone],
    )


def _shown() -> list[int]:
    """The ids of the texts whose cards still ask for a decision."""
    parts = request.args.get("shown", "").split("-")[: possible.PAGE]
    return [int(one) for one in parts if one.isascii() and one.isdecimal() and len(one) < 19]
