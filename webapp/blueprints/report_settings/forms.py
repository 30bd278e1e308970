"""The forms of Report Settings: a new question, and the switches."""

from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from webapp.models import QuestionKind
from webapp.web import forms
from webapp.web.forms import Form


class QuestionForm(Form):
    label = StringField(
        "Question",
        [
            InputRequired("Write a question of at most 120 characters."),
            Length(max=120, message="Write a question of at most 120 characters."),
        ],
    )
    kind = RadioField(
        "Answer",
        choices=forms.choices(
            (QuestionKind.CHOICE.value, "One of these"), (QuestionKind.TEXT.value, "A text")
        ),
        default=QuestionKind.CHOICE.value,
    )
    choices = TextAreaField("Choices, one on each line", [Length(max=2_000)])


class OptionsForm(Form):
    note_asked = BooleanField("Note for the campaign")
    goodbye = BooleanField("Offer to send a goodbye first")
    goodbye_text = TextAreaField("Words of the goodbye", [Length(max=2_000)])
    offered = BooleanField("Offer the other opt-out tag too")  # saved by a button of its own
