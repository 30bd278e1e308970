"""The forms of an automated action."""

import re

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from webapp.services.scripts import LONGEST_TEXT
from webapp.web.forms import Form, checkbox_list, choices

EVERYONE, CHOSEN = "everyone", "chosen"
_BETWEEN = re.compile(r"[,;\n]")


class AutomationForm(Form):
    name = StringField(
        "Name",
        [
            InputRequired("Give the action a name."),
            Length(max=80, message="The name can have %(max)d characters at most."),
        ],
    )
    keywords = StringField("Keywords", [Length(max=900)])
    opts_in = BooleanField("These keywords opt people in")
    answer = TextAreaField("Answer", [Length(max=LONGEST_TEXT)])
    tags = checkbox_list("Tags it adds")
    number = SelectField("Number people text", coerce=int, validate_choice=False)
    who = RadioField(
        "Texters",
        choices=choices(
            (EVERYONE, "Every texter on the team"), (CHOSEN, "Only the people I choose")
        ),
        default=EVERYONE,
    )
    texters = checkbox_list("People")

    @property
    def words(self) -> list[str]:
        """The keywords as they were typed, one by one."""
        return [word.strip() for word in _BETWEEN.split(self.keywords.data or "") if word.strip()]


class TurnOnForm(Form):
    acknowledge = BooleanField("Turn it on without a way for texters to record opt-outs")
