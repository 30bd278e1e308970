"""Conversations and their messages, in both directions, and what carriers told us."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, BigId, utc_now
from webapp.models.campaigns import Texting


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over some of the rows alone, on either database."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


class Closed(StrEnum):
    """Why nobody can write in a conversation any more."""

    STOP_WORD = "stop_word"  # it ended in an automatic opt-out: hidden from texters for good
    OPTED_OUT = "opted_out"  # the contact opted out by report, by an admin or elsewhere
    ERASED = "erased"  # the contact asked to be erased; the number is not known any more


class Direction(StrEnum):
    """Which way a text went."""

    IN = "in"
    OUT = "out"


class MessageKind(StrEnum):
    """What a text is for."""

    INBOUND = "inbound"
    FIRST = "first"
    REPLY = "reply"
    AUTOMATED = "automated"
    # The one text that confirms an opt-out, or the goodbye of a report: exempt from it.
    CONFIRMATION = "confirmation"
    HELP = "help"
    TEST = "test"  # fixed words to the phone of somebody who runs the campaign


class MessageState(StrEnum):
    """How far a text has come (decision 11)."""

    RECEIVED = "received"  # inbound
    QUEUED = "queued"
    CLAIMED = "claimed"  # leased by a worker
    SENDING = "sending"  # the call to the carrier is about to be made
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNKNOWN = "unknown"  # it may have arrived; never tried again by itself
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


class Hinted(StrEnum):
    """What became of a message that reads like a request to stop."""

    OPEN = "open"
    DISMISSED = "dismissed"  # a texter says it is not; an admin still sees it
    AGREED = "agreed"  # an opt-out followed
    CLOSED = "closed"  # an admin says it is not


# What each view of the inbox holds, as its index says it; the statements repeat the words.
VIEWS = {
    "needs": "needs_attention AND NOT is_hidden AND NOT is_archived",
    "unread": "is_unread AND NOT is_hidden AND NOT is_archived",
    "all": "NOT is_hidden AND NOT is_archived",
    "archived": "is_archived AND NOT is_hidden",
    "hinted": "hint_message_id IS NOT NULL AND needs_attention AND NOT is_hidden",
    "asked": "asks_admin <> '' AND NOT is_hidden",
}


def _index(name: str, condition: str, *columns: str) -> Index:
    return _partial(name, *columns, "last_message_at", "id", where=condition)


class Conversation(Base):
    """One contact in one action: what the inbox shows is kept on this row."""

    __tablename__ = "conversation"
    __table_args__ = (
        # One conversation per contact and action; those with no action are people who wrote
        # to a number by themselves.
        UniqueConstraint("contact_id", "action_id"),
        *(
            _index(f"ix_conversation_{view}", VIEWS[view], "assignee_id", "campaign_id")
            for view in ("needs", "unread", "all", "archived", "hinted")
        ),
        # Admins see everybody's, and every page of theirs counts what needs attention. All of
        # them is nearly the whole campaign: ix_conversation_campaign serves.
        *(
            _index(f"ix_conversation_campaign_{view}", VIEWS[view], "campaign_id")
            for view in ("needs", "unread", "archived", "hinted", "asked")
        ),
        Index("ix_conversation_campaign", "campaign_id", "last_message_at", "id"),
        Index("ix_conversation_action", "action_id", "last_message_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"))
    action_id: Mapped[int | None] = mapped_column(ForeignKey("action.id"))
    number_id: Mapped[int] = mapped_column(ForeignKey("number.id"))
    texting: Mapped[Texting]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    preview: Mapped[str] = mapped_column(String(160), default="")
    previewed_out: Mapped[bool] = mapped_column(default=False)  # the preview is our own text
    last_message_at: Mapped[datetime] = mapped_column(default=utc_now)
    replied_at: Mapped[datetime | None]  # the contact's oldest reply that waits for an answer
    has_replied: Mapped[bool] = mapped_column(default=False)  # the contact ever wrote in it
    is_unread: Mapped[bool] = mapped_column(default=False)
    needs_reply: Mapped[bool] = mapped_column(default=False)
    report_due: Mapped[bool] = mapped_column(default=False)
    # A contact replied and got no reply, or no report is there yet; either one clears it.
    needs_attention: Mapped[bool] = mapped_column(default=False)
    hint_message_id: Mapped[int | None] = mapped_column(BigId)
    is_archived: Mapped[bool] = mapped_column(default=False)
    is_hidden: Mapped[bool] = mapped_column(default=False)  # from every texter, for good
    closed: Mapped[Closed | None]
    closed_at: Mapped[datetime | None]
    asks_admin: Mapped[str] = mapped_column(Text, default="")  # a texter's question, if open


class Message(Base):
    """One text, received or on its way; nothing about a text is ever deleted."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("campaign_id", "key"),
        Index("ix_message_thread", "conversation_id", "id"),
        Index("ix_message_contact", "contact_id", "id"),
        _partial("ix_message_queue", "number_id", "not_before", "id", where="state = 'queued'"),
        _partial(
            "ix_message_on_its_way", "state", "lease_until", where="state IN ('claimed', 'sending')"
        ),
        _partial("ix_message_hint", "campaign_id", "hint", "id", where="hint IS NOT NULL"),
        # Those that nobody has read have no time of reading, the others stand by it.
        _partial(
            "ix_message_wrote_back", "campaign_id", "wrote_back_read_at", "id", where="wrote_back"
        ),
        # What people wrote, for the replay of a new stop word.
        _partial("ix_message_inbound", "campaign_id", "id", where="direction = 'in'"),
        _partial(
            "ix_message_unsure",
            "action_id",
            "state",
            "id",
            where="state IN ('unknown', 'failed', 'undelivered')",
        ),
        _partial("uq_message_reference", "reference", where="reference IS NOT NULL", unique=True),
        _partial(
            "uq_message_provider_id",
            "provider",
            "provider_id",
            where="direction = 'out' AND provider_id IS NOT NULL",
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id"))
    conversation_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("conversation.id"))
    action_id: Mapped[int | None] = mapped_column(ForeignKey("action.id"))
    number_id: Mapped[int] = mapped_column(ForeignKey("number.id"))
    texting: Mapped[Texting]
    direction: Mapped[Direction]
    kind: Mapped[MessageKind]
    state: Mapped[MessageState]
    body: Mapped[str] = mapped_column(Text)
    media: Mapped[list[str]] = mapped_column(JSON, default=list)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    script_id: Mapped[int | None] = mapped_column(ForeignKey("script.id"))
    key: Mapped[str | None] = mapped_column(String(64))  # idempotency of the form
    reference: Mapped[str | None] = mapped_column(String(32))  # ours, in the status callback
    receipt_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("webhook_receipt.id"))
    provider: Mapped[str | None] = mapped_column(String(16))
    provider_id: Mapped[str | None] = mapped_column(String(64))
    error_code: Mapped[str | None] = mapped_column(String(32))
    error_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    not_before: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sending_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    # Inbound only: what was read from it.
    meaning: Mapped[str | None] = mapped_column(String(10))  # opt_out, opt_in, help, keyword, none
    is_reaction: Mapped[bool] = mapped_column(default=False)
    hint: Mapped[Hinted | None]
    # Who settled the hint; of an open one, the texter who told the admins about it.
    hint_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    hint_at: Mapped[datetime | None]
    wrote_back: Mapped[bool] = mapped_column(default=False)  # from someone who had opted out
    wrote_back_read_at: Mapped[datetime | None]  # when an admin had read it, and who
    wrote_back_read_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Draft(Base):
    """What a texter has typed and not sent."""

    __tablename__ = "draft"

    conversation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("conversation.id"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(default=utc_now)


class InboxClock(Base):
    """Ticks with every change in a texter's inbox, so that a poll is one look-up by key."""

    __tablename__ = "inbox_clock"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    tick: Mapped[int] = mapped_column(BigId, default=0)
