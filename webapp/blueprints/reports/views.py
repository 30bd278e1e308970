"""The list of reports, one report with its thread, and its correction."""

from typing import Any

from flask import Response, flash, g, url_for

from webapp.blueprints.reports.forms import CorrectionForm, correction_form
from webapp.db import db, transaction, utc_now
from webapp.errors import RefusedError
from webapp.models import Action, Contact, Report
from webapp.services import optouts, report_settings, reported, reports, tags
from webapp.services.reported import Narrowed
from webapp.web import days
from webapp.web.access import campaign_blueprint, for_admins, load, me
from webapp.web.htmx import render, see_other
from webapp.web.queries import LARGEST_INTEGER, number

bp = campaign_blueprint("reports", __name__)
FILTERS = ("tag", "texter", "action")


@bp.route("/data/reports")
@for_admins
def index() -> Response:
    narrowed, before = _narrowed(), number("before") or None
    newest = reported.last_id(g.campaign.id)
    lines, more = reported.page(g.campaign.id, narrowed, before=before)
    return render(
        "reports/index.html",
        lines=lines,
        narrowed=_kept(),
        is_first=before is None,
        before=more,
        newest=newest,
        tags=tags.all_of(g.campaign.id, archived=True),
        texters=reported.texters(g.campaign.id),
        actions=reported.actions(g.campaign.id),
    )


@bp.route("/data/reports/live")
@for_admins
def live() -> Response:
    """How many reports of this list came after `since`; `new`: how many the page tells of."""
    since = number("since")
    new = reported.newer(g.campaign.id, _narrowed(), than=since, now=utc_now())
    if new == number("new"):
        return Response(status=204)
    return render("reports/live.html", new=new, since=since, narrowed=_kept())


@bp.route("/data/reports/<int:report_id>")
@for_admins
def show(report_id: int) -> Response:
    report = load(Report, report_id)
    return render(
        "reports/show.html",
        one=reported.line(report),
        answers=reported.answers(report),
        thread=reported.excerpt(report),
        history=reported.history(report),
        standing=optouts.standing(db.session.get_one(Contact, report.contact_id)),
    )


@bp.route("/data/reports/<int:report_id>/correct", methods=["GET", "POST"])
@for_admins
def correct(report_id: int) -> Response:
    report = load(Report, report_id)
    form = _form(report)
    if form.validate_on_submit():
        try:
            with transaction():
                sent = reports.correct(
                    report,
                    form.filled(),
                    reason=form.reason.data,
                    key=form.key.data,
                    by=me(),
                    now=utc_now(),
                )
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            flash("The report is corrected. The earlier one stays in its history.")
            return see_other(url_for(".show", report_id=sent.report.id))
    return render("reports/correct.html", form=form, one=reported.line(report))


def _kept() -> dict[str, Any]:
    """The filters, as links carry them on."""
    chosen = {name: number(name, LARGEST_INTEGER) or None for name in FILTERS}
    return chosen | {name: days.asked(name) for name in ("start", "end")}


def _narrowed() -> Narrowed:
    tag, texter, action = (number(name, LARGEST_INTEGER) or None for name in FILTERS)
    return Narrowed(tag, texter, action, *days.span())


def _form(report: Report) -> CorrectionForm:
    """The form as the report stands; an opt-out that was lifted since is not marked again."""
    action = db.session.get(Action, report.action_id) if report.action_id else None
    offered = report_settings.tags_of(action) if action else []
    questions = report_settings.questions_of(action) if action else []
    standing = optouts.standing(db.session.get_one(Contact, report.contact_id))
    marked = reports.tags_of(report)
    offered += [tag for tag in marked if tag.is_built_in and tag not in offered]
    kept = [
        tag.id
        for tag in marked
        if tag.opts_out_of is None or not standing[tag.opts_out_of].may_be_texted
    ]
    answers = {f"answers-{key}": answer for key, answer in reports.answers_of(report).items()}
    return correction_form(offered, questions, {"tags": kept, "note": report.note, **answers})
