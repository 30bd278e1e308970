"""Taking an import back: asked once, on a page that says what goes and what stays."""

from flask import Response, flash, request, url_for

from webapp import jobs
from webapp.blueprints.contacts.views import bp
from webapp.db import transaction, utc_now
from webapp.models import ContactImport
from webapp.services import import_reversing
from webapp.web.access import for_admins, load, me
from webapp.web.htmx import render, see_other


@bp.route("/data/contacts/import/<int:import_id>/reverse", methods=["GET", "POST"])
@for_admins
def reverse_import(import_id: int) -> Response:
    row = load(ContactImport, import_id)
    if request.method == "GET":
        reason = import_reversing.why_not(row, now=utc_now())
        return render("contacts/import_reverse.html", row=row, reason=reason)
    with transaction():
        import_reversing.begin(row, by=me(), now=utc_now())
    jobs.import_soon(row.id)
    flash("The import is being taken back. The list can’t be used any more.")
    return see_other(url_for(".import_", import_id=row.id))
