"""Texts that wait for their action: held while it is paused, cancelled once it is over or too late.

First texts and the answers of an automated action leave only while the action is live, first
texts also from its first day to its last; replies, help and confirmations do not ask. An answer
that a pause has held for an hour is not sent any more: whoever texted a keyword at noon is not to
be answered in the evening, perhaps with words that were the reason for the pause. People answer
instead: the conversation needs attention, as does one whose keyword comes during the pause.
(Waiting for texting hours is something else; it is what decision 14 asks for, and an answer
leaves in the morning.)
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_, select, update

from webapp.db import db
from webapp.models import Action, ActionState, Message, MessageKind, MessageState, Script
from webapp.services import conversations, tally

# How long an answer may wait for its action, counted from when it might have left.
HELD_AT_MOST = timedelta(hours=1)
FINISHED = "The action was finished before it was sent."
TOO_LATE = "The action was paused for more than an hour, so a person answers."


def may_leave(now: Any) -> ColumnElement[bool]:
    """Whether its action lets a text leave at `now`, a moment or the parameter of a statement
    over Message.

    An answer's action is that of its script: its conversation may have none. The text of the
    campaign itself for those who opt in has no script, and waits for nobody.
    """
    is_live = select(Action.id).where(Action.state == ActionState.LIVE)
    own = is_live.where(
        Action.id == Message.action_id,
        or_(Action.texts_from.is_(None), Action.texts_from <= now),
        or_(Action.texts_until.is_(None), Action.texts_until > now),
    )
    by_script = is_live.join(Script, Script.action_id == Action.id).where(
        Script.id == Message.script_id
    )
    return or_(
        Message.kind.not_in((MessageKind.FIRST, MessageKind.AUTOMATED)),
        and_(Message.kind == MessageKind.FIRST, own.correlate(Message).exists()),
        and_(
            Message.kind == MessageKind.AUTOMATED,
            or_(Message.script_id.is_(None), by_script.correlate(Message).exists()),
        ),
    )


def action_of(message: Message) -> Action | None:
    """The action that a text waits for; None for one that waits for none."""
    if message.kind is MessageKind.FIRST and message.action_id:
        return db.session.get(Action, message.action_id)
    if message.kind is MessageKind.AUTOMATED and message.script_id:
        return db.session.get(Action, db.session.get_one(Script, message.script_id).action_id)
    return None


def cancel_all(action: Action, *, now: datetime) -> None:
    """Cancel the first texts and answers of an action that is over; people answer instead."""
    scripts = select(Script.id).where(Script.action_id == action.id)
    its = or_(
        and_(Message.kind == MessageKind.FIRST, Message.action_id == action.id),
        and_(Message.kind == MessageKind.AUTOMATED, Message.script_id.in_(scripts)),
    )
    for state in (MessageState.QUEUED, MessageState.CLAIMED):
        _cancel(state, its, FINISHED, now=now)


def drop_old(*, now: datetime) -> int:
    """Cancel the answers that a pause has held for an hour; returns how many.

    Asked by the sweep, and before an action is resumed, as nobody may have swept meanwhile.
    """
    held = and_(
        Message.kind == MessageKind.AUTOMATED,
        Message.not_before <= now - HELD_AT_MOST,
        ~may_leave(now),
    )
    return _cancel(MessageState.QUEUED, held, TOO_LATE, now=now)


def _cancel(state: MessageState, condition: ColumnElement[bool], why: str, *, now: datetime) -> int:
    """Cancel texts in a state, given as a literal so that the partial indexes serve."""
    its = select(Message.id).where(Message.state == literal_column(f"'{state.value}'"), condition)
    rows = db.session.execute(
        update(Message)
        .where(Message.id.in_(its.with_for_update()), Message.state == state)
        .values(
            state=MessageState.CANCELLED,
            error_reason=why,
            settled_at=now,
            lease_owner=None,
            lease_until=None,
        )
        .returning(Message.kind, Message.action_id, Message.conversation_id, Message.created_at)
        .execution_options(synchronize_session=False)
    ).all()
    firsts = [row.action_id for row in rows if row.kind is MessageKind.FIRST]
    tally.move(firsts, state.value, "cancelled")
    unanswered = [row for row in rows if row.kind is MessageKind.AUTOMATED]
    _ask_people((row.conversation_id, row.created_at) for row in unanswered)
    return len(rows)


def _ask_people(unanswered: Iterable[tuple[int | None, datetime]]) -> None:
    """The conversations need attention since their keyword came."""
    since: dict[int, datetime] = {}
    for conversation_id, at in unanswered:
        if conversation_id is not None:
            since[conversation_id] = min(at, since.get(conversation_id, at))
    conversations.ask_people(since)
