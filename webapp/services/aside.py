"""Putting somebody of a batch aside: skipped for now, or because something looks wrong."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from webapp.db import changed_rows, db
from webapp.errors import ConflictError, InvalidError, NotFoundError
from webapp.models import Action, Event, Recipient, TrailEntry, User
from webapp.services import batches, trail


class Wrong(StrEnum):
    """What a texter may say is wrong with a first text."""

    NAME = "name"
    TEXT = "text"
    OTHER = "other"


def skip(action: Action, contact_id: int, texter: User) -> bool:
    """Put a person at the end of the batch; False when they are not in it any more."""
    batches.check_texter(action, texter)
    last = select(func.max(Recipient.skips)).where(*batches.mine(action, texter)).scalar_subquery()
    return bool(
        changed_rows(
            update(Recipient)
            .where(Recipient.contact_id == contact_id, *batches.mine(action, texter))
            .values(skips=last + 1)
            .execution_options(synchronize_session=False)
        )
    )


def flag(action: Action, contact_id: int, texter: User, wrong: Wrong, *, now: datetime) -> bool:
    """Tell the admins that a first text looks wrong, and put the person at the end of the batch.

    The entry is on the trail; the action's page shows it until it is cleared. False, and no
    entry, when the person is not in the texter's batch any more.
    """
    if not skip(action, contact_id, texter):
        return False
    trail.record(
        Event.FLAGGED,
        campaign_id=action.campaign_id,
        by=texter,
        now=now,
        contact_id=contact_id,
        about=action,
        details={"wrong": wrong.value},
    )
    return True


def clear_flag(flagged: TrailEntry, note: str, *, by: User, now: datetime) -> Action:
    """An admin has looked at what a texter flagged: it leaves the page of the action, which is
    returned.

    The flag stays on the trail and the note is beside it. Raises NotFoundError for an entry
    that is none, InvalidError (field "note") without a note, ConflictError when somebody
    cleared it before.
    """
    about = flagged.about_id if flagged.event is Event.FLAGGED else None
    query = select(Action).where(Action.id == about, Action.campaign_id == flagged.campaign_id)
    action = db.session.scalars(query.with_for_update()).first()
    if action is None:
        raise NotFoundError("There is no such flag.")
    if not note.strip():
        raise InvalidError("Say what you found. It is kept on the trail.", field="note")
    if db.session.execute(clearing_of(flagged.id, action.campaign_id)).first() is not None:
        raise ConflictError("Somebody else has looked at this already.")
    trail.record(
        Event.FLAG_CLEARED,
        campaign_id=action.campaign_id,
        by=by,
        now=now,
        contact_id=flagged.contact_id,
        about=flagged,
        details={"reason": note.strip()},
    )
    return action


def flags_of(action: Action) -> Select[TrailEntry]:
    """What texters flagged in an action, cleared or not."""
    return select(TrailEntry).where(
        TrailEntry.campaign_id == action.campaign_id,
        TrailEntry.event == Event.FLAGGED,
        TrailEntry.about == Action.__tablename__,
        TrailEntry.about_id == action.id,
    )


def clearing_of(
    flag_id: int | InstrumentedAttribute[int], campaign_id: int
) -> Select[*tuple[int, ...]]:
    """The entry that cleared a flag."""
    clearing = aliased(TrailEntry)
    return select(clearing.id).where(
        clearing.campaign_id == campaign_id,
        clearing.event == Event.FLAG_CLEARED,
        clearing.about_id == flag_id,
    )
