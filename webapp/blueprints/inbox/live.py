"""The poll: 204 while nothing has changed, else the parts of the page that have."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, g, request, url_for

from webapp.blueprints.inbox import pages, panes, shown
from webapp.blueprints.inbox.panels import Side
from webapp.blueprints.inbox.panes import Composed
from webapp.blueprints.inbox.places import Place, here, whose
from webapp.blueprints.inbox.views import bp
from webapp.db import utc_now
from webapp.errors import NotFoundError
from webapp.services import inbox, inbox_live, threads, upkeep
from webapp.web.access import for_texters, me
from webapp.web.htmx import render
from webapp.web.queries import number
from webapp.web.sessions import inbox_tick

# A tab out of sight asks every 15 seconds, and later when the server is slow.
LOOKS_BACK = timedelta(minutes=2)
LATEST = 4_000_000_000_000  # milliseconds since 1970; beyond it no date can be made


@dataclass(frozen=True)
class Moved:
    """Who has a conversation by now that was open here; nobody this person may know: ""."""

    to: str = ""
    with_draft: bool = False


@bp.route("/inbox/live")
@for_texters
def live() -> Response:
    """What changed since `since` (the clock), for the list as of `at` and the thread `conv`."""
    tick = inbox_tick() if whose() else inbox_live.tick(g.campaign.id)
    if request.args.get("since") == str(tick):
        return Response(status=204)
    now, place, conv = utc_now(), here(), number("conv")
    context: dict[str, Any] = {
        "new_before": number("new"),
        "gone": inbox_live.ended(g.campaign.id, whose(), since=now - LOOKS_BACK),
        "list_url": _list_url(place, conv),
        "moved": None,
        "says": "",
        "side": Side.REPORT,
        **pages.frame(None, now=now),
        "tick": tick,
    }
    context["new"] = _arrived(place, conv)
    if conv:
        context |= _open_thread(conv, now)
    return render("inbox/_live.html", **context)


def _arrived(place: Place, conv: int) -> int:
    at = datetime.fromtimestamp(min(number("at"), LATEST) / 1000, UTC)
    return inbox_live.arrived(
        g.campaign.id,
        place.view,
        texter=whose(),
        since=at,
        except_id=conv or None,
        narrowed=place.narrowed,
    )


def _list_url(place: Place, conv: int) -> str:
    if conv:
        return url_for(".conversation", conversation_id=conv, **place.kept)
    return url_for(".index", **place.kept)


def _open_thread(conv: int, now: datetime) -> dict[str, Any]:
    """What became of the conversation that is open: closed, moved, or gone on."""
    try:
        found = inbox.find(g.campaign.id, conv, texter=whose(), hidden=True)
    except NotFoundError:
        return {"moved": _moved(conv)}
    if found.is_hidden:
        was_typing = request.args.get("typed") != "0"
        return {"ended": pages.closing(found, was_sending=was_typing), "conversation": found}
    seen = max(number("seen"), number("last"))
    thread = panes.thread(found, Composed(), now=now)
    settled = threads.settled(found, since=now - LOOKS_BACK, up_to=seen)
    words = (thread.contact, me(), g.campaign.own_words)
    return {
        "thread": thread,
        "conversation": found,
        "bubbles": shown.bubbles(threads.newer(found, than=seen), *words),
        "settled": shown.bubbles(settled, *words),
    }


def _moved(conv: int) -> Moved:
    to = upkeep.moved_to(g.campaign.id, conv, before=me())
    return Moved(to.name, upkeep.has_draft(conv, to)) if to else Moved()
