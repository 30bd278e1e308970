"""The audit of the kept counts: what pages show is what the rows say, and it adds up."""

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select

from webapp.models import (
    Action,
    ActionTally,
    ContactList,
    ContactTag,
    ListMember,
    Message,
    MessageKind,
    MessageState,
    Reason,
    Recipient,
    RecipientState,
    Tag,
)
from webapp.services.audit_checks import Check, Column, named, within

# The states of first texts that an action counts, each in the column of the same name.
COUNTED = tuple(
    state.value
    for state in MessageState
    if state not in (MessageState.RECEIVED, MessageState.SUPPRESSED)
)
REASONS = tuple(reason.value for reason in Reason)


def _miscounted(campaign_id: int | None) -> Select[str]:
    people, texts = _people(), _first_texts()
    counts = ActionTally.__table__.c
    wrong: list[ColumnElement[bool]] = [counts.action_id.is_(None)]
    for name in ("total", "ready", *REASONS):
        wrong.append(counts[name] != func.coalesce(people.c[name], 0))
    for name in COUNTED:
        wrong.append(counts[name] != func.coalesce(texts.c[name], 0))
    wrong.append(func.coalesce(people.c.texted, 0) != func.coalesce(texts.c.all, 0))
    return (
        select(named("action", Action.id))
        .outerjoin(ActionTally, ActionTally.action_id == Action.id)
        .outerjoin(people, people.c.action_id == Action.id)
        .outerjoin(texts, texts.c.action_id == Action.id)
        .where(within(Action.campaign_id, campaign_id), or_(*wrong))
    )


def _people() -> Subquery:
    """The people of each action, by what became of them."""
    ready, texted = RecipientState.READY, RecipientState.TEXTED
    columns = {
        "ready": Recipient.state == ready,
        "texted": Recipient.state == texted,
        **{
            reason.value: and_(
                Recipient.state == RecipientState.SUPPRESSED, Recipient.reason == reason
            )
            for reason in Reason
        },
    }
    return (
        select(
            Recipient.action_id,
            func.count().label("total"),
            *(_times(condition).label(name) for name, condition in columns.items()),
        )
        .group_by(Recipient.action_id)
        .subquery()
    )


def _first_texts() -> Subquery:
    """The first texts of each action, by state."""
    return (
        select(
            Message.action_id,
            func.count().label("all"),
            *(_times(Message.state == MessageState(name)).label(name) for name in COUNTED),
        )
        .where(Message.kind == MessageKind.FIRST)
        .group_by(Message.action_id)
        .subquery()
    )


def _times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _not_adding_up(campaign_id: int | None) -> Select[str]:
    """Actions whose counts do not add up to their total (decision 12)."""
    counts = ActionTally.__table__.c
    parts: ColumnElement[int] = counts.ready
    for name in (*REASONS, *COUNTED):
        parts = parts + counts[name]
    return (
        select(named("action", Action.id))
        .join(ActionTally, ActionTally.action_id == Action.id)
        .where(within(Action.campaign_id, campaign_id), counts.total != parts)
    )


def _tags_miscounted(campaign_id: int | None) -> Select[str]:
    carried = _sizes(ContactTag.tag_id)
    return (
        select(named("tag", Tag.id))
        .outerjoin(carried, carried.c.of == Tag.id)
        .where(
            within(Tag.campaign_id, campaign_id),
            Tag.contacts != func.coalesce(carried.c.size, 0),
        )
    )


def _lists_miscounted(campaign_id: int | None) -> Select[str]:
    members = _sizes(ListMember.list_id)
    return (
        select(named("contact_list", ContactList.id))
        .outerjoin(members, members.c.of == ContactList.id)
        .where(
            within(ContactList.campaign_id, campaign_id),
            ContactList.is_ready,
            ContactList.size != func.coalesce(members.c.size, 0),
        )
    )


def _sizes(column: Column) -> Subquery:
    rows = select(column.label("of"), func.count().label("size"))
    return rows.group_by(column).subquery()


CHECKS = (
    Check(
        "action_counts",
        "The counts of every action are those of its people and its first texts.",
        _miscounted,
    ),
    Check(
        "action_sums",
        "The counts of every action add up to its total.",
        _not_adding_up,
    ),
    Check(
        "tag_counts",
        "Every tag counts the contacts that carry it.",
        _tags_miscounted,
    ),
    Check(
        "list_sizes",
        "Every list counts its members.",
        _lists_miscounted,
    ),
)
