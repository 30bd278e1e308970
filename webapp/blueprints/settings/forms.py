"""The campaign's settings as forms."""

from typing import Any

from wtforms import (
    BooleanField,
    FloatField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from webapp.models import Answerer, NumberKind
from webapp.services import fallbacks
from webapp.web.forms import Form, KeyField, choices
from webapp.web.zones import ZONES

WORD = Length(max=fallbacks.LONGEST, message="Use %(max)d characters or fewer.")
TEXT = Length(min=1, max=300, message="Use 1 to 300 characters.")


class CampaignForm(Form):
    name = StringField("Campaign name", [InputRequired("Enter a name."), Length(max=80)])
    organization = StringField(
        "Organization", [InputRequired("Enter who the texts are from."), Length(max=80)]
    )
    time_zone = SelectField("Time zone", choices=choices(*ZONES))

    @property
    def values(self) -> dict[str, Any]:
        """What campaigns.change takes."""
        return {name: value for name, value in self.data.items() if name != "csrf_token"}


class TextingForm(Form):
    # Fields that the campaign has under the same name.
    OF_CAMPAIGN = (
        "hours",
        "replies_keep_hours",
        "recontact_lock_hours",
        "one_opt_out_stops_both",
        "confirmation_text",
        "goodbye_text",
        "help_text",
    )
    hours = StringField("Texting hours", [InputRequired("Enter a span of hours.")])
    replies_keep_hours = BooleanField("Replies keep these hours too")
    recontact_lock_hours = IntegerField(
        "Hours between first texts of different actions",
        [NumberRange(0, 336, "Use 0 (off) to 336 hours.")],
    )
    one_opt_out_stops_both = BooleanField("One opt-out stops both kinds of texting")
    confirmation_text = TextAreaField("Opt-out confirmation", [TEXT])
    goodbye_text = TextAreaField("Goodbye text of new actions", [TEXT])
    help_text = TextAreaField("Answer to HELP", [TEXT])
    first_name = StringField("If the first name is missing", [WORD])
    last_name = StringField("If the last name is missing", [WORD])
    city = StringField("If the city is missing", [WORD])
    fallbacks = TextAreaField("If another merge field is missing", [Length(max=2_000)])

    @property
    def values(self) -> dict[str, Any]:
        """What campaigns.change takes. InvalidError (field "fallbacks") for a line that is odd.

        Whatever stood in the box before and is gone from it is taken away.
        """
        values = {name: value for name, value in self.data.items() if name != "csrf_token"}
        before = fallbacks.read(self.fallbacks.object_data or "")
        words = dict.fromkeys(before, "") | fallbacks.read(values["fallbacks"] or "")
        words |= {name: values.pop(name) or "" for name in fallbacks.USUAL}
        return values | {"fallbacks": words}


class OptInWordForm(Form):
    word = StringField(
        "Add a keyword", [InputRequired("Type a word."), Length(max=80, message="It is too long.")]
    )


class OptInTextForm(Form):
    opt_in_text = TextAreaField(
        "Confirmation text", [Length(max=300, message="Use %(max)d characters at most.")]
    )


class NumberForm(Form):
    phone = TelField("Phone number", [InputRequired("Enter a phone number."), Length(max=40)])
    kind = SelectField(
        "Texts from it",
        choices=choices(
            (NumberKind.P2P.value, "Peer-to-peer"),
            (NumberKind.BROADCAST.value, "Broadcast"),
            (NumberKind.BOTH.value, "Both"),
        ),
    )
    rate = FloatField("Texts a second", [Optional()])
    confirmation_by = SelectField(
        "Who confirms an opt-out",
        choices=choices(
            (Answerer.CARRIER.value, "The carrier"),
            (Answerer.HEED.value, "Heed"),
            (Answerer.NOBODY.value, "Nobody"),
        ),
    )
    help_by = SelectField(
        "Who answers HELP",
        choices=choices(
            (Answerer.CARRIER.value, "The carrier"),
            (Answerer.HEED.value, "Heed"),
            (Answerer.NOBODY.value, "Nobody"),
        ),
    )


class SelfTextForm(Form):
    number = SelectField("From", coerce=int, validate_choice=False, default=0)
    phone = TelField("Your own phone", [InputRequired("Enter a phone number."), Length(max=40)])
    is_mine = BooleanField("This phone is mine, or its owner asked me for this text.")
    key = KeyField()


class StopWordForm(Form):
    word = StringField("New stop word", [DataRequired("Enter a word."), Length(max=80)])
    anyway = HiddenField("")  # the replay was seen


class TryForm(Form):
    text = StringField("A message", [DataRequired("Type a message to try.")])
