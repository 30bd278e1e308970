"""First texts: choose an action, get a batch, send one text with one tap."""

from typing import Any

from flask import Response, abort, flash, g, request, url_for

from webapp.blueprints.text import listing
from webapp.blueprints.text.cards import Shown, card
from webapp.blueprints.text.forms import FlagForm, RecipientForm, SendForm
from webapp.db import transaction, utc_now
from webapp.errors import ForbiddenError, RefusedError
from webapp.models import Action, ActionKind, ActionState
from webapp.services import action_days, actions, aside, batch_hours, batches, shifts
from webapp.web import opening
from webapp.web.access import campaign_blueprint, for_texters, load, me
from webapp.web.forms import new_key
from webapp.web.htmx import render, see_other, wants_part

bp = campaign_blueprint("text", __name__)

STALE = "This page was out of date. Nothing was sent."


@bp.route("/text")
@for_texters
def index() -> Response:
    now = utc_now()
    found = shifts.of_texter(g.campaign, me(), now=now)
    return render("text/index.html", shifts=found, **listing.context(found, now=now))


@bp.route("/text/<int:running_id>")
@for_texters
def action(running_id: int) -> Response:
    return _action_page(running_action(running_id))


@bp.route("/text/<int:running_id>/batch", methods=["POST"])
@for_texters
def batch(running_id: int) -> Response:
    found = running_action(running_id)
    try:
        with transaction():
            batches.take_batch(found, me(), now=utc_now())
    except RefusedError as refusal:
        return _action_page(found, says=str(refusal), status=409)
    return see_other(url_for(".send", running_id=running_id))


@bp.route("/text/<int:running_id>/send", methods=["GET", "POST"])
@for_texters
def send(running_id: int) -> Response:
    """One contact, the exact text, one button: one human act per text."""
    found = running_action(running_id)
    form = SendForm()
    if request.method == "GET":
        return _card_page(found)
    if not form.validate():
        return _card_page(found, says=STALE, status=422)
    try:
        with transaction():
            outcome = batches.send_first(
                found, form.recipient.data, me(), key=form.key.data, now=utc_now()
            )
    except RefusedError as refusal:
        return _card_page(found, says=str(refusal), status=409)
    if outcome.skipped:
        return _onward(found, says=outcome.skipped)
    return _onward(found, done=f"Sent to {outcome.contact.called}.")


@bp.route("/text/<int:running_id>/skip", methods=["POST"])
@for_texters
def skip(running_id: int) -> Response:
    found = running_action(running_id)
    form = RecipientForm()
    if not form.validate():
        return _card_page(found, says=STALE, status=422)
    with transaction():
        aside.skip(found, form.recipient.data, me())
    return _onward(found, done="Skipped for now.")


@bp.route("/text/<int:running_id>/flag", methods=["POST"])
@for_texters
def flag(running_id: int) -> Response:
    """Something looks wrong: tell the admins, and go on with the next person."""
    found = running_action(running_id)
    form = FlagForm()
    if not form.validate():
        return _card_page(found, says=STALE, status=422)
    with transaction():
        wrong = aside.Wrong(form.wrong.data)
        flagged = aside.flag(found, form.recipient.data, me(), wrong, now=utc_now())
    says = "Told an admin. This person comes back at the end of your batch." if flagged else STALE
    return _onward(found, says=says)


def running_action(action_id: int) -> Action:
    """A peer-to-peer action that this person may text for; 404 for drafts, 403 for others'."""
    found = load(Action, action_id)
    if found.kind is not ActionKind.P2P or found.state is ActionState.DRAFT:
        abort(404)
    if not actions.is_texter_of(found, me()):
        raise ForbiddenError("You aren't on this action.")
    return found


def _action_page(found: Action, *, says: str = "", status: int = 200) -> Response:
    now, in_batch = utc_now(), batches.open_count(found, me())
    wait = batch_hours.wait(found, me(), g.campaign, in_batch=in_batch, now=now)
    return render(
        "text/action.html",
        status=status,
        action=found,
        shut=action_days.why_closed(found, now=now),
        in_batch=in_batch,
        until=listing.until(wait, now=now),
        is_locked=wait is not None and wait.is_locked,
        hours=opening.span(g.campaign),
        summary=shifts.summary(found, me()),
        sample=shifts.sample(found, me()),
        paused_by=shifts.paused_by(found),
        says=says,
    )


def _card_page(found: Action, *, says: str = "", done: str = "", status: int = 200) -> Response:
    shown = card(found, me(), g.campaign, now=utc_now())
    if status == 409 and shown.shown not in (Shown.SEND, Shown.DONE):
        says = ""  # The page itself says why nothing goes out.
    context = card_context(found) | {"card": shown, "says": says, "done": done}
    return render("text/send.html", "text/_card.html", status=status, **context)


def _onward(found: Action, *, says: str = "", done: str = "") -> Response:
    """The next card for HTMX; without it back to the page, which says what happened."""
    if wants_part():
        return _card_page(found, says=says, done=done)
    if says:
        flash(says, "info")
    return see_other(url_for(".send", running_id=found.id))


def card_context(found: Action) -> dict[str, Any]:
    return {
        "action": found,
        "key": new_key(),
        "flag_form": FlagForm(formdata=None),
        "is_part": wants_part(),
        "says": "",
        "done": "",
        "oob": False,
    }
