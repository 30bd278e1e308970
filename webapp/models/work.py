"""What the workers leave behind: runs of periodic jobs and signs of life."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base


class JobRun(Base):
    """A periodic job ran in this minute; unique, so that two workers run it once."""

    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)


class Heartbeat(Base):
    """A worker is alive."""

    __tablename__ = "heartbeat"

    worker: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]
