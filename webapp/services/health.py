"""Is Heed able to work? For the host's checks and for `doctor`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from webapp import schema
from webapp.db import db
from webapp.models import Heartbeat, Message, MessageState, WebhookReceipt
from webapp.services import holding

# A worker gives a sign of life every minute; one missed is not yet an alarm.
WORKER_SILENT = timedelta(minutes=3)
TEXT_STUCK = timedelta(minutes=15)
MOST_LOOKED_AT = 10_000


@dataclass(frozen=True)
class Health:
    """What was found; times are ages in seconds, None when there is nothing to tell."""

    database: bool
    migrations: bool = False
    worker_seconds: float | None = None
    oldest_text_seconds: float | None = None

    @property
    def worker(self) -> bool:
        """Whether a worker gave a sign of life lately."""
        age = self.worker_seconds
        return age is not None and age <= WORKER_SILENT.total_seconds()

    @property
    def queue(self) -> bool:
        """Whether every text that may leave has left or will soon."""
        age = self.oldest_text_seconds
        return age is None or age <= TEXT_STUCK.total_seconds()

    @property
    def ready(self) -> bool:
        """Whether all of it is in order."""
        return self.database and self.migrations and self.worker and self.queue


def check(*, now: datetime) -> Health:
    """Look at the database, the migrations, the workers and the queue. Never raises for a
    database that is away: that is an answer."""
    try:
        return Health(
            database=True,
            migrations=schema.is_current(),
            worker_seconds=_age(db.session.scalar(select(func.max(Heartbeat.at))), now),
            oldest_text_seconds=_age(_oldest_queued(now), now),
        )
    except DBAPIError:
        db.session.rollback()
        return Health(database=False)


def last_heard() -> datetime | None:
    """When the carrier last delivered a text, of whichever campaign; None before the first."""
    newest = select(WebhookReceipt.received_at).order_by(WebhookReceipt.id.desc()).limit(1)
    return db.session.scalar(newest)


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else max((now - moment).total_seconds(), 0.0)


def _oldest_queued(now: datetime) -> datetime | None:
    """Since when the longest-waiting text might have left; those of paused or
    closed actions may not."""
    since = func.coalesce(Message.not_before, Message.created_at).label("since")
    waiting = (
        select(since)
        .where(Message.state == MessageState.QUEUED, since <= now, holding.may_leave(now))
        .limit(MOST_LOOKED_AT)
        .subquery()
    )
    oldest: datetime | None = db.session.scalar(select(func.min(waiting.c.since)))
    return oldest
