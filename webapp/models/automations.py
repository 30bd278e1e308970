"""Automated texting: keywords that Heed answers, and the forms that lead people to them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, BigId, utc_now


class Automation(Base):
    """What an automated action does besides texting its script."""

    __tablename__ = "automation"

    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), primary_key=True)
    opts_in: Mapped[bool] = mapped_column(default=False)  # its keywords opt people in


class AutomationKeyword(Base):
    """A keyword that an automated action answers; a campaign uses each keyword once."""

    __tablename__ = "automation_keyword"
    __table_args__ = (UniqueConstraint("campaign_id", "folded"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), index=True)
    word: Mapped[str] = mapped_column(String(40))
    folded: Mapped[str] = mapped_column(String(40))  # keywords.normalise(word)


class AutomationTag(Base):
    """A tag that an automated action puts on whoever texts its keyword; never a built-in one."""

    __tablename__ = "automation_tag"

    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)


class SignupForm(Base):
    """A hosted form; it texts nobody, it shows the opt-in keyword to text (decision 29)."""

    __tablename__ = "signup_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(80))
    intro: Mapped[str] = mapped_column(Text, default="")
    keyword: Mapped[str] = mapped_column(String(40))  # the opt-in keyword it shows
    number_id: Mapped[int] = mapped_column(ForeignKey("number.id"))
    is_open: Mapped[bool] = mapped_column(default=True)
    entries: Mapped[int] = mapped_column(default=0)  # kept, not counted
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Signup(Base):
    """Somebody's wish to get texts, as they typed it; consent is the text that then arrives."""

    __tablename__ = "signup"
    __table_args__ = (
        UniqueConstraint("form_id", "phone"),
        Index("ix_signup_phone", "campaign_id", "phone"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    form_id: Mapped[int] = mapped_column(ForeignKey("signup_form.id"))
    phone: Mapped[str] = mapped_column(String(16))
    first_name: Mapped[str] = mapped_column(String(80), default="")
    last_name: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    texted_at: Mapped[datetime | None]  # when the keyword arrived from this phone
