"""The polls of the pages for first texts: 204 while nothing has changed, else what has."""

from flask import Response, g, request

from webapp.blueprints.text import listing
from webapp.blueprints.text.cards import card, showing
from webapp.blueprints.text.views import bp, card_context, running_action
from webapp.db import utc_now
from webapp.services import shift_counts, shifts
from webapp.web.access import for_texters, me
from webapp.web.htmx import render
from webapp.web.queries import number


@bp.route("/text/live")
@for_texters
def list_live() -> Response:
    """What changed on the list since the mark `since`; texting hours are looked at each minute.

    An action that is new waits behind a button (`new`: how many the page tells of already); of
    one that is gone its card says so, and the page says so once an admin has approved its texter.
    """
    now, since = utc_now(), request.args.get("since", "")
    found, ids = shift_counts.of_texter(g.campaign.id, me()), shift_counts.known(since)
    new = shift_counts.new(found, ids)
    approved = bool(number("waits")) and not g.membership.awaits_approval
    is_same = (shift_counts.mark(found, ids), new) == (since, number("new")) and not approved
    if is_same and number("minute") == listing.minute(now):
        return Response(status=204)
    known = [one for one in found if one.action.id in ids]
    here = shifts.with_waits(known, g.campaign, me(), now=now)
    context = listing.context(here, ids, now=now)
    is_same = is_same and context["hours_mark"] == request.args.get("hours", "")
    gone = set(ids).difference(one.action.id for one in here)
    return render(
        "text/live.html",
        shifts=[] if is_same else here,
        gone=[] if is_same or not gone else shift_counts.gone(g.campaign.id, me(), gone),
        new=new,
        approved=approved,
        is_same=is_same,
        **context,
    )


@bp.route("/text/<int:running_id>/live")
@for_texters
def live(running_id: int) -> Response:
    """Say when the action is paused, finished or closed, or goes on again.

    Never one person for another: a finger that is on its way to Send must not meet a new name.
    """
    found, now = running_action(running_id), utc_now()
    if showing(found, me(), g.campaign, now=now) == request.args.get("since"):
        return Response(status=204)
    shown = card(found, me(), g.campaign, now=now)
    return render("text/_card.html", **card_context(found) | {"card": shown, "oob": True})
