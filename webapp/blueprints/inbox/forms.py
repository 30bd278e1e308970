"""What is typed and ticked in the inbox."""

import re

from flask import request
from wtforms import BooleanField, HiddenField, IntegerField, SelectMultipleField, TextAreaField
from wtforms.validators import NumberRange, Optional, ValidationError

from webapp.services.reports import LONGEST_NOTE, Filled
from webapp.web.forms import Form, KeyField
from webapp.web.queries import LARGEST_ID, LARGEST_INTEGER

_ANSWER = re.compile(r"answers-(\d{1,18})", re.ASCII)


class BodyForm(Form):
    body = TextAreaField("Message")


class ReplyForm(BodyForm):
    key = KeyField()
    anyway = BooleanField()
    seen = IntegerField(
        widget=HiddenField.widget, validators=[Optional(), NumberRange(0, LARGEST_ID)]
    )
    saved = IntegerField(
        widget=HiddenField.widget, validators=[Optional(), NumberRange(1, LARGEST_INTEGER)]
    )


class NoteForm(Form):
    note = TextAreaField("What should an admin look at?")
    done = BooleanField()


class HintForm(Form):
    message = IntegerField(
        widget=HiddenField.widget, validators=[Optional(), NumberRange(1, LARGEST_ID)]
    )
    undo = BooleanField()


class MoveForm(Form):
    to = IntegerField("Texter", validators=[Optional(), NumberRange(0, LARGEST_ID)])


class ShortcutsForm(Form):
    on = BooleanField("Single keys")


class ReportForm(Form):
    key = KeyField()
    tags = SelectMultipleField("Tags", coerce=int, validate_choice=False)
    note = TextAreaField("Note for the campaign")
    goodbye = BooleanField("Send a goodbye first")
    goodbye_seen = HiddenField()
    archive = BooleanField("Archive this conversation too")

    def validate_tags(self, field: SelectMultipleField) -> None:
        """Ids that no database holds are no tags."""
        if any(not 0 < tag_id <= LARGEST_ID for tag_id in field.data or ()):
            raise ValidationError("This tag isn't in the report any more.")

    def validate_note(self, field: TextAreaField) -> None:
        """A note that does not fit is given back rather than cut."""
        if len(field.data or "") > LONGEST_NOTE:
            raise ValidationError(f"A note can have {LONGEST_NOTE:,} characters at most.")

    def answers(self) -> dict[int, str]:
        """The answers by question id, from the fields answers-<id>."""
        found = ((_ANSWER.fullmatch(name), text) for name, text in request.form.items())
        return {int(match[1]): text.replace("\x00", "") for match, text in found if match}

    def filled(self) -> Filled:
        """The report as it was filled in."""
        return Filled(
            tag_ids=self.tags.data or (),
            answers=self.answers(),
            note=self.note.data or "",
            goodbye=self.goodbye.data,
            goodbye_seen=self.goodbye_seen.data or "",
            archive=self.archive.data,
        )
