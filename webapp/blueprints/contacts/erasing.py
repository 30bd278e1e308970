"""Erasing a person on request: a page that says what goes, what stays, and asks once."""

from flask import Response, flash, url_for

from webapp.blueprints.contacts.forms import EraseForm
from webapp.blueprints.contacts.views import bp
from webapp.db import transaction, utc_now
from webapp.models import Contact
from webapp.services import erasure
from webapp.web.access import for_admins, load, me
from webapp.web.htmx import render, see_other


@bp.route("/data/contacts/<int:contact_id>/erase", methods=["GET", "POST"])
@for_admins
def erase(contact_id: int) -> Response:
    contact = load(Contact, contact_id)
    here = url_for(".show", contact_id=contact.id)
    form = EraseForm()
    if contact.is_erased:
        flash("This person is erased already.", "info")
        return see_other(here)
    if form.validate_on_submit():
        with transaction():
            erasure.erase(contact, by=me(), now=utc_now())
        flash("The person is erased. Their opt-outs still hold.")
        return see_other(here)
    return render("contacts/erase.html", form=form, contact=contact)
