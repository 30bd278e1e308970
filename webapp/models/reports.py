"""Report Settings of an action, and the reports that texters send."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, BigId, utc_now


class ShownTag(Base):
    """A tag that an action's report offers, in order."""

    __tablename__ = "shown_tag"

    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)


class QuestionKind(StrEnum):
    """How a question of a report is answered."""

    CHOICE = "choice"
    TEXT = "text"


class Question(Base):
    """A question that an action's report asks."""

    __tablename__ = "question"

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    label: Mapped[str] = mapped_column(String(120))
    kind: Mapped[QuestionKind]
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)
    removed_at: Mapped[datetime | None]  # kept for the reports that answered it


class Report(Base):
    """What a texter recorded about a conversation; a correction is a new report."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("campaign_id", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    action_id: Mapped[int | None] = mapped_column(ForeignKey("action.id"), index=True)
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversation.id"), index=True)
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"), index=True)
    by_user_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    key: Mapped[str] = mapped_column(String(64))  # idempotency: the same form twice is one report
    corrects_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("report.id"))
    correction_reason: Mapped[str] = mapped_column(Text, default="")
    is_current: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ReportMark(Base):
    """A tag that a saved reply has marked in the report to come; it is on no contact yet."""

    __tablename__ = "report_mark"

    conversation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("conversation.id"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)


class ReportTag(Base):
    """A tag that was marked in a report."""

    __tablename__ = "report_tag"
    # The last report with a tag is found without reading the others.
    __table_args__ = (Index("ix_report_tag_used", "tag_id", "report_id"),)

    report_id: Mapped[int] = mapped_column(BigId, ForeignKey("report.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)


class ReportAnswer(Base):
    """The answer to one question in a report."""

    __tablename__ = "report_answer"

    report_id: Mapped[int] = mapped_column(BigId, ForeignKey("report.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True)
    answer: Mapped[str] = mapped_column(Text)
