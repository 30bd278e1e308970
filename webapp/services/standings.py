"""Whether somebody has opted out, read from the built-in tags alone."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from webapp.db import db
from webapp.models import Contact, ContactTag, Tag, Texting


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a contact may be texted in one kind of texting; `opted_out` says why not."""

    texting: Texting
    opted_out: ContactTag | None

    @property
    def may_be_texted(self) -> bool:
        """Whether the built-in tag of this kind is absent."""
        return self.opted_out is None


def standing(contact: Contact) -> dict[Texting, Standing]:
    """May we text this contact? One answer per kind of texting, from the tags alone."""
    carried = {
        kind: row
        for row, kind in db.session.execute(
            select(ContactTag, Tag.opts_out_of)
            .join(Tag, Tag.id == ContactTag.tag_id)
            .where(ContactTag.contact_id == contact.id, Tag.opts_out_of.is_not(None))
        )
    }
    return {kind: Standing(kind, carried.get(kind)) for kind in Texting}


def opted_out_of(campaign_id: int, contact_ids: Collection[int]) -> set[tuple[int, Texting]]:
    """Who of these contacts is opted out of what, as pairs; their ids fit into one statement."""
    rows = db.session.execute(
        select(ContactTag.contact_id, Tag.opts_out_of)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(
            Tag.campaign_id == campaign_id,
            Tag.opts_out_of.is_not(None),
            ContactTag.contact_id.in_(contact_ids),
        )
    )
    return {(contact_id, kind) for contact_id, kind in rows if kind is not None}


def is_opted_out(contact_id: int, campaign_id: int, texting: Texting) -> bool:
    """Whether the contact carries the built-in tag of this kind now."""
    tag = select(Tag.id).where(Tag.campaign_id == campaign_id, Tag.opts_out_of == texting)
    row = select(ContactTag.contact_id).where(
        ContactTag.tag_id == tag.scalar_subquery(), ContactTag.contact_id == contact_id
    )
    return db.session.execute(row).first() is not None
