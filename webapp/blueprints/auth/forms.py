"""What people type to sign in, to join and to change their account."""

from wtforms import BooleanField, EmailField, HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from webapp.web.forms import Form, choices

EMAIL = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
NAME = {"autocomplete": "name"}
# Longer ones are cut where they are checked, so that they are refused in the same words.
TYPED = Length(max=1000)


class SignInForm(Form):
    email = EmailField("Email", [InputRequired("Enter your email.")], render_kw=EMAIL)
    password = PasswordField("Password", [InputRequired("Enter your password."), TYPED])
    next = HiddenField()


class CodeForm(Form):
    code = StringField(
        "Join code",
        [InputRequired("Enter the code your campaign gave you."), Length(max=20)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class NewPasswordForm(Form):
    password = PasswordField("New password", [InputRequired("Choose a password."), TYPED])


class JoinForm(Form):
    name = StringField(
        "Your name", [InputRequired("Enter your name."), Length(max=80)], render_kw=NAME
    )
    email = EmailField(
        "Email", [InputRequired("Enter your email."), Length(max=254)], render_kw=EMAIL
    )
    password = PasswordField("Password", [InputRequired("Choose a password."), TYPED])


class PreferencesForm(Form):
    name = StringField(
        "Your name", [InputRequired("Enter your name."), Length(max=80)], render_kw=NAME
    )
    theme = RadioField(
        "Theme",
        choices=choices(("system", "As this device"), ("light", "Light"), ("dark", "Dark")),
    )
    shortcuts = BooleanField("Keyboard shortcuts")
    archives_on_report = BooleanField("Archive a conversation when I send its report")


class ChangePasswordForm(Form):
    present = PasswordField(
        "Present password", [InputRequired("Enter your present password."), TYPED]
    )
    password = PasswordField("New password", [InputRequired("Choose a new password."), TYPED])
