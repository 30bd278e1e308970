"""Actions: draft, details, pause, resume, finish."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update

from webapp.db import changed_rows, db
from webapp.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    ActionTexter,
    Actor,
    Campaign,
    Event,
    Membership,
    Number,
    NumberKind,
    ShownTag,
    Texting,
    User,
)
from webapp.services import action_days, alarm_answers, automated, holding, numbers, tags, trail
from webapp.texting import lines
from webapp.texting.spans import Span

LARGEST_BATCH = 500


def draft(
    campaign: Campaign, kind: ActionKind, name: str, *, by: User | None, now: datetime
) -> Action:
    """Make a draft; its report offers the opt-out tag of its kind from the start.

    The number is the campaign's first that serves this kind of texting, if there is one.
    """
    action = Action(
        campaign_id=campaign.id,
        kind=kind,
        name=_checked_name(name),
        created_by=by.id if by else None,
        created_at=now,
        saved_at=now,
    )
    numbers = numbers_for(campaign.id, kind.texting)
    action.number_id = numbers[0].id if numbers else None
    db.session.add(action)
    db.session.flush()
    db.session.add(ActionTally(action_id=action.id))
    opt_out = tags.built_in(campaign.id, kind.texting)
    db.session.add(ShownTag(action_id=action.id, tag_id=opt_out.id, position=0))
    db.session.flush()
    trail.record(Event.ACTION_CREATED, campaign_id=campaign.id, by=by, now=now, about=action)
    return action


def numbers_for(campaign_id: int, texting: Texting) -> list[Number]:
    """The campaign's numbers that serve a kind of texting, oldest first."""
    query = select(Number).where(
        Number.campaign_id == campaign_id,
        Number.retired_at.is_(None),
        Number.kind.in_((NumberKind(texting.value), NumberKind.BOTH)),
    )
    return list(db.session.scalars(query.order_by(Number.id)))


def set_details(
    action: Action,
    *,
    name: str,
    instruction: str = "",
    batch_size: int = 50,
    own_replies: bool = True,
    number: Number | None = None,
    texters: Sequence[User] | None = None,
    days: Span | None = None,
) -> Action:
    """Change name, instruction, batch size, number, texters (None: all) and days (none: any).

    The number of a launched action stays: its conversations run on it. Another one is refused
    (ConflictError), also when somebody launches it at the same moment.
    """
    if action.state is ActionState.FINISHED:
        raise RefusedError("This action is finished and can't be changed.")
    if not 1 <= batch_size <= LARGEST_BATCH:
        raise InvalidError(f"A batch has 1 to {LARGEST_BATCH} contacts.", field="batch_size")
    action.name = _checked_name(name)
    action.instruction = instruction.strip()[:300]
    action.batch_size = batch_size
    action.own_replies = own_replies
    if number is not None and number.id != action.number_id:
        numbers.give(action, number)
    _set_texters(action, texters)
    action_days.set_days(action, days or Span())
    db.session.flush()
    return action


def note_saved(action: Action, *, now: datetime) -> None:
    """Remember when a step was last saved; every step says so beside the name of the action."""
    action.saved_at = now
    db.session.flush()


def of_texter(campaign_id: int, user_id: int) -> list[Action]:
    """The peer-to-peer actions a texter may text for now, newest launch first."""
    mine = select(ActionTexter.action_id).where(ActionTexter.user_id == user_id)
    query = select(Action).where(
        Action.campaign_id == campaign_id,
        Action.kind == ActionKind.P2P,
        Action.state.in_((ActionState.LIVE, ActionState.PAUSED, ActionState.LAUNCHING)),
        or_(Action.all_texters, Action.id.in_(mine)),
    )
    return list(db.session.scalars(query.order_by(Action.launched_at.desc(), Action.id.desc())))


def is_texter_of(action: Action, user: User) -> bool:
    """Whether this person may text for this action."""
    if action.all_texters:
        return True
    return db.session.get(ActionTexter, (action.id, user.id)) is not None


def texters_of(action: Action, *, approved: bool = False) -> list[User]:
    """The people who text for this action: the chosen ones, or everyone on the team.

    With `approved`, without those who wait for an admin (services.approvals).
    """
    query = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.campaign_id == action.campaign_id, Membership.removed_at.is_(None))
    )
    if approved:
        query = query.where(~Membership.awaits_approval)
    if not action.all_texters:
        query = query.join(ActionTexter, ActionTexter.user_id == User.id).where(
            ActionTexter.action_id == action.id
        )
    return list(db.session.scalars(query.order_by(User.name, User.id)))


def pause(action: Action, *, by: User | None, now: datetime) -> bool:
    """Stop first texts and automated answers at once; replies go on. False when it was paused
    already. What waits is held: first texts for the resume, an answer for an hour at most.
    """
    return _change(action, ActionState.LIVE, ActionState.PAUSED, Event.PAUSED, by=by, now=now)


def resume(action: Action, *, by: User | None, now: datetime, reason: str = "") -> bool:
    """Let first texts and answers leave again. False when it was live already.

    After Heed paused it by itself a reason is asked for (InvalidError, field "reason"); it stays
    on the trail, and the opt-out rate is watched anew from here.
    """
    db.session.refresh(action, with_for_update=True)
    details = alarm_answers.reason_to_go_on(action, reason)
    holding.drop_old(now=now)
    paused, live = ActionState.PAUSED, ActionState.LIVE
    if not _change(action, paused, live, Event.RESUMED, by=by, now=now, details=details):
        return False
    if action.alarm:
        alarm_answers.watch_anew(action)
    return True


def finish(action: Action, *, by: User | None, now: datetime) -> bool:
    """End an action for good: its queued texts are cancelled, conversations can go on, and
    whoever waits for an automated answer is brought to the attention of people.

    False when it was finished already. People who were not texted stay `ready` in the receipt.
    The keywords of an automated action are free again; its page still tells them.
    """
    before = ActionState.PAUSED if action.state is ActionState.PAUSED else ActionState.LIVE
    if not _change(action, before, ActionState.FINISHED, Event.FINISHED, by=by, now=now):
        return False
    action.finished_at, action.alarm = now, ""
    holding.cancel_all(action, now=now)
    if action.kind is ActionKind.AUTOMATED:
        automated.free_keywords(action)
    return True


def _change(
    action: Action,
    before: ActionState,
    after: ActionState,
    event: Event,
    *,
    by: User | None,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> bool:
    """Take an action from one state to another, once; ConflictError from any third state."""
    claimed = changed_rows(
        update(Action).where(Action.id == action.id, Action.state == before).values(state=after)
    )
    if claimed:
        trail.record(
            event,
            campaign_id=action.campaign_id,
            by=by,
            actor=None if by else Actor.HOST,
            now=now,
            about=action,
            details=details,
        )
        return True
    db.session.refresh(action)
    if action.state is after:
        return False
    raise ConflictError(f"“{action.name}” is {action.state.value}, so this can't be done now.")


def _checked_name(name: str) -> str:
    name = lines.one_line(name)
    if not name:
        raise InvalidError("Give the action a name.", field="name")
    if len(name) > 80:
        raise InvalidError("The name can have 80 characters at most.", field="name")
    return name


def _set_texters(action: Action, texters: Sequence[User] | None) -> None:
    db.session.execute(delete(ActionTexter).where(ActionTexter.action_id == action.id))
    action.all_texters = texters is None
    for user in texters or ():
        if db.session.get(Membership, (action.campaign_id, user.id)) is None:
            raise NotFoundError("This person isn't on the team.")
        db.session.add(ActionTexter(action_id=action.id, user_id=user.id))
