"""The form for a request that came by another road."""

from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.models import Texting
from webapp.models.tags import BUILT_IN_NAMES
from webapp.web.forms import Form, choices


class MarkForm(Form):
    """An admin agrees that a text asks us to stop."""

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


class CloseForm(Form):
    """An admin says that a text is no request to stop."""

    reason = StringField(
        "Why is it no request?",
        [InputRequired("Say why it is no request to stop."), Length(max=300)],
    )


class ReadForm(Form):
    """A button: nothing is typed."""


class RequestForm(Form):
    phone = StringField("Phone number", [InputRequired("Give the number.")])
    kinds = SelectMultipleField(
        "What should stop?",
        choices=choices(*((kind.value, BUILT_IN_NAMES[kind]) for kind in Texting)),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    source = TextAreaField(
        "How did the request reach you?",
        [InputRequired("Say how this request reached you."), Length(max=1_000)],
    )

    @property
    def chosen(self) -> list[Texting]:
        """The kinds of texting that were ticked."""
        return [Texting(kind) for kind in self.kinds.data or []]
