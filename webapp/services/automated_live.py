"""What has changed in automated actions since somebody looked at them."""

from sqlalchemy import select

from webapp.db import db
from webapp.models import Action, ActionKind, ActionState, ActionTally, Conversation
from webapp.services import automated, marks
from webapp.services.marks import MOST

Row = tuple[Action, int]  # an action and how many people texted it


def rows(campaign_id: int) -> list[Row]:
    """Those that were turned on, newest first, with their people: two statements."""
    query = (
        select(Action)
        .where(
            Action.campaign_id == campaign_id,
            Action.kind == ActionKind.AUTOMATED,
            Action.state != ActionState.DRAFT,
        )
        .order_by(Action.id.desc())
        .limit(MOST)
    )
    found = list(db.session.scalars(query))
    people = automated.people_of([one.id for one in found])
    return [(one, people[one.id]) for one in found]


def mark(found: list[Row]) -> str:
    """What the list shows of them: "7.live.12-9.finished.0"."""
    return "-".join(f"{one.id}.{one.state.value}.{people}" for one, people in found)


def known(found: list[Row], seen: str) -> list[Row]:
    """Those of the rows that the mark `seen` has, whatever it says of them."""
    ids = marks.parts(seen)
    return [row for row in found if row[0].id in ids]


def mark_of(action: Action) -> str:
    """Changes with every text in and out of an action, its opt-outs and its state."""
    newest = (
        select(Conversation.last_message_at, Conversation.id)
        .where(Conversation.action_id == action.id)
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(1)
        .subquery()
    )
    opt_outs, at, conversation_id = db.session.execute(
        select(ActionTally.opt_outs, newest)
        .outerjoin(newest, ActionTally.action_id == action.id)
        .where(ActionTally.action_id == action.id)
    ).one()
    last = f"{int(at.timestamp() * 1000)}.{conversation_id}" if at else "0.0"
    return f"{action.state.value}-{last}.{opt_outs}"
