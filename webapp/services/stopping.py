"""What an opt-out stops (queued texts, first texts to come, conversations) and settles (hints);
what a lift opens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Update,
    and_,
    bindparam,
    false,
    literal_column,
    null,
    select,
    update,
)

from webapp.db import db, run
from webapp.models import (
    Action,
    ActionState,
    Closed,
    Contact,
    Conversation,
    Hinted,
    Message,
    MessageKind,
    MessageState,
    Reason,
    Recipient,
    RecipientState,
    Texting,
)
from webapp.rows import one_of
from webapp.services import tally

RUNNING = (ActionState.LAUNCHING, ActionState.LIVE, ActionState.PAUSED)
WAITING = (MessageState.QUEUED, MessageState.CLAIMED)
UNDECIDED = (Hinted.OPEN, Hinted.DISMISSED)
WHY = "The contact opted out before it was sent."
# Bound values that every statement here knows.
_CAMPAIGN: BindParameter[int] = bindparam("campaign")
_KIND = bindparam("of_kind", type_=Conversation.texting.type)
_NOW = bindparam("now", type_=Message.created_at.type)
_CONTACTS: BindParameter[int] = bindparam("contacts", expanding=True)
_ACTION: BindParameter[int] = bindparam("action")

_RUNNING = select(Action.id).where(
    Action.campaign_id == _CAMPAIGN, Action.texting == _KIND, one_of(Action.state, *RUNNING)
)


@dataclass(frozen=True, slots=True)
class Stop:
    """A contact asks that one kind of texting stops, by a message if there is one."""

    campaign_id: int
    contact_id: int
    texting: Texting
    message_id: int | None
    # The action that counts this opt-out as one of its own, if it is new.
    action_id: int | None = field(default=None, compare=False)

    def of(self, texting: Texting) -> Self:
        """The same for a kind of texting; for another kind no action counts it."""
        return self if texting is self.texting else replace(self, texting=texting, action_id=None)


def counted_first(stops: Iterable[Stop]) -> list[Stop]:
    """Those that an action counts before the others, so that of two that are alike one is kept."""
    return sorted(stops, key=lambda stop: stop.action_id is None)


def _cancels(contacts: ColumnElement[bool], state: MessageState) -> Update:
    return (
        update(Message)
        .where(
            contacts,
            Message.texting == _KIND,
            Message.state == literal_column(f"'{state.value}'"),
            Message.kind != MessageKind.CONFIRMATION,
        )
        .values(state=MessageState.CANCELLED, error_reason=WHY, settled_at=_NOW)
        .returning(Message.kind, Message.action_id)
    )


def _suppresses(contacts: ColumnElement[bool]) -> Update:
    return (
        update(Recipient)
        .where(Recipient.action_id == _ACTION, contacts, Recipient.state == RecipientState.READY)
        .values(state=RecipientState.SUPPRESSED, reason=Reason.OPTED_OUT)
    )


def _closes(contacts: ColumnElement[bool]) -> Update:
    return (
        update(Conversation)
        .where(contacts, Conversation.texting == _KIND, Conversation.closed.is_(None))
        .values(
            closed=literal_column(f"'{Closed.OPTED_OUT.value}'"),
            closed_at=_NOW,
            is_unread=false(),
            needs_reply=false(),
            report_due=false(),
            needs_attention=false(),
            hint_message_id=null(),
        )
        .returning(Conversation.assignee_id)
    )


def _settles(contacts: ColumnElement[bool]) -> Update:
    """The contact's texts that read like a request to stop were answered by the opt-out."""
    return (
        update(Message)
        .where(contacts, Message.texting == _KIND, one_of(Message.hint, *UNDECIDED))
        .values(hint=Hinted.AGREED, hint_by=None, hint_at=_NOW)
    )


# Built once for some contacts: this is the path of every STOP.
_CANCEL = {state: _cancels(Message.contact_id.in_(_CONTACTS), state) for state in WAITING}
_SUPPRESS = _suppresses(Recipient.contact_id.in_(_CONTACTS))
_CLOSE = _closes(Conversation.contact_id.in_(_CONTACTS))
_SETTLE = _settles(Message.contact_id.in_(_CONTACTS))


def stop(campaign_id: int, texting: Texting, contact_ids: Sequence[int], *, now: datetime) -> None:
    """Cancel what is queued for these few contacts, suppress, close and settle; twice is once.

    Everything is looked up by key: recipients by (action, contact) of the running actions,
    because a search by contact alone scans the table.
    """
    steps = _CANCEL, _SUPPRESS, _CLOSE, _SETTLE
    _stop(campaign_id, texting, *steps, now=now, contacts=contact_ids)


def stop_many(
    campaign_id: int, texting: Texting, contact_ids: Select[Any], *, now: datetime
) -> None:
    """The same for every contact of a query, set-based."""
    chosen = select(contact_ids.subquery().c[0]).scalar_subquery()
    cancels = {state: _cancels(Message.contact_id.in_(chosen), state) for state in WAITING}
    _stop(
        campaign_id,
        texting,
        cancels,
        _suppresses(Recipient.contact_id.in_(chosen)),
        _closes(Conversation.contact_id.in_(chosen)),
        _settles(and_(Message.campaign_id == campaign_id, Message.contact_id.in_(chosen))),
        now=now,
    )


def _stop(
    campaign_id: int,
    texting: Texting,
    cancels: dict[MessageState, Update],
    suppress: Update,
    close: Update,
    settle: Update,
    *,
    now: datetime,
    **contacts: Any,
) -> None:
    bound = {"of_kind": texting, "now": now, **contacts}
    for state, cancel in cancels.items():
        cancelled = run(cancel, **bound).all()
        firsts = [row.action_id for row in cancelled if row.kind is MessageKind.FIRST]
        tally.move(firsts, state.value, "cancelled")
    for action_id in run(_RUNNING, campaign=campaign_id, of_kind=texting).scalars().all():
        skipped = run(suppress, action=action_id, **contacts).rowcount
        tally.add(action_id, ready=-skipped, opted_out=skipped, skipped=skipped)
    tally.tick(campaign_id, run(close, **bound).scalars().all())
    run(settle, **bound)


def reopen(contact: Contact, texting: Texting) -> None:
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
