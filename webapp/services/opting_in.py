"""Opting in by a keyword: the contact's own way back to broadcasts (decisions 2 and 3)."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, literal_column, select

from webapp.db import db, run
from webapp.models import Action, Actor, Contact, ContactTag, Event, Message, Number, Tag, Texting
from webapp.services import optouts, signups, trail
from webapp.texting import phones

# Decision 3: whoever texts STOP and START at once, or whose texts overtake each other, stays out.
TOO_SOON = timedelta(seconds=5)

_TAGGED = (
    select(func.max(ContactTag.since))
    .join(Tag, Tag.id == ContactTag.tag_id)
    .where(ContactTag.contact_id == bindparam("contact"), Tag.opts_out_of.is_not(None))
)
_ASKED = select(func.max(Message.created_at)).where(
    Message.contact_id == bindparam("contact"), Message.meaning == literal_column("'opt_out'")
)


def is_too_soon(contact_id: int, *, now: datetime) -> bool:
    """Whether an opt-in keyword arrives less than five seconds after an opt-out of any kind.

    The order is that of arrival. A stop word that only repeated an opt-out counts as well.
    """
    times = (run(query, contact=contact_id).scalar() for query in (_TAGGED, _ASKED))
    return any(since is not None and now - since < TOO_SOON for since in times)


def take(
    contact: Contact,
    number: Number,
    word: str,
    *,
    message_id: int,
    about: Action | None = None,
    now: datetime,
) -> bool:
    """Opt somebody in who texted an opt-in keyword; True when an opt-out was lifted.

    Opt Out (Broadcast) alone comes off; Opt Out (P2P) and a carrier's block stay. The consent is
    recorded with where and when, unless there is one that no opt-out has ended. A sign-up form
    that this phone was typed into is told. `about` is the automated action whose keyword it was.
    """
    lifted = optouts.lift_by_keyword(contact, message_id=message_id, about=about, now=now)
    form = signups.arrived(contact, now=now)
    if lifted or contact.subscribed_at is None:
        how = f"Texted {word} to {phones.pretty(number.phone)}"
        contact.subscribed = f"Signed up on “{form.title}”. {how}" if form else how
        contact.subscribed_at = now
    contact.updated_at = now
    db.session.flush()
    if not lifted:
        trail.record(
            Event.OPTED_IN,
            campaign_id=contact.campaign_id,
            actor=Actor.CONTACT,
            now=now,
            contact_id=contact.id,
            texting=Texting.BROADCAST,
            message_id=message_id,
            about=about,
        )
    return lifted
