"""The kept counts of an action, and the clocks of the inboxes that a poll looks at."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import bindparam, update

from webapp.db import db, put, run
from webapp.models import ActionTally, InboxClock

_TICK = (
    update(InboxClock)
    .where(InboxClock.campaign_id == bindparam("campaign"), InboxClock.user_id == bindparam("user"))
    .values(tick=InboxClock.tick + 1)
)


def add(action_id: int | None, **amounts: int) -> None:
    """Add to some counts of an action, e.g. add(7, ready=-1, claimed=1). None: no action."""
    if action_id is None or not any(amounts.values()):
        return
    columns = ActionTally.__table__.c
    values = {name: columns[name] + amount for name, amount in amounts.items() if amount}
    db.session.execute(
        update(ActionTally)
        .where(ActionTally.action_id == action_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


def move(action_ids: Iterable[int | None], before: str, after: str) -> None:
    """Move one count per id from one column to another; repeated ids add up."""
    counted = Counter(action_id for action_id in action_ids if action_id is not None)
    for action_id, amount in sorted(counted.items()):
        add(action_id, **{before: -amount, after: amount})


def tick(campaign_id: int, user_ids: Iterable[int | None]) -> None:
    """Tell the inboxes of these texters that something changed in them."""
    for user_id in sorted({user_id for user_id in user_ids if user_id is not None}):
        if not run(_TICK, campaign=campaign_id, user=user_id).rowcount:
            keys = {"campaign_id": campaign_id, "user_id": user_id}
            put(InboxClock, keys, {"tick": 1}, {"tick": InboxClock.tick + 1})
