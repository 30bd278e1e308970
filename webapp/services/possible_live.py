"""What has changed in Possible opt-outs since somebody looked at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, func, literal, select

from webapp.db import BigId, db
from webapp.models import Hinted, Message, User
from webapp.services.possible import MOST_COUNTED
from webapp.services.stopping import UNDECIDED


@dataclass(frozen=True, slots=True)
class Glance:
    """How many texts wait, and how many of them came after the one that was the last, capped."""

    waiting: int
    new: int


@dataclass(frozen=True, slots=True)
class Decided:
    """A text that somebody has decided about: who, "" when it was by no person, and how."""

    message: Message
    by: str

    @property
    def agreed(self) -> bool:
        """Whether it was a request to stop."""
        return self.message.hint is Hinted.AGREED


def last_id(campaign_id: int) -> int:
    """The id of the newest text that waits; 0 when none does."""
    newest = [
        select(func.max(Message.id))
        .where(Message.campaign_id == campaign_id, Message.hint == hint)
        .scalar_subquery()
        for hint in UNDECIDED
    ]
    return max(found or 0 for found in db.session.execute(select(*newest)).one())


def glance(campaign_id: int, *, since: int) -> Glance:
    """The counts of now, in one statement along an index."""
    counts = [
        _counted(campaign_id, hint, *later)
        for later in ((), (Message.id > literal(since, BigId),))
        for hint in UNDECIDED
    ]
    found = db.session.execute(select(*counts)).one()
    half = len(UNDECIDED)
    return Glance(*(min(sum(part), MOST_COUNTED) for part in (found[:half], found[half:])))


def decided(campaign_id: int, message_ids: Sequence[int]) -> list[Decided]:
    """Those of these texts that do not wait any more, with who decided; one statement."""
    if not message_ids:
        return []
    query = (
        select(Message, User.name)
        .outerjoin(User, User.id == Message.hint_by)
        .where(
            Message.campaign_id == campaign_id,
            Message.id.in_(message_ids),
            Message.hint.is_not(None),
            Message.hint.not_in(UNDECIDED),
        )
    )
    return [Decided(message, name or "") for message, name in db.session.execute(query)]


def _counted(campaign_id: int, hint: Hinted, *later: Any) -> ScalarSelect[int]:
    some = select(Message.id).where(
        Message.campaign_id == campaign_id, Message.hint == hint, *later
    )
    counted = some.limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(counted).scalar_subquery()
