"""Watching a broadcast: planned, sending, paused, stopped; with its two charts."""

from datetime import datetime
from typing import Any

from flask import Response, g, make_response, request, url_for

from webapp.blueprints.actions.forms import ResumeForm
from webapp.blueprints.actions.review import pace_of
from webapp.db import db, utc_now
from webapp.models import Action, ActionState, Number, User
from webapp.services import (
    audience,
    broadcasts,
    launches,
    overview,
    progress,
    report_settings,
    schedules,
)
from webapp.services.broadcasts import Span
from webapp.services.overview import Summary
from webapp.web import charts, filters
from webapp.web.htmx import render, see_other

A_DAY = 24 * 60


def page(
    action: Action, form: ResumeForm | None = None, *, status: int | None = None, **more: Any
) -> Response:
    """A broadcast at a glance; `form` comes back with a reason that was refused."""
    one, now = overview.of(action), utc_now()
    shared: dict[str, Any] = {
        "action": action,
        "one": one,
        "mark": broadcasts.poll_mark(one, now),
        "own_tag": report_settings.opt_out_tag(action),
        "number": _number(action),
    }
    if action.state is ActionState.SCHEDULED:
        return render("actions/scheduled.html", **shared, **_planned(action))
    return render(
        "actions/broadcast.html",
        status=status,
        form=form or ResumeForm(formdata=None),
        unknown=progress.unknown_texts(action) if one.counts.unknown else [],
        launched_by=_person(action.launched_by),
        **shared,
        **_counted(one, now),
        **_charted(action),
        **more,
    )


def news(action: Action) -> Response:
    """What changed since the mark in `since`: 204 for nothing, else the parts out of band.

    A state whose page looks different altogether (it began, it was paused or stopped) loads the
    page again. The speed, who waits and the charts come along once a minute: they cost more.
    """
    one, now = overview.of(action), utc_now()
    mark, since = broadcasts.poll_mark(one, now), request.args.get("since", "")
    if since == mark:
        return make_response("", 204)
    if since.partition(".")[0] != mark.partition(".")[0]:
        return see_other(url_for(".show", action_id=action.id))
    minute = mark.rpartition(".")[2] != since.rpartition(".")[2]
    return render(
        "actions/broadcast_live.html",
        one=one,
        mark=mark,
        **(_counted(one, now) | _charted(action) if minute else {}),
    )


def _planned(action: Action) -> dict[str, Any]:
    return {
        "safeguard": launches.preview(action),
        "lists": audience.lists_of(action),
        "scheduled_by": schedules.scheduler(action),
    }


def _counted(one: Summary, now: datetime) -> dict[str, Any]:
    """The speed, and who waits for texting hours."""
    waiting = broadcasts.waiting(one, g.campaign, now=now)
    expected = pace_of(_number(one.action))
    pace = broadcasts.pace(one, waiting, expected=expected, now=now)
    return {"waiting": waiting, "pace": pace}


def _charted(action: Action) -> dict[str, Any]:
    width, spans = broadcasts.history(action)
    return {
        "width": width,
        "spans": spans,
        "sent_chart": _sent_chart(action, width, spans),
        "rate_chart": _rate_chart(action, width, spans),
    }


def _sent_chart(action: Action, width: int, spans: list[Span]) -> charts.Chart:
    most = max((span.sent for span in spans), default=0)
    return charts.bars(
        [span.sent for span in spans],
        [_label(span.at, width, spans) for span in spans],
        said=f"Texts sent every {width} minutes, {most:,} at most.",
        grows=action.state is ActionState.LIVE,
    )


def _rate_chart(action: Action, width: int, spans: list[Span]) -> charts.Chart:
    rates = [span.rate for span in spans]
    seen = [rate for rate in rates if rate is not None]
    limit = action.pause_per_mille / 10 or None
    does = "Warns" if action.pause_only_warns else "Pauses"
    said = f"Opt-outs per 100 texts, {seen[-1]:.1f} at last." if seen else "No texts were sent yet."
    return charts.line(
        rates,
        [_label(span.at, width, spans) for span in spans],
        said=f"{said} {does} itself at {limit:g}." if limit else said,
        limit=limit,
        limit_text=f"{does} at {limit:g}" if limit else "",
    )


def _label(at: datetime, width: int, spans: list[Span]) -> str:
    """The time of day; where there are several days, the day as well or alone. Short."""
    local = at.astimezone(filters.zone())
    if width >= A_DAY:
        return f"{local:%b} {local.day}"
    hour, half = local.hour % 12 or 12, "am" if local.hour < 12 else "pm"
    if (spans[-1].at - spans[0].at).days >= 1:
        return f"{local:%a} {hour} {half}"
    return f"{hour}:{local.minute:02} {half}"


def _number(action: Action) -> Number | None:
    return db.session.get(Number, action.number_id) if action.number_id else None


def _person(user_id: int | None) -> User | None:
    return db.session.get(User, user_id) if user_id else None
