"""The forms of the builder, of the launch, and of a running action."""

from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    FloatField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.core import Field
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from webapp.services.actions import LARGEST_BATCH
from webapp.services.scripts import LONGEST_TEXT
from webapp.web.forms import Form, checkbox_list, choices

EVERYONE, CHOSEN = "everyone", "chosen"
PAUSE, WARN, OFF = "pause", "warn", "off"
NOW, LATER = "now", "later"


class DayField(DateField):
    """A day as the browser's date field writes it, 2026-12-01; empty for none. A form that does
    not send it leaves it as it was.
    """

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it; plain words for what is no day."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Write the day like 2026-12-01.") from None


class DetailsForm(Form):
    name = StringField(
        "Name",
        [
            InputRequired("Give the action a name."),
            Length(max=80, message="The name can have %(max)d characters at most."),
        ],
    )
    instruction = TextAreaField("Instruction to texters", [Length(max=300)])
    number = SelectField("Number to text from", coerce=int, validate_choice=False)
    batch_size = IntegerField(
        "Contacts per batch",
        [
            InputRequired("Give a number."),
            NumberRange(1, LARGEST_BATCH, message="A batch has %(min)d to %(max)d contacts."),
        ],
        default=50,
    )
    first_day = DayField("First day", [Optional()])
    last_day = DayField("Last day", [Optional()])
    own_replies = BooleanField("Texters may write their own replies", default=True)
    who = RadioField(
        "Texters",
        choices=choices((EVERYONE, "Everyone on the team"), (CHOSEN, "Only the people I choose")),
        default=EVERYONE,
    )
    texters = checkbox_list("People")


class BroadcastForm(Form):
    name = StringField(
        "Name",
        [
            InputRequired("Give the broadcast a name."),
            Length(max=80, message="The name can have %(max)d characters at most."),
        ],
    )
    number = SelectField("Number to text from", coerce=int, validate_choice=False)
    own_replies = BooleanField("Texters may write their own replies", default=True)
    who = RadioField(
        "Who gets the replies",
        choices=choices((EVERYONE, "Everyone on the team"), (CHOSEN, "Only the people I choose")),
        default=EVERYONE,
    )
    texters = checkbox_list("People")
    watch = RadioField(
        "When many people opt out",
        choices=choices(
            (PAUSE, "Pause by itself and tell the admins"),
            (WARN, "Go on and tell the admins"),
            (OFF, "Do nothing"),
        ),
        default=PAUSE,
    )
    percent = FloatField("Opt-outs, in percent", [Optional()], default=3)
    after = IntegerField("After so many texts", [Optional()], default=200)


class AudienceForm(Form):
    lists = checkbox_list("Lists")
    with_tags = checkbox_list("Only people with these tags")
    without_tags = checkbox_list("Leave out people with these tags")


class ScriptForm(Form):
    """First texts `text-<n>` and saved replies `title-<n>`, `reply-<n>`, `tag-<n>`."""

    texts: list[Field]
    replies: list[tuple[Field, Field, Field]]


class LaunchForm(Form):
    acknowledge = BooleanField("Launch without a way for texters to record opt-outs")
    confirm_count = IntegerField("People to be texted", [Optional()])
    seen = IntegerField("Seen", [Optional()])
    seen_opted_out = IntegerField("Seen opted out", [Optional()])


class SendForm(LaunchForm):
    """When a broadcast goes out; the review asks it, the page that confirms carries it along."""

    when = RadioField(
        "When to send",
        choices=choices((NOW, "Now"), (LATER, "At a time")),
        default=NOW,
        validate_choice=False,
    )
    at = StringField("Day and time", [Length(max=40)])
    confirm_count = IntegerField("Number of people", [Optional()])


class ResumeForm(Form):
    reason = StringField("Why may it go on?", [Length(max=300)])


class ReleaseForm(Form):
    reason = StringField("Why may it be sent again?", [Length(max=300)])


class ClearFlagForm(Form):
    note = StringField("What did you find?", [Length(max=300)])


class ReassignForm(Form):
    ids = SelectMultipleField("Conversations", coerce=int, validate_choice=False)
    to = SelectField("Move to", coerce=int, validate_choice=False)


def script_form(texts: int, replies: int, values: dict[str, Any]) -> ScriptForm:
    """The form with as many first texts and saved replies, and one empty place more of each."""
    fields: dict[str, Any] = {}
    for n in range(texts + 1):
        label = "First text" if n == 0 else f"Version {chr(ord('A') + n)}"
        fields[f"text-{n}"] = TextAreaField(label, [Length(max=LONGEST_TEXT)])
    for n in range(replies + 1):
        fields[f"title-{n}"] = StringField("Title", [Length(max=40)])
        fields[f"reply-{n}"] = TextAreaField("Text", [Length(max=LONGEST_TEXT)])
        fields[f"tag-{n}"] = SelectField("Marks in the report", coerce=int, default=0)
    form: ScriptForm = type("NumberedScriptForm", (ScriptForm,), fields)(data=values)
    form.texts = [form[f"text-{n}"] for n in range(texts + 1)]
    form.replies = [
        (form[f"title-{n}"], form[f"reply-{n}"], form[f"tag-{n}"]) for n in range(replies + 1)
    ]
    return form
