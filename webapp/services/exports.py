"""Files that are taken away: who is opted out, who is suppressed; each leaves an entry."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import select

from webapp.db import Base, db
from webapp.models import (
    Action,
    Actor,
    Contact,
    ContactTag,
    Event,
    Message,
    Reason,
    Texting,
    User,
)
from webapp.services import ledger, recipients, tags, timeline, trail

AT_ONCE = 1_000
OPT_OUTS = ("phone", "kind", "since", "source", "by", "text")
TIMELINE = ("at", "what", "by", "text")
SUPPRESSED = ("phone", "first_name", "last_name", "reason")
# Columns instead of rows of the models: a million of those take ten times as long.
_CARRIED = (
    select(
        ContactTag.contact_id,
        Contact.phone,
        ContactTag.since,
        ContactTag.source,
        User.name,
        Message.body,
        ContactTag.note,
    )
    .join(Contact, Contact.id == ContactTag.contact_id)
    .outerjoin(User, User.id == ContactTag.by_user_id)
    .outerjoin(Message, Message.id == ContactTag.message_id)
    .order_by(ContactTag.contact_id)
    .limit(AT_ONCE)
)


def opt_outs(campaign_id: int) -> Iterator[tuple[str, ...]]:
    """Every current opt-out, as OPT_OUTS says, in small steps: memory stays flat at a million.

    `since` is UTC in ISO 8601, `kind` is p2p or broadcast, `text` the contact's own words or
    the note of who recorded it.
    """
    for kind in Texting:
        query = _CARRIED.where(ContactTag.tag_id == tags.built_in(campaign_id, kind).id)
        last = 0
        while found := db.session.execute(query.where(ContactTag.contact_id > last)).all():
            for _contact, phone, since, source, name, body, note in found:
                at = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                by = name or ledger.recorder(source)
                yield (phone, kind.value, at, source.value if source else "", by, body or note)
            last = found[-1][0]


def suppressed(action: Action, reason: Reason | None = None) -> Iterator[tuple[str, ...]]:
    """Those whom Safeguard leaves out of an action, as SUPPRESSED says; all reasons or one."""
    for why in (reason,) if reason else tuple(Reason):
        after: int | None = 0
        while after is not None:
            found, after = recipients.page(action, why, after=after, size=AT_ONCE)
            for contact in found:
                yield (contact.phone, contact.first_name, contact.last_name, why.value)


def contact_timeline(contact: Contact) -> Iterator[tuple[str, ...]]:
    """What bears on whether a contact may be texted, newest first, as TIMELINE says."""
    for moment in timeline.of(contact):
        at = moment.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        by = " ".join(filter(None, (moment.by, moment.how)))
        yield (at, moment.what, by, moment.text or moment.note)


def note(
    campaign_id: int, what: str, *, by: User | None, now: datetime, about: Base | None = None
) -> None:
    """Write down that somebody took a copy of numbers away; each time is an entry of its own."""
    trail.record(
        Event.EXPORTED,
        campaign_id=campaign_id,
        by=by,
        actor=None if by else Actor.HOST,
        now=now,
        about=about,
        details={"what": what},
    )
