"""What is done with a conversation besides writing: read, put away, ask, hand over."""

from flask import Response, flash, g, request, url_for

from webapp.blueprints.inbox import pages, panes
from webapp.blueprints.inbox.forms import HintForm, MoveForm, NoteForm, ShortcutsForm
from webapp.blueprints.inbox.panels import Side
from webapp.blueprints.inbox.places import find, here, url_of, whose
from webapp.blueprints.inbox.views import bp
from webapp.blueprints.inbox.writing import writable
from webapp.db import transaction, utc_now
from webapp.errors import InvalidError
from webapp.models import Conversation
from webapp.services import accounts, members, threads, upkeep
from webapp.web.access import for_admins, for_texters, me
from webapp.web.htmx import part_or_redirect, render, see_other, wants_part


@bp.route("/inbox/<int:conversation_id>/read", methods=["POST"])
@for_texters
def read(conversation_id: int) -> Response:
    """Opening a thread posts this by itself where scripts run; a button does elsewhere.

    When a stop word was quicker than the page's own call, there is nothing to mark, and nothing
    that somebody did was refused: the poll says what happened.
    """
    by_itself = wants_part()
    conversation = find(conversation_id, hidden=True) if by_itself else writable(conversation_id)
    if not conversation.is_hidden:
        with transaction():
            upkeep.mark_read(conversation)
    if by_itself:
        return render("inbox/_counts.html", **pages.marks())
    return see_other(url_of(conversation))


@bp.route("/inbox/<int:conversation_id>/unread", methods=["POST"])
@for_texters
def unread(conversation_id: int) -> Response:
    conversation = writable(conversation_id)
    with transaction():
        upkeep.mark_read(conversation, read=False)
    flash("Marked unread.")
    return see_other(url_for(".index", **here().kept))


@bp.route("/inbox/<int:conversation_id>/archive", methods=["POST"])
@for_texters
def archive(conversation_id: int) -> Response:
    conversation = writable(conversation_id)
    with transaction():
        upkeep.archive(conversation)
    flash("Archived. It comes back when they reply.")
    return see_other(url_for(".index", **here().kept))


@bp.route("/inbox/<int:conversation_id>/unarchive", methods=["POST"])
@for_texters
def unarchive(conversation_id: int) -> Response:
    conversation = writable(conversation_id)
    with transaction():
        upkeep.archive(conversation, archived=False)
    return see_other(url_of(conversation))


@bp.route("/inbox/<int:conversation_id>/dismiss-hint", methods=["POST"])
@for_texters
def dismiss_hint(conversation_id: int) -> Response:
    """Not a request to stop, says the texter; or takes that back."""
    conversation = writable(conversation_id)
    form = HintForm()
    message_id = form.message.data if form.validate() else None
    with transaction():
        if form.undo.data and message_id:
            upkeep.restore_hint(conversation, message_id, by=me(), now=utc_now())
        else:
            upkeep.dismiss_hint(conversation, by=me(), now=utc_now())
    return _hint_slot(conversation, dismissed_id=None if form.undo.data else message_id)


@bp.route("/inbox/<int:conversation_id>/ask-admin", methods=["GET", "POST"])
@for_texters
def ask_admin(conversation_id: int) -> Response:
    """A note for the admins. The texter keeps the conversation; an admin says when it is done."""
    writing = request.method == "POST"
    conversation = writable(conversation_id) if writing else find(conversation_id)
    form = NoteForm()
    if form.is_submitted() and whose() is None and form.done.data:
        with transaction():
            upkeep.answered_question(conversation)
        return see_other(url_of(conversation))
    if form.validate_on_submit():
        try:
            with transaction():
                upkeep.ask_admin(conversation, form.note.data or "", by=me(), now=utc_now())
        except InvalidError as refusal:
            form.refuse(refusal)
        else:
            flash("Told the admins. You keep the conversation.")
            return see_other(url_of(conversation))
    status = 422 if form.errors else 200
    return pages.show(conversation, view="report", side=Side.ASK, status=status, form=form)


@bp.route("/inbox/shortcuts", methods=["POST"])
@for_texters
def shortcuts() -> Response:
    """Switch the single keys of the inbox on or off (WCAG 2.1.4), from the list of them."""
    form = ShortcutsForm()
    person = me()
    if form.validate():
        with transaction():
            accounts.set_preferences(
                person,
                name=person.name,
                theme=person.theme,
                shortcuts=form.on.data,
                archives_on_report=person.archives_on_report,
            )
    return part_or_redirect("inbox/_switch.html", url_for(".index"))


@bp.route("/inbox/<int:conversation_id>/reassign", methods=["POST"])
@for_admins
def reassign(conversation_id: int) -> Response:
    """Give a conversation to another texter, or to nobody; the draft goes along."""
    conversation = find(conversation_id)
    form = MoveForm()
    if not form.validate():
        raise InvalidError("Choose one of the team.")
    to = members.receiver(g.campaign, form.to.data)
    with transaction():
        upkeep.reassign(conversation, to, by=me(), now=utc_now())
    flash(f"{to.name} has the conversation now." if to else "Nobody has the conversation now.")
    return see_other(url_of(conversation, "contact"))


def _hint_slot(conversation: Conversation, *, dismissed_id: int | None) -> Response:
    if not wants_part():
        return see_other(url_of(conversation))
    return render(
        "inbox/_hint.html",
        conversation=conversation,
        hint=panes.hint(conversation, threads.action_of(conversation)),
        dismissed_id=dismissed_id,
        oob=True,
        **pages.marks(),
    )
