"""Watching a launched action: progress, texters, conversations, who was left out."""

from datetime import datetime
from typing import Any

from flask import Response, flash, g, make_response, request, url_for

from webapp.blueprints.actions import watching
from webapp.blueprints.actions.forms import ClearFlagForm, ReassignForm, ReleaseForm, ResumeForm
from webapp.blueprints.actions.views import bp
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError
from webapp.models import Action, ActionKind, ActionState, Message, Reason, TrailEntry
from webapp.services import (
    actions,
    aside,
    exports,
    handing_over,
    launches,
    members,
    overview,
    progress,
    recipients,
    report_settings,
    settlement,
    sheets,
)
from webapp.web import downloads, paging, queries
from webapp.web.access import for_admins, load, me
from webapp.web.htmx import render, see_other


@bp.route("/actions/<int:action_id>")
@for_admins
def show(action_id: int) -> Response:
    """A launched action at a glance; a draft leads to its builder."""
    action = load(Action, action_id)
    if action.state is ActionState.DRAFT:
        return _to_builder(action)
    if action.kind is ActionKind.BROADCAST:
        return watching.page(action)
    return render("actions/show.html", **_overview(action))


@bp.route("/actions/<int:action_id>/live")
@for_admins
def live(action_id: int) -> Response:
    """What changed since the mark in `since`: 204 for nothing, else the counts out of band."""
    action = load(Action, action_id)
    if action.kind is ActionKind.BROADCAST:
        return watching.news(action)
    one = overview.of(action)
    mark = overview.mark(one, now=utc_now())
    since = request.args.get("since", "")
    if since == mark:
        return make_response("", 204)
    moved = since.partition("-")[0] != mark.partition("-")[0]
    return render("actions/live.html", one=one, mark=mark, moved=moved)


@bp.route("/actions/<int:action_id>/pause", methods=["POST"])
@for_admins
def pause(action_id: int) -> Response:
    """Stop first texts at once."""
    action = load(Action, action_id)
    with transaction():
        actions.pause(action, by=me(), now=utc_now())
    flash("Paused. No first text leaves until you resume. Replies go on.")
    return see_other(url_for(".show", action_id=action_id))


@bp.route("/actions/<int:action_id>/resume", methods=["POST"])
@for_admins
def resume(action_id: int) -> Response:
    """Let first texts leave again; after Heed paused it with a `reason`."""
    action, form = load(Action, action_id), ResumeForm()
    form.validate()
    try:
        with transaction():
            actions.resume(action, reason=form.reason.data or "", by=me(), now=utc_now())
    except InvalidError as refusal:
        form.refuse(refusal)
        return watching.page(action, form)
    by_heed = action.kind is ActionKind.BROADCAST
    flash("Sending again." if by_heed else "Texters can go on.")
    return see_other(url_for(".show", action_id=action_id))


@bp.route("/actions/<int:action_id>/finish", methods=["GET", "POST"])
@for_admins
def finish(action_id: int) -> Response:
    """End an action for good; the GET asks first."""
    action = load(Action, action_id)
    if request.method == "GET":
        return render("actions/finish.html", action=action, one=overview.of(action))
    with transaction():
        actions.finish(action, by=me(), now=utc_now())
    flash("Finished. Conversations can go on.")
    return see_other(url_for(".show", action_id=action_id))


@bp.route("/actions/texts/<int:message_id>/release", methods=["POST"])
@for_admins
def release(message_id: int) -> Response:
    """Send a text again whose fate is unknown, with a reason (decision 11)."""
    message = load(Message, message_id)
    action = load(Action, message.action_id or 0)
    form = ReleaseForm()
    form.validate()
    try:
        with transaction():
            settlement.release(message, reason=form.reason.data or "", by=me(), now=utc_now())
    except InvalidError as refusal:
        wrong = {"message": message_id, "said": str(refusal), "typed": form.reason.data}
        if action.kind is ActionKind.BROADCAST:
            return watching.page(action, status=422, wrong=wrong)
        return render("actions/show.html", status=422, wrong=wrong, **_overview(action))
    flash("The text is queued again.")
    return see_other(url_for(".show", action_id=action.id))


