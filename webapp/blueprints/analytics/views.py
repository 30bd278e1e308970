"""The page of figures, and each of its charts as a file."""

from flask import Response, abort, g, request

from webapp.blueprints.analytics import cards, panels
from webapp.blueprints.analytics.panels import Panel
from webapp.db import utc_now
from webapp.models import Texting
from webapp.services import analytics, figures, sheets
from webapp.services.outcomes import ENOUGH, Period
from webapp.web import downloads
from webapp.web.access import campaign_blueprint, for_admins
from webapp.web.htmx import render

bp = campaign_blueprint("analytics", __name__)
# What may be chosen, by what stands in the address; the first one unless something is said.
RANGES: dict[str, int | None] = {"30": 30, "7": 7, "90": 90, "all": None}
CHANNELS = {"both": None, "p2p": Texting.P2P, "broadcast": Texting.BROADCAST}


@bp.route("/data/analytics")
@for_admins
def index() -> Response:
    days, channel = _chosen("days", RANGES), _chosen("channel", CHANNELS)
    period, texting = _period(days), CHANNELS[channel]
    found = analytics.overview(g.campaign, period, texting)
    before = period.before
    earlier = analytics.totals(g.campaign, before, texting) if before else None
    return render(
        "analytics/index.html",
        days=days,
        channel=channel,
        period=period,
        as_of=figures.as_of(),
        enough=found.total.tried >= ENOUGH,
        cards=cards.of(found, earlier, days),
        panels=_panels(found, period, texting),
    )


@bp.route("/data/analytics/figures.csv")
@for_admins
def download() -> Response:
    days, channel = _chosen("days", RANGES), _chosen("channel", CHANNELS)
    period, texting = _period(days), CHANNELS[channel]
    found = analytics.overview(g.campaign, period, texting)
    of = request.args.get("of", "actions")
    panel = next((one for one in _panels(found, period, texting) if one.key == of), None)
    if panel is None:
        abort(404)
    name = f"{of}-{g.campaign.slug}-{days}-{channel}-{period.last}.csv"
    return downloads.csv("".join(sheets.lines(panel.columns, panel.cells, as_is=())), name)


def _panels(found: analytics.Overview, period: Period, texting: Texting | None) -> list[Panel]:
    return [
        *panels.of(found),
        panels.not_delivered(analytics.not_delivered(g.campaign, period, texting)),
        panels.texters(analytics.texters(g.campaign, period, texting)),
    ]


def _period(days: str) -> Period:
    return analytics.last_days(g.campaign, RANGES[days], now=utc_now())


def _chosen(name: str, choices: dict[str, int | None] | dict[str, Texting | None]) -> str:
    """The choice in the address; the first one for none, and for what is no choice."""
    value = request.args.get(name, "")
    return value if value in choices else next(iter(choices))
