"""Walks through the audience of a broadcast: whom a sender may text next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Row, bindparam, select

from webapp.db import run
from webapp.models import Campaign, Contact, Message, MessageKind, Recipient, RecipientState
from webapp.services import recontact, scripts
from webapp.texting import hours

# Recipients that one look goes over, and the looks of one claim: a short write transaction,
# also when texting is closed wherever they live.
WINDOW = 250
LOOKS = 4
# After a walk over the whole audience that found nobody to text now.
REST = timedelta(seconds=30)
# Among so many texts a sender that begins anew looks for where another one has stopped.
NEWEST = 1_000

# What a campaign says of whom may be texted when.
LIMITS = (
    Campaign.opens_minute,
    Campaign.closes_minute,
    Campaign.time_zone,
    Campaign.recontact_lock_hours,
)
_AFTER: BindParameter[int] = bindparam("after")
# The range is said of the contacts as well: PostgreSQL joins them in the order of their ids, and
# would read them from the first one on, also when most of the audience has been texted.
_WINDOW = (
    select(*scripts.MERGED, Contact.zones)
    .join(Recipient, Recipient.contact_id == Contact.id)
    .where(
        Recipient.action_id == bindparam("action"),
        Recipient.contact_id > _AFTER,
        Contact.id > _AFTER,
        Recipient.state == RecipientState.READY,
    )
    .order_by(Recipient.contact_id)
    .limit(bindparam("most"))
)
_newest = (
    select(Message.id, Message.contact_id, Message.action_id, Message.kind)
    .order_by(Message.id.desc())
    .limit(NEWEST)
    .subquery()
)
_LAST_TEXTED = (
    select(_newest.c.contact_id)
    .where(_newest.c.action_id == bindparam("action"), _newest.c.kind == MessageKind.FIRST)
    .order_by(_newest.c.id.desc())
    .limit(1)
)


class Person(NamedTuple):
    """Somebody of an audience: a plain tuple, because a row looks up each name it is asked for."""

    id: int
    first_name: str
    last_name: str
    city: str
    fields: dict[str, str]
    zones: str


@dataclass
class _Walk:
    texts: Sequence[Row[Any]]  # the first texts: nobody can change them after the launch
    cursor: int
    found: bool
    rests_until: datetime | None = None


@dataclass
class Walks:
    """How far one sender has walked through each broadcast; a hint only, kept in memory.

    The state of the recipients decides. A sender that begins anew goes on where the newest texts
    end, if they are of this broadcast, and meets those before them on its next walk.
    """

    by_action: dict[int, _Walk] = field(default_factory=dict)
    is_under_way: bool = False  # the last claim stopped in the middle of an audience

    def of(self, action_id: int) -> _Walk:
        """The walk through this action's recipients."""
        if action_id not in self.by_action:
            last: int | None = run(_LAST_TEXTED, action=action_id).scalar()
            texts = scripts.versions(action_id)
            self.by_action[action_id] = _Walk(texts, last or 0, found=last is not None)
        return self.by_action[action_id]

    def resting(self, now: datetime) -> list[int]:
        """The actions in which nobody could be texted a moment ago."""
        return [
            action_id
            for action_id, walk in self.by_action.items()
            if walk.rests_until is not None and walk.rests_until > now
        ]


def choose(broadcast: Row[Any], most: int, walks: Walks, *, now: datetime) -> list[Person]:
    """The next contacts who may be texted now, with what their texts say of them.

    `broadcast` has the columns `id` and LIMITS. The walk moves on behind the last one seen.
    """
    walk = walks.of(broadcast.id)
    chosen: list[Person] = []
    for size in (most, *[WINDOW] * (LOOKS - 1)):
        found = run(_WINDOW, action=broadcast.id, after=walk.cursor, most=size)
        window = [Person._make(row) for row in found]
        for person in _open_now(window, broadcast, now=now):
            chosen.append(person)
            if len(chosen) == most:
                walk.cursor, walk.found = person.id, True
                return chosen
        walk.found = walk.found or bool(chosen)
        if len(window) == size:
            walk.cursor = window[-1].id
            continue
        # The end of the audience: whoever was passed over is looked at again, or the walk rests.
        walk.rests_until = None if walk.found else now + REST
        walk.cursor, walk.found = 0, False
        if chosen or walk.rests_until:
            return chosen
    walks.is_under_way = True
    return chosen


def _open_now(window: Sequence[Person], broadcast: Row[Any], *, now: datetime) -> Iterator[Person]:
    """Those of a window who are inside texting hours and not locked, in order."""
    opened = hours.Hours(broadcast.opens_minute, broadcast.closes_minute)
    is_open = {
        zones: hours.may_text(now, opened, broadcast.time_zone, zones)
        for zones in {person.zones for person in window}
    }
    awake = [person for person in window if is_open[person.zones]]
    locked = recontact.free_at(
        [person.id for person in awake], broadcast.id, broadcast.recontact_lock_hours, now=now
    )
    return (person for person in awake if person.id not in locked)
