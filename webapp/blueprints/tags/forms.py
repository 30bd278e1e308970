"""The form of a tag."""

from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from webapp.services.tags import LONGEST_NAME
from webapp.texting import names
from webapp.web.forms import Form


class TagForm(Form):
    name = StringField(
        "Tag name",
        [
            InputRequired("Give the tag a name."),
            Length(max=LONGEST_NAME, message="The name can have %(max)d characters at most."),
        ],
    )
    description = StringField("When should texters use it?", [Length(max=300)])
    understood = BooleanField("I understand this tag doesn’t stop texts")

    @property
    def looks_built_in(self) -> bool:
        """Whether the typed name was refused because it imitates an opt-out tag."""
        return bool(self.name.errors) and names.judge(self.name.data or "") is names.Verdict.REFUSED

    @property
    def sounds_risky(self) -> bool:
        """Whether the typed name contains an opt-out word, so that it has to be understood."""
        return names.judge(self.name.data or "") is names.Verdict.RISKY
