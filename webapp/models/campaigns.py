"""A campaign, the numbers it texts from, and the two kinds of texting."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, utc_now
from webapp.texting.hours import Hours
from webapp.texting.keywords import OwnWords


class Texting(StrEnum):
    """The two kinds of texting; a contact opts out of each on its own."""

    P2P = "p2p"
    BROADCAST = "broadcast"  # broadcast and automated texts


class NumberKind(StrEnum):
    """Which kinds of texting a number serves."""

    P2P = "p2p"
    BROADCAST = "broadcast"
    BOTH = "both"

    @property
    def serves(self) -> tuple[Texting, ...]:
        """The kinds of texting, one or two."""
        return tuple(Texting) if self is NumberKind.BOTH else (Texting(self.value),)


class Answerer(StrEnum):
    """Who sends the one confirmation of an opt-out, or answers HELP."""

    CARRIER = "carrier"
    HEED = "heed"
    NOBODY = "nobody"


class Campaign(Base):
    """One campaign; everything else belongs to exactly one."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("opens_minute >= 0 AND closes_minute <= 1440", name="hours_of_a_day"),
        CheckConstraint("opens_minute < closes_minute", name="opens_before_closing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    organization: Mapped[str] = mapped_column(String(80), default="")
    time_zone: Mapped[str] = mapped_column(String(60))
    # Texting hours in minutes after midnight; 0 to 1440 means any time anywhere (decision 14).
    opens_minute: Mapped[int] = mapped_column(default=9 * 60)
    closes_minute: Mapped[int] = mapped_column(default=21 * 60)
    replies_keep_hours: Mapped[bool] = mapped_column(default=True)
    recontact_lock_hours: Mapped[int] = mapped_column(default=0)  # 0: off (decision 15)
    help_text: Mapped[str] = mapped_column(Text, default="")
    confirmation_text: Mapped[str] = mapped_column(Text, default="")
    goodbye_text: Mapped[str] = mapped_column(Text, default="")
    # What a first text says where a contact's value is missing: {"first_name": "there"}.
    fallbacks: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    one_opt_out_stops_both: Mapped[bool] = mapped_column(default=False)
    # Countries that may be texted besides the US, Canada and the US territories: "GB,MX".
    more_countries: Mapped[str] = mapped_column(String(200), default="")
    own_stop_words: Mapped[str] = mapped_column(Text, default="")  # one a line
    # Opt-in keywords besides the locked ones, one a line (decision 2).
    own_opt_in_words: Mapped[str] = mapped_column(Text, default="")
    # What somebody gets who opts in by a keyword that no automation answers; "": nothing.
    opt_in_text: Mapped[str] = mapped_column(Text, default="")
    join_code: Mapped[str] = mapped_column(String(6), unique=True)
    join_open: Mapped[bool] = mapped_column(default=True)
    asks_approval: Mapped[bool] = mapped_column(default=False)  # of those who join by the code
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    archived_at: Mapped[datetime | None]

    @property
    def hours(self) -> Hours:
        """The texting hours, in the campaign's and the contact's zone alike."""
        return Hours(self.opens_minute, self.closes_minute)

    @property
    def stop_words(self) -> tuple[str, ...]:
        """The campaign's own stop words, besides the locked list."""
        return tuple(self.own_stop_words.split("\n")) if self.own_stop_words else ()

    @property
    def opt_in_words(self) -> tuple[str, ...]:
        """The campaign's own opt-in keywords, besides the locked list."""
        return tuple(self.own_opt_in_words.split("\n")) if self.own_opt_in_words else ()

    @property
    def own_words(self) -> OwnWords:
        """Both, as those who read a text take them."""
        return OwnWords(stop_words=self.stop_words, opt_in_words=self.opt_in_words)


class Number(Base):
    """A number that a campaign texts from; several campaigns may share one."""

    __tablename__ = "number"
    __table_args__ = (UniqueConstraint("campaign_id", "phone"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    phone: Mapped[str] = mapped_column(String(16), index=True)
    kind: Mapped[NumberKind]
    confirmation_by: Mapped[Answerer] = mapped_column(default=Answerer.CARRIER)
    help_by: Mapped[Answerer] = mapped_column(default=Answerer.CARRIER)
    # Texts a second; None: what HEED_SENDING_RATE says.
    rate: Mapped[float | None]
    # Pacing: the moment the next text may leave; moved on in the claiming statement.
    next_free_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    retired_at: Mapped[datetime | None]
