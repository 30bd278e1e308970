"""Figures for Analytics, rolled up from the texts: what became of first texts, and when.

Each row belongs to a block: a stretch of ids of the rows that were counted. A block is counted
anew as a whole, so that a row here is always a sum over what is there, never a guess.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, BigId
from webapp.models.campaigns import Texting


class Source(StrEnum):
    """The table whose rows a block is a stretch of."""

    MESSAGE = "message"
    REPORT = "report"


class FigureClock(Base):
    """How far the figures have come; one row, with id 1."""

    __tablename__ = "figure_clock"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    read_until: Mapped[datetime | None]  # what happened until then has made its blocks due
    # The newest rows that were seen then.
    message_id: Mapped[int] = mapped_column(BigId, default=0)
    report_id: Mapped[int] = mapped_column(BigId, default=0)
    entry_id: Mapped[int] = mapped_column(BigId, default=0)
    as_of: Mapped[datetime | None]  # every block that was due before is counted


class FigureBlock(Base):
    """A block, and when it is to be counted again."""

    __tablename__ = "figure_block"
    __table_args__ = (Index("ix_figure_block_due", "due_at"), {"sqlite_with_rowid": False})

    source: Mapped[Source] = mapped_column(primary_key=True)
    block: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    due_at: Mapped[datetime]
    pending: Mapped[int] = mapped_column(default=0)  # first texts that have yet to leave


class FigureOfTexts(Base):
    """First texts that left in one hour of one day (in the campaign's zone), and what came back.

    `list_id` is the list that a contact came from: the oldest of the action's lists that holds
    it. 0 stands for none, also as `script_id`.
    """

    __tablename__ = "figure_of_texts"
    __table_args__ = (Index("ix_figure_of_texts_block", "block"), {"sqlite_with_rowid": False})

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    script_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    list_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    texting: Mapped[Texting]
    sent: Mapped[int] = mapped_column(default=0)  # accepted, and no report on the delivery
    delivered: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)  # refused, or not delivered
    replied: Mapped[int] = mapped_column(default=0)
    # Those who opted out in answer, by how the opt-out reached us.
    stop_word: Mapped[int] = mapped_column(default=0)
    report: Mapped[int] = mapped_column(default=0)
    admin: Mapped[int] = mapped_column(default=0)
    imported: Mapped[int] = mapped_column(default=0)
    carrier: Mapped[int] = mapped_column(default=0)


class FigureOfFailures(Base):
    """First texts that did not arrive, by what the carrier said."""

    __tablename__ = "figure_of_failures"
    __table_args__ = (Index("ix_figure_of_failures_block", "block"), {"sqlite_with_rowid": False})

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(32), primary_key=True)  # "": none was given
    block: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    texting: Mapped[Texting]
    failed: Mapped[int] = mapped_column(default=0)


class FigureOfWaits(Base):
    """How long first replies took after the first text, in steps (webapp.texting.waits)."""

    __tablename__ = "figure_of_waits"
    __table_args__ = (Index("ix_figure_of_waits_block", "block"), {"sqlite_with_rowid": False})

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    texting: Mapped[Texting]
    replied: Mapped[int] = mapped_column(default=0)


class FigureOfTexters(Base):
    """What a person did on one day."""

    __tablename__ = "figure_of_texters"
    __table_args__ = (
        Index("ix_figure_of_texters_block", "source", "block"),
        {"sqlite_with_rowid": False},
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    texting: Mapped[Texting] = mapped_column(primary_key=True)
    source: Mapped[Source] = mapped_column(primary_key=True)
    block: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    sent: Mapped[int] = mapped_column(default=0)  # first texts that the carrier took
    replies: Mapped[int] = mapped_column(default=0)  # which the carrier took
    reports: Mapped[int] = mapped_column(default=0)
    hints: Mapped[int] = mapped_column(default=0)  # dismissed, or agreed to in a report
