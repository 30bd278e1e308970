"""The form that corrects a report; its tags and questions are those of the action."""

from typing import Any

from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.core import Field
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.models import Question, QuestionKind, Tag
from webapp.services.reports import LONGEST_NOTE, Filled
from webapp.web.forms import Form, KeyField, choices


class CorrectionForm(Form):
    key = KeyField()
    tags = SelectMultipleField(
        "Tags",
        coerce=int,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    note = TextAreaField("Note", [Length(max=LONGEST_NOTE)])
    reason = StringField(
        "Why do you correct this report?",
        [InputRequired("Say why you correct this report."), Length(max=300)],
    )
    answers: dict[int, Field]

    def filled(self) -> Filled:
        """What was typed, as services.reports takes it."""
        given = {number: field.data or "" for number, field in self.answers.items()}
        return Filled(tag_ids=self.tags.data, answers=given, note=self.note.data or "")


def correction_form(
    offered: list[Tag], questions: list[Question], values: dict[str, Any]
) -> CorrectionForm:
    """The form with a field for each question: answers-<id>."""
    fields = {f"answers-{question.id}": _field(question) for question in questions}
    form: CorrectionForm = type("QuestionsForm", (CorrectionForm,), fields)(data=values)
    form.tags.choices = choices(*((tag.id, tag.name) for tag in offered))
    form.answers = {question.id: form[f"answers-{question.id}"] for question in questions}
    return form


def _field(question: Question) -> Any:
    if question.kind is QuestionKind.TEXT:
        return StringField(question.label, [Length(max=LONGEST_NOTE)])
    given = choices(("", "Not asked"), *((choice, choice) for choice in question.choices))
    return RadioField(question.label, choices=given, default="", validate_choice=False)
