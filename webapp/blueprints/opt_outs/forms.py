"""Forms of the ledger: a request from elsewhere, a file of them, an admin's decision."""

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.models import Texting
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import optout_imports
from webapp.web.forms import Form, choices


class MarkForm(Form):
    """What should stop: of a text that an admin takes for a request."""

    kinds = SelectMultipleField(
        "What should stop?",
        choices=choices(*((kind.value, BUILT_IN_NAMES[kind]) for kind in Texting)),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )

    @property
    def chosen(self) -> list[Texting]:
        """The kinds of texting that were ticked."""
        return [Texting(kind) for kind in self.kinds.data or []]


class RequestForm(MarkForm):
    """A request that came by another road."""

    phone = StringField("Phone number", [InputRequired("Give the number.")])
    source = TextAreaField(
        "How did the request reach you?",
        [InputRequired("Say how this request reached you."), Length(max=1_000)],
    )


class UploadForm(MarkForm):
    """A file of opt-outs from another system."""

    file = FileField("File", [FileRequired("Choose a CSV file.")])
    source = StringField(
        "Where do these requests come from?",
        [
            InputRequired("Say where these requests came from."),
            Length(max=optout_imports.LONGEST_NOTE),
        ],
    )


class CloseForm(Form):
    """An admin says that a text is no request to stop."""

    reason = StringField(
        "Why is it no request?",
        [InputRequired("Say why it is no request to stop."), Length(max=300)],
    )


class PlainForm(Form):
    """A button: nothing is typed."""
