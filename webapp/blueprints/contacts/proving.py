"""The evidence sheet of one contact: a page to print, and the same as a file."""

from flask import Response

from webapp.blueprints.contacts.views import bp
from webapp.db import transaction, utc_now
from webapp.models import Contact
from webapp.services import contact_standing, evidence, exports, sheets
from webapp.web import downloads
from webapp.web.access import for_admins, load, me
from webapp.web.htmx import render


@bp.route("/data/contacts/<int:contact_id>/evidence")
@for_admins
def evidence_sheet(contact_id: int) -> Response:
    contact = load(Contact, contact_id)
    return render(
        "contacts/evidence.html",
        contact=contact,
        sheet=evidence.of(contact),
        verdicts=contact_standing.verdicts(contact),
        made_at=utc_now(),
    )


@bp.route("/data/contacts/<int:contact_id>/evidence/export", methods=["POST"])
@for_admins
def export_evidence(contact_id: int) -> Response:
    contact = load(Contact, contact_id)
    with transaction():
        exports.note(contact.campaign_id, "evidence", by=me(), now=utc_now())
    rows = evidence.lines(evidence.of(contact))
    lines = sheets.lines(evidence.HEADING, rows, as_is=("from", "to"))
    return downloads.csv(lines, f"evidence-{contact.id}.csv")
