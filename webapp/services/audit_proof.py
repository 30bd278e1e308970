"""The audit of the proof: the tags that stop texts and the trail tell the same."""

from sqlalchemy import Select, Subquery, and_, case, func, or_, select

from webapp.models import ContactTag, Event, Message, MessageKind, Tag, TrailEntry
from webapp.services.audit_checks import Check, named, within

CHANGES = (Event.OPTED_OUT, Event.OPT_OUT_LIFTED)


def _last_changes(campaign_id: int | None) -> Subquery:
    """What the trail says last of each contact and kind of texting."""
    last = (
        select(func.max(TrailEntry.id).label("id"))
        .where(TrailEntry.event.in_(CHANGES), within(TrailEntry.campaign_id, campaign_id))
        .group_by(TrailEntry.contact_id, TrailEntry.texting)
        .subquery()
    )
    return (
        select(TrailEntry.contact_id, TrailEntry.texting, TrailEntry.event)
        .join(last, last.c.id == TrailEntry.id)
        .subquery()
    )


def _tags_without_proof(campaign_id: int | None) -> Select[str]:
    last = _last_changes(campaign_id)
    return (
        select(named("contact", ContactTag.contact_id))
        .join(Tag, Tag.id == ContactTag.tag_id)
        .outerjoin(
            last,
            and_(last.c.contact_id == ContactTag.contact_id, last.c.texting == Tag.opts_out_of),
        )
        .where(
            Tag.opts_out_of.is_not(None),
            within(Tag.campaign_id, campaign_id),
            or_(last.c.event.is_(None), last.c.event != Event.OPTED_OUT),
        )
    )


def _proof_without_tag(campaign_id: int | None) -> Select[str]:
    last = _last_changes(campaign_id)
    carried = (
        select(ContactTag.contact_id)
        .join(Tag, Tag.id == ContactTag.tag_id)
        .where(ContactTag.contact_id == last.c.contact_id, Tag.opts_out_of == last.c.texting)
        .correlate(last)
        .exists()
    )
    query = select(named("contact", last.c.contact_id))
    return query.where(last.c.event == Event.OPTED_OUT, ~carried)


def _changes_told_twice(campaign_id: int | None) -> Select[str]:
    """An opt-out follows a lift and a lift follows an opt-out, with the right before and after."""
    previous = func.lag(TrailEntry.event).over(
        partition_by=(TrailEntry.contact_id, TrailEntry.texting), order_by=TrailEntry.id
    )
    changes = (
        select(
            TrailEntry.id,
            TrailEntry.event,
            TrailEntry.before,
            TrailEntry.after,
            previous.label("previous"),
        )
        .where(TrailEntry.event.in_(CHANGES), within(TrailEntry.campaign_id, campaign_id))
        .subquery()
    )
    is_opt_out = changes.c.event == Event.OPTED_OUT
    expected = case((is_opt_out, Event.OPT_OUT_LIFTED.value), else_=Event.OPTED_OUT.value)
    return select(named("trail_entry", changes.c.id)).where(
        or_(
            func.coalesce(changes.c.previous, Event.OPT_OUT_LIFTED.value) != expected,
            changes.c.before.is_not_distinct_from(is_opt_out),
            changes.c.after.is_distinct_from(is_opt_out),
        )
    )


def _tests_untold(campaign_id: int | None) -> Select[str]:
    """Test texts that no person is named for on the trail."""
    told = (
        select(TrailEntry.id)
        .where(
            TrailEntry.event == Event.TEST_TEXT_SENT,
            TrailEntry.campaign_id == Message.campaign_id,
            TrailEntry.message_id == Message.id,
            TrailEntry.by_user_id.is_not(None),
        )
        .correlate(Message)
        .exists()
    )
    return select(named("message", Message.id)).where(
        Message.kind == MessageKind.TEST, within(Message.campaign_id, campaign_id), ~told
    )


CHECKS = (
    Check(
        "opt_outs_proven",
        "Every opt-out is the last change that the trail tells of its contact.",
        _tags_without_proof,
    ),
    Check(
        "opt_outs_kept",
        "Every opt-out of the trail holds, unless the trail says who lifted it.",
        _proof_without_tag,
    ),
    Check(
        "changes_told_once",
        "The trail tells every change of an opt-out once.",
        _changes_told_twice,
    ),
    Check(
        "test_texts_told",
        "The trail tells who sent each test text.",
        _tests_untold,
    ),
)
