"""Finding contacts among a million: by number, by name, by tag, by list, by who can be texted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Exists, Row, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.db import db
from webapp.models import Campaign, Contact, ContactTag, ListMember, Texting
from webapp.services import contacts, safeguard, tags
from webapp.services.import_merging import SHELVES
from webapp.texting import person_names, phones

PAGE = 50
AT_ONCE = 1_000
# Digits that are looked for at the end of a number: every number is looked at then.
LAST_DIGITS = range(3, 10)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; everything together narrows."""

    text: str = ""
    tag_id: int | None = None
    list_id: int | None = None
    can_get: Texting | None = None  # may be texted in this kind of texting


@dataclass(frozen=True, slots=True)
class Page:
    """Some contacts. `after` is the id the next page goes on from, None when there is none.

    A search for a name or a number has no pages: `is_cut` says that there are more, and that
    another letter or digit would find them.
    """

    contacts: list[Contact]
    after: int | None = None
    is_cut: bool = False


def page(campaign_id: int, wanted: Wanted, *, after: int | None = None, size: int = PAGE) -> Page:
    """Contacts as wanted: the newest first, or those whom a search finds, by name."""
    narrowed = _narrow(campaign_id, wanted)
    if wanted.text.strip():
        return _search(campaign_id, wanted.text, narrowed, size)
    rows, place = _walk(campaign_id, wanted)
    if after is not None:
        rows = rows.where(place < after)
    rows = rows.where(*narrowed).order_by(place.desc()).limit(size + 1)
    found = list(db.session.scalars(rows))
    return Page(found[:size], found[size - 1].id if len(found) > size else None)


def everybody(
    campaign_id: int, wanted: Wanted, *columns: InstrumentedAttribute[Any]
) -> Iterator[Sequence[Row[*tuple[Any, ...]]]]:
    """Id and columns of all contacts as wanted, in steps, oldest first; memory stays flat.

    The text of `wanted` is not looked for: what a search finds fits on its page.
    """
    rows, place = _walk(campaign_id, wanted)
    query = rows.where(*_narrow(campaign_id, wanted)).order_by(place).limit(AT_ONCE)
    chosen = query.with_only_columns(Contact.id, *columns)
    last = 0
    while found := db.session.execute(chosen.where(place > last)).all():
        yield found
        last = found[-1].id


def _walk(campaign_id: int, wanted: Wanted) -> tuple[Select[Contact], InstrumentedAttribute[int]]:
    """The contacts to walk through and the column that orders them, along one index."""
    if wanted.list_id is not None:
        rows = select(Contact).join(ListMember, ListMember.contact_id == Contact.id)
        return rows.where(ListMember.list_id == wanted.list_id), ListMember.contact_id
    if wanted.tag_id is not None:
        rows = select(Contact).join(ContactTag, ContactTag.contact_id == Contact.id)
        return rows.where(ContactTag.tag_id == wanted.tag_id), ContactTag.contact_id
    return select(Contact).where(Contact.campaign_id == campaign_id), Contact.id


def _narrow(campaign_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Contact.campaign_id == campaign_id]
    if wanted.list_id is not None:
        conditions.append(
            select(ListMember.contact_id)
            .where(ListMember.list_id == wanted.list_id, ListMember.contact_id == Contact.id)
            .correlate(Contact)
            .exists()
        )
    if wanted.tag_id is not None:
        conditions.append(_carries(wanted.tag_id))
    if wanted.can_get is not None:
        campaign = db.session.get_one(Campaign, campaign_id)
        conditions.append(~_carries(tags.built_in(campaign_id, wanted.can_get).id))
        conditions.append(Contact.country.in_(safeguard.countries(campaign)))
        if wanted.can_get is Texting.BROADCAST:
            conditions.append(Contact.subscribed_at.is_not(None))
    return conditions


def _carries(tag_id: int) -> Exists:
    return (
        select(ContactTag.contact_id)
        .where(ContactTag.tag_id == tag_id, ContactTag.contact_id == Contact.id)
        .correlate(Contact)
        .exists()
    )


def _search(campaign_id: int, text: str, narrowed: list[ColumnElement[bool]], size: int) -> Page:
    exact = contacts.find(campaign_id, text)
    if exact is not None:
        queries = [select(Contact).where(Contact.id == exact.id)]
    elif digits := phones.search_digits(text):
        queries = _by_digits(digits)
    else:
        queries = [_by_name(*reading) for reading in person_names.readings(text)]
    found: dict[int, Contact] = {}
    for query in queries:
        some = query.where(*narrowed).limit(size + 1)
        found |= {contact.id: contact for contact in db.session.scalars(some)}
        if len(found) > size:
            break
    people = sorted(found.values(), key=lambda one: (one.last_key, one.first_key, one.id))
    return Page(people[:size], is_cut=len(people) > size)


def _by_digits(digits: str) -> list[Select[Contact]]:
    """Numbers that begin with these digits, with and without the 1, then those that end so."""
    # Nines instead of a high letter: phones are compared in the language of the database.
    queries = [
        select(Contact).where(
            Contact.phone >= f"+{beginning}", Contact.phone <= f"+{beginning:9<16}"
        )
        for beginning in (f"1{digits}", digits)
    ]
    if len(digits) in LAST_DIGITS:
        queries.append(select(Contact).where(Contact.phone.endswith(digits)))
    return queries


def _by_name(first: str, last: str) -> Select[Contact]:
    conditions: list[ColumnElement[bool]] = [Contact.shelf.in_(range(SHELVES))]
    for column, beginning in ((Contact.first_key, first), (Contact.last_key, last)):
        if beginning:
            conditions.extend(_begins(column, beginning))
    return select(Contact).where(*conditions)


def _begins(
    column: InstrumentedAttribute[str], beginning: str
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """A range of the column's index; LIKE would not use it on both databases."""
    return column >= beginning, column < f"{beginning}\U0010ffff"
