"""Hosted sign-up forms: they text nobody, they say which keyword to text (decision 29)."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import String, cast, literal, select, update

from webapp.db import db, insert_once
from webapp.errors import ConflictError, InvalidError
from webapp.models import Campaign, Contact, Event, Number, Signup, SignupForm, Texting, User
from webapp.services import keyword_checks, numbers, trail
from webapp.services.import_cells import LONGEST_NAME, stored
from webapp.texting import lines, phones

LONGEST_TITLE = 80
LONGEST_INTRO = 500
LONGEST_SLUG = 60
CLOSED = "This form is closed."


def make(
    campaign: Campaign,
    title: str,
    *,
    intro: str = "",
    keyword: str,
    number: Number,
    by: User | None,
    now: datetime,
) -> SignupForm:
    """Make a form that is open at once; its address is made of the campaign and the title.

    InvalidError names the field: title, intro, keyword (it has to opt people in), number (it
    has to serve broadcasts).
    """
    values = _checked(campaign, title, intro, keyword, number)
    values |= {"campaign_id": campaign.id, "is_open": True, "entries": 0, "created_at": now}
    values["created_by"] = by.id if by else None
    made = None
    for slug in _slugs(campaign, values["title"]):
        adding = insert_once(SignupForm).values(slug=slug, **values).returning(SignupForm.id)
        made = db.session.scalar(adding)
        if made is not None:
            break
    form = db.session.get_one(SignupForm, made)
    _record(form, "made", by=by, now=now)
    return form


def change(
    form: SignupForm,
    title: str,
    *,
    intro: str = "",
    keyword: str,
    number: Number,
    by: User | None,
    now: datetime,
) -> bool:
    """Change title, words, keyword or number; the address stays, because it was given away.

    False when it was like this before. Refusals are those of make().
    """
    campaign = db.session.get_one(Campaign, form.campaign_id)
    values = _checked(campaign, title, intro, keyword, number)
    changed = [name for name, value in values.items() if getattr(form, name) != value]
    for name in changed:
        setattr(form, name, values[name])
    if changed:
        _record(form, "changed", by=by, now=now)
    return bool(changed)


def set_open(form: SignupForm, is_open: bool, *, by: User | None, now: datetime) -> bool:
    """Open or close a form; False when it was so before. What people typed in stays."""
    if form.is_open == is_open:
        return False
    form.is_open = is_open
    _record(form, "opened" if is_open else "closed", by=by, now=now)
    return True


def find(slug: str) -> SignupForm | None:
    """The form at an address, of a campaign that is not archived."""
    return db.session.scalar(
        select(SignupForm)
        .join(Campaign, Campaign.id == SignupForm.campaign_id)
        .where(SignupForm.slug == slug, Campaign.archived_at.is_(None))
    )


def problem(form: SignupForm) -> str:
    """Why a form that is open takes nobody in, as a sentence for its admins; "" when it does."""
    number = db.session.get_one(Number, form.number_id)
    if number.retired_at is not None or Texting.BROADCAST not in number.kind.serves:
        return f"{phones.pretty(number.phone)} doesn’t serve broadcasts any more."
    campaign = db.session.get_one(Campaign, form.campaign_id)
    if not keyword_checks.opts_in(campaign, form.keyword):
        return f"{form.keyword} doesn’t opt people in any more."
    return ""


def is_taking(form: SignupForm) -> bool:
    """Whether people can sign up with it now."""
    return form.is_open and not problem(form)


def sign_up(
    form: SignupForm, phone: str, *, first_name: str = "", last_name: str = "", now: datetime
) -> bool:
    """Write down that somebody wants texts; False when this phone was there already.

    It texts nobody, makes no contact and changes no opt-out: the consent is the keyword that
    this phone then texts (spec: only "an opt-in keyword" or an admin takes an opt-out away).
    The answer to the person is the same in every case. InvalidError (field "phone") when it is
    no phone number, ConflictError when the form is closed.
    """
    if not is_taking(form):
        raise ConflictError(CLOSED)
    reading = phones.read(phone)
    if reading.e164 is None:
        raise InvalidError(f"{reading.reason}.", field="phone")
    adding = insert_once(Signup).values(
        campaign_id=form.campaign_id,
        form_id=form.id,
        phone=reading.e164,
        first_name=stored(first_name, LONGEST_NAME),
        last_name=stored(last_name, LONGEST_NAME),
        created_at=now,
    )
    is_new = db.session.scalar(adding.returning(Signup.id)) is not None
    if is_new:
        more = update(SignupForm).where(SignupForm.id == form.id)
        db.session.execute(more.values(entries=SignupForm.entries + 1))
    return is_new


def arrived(contact: Contact, *, now: datetime) -> SignupForm | None:
    """The keyword came from a phone that was typed into forms: the newest of these forms.

    From now on they say when it came. The name that was typed fills an empty one.
    """
    rows = db.session.execute(
        update(Signup)
        .where(
            Signup.campaign_id == contact.campaign_id,
            Signup.phone == contact.phone,
            Signup.texted_at.is_(None),
        )
        .values(texted_at=now)
        .returning(Signup.id, Signup.form_id, Signup.first_name, Signup.last_name)
        .execution_options(synchronize_session=False)
    ).all()
    if not rows:
        return None
    newest = max(rows, key=lambda row: row.id)
    if not contact.name:
        contact.first_name, contact.last_name = newest.first_name, newest.last_name
    return db.session.get_one(SignupForm, newest.form_id)


def forget(contact: Contact) -> None:
    """Blank the name that a forgotten person typed in; the number stays (decision 24)."""
    _put_names(contact)


def erase(contact: Contact) -> None:
    """Take the number of somebody who asked to be erased out of the forms; the count stays."""
    _put_names(contact, phone=literal("erased ") + cast(Signup.id, String))


def _put_names(contact: Contact, **values: Any) -> None:
    db.session.execute(
        update(Signup)
        .where(Signup.campaign_id == contact.campaign_id, Signup.phone == contact.phone)
        .values(first_name="", last_name="", **values)
        .execution_options(synchronize_session=False)
    )


def _checked(
    campaign: Campaign, title: str, intro: str, keyword: str, number: Number
) -> dict[str, Any]:
    title = lines.one_line(title)
    if not title or len(title) > LONGEST_TITLE:
        raise InvalidError(f"Use 1 to {LONGEST_TITLE} characters.", field="title")
    if len(intro.strip()) > LONGEST_INTRO:
        raise InvalidError(f"Use {LONGEST_INTRO} characters at most.", field="intro")
    if not keyword_checks.opts_in(campaign, keyword):
        raise InvalidError(f"“{keyword[:40]}” doesn’t opt people in.", field="keyword")
    numbers.check(number, campaign.id, Texting.BROADCAST)
    return {
        "title": title,
        "intro": intro.strip(),
        "keyword": keyword.strip().upper(),
        "number_id": number.id,
    }


def _slugs(campaign: Campaign, title: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", f"{campaign.slug}-{plain}").strip("-")
    stem = stem[: LONGEST_SLUG - 5].strip("-")
    yield stem
    yield from (f"{stem}-{n}" for n in count(2))


def _record(form: SignupForm, what: str, *, by: User | None, now: datetime) -> None:
    trail.record(
        Event.SIGNUP_FORM_CHANGED,
        campaign_id=form.campaign_id,
        by=by,
        now=now,
        about=form,
        details={"what": what, "keyword": form.keyword, "number": form.number_id},
    )
