"""People who are opted out of one kind of texting only, and still get the other."""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from webapp.db import db
from webapp.models import ContactTag, Texting
from webapp.services import tags

# More opt-outs than this are not counted for a page.
MOST_COUNTED = 20_000


def count(campaign_id: int, texting: Texting) -> int | None:
    """How many are opted out of this kind and not of the other; None when there are too many
    opt-outs to count them for a page."""
    tag = tags.built_in(campaign_id, texting)
    if tag.contacts > MOST_COUNTED:
        return None
    query = select(func.count()).select_from(ContactTag).where(ContactTag.tag_id == tag.id)
    return db.session.scalar(query.where(lacks_other(campaign_id, texting))) or 0


def lacks_other(campaign_id: int, texting: Texting) -> ColumnElement[bool]:
    """Whether the contact of a ContactTag of this kind does not carry the other built-in tag."""
    (other,) = (kind for kind in Texting if kind is not texting)
    beside = aliased(ContactTag)
    return ~(
        select(beside.contact_id)
        .where(
            beside.tag_id == tags.built_in(campaign_id, other).id,
            beside.contact_id == ContactTag.contact_id,
        )
        .correlate(ContactTag)
        .exists()
    )
