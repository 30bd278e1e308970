"""What a texter presses on the pages for first texts."""

from wtforms import HiddenField, IntegerField, RadioField
from wtforms.validators import NumberRange

from webapp.services.aside import Wrong
from webapp.web.forms import Form, KeyField, choices
from webapp.web.queries import LARGEST_ID

WRONGS = choices(
    (Wrong.NAME.value, "The name looks wrong"),
    (Wrong.TEXT.value, "The text looks wrong"),
    (Wrong.OTHER.value, "Something else"),
)


class RecipientForm(Form):
    recipient = IntegerField(widget=HiddenField.widget, validators=[NumberRange(1, LARGEST_ID)])


class SendForm(RecipientForm):
    key = KeyField()


class FlagForm(RecipientForm):
    wrong = RadioField("What is wrong?", choices=WRONGS, default=Wrong.NAME.value)
