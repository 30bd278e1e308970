"""One picture of one text."""

from mimetypes import guess_extension

from flask import Response, abort, current_app, g

from webapp.carriers.base import CarrierError, Media, MediaError
from webapp.db import db
from webapp.errors import ConflictError
from webapp.jobs import carrier_of
from webapp.models import Message
from webapp.services import threads
from webapp.web.access import campaign_blueprint, for_texters, load, me
from webapp.web.errors import answer
from webapp.web.limits import limit_fetching
from webapp.web.logs import log

bp = campaign_blueprint("pictures", __name__)

# A picture is a file of somebody else's: it may do nothing, wherever it is opened.
SANDBOX = "default-src 'none'; style-src 'none'; script-src 'none'; sandbox"


@bp.route("/texts/<int:message_id>/pictures/<int:place>")
@for_texters
@limit_fetching
def show(message_id: int, place: int) -> Response:
    """Fetch the picture from the carrier and hand it on; texters see those of their threads.

    404 for a text without so many pictures, 409 with a sentence when the carrier has it no
    more or it is of a type that is not handed out, 503 when it may be tried again.
    """
    message = load(Message, message_id)
    admin = g.membership.role.runs_campaign
    if not threads.may_be_read(message, texter=None if admin else me()):
        abort(404)
    if not 1 <= place <= len(message.media):
        abort(404)
    url = message.media[place - 1]
    db.session.rollback()  # Nothing is held open while the carrier takes its time.
    try:
        media = carrier_of(current_app).fetch_media(url)
    except MediaError as error:
        raise ConflictError(str(error)) from error
    except CarrierError as error:
        log.warning("picture not fetched", message=message_id, why=str(error))
        said = "The carrier did not hand it out just now. Try again in a moment."
        return answer(503, heading="The picture could not be fetched", reason=said)
    return _as_file(media, f"picture-{message_id}-{place}")


def _as_file(media: Media, name: str) -> Response:
    ending = guess_extension(media.content_type) or ""
    kind = "inline" if media.is_inline else "attachment"
    response = Response(media.content, content_type=media.content_type)
    response.headers["Content-Disposition"] = f'{kind}; filename="{name}{ending}"'
    response.headers["Content-Security-Policy"] = SANDBOX
    return response
