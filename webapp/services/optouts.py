"""Opt-outs: the only writer of a built-in tag onto a contact, and the only one to take it off."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, literal, select, true, update

from webapp.db import BigId, changed_rows, db, insert_once
from webapp.errors import InvalidError
from webapp.models import (
    Action,
    ActionState,
    Actor,
    Campaign,
    Closed,
    Contact,
    ContactTag,
    Conversation,
    Event,
    Message,
    MessageKind,
    MessageState,
    OptOutSource,
    Reason,
    Recipient,
    RecipientState,
    Tag,
    Texting,
    User,
)
from webapp.services import tags, tally, trail

RUNNING = (ActionState.LAUNCHING, ActionState.LIVE, ActionState.PAUSED)
SHORTEST_REASON = 10
OPTED_OUT = "The contact opted out before it was sent."


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a contact may be texted in one kind of texting, and if not, since when and why."""

    texting: Texting
    opted_out: ContactTag | None

    @property
    def may_be_texted(self) -> bool:
        """Whether the built-in tag of this kind is absent."""
        return self.opted_out is None


def record(
    contact: Contact,
    texting: Texting,
    *,
    source: OptOutSource,
    now: datetime,
    by: User | None = None,
    actor: Actor | None = None,
    message: Message | None = None,
    note: str = "",
) -> bool:
    """Opt a contact out of one kind of texting; True when the tag was not there before.

    In the same transaction: the built-in tag, its trail entry, every queued text of that kind
    cancelled, ready recipients of running actions suppressed, the conversations of that kind
    closed. A second time no tag is written; the trail notes that it was asked again, and
    whatever was queued meanwhile is cancelled all the same. (Spec: "once the contact has that
    opt-out tag ... they can never be messaged again from that type of texting".)
    """
    campaign = db.session.get_one(Campaign, contact.campaign_id)
    kinds = tuple(Texting) if campaign.one_opt_out_stops_both else (texting,)
    added = [
        _record_one(contact, kind, source, now=now, by=by, actor=actor, message=message, note=note)
        for kind in kinds
    ]
    return any(added)


def _record_one(
    contact: Contact,
    texting: Texting,
    source: OptOutSource,
    *,
    now: datetime,
    by: User | None,
    actor: Actor | None,
    message: Message | None,
    note: str,
) -> bool:
    tag = tags.built_in(contact.campaign_id, texting)
    added = changed_rows(
        insert_once(ContactTag).values(
            tag_id=tag.id,
            contact_id=contact.id,
            campaign_id=contact.campaign_id,
            since=now,
            source=source,
            by_user_id=by.id if by else None,
            message_id=message.id if message else None,
            note=note,
        )
    )
    db.session.execute(update(Tag).where(Tag.id == tag.id).values(contacts=Tag.contacts + added))
    trail.record(
        Event.OPTED_OUT if added else Event.OPT_OUT_REPEATED,
        campaign_id=contact.campaign_id,
        by=by,
        actor=actor,
        now=now,
        contact_id=contact.id,
        texting=texting,
        before=not added,
        after=True,
        message_id=message.id if message else None,
        details={"source": source.value},
    )
    one = select(literal(contact.id, BigId)).where(true())
    _stop_texts(contact.campaign_id, texting, one, now=now)
    return bool(added)


def record_many(
    campaign: Campaign,
    texting: Texting,
    contact_ids: Select[int],
    *,
    source: OptOutSource,
    now: datetime,
    by: User | None = None,
    note: str = "",
) -> int:
    """Opt out every contact of a query, set-based; returns how many were not opted out before.

    The same steps as record(), for imports. Those who carry the tag already get no second row
    and no second trail entry.
    """
    kinds = tuple(Texting) if campaign.one_opt_out_stops_both else (texting,)
    counts = [
        _record_all(campaign, kind, contact_ids, source, now=now, by=by, note=note)
        for kind in kinds
    ]
    return counts[kinds.index(texting)]


def _record_all(
    campaign: Campaign,
    texting: Texting,
    contact_ids: Select[int],
    source: OptOutSource,
    *,
    now: datetime,
    by: User | None,
    note: str,
) -> int:
    tag = tags.built_in(campaign.id, texting)
    given = contact_ids.subquery().c[0]
    there = select(ContactTag.contact_id).where(ContactTag.tag_id == tag.id)
    fresh = select(given).where(given.not_in(there))
    trail.record_for_each(
        Event.OPTED_OUT,
        fresh,
        campaign_id=campaign.id,
        now=now,
        by=by,
        texting=texting,
        before=False,
        after=True,
        details={"source": source.value},
    )
    constants = {
        "tag_id": tag.id,
        "campaign_id": campaign.id,
        "since": now,
        "source": source,
        "by_user_id": by.id if by else None,
        "note": note,
    }
    columns = ContactTag.__table__.c
    rows = select(
        fresh.subquery().c[0],
        *(literal(value, columns[name].type) for name, value in constants.items()),
    ).where(true())
    added = changed_rows(insert_once(ContactTag).from_select(["contact_id", *constants], rows))
    db.session.execute(update(Tag).where(Tag.id == tag.id).values(contacts=Tag.contacts + added))
    _stop_texts(campaign.id, texting, contact_ids, now=now)
    return added


