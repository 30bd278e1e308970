"""People who sign in, their place in each campaign, their sessions, and the first run's code."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, and_, bindparam
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, utc_now

# A session ends after two weeks without a sign of life, and after 60 days in any case.
IDLE = timedelta(days=14)
LONGEST = timedelta(days=60)


def hash_of(token: str) -> str:
    """What is stored of a random token, so that a leaked database signs nobody in."""
    return hashlib.sha256(token.encode()).hexdigest()


class Role(StrEnum):
    """What a person may do in one campaign."""

    OWNER = "owner"
    ADMIN = "admin"
    TEXTER = "texter"

    @property
    def runs_campaign(self) -> bool:
        """Owners and admins run the campaign."""
        return self is not Role.TEXTER


class User(Base):
    """A person with an account; the same account may belong to several campaigns."""

    __tablename__ = "person"  # "user" is a reserved word in PostgreSQL

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    theme: Mapped[str] = mapped_column(String(6), default="system")
    shortcuts: Mapped[bool] = mapped_column(default=True)
    archives_on_report: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    trained_at: Mapped[datetime | None]  # when the training was first completed

    # What Flask-Login asks of somebody who is signed in.
    is_authenticated = True

    @property
    def first_name(self) -> str:
        """The first word of the name, as contacts read it in texts."""
        return self.name.split(" ", 1)[0]


class Membership(Base):
    """A person's role in a campaign; ended, never deleted."""

    __tablename__ = "membership"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    role: Mapped[Role]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_seen_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    awaits_approval: Mapped[bool] = mapped_column(default=False)  # may not text until then


class LoginSession(Base):
    """One sign-in on one device; it ends on the server (ASVS 7.4)."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]

    @classmethod
    def opened(cls) -> ColumnElement[bool]:
        """The condition that picks the session of a token, if it has not ended; see opened_by."""
        return and_(
            cls.token_hash == bindparam("token_hash"),
            cls.ended_at.is_(None),
            cls.seen_at > bindparam("idle_since"),
            cls.created_at > bindparam("too_old"),
        )

    @staticmethod
    def opened_by(token: str, *, now: datetime) -> dict[str, Any]:
        """The values of opened() for a token."""
        return {
            "token_hash": hash_of(token),
            "idle_since": now - IDLE,
            "too_old": now - LONGEST,
        }


class ResetLink(Base):
    """A link for a new password, good once and for a short time (decision 21)."""

    __tablename__ = "reset_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SetupCode(Base):
    """A code that lets somebody make the first campaign; printed by `serve`, kept as a hash."""

    __tablename__ = "setup_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
