"""Importing: upload, columns, preview, progress, result. Each step is a page of its own."""

from typing import Any

from flask import Response, abort, current_app, flash, g, request, url_for

from webapp import jobs
from webapp.blueprints.contacts.forms import PlainForm, StartForm, UploadForm
from webapp.blueprints.contacts.views import bp
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError, RefusedError
from webapp.models import ContactImport, ContactList, ImportState
from webapp.services import (
    import_columns,
    import_files,
    import_preview,
    import_reversing,
    imports,
    sheets,
    tags,
)
from webapp.services.import_columns import Column, Matched
from webapp.web import downloads
from webapp.web.access import for_admins, load, me, takes_upload
from webapp.web.htmx import render, see_other, wants_part

LARGEST_MEGABYTES = 100
WORKING = (ImportState.CHECKING, ImportState.IMPORTING, ImportState.REVERSING)
BOTH = "opt_outs"
PAGES = {
    ImportState.CHECKED: "contacts/import_preview.html",
    ImportState.DONE: "contacts/import_result.html",
    ImportState.FAILED: "contacts/import_failed.html",
    ImportState.CANCELLED: "contacts/import_failed.html",
    ImportState.REVERSED: "contacts/import_reversed.html",
}


@bp.route("/data/contacts/import", methods=["GET", "POST"])
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
            return see_other(url_for(".columns", import_id=row.id))
    return render("contacts/import_upload.html", form=form, megabytes=LARGEST_MEGABYTES)


def _begin(form: UploadForm) -> ContactImport:
    with import_files.kept(form.file.data.stream, _folder()) as file:
        table = imports.open_table(file)
        with transaction():
            return imports.begin(
                g.campaign,
                form.list_name.data or "",
                table,
                file_name=form.file.data.filename or "contacts.csv",
                folder=_folder(),
                subscribed=form.subscribed.data or "",
                by=me(),
                now=utc_now(),
            )


@bp.route("/data/contacts/import/<int:import_id>/columns", methods=["GET", "POST"])
@for_admins
def columns(import_id: int) -> Response:
    row = _load(import_id)
    if row.state not in imports.BEFORE_START:
        return see_other(url_for(".import_", import_id=row.id))
    form = PlainForm()
    if form.validate_on_submit():
        try:
            matched = _matched(row)
            with transaction():
                imports.match(row, matched, _folder())
        except InvalidError as refusal:
            form.refuse(refusal)
        else:
            jobs.import_soon(row.id)
            return see_other(url_for(".import_", import_id=row.id))
    found = imports.columns(row, _folder())
    own = [tag for tag in tags.all_of(g.campaign.id) if not tag.is_built_in]
    context: dict[str, Any] = {"columns": found, "chosen": _chosen(found), "fields": _options(own)}
    return render("contacts/import_columns.html", form=form, row=row, **context)


@bp.route("/data/contacts/import/<int:import_id>")
@for_admins
def import_(import_id: int) -> Response:
    """Where an import stands: its preview, its progress or its result."""
    row = _load(import_id)
    here = url_for(".import_", import_id=row.id)
    if row.state is ImportState.UPLOADED:
        return see_other(url_for(".columns", import_id=row.id))
    if row.state in WORKING:
        return render("contacts/import_progress.html", "contacts/_progress.html", row=row)
    if wants_part():
        return see_other(here)  # The poll has seen the end of it.
    return render(PAGES[row.state], form=StartForm(), row=row, **_shown(row))


@bp.route("/data/contacts/import/<int:import_id>/start", methods=["POST"])
@for_admins
def start_import(import_id: int) -> Response:
    row = _load(import_id)
    form = StartForm()
    updates = form.validate() and form.existing.data == "update"
    with transaction():
        imports.start(row, updates_existing=updates, folder=_folder(), by=me(), now=utc_now())
    jobs.import_soon(row.id)
    return see_other(url_for(".import_", import_id=row.id))


@bp.route("/data/contacts/import/<int:import_id>/cancel", methods=["POST"])
@for_admins
def cancel_import(import_id: int) -> Response:
    row = _load(import_id)
    with transaction():
        imports.cancel(row, _folder(), now=utc_now())
    flash("The import is cancelled. Nothing of the file is kept.")
    return see_other(url_for(".index"))


@bp.route("/data/contacts/import/<int:import_id>/rejects.csv")
@for_admins
def rejects(import_id: int) -> Response:
    row = _load(import_id)
    heading, rows = import_preview.rejects_sheet(row, import_preview.rejects(row))
    return downloads.csv(sheets.lines(heading, rows, as_is=()), f"rejects-{row.id}.csv")


def _load(import_id: int) -> ContactImport:
    """An import of contacts; one of opt-outs has pages of its own."""
    row = load(ContactImport, import_id)
    if row.opts_out_of:
        abort(404)
    return row


def _shown(row: ContactImport) -> dict[str, Any]:
    if row.state is ImportState.CHECKED:
        return {"preview": import_preview.of(row, _folder())}
    if row.state is ImportState.DONE:
        chosen = load(ContactList, row.list_id or 0)
        problems = list(import_preview.rejects(row, limit=20))
        stays = import_reversing.why_not(row, now=utc_now())
        return {"chosen": chosen, "problems": problems, "can_be_taken_back": not stays}
    return {}


def _matched(row: ContactImport) -> Matched:
    """The columns as they were matched on the page: column-0, column-1, … in file order."""
    matched: Matched = {}
    for place, heading in enumerate(row.counts["headings"]):
        chosen = request.form.get(f"column-{place}", "")
        if chosen == "field":
            chosen = f"field:{import_columns.field_name(heading)}"
        for field in import_columns.OPT_OUTS if chosen == BOTH else filter(None, [chosen]):
            if field in matched and not import_columns.marks(field):
                name = import_columns.FIELDS.get(field, "the same merge field")
                raise InvalidError(f"Two columns are matched to {name}.", field="mapping")
            import_columns.put(matched, field, heading)
    return matched


def _chosen(found: list[Column]) -> list[str]:
    """What the select of each column shows: as it was sent, else as it is matched now."""
    if request.method == "POST":
        return [request.form.get(f"column-{place}", "") for place in range(len(found))]
    chosen = []
    for column in found:
        first = column.fields[0] if column.fields else ""
        if set(column.fields) == set(import_columns.OPT_OUTS):
            first = BOTH
        chosen.append("field" if first.startswith("field:") else first)
    return chosen


def _options(own: list[Any]) -> list[tuple[str, str]]:
    """Values and words of the select."""
    return [
        ("", "Leave out"),
        *import_columns.FIELDS.items(),
        (BOTH, "Opt Out (P2P) and (Broadcast)"),
        *((f"tag:{tag.id}", f"Tag: {tag.name}") for tag in own),
        ("field", "Keep as a merge field"),
    ]


def _folder() -> Any:
    return import_files.folder_of(current_app.extensions["settings"])
