"""First texts and saved replies of an action, and how a text reads for one contact."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import Row, bindparam, delete, select

from webapp.db import db, run
from webapp.errors import InvalidError, RefusedError
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    Campaign,
    Contact,
    SavedReply,
    Script,
    Tag,
    User,
)
from webapp.texting import lines, segments
from webapp.texting import scripts as wording

LONGEST_TEXT = 1_600  # what carriers take in one message (Twilio error 21617)
MOST_SCRIPTS = 10
TEXTER = "texter_name"


# What a text needs to know of a contact; as columns, for many contacts at once.
MERGED = (Contact.id, Contact.first_name, Contact.last_name, Contact.city, Contact.fields)
Version = TypeVar("Version")
_VERSIONS = (
    select(Script.id, Script.body)
    .where(Script.action_id == bindparam("action"))
    .order_by(Script.position)
)


class Merged(Protocol):
    """Somebody whom a text is written for: a Contact, or a row of the columns above."""

    @property
    def id(self) -> int:
        """The contact's id."""

    @property
    def first_name(self) -> str:
        """As the contact has it; may be empty, like the others."""

    @property
    def last_name(self) -> str:
        """The last name."""

    @property
    def city(self) -> str:
        """The city."""

    @property
    def fields(self) -> dict[str, str]:
        """The campaign's own merge fields."""


@dataclass(frozen=True)
class Reply:
    """A saved reply as it is written in the builder."""

    title: str
    body: str
    tag: Tag | None = None


def set_scripts(action: Action, bodies: Sequence[str]) -> list[Script]:
    """Replace the first texts of a draft. Curly quotes and dashes become plain ones.

    Raises InvalidError (field "bodies") for an unknown variable or a text that is too long;
    RefusedError once the action is scheduled or launched. Empty bodies are left out.
    """
    if action.state is ActionState.SCHEDULED:
        raise RefusedError(
            "This broadcast is scheduled. Take it back to draft, then change the text."
        )
    if action.state is not ActionState.DRAFT:
        raise RefusedError("The first text can't be changed after the launch.")
    texts = [text for body in bodies if (text := wording_plain(body))]
    if len(texts) > MOST_SCRIPTS:
        raise InvalidError(f"An action can have {MOST_SCRIPTS} first texts.", field="bodies")
    known = known_variables(action)
    for text in texts:
        _check_text(text, known, field="bodies")
        for problem in without_texter(action, text):
            raise InvalidError(problem, field="bodies")
    db.session.execute(delete(Script).where(Script.action_id == action.id))
    rows = [Script(action_id=action.id, position=n, body=text) for n, text in enumerate(texts)]
    db.session.add_all(rows)
    db.session.flush()
    return rows


def set_saved_replies(action: Action, replies: Sequence[Reply]) -> None:
    """Replace the saved replies; they can be changed while the action runs."""
    known = known_variables(action)
    for reply in replies:
        if not lines.one_line(reply.title) or not wording_plain(reply.body):
            raise InvalidError("A saved reply needs a title and a text.", field="replies")
        _check_text(wording_plain(reply.body), known, field="replies")
    db.session.execute(delete(SavedReply).where(SavedReply.action_id == action.id))
    db.session.add_all(
        SavedReply(
            action_id=action.id,
            position=n,
            title=lines.one_line(reply.title)[:40],
            body=wording_plain(reply.body),
            tag_id=reply.tag.id if reply.tag else None,
        )
        for n, reply in enumerate(replies)
    )
    db.session.flush()


def of(action: Action) -> list[Script]:
    """The first texts, in order."""
    query = select(Script).where(Script.action_id == action.id).order_by(Script.position)
    return list(db.session.scalars(query))


def saved_replies(action: Action) -> list[SavedReply]:
    """The saved replies, in order."""
    query = (
        select(SavedReply).where(SavedReply.action_id == action.id).order_by(SavedReply.position)
    )
    return list(db.session.scalars(query))


def problems(action: Action) -> list[str]:
    """What is wrong with the first texts, as sentences."""
    texts = of(action)
    if not texts:
        return ["Write the first text in Script."]
    known = known_variables(action)
    return [
        problem
        for text in texts
        for problem in (*wording.check(text.body, known), *without_texter(action, text.body))
    ]


def without_texter(action: Action, text: str) -> list[str]:
    """What is wrong with a first text because no person sends it, as sentences."""
    if action.kind is ActionKind.P2P or TEXTER not in wording.fields(text):
        return []
    return [f"No texter sends this text, so {{{TEXTER}}} would be empty. Take it out."]


def first_text_variables(action: Action) -> list[str]:
    """The variables that a first text of this action may use."""
    known = known_variables(action)
    return known if action.kind is ActionKind.P2P else [name for name in known if name != TEXTER]


def lacks_opt_out_wording(action: Action) -> bool:
    """Whether a first text does not say how to opt out (carriers ask for it)."""
    return any(not wording.has_opt_out_wording(text.body) for text in of(action))


def for_contact(action: Action, contact: Contact) -> Script:
    """The first text this contact gets; several are spread evenly and stay the same."""
    texts = of(action)
    if not texts:
        raise RefusedError("This action has no first text.")
    return spread(texts, contact.id)


def versions(action_id: int) -> Sequence[Row[Any]]:
    """Ids and bodies of the first texts, in order, without their objects."""
    return run(_VERSIONS, action=action_id).all()


def spread(texts: Sequence[Version], contact_id: int) -> Version:
    """Which of several first texts falls to a contact."""
    return texts[contact_id % len(texts)]


def render(body: str, contact: Merged, texter: User | None, campaign: Campaign) -> str:
    """The text exactly as this contact gets it."""
    read = reader(
        campaign.fallbacks,
        organization=campaign.organization or campaign.name,
        texter_name=texter.first_name if texter else "",
    )
    return read(body, contact)


def reader(
    fallbacks: Mapping[str, str], *, organization: str, texter_name: str = ""
) -> Callable[[str, Merged], str]:
    """How the texts of a campaign read, for many contacts one after the other."""

    def read(body: str, contact: Merged) -> str:
        return wording.render(body, _values(contact, organization, texter_name), fallbacks)

    return read


def render_answer(body: str, contact: Contact, campaign: Campaign) -> str:
    """A text that Heed answers with by itself: what is not known of the contact is left out."""
    values = _values(contact, campaign.organization or campaign.name)
    return wording.render_what_is_known(body, values, campaign.fallbacks)


def _values(contact: Merged, organization: str, texter_name: str = "") -> dict[str, str]:
    return {
        **contact.fields,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "city": contact.city,
        "texter_name": texter_name,
        "organization": organization,
    }


def known_variables(action: Action) -> list[str]:
    """The variables that a text of this action may use, merge fields of its lists included."""
    return variables_of(action.campaign_id)


def variables_of(campaign_id: int) -> list[str]:
    """The variables that a text of this campaign may use."""
    sample = db.session.scalars(
        select(Contact.fields).where(Contact.campaign_id == campaign_id).limit(200)
    )
    return sorted({*wording.VARIABLES, *(name for fields in sample for name in fields)})


def wording_plain(text: str) -> str:
    """Plain quotes and dashes: curly ones cut a text from 160 to 70 characters.

    "" for a text of which nothing can be seen, such as a lone zero-width space.
    """
    text = segments.plain(text).strip()
    return text if lines.shows(text) else ""


def _check_text(text: str, known: Sequence[str], *, field: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise InvalidError(f"A text can have {LONGEST_TEXT} characters at most.", field=field)
    for problem in wording.check(text, known):
        raise InvalidError(problem, field=field)
