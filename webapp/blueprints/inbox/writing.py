"""Writing to a contact: the reply, its draft, and what happens when the contact has left."""

from flask import Response, g, request

from webapp.blueprints.inbox import pages, panes, shown
from webapp.blueprints.inbox.forms import BodyForm, ReplyForm
from webapp.blueprints.inbox.panes import Composed
from webapp.blueprints.inbox.places import find, url_of
from webapp.blueprints.inbox.views import bp
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError, RefusedError
from webapp.models import Closed, Conversation, Message
from webapp.services import replies, threads
from webapp.web.access import for_texters, me
from webapp.web.forms import new_key
from webapp.web.htmx import render, see_other, wants_part


@bp.errorhandler(replies.ClosedError)
def closed(refusal: replies.ClosedError) -> Response:
    """Whatever was about to be written: the contact asked to stop, and nothing was sent."""
    conversation = find((request.view_args or {})["conversation_id"], hidden=True)
    if refusal.closed is Closed.STOP_WORD:
        return pages.ended(conversation)
    says = f"{refusal} Your message was not sent."
    if not wants_part():
        return pages.show(conversation, says=says, status=409)
    thread = panes.thread(conversation, Composed(), now=utc_now())
    context = {"thread": thread, "says": says, **pages.marks()}
    return render("inbox/_closed.html", status=409, **context)


@bp.route("/inbox/<int:conversation_id>/reply", methods=["POST"])
@for_texters
def reply(conversation_id: int) -> Response:
    conversation = writable(conversation_id)
    form = ReplyForm()
    if not form.validate():
        return _again(conversation, form, error="The message couldn’t be read. Try again.")
    try:
        with transaction():
            sent = replies.reply(
                conversation,
                form.body.data or "",
                key=form.key.data,
                by=me(),
                now=utc_now(),
                anyway=form.anyway.data,
                seen=form.seen.data,
                saved_id=form.saved.data,
            )
    except replies.ClosedError:
        raise
    except replies.PossibleRequestError as question:
        return _again(conversation, form, ask=str(question), status=409)
    except RefusedError as refusal:
        status = 422 if isinstance(refusal, InvalidError) else 409
        return _again(conversation, form, error=str(refusal), status=status)
    return _sent(conversation, sent, form.seen.data)


@bp.route("/inbox/<int:conversation_id>/draft", methods=["POST"])
@for_texters
def draft(conversation_id: int) -> Response:
    """Kept while somebody types; the answer is what its mark says from then on."""
    conversation = writable(conversation_id)
    form, says = BodyForm(), ""
    if form.validate():
        with transaction():
            replies.save_draft(conversation, form.body.data or "", by=me(), now=utc_now())
        says = "Draft saved" if (form.body.data or "").strip() else ""
    if not wants_part():
        return see_other(url_of(conversation))
    return Response(says, mimetype="text/plain")


def writable(conversation_id: int) -> Conversation:
    """A conversation to write in; ClosedError for one that ended with a stop word."""
    conversation = find(conversation_id, hidden=True)
    if conversation.is_hidden:
        who = threads.contact_of(conversation).called
        raise replies.ClosedError(f"{who} asked to stop.", Closed.STOP_WORD)
    return conversation


def _again(
    conversation: Conversation,
    form: ReplyForm,
    *,
    error: str = "",
    ask: str = "",
    status: int = 422,
) -> Response:
    """The composer with what was typed, and why it was not sent."""
    composed = Composed(form.body.data or "", error, ask, form.saved.data)
    if not wants_part():
        return pages.show(conversation, composed=composed, status=status)
    return _answer(conversation, None, form.seen.data, composed, status)


def _sent(conversation: Conversation, sent: Message, seen: int | None) -> Response:
    if not wants_part():
        return see_other(url_of(conversation))
    return _answer(conversation, sent, seen, Composed(), 200)


def _answer(
    conversation: Conversation,
    sent: Message | None,
    seen: int | None,
    composed: Composed,
    status: int,
) -> Response:
    """The texts since the last one on the screen, the composer's state, the counts."""
    contact = threads.contact_of(conversation)
    fresh = threads.newer(conversation, than=seen) if seen else [sent] if sent else []
    return render(
        "inbox/_written.html",
        status=status,
        conversation=conversation,
        who=contact.called,
        bubbles=shown.bubbles(fresh, contact, me(), g.campaign.own_words),
        last_id=threads.last_id(conversation),
        hint=panes.hint(conversation, threads.action_of(conversation)),
        composed=composed,
        key=new_key(),
        sent=sent,
        **pages.marks(),
    )
