"""The base of every form: what is typed is trimmed, bounded and free of control codes."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    HiddenField,
    PasswordField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.core import Field, UnboundField
from wtforms.form import BaseForm
from wtforms.validators import Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.errors import InvalidError, RefusedError
from webapp.texting import lines

LINE_LENGTH = 300
TEXT_LENGTH = 5000
_PLAIN = {
    "Invalid Choice: could not coerce.": "Choose one of the list.",
    "Invalid choice(s): one or more data inputs could not be coerced.": "Choose from the list.",
    "Not a valid choice.": "Choose one of the list.",
    "Not a valid integer value.": "Enter a whole number.",
    "Not a valid float value.": "Enter a number.",
    "Not a valid decimal value.": "Enter a number.",
}


def new_key() -> str:
    """A fresh idempotency key: the same form sent twice carries the same key."""
    return secrets.token_urlsafe(16)


def choices(*pairs: tuple[str | int, str]) -> list[SelectChoice]:
    """What a select or radio field offers, from pairs (value, words)."""
    return [SelectChoice(value=value, label=words) for value, words in pairs]


def checkbox_list(label: str) -> Any:
    """A list of things by id, as checkboxes."""
    return SelectMultipleField(
        label,
        coerce=int,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )


class _Plain:
    """What the form library says, in plain words."""

    def gettext(self, sentence: str) -> str:
        """Our words for a sentence; its own where we have none."""
        return _PLAIN.get(sentence, sentence)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The same for a sentence with a number."""
        return self.gettext(one if n == 1 else many)


class Form(FlaskForm):
    """A form with the session's token, trimmed text and limits on its length."""

    class Meta(FlaskForm.Meta):
        """Adds the rules to each text field."""

        def get_translations(self, form: BaseForm) -> "_Plain":
            """The sentences of the library in our own words."""
            return _Plain()

        def bind_field(
            self, form: BaseForm, unbound_field: UnboundField, options: Mapping[str, Any]
        ) -> Field:
            """Bind a field; a text field is trimmed, bounded and refuses NUL characters."""
            field = unbound_field.bind(form=form, **options)
            if isinstance(field, StringField):
                _guard(field)
            return field

    def refuse(self, refusal: RefusedError) -> int | None:
        """Show a refusal at the field it names, else at the head of the form.

        Returns the status of the page: 409 when it is not what was typed that is wrong, None for
        that of every form with errors.
        """
        field = self._fields.get(refusal.field) if isinstance(refusal, InvalidError) else None
        if field is None:
            self.form_errors: list[str] = [*self.form_errors, str(refusal)]
        else:
            field.errors = [*field.errors, str(refusal)]
        return None if isinstance(refusal, InvalidError) else 409


class KeyField(HiddenField):
    """The idempotency key of a form."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default=new_key, validators=[Length(min=1, max=64)], **kwargs)


def _guard(field: StringField) -> None:
    if not isinstance(field, PasswordField):
        field.filters = [*field.filters, _trimmed]
    bounds = [rule.max for rule in field.validators if isinstance(rule, Length) and rule.max > 0]
    if not bounds:
        limit = TEXT_LENGTH if isinstance(field, TextAreaField) else LINE_LENGTH
        rule = Length(max=limit, message="Use %(max)d characters or fewer.")
        field.validators = [*field.validators, rule]
        field.flags.maxlength = limit
    field.validators = [_storable, *field.validators]


def _trimmed(value: object) -> object:
    """Text without the space around it, and with plain line ends."""
    if not isinstance(value, str):
        return value
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" not in value:  # That one is refused: it is no slip of the hand.
        value = lines.without_controls(value)
    return value.strip()


def _storable(_form: BaseForm, field: Field) -> None:
    """Refuse NUL characters, which no database stores and no keyboard types."""
    if isinstance(field.data, str) and "\x00" in field.data:
        raise ValidationError("Take out the character that can't be stored.")
