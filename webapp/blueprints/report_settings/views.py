"""One page; what a button does is in `do`."""

from typing import Any

from flask import Response, abort, flash, g, request, url_for

from webapp.blueprints.report_settings.forms import OptionsForm, QuestionForm
from webapp.blueprints.report_settings.typed import is_whole, typed
from webapp.db import db, transaction, utc_now
from webapp.errors import RefusedError
from webapp.models import Action, Question, QuestionKind, Tag
from webapp.services import actions, overview, report_settings, tags
from webapp.web import queries
from webapp.web.access import campaign_blueprint, for_admins, load, me
from webapp.web.forms import Form
from webapp.web.htmx import render, see_other, wants_part

bp = campaign_blueprint("report_settings", __name__)

PAGE, PART = "report_settings/edit.html", "report_settings/_settings.html"
# What is typed, by what the button does; the others press and type nothing.
FORMS: dict[str, type[Form]] = {"question": QuestionForm, "options": OptionsForm}


@bp.route("/actions/<int:action_id>/report-settings", methods=["GET", "POST"])
@for_admins
def edit(action_id: int) -> Response:
    """Report Settings of an action. A POST carries `do` and what that needs.

    add, remove, up, down: `tag` (an id, in the form or in the address); add may carry `back`
    (show or review: the page to return to). offer: `tag`, `offered` (ticked or not).
    question: `label`, `kind` (choice or text), `choices` (one on each line). drop: `question` (an
    id). options: `note_asked`, `goodbye` (ticked or not), `goodbye_text` (kept as it is when it
    is missing). enter: question, or options without a label. The page is one form: what else is
    typed comes along, and stays typed.
    """
    action = load(Action, action_id)
    if request.method == "GET":
        return render(PAGE, **_parts(action))
    do = _pressed()
    form = FORMS.get(do, Form)()
    try:
        if form.validate():
            with transaction():
                said = _change(action, form, do)
                actions.note_saved(action, now=utc_now())
            return _after(action, do, said)
    except RefusedError as refusal:
        if type(form) is Form:
            raise
        form.refuse(refusal)
    return render(PAGE, PART, status=422, **_parts(action, refused=form))


def _pressed() -> str:
    do = request.form.get("do", "")
    if do == "enter":
        return "question" if request.form.get("label", "").strip() else "options"
    return do


def _change(action: Action, form: Form, do: str) -> str:
    """Do what the pressed button says; returns the sentence that tells it."""
    who: dict[str, Any] = {"by": me(), "now": utc_now()}
    if isinstance(form, QuestionForm):
        kind, choices = QuestionKind(form.kind.data), (form.choices.data or "").splitlines()
        report_settings.add_question(action, form.label.data, kind, choices=choices, **who)
        return "The report asks the question from now on."
    if isinstance(form, OptionsForm):
        asked, goodbye = form.note_asked.data, form.goodbye.data
        words = (form.goodbye_text.data or "") if is_whole() else None
        report_settings.set_options(
            action, note_asked=asked, goodbye=goodbye, goodbye_text=words, **who
        )
        off = goodbye and not action.goodbye
        return "Saved. Without words no goodbye is offered." if off else "Saved."
    if do == "drop":
        report_settings.remove_question(_question(), action, **who)
        return "The question is gone. Reports that answered it keep the answer."
    return _change_tag(action, do, **who)


def _change_tag(action: Action, do: str, **who: Any) -> str:
    if do == "offer":
        do = "add" if request.form.get("offered") else "remove"
    if do not in ("add", "remove", "up", "down"):
        abort(400)
    tag = load(Tag, queries.asked("tag") or 0)
    if do == "add":
        report_settings.show_tag(action, tag, **who)
        return f"{tag.name} is in the report."
    if do == "remove":
        report_settings.hide_tag(action, tag, **who)
        return f"{tag.name} is out of the report."
    report_settings.move_tag(action, tag, up=do == "up", **who)
    return f"{tag.name} moved {do}."


def _question() -> Question:
    number = queries.asked("question", most=queries.LARGEST_INTEGER)
    return db.session.get(Question, number or 0) or abort(404)


def _after(action: Action, do: str, said: str) -> Response:
    back = request.form.get("back")
    if back in ("show", "review"):
        flash(said)
        return see_other(url_for(f"actions.{back}", action_id=action.id))
    parts = _parts(action, saved=do)
    # A redirect would lose what is typed and not saved yet.
    if wants_part() or parts["typed"].is_unsaved:
        return render(PAGE, PART, said=said, **parts)
    return see_other(url_for(".edit", action_id=action.id))


def _parts(action: Action, *, refused: Form | None = None, saved: str = "") -> dict[str, Any]:
    shown = report_settings.tags_of(action)
    return {
        "action": action,
        "form": refused,
        "typed": typed(action, refused=refused, saved=saved),
        "own_tag": report_settings.opt_out_tag(action),
        "shown": shown,
        "hidden": [tag for tag in tags.all_of(g.campaign.id) if tag not in shown],
        "questions": report_settings.questions_of(action),
        "removal": overview.last_removal(action),
        "many": report_settings.MANY_TAGS,
    }
