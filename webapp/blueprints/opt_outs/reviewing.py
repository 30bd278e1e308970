"""Possible opt-outs and Wrote back: texts that an admin looks at, one at a time."""

from datetime import datetime
from typing import Any

from flask import Response, abort, flash, g, request, url_for

from webapp.blueprints.opt_outs import shown
from webapp.blueprints.opt_outs.forms import CloseForm, MarkForm, PlainForm
from webapp.blueprints.opt_outs.views import bp
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError
from webapp.models import Conversation, Message, Texting
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import possible, possible_live, threads, wrote_back
from webapp.texting import keywords
from webapp.web import paging, queries
from webapp.web.access import for_admins, load, me
from webapp.web.forms import Form
from webapp.web.htmx import render, see_other

NEWEST = "newest"
READ = "read"
AROUND = 3  # texts that are shown before one that waits, and after it


@bp.route("/data/opt-outs/possible")
@for_admins
def possible_ones() -> Response:
    newest_first = request.args.get("order") == NEWEST
    after = queries.asked("after")
    found = possible.page(g.campaign.id, newest_first=newest_first, after=after)
    return render(
        "opt_outs/possible.html",
        cards=[shown.card(line, g.campaign.own_words) for line in found.lines],
        kept=_kept(),
        is_first=after is None,
        after=found.after,
        last=possible_live.last_id(g.campaign.id),
    )


@bp.route("/data/opt-outs/possible/<int:hinted_id>")
@for_admins
def possible_one(hinted_id: int) -> Response:
    line = _line(hinted_id)
    mark = MarkForm(data={"kinds": [line.message.texting.value]})
    return _page_of(line, mark, CloseForm())


@bp.route("/data/opt-outs/possible/<int:hinted_id>/mark", methods=["POST"])
@for_admins
def mark(hinted_id: int) -> Response:
    line, form = _line(hinted_id), MarkForm()
    if form.validate():
        try:
            with transaction():
                added = possible.mark(line.message, form.chosen, by=me(), now=utc_now())
                called = line.contact.called
        except InvalidError as refusal:
            form.refuse(refusal)
        else:
            flash(_what_was_done(called, added))
            return see_other(url_for(".possible_ones", **_kept()))
    return _page_of(_line(hinted_id), form, CloseForm(formdata=None))


@bp.route("/data/opt-outs/possible/<int:hinted_id>/close", methods=["POST"])
@for_admins
def close(hinted_id: int) -> Response:
    line, form = _line(hinted_id), CloseForm()
    if form.validate():
        try:
            with transaction():
                possible.close(line.message, form.reason.data or "", by=me(), now=utc_now())
        except InvalidError as refusal:
            form.refuse(refusal)
        else:
            flash("Not a request. Your reason is on the contact’s timeline.")
            return see_other(url_for(".possible_ones", **_kept()))
    marked = MarkForm(formdata=None, data={"kinds": [line.message.texting.value]})
    return _page_of(_line(hinted_id), marked, form)


@bp.route("/data/opt-outs/wrote-back")
@for_admins
def wrote() -> Response:
    """What opted-out people wrote; a filter shows what has been read."""
    is_read = request.args.get("show") == READ
    if is_read:
        after = paging.decode(request.args.get("after"), datetime)
        found = wrote_back.read(g.campaign.id, after=after)
        more = paging.encode(*found.after) if found.after else None
    else:
        before = queries.asked("after")
        found = wrote_back.unread(g.campaign.id, before=before)
        more = str(found.after[1]) if found.after else None
    own = g.campaign.own_words
    return render(
        "opt_outs/wrote_back.html",
        lines=found.lines,
        parts=lambda line: shown.parts(line.message.body, own),
        asks_again=lambda line: shown.reads_like_a_request(line, own),
        numbers=wrote_back.numbers_to_rejoin(g.campaign.id),
        keyword=keywords.OPT_IN_KEYWORDS[0],
        is_read=is_read,
        is_first="after" not in request.args,
        after=more,
    )


@bp.route("/data/opt-outs/wrote-back/<int:hinted_id>/read", methods=["POST"])
@for_admins
def mark_read(hinted_id: int) -> Response:
    message = load(Message, hinted_id)
    if not message.wrote_back or not PlainForm().validate():
        abort(404)
    with transaction():
        wrote_back.mark_read(message, by=me(), now=utc_now())
    flash("Marked read. Nothing else has changed.")
    return see_other(url_for(".wrote"))


def _line(hinted_id: int) -> possible.Line:
    """A text that was taken for a request, or 404."""
    line = possible.line_of(load(Message, hinted_id))
    if line is None:
        abort(404)
    return line


def _page_of(line: possible.Line, mark: MarkForm, close: CloseForm) -> Response:
    failed: Form = mark if mark.errors else close
    return render(
        "opt_outs/possible_one.html",
        form=failed,
        mark=mark,
        close=close,
        card=shown.card(line, g.campaign.own_words),
        around=_around(line),
        kept=_kept(),
    )


def _around(line: possible.Line) -> list[Message]:
    """The text that waits between those before and after it, for the sense of it."""
    conversation: Conversation | None = line.conversation
    if conversation is None:
        return [line.message]
    before = threads.last(conversation, before=line.message.id)[-AROUND:]
    return [*before, line.message, *threads.newer(conversation, than=line.message.id)[:AROUND]]


def _kept() -> dict[str, Any]:
    """Where in the list somebody is."""
    return {"order": request.args.get("order") or None, "after": queries.asked("after")}


def _what_was_done(called: str, added: dict[Texting, bool]) -> str:
    fresh = [BUILT_IN_NAMES[kind] for kind, is_new in added.items() if is_new]
    if not fresh:
        return f"{called} was opted out already."
    return f"{called} now has {' and '.join(fresh)}. Nothing queued for them will be sent."
