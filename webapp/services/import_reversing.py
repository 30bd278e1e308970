"""Taking an import back within a day: what it alone brought in, and nothing else.

Whoever has been touched by anything besides this import stays: somebody with a tag (an opt-out
above all), a text in either direction, another list, or an entry on the trail.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, exists, func, select

from webapp.db import changed_rows, db
from webapp.errors import ConflictError
from webapp.models import (
    Action,
    ActionList,
    ActionState,
    CarrierBlock,
    Contact,
    ContactImport,
    ContactList,
    ContactTag,
    Conversation,
    Direction,
    Event,
    ImportState,
    ListMember,
    Message,
    Recipient,
    Report,
    TrailEntry,
    User,
)
from webapp.services import imports, trail, turns

LASTS = timedelta(hours=24)
CHUNK = 2_000  # members of the list in one transaction
# Tables in which a row about a contact means that somebody has dealt with them.
TOUCHING = (ContactTag, Message, Conversation, Report, CarrierBlock, TrailEntry)


def why_not(row: ContactImport, *, now: datetime) -> str:
    """Why an import can't be taken back, as a sentence; "" when it can."""
    if row.state is not ImportState.DONE or row.list_id is None or row.finished_at is None:
        return "Only an import that is done can be taken back."
    if row.finished_at < now - LASTS:
        return "An import can be taken back within 24 hours. This one is older."
    if _imports_of_list(row) > 1:
        return f"“{row.list_name}” has people of another import, too. Archive the list instead."
    using = db.session.scalar(
        select(Action.name)
        .join(ActionList, ActionList.action_id == Action.id)
        .where(ActionList.list_id == row.list_id)
        .order_by(Action.id)
        .limit(1)
    )
    if using is not None:
        return f"The action “{using}” has this list in its audience."
    if _anybody_was_texted(row):
        return "Somebody on this list has been texted since. The list stays."
    return ""


def begin(row: ContactImport, *, by: User | None, now: datetime) -> None:
    """Begin to take an import back: from now on its list can't be used, and a worker goes on.

    Raises ConflictError with the reason when it can't be, or somebody was quicker.
    """
    chosen = db.session.scalars(
        select(ContactList).where(ContactList.id == row.list_id).with_for_update()
    ).first()
    reason = why_not(row, now=now)
    if reason or chosen is None:
        raise ConflictError(reason)
    counts = row.counts | {"removed": 0, "kept": 0}
    imports.move(
        row, (ImportState.DONE,), ImportState.REVERSING, cursor="0", done_rows=0, counts=counts
    )
    chosen.archived_at, chosen.is_ready = now, False
    trail.record(
        Event.IMPORT_REVERSED,
        campaign_id=row.campaign_id,
        by=by,
        now=now,
        about=row,
        details={"list": chosen.id},
    )


def take_back_chunk(row: ContactImport, *, now: datetime) -> bool:
    """Take back the next members of the list, in one transaction; False when it is done.

    Killed in the middle, it goes on where it stopped. Opt-outs and anything with a history stay
    without the list.
    """
    on_list = (ListMember.list_id == row.list_id, ListMember.contact_id > int(row.cursor or 0))
    ids = select(ListMember.contact_id).where(*on_list).order_by(ListMember.contact_id)
    some = ids.limit(CHUNK).subquery()
    high, members = db.session.execute(
        select(func.max(some.c.contact_id), func.count()).select_from(some)
    ).one()
    chosen = db.session.get_one(ContactList, row.list_id)
    if not members:
        chosen.size = 0
        row.state, row.finished_at = ImportState.REVERSED, now
        return False
    of_chunk = select(ListMember.contact_id).where(*on_list, ListMember.contact_id <= high)
    turns.take_many(of_chunk)  # Whoever writes to us at this moment comes first.
    removed = changed_rows(
        delete(Contact)
        .where(*_brought_in_alone(row, of_chunk))
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        delete(ListMember)
        .where(*on_list, ListMember.contact_id <= high)
        .execution_options(synchronize_session=False)
    )
    chosen.size = max(0, chosen.size - members)
    row.counts = row.counts | {
        "removed": row.counts["removed"] + removed,
        "kept": row.counts["kept"] + members - removed,
    }
    row.cursor, row.done_rows = str(high), row.done_rows + members
    return True


def _imports_of_list(row: ContactImport) -> int:
    query = select(func.count()).where(
        ContactImport.campaign_id == row.campaign_id,
        ContactImport.list_id == row.list_id,
        ContactImport.state.in_((ImportState.DONE, ImportState.IMPORTING, ImportState.FAILED)),
    )
    return db.session.scalar(query) or 0


def _anybody_was_texted(row: ContactImport) -> bool:
    texted = (
        select(Message.id)
        .join(ListMember, ListMember.contact_id == Message.contact_id)
        .where(
            ListMember.list_id == row.list_id,
            Message.direction == Direction.OUT,
            Message.created_at >= row.created_at,
        )
    )
    return db.session.execute(texted.limit(1)).first() is not None


def _brought_in_alone(row: ContactImport, ids: Select[int]) -> tuple[ColumnElement[bool], ...]:
    lists = select(ContactList.id).where(
        ContactList.campaign_id == row.campaign_id, ContactList.id != row.list_id
    )
    launched = select(Action.id).where(
        Action.campaign_id == row.campaign_id,
        Action.state != ActionState.DRAFT,
        Action.launched_at >= row.created_at,
    )
    return (
        Contact.id.in_(ids),
        Contact.import_id == row.id,
        Contact.updated_at == Contact.created_at,  # Nobody has edited them.
        *(~exists().where(table.contact_id == Contact.id) for table in TOUCHING),
        ~exists().where(ListMember.list_id.in_(lists), ListMember.contact_id == Contact.id),
        ~exists().where(Recipient.action_id.in_(launched), Recipient.contact_id == Contact.id),
    )
