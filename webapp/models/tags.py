"""Tags, and which contacts carry them; the two built-in tags stop texting."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, BigId, utc_now
from webapp.models.campaigns import Texting

BUILT_IN_NAMES = {Texting.P2P: "Opt Out (P2P)", Texting.BROADCAST: "Opt Out (Broadcast)"}


class OptOutSource(StrEnum):
    """How an opt-out reached us."""

    STOP_WORD = "stop_word"
    REPORT = "report"
    ADMIN = "admin"  # an admin logged a request that came by another road
    IMPORT = "import"
    CARRIER = "carrier"


class Tag(Base):
    """A label on contacts. Two per campaign are built in and stop texting."""

    __tablename__ = "tag"
    __table_args__ = (
        UniqueConstraint("campaign_id", "opts_out_of"),
        UniqueConstraint("campaign_id", "folded_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    name: Mapped[str] = mapped_column(String(80))
    folded_name: Mapped[str] = mapped_column(String(160))
    description: Mapped[str] = mapped_column(String(300), default="")
    # Set on the built-in tags alone; unique, so there is one per kind of texting.
    opts_out_of: Mapped[Texting | None]
    contacts: Mapped[int] = mapped_column(default=0)  # how many carry it; kept, not counted
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    archived_at: Mapped[datetime | None]

    @property
    def is_built_in(self) -> bool:
        """Whether this is one of the two tags that stop texting."""
        return self.opts_out_of is not None


class ContactTag(Base):
    """A contact carries a tag. With a built-in tag this row *is* the opt-out."""

    __tablename__ = "contact_tag"
    __table_args__ = (
        # The newest opt-outs first, for the ledger; ordinary tags have no source.
        Index(
            "ix_contact_tag_opt_outs",
            "tag_id",
            "since",
            "contact_id",
            sqlite_where=text("source IS NOT NULL"),
            postgresql_where=text("source IS NOT NULL"),
        ),
        {"sqlite_with_rowid": False},
    )

    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("contact.id"), primary_key=True, index=True
    )
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    since: Mapped[datetime] = mapped_column(default=utc_now)
    source: Mapped[OptOutSource | None]
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    message_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("message.id"))
    note: Mapped[str] = mapped_column(Text, default="")
