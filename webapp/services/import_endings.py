"""The end of an import, of contacts or of opt-outs, as the trail tells it."""

from datetime import datetime
from typing import Any

from webapp.db import db
from webapp.models import Actor, ContactImport, Event, ImportState, User
from webapp.services import trail


def done(row: ContactImport, event: Event, details: dict[str, Any], *, now: datetime) -> None:
    """Call an import done; the trail tells the event with these details and its counts."""
    row.state, row.finished_at, row.done_rows = ImportState.DONE, now, row.rows
    by = db.session.get(User, row.by_user_id) if row.by_user_id else None
    counts = {name: count for name, count in row.counts.items() if isinstance(count, int)}
    trail.record(
        event,
        campaign_id=row.campaign_id,
        by=by,
        actor=None if by else Actor.HOST,
        now=now,
        about=row,
        details={**details, "rows": row.rows, **counts},
    )
