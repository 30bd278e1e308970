"""`contacts import|show`."""

from typing import Any

import click

from webapp.cli.common import answer, find_campaign, json_option
from webapp.cli.importing import bring_in
from webapp.db import db
from webapp.errors import NotFoundError
from webapp.models import Contact
from webapp.services import contact_standing, timeline
from webapp.services import contacts as people


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
    contact = people.find(find_campaign(slug).id, phone)
    if contact is None:
        raise NotFoundError(f"There is no contact with the number {phone}.")
    facts = _contact(contact)
    answer(facts, _contact_in_words(facts), as_json=as_json)
    db.session.rollback()


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
    said = [f"{name}, {facts['phone']}", f"  tags: {', '.join(facts['tags']) or 'none'}"]
    for kind, can in facts["can_text"].items():
        why = "" if can else f" ({facts['why_not'][kind]})"
        said.append(f"  {kind}: {'can be texted' if can else 'cannot be texted'}{why}")
    for moment in facts["timeline"]:
        by = f", by {moment['by']}" if moment["by"] else ""
        quoted = f": “{moment['text']}”" if moment["text"] else ""
        said.append(f"  {moment['at']} {moment['what']}{by}{quoted}")
    return "\n".join(said)
