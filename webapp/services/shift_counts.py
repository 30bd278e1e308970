"""The counts on a texter's list of actions, and what tells that they have changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select, text

from webapp.db import db
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    ActionTexter,
    Conversation,
    Recipient,
    RecipientState,
    User,
)
from webapp.services import actions, inbox, marks
from webapp.services.batch_hours import Wait
from webapp.services.marks import MOST

GONE = "gone"


@dataclass(frozen=True)
class Shift:
    """One action on a texter's list."""

    action: Action
    in_batch: int  # people of the open batch who are still to be texted
    left: int  # people of the action who are, by anybody
    waiting: int  # the texter's conversations in it that need attention
    shut: str = ""  # a sentence: today is none of the action's days; "" when it is
    wait: Wait | None = None  # nobody may be texted for now

    @property
    def mark(self) -> str:
        """What the list says of it, except when texting opens: "7.live.12.38.3"."""
        state = self.action.state.value
        return f"{self.action.id}.{state}.{self.in_batch}.{self.left}.{self.waiting}"


@dataclass(frozen=True, slots=True)
class Gone:
    """An action that is not on a texter's list any more, and whether they are still on it."""

    action: Action
    is_mine: bool


def of_texter(campaign_id: int, texter: User) -> list[Shift]:
    """The actions that a texter may text for now, newest launch first: four statements.

    Whether somebody may be texted at this hour is not looked at (services.shifts).
    """
    found = actions.of_texter(campaign_id, texter.id)
    ids = [action.id for action in found]
    left, in_batch = _left(ids), _in_batch(ids, texter)
    waiting = _waiting(campaign_id, texter)
    return [
        Shift(one, in_batch.get(one.id, 0), left.get(one.id, 0), waiting.get(one.id, 0))
        for one in found
    ]


def known(mark: str) -> list[int]:
    """The ids of the actions in a mark; what makes no sense is left out."""
    return list(marks.parts(mark))


def mark(shifts: Iterable[Shift], ids: Sequence[int]) -> str:
    """What the list says of these actions; of one that is not there any more "7.gone"."""
    here = {one.action.id: one.mark for one in shifts}
    return "-".join(here.get(one, f"{one}.{GONE}") for one in ids)


def new(shifts: Sequence[Shift], ids: Sequence[int]) -> int:
    """How many actions have no card; behind the last of MOST there are cards without a mark."""
    known = set(ids)
    here = [one.action.id in known for one in shifts]
    if len(known) >= MOST:
        here = here[: 1 + max((n for n, is_here in enumerate(here) if is_here), default=-1)]
    return here.count(False)


def gone(campaign_id: int, texter: User, ids: Iterable[int]) -> list[Gone]:
    """The actions with these ids, of those that may have been on the texter's list once.

    Whoever asks says which they were, so drafts and broadcasts are left out, and of an action
    that is somebody else's nothing may be told (`is_mine`).
    """
    mine = select(ActionTexter.action_id).where(ActionTexter.user_id == texter.id)
    query = select(Action, or_(Action.all_texters, Action.id.in_(mine))).where(
        Action.campaign_id == campaign_id,
        Action.id.in_(list(ids)),
        Action.kind == ActionKind.P2P,
        Action.state != ActionState.DRAFT,
    )
    return [Gone(action, is_mine) for action, is_mine in db.session.execute(query)]


def _left(ids: Sequence[int]) -> dict[int, int]:
    query = select(ActionTally.action_id, ActionTally.ready)
    rows = db.session.execute(query.where(ActionTally.action_id.in_(ids)))
    return dict(rows.all())


def _in_batch(ids: Sequence[int], texter: User) -> dict[int, int]:
    rows = db.session.execute(
        select(Recipient.action_id, func.count())
        .where(
            Recipient.action_id.in_(ids),
            Recipient.assignee_id == texter.id,
            Recipient.state == RecipientState.READY,
        )
        .group_by(Recipient.action_id)
    )
    return dict(rows.all())


def _waiting(campaign_id: int, texter: User) -> dict[int | None, int]:
    rows = db.session.execute(
        select(Conversation.action_id, func.count())
        .where(
            Conversation.campaign_id == campaign_id,
            Conversation.assignee_id == texter.id,
            text(inbox.CONDITIONS[inbox.View.NEEDS]),
        )
        .group_by(Conversation.action_id)
    )
    return dict(rows.all())
