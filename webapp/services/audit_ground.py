"""The audit of the ground that all rests on: built-in tags, guards, separate campaigns."""

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, text, union

from webapp.db import Base, db
from webapp.models import (
    Action,
    Campaign,
    Contact,
    ContactList,
    ContactTag,
    Conversation,
    Direction,
    ListMember,
    Message,
    MessageKind,
    Number,
    Recipient,
    Report,
    Tag,
    TrailEntry,
)
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services.audit_checks import Check, Column, named, within

# The triggers that keep built-in tags and the trail as they are, and their tables.
GUARDS = {
    "tag_keeps_built_in": "tag",
    "tag_stays_built_in": "tag",
    "trail_entry_is_not_changed": "trail_entry",
    "trail_entry_is_not_deleted": "trail_entry",
    "trail_seal_is_not_changed": "trail_seal",
    "trail_seal_is_not_deleted": "trail_seal",
}
_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
}


def missing_guards() -> list[str]:
    """The names of triggers that are not there, or not in force."""
    rows = db.session.execute(text(_TRIGGERS[db.engine.dialect.name]))
    there = {row[0]: row[1] for row in rows}
    return [name for name, table in GUARDS.items() if there.get(name) != table]


def _without_built_in_tags(campaign_id: int | None) -> Select[str]:
    """Campaigns that do not have exactly the two built-in tags, each under its own name."""
    right: list[ColumnElement[bool]] = [
        and_(Tag.opts_out_of == texting, Tag.name == name, Tag.archived_at.is_(None))
        for texting, name in BUILT_IN_NAMES.items()
    ]
    wrong = [_tags_of_campaign(condition) != 1 for condition in right]
    wrong.append(_tags_of_campaign(Tag.opts_out_of.is_not(None)) != len(BUILT_IN_NAMES))
    query = select(named("campaign", Campaign.id))
    return query.where(within(Campaign.id, campaign_id), or_(*wrong))


def _tags_of_campaign(condition: ColumnElement[bool]) -> ColumnElement[int]:
    count = select(func.count()).where(Tag.campaign_id == Campaign.id, condition)
    return count.correlate(Campaign).scalar_subquery()


def _strays(campaign_id: int | None) -> Select[str]:
    """Rows that point into another campaign."""
    queries = [
        _astray(Message, "message", Message.contact_id, Contact, campaign_id),
        _astray(Message, "message", Message.conversation_id, Conversation, campaign_id),
        _astray(Message, "message", Message.number_id, Number, campaign_id),
        _astray(Message, "message", Message.action_id, Action, campaign_id),
        _astray(Conversation, "conversation", Conversation.contact_id, Contact, campaign_id),
        _astray(Conversation, "conversation", Conversation.number_id, Number, campaign_id),
        _astray(Conversation, "conversation", Conversation.action_id, Action, campaign_id),
        _astray(Action, "action", Action.number_id, Number, campaign_id),
        _astray(Report, "report", Report.contact_id, Contact, campaign_id),
        _astray(Report, "report", Report.conversation_id, Conversation, campaign_id),
        _astray(TrailEntry, "trail_entry", TrailEntry.contact_id, Contact, campaign_id),
        _tags_astray(Tag, Tag.id == ContactTag.tag_id, campaign_id),
        _tags_astray(Contact, Contact.id == ContactTag.contact_id, campaign_id),
        _people_astray(Recipient, Recipient.action_id, Action, campaign_id),
        _people_astray(ListMember, ListMember.list_id, ContactList, campaign_id),
    ]
    return select(union(*queries).subquery().c[0])


def _astray(
    model: type[Base],
    table: str,
    key: Column,
    target: type[Base],
    campaign_id: int | None,
) -> Select[str]:
    own, its = model.__table__.c, target.__table__.c
    return (
        select(named(table, own.id))
        .join(target, its.id == key)
        .where(within(own.campaign_id, campaign_id), own.campaign_id != its.campaign_id)
    )


def _tags_astray(
    target: type[Base], fits: ColumnElement[bool], campaign_id: int | None
) -> Select[str]:
    its = target.__table__.c
    return (
        select(named("contact", ContactTag.contact_id))
        .join(target, fits)
        .where(
            within(ContactTag.campaign_id, campaign_id), ContactTag.campaign_id != its.campaign_id
        )
    )


def _people_astray(
    model: type[Recipient] | type[ListMember],
    key: Column,
    target: type[Action] | type[ContactList],
    campaign_id: int | None,
) -> Select[str]:
    return (
        select(named("contact", model.contact_id))
        .join(target, target.id == key)
        .join(Contact, Contact.id == model.contact_id)
        .where(within(target.campaign_id, campaign_id), Contact.campaign_id != target.campaign_id)
    )


def _orphans(campaign_id: int | None) -> Select[str]:
    """People of an audience whose contact or action is not there; the table has no foreign keys."""
    who = (
        named("recipient", Recipient.action_id)
        + literal(" ")
        + named("contact", Recipient.contact_id)
    )
    missing = (
        select(who)
        .outerjoin(Action, Action.id == Recipient.action_id)
        .outerjoin(Contact, Contact.id == Recipient.contact_id)
        .where(or_(Action.id.is_(None), Contact.id.is_(None)))
    )
    return missing if campaign_id is None else missing.where(Action.campaign_id == campaign_id)


def _wrong_kind(campaign_id: int | None) -> Select[str]:
    """Texts and conversations that claim to be of another kind than their action.

    The kind decides which opt-out is asked, so a wrong one would slip past Safeguard.
    """
    texts = (
        select(named("message", Message.id))
        .join(Action, Action.id == Message.action_id)
        .where(
            Message.direction == Direction.OUT,
            Message.kind != MessageKind.CONFIRMATION,
            within(Message.campaign_id, campaign_id),
            Message.texting != Action.texting,
        )
    )
    threads = (
        select(named("conversation", Conversation.id))
        .join(Action, Action.id == Conversation.action_id)
        .where(
            within(Conversation.campaign_id, campaign_id), Conversation.texting != Action.texting
        )
    )
    crossed = (
        select(named("message", Message.id))
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            within(Message.campaign_id, campaign_id),
            or_(
                Message.contact_id != Conversation.contact_id,
                and_(
                    Message.direction == literal(Direction.OUT, Message.direction.type),
                    Message.texting != Conversation.texting,
                ),
            ),
        )
    )
    return select(union(texts, threads, crossed).subquery().c[0])


CHECKS = (
    Check(
        "built_in_tags",
        "Every campaign has exactly its two built-in tags, under their names and in use.",
        _without_built_in_tags,
    ),
    Check(
        "campaigns_apart",
        "Nothing points into another campaign.",
        _strays,
    ),
    Check(
        "audiences_whole",
        "Everybody in the audience of an action is a contact.",
        _orphans,
    ),
    Check(
        "kinds_agree",
        "Texts, conversations and actions agree on contact and kind of texting.",
        _wrong_kind,
    ),
)
