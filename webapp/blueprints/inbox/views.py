"""The inbox: the list, a conversation, the contact, saved replies. Reading changes nothing."""

from flask import Response

from webapp.blueprints.inbox import pages
from webapp.blueprints.inbox.panels import Side
from webapp.blueprints.inbox.places import find
from webapp.web.access import campaign_blueprint, for_texters

bp = campaign_blueprint("inbox", __name__)


@bp.route("/inbox")
@for_texters
def index() -> Response:
    return pages.show(None, view="list")


@bp.route("/inbox/<int:conversation_id>")
@for_texters
def conversation(conversation_id: int) -> Response:
    """A thread; 404 for other people's, and for those that ended with a stop word."""
    return pages.show(find(conversation_id))


@bp.route("/inbox/<int:conversation_id>/contact")
@for_texters
def contact(conversation_id: int) -> Response:
    return pages.show(find(conversation_id), view="report", side=Side.CONTACT)


@bp.route("/inbox/<int:conversation_id>/replies")
@for_texters
def replies(conversation_id: int) -> Response:
    return pages.show(find(conversation_id), view="report", side=Side.REPLIES)
