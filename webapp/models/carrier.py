"""What carriers told us: the texts they delivered, and whom they refuse to text."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, BigId, utc_now


class WebhookReceipt(Base):
    """One inbound text as the carrier delivered it, kept even when no campaign holds the number."""

    __tablename__ = "webhook_receipt"
    __table_args__ = (UniqueConstraint("provider", "provider_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    provider_id: Mapped[str] = mapped_column(String(64))
    sender: Mapped[str] = mapped_column(String(40))
    to: Mapped[str] = mapped_column(String(40))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
    messages: Mapped[int] = mapped_column(default=0)  # in how many campaigns it became a message


class CarrierBlock(Base):
    """The carrier refuses texts from one of our numbers to this contact."""

    __tablename__ = "carrier_block"
    __table_args__ = ({"sqlite_with_rowid": False},)

    number_id: Mapped[int] = mapped_column(ForeignKey("number.id"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("contact.id"), primary_key=True, index=True
    )
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    since: Mapped[datetime] = mapped_column(default=utc_now)


class CatchUp(Base):
    """How far the carrier's list of inbound texts to one of our numbers has been read."""

    __tablename__ = "catch_up"

    provider: Mapped[str] = mapped_column(String(16), primary_key=True)
    phone: Mapped[str] = mapped_column(String(16), primary_key=True)
    read_until: Mapped[datetime]
