"""Webhooks: verify, parse, one transaction, commit, and only then 200."""

from flask import Blueprint, Response, abort, current_app, request

from webapp.blueprints.webhooks import arrivals
from webapp.blueprints.webhooks.arrivals import surely
from webapp.carriers.base import BadWebhookError, Carrier, Inbound, Webhook
from webapp.config import Settings
from webapp.db import utc_now
from webapp.jobs import carrier_of
from webapp.services import settlement
from webapp.web.access import public
from webapp.web.logs import log

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")

EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@bp.post("/<provider>/inbound")
@public
def receive(provider: str) -> Response:
    """An incoming text, for carriers that wait for an answer in TwiML; see `hear`."""
    _hear(provider)
    return Response(EMPTY_TWIML, content_type="text/xml")


@bp.post("/<provider>/status")
@public
def report(provider: str) -> Response:
    """A delivery report; ones of unknown texts, or out of order, answer 204 all the same."""
    _hear(provider)
    return Response(status=204)


@bp.post("/<provider>")
@public
def hear(provider: str) -> Response:
    """Texts, reports and whatever else, for carriers that have one address for all of it.

    200 only after the commit: what is acknowledged is on disk (G2). 403 for a signature that is
    missing or wrong, 404 for a provider that is not in use or has another address, 400 when the
    call cannot be read or names no sender or no id. The same again answers 200 and changes
    nothing, and so does what does not concern texts.
    """
    _hear(provider)
    return Response("", content_type="text/plain")


def _hear(provider: str) -> None:
    carrier, webhook = _verified(provider)
    try:
        news = carrier.parse(webhook)
    except BadWebhookError as error:
        abort(400, str(error))
    if isinstance(news, Inbound):
        arrivals.take_in(news)
    elif news is not None:
        told = news
        surely(lambda: settlement.report(told, now=utc_now()))


def _verified(provider: str) -> tuple[Carrier, Webhook]:
    """The carrier in use and this call, its signature checked over the public address."""
    settings: Settings = current_app.extensions["settings"]
    carrier = carrier_of(current_app)
    ways = (carrier.inbound_path, carrier.status_path)
    if provider != carrier.name or settings.practice or request.path not in ways:
        abort(404)
    query = request.query_string.decode("latin-1")
    url = settings.public_url + request.path + (f"?{query}" if query else "")
    webhook = Webhook(url, dict(request.headers), request.get_data(cache=False))
    if not carrier.verify(webhook):
        log.warning("webhook refused", provider=provider, why="signature")
        abort(403)
    return carrier, webhook
