"""Opt-outs: the only writer of a built-in tag onto a contact, and the only one to take it off."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, literal, select, true

from webapp.db import changed_rows, db, insert_once
from webapp.errors import InvalidError
from webapp.models import (
    Action,
    Actor,
    Campaign,
    Contact,
    ContactImport,
    ContactTag,
    Event,
    OptOutSource,
    Texting,
    User,
)
from webapp.rows import insert_rows
from webapp.services import opt_out_trail, stopping, tags, tally, trail, turns
from webapp.services.opt_out_trail import Why
from webapp.services.standings import is_opted_out, standing
from webapp.services.stopping import Stop
from webapp.texting import lines

__all__ = [
    "is_opted_out",
    "lift",
    "lift_by_keyword",
    "record",
    "record_many",
    "record_stop_words",
    "standing",
]

SHORTEST_REASON = 10
# Ids that one statement takes at most.
ENTRIES_AT_ONCE = 5_000
_KEY = ("tag_id", "contact_id")


def record(
    contact: Contact,
    texting: Texting,
    *,
    source: OptOutSource,
    now: datetime,
    by: User | None = None,
    actor: Actor | None = None,
    message_id: int | None = None,
    action_id: int | None = None,
    note: str = "",
) -> bool:
    """Opt a contact out of one kind of texting; True when the tag was not there before.

    In the same transaction: the built-in tag, its trail entry, every queued text of that kind
    cancelled, ready recipients of running actions suppressed, the conversations of that kind
    closed. A second time no tag is written; the trail notes that it was asked again, and
    whatever was queued meanwhile is cancelled all the same. (Spec: "once the contact has that
    opt-out tag ... they can never be messaged again from that type of texting".)
    """
    db.session.flush()
    turns.take(contact.id)
    stop = Stop(contact.campaign_id, contact.id, texting, message_id, action_id)
    added = _record([stop], Why(source, by, actor, lines.without_controls(note)), now=now)
    db.session.expire_all()  # What was loaded before does not know of this.
    return stop in added


def record_stop_words(stops: Sequence[Stop], *, now: datetime) -> set[Stop]:
    """The same as record() for stop words just taken in; returns those that were not there before.

    The caller has the turns of the contacts, and sees to what it has loaded.
    """
    return _record(stops, Why(OptOutSource.STOP_WORD, actor=Actor.CONTACT), now=now)


def _record(stops: Sequence[Stop], why: Why, *, now: datetime) -> set[Stop]:
    built_in = tags.built_ins({stop.campaign_id for stop in stops})
    tag_ids = {(row.campaign_id, row.opts_out_of): row.id for row in built_in}
    stops_both = {row.campaign_id for row in built_in if row.one_opt_out_stops_both}
    each = [
        (stop, stop.of(kind))
        for stop in stops
        for kind in (tuple(Texting) if stop.campaign_id in stops_both else (stop.texting,))
    ]
    single = list(dict.fromkeys(stopping.counted_first(one for _, one in each)))
    fresh = _tag(single, tag_ids, why, now=now)
    opt_out_trail.tell(single, fresh, why, now=now)
    people = defaultdict(list)
    for one in single:
        people[one.campaign_id, one.texting].append(one.contact_id)
    for asked, contact_ids in people.items():
        stopping.stop(*asked, contact_ids, now=now)
    return {stop for stop, one in each if one in fresh}


def _tag(
    stops: Sequence[Stop], tag_ids: Mapping[tuple[int, Texting], int], why: Why, *, now: datetime
) -> set[Stop]:
    """Put the built-in tags on; returns those who did not carry them."""
    by_key = {(tag_ids[stop.campaign_id, stop.texting], stop.contact_id): stop for stop in stops}
    names = (*_KEY, "campaign_id", "message_id")
    rows = [
        dict(zip(names, (*key, stop.campaign_id, stop.message_id), strict=True))
        for key, stop in by_key.items()
    ]
    by = why.by.id if why.by else None
    same = {"since": now, "source": why.source, "by_user_id": by, "note": why.note}
    new = insert_rows(ContactTag, rows, same, returning=_KEY, once=True).all()
    for row in new:
        tally.carry(row.tag_id, 1)
    return {by_key[row.tag_id, row.contact_id] for row in new}


def record_many(
    campaign: Campaign,
    texting: Texting,
    contact_ids: Select[Any],
    *,
    source: OptOutSource,
    now: datetime,
    by: User | None = None,
    note: str = "",
    about: ContactImport | None = None,
) -> int:
    """Opt out every contact of a query, set-based; returns how many were not opted out before.

    The same steps as record(), for imports. Those who carry the tag already get no second row
    and no second trail entry. A second column of the query is a note for each; `about` the import.
    """
    kinds = tuple(Texting) if campaign.one_opt_out_stops_both else (texting,)
    turns.take_many(contact_ids)
    counts = [
        _record_all(campaign, kind, contact_ids, source, now=now, by=by, note=note, about=about)
        for kind in kinds
    ]
    return counts[kinds.index(texting)]


def _record_all(
    campaign: Campaign,
    texting: Texting,
    contact_ids: Select[Any],
    source: OptOutSource,
    *,
    now: datetime,
    by: User | None,
    note: str,
    about: ContactImport | None,
) -> int:
    tag = tags.built_in(campaign.id, texting)
    constants = {
        "tag_id": tag.id,
        "campaign_id": campaign.id,
        "since": now,
        "source": source,
        "by_user_id": by.id if by else None,
    }
    columns = ContactTag.__table__.c
    given = [*contact_ids.subquery().c, literal(note, columns.note.type)][:2]
    rows = select(
        *given, *(literal(value, columns[name].type) for name, value in constants.items())
    ).where(true())
    tagging = insert_once(ContactTag).from_select(["contact_id", "note", *constants], rows)
    # Only the rows that came into being here: a STOP at the same time has told of its own.
    added = db.session.scalars(tagging.returning(ContactTag.contact_id)).all()
    told = [literal(about.id)] if about else []
    for start in range(0, len(added), ENTRIES_AT_ONCE):
        trail.record_for_each(
            Event.OPTED_OUT,
            select(Contact.id, *told).where(Contact.id.in_(added[start : start + ENTRIES_AT_ONCE])),
            campaign_id=campaign.id,
            now=now,
            by=by,
            texting=texting,
            before=False,
            after=True,
            about=ContactImport if about else None,
            details={"source": source.value},
        )
    tally.carry(tag.id, len(added))
    stopping.stop_many(campaign.id, texting, contact_ids, now=now)
    return len(added)


def lift(
    contact: Contact, texting: Texting, *, reason: str, agreed: str, by: User, now: datetime
) -> bool:
    """Remove an opt-out, as an admin, with a reason; False when there was none.

    One contact, one kind. The tag row goes, the trail keeps who, when and why. Cancelled texts
    are not revived, hidden threads stay hidden, closed ones stay closed until the next text.
    (Spec: "unless the tag is manually removed by an admin".) Raises InvalidError when the
    reason is shorter than ten characters. `by` has to run the campaign: the edge checks it.
    """
    reason = lines.without_controls(reason).strip()
    if len(reason) < SHORTEST_REASON:
        raise InvalidError(
            f"Say why in at least {SHORTEST_REASON} characters. It is kept on the trail.",
            field="reason",
        )
    return _lift(contact, texting, by=by, details={"reason": reason, "agreed": agreed}, now=now)


def lift_by_keyword(
    contact: Contact, *, message_id: int, about: Action | None = None, now: datetime
) -> bool:
    """Remove Opt Out (Broadcast), and it alone, for an opt-in keyword; False: it was not there.

    The trail points to the text. What a lift leaves as it is stays as it is here, too. `about`
    is the automated action whose keyword it was. (Spec: "or the contact explicitly re-opts-in
    to broadcast via an opt-in keyword".)
    """
    return _lift(
        contact,
        Texting.BROADCAST,
        actor=Actor.CONTACT,
        message_id=message_id,
        about=about,
        now=now,
    )


def _lift(contact: Contact, texting: Texting, *, now: datetime, **told: Any) -> bool:
    turns.take(contact.id)
    tag = tags.built_in(contact.campaign_id, texting)
    gone = changed_rows(
        delete(ContactTag).where(ContactTag.tag_id == tag.id, ContactTag.contact_id == contact.id)
    )
    if not gone:
        return False
    tally.carry(tag.id, -1)
    trail.record(
        Event.OPT_OUT_LIFTED,
        campaign_id=contact.campaign_id,
        now=now,
        contact_id=contact.id,
        texting=texting,
        before=True,
        after=False,
        **told,
    )
    stopping.reopen(contact, texting)
    return True
