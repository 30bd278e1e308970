"""The poll of Home: 204 while nothing has changed, else the parts that have."""

from flask import Response, g

from webapp.blueprints.home import glances
from webapp.blueprints.home.views import bp
from webapp.db import utc_now
from webapp.services import overview, today, watched
from webapp.web.access import for_admins
from webapp.web.htmx import render


@bp.route("/live")
@for_admins
def live() -> Response:
    """What changed on Home: its numbers, and the rows of what runs."""
    now, seen, glance = utc_now(), glances.asked(), glances.now()
    news = watched.news(g.campaign.id, seen.rows, now=now, states=overview.RUNNING)
    after = glances.after(seen, glance, news, now=now)
    if after == seen:
        return Response(status=204)
    is_due = (after.counted, after.slot, after.began) != (seen.counted, seen.slot, seen.began)
    return render(
        "home/live.html",
        news=news,
        glance=glance,
        most=today.MOST_COUNTED,
        counts=today.counts_since(g.campaign.id, after.began) if is_due and after.began else None,
        seen=after.kept,
    )
