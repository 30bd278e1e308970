"""People of a launched action who were texted where its database does not know of it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, update

from webapp.db import db
from webapp.models import Action, Direction, Message, MessageKind, Recipient, RecipientState
from webapp.services import tally


def mark(action: Action, texts: Mapping[int, Mapping[str, Any]]) -> int:
    """Whoever was still to be texted here gets the row of that text, and no other; how many.

    `texts` by contact id: the columns of each first text, with its state and number. The counts
    of the action move along. Who is not ready, or not any more, is left alone: the second time
    nothing changes.
    """
    taken = db.session.scalars(
        update(Recipient)
        .where(
            Recipient.action_id == action.id,
            Recipient.contact_id.in_(texts),
            Recipient.state == RecipientState.READY,
        )
        .values(state=RecipientState.TEXTED)
        .returning(Recipient.contact_id)
        .execution_options(synchronize_session=False)
    ).all()
    if not taken:
        return 0
    same = {
        "campaign_id": action.campaign_id,
        "action_id": action.id,
        "texting": action.texting,
        "direction": Direction.OUT,
        "kind": MessageKind.FIRST,
        "media": [],
    }
    rows = [{**texts[one], **same, "contact_id": one} for one in sorted(taken)]
    db.session.execute(insert(Message), rows)
    tally.add(action.id, ready=-len(rows), **Counter(row["state"].value for row in rows))
    return len(rows)
