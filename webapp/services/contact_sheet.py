"""Contacts as a table to take away; brought in again, it adds its opt-outs and changes nothing."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from webapp.models import Contact, Tag, Texting
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import contact_search, contacts
from webapp.services.contact_search import Wanted

COLUMNS = (
    Contact.first_name,
    Contact.last_name,
    Contact.phone,
    Contact.state,
    Contact.city,
    Contact.subscribed,
)
HEADING = (
    "First name",
    "Last name",
    "Phone",
    "State",
    "City",
    "Signed up",
    *BUILT_IN_NAMES.values(),
    "Tags",
)


def of(campaign_id: int, wanted: Wanted) -> tuple[tuple[str, ...], Iterator[list[str]]]:
    """Heading and rows of the contacts that are wanted; read in steps, memory stays flat."""
    return HEADING, _rows(campaign_id, wanted)


def _rows(campaign_id: int, wanted: Wanted) -> Iterator[list[str]]:
    steps: Iterable[Sequence[Any]]
    if wanted.text:
        steps = [contact_search.page(campaign_id, wanted).contacts]
    else:
        steps = contact_search.everybody(campaign_id, wanted, *COLUMNS)
    for people in steps:
        carried = contacts.tags_of([person.id for person in people])
        yield from (_row(person, carried.get(person.id, [])) for person in people)


def _row(person: Any, tags: list[Tag]) -> list[str]:
    out_of = {tag.opts_out_of for tag in tags}
    return [
        person.first_name,
        person.last_name,
        person.phone,
        person.state,
        person.city,
        person.subscribed,
        *("true" if kind in out_of else "" for kind in Texting),
        ", ".join(tag.name for tag in tags if not tag.is_built_in),
    ]
