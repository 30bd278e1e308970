"""What somebody types who sets Heed up."""

from wtforms import EmailField, PasswordField, SelectField, StringField, TelField
from wtforms.validators import InputRequired, Length

from webapp.web.forms import Form, choices
from webapp.web.zones import ZONES


class SetupCodeForm(Form):
    code = StringField(
        "Set-up code",
        [InputRequired("Enter the code from the console."), Length(max=40)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class FirstCampaignForm(Form):
    campaign = StringField(
        "Campaign name",
        [InputRequired("Enter the campaign's name."), Length(max=80)],
        render_kw={"autocomplete": "organization"},
    )
    time_zone = SelectField("Time zone", choices=choices(*ZONES))
    organization = StringField("Organization", [Length(max=80)])


class OwnerForm(Form):
    name = StringField(
        "Your name",
        [InputRequired("Enter your name."), Length(max=80)],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        "Email",
        [InputRequired("Enter your email."), Length(max=254)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField("Password", [InputRequired("Choose a password."), Length(max=1000)])


class FirstNumberForm(Form):
    phone = TelField("Phone number", [InputRequired("Enter a phone number."), Length(max=40)])
