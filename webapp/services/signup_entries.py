"""Who signed up with a form, and whether the keyword has come from their phone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, and_, select

from webapp.db import db
from webapp.models import Contact, ContactTag, Number, Signup, SignupForm, Texting
from webapp.services import tags

PAGE = 50
AT_ONCE = 1_000
COLUMNS = ("phone", "first_name", "last_name", "signed_up", "texted", "opted_out")


@dataclass(frozen=True)
class Listed:
    """A form in the list, with the number that its keyword goes to."""

    form: SignupForm
    number: Number


@dataclass(frozen=True)
class Entry:
    """One sign-up; the contact with this phone, if there is one by now."""

    signup: Signup
    contact: Contact | None
    opted_out: bool  # of broadcasts: nothing changes until the keyword comes


def all_of(campaign_id: int) -> list[Listed]:
    """The campaign's forms, newest first."""
    rows = db.session.execute(
        select(SignupForm, Number)
        .join(Number, Number.id == SignupForm.number_id)
        .where(SignupForm.campaign_id == campaign_id)
        .order_by(SignupForm.id.desc())
    )
    return [Listed(form, number) for form, number in rows]


def page(form: SignupForm, *, before: int | None = None) -> tuple[list[Entry], int | None]:
    """A page of sign-ups, newest first, and the id to go on before (None on the last)."""
    query = _entries(form).order_by(Signup.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(Signup.id < before)
    found = _read(query)
    more = len(found) > PAGE
    return found[:PAGE], found[PAGE - 1].signup.id if more else None


def rows(form: SignupForm) -> Iterator[Sequence[str]]:
    """Every sign-up as COLUMNS says, oldest first, in small steps; times are UTC in ISO 8601."""
    after = 0
    query = _entries(form).order_by(Signup.id).limit(AT_ONCE)
    while found := _read(query.where(Signup.id > after)):
        for entry in found:
            one = entry.signup
            names = (one.first_name, one.last_name)
            times = (_iso(one.created_at), _iso(one.texted_at))
            yield (one.phone, *names, *times, "true" if entry.opted_out else "")
        after = found[-1].signup.id


def _entries(form: SignupForm) -> Select[Any, Any, Any]:
    opt_out = tags.built_in(form.campaign_id, Texting.BROADCAST)
    return (
        select(Signup, Contact, ContactTag.contact_id)
        .outerjoin(
            Contact,
            and_(Contact.campaign_id == Signup.campaign_id, Contact.phone == Signup.phone),
        )
        .outerjoin(
            ContactTag,
            and_(ContactTag.contact_id == Contact.id, ContactTag.tag_id == opt_out.id),
        )
        .where(Signup.form_id == form.id)
    )


def _read(query: Select[Any, Any, Any]) -> list[Entry]:
    return [
        Entry(signup, contact, tagged is not None)
        for signup, contact, tagged in db.session.execute(query)
    ]


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
