"""`contacts import|show|erase`."""

from typing import Any

import click

from webapp.cli.common import answer, find_campaign, json_option
from webapp.cli.importing import bring_in
from webapp.db import db, transaction, utc_now
from webapp.errors import NotFoundError
from webapp.models import Contact
from webapp.services import contact_standing, erasure, timeline
from webapp.services import contacts as people
from webapp.texting import phones


@click.group()
def contacts() -> None:
    """People who are texted."""


contacts.add_command(bring_in)


@contacts.command()
@click.argument("slug")
@click.argument("phone")
@json_option
def show(slug: str, phone: str, as_json: bool) -> None:
    """Show one contact: may we text them, and everything that bears on it."""
    contact = _find(slug, phone)
    # Whoever asks knows the number; an erased contact does not any more.
    facts = _contact(contact) | {"phone": _e164(phone), "erased": contact.is_erased}
    answer(facts, _contact_in_words(facts), as_json=as_json)
    db.session.rollback()


@contacts.command()
@click.argument("slug")
@click.argument("phone")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def erase(slug: str, phone: str, yes: bool, as_json: bool) -> None:
    """Erase everything about PHONE, as its owner may ask; it can't be undone.

    The opt-outs still hold: a keyed hash of the number stays, which later imports and texts
    meet. The same again changes nothing.
    """
    contact = _find(slug, phone)
    if not (yes or contact.is_erased):
        click.confirm(f"Erase {contact.shown_name} for good?", abort=True, err=True)
    with transaction():
        changed = erasure.erase(contact, by=None, now=utc_now())
    said = "is erased. The opt-outs still hold." if changed else "was erased before."
    answer({"phone": _e164(phone), "changed": changed}, f"{_e164(phone)} {said}", as_json=as_json)


def _find(slug: str, phone: str) -> Contact:
    contact = people.find(find_campaign(slug).id, phone)
    if contact is None:
        raise NotFoundError(f"There is no contact with the number {phone}.")
    return contact


def _e164(phone: str) -> str:
    return phones.e164(phone) or phone


def _contact(contact: Contact) -> dict[str, Any]:
    verdicts = contact_standing.verdicts(contact)
    return {
        "phone": contact.phone,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "tags": [tag.name for tag in people.tags_of([contact.id]).get(contact.id, [])],
        "can_text": {kind.value: one.can_text for kind, one in verdicts.items()},
        "why_not": {
            kind.value: one.reason.value if one.reason else None for kind, one in verdicts.items()
        },
        "timeline": [
            {
                "at": moment.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "what": moment.what,
                "by": moment.by,
                "text": moment.text,
            }
            for moment in timeline.of(contact)
        ],
    }


def _contact_in_words(facts: dict[str, Any]) -> str:
    name = f"{facts['first_name']} {facts['last_name']}".strip() or "No name"
    if facts["erased"]:
        name = "Erased on request"
    said = [f"{name}, {facts['phone']}", f"  tags: {', '.join(facts['tags']) or 'none'}"]
    for kind, can in facts["can_text"].items():
        why = "" if can else f" ({facts['why_not'][kind]})"
        said.append(f"  {kind}: {'can be texted' if can else 'cannot be texted'}{why}")
    for moment in facts["timeline"]:
        by = f", by {moment['by']}" if moment["by"] else ""
        quoted = f": “{moment['text']}”" if moment["text"] else ""
        said.append(f"  {moment['at']} {moment['what']}{by}{quoted}")
    return "\n".join(said)
