"""The trail: who did what, when, to what; appended, never changed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, BigId, utc_now
from webapp.models.campaigns import Texting


class Actor(StrEnum):
    """Who did it, if it was not a person who signs in."""

    PERSON = "person"
    CONTACT = "contact"
    CARRIER = "carrier"
    HEED = "heed"
    HOST = "host"  # somebody on the host's command line


class Event(StrEnum):
    """What happened."""

    OPTED_OUT = "opted_out"
    OPT_OUT_REPEATED = "opt_out_repeated"  # asked again, or by another road; no tag changed
    OPT_OUT_LIFTED = "opt_out_lifted"
    OPTED_IN = "opted_in"  # consent to broadcasts, by a keyword; no tag was there to lift
    CARRIER_BLOCKED = "carrier_blocked"
    CARRIER_UNBLOCKED = "carrier_unblocked"
    CAMPAIGN_CREATED = "campaign_created"
    CAMPAIGN_CHANGED = "campaign_changed"
    NUMBER_ADDED = "number_added"
    TAG_CREATED = "tag_created"
    TAG_RENAMED = "tag_renamed"
    TAG_ARCHIVED = "tag_archived"
    TAG_CHANGE_REFUSED = "tag_change_refused"
    CONTACT_TAGGED = "contact_tagged"  # an own tag was put on by hand
    CONTACT_UNTAGGED = "contact_untagged"
    ACTION_CREATED = "action_created"
    REPORT_SETTINGS_CHANGED = "report_settings_changed"
    OPT_OUT_TAG_REMOVED = "opt_out_tag_removed"  # from an action's Report Settings
    OPT_OUT_TAG_RESTORED = "opt_out_tag_restored"
    SCHEDULED = "scheduled"
    UNSCHEDULED = "unscheduled"  # taken back before it began
    ALARMED = "alarmed"  # a broadcast's opt-out rate passed its threshold
    ALARM_DISMISSED = "alarm_dismissed"  # an admin has read it; the action runs on
    LAUNCHED = "launched"
    LAUNCHED_WITHOUT_OPT_OUT_TAG = "launched_without_opt_out_tag"
    PAUSED = "paused"
    RESUMED = "resumed"
    FINISHED = "finished"
    FLAGGED = "flagged"  # a texter says that a first text looks wrong
    FLAG_CLEARED = "flag_cleared"  # an admin has looked at it; `details` hold its id and a note
    REPORTED = "reported"
    REPORT_CORRECTED = "report_corrected"
    HINT_DISMISSED = "hint_dismissed"
    HINT_RESTORED = "hint_restored"  # the texter took the dismissal back
    HINT_CLOSED = "hint_closed"  # an admin says that it was no request to stop
    WROTE_BACK_READ = "wrote_back_read"  # an admin has read what an opted-out person wrote
    STOP_WORDS_CHANGED = "stop_words_changed"
    OPT_IN_WORDS_CHANGED = "opt_in_words_changed"
    AUTOMATION_CHANGED = "automation_changed"
    SIGNUP_FORM_CHANGED = "signup_form_changed"
    OPT_OUTS_IMPORTED = "opt_outs_imported"
    REASSIGNED = "reassigned"
    TEST_TEXT_SENT = "test_text_sent"  # by somebody who runs the campaign, to their own phone
    RELEASED = "released"  # a text whose fate is unknown was queued again by hand
    CONTACT_DELETED = "contact_deleted"  # the person; number and opt-outs stay (decision 24)
    CONTACT_ERASED = "contact_erased"  # on request; a keyed hash stays of the number
    CONTACT_BROUGHT_BACK = "contact_brought_back"  # the number of an erased contact came again
    IMPORTED = "imported"
    IMPORT_REVERSED = "import_reversed"
    EXPORTED = "exported"
    JOINED = "joined"
    APPROVED = "approved"  # somebody who joined by the code may text
    APPROVAL_ASKED = "approval_asked"  # the campaign asks for it from now on, or no longer
    ROLE_CHANGED = "role_changed"
    REMOVED = "removed"
    OWNERSHIP_HANDED_OVER = "ownership_handed_over"
    RESET_LINK_MADE = "reset_link_made"
    PASSWORD_RESET = "password_reset"
    JOIN_CODE_CHANGED = "join_code_changed"


class TrailEntry(Base):
    """One thing that happened; it points to rows by id and holds no names or bodies."""

    __tablename__ = "trail_entry"
    __table_args__ = (
        Index("ix_trail_entry_campaign", "campaign_id", "id"),
        Index("ix_trail_entry_contact", "contact_id", "id"),
        Index("ix_trail_entry_event", "campaign_id", "event", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    event: Mapped[Event] = mapped_column()
    actor: Mapped[Actor]
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    contact_id: Mapped[int | None] = mapped_column(BigId)
    texting: Mapped[Texting | None]  # of the built-in tag that changed
    before: Mapped[bool | None]  # did the contact carry the tag before
    after: Mapped[bool | None]  # and afterwards
    message_id: Mapped[int | None] = mapped_column(BigId)
    about: Mapped[str] = mapped_column(String(20), default="")  # table of the thing
    about_id: Mapped[int | None] = mapped_column(BigId)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class TrailSeal(Base):
    """A hash over the entries since the last seal and over that seal (decision 26)."""

    __tablename__ = "trail_seal"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    last_entry_id: Mapped[int] = mapped_column(BigId, unique=True)
    entries: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=utc_now)