def lift(
    contact: Contact, texting: Texting, *, reason: str, agreed: str, by: User, now: datetime
) -> bool:
    """Remove an opt-out, as an admin, with a reason; False when there was none.

    One contact, one kind. The tag row goes, the trail keeps who, when and why. Cancelled texts
    are not revived, hidden threads stay hidden, closed ones stay closed until the next text.
    (Spec: "unless the tag is manually removed by an admin".) Raises InvalidError when the
    reason is shorter than ten characters. `by` has to run the campaign: the edge checks it.
    """
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise InvalidError(
            f"Say why in at least {SHORTEST_REASON} characters. It is kept on the trail.",
            field="reason",
        )
    tag = tags.built_in(contact.campaign_id, texting)
    gone = changed_rows(
        delete(ContactTag).where(ContactTag.tag_id == tag.id, ContactTag.contact_id == contact.id)
    )
    if not gone:
        return False
    db.session.execute(update(Tag).where(Tag.id == tag.id).values(contacts=Tag.contacts - 1))
    trail.record(
        Event.OPT_OUT_LIFTED,
        campaign_id=contact.campaign_id,
        by=by,
        now=now,
        contact_id=contact.id,
        texting=texting,
        before=True,
        after=False,
        details={"reason": reason, "agreed": agreed},
    )
    _reopen(contact, texting)
    return True


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


def is_opted_out(contact_id: int, campaign_id: int, texting: Texting) -> bool:
    """Whether the contact carries the built-in tag of this kind now."""
    tag = select(Tag.id).where(Tag.campaign_id == campaign_id, Tag.opts_out_of == texting)
    row = select(ContactTag.contact_id).where(
        ContactTag.tag_id == tag.scalar_subquery(), ContactTag.contact_id == contact_id
    )
    return db.session.execute(row).first() is not None


def _stop_texts(
    campaign_id: int, texting: Texting, contact_ids: Select[int], *, now: datetime
) -> None:
    """Cancel what is queued, suppress who is still to be texted, close the conversations."""
    contacts = contact_ids.scalar_subquery()
    for state in (MessageState.QUEUED, MessageState.CLAIMED):
        cancelled = db.session.execute(
            update(Message)
            .where(
                Message.contact_id.in_(contacts),
                Message.texting == texting,
                Message.state == state,
                Message.kind != MessageKind.CONFIRMATION,
            )
            .values(state=MessageState.CANCELLED, error_reason=OPTED_OUT, settled_at=now)
            .returning(Message.kind, Message.action_id)
            .execution_options(synchronize_session=False)
        ).all()
        firsts = [action for kind, action in cancelled if kind is MessageKind.FIRST]
        tally.move(firsts, state.value, "cancelled")
    running = db.session.scalars(
        select(Action.id).where(
            Action.campaign_id == campaign_id,
            Action.texting == texting,
            Action.state.in_(RUNNING),
        )
    ).all()
    for action_id in running:
        skipped = changed_rows(
            update(Recipient)
            .where(
                Recipient.action_id == action_id,
                Recipient.contact_id.in_(contacts),
                Recipient.state == RecipientState.READY,
            )
            .values(state=RecipientState.SUPPRESSED, reason=Reason.OPTED_OUT)
            .execution_options(synchronize_session=False)
        )
        tally.add(action_id, ready=-skipped, opted_out=skipped, skipped=skipped)
    closed = db.session.execute(
        update(Conversation)
        .where(
            Conversation.contact_id.in_(contacts),
            Conversation.texting == texting,
            Conversation.closed.is_(None),
        )
        .values(
            closed=Closed.OPTED_OUT,
            closed_at=now,
            is_unread=False,
            needs_reply=False,
            report_due=False,
            needs_attention=False,
        )
        .returning(Conversation.assignee_id)
        .execution_options(synchronize_session=False)
    ).scalars()
    tally.tick(campaign_id, closed)


def _reopen(contact: Contact, texting: Texting) -> None:
    """After a lift, read-only conversations can be used again; they wait under Archived.

    Those that ended with a stop word stay hidden for good (decision 5).
    """
    reopened = db.session.execute(
        update(Conversation)
        .where(
            Conversation.contact_id == contact.id,
            Conversation.texting == texting,
            Conversation.closed == Closed.OPTED_OUT,
            ~Conversation.is_hidden,
        )
        .values(closed=None, closed_at=None, is_archived=True)
        .returning(Conversation.assignee_id)
        .execution_options(synchronize_session=False)
    ).scalars()
    tally.tick(contact.campaign_id, reopened)
