"""What is typed on the demo phone."""

from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from webapp.web.forms import Form


class PhoneForm(Form):
    phone = HiddenField(validators=[Length(max=40)])
    number = HiddenField(validators=[Length(max=20)])


class TextForm(Form):
    phone = HiddenField(validators=[InputRequired(), Length(max=40)])
    number = HiddenField(validators=[Length(max=20)])
    body = TextAreaField("Text", [DataRequired("Type a text first."), Length(max=1600)])
