"""What a campaign knows of the people in a chunk of a file already."""

from typing import Any

from sqlalchemy import func, select

from webapp.db import db
from webapp.models import Campaign, Contact, ContactTag, Tag, Texting
from webapp.services import tags
from webapp.services.import_chunks import Chunk
from webapp.services.import_columns import OPT_OUTS


def look_up(chunk: Chunk, campaign_id: int) -> dict[str, int]:
    """How many people of a chunk the campaign knows, how many of them are opted out (`opted_out_`
    each kind), and how many of the chunk the file itself would opt out (`added_` each kind)."""
    added = _would_be_opted_out(chunk, campaign_id)
    if not is_known(chunk, campaign_id):
        return added
    known = db.session.scalar(here(chunk, campaign_id, select(func.count(Contact.id))))
    by_kind, either = opted_out(chunk, campaign_id)
    named = {f"opted_out_{kind.value}": count for kind, count in by_kind.items()}
    return {"known": known or 0, "opted_out": either, **named, **added}


def _would_be_opted_out(chunk: Chunk, campaign_id: int) -> dict[str, int]:
    """How many people of a chunk its opt-out columns mark who don't carry that tag yet."""
    asked = [field for field in chunk.fields if field in OPT_OUTS]
    if not asked:
        return {}
    mark, counts = chunk.mark.c, {}
    both = db.session.get_one(Campaign, campaign_id).one_opt_out_stops_both
    for kind in Texting:
        fields = asked if both else [field for field in asked if OPT_OUTS[field] is kind]
        tag = tags.built_in(campaign_id, kind)
        carry = (
            select(Contact.phone)
            .join(ContactTag, ContactTag.contact_id == Contact.id)
            .where(
                Contact.campaign_id == campaign_id,
                chunk.holds(Contact.__table__.c.phone),
                ContactTag.tag_id == tag.id,
            )
        )
        marked = select(func.count(mark.phone.distinct())).where(
            mark.field.in_(fields), chunk.holds(mark.phone), mark.phone.not_in(carry)
        )
        counts[f"added_{kind.value}"] = db.session.scalar(marked) or 0
    return counts


def is_known(chunk: Chunk, campaign_id: int) -> bool:
    """Whether the campaign has any contact in the chunk's range, in the file or not."""
    there = select(Contact.id).where(
        Contact.campaign_id == campaign_id, chunk.holds(Contact.__table__.c.phone)
    )
    return db.session.execute(there.limit(1)).first() is not None


def opted_out(chunk: Chunk, campaign_id: int) -> tuple[dict[Texting, int], int]:
    """How many of the chunk were opted out before, by kind and of either."""
    built_in = db.session.execute(
        select(Tag.id, Tag.opts_out_of).where(
            Tag.campaign_id == campaign_id, Tag.opts_out_of.is_not(None), Tag.contacts > 0
        )
    ).all()
    if not built_in:
        return {}, 0
    kind_of = {tag_id: kind for tag_id, kind in built_in if kind is not None}
    carried = (
        here(chunk, campaign_id, select(ContactTag.tag_id, func.count()))
        .join(ContactTag, ContactTag.contact_id == Contact.id)
        .where(ContactTag.tag_id.in_(kind_of))
        .group_by(ContactTag.tag_id)
    )
    by_kind = {kind_of[tag_id]: count for tag_id, count in db.session.execute(carried)}
    if len(by_kind) < 2:
        return by_kind, sum(by_kind.values())
    people = carried.with_only_columns(func.count(ContactTag.contact_id.distinct())).group_by(None)
    return by_kind, db.session.scalar(people) or 0


def here(chunk: Chunk, campaign_id: int, query: Any) -> Any:
    """A query over the contacts that the chunk's file rows meet."""
    person = chunk.person
    return (
        query.select_from(person)
        .join(Contact, (Contact.campaign_id == campaign_id) & (Contact.phone == person.c.phone))
        .where(chunk.holds(person.c.phone))
    )
