"""What is typed is trimmed, bounded and free of control codes."""

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import PasswordField, StringField, TextAreaField
from wtforms.validators import Length

from webapp.errors import InvalidError, RefusedError
from webapp.web.forms import Form, KeyField, new_key


class NoteForm(Form):
    class Meta(Form.Meta):
        csrf = False

    name = StringField("Name", [Length(max=5)])
    city = StringField("City")
    note = TextAreaField("Note")
    password = PasswordField("Password")
    key = KeyField()


@pytest.fixture
def fill(app: Flask):
    def filled(**typed: str) -> NoteForm:
        with app.test_request_context():
            form = NoteForm(MultiDict({"key": "abc", **typed}))
            form.validate()
            return form

    return filled


def test_text_is_trimmed_and_a_password_is_not(fill) -> None:
    form = fill(name="  Ana ", note="one\r\ntwo\r", password=" x ")

    assert (form.name.data, form.note.data, form.password.data) == ("Ana", "one\ntwo", " x ")


@pytest.mark.parametrize(
    ("field", "fits", "over"), [("name", 5, 6), ("city", 300, 301), ("note", 5000, 5001)]
)
def test_text_is_bounded(fill, field: str, fits: int, over: int) -> None:
    assert not fill(**{field: "a" * fits}).errors
    assert list(fill(**{field: "a" * over}).errors) == [field]


@pytest.mark.parametrize("field", ["name", "note", "password", "key"])
def test_nul_characters_are_refused(fill, field: str) -> None:
    assert list(fill(**{field: "a\x00b"}).errors) == [field]


def test_the_bound_stands_in_the_page_too(fill) -> None:
    assert 'maxlength="300"' in fill().city()


def test_a_refusal_stands_at_the_field_it_names_or_at_the_head(fill) -> None:
    form = fill()
    form.refuse(InvalidError("Too plain.", field="name"))
    form.refuse(InvalidError("No such field.", field="nothing"))
    form.refuse(RefusedError("Not now."))

    assert form.name.errors == ["Too plain."]
    assert form.form_errors == ["No such field.", "Not now."]
    assert form.errors[""] == ["No such field.", "Not now."]


def test_a_form_without_its_key_is_refused_and_each_page_has_another(fill) -> None:
    assert "key" in fill(key="").errors
    assert "key" in fill(key="k" * 65).errors
    assert len({new_key() for _ in range(100)}) == 100
