"""Many conversations given to somebody else at once: a shift ends, or a texter is overwhelmed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import aliased

from webapp.db import changed_rows, db
from webapp.errors import InvalidError
from webapp.models import Action, Campaign, Contact, Conversation, Draft, Event, Membership, User
from webapp.services import tally, trail

PAGE = 50
LARGEST = 2**63  # No database holds this as an id.
AT_ONCE = 5_000  # ids in one statement


def open_of(campaign: Campaign, texter_id: int) -> Select[int]:
    """Ids of the conversations that a texter may still write in and has not put away."""
    return select(Conversation.id).where(
        Conversation.campaign_id == campaign.id,
        Conversation.assignee_id == texter_id,
        Conversation.closed.is_(None),
        ~Conversation.is_hidden,
        ~Conversation.is_archived,
    )


def count_open(campaign: Campaign, texter_id: int) -> int:
    """How many those are."""
    chosen = open_of(campaign, texter_id).subquery()
    return db.session.scalar(select(func.count()).select_from(chosen)) or 0


def page(
    campaign: Campaign, texter_id: int, *, after: int = 0
) -> tuple[Sequence[tuple[Conversation, Contact]], int | None]:
    """Some of them, the oldest first, and the id that the next page goes on from."""
    rows = db.session.execute(
        open_of(campaign, texter_id)
        .with_only_columns(Conversation, Contact)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Conversation.id > after)
        .order_by(Conversation.id)
        .limit(PAGE + 1)
    ).all()
    found = [(one, contact) for one, contact in rows[:PAGE]]
    return found, found[-1][0].id if len(rows) > PAGE else None


def marked(
    campaign: Campaign,
    ids: Sequence[int],
    *,
    of_action: Action | None = None,
    of_texter: int | None = None,
) -> Select[int]:
    """Ids of the conversations that somebody marked on the page of an action or a texter.

    What is not there, of another campaign, or somebody else's by now, is left out.
    """
    chosen = select(Conversation.id).where(
        Conversation.campaign_id == campaign.id,
        Conversation.id.in_(number for number in ids if 0 < number < LARGEST),
    )
    if of_action is not None:
        chosen = chosen.where(Conversation.action_id == of_action.id)
    if of_texter is not None:
        chosen = chosen.where(Conversation.assignee_id == of_texter)
    return chosen


def reassign(
    campaign: Campaign, chosen: Select[int], to: User | None, *, by: User, now: datetime
) -> int:
    """Give all these conversations to one person, or to the pool (None); returns how many moved.

    Those that are there already stay untouched. Drafts go along, unless the new texter has one
    in the same conversation. Each move is told on the trail. A few statements, however many
    there are. Raises InvalidError (field "to") when that person is not on the team, or
    waits for approval.
    """
    if to is not None:
        place = db.session.get(Membership, (campaign.id, to.id))
        if place is None or place.removed_at is not None:
            raise InvalidError("This person isn't on the team.", field="to")
        if place.awaits_approval:
            raise InvalidError(f"Approve {to.name} on Team first.", field="to")
    to_id = to.id if to else None
    rows = db.session.execute(
        select(Conversation.id, Conversation.assignee_id)
        .where(Conversation.id.in_(chosen), Conversation.assignee_id.is_distinct_from(to_id))
        .order_by(Conversation.id)
        .with_for_update()
    ).all()
    had = sorted({row.assignee_id for row in rows}, key=lambda one: one or 0)
    moved = sum(
        _move(
            campaign, [row.id for row in rows if row.assignee_id == before], before, to_id, by, now
        )
        for before in had
    )
    tally.tick(campaign.id, [*had, to_id])
    return moved


def _move(
    campaign: Campaign, ids: list[int], before: int | None, to: int | None, by: User, now: datetime
) -> int:
    """What one texter, or nobody, had."""
    moved = 0
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        trail.record_for_each(
            Event.REASSIGNED,
            select(Conversation.contact_id, Conversation.id).where(Conversation.id.in_(some)),
            campaign_id=campaign.id,
            by=by,
            now=now,
            about=Conversation,
            details={"from": before, "to": to},
        )
        if before is not None and to is not None:
            _hand_over_drafts(some, before, to)
        moved += changed_rows(
            update(Conversation)
            .where(Conversation.id.in_(some))
            .values(assignee_id=to)
            .execution_options(synchronize_session=False)
        )
    return moved


def _hand_over_drafts(ids: list[int], before: int, after: int) -> None:
    theirs = aliased(Draft)
    has_one = select(theirs.conversation_id).where(
        theirs.conversation_id == Draft.conversation_id, theirs.user_id == after
    )
    db.session.execute(
        update(Draft)
        .where(
            Draft.conversation_id.in_(ids),
            Draft.user_id == before,
            ~has_one.correlate(Draft).exists(),
        )
        .values(user_id=after)
        .execution_options(synchronize_session=False)
    )
