"""Kept counts and the clocks of the inboxes: many writers meet in these few rows.

So that they do not wait for each other, what changes is noted during the transaction and
written right before its commit, in one fixed order: a row is locked for a moment only, and two
transactions never hold what the other one wants.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from sqlalchemy import Update, bindparam, update

from webapp.db import before_commit, db, run
from webapp.models import ActionMoment, ActionTally, InboxClock, Tag
from webapp.rows import add_up

# How long a moment of a chart is.
MINUTES = 5
MOMENT_COUNTS = ("sent", "delivered", "failed", "replies", "opt_outs")

_CARRY = (
    update(Tag).where(Tag.id == bindparam("tag")).values(contacts=Tag.contacts + bindparam("added"))
)


@dataclass
class _Noted:
    """What this transaction has noted so far."""

    tags: Counter[int] = field(default_factory=Counter)
    actions: dict[int, Counter[str]] = field(default_factory=dict)
    moments: dict[tuple[int, datetime], Counter[str]] = field(default_factory=dict)
    inboxes: set[tuple[int, int]] = field(default_factory=set)


def add(action_id: int | None, **amounts: int) -> None:
    """Add to some counts of an action, e.g. add(7, ready=-1, claimed=1). None: no action."""
    if action_id is None:
        return
    counts = _noted().actions.setdefault(action_id, Counter())
    for name, amount in amounts.items():
        counts[name] += amount


def move(action_ids: Iterable[int | None], before: str, after: str) -> None:
    """Move one count per id from one column to another; repeated ids add up."""
    for action_id in action_ids:
        add(action_id, **{before: -1, after: 1})


def chart(action_id: int | None, *, now: datetime, **amounts: int) -> None:
    """Add to the five minutes of an action that `now` falls into, e.g. chart(7, now=…, sent=1)."""
    if action_id is None:
        return
    began = now.replace(minute=now.minute - now.minute % MINUTES, second=0, microsecond=0)
    counts = _noted().moments.setdefault((action_id, began), Counter())
    for name, amount in amounts.items():
        counts[name] += amount


def carry(tag_id: int, added: int) -> None:
    """So many contacts more, or fewer, carry a tag."""
    _noted().tags[tag_id] += added


def tick(campaign_id: int, user_ids: Iterable[int | None]) -> None:
    """Tell the inboxes of these texters that something changed in them."""
    _noted().inboxes.update((campaign_id, user_id) for user_id in user_ids if user_id is not None)


@before_commit
def write() -> None:
    """Write what was noted; called by transaction() right before the commit."""
    noted: _Noted | None = db.session.info.pop("tally", None)
    if noted is None:
        return
    db.session.flush()
    for tag_id, added in sorted(noted.tags.items()):
        if added:
            run(_CARRY, tag=tag_id, added=added)
    for action_id, amounts in sorted(noted.actions.items()):
        changed = {f"by_{name}": amount for name, amount in amounts.items() if amount}
        if changed:
            run(_counting(tuple(sorted(changed))), action=action_id, **changed)
    for (action_id, at), amounts in sorted(noted.moments.items()):
        counts = {name: amounts[name] for name in MOMENT_COUNTS}
        add_up(ActionMoment, {"action_id": action_id, "at": at}, counts)
    for campaign_id, user_id in sorted(noted.inboxes):
        add_up(InboxClock, {"campaign_id": campaign_id, "user_id": user_id}, {"tick": 1})


@cache
def _counting(changed: tuple[str, ...]) -> Update:
    """The statement that adds to these counts of an action, built once for each set of them."""
    columns = ActionTally.__table__.c
    names = {name.removeprefix("by_"): name for name in changed}
    return (
        update(ActionTally)
        .where(ActionTally.action_id == bindparam("action"))
        .values({name: columns[name] + bindparam(bound) for name, bound in names.items()})
    )


def _noted() -> _Noted:
    noted: _Noted = db.session.info.setdefault("tally", _Noted())
    return noted
