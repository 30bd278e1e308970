"""What is typed about contacts and imports."""

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from webapp.services import contacts, imports, optouts
from webapp.services.contacts import Person
from webapp.web.forms import Form, choices


class PersonForm(Form):
    first_name = StringField("First name", [Length(max=80)])
    last_name = StringField("Last name", [Length(max=80)])
    state = StringField("State", [Length(max=40)])
    city = StringField("City", [Length(max=80)])
    subscribed = StringField(
        "Where and when did they sign up for broadcasts?",
        [Length(max=contacts.LONGEST_CONSENT)],
    )

    @property
    def person(self) -> Person:
        """What was typed."""
        return Person(
            first_name=self.first_name.data or "",
            last_name=self.last_name.data or "",
            state=self.state.data or "",
            city=self.city.data or "",
            subscribed=self.subscribed.data or "",
        )


class NewContactForm(PersonForm):
    phone = StringField("Phone number", [DataRequired("Give the number.")])


class TagForm(Form):
    tag = SelectField("Add a tag", coerce=int, validate_choice=False, default=0)


class DeleteForm(Form):
    bodies = BooleanField("Also delete what was written in their conversations")


class EraseForm(Form):
    confirm = BooleanField(
        "This person asked to be erased, and I understand that it can’t be undone.",
        [InputRequired("Confirm that this person asked for it.")],
    )


class AddOptOutForm(Form):
    source = TextAreaField(
        "How did the request reach you?",
        [DataRequired("Say how this request reached you."), Length(max=1_000)],
    )


class RemoveOptOutForm(Form):
    reason = TextAreaField(
        "Why?",
        [
            DataRequired("Say why. It is kept on the trail."),
            Length(
                min=optouts.SHORTEST_REASON,
                max=1_000,
                message="Say why in at least 10 characters. It is kept on the trail.",
            ),
        ],
    )
    agreed = RadioField(
        "How did they agree?",
        [InputRequired("Say how they agreed.")],
        choices=choices(
            ("replied", "They replied to us"),
            ("called", "They called or spoke to us"),
            ("form", "They filled in a form"),
            ("mistake", "The opt-out was recorded by mistake"),
        ),
    )
    confirm = BooleanField(
        "I can show that this person agreed to this.",
        [InputRequired("Confirm that you can show it.")],
    )


class UploadForm(Form):
    file = FileField("File", [FileRequired("Choose a CSV or Excel file.")])
    list_name = StringField(
        "List name",
        [DataRequired("Give the list a name."), Length(max=imports.LONGEST_NAME)],
    )
    subscribed = StringField(
        "Where and when did these people sign up to get texts from you?",
        [Length(max=contacts.LONGEST_CONSENT)],
    )


class StartForm(Form):
    existing = RadioField(
        "People who are already here",
        choices=choices(
            ("leave", "Leave them as they are"), ("update", "Update their names and fields")
        ),
        default="leave",
    )


class PlainForm(Form):
    """A button: nothing is typed."""
