"""Adding an opt-out by hand is quick; removing one takes a reason, a page and a confirmation."""

from flask import Response, abort, flash, url_for

from webapp.blueprints.contacts import shown
from webapp.blueprints.contacts.forms import AddOptOutForm, RemoveOptOutForm
from webapp.blueprints.contacts.views import bp
from webapp.db import transaction, utc_now
from webapp.errors import RefusedError
from webapp.models import Contact, OptOutSource, Texting
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import contact_standing, optouts
from webapp.web.access import for_admins, load, me
from webapp.web.htmx import render, see_other


@bp.route("/data/contacts/<int:contact_id>/opt-outs/<kind>", methods=["GET", "POST"])
@for_admins
def add_opt_out(contact_id: int, kind: str) -> Response:
    contact, texting = load(Contact, contact_id), _texting(kind)
    form = AddOptOutForm()
    if form.validate_on_submit():
        with transaction():
            added = optouts.record(
                contact,
                texting,
                source=OptOutSource.ADMIN,
                by=me(),
                note=form.source.data or "",
                now=utc_now(),
            )
        name = BUILT_IN_NAMES[texting]
        if added:
            flash(f"{contact.called} now has {name}. Nothing queued for them will be sent.")
        else:
            flash(f"{contact.called} had {name} already. The request is on the timeline.")
        return see_other(url_for(".show", contact_id=contact.id))
    return render("contacts/add_opt_out.html", form=form, contact=contact, texting=texting)


@bp.route("/data/contacts/<int:contact_id>/opt-outs/<kind>/remove", methods=["GET", "POST"])
@for_admins
def remove_opt_out(contact_id: int, kind: str) -> Response:
    contact, texting = load(Contact, contact_id), _texting(kind)
    form = RemoveOptOutForm()
    if form.validate_on_submit() and _lift(contact, texting, form):
        return see_other(url_for(".show", contact_id=contact.id))
    verdict = contact_standing.verdicts(contact)[texting]
    return render(
        "contacts/remove_opt_out.html",
        form=form,
        contact=contact,
        texting=texting,
        verdict=verdict,
        card=shown.card(contact, verdict),
    )


def _lift(contact: Contact, texting: Texting, form: RemoveOptOutForm) -> bool:
    """Remove the opt-out; False when the form has to be shown again."""
    try:
        with transaction():
            lifted = optouts.lift(
                contact,
                texting,
                reason=form.reason.data or "",
                agreed=form.agreed.data,
                by=me(),
                now=utc_now(),
            )
    except RefusedError as refusal:
        form.refuse(refusal)
        return False
    name = BUILT_IN_NAMES[texting]
    if lifted:
        flash(f"{name} is removed. Your reason is on the timeline.")
    else:
        flash(f"{contact.called} doesn’t have {name}.", "info")
    return True


def _texting(kind: str) -> Texting:
    if kind not in list(Texting):
        abort(404)
    return Texting(kind)
