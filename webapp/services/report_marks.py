"""What saved replies mark in the report to come: ticked when it is opened, unsent until it is sent.

Nothing of it is on the contact: only a report that is sent opts anybody out. With scripts the box
is ticked on the page as well; what is kept here does not need them, and survives a reload.
"""

from sqlalchemy import delete, select

from webapp.db import db, insert_once
from webapp.models import Action, Conversation, ReportMark, SavedReply, Tag


def keep(conversation: Conversation, saved_id: int | None) -> None:
    """Keep the mark of a saved reply that was sent; one that marks nothing, or is gone, keeps none.

    A second time nothing changes.
    """
    saved = db.session.get(SavedReply, saved_id) if saved_id else None
    if saved is None or saved.tag_id is None or saved.action_id != conversation.action_id:
        return
    row = insert_once(ReportMark).values(conversation_id=conversation.id, tag_id=saved.tag_id)
    db.session.execute(row)


def saved_replies(action: Action) -> list[tuple[SavedReply, str]]:
    """The saved replies in order, with what each marks: "p2p" or "broadcast" for an opt-out, the
    id of another tag, or "" for nothing."""
    rows = db.session.execute(
        select(SavedReply, Tag.opts_out_of)
        .outerjoin(Tag, Tag.id == SavedReply.tag_id)
        .where(SavedReply.action_id == action.id)
        .order_by(SavedReply.position)
    )
    return [(saved, str(opts_out_of or saved.tag_id or "")) for saved, opts_out_of in rows]


def of(conversation: Conversation) -> set[int]:
    """The ids of the tags to tick."""
    query = select(ReportMark.tag_id).where(ReportMark.conversation_id == conversation.id)
    return set(db.session.scalars(query))


def drop(conversation: Conversation) -> None:
    """The report was sent: what was marked is recorded, or was taken out by its texter."""
    db.session.execute(delete(ReportMark).where(ReportMark.conversation_id == conversation.id))
