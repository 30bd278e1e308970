"""The inbox: the list, a conversation, the contact, saved replies. Reading changes nothing."""

from flask import Response

from webapp.blueprints.inbox import pages
from webapp.blueprints.inbox.panels import Side
from webapp.blueprints.inbox.places import find
from webapp.web import sessions
from webapp.web.access import campaign_blueprint, for_texters
from webapp.web.htmx import wants_part

bp = campaign_blueprint("inbox", __name__)


@bp.route("/inbox")
@for_texters
def index() -> Response:
    return pages.show(None, view="list")


@bp.route("/inbox/<int:conversation_id>")
@for_texters
def conversation(conversation_id: int) -> Response:
    """A thread; 404 for other people's, and for those that ended with a stop word."""
    return looked_at(conversation_id)


@bp.route("/inbox/<int:conversation_id>/contact")
@for_texters
def contact(conversation_id: int) -> Response:
    return pages.show(find(conversation_id), view="report", side=Side.CONTACT)


@bp.route("/inbox/<int:conversation_id>/replies")
@for_texters
def replies(conversation_id: int) -> Response:
    return pages.show(find(conversation_id), view="report", side=Side.REPLIES)


def looked_at(conversation_id: int, *, view: str = "thread") -> Response:
    """A conversation's page; who was told that it ended is told so again, until they sign out."""
    if not wants_part() and sessions.saw_close(conversation_id):
        found = find(conversation_id, hidden=True)
        if found.is_hidden:
            return pages.ended(found, was_sending=False, status=404)
    return pages.show(find(conversation_id), view=view)
