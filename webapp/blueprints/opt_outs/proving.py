"""The figure that matters most: texts that were sent after somebody had opted out."""

from datetime import timedelta

from flask import Response, g

from webapp.blueprints.opt_outs.views import bp
from webapp.db import utc_now
from webapp.services import proof
from webapp.web import filters
from webapp.web.access import for_admins
from webapp.web.htmx import render


@bp.route("/data/opt-outs/proof")
@for_admins
def proof_page() -> Response:
    found = proof.of(g.campaign, now=utc_now())
    return render("opt_outs/proof.html", proof=found, span=_span)


def _span(time: timedelta) -> str:
    """How long something took: at once, 34 min, 3 hours, 2 days."""
    seconds = int(time.total_seconds())
    if seconds < 2:
        return "At once"
    if seconds < 60:
        return filters.plural(seconds, "second")
    if seconds < 3_600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3_600:
        return filters.plural(seconds // 3_600, "hour")
    return filters.plural(seconds // 86_400, "day")
