"""The first page of a campaign; texters land on their texts instead."""

from flask import Response, g

from webapp.blueprints.home import glances
from webapp.db import utc_now
from webapp.services import activity, overview, today, watched
from webapp.web.access import campaign_blueprint, for_texters
from webapp.web.htmx import render, see_other

bp = campaign_blueprint("home", __name__)


@bp.route("/")
@for_texters
def index() -> Response:
    if not g.membership.role.runs_campaign:
        return see_other(f"/c/{g.campaign.slug}/text")
    now, running = utc_now(), overview.running(g.campaign.id)
    began, glance = today.midnight(g.campaign, now=now), glances.now()
    seen = glances.first(glance, watched.mark(running, now=now), began, now=now)
    return render(
        "home/index.html",
        counts=today.counts_since(g.campaign.id, began),
        most=today.MOST_COUNTED,
        running=running,
        alarmed=overview.alarmed(g.campaign.id),
        set_up=today.set_up(g.campaign.id),
        deeds=activity.recent(g.campaign.id, now=now),
        glance=glance,
        seen=seen.kept,
    )
