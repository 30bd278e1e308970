"""The poll of a contact's page: 204 while nothing has changed."""

from flask import Response, request

from webapp.blueprints.contacts import shown
from webapp.blueprints.contacts.views import bp
from webapp.models import Contact
from webapp.services import contact_live, contact_standing
from webapp.web.access import for_admins, load
from webapp.web.htmx import render


@bp.route("/data/contacts/<int:contact_id>/live")
@for_admins
def live(contact_id: int) -> Response:
    """Whether the contact can be texted now; what is new on the timeline waits behind a button."""
    contact = load(Contact, contact_id)
    mark = contact_live.mark(contact)
    if mark == request.args.get("since"):
        return Response(status=204)
    verdicts = contact_standing.verdicts(contact)
    cards = [shown.card(contact, verdict) for verdict in verdicts.values()]
    return render("contacts/live.html", contact=contact, cards=cards, mark=mark)
