"""What admins type about the people of their campaign."""

from wtforms import (
    BooleanField,
    EmailField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
)
from wtforms.validators import InputRequired, Length

from webapp.web.forms import Form, choices

ROLES = choices(("texter", "Texter"), ("admin", "Admin"))


class InviteForm(Form):
    email = EmailField("Email", [InputRequired("Enter their email."), Length(max=254)])
    name = StringField("Name", [InputRequired("Enter their name."), Length(max=80)])
    role = RadioField("Role", choices=ROLES, default="texter")
    asked = BooleanField("I have asked them, and this account is theirs.")


class RoleForm(Form):
    role = RadioField("Role", choices=ROLES)


class MoveForm(Form):
    ids = SelectMultipleField("Conversations", coerce=int, validate_choice=False)
    to = SelectField("Move to", coerce=int, validate_choice=False)
    all = SubmitField("Move all")
