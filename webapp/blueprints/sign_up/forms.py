"""What admins write in a sign-up form, and what people type into one."""

from wtforms import SelectField, StringField, TelField, TextAreaField
from wtforms.validators import InputRequired, Length

from webapp.services.signups import LONGEST_INTRO, LONGEST_TITLE
from webapp.web.forms import Form


class SignupFormForm(Form):
    title = StringField(
        "Title",
        [
            InputRequired("Give the form a title."),
            Length(max=LONGEST_TITLE, message="The title can have %(max)d characters at most."),
        ],
    )
    intro = TextAreaField("Introduction", [Length(max=LONGEST_INTRO)])
    keyword = SelectField("Keyword people text", validate_choice=False)
    number = SelectField("To this number", coerce=int, validate_choice=False, default=0)


class SignUpForm(Form):
    first_name = StringField("First name", [Length(max=80)])
    last_name = StringField("Last name", [Length(max=80)])
    phone = TelField("Cell phone", [InputRequired("Enter a phone number."), Length(max=40)])
