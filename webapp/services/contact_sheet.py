"""Contacts as a table to take away; brought in again, it adds its opt-outs and changes nothing."""

from collections.abc import Iterator

from webapp.models import Contact, Tag, Texting
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import contact_search, contacts
from webapp.services.contact_search import Wanted

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
    if wanted.text:
        steps = iter([contact_search.page(campaign_id, wanted).contacts])
    else:
        steps = contact_search.everybody(campaign_id, wanted)
    for people in steps:
        carried = contacts.tags_of([contact.id for contact in people])
        yield from (_row(contact, carried.get(contact.id, [])) for contact in people)


def _row(contact: Contact, tags: list[Tag]) -> list[str]:
    out_of = {tag.opts_out_of for tag in tags}
    return [
        contact.first_name,
        contact.last_name,
        contact.phone,
        contact.state,
        contact.city,
        contact.subscribed,
        *("true" if kind in out_of else "" for kind in Texting),
        ", ".join(tag.name for tag in tags if not tag.is_built_in),
    ]