@bp.route("/actions/flags/<int:flag_id>/clear", methods=["POST"])
@for_admins
def clear_flag(flag_id: int) -> Response:
    """An admin has looked at what a texter flagged; a note says what they found."""
    flagged = load(TrailEntry, flag_id)
    form = ClearFlagForm()
    form.validate()
    try:
        with transaction():
            action = aside.clear_flag(flagged, form.note.data or "", by=me(), now=utc_now())
    except InvalidError as refusal:
        action = load(Action, flagged.about_id or 0)
        wrong = {"flag": flag_id, "said": str(refusal), "typed": form.note.data}
        return render("actions/show.html", status=422, wrong=wrong, **_overview(action))
    flash("Cleared. Your note is on the trail.")
    return see_other(url_for(".show", action_id=action.id))


@bp.route("/actions/<int:action_id>/texters")
@for_admins
def texters(action_id: int) -> Response:
    """What each texter has done for an action."""
    action = load(Action, action_id)
    if not action.state.is_launched:
        return _to_builder(action)
    return render("actions/texters.html", action=action, people=progress.texters(action))


@bp.route("/actions/<int:action_id>/conversations")
@for_admins
def conversations(action_id: int) -> Response:
    """The conversations of an action, to be read or given to somebody else."""
    action = load(Action, action_id)
    if not action.state.is_launched:
        return _to_builder(action)
    texter = queries.asked("texter", most=queries.LARGEST_INTEGER)
    shown = request.args.get("show", "all")
    show = progress.Show(shown) if shown in list(progress.Show) else progress.Show.ALL
    before = paging.decode(request.args.get("before"), datetime)
    threads, more = progress.threads(action, texter_id=texter, show=show, before=before)
    return render(
        "actions/conversations.html",
        action=action,
        threads=threads,
        people=[(one.user.id, one.user.name) for one in members.people(g.campaign)],
        narrowed={"texter": texter, "show": show.value},
        is_first=before is None,
        before=paging.encode(*more) if more else None,
    )


@bp.route("/actions/<int:action_id>/conversations/reassign", methods=["POST"])
@for_admins
def reassign(action_id: int) -> Response:
    """Move the ticked conversations to somebody (`to`), or to nobody (0)."""
    action = load(Action, action_id)
    form = ReassignForm()
    if not form.validate():
        raise InvalidError("Choose one of the team.")
    to = members.receiver(g.campaign, form.to.data)
    marked = handing_over.marked(g.campaign, form.ids.data or [], of_action=action)
    with transaction():
        moved = handing_over.reassign(g.campaign, marked, to, by=me(), now=utc_now())
    name = to.name if to else "nobody"
    flash(f"{moved} {'conversation' if moved == 1 else 'conversations'} moved to {name}.")
    texter, show = request.form.get("texter"), request.form.get("show")
    return see_other(url_for(".conversations", action_id=action.id, texter=texter, show=show))


@bp.route("/actions/<int:action_id>/suppressed")
@for_admins
def suppressed(action_id: int) -> Response:
    """The people behind one of Safeguard's numbers: a reason, or those who will be texted."""
    action = load(Action, action_id)
    counts = launches.preview(action)
    reason = _reason(next(iter(counts.suppressed), Reason.OPTED_OUT))
    after = queries.asked("after") or 0
    people, more = recipients.page(action, reason, after=after)
    return render(
        "actions/suppressed.html",
        action=action,
        counts=counts,
        reason=reason.value if reason else "ready",
        people=people,
        is_first=not after,
        after=more,
    )


@bp.route("/actions/<int:action_id>/suppressed/export", methods=["POST"])
@for_admins
def export_suppressed(action_id: int) -> Response:
    """Everybody Safeguard leaves out, with the reason, as CSV."""
    action = load(Action, action_id)
    with transaction():
        exports.note(g.campaign.id, "suppressed", by=me(), now=utc_now(), about=action)
    lines = sheets.lines(exports.SUPPRESSED, exports.suppressed(action))
    return downloads.csv(lines, f"suppressed-{action.id}.csv")


def _to_builder(action: Action) -> Response:
    """There is nothing to watch before the launch."""
    return see_other(url_for(".details", action_id=action.id))


def _reason(default: Reason) -> Reason | None:
    """The reason in the address; None for those who will be texted."""
    asked = request.args.get("reason", default.value)
    if asked == "ready":
        return None
    return Reason(asked) if asked in list(Reason) else default


def _overview(action: Action) -> dict[str, Any]:
    one = overview.of(action)
    return {
        "action": action,
        "one": one,
        "mark": overview.mark(one, now=utc_now()),
        "own_tag": report_settings.opt_out_tag(action),
        "unknown": progress.unknown_texts(action) if one.counts.unknown else [],
        "flags": progress.flags(action),
        "texters": len(actions.texters_of(action, approved=True)),
    }
