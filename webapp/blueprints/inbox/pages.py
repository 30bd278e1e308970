"""Answers of the inbox: the whole page, or the parts of it that changed."""

from datetime import datetime
from typing import Any

from flask import Response, g

from webapp.blueprints.inbox import panels, panes
from webapp.blueprints.inbox.panels import Side
from webapp.blueprints.inbox.panes import Composed
from webapp.blueprints.inbox.places import here, url_of, whose
from webapp.db import utc_now
from webapp.models import Conversation, Report
from webapp.services import inbox, inbox_live, report_marks, reports, threads
from webapp.services.inbox import View
from webapp.web import sessions
from webapp.web.context import badges
from webapp.web.htmx import render, wants_part

NOTHING = Composed()


def show(
    conversation: Conversation | None,
    *,
    view: str = "thread",
    side: Side = Side.REPORT,
    composed: Composed = NOTHING,
    says: str = "",
    status: int = 200,
    **panel: Any,
) -> Response:
    """The inbox with a conversation open in it, or none; for HTMX the two panes beside the list.

    `view` is the pane that a phone shows; `panel` what the panel holds, if not the usual.
    """
    now = utc_now()
    context = {"view": view, "side": side, "says": says, **frame(conversation, now=now)}
    if conversation is not None:
        context["thread"] = panes.thread(conversation, composed, now=now)
        context |= panel or _panel(conversation, side)
    return render("inbox/index.html", "inbox/_opened.html", status=status, **context)


def ended(
    conversation: Conversation,
    *,
    was_sending: bool = True,
    report_saved: bool = False,
    status: int = 409,
) -> Response:
    """The conversation ended with a stop word. Its thread is not shown (decision 5).

    409 for what was about to be written, 404 for who looks again at the page that said so.
    """
    now = utc_now()
    pane = closing(conversation, was_sending=was_sending, report_saved=report_saved)
    context = {"view": "thread", "side": Side.REPORT, "says": "", **frame(None, now=now)}
    context |= {"ended": pane, "conversation": conversation}
    return render("inbox/index.html", "inbox/_ended.html", status=status, **context)


def frame(conversation: Conversation | None, *, now: datetime) -> dict[str, Any]:
    """What a page and every part of it need: place, clock, counts, and the list for a page."""
    # The clock first: what changes while the page is read is told by the next poll.
    glance = inbox_live.glance(g.campaign.id, whose())
    place = here()
    return {
        "place": place,
        "tick": glance.tick,
        "new": 0,
        "listed": None if wants_part() else panes.listed(place, conversation, now=now),
        "thread": None,
        "ended": None,
        **_marks(glance.counts),
    }


def closing(
    conversation: Conversation, *, was_sending: bool, report_saved: bool = False
) -> dict[str, Any]:
    """What the pane of a conversation that has just ended says; this session may reload it."""
    sessions.note_closed(conversation.id)
    next_url, note = panes.next_one(conversation, now=utc_now())
    return {
        "who": threads.contact_of(conversation).called,
        "kind": conversation.texting,
        "next_url": next_url,
        "note": note,
        "was_sending": was_sending,
        "report_saved": report_saved,
    }


def marks() -> dict[str, Any]:
    """The counts that every answer brings up to date."""
    return _marks(inbox.counts(g.campaign.id, whose()))


def _marks(counts: dict[View, int]) -> dict[str, Any]:
    badges().note("needs", counts[View.NEEDS])
    return {
        "counts": counts,
        "url_of": url_of,
        "is_part": wants_part(),
        "is_admin": whose() is None,
    }


def sent_panel(conversation: Conversation, report: Report, *, warning: str = "") -> dict[str, Any]:
    """The panel that says what a report recorded, and where to go on."""
    next_url, note = panes.next_one(conversation, now=utc_now())
    done = panels.done(conversation, report, warning=warning)
    return {"side": Side.DONE, "done": done, "next_url": next_url, "note": note}


def _panel(conversation: Conversation, side: Side) -> dict[str, Any]:
    if side is Side.CONTACT:
        return {"card": panels.contact(conversation, now=utc_now())}
    if side is not Side.REPORT:
        return {}
    earlier, marked = reports.current(conversation), report_marks.of(conversation)
    if earlier is not None and panels.is_done(conversation, marked):
        return sent_panel(conversation, earlier)
    return {"report": panels.fill_in(conversation, earlier, marked)}
