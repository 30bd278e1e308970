"""The audience of an action: its lists, narrowed by tags, in contact order."""

from collections.abc import Sequence

from sqlalchemy import Select, delete, func, select

from webapp.db import db
from webapp.errors import InvalidError, RefusedError
from webapp.models import (
    Action,
    ActionList,
    ActionState,
    ActionTag,
    Contact,
    ContactList,
    ContactTag,
    ListMember,
    Tag,
)


def choose(
    action: Action,
    lists: Sequence[ContactList],
    *,
    with_tags: Sequence[Tag] = (),
    without_tags: Sequence[Tag] = (),
) -> None:
    """Set the lists and tags of a draft; what was chosen before is replaced.

    Raises RefusedError once the action is scheduled or launched, InvalidError for a list whose
    import is not complete (decision 27), and for a tag that is both asked for and left out.
    """
    if action.state is ActionState.SCHEDULED:
        raise RefusedError(
            "This broadcast is scheduled. Take it back to draft, then change the audience."
        )
    if action.state is not ActionState.DRAFT:
        raise RefusedError("The audience can't be changed after the launch.")
    for contact_list in lists:
        if not contact_list.is_ready:
            raise InvalidError(
                f"“{contact_list.name}” is still being imported. Wait until it is ready.",
                field="lists",
            )
    if {tag.id for tag in with_tags} & {tag.id for tag in without_tags}:
        raise InvalidError("A tag can't be both included and left out.", field="without_tags")
    db.session.execute(delete(ActionList).where(ActionList.action_id == action.id))
    db.session.execute(delete(ActionTag).where(ActionTag.action_id == action.id))
    db.session.add_all(ActionList(action_id=action.id, list_id=chosen.id) for chosen in lists)
    for excludes, tags in ((False, with_tags), (True, without_tags)):
        db.session.add_all(
            ActionTag(action_id=action.id, tag_id=tag.id, excludes=excludes) for tag in tags
        )
    db.session.flush()


def lists_of(action: Action) -> list[ContactList]:
    """The lists of an action, by name."""
    query = (
        select(ContactList)
        .join(ActionList, ActionList.list_id == ContactList.id)
        .where(ActionList.action_id == action.id)
        .order_by(ContactList.name)
    )
    return list(db.session.scalars(query))


def choices(campaign_id: int) -> list[ContactList]:
    """The lists that an action may be given, newest first; some may still be imported."""
    query = select(ContactList).where(
        ContactList.campaign_id == campaign_id, ContactList.archived_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(ContactList.id.desc())))


def tags_of(action: Action, *, excludes: bool) -> list[Tag]:
    """The tags that narrow the audience: those asked for, or those left out."""
    query = (
        select(Tag)
        .join(ActionTag, ActionTag.tag_id == Tag.id)
        .where(ActionTag.action_id == action.id, ActionTag.excludes == excludes)
        .order_by(Tag.name)
    )
    return list(db.session.scalars(query))


def contact_ids(
    action: Action, *, after: int = 0, up_to: int | None = None, limit: int | None = None
) -> Select[int]:
    """A query for the ids of the audience above `after` and up to `up_to`, ascending, each once.

    The walk follows the primary key of list_member, so that recipients are written in order.
    """
    lists = [chosen.id for chosen in lists_of(action)]
    # One list is an equality: the walk is then in order without sorting.
    chosen_ones = (
        ListMember.list_id == lists[0] if len(lists) == 1 else ListMember.list_id.in_(lists)
    )
    query = select(ListMember.contact_id.label("id")).where(
        chosen_ones, ListMember.contact_id > after
    )
    if up_to is not None:
        query = query.where(ListMember.contact_id <= up_to)
    if len(lists) > 1:
        query = query.distinct()
    for excludes in (False, True):
        for tag in tags_of(action, excludes=excludes):
            carried = (
                select(ContactTag.contact_id)
                .where(ContactTag.tag_id == tag.id, ContactTag.contact_id == ListMember.contact_id)
                .correlate(ListMember)
                .exists()
            )
            query = query.where(~carried if excludes else carried)
    return query.order_by(ListMember.contact_id).limit(limit)


def size(action: Action) -> int:
    """How many people the audience has now, Safeguard not yet asked."""
    ids = contact_ids(action).order_by(None).subquery()
    return db.session.scalar(select(func.count()).select_from(ids)) or 0


def samples(action: Action, *, after: int = 0, limit: int = 3) -> list[Contact]:
    """Some contacts of the audience, to try the script on."""
    ids = contact_ids(action, after=after, limit=limit).subquery()
    query = select(Contact).join(ids, ids.c.id == Contact.id).order_by(Contact.id)
    return list(db.session.scalars(query))
