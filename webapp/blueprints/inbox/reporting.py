"""Reports: filling one in, sending it, and what it recorded."""

from typing import Any

from flask import Response, flash, request

from webapp.blueprints.inbox import pages, panels, panes
from webapp.blueprints.inbox.forms import ReportForm
from webapp.blueprints.inbox.panels import Side
from webapp.blueprints.inbox.panes import Composed
from webapp.blueprints.inbox.places import find, url_of
from webapp.blueprints.inbox.views import bp, looked_at
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError
from webapp.models import Conversation
from webapp.services import report_marks, reports
from webapp.web.access import for_texters, me
from webapp.web.htmx import render, see_other, wants_part

GOODBYE_CHANGED = "The goodbye was changed meanwhile, so none was sent."


@bp.route("/inbox/<int:conversation_id>/report", methods=["GET", "POST"])
@for_texters
def report(conversation_id: int) -> Response:
    """Send a report. One that arrives after a stop word is kept all the same (ux 3.10)."""
    if request.method == "GET":
        return looked_at(conversation_id, view="report")
    conversation = find(conversation_id, hidden=True)
    form = ReportForm()
    if form.validate():
        try:
            with transaction():
                sent = reports.send(
                    conversation, form.filled(), key=form.key.data, by=me(), now=utc_now()
                )
        except InvalidError as refusal:
            form.refuse(refusal)
        else:
            return _sent(conversation, sent)
    return _again(conversation, form)


def _sent(conversation: Conversation, sent: reports.Sent) -> Response:
    if conversation.is_hidden:
        return pages.ended(conversation, was_sending=False, report_saved=True)
    warning = GOODBYE_CHANGED if sent.is_goodbye_changed else ""
    if not wants_part():
        if warning:
            flash(warning, "warn")
        return see_other(url_of(conversation, "report"))
    now = utc_now()
    context: dict[str, Any] = {
        **pages.frame(None, now=now),
        **pages.sent_panel(conversation, sent.report, warning=warning),
        "thread": panes.thread(conversation, Composed(), now=now),
        "says": "",
    }
    return render("inbox/_reported.html", **context)


def _again(conversation: Conversation, form: ReportForm) -> Response:
    """The report with what was ticked and typed, and what has to be put right."""
    if conversation.is_hidden:
        return pages.ended(conversation)
    marked = report_marks.of(conversation)
    panel = panels.fill_in(conversation, reports.current(conversation), marked, form)
    if not wants_part():
        return pages.show(conversation, view="report", status=422, report=panel)
    now = utc_now()
    context = {**pages.frame(None, now=now), "side": Side.REPORT, "report": panel, "says": ""}
    context["thread"] = panes.thread(conversation, Composed(), now=now)
    return render("inbox/_panel.html", status=422, oob=True, **context)
