"""What an inbox list may be narrowed to: ids and names, by statements that are built once."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select

from webapp.db import run
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTexter,
    Conversation,
    Membership,
    Tag,
    User,
)
from webapp.services import inbox_lines
from webapp.services.members import RANK
from webapp.services.tags import rank

Choice = tuple[int, str]

_TAGS = select(Tag.id, Tag.name, Tag.opts_out_of, Tag.folded_name).where(
    Tag.campaign_id == bindparam("campaign_id"), Tag.archived_at.is_(None)
)
_PEOPLE = (
    select(User.id, User.name, Membership.role)
    .join(Membership, Membership.user_id == User.id)
    .where(Membership.campaign_id == bindparam("campaign_id"), Membership.removed_at.is_(None))
    .order_by(func.lower(User.name), User.id)
)


def actions(campaign_id: int, texter: User | None) -> list[Choice]:
    """The actions whose conversations the inbox may hold.

    For a texter the peer-to-peer actions they may text for now, and the broadcasts and automated
    actions they answer for, once people have written; newest launch first. For admins all, newest
    first.
    """
    return _pairs(run(_actions(texter is not None), **inbox_lines.scope(campaign_id, texter)))


def tags(campaign_id: int) -> list[Choice]:
    """The campaign's tags: the built-in ones first, then its own by name."""
    return _pairs(sorted(run(_TAGS, campaign_id=campaign_id), key=rank))


def people(campaign_id: int) -> list[Choice]:
    """Everybody in the campaign: the owner, then admins, then texters, by name."""
    found = run(_PEOPLE, campaign_id=campaign_id)
    return _pairs(sorted(found, key=lambda row: -RANK[row.role]))


def _pairs(rows: Iterable[Any]) -> list[Choice]:
    return [(row.id, row.name) for row in rows]


@cache
def _actions(is_scoped: bool) -> Select[int, str]:
    query = select(Action.id, Action.name).where(Action.campaign_id == bindparam("campaign_id"))
    talks = select(Conversation.id).where(
        Conversation.action_id == Action.id, ~Conversation.is_hidden
    )
    # A broadcast has no conversations before somebody answers it.
    has_talks = talks.correlate(Action).exists()
    is_p2p = Action.kind == ActionKind.P2P
    if not is_scoped:
        return query.where(or_(is_p2p, has_talks)).order_by(Action.id.desc())
    mine = select(ActionTexter.action_id).where(ActionTexter.user_id == bindparam("texter_id"))
    is_under_way = Action.state.in_((ActionState.LIVE, ActionState.PAUSED, ActionState.LAUNCHING))
    return query.where(
        or_(and_(is_p2p, is_under_way), and_(~is_p2p, has_talks)),
        or_(Action.all_texters, Action.id.in_(mine)),
    ).order_by(Action.launched_at.desc(), Action.id.desc())
