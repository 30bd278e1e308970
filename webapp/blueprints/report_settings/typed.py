"""What stands on the page: as it is kept, and what is typed there and not saved yet."""

from dataclasses import dataclass
from typing import Any

from flask import request

from webapp.blueprints.report_settings.forms import OptionsForm, QuestionForm
from webapp.models import Action, QuestionKind
from webapp.services import report_settings
from webapp.web.forms import Form

# The fields that are saved by what a button does.
SAVES = {
    "question": ("label", "kind", "choices"),
    "options": ("note_asked", "goodbye", "goodbye_text"),
    "offer": ("offered",),
}


@dataclass(frozen=True)
class Typed:
    """The fields of the page, and whether any of them holds what is not saved."""

    question: QuestionForm
    options: OptionsForm
    is_asking: bool  # a question is half typed
    is_unsaved: bool


def is_whole() -> bool:
    """Whether all that stands on the page came along; a button elsewhere brings none of it."""
    return "goodbye_text" in request.form


def typed(action: Action, *, refused: Form | None = None, saved: str = "") -> Typed:
    """The fields with what came along, but for what the button has `saved`.

    A form that was `refused` comes back as it is, with its errors.
    """
    kept = _kept(action)
    came: dict[str, Any] = {"data": kept} if is_whole() else {"data": kept, "formdata": None}
    question = refused if isinstance(refused, QuestionForm) else QuestionForm(**came)
    options = refused if isinstance(refused, OptionsForm) else OptionsForm(**came)
    fields = {field.name: field for form in (question, options) for field in form}
    for name in SAVES.get(saved, ()):
        fields[name].data = kept[name]
    unsaved = {name for name, value in kept.items() if fields[name].data != value}
    is_asking = bool(unsaved.intersection(SAVES["question"]) or question.errors)
    return Typed(question, options, is_asking, bool(unsaved))


def _kept(action: Action) -> dict[str, Any]:
    shown = report_settings.tags_of(action)
    return {
        "label": "",
        "kind": QuestionKind.CHOICE.value,
        "choices": "",
        "note_asked": action.note_asked,
        "goodbye": action.goodbye,
        "goodbye_text": report_settings.suggested_goodbye(action),
        "offered": any(tag.opts_out_of not in (None, action.texting) for tag in shown),
    }
