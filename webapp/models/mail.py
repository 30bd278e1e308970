"""Mails about alarms, each on its way to one person: the outbox of the mailer."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, utc_now


class MailState(StrEnum):
    """How far a mail has come."""

    QUEUED = "queued"  # also while it is being handed over: `not_before` is the lease then
    SENT = "sent"  # the mail server has taken it
    FAILED = "failed"  # refused for good, or not taken within a day
    CANCELLED = "cancelled"  # the alarm was answered, or the person left, before it was sent


class AlarmMail(Base):
    """An alarm of an action that one of those who run the campaign is told by mail.

    It holds no address: the person's address at the time of sending is taken.
    """

    __tablename__ = "alarm_mail"
    __table_args__ = (
        Index(
            "ix_alarm_mail_queue",
            "not_before",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sentence: Mapped[str] = mapped_column(String(200))  # what Action.alarm said
    state: Mapped[MailState] = mapped_column(default=MailState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(200), default="")  # a sentence, no address in it
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    not_before: Mapped[datetime] = mapped_column(default=utc_now)
    settled_at: Mapped[datetime | None]
