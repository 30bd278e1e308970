"""The proof that opting out works: texts that left afterwards, and how quickly we listened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import select

from webapp.db import db
from webapp.models import Campaign, ContactTag, Message, OptOutSource, Texting
from webapp.services import audit, tags

# The newest opt-outs of each kind whose times are looked at.
MOST_TIMED = 2_000


@dataclass(frozen=True, slots=True)
class Honored:
    """How long it took from the text that asked until nobody could text that person."""

    source: OptOutSource
    requests: int
    usual: timedelta  # half of them were quicker
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found, and at which moment."""

    at: datetime
    texts_after: int
    examples: Sequence[str]
    honored: list[Honored]


def of(campaign: Campaign, *, now: datetime) -> Proof:
    """Read every text and every opt-out of a campaign again, as the audit does.

    It takes seconds where there are millions of texts, so it is done when somebody asks.
    """
    found = audit.silence(campaign)
    return Proof(now, found.count, found.examples, _honored(campaign.id))


def _honored(campaign_id: int) -> list[Honored]:
    times: dict[OptOutSource, list[timedelta]] = {}
    for kind in Texting:
        rows = db.session.execute(
            select(ContactTag.source, ContactTag.since, Message.created_at)
            .join(Message, Message.id == ContactTag.message_id)
            .where(
                ContactTag.tag_id == tags.built_in(campaign_id, kind).id,
                ContactTag.source.is_not(None),
            )
            .order_by(ContactTag.since.desc(), ContactTag.contact_id.desc())
            .limit(MOST_TIMED)
        )
        for source, since, asked_at in rows:
            if source is not None:
                times.setdefault(source, []).append(max(since - asked_at, timedelta(0)))
    return [
        Honored(source, len(times[source]), _usual(times[source]), max(times[source]))
        for source in OptOutSource
        if source in times
    ]


def _usual(times: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=median(time.total_seconds() for time in times))
