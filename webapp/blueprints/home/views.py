"""The first page of a campaign; texters land on their texts instead."""

from flask import Response, g

from webapp.db import utc_now
from webapp.services import activity, overview, today
from webapp.web.access import campaign_blueprint, for_texters
from webapp.web.htmx import render, see_other

bp = campaign_blueprint("home", __name__)


@bp.route("/")
@for_texters
def index() -> Response:
    if not g.membership.role.runs_campaign:
        return see_other(f"/c/{g.campaign.slug}/text")
    return render(
        "home/index.html",
        counts=today.counts(g.campaign, now=utc_now()),
        most=today.MOST_COUNTED,
        running=overview.running(g.campaign.id),
        alarmed=overview.alarmed(g.campaign.id),
        set_up=today.set_up(g.campaign.id),
        deeds=activity.recent(g.campaign.id, now=utc_now()),
    )
