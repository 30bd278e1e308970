"""What a replaced database knows and a backup cannot: opt-outs, erasures, and who was texted.

It is read as it is, by columns that every version has, and nothing is written to it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, and_, inspect, literal, select

from webapp.db import db
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    Campaign,
    CatchUp,
    Contact,
    ContactTag,
    Message,
    MessageKind,
    MessageState,
    OptOutSource,
    Tag,
    Texting,
)
from webapp.models.contacts import ERASED
from webapp.services import (
    alarm_answers,
    already_texted,
    catch_up,
    contacts_by_phone,
    erased,
    erasure,
    optouts,
    restoring,
)

AT_ONCE = 1_000
NOTE = "Carried over from the database that a backup has replaced"
LAUNCHED = "This was launched on {at:%b %d, %H:%M} UTC, after the backup. It may have been sent."
# What became of a text there, as it stays; anything else may have left: unknown.
FINAL = (
    MessageState.SENT,
    MessageState.DELIVERED,
    MessageState.UNDELIVERED,
    MessageState.FAILED,
    MessageState.UNKNOWN,
)
_COPIED = (
    "body", "reference", "provider", "provider_id", "error_code",
    "error_reason", "attempts", "created_at", "not_before", "sending_at", "settled_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OptOut:
    """Somebody who has opted out of one kind of texting there."""

    slug: str
    phone: str  # E.164; of an erased person the keyed hash
    texting: Texting


def has_caught_up(replaced: Connection) -> bool:
    """Whether it knows whom Heed texted before it; not if it was restored itself and hardly used.

    Then a restore that takes its place knows no more, and has to read the carrier's lists.
    """
    if not inspect(replaced).has_table(CatchUp.__tablename__):
        return True
    owed = select(CatchUp.phone).where(CatchUp.provider == catch_up.OWED_SENT)
    return replaced.execute(owed.limit(1)).first() is None


def opt_outs(replaced: Connection) -> Iterator[OptOut]:
    """Everybody who is opted out there."""
    query = (
        select(Campaign.slug, Contact.phone, Tag.opts_out_of)
        .select_from(ContactTag)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .join(Contact, Contact.id == ContactTag.contact_id)
        .join(Campaign, Campaign.id == Tag.campaign_id)
        .where(Tag.opts_out_of.is_not(None))
        .order_by(Tag.id, Contact.id)
    )
    for slug, phone, texting in replaced.execute(query.execution_options(yield_per=AT_ONCE)):
        if texting is not None:
            yield OptOut(slug, phone, texting)


def erased_numbers(replaced: Connection) -> dict[str, set[str]]:
    """The hashes of people who were erased there, by campaign."""
    found: dict[str, set[str]] = defaultdict(set)
    query = select(Campaign.slug, Contact.phone).join(Campaign, Campaign.id == Contact.campaign_id)
    for slug, phone in replaced.execute(query.where(Contact.phone.startswith(ERASED))):
        found[slug].add(phone)
    return found


def first_texts(replaced: Connection, *, since: datetime) -> Iterator[Row[Any]]:
    """The first texts that left there since a moment, or may have."""
    query = (
        select(
            Campaign.slug,
            Contact.phone,
            Message.action_id,
            Action.created_at.label("drafted_at"),
            Message.state,
            *(getattr(Message, name) for name in _COPIED),
        )
        .join(Contact, Contact.id == Message.contact_id)
        .join(Action, Action.id == Message.action_id)
        .join(Campaign, Campaign.id == Message.campaign_id)
        .where(
            Message.kind == MessageKind.FIRST,
            Message.state != MessageState.CANCELLED,
            Message.created_at >= since - catch_up.OVERLAP,
        )
        .order_by(Message.id)
    )
    yield from replaced.execute(query.execution_options(yield_per=AT_ONCE))


def warn_of_launches(replaced: Connection) -> int:
    """Put a warning on drafts that were launched there; returns how many those are."""
    query = select(Campaign.slug, Action.id, Action.created_at, Action.launched_at)
    launched = query.join(Campaign, Campaign.id == Action.campaign_id).where(
        Action.launched_at.is_not(None), Action.kind != ActionKind.AUTOMATED
    )
    warned = 0
    for slug, action_id, drafted_at, launched_at in replaced.execute(launched):
        draft = db.session.scalar(
            select(Action)
            .join(Campaign, Campaign.id == Action.campaign_id)
            .where(
                Campaign.slug == slug,
                Action.id == action_id,
                Action.created_at == drafted_at,
                Action.state == ActionState.DRAFT,
            )
        )
        if draft is not None:
            draft.alarm = alarm_answers.words(LAUNCHED.format(at=launched_at))
            warned += 1
    return warned


def erase_again(hashes: dict[str, set[str]], *, now: datetime) -> int:
    """Erase whom the replaced database has erased since; the backup still knew them."""
    forgotten = 0
    for slug, stored in hashes.items():
        campaign = _campaign(slug)
        if campaign is None:
            continue
        rows = db.session.execute(
            select(Contact.id, Contact.phone).where(
                Contact.campaign_id == campaign.id, ~Contact.phone.startswith(ERASED)
            )
        ).all()
        for contact_id, phone in rows:
            if erased.as_stored(campaign.id, phone) in stored:
                contact = db.session.get_one(Contact, contact_id)
                forgotten += erasure.erase(contact, by=None, now=now)
    return forgotten


def opt_out(some: Iterable[OptOut], *, now: datetime) -> int:
    """Opt the same people out here; returns how many were not. Only ever adds.

    A phone that the backup does not know becomes a contact without a name. What was lifted there
    since stays as the backup has it: opted out.
    """
    added, left = 0, iter(some)
    while part := list(islice(left, AT_ONCE)):
        groups: dict[tuple[str, Texting], list[str]] = defaultdict(list)
        for one in part:
            groups[one.slug, one.texting].append(one.phone)
        for (slug, texting), numbers in groups.items():
            added += _opt_out(slug, texting, numbers, now=now)
    return added


def _opt_out(slug: str, texting: Texting, numbers: list[str], *, now: datetime) -> int:
    campaign = _campaign(slug)
    if campaign is None:
        return 0
    there = set(
        db.session.scalars(
            select(Contact.phone).where(
                Contact.campaign_id == campaign.id, Contact.phone.in_(numbers)
            )
        )
    )
    for phone in numbers:
        if phone not in there and not phone.startswith(ERASED):
            contacts_by_phone.make(campaign.id, phone, now=now)
    carrying = (
        select(ContactTag.contact_id)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(ContactTag.contact_id == Contact.id, Tag.opts_out_of == texting)
        .exists()
    )
    # Looked up before the first of them carries the tag: many statements ask for these people.
    of_these = Contact.campaign_id == campaign.id, Contact.phone.in_(numbers), ~carrying
    without = db.session.scalars(select(Contact.id).where(*of_these)).all()
    chosen: Any = select(Contact.id, literal(NOTE)).where(Contact.id.in_(without))
    return optouts.record_many(campaign, texting, chosen, source=OptOutSource.ADMIN, now=now)


def mark_texted(texts: Iterable[Row[Any]], *, now: datetime) -> int:
    """People who were still to be texted here and were texted there: not again; how many."""
    return sum(_mark(text, now=now) for text in texts)


def _mark(text: Row[Any], *, now: datetime) -> int:
    found = db.session.execute(
        select(Action, Contact.id)
        .join(Campaign, Campaign.id == Action.campaign_id)
        .join(Contact, and_(Contact.campaign_id == Campaign.id, Contact.phone == text.phone))
        .where(
            Action.id == text.action_id,
            Action.created_at == text.drafted_at,
            Campaign.slug == text.slug,
        )
    ).first()
    if found is None:
        return 0
    action, contact_id = found
    state = text.state if text.state in FINAL else MessageState.UNKNOWN
    copied = {name: getattr(text, name) for name in _COPIED}
    if state is MessageState.UNKNOWN:
        copied |= {"error_reason": restoring.WHY, "attempts": max(1, text.attempts)}
    row = copied | {"state": state, "number_id": action.number_id}
    return already_texted.mark(action, {contact_id: row})


def _campaign(slug: str) -> Campaign | None:
    return db.session.scalar(select(Campaign).where(Campaign.slug == slug))
