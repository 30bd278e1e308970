"""Bringing in opt-outs from another system: upload, columns, preview, progress, result."""

from pathlib import Path
from typing import Any

from flask import Response, abort, current_app, flash, g, request, url_for

from webapp import jobs
from webapp.blueprints.opt_outs.forms import PlainForm, UploadForm
from webapp.blueprints.opt_outs.views import bp
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError, RefusedError
from webapp.models import ContactImport, ImportState, Texting
from webapp.services import (
    import_files,
    import_preview,
    imports,
    optout_columns,
    optout_imports,
    sheets,
)
from webapp.services.import_columns import Matched
from webapp.web import downloads
from webapp.web.access import for_admins, load, me, takes_upload
from webapp.web.htmx import render, see_other, wants_part

LARGEST_MEGABYTES = 100
WORKING = (ImportState.CHECKING, ImportState.IMPORTING)
PAGES = {
    ImportState.CHECKED: "opt_outs/import_preview.html",
    ImportState.DONE: "opt_outs/import_result.html",
    ImportState.FAILED: "opt_outs/import_failed.html",
    ImportState.CANCELLED: "opt_outs/import_failed.html",
}


@bp.route("/data/opt-outs/import", methods=["GET", "POST"])
@takes_upload(LARGEST_MEGABYTES)
@for_admins
def upload() -> Response:
    form = UploadForm()
    if form.validate_on_submit():
        try:
            row = _begin(form)
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            return see_other(url_for(".columns", opting_id=row.id))
    return render("opt_outs/import_upload.html", form=form, megabytes=LARGEST_MEGABYTES)


def _begin(form: UploadForm) -> ContactImport:
    with import_files.kept(form.file.data.stream, _folder()) as file:
        table = imports.open_table(file)
        with transaction():
            return optout_imports.begin(
                g.campaign,
                form.chosen,
                form.source.data or "",
                table,
                file_name=form.file.data.filename or "opt-outs.csv",
                folder=_folder(),
                by=me(),
                now=utc_now(),
            )


@bp.route("/data/opt-outs/import/<int:opting_id>/columns", methods=["GET", "POST"])
@for_admins
def columns(opting_id: int) -> Response:
    row = _load(opting_id)
    if row.state not in imports.BEFORE_START:
        return see_other(url_for(".import_", opting_id=row.id))
    form = PlainForm()
    if form.validate_on_submit():
        try:
            matched = _matched(row)
            with transaction():
                optout_imports.match(row, matched, _folder())
        except InvalidError as refusal:
            form.refuse(refusal)
        else:
            jobs.import_soon(row.id)
            return see_other(url_for(".import_", opting_id=row.id))
    found = imports.columns(row, _folder())
    odd = optout_columns.yes_or_no(row.counts["headings"], dict(row.mapping))
    context: dict[str, Any] = {"columns": found, "chosen": _chosen(row), "odd": odd}
    return render(
        "opt_outs/import_columns.html", form=form, row=row, fields=optout_columns.FIELDS, **context
    )


@bp.route("/data/opt-outs/import/<int:opting_id>")
@for_admins
def import_(opting_id: int) -> Response:
    """Where an import stands: its preview, its progress or its result."""
    row = _load(opting_id)
    here = url_for(".import_", opting_id=row.id)
    if row.state is ImportState.UPLOADED:
        return see_other(url_for(".columns", opting_id=row.id))
    if row.state in WORKING:
        return render("opt_outs/import_progress.html", "opt_outs/_import_progress.html", row=row)
    if wants_part():
        return see_other(here)  # The poll has seen the end of it.
    return render(PAGES[row.state], row=row, kinds=_kinds(row), **_shown(row))


@bp.route("/data/opt-outs/import/<int:opting_id>/start", methods=["POST"])
@for_admins
def start_import(opting_id: int) -> Response:
    row = _load(opting_id)
    with transaction():
        optout_imports.start(row, folder=_folder(), by=me())
    jobs.import_soon(row.id)
    return see_other(url_for(".import_", opting_id=row.id))


@bp.route("/data/opt-outs/import/<int:opting_id>/cancel", methods=["POST"])
@for_admins
def cancel_import(opting_id: int) -> Response:
    row = _load(opting_id)
    with transaction():
        imports.cancel(row, _folder(), now=utc_now())
    flash("The import is cancelled. Nothing of the file is kept.")
    return see_other(url_for(".index"))


@bp.route("/data/opt-outs/import/<int:opting_id>/rejects.csv")
@for_admins
def rejects(opting_id: int) -> Response:
    row = _load(opting_id)
    heading, rows = import_preview.rejects_sheet(row, import_preview.rejects(row))
    return downloads.csv(sheets.lines(heading, rows, as_is=()), f"rejects-{row.id}.csv")


def _load(opting_id: int) -> ContactImport:
    """An import of opt-outs; one of contacts has pages of its own."""
    row = load(ContactImport, opting_id)
    if not row.opts_out_of:
        abort(404)
    return row


def _shown(row: ContactImport) -> dict[str, Any]:
    if row.state is ImportState.CHECKED:
        return {"preview": import_preview.of(row, _folder())}
    if row.state is ImportState.DONE:
        return {"problems": list(import_preview.rejects(row, limit=20))}
    return {}


def _kinds(row: ContactImport) -> list[Texting]:
    return [Texting(kind) for kind in row.opts_out_of.split(",")]


def _matched(row: ContactImport) -> Matched:
    """The columns as they were matched on the page: column-0, column-1, … in file order."""
    chosen: dict[str, str] = {}
    for place, heading in enumerate(row.counts["headings"]):
        field = request.form.get(f"column-{place}", "")
        if field in chosen:
            name = optout_columns.FIELDS.get(field, field)
            raise InvalidError(f"Two columns are matched to “{name}”.", field="mapping")
        if field:
            chosen[field] = heading
    return optout_columns.merged({}, chosen, row.counts["headings"])


def _chosen(row: ContactImport) -> list[str]:
    """What the select of each column shows: as it was sent, else as it is matched now."""
    headings = row.counts["headings"]
    if request.method == "POST":
        return [request.form.get(f"column-{place}", "") for place in range(len(headings))]
    fields = {heading: field.removeprefix("field:") for field, heading in row.mapping.items()}
    return [fields.get(heading, "") for heading in headings]


def _folder() -> Path:
    return import_files.folder_of(current_app.extensions["settings"])
