"""Actions (one texting effort each), their audience, scripts and recipients."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from webapp.db import Base, BigId, utc_now
from webapp.models.campaigns import Texting


class ActionKind(StrEnum):
    """How an action texts; the last two are one kind of texting (spec: Broadcast/Automated)."""

    P2P = "p2p"  # a person sends each text
    BROADCAST = "broadcast"  # Heed sends to an audience of subscribers
    AUTOMATED = "automated"  # Heed answers a keyword

    @property
    def texting(self) -> Texting:
        """The kind of texting, which says which built-in tag stops it."""
        return Texting.P2P if self is ActionKind.P2P else Texting.BROADCAST


class ActionState(StrEnum):
    """Where an action stands; texts leave only while it is live."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"  # a broadcast that is launched by itself at `starts_at`
    LAUNCHING = "launching"  # Safeguard is sorting the audience, chunk by chunk
    LIVE = "live"
    PAUSED = "paused"
    FINISHED = "finished"

    @property
    def is_launched(self) -> bool:
        """Whether Safeguard has begun to sort the audience: what people get is settled."""
        return self not in (ActionState.DRAFT, ActionState.SCHEDULED)


class RecipientState(StrEnum):
    """What became of one person of the audience."""

    READY = "ready"
    SUPPRESSED = "suppressed"
    TEXTED = "texted"  # a message row exists; its state says how far it came


class Reason(StrEnum):
    """Why Safeguard suppressed someone; one per person, in this order (decision 12)."""

    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    CARRIER_BLOCK = "carrier_block"
    COUNTRY = "country"


class Action(Base):
    """One peer-to-peer, broadcast or automated texting effort."""

    __tablename__ = "action"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    kind: Mapped[ActionKind]
    texting: Mapped[Texting]  # follows from the kind; Safeguard and opt-outs ask for it
    name: Mapped[str] = mapped_column(String(80))
    instruction: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[ActionState] = mapped_column(default=ActionState.DRAFT)
    number_id: Mapped[int | None] = mapped_column(ForeignKey("number.id"))
    batch_size: Mapped[int] = mapped_column(default=50)
    all_texters: Mapped[bool] = mapped_column(default=True)
    own_replies: Mapped[bool] = mapped_column(default=True)  # may texters write their own
    note_asked: Mapped[bool] = mapped_column(default=True)  # the report has a note field
    goodbye: Mapped[bool] = mapped_column(default=False)  # a goodbye may be sent with a report
    goodbye_text: Mapped[str] = mapped_column(Text, default="")  # kept while it is off
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    saved_at: Mapped[datetime | None]  # when a step of the builder was last saved
    launched_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    launched_at: Mapped[datetime | None]
    # An action launched although its report cannot record opt-outs: who agreed to that.
    without_opt_out_tag_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    finished_at: Mapped[datetime | None]
    starts_at: Mapped[datetime | None]  # when a scheduled broadcast is launched
    # First texts leave from the midnight of the first day to the one that ends the last day, on
    # the campaign's clock (services.action_days); None is open.
    texts_from: Mapped[datetime | None]
    texts_until: Mapped[datetime | None]
    # A broadcast pauses itself when, of at least `pause_after` texts, so many in a thousand were
    # answered by an opt-out (0: never). What was counted up to the last resume is left out.
    pause_per_mille: Mapped[int] = mapped_column(default=30)
    pause_after: Mapped[int] = mapped_column(default=200)
    pause_only_warns: Mapped[bool] = mapped_column(default=False)
    watched_sent: Mapped[int] = mapped_column(default=0)
    watched_opt_outs: Mapped[int] = mapped_column(default=0)
    # Why Heed paused it or warns, for the admins; "" when there is nothing to say.
    alarm: Mapped[str] = mapped_column(String(200), default="")
    # The last contact that the launch has sorted, and the last that was handed to a texter.
    launch_cursor: Mapped[int] = mapped_column(BigId, default=0)
    batch_cursor: Mapped[int] = mapped_column(BigId, default=0)

    @validates("kind")
    def _follow_kind(self, _attribute: str, kind: ActionKind) -> ActionKind:
        self.texting = kind.texting
        return kind


class ActionTally(Base):
    """The kept counts of an action: they always add up to `total` (decision 12).

    total = ready + suppressed reasons + first texts by state.
    """

    __tablename__ = "action_tally"

    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), primary_key=True)
    total: Mapped[int] = mapped_column(default=0)
    ready: Mapped[int] = mapped_column(default=0)
    opted_out: Mapped[int] = mapped_column(default=0)
    no_consent: Mapped[int] = mapped_column(default=0)
    carrier_block: Mapped[int] = mapped_column(default=0)
    country: Mapped[int] = mapped_column(default=0)
    queued: Mapped[int] = mapped_column(default=0)
    claimed: Mapped[int] = mapped_column(default=0)
    sending: Mapped[int] = mapped_column(default=0)
    sent: Mapped[int] = mapped_column(default=0)
    delivered: Mapped[int] = mapped_column(default=0)
    undelivered: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    unknown: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[int] = mapped_column(default=0)
    # Beside the sum: how people answered.
    replies: Mapped[int] = mapped_column(default=0)  # conversations with at least one reply
    opt_outs: Mapped[int] = mapped_column(default=0)  # people who opted out in answer to it
    skipped: Mapped[int] = mapped_column(default=0)  # suppressed after the launch


class ActionMoment(Base):
    """What happened in an action within five minutes, for its charts; kept, not counted."""

    __tablename__ = "action_moment"
    __table_args__ = ({"sqlite_with_rowid": False},)

    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)  # when the five minutes began
    sent: Mapped[int] = mapped_column(default=0)
    delivered: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)  # refused, or not delivered
    replies: Mapped[int] = mapped_column(default=0)
    opt_outs: Mapped[int] = mapped_column(default=0)


class ActionList(Base):
    """A list is part of an action's audience."""

    __tablename__ = "action_list"

    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("contact_list.id"), primary_key=True)


class ActionTag(Base):
    """The audience is narrowed by a tag: only those who carry it, or none who does."""

    __tablename__ = "action_tag"

    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)
    excludes: Mapped[bool] = mapped_column(default=False)


class ActionTexter(Base):
    """A texter is on an action that is not open to all texters."""

    __tablename__ = "action_texter"

    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)


class Script(Base):
    """A first text of an action; with several, contacts are spread over them evenly."""

    __tablename__ = "script"

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    body: Mapped[str] = mapped_column(Text)


class SavedReply(Base):
    """A reply that texters can insert; it may mark a tag in the report, unsent."""

    __tablename__ = "saved_reply"

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    tag_id: Mapped[int | None] = mapped_column(ForeignKey("tag.id"))


class Recipient(Base):
    """One person of a launched action's audience."""

    __tablename__ = "recipient"
    __table_args__ = (
        # Only assigned rows enter, so that a launch of a million writes one b-tree.
        Index(
            "ix_recipient_assigned",
            "action_id",
            "assignee_id",
            "contact_id",
            sqlite_where=text("assignee_id IS NOT NULL"),
            postgresql_where=text("assignee_id IS NOT NULL"),
        ),
        {"sqlite_with_rowid": False},
    )

    # No foreign keys: rows come from one INSERT ... SELECT that reads the contacts themselves,
    # contacts and actions are never deleted, and a check per row doubles the cost of a launch.
    action_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    state: Mapped[RecipientState]
    reason: Mapped[Reason | None]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    assigned_at: Mapped[datetime | None]
    skips: Mapped[int] = mapped_column(default=0)  # a skipped person comes back at the end
