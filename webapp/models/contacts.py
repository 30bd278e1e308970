"""Contacts, lists and imports. A contact is one phone number in one campaign."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from webapp.db import Base, BigId, utc_now
from webapp.texting import person_names, phones

# Compared byte by byte on both databases, so that "begins with" is a range of an index.
Key = String(80).with_variant(String(80, collation="C"), "postgresql")

# What the phone of an erased contact begins with; the rest is a keyed hash. A letter, so that in
# no language it stands between phones.
ERASED = phones.ERASED


class Contact(Base):
    """The person being texted; the phone never changes (another phone is another contact)."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("campaign_id", "phone"),
        Index("ix_contact_newest", "campaign_id", "id"),
        Index("ix_contact_last_key", "campaign_id", "shelf", "last_key"),
        Index("ix_contact_first_key", "campaign_id", "shelf", "first_key"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    phone: Mapped[str] = mapped_column(String(80))  # E.164 (a keyed hash after an erasure)
    first_name: Mapped[str] = mapped_column(String(80), default="")
    last_name: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[str] = mapped_column(String(2), default="")
    city: Mapped[str] = mapped_column(String(80), default="")
    country: Mapped[str] = mapped_column(String(2), default="US")
    # Candidate time zones, comma-joined; "" when none is known (texting.hours.zones_of).
    zones: Mapped[str] = mapped_column(String(200), default="")
    fields: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # merge fields
    # When and where this person signed up for broadcasts; "" when there is no consent.
    subscribed: Mapped[str] = mapped_column(Text, default="")
    subscribed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    # The names as they are searched for (person_names.key), kept by the validator below and by
    # the statements of an import.
    first_key: Mapped[str] = mapped_column(Key, default="")
    last_key: Mapped[str] = mapped_column(Key, default="")
    # Which part of the name indexes the contact stands in. An import fills one part per chunk:
    # with one index over all names, a million rows took twice as long (pages written at random).
    shelf: Mapped[int] = mapped_column(SmallInteger, default=0)
    # The import that made this contact. No foreign key: its check for each row costs too much.
    import_id: Mapped[int | None]

    @validates("first_name", "last_name")
    def _keep_key(self, attribute: str, name: str) -> str:
        setattr(self, attribute.replace("name", "key"), person_names.key(name))
        return name

    @property
    def name(self) -> str:
        """First and last name, or "" when neither is known."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def shown_name(self) -> str:
        """The name, or the number of someone without one."""
        return person_names.shown(self.first_name, self.last_name, self.phone)

    @property
    def called(self) -> str:
        """How a sentence calls this person: the first name, else the number."""
        return self.first_name or self.shown_name

    @property
    def is_erased(self) -> bool:
        """Whether this person asked to be erased; the number can't be read from it any more."""
        return self.phone.startswith(ERASED)

    @property
    def pretty_phone(self) -> str:
        """The number as people write it."""
        return phones.pretty(self.phone)


class ContactList(Base):
    """A named list of contacts, made by an import; it can be used when the import is complete."""

    __tablename__ = "contact_list"
    __table_args__ = (UniqueConstraint("campaign_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    name: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(default=0)
    is_ready: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    archived_at: Mapped[datetime | None]


class ListMember(Base):
    """A contact is on a list."""

    __tablename__ = "list_member"
    __table_args__ = ({"sqlite_with_rowid": False},)

    list_id: Mapped[int] = mapped_column(ForeignKey("contact_list.id"), primary_key=True)
    # No foreign key: each contact that goes when an import is taken back would search all lists.
    contact_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)


class ImportState(StrEnum):
    """How far an import has come."""

    UPLOADED = "uploaded"  # columns are to be matched
    CHECKING = "checking"  # rows are read into the scratch file
    CHECKED = "checked"  # the preview can be seen
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REVERSING = "reversing"
    REVERSED = "reversed"  # taken back: what it alone had brought in is gone


class ContactImport(Base):
    """One file on its way into contacts and a list."""

    __tablename__ = "contact_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    list_id: Mapped[int | None] = mapped_column(ForeignKey("contact_list.id"))
    list_name: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(String(200))
    stored_as: Mapped[str] = mapped_column(String(200))  # name in the instance's import folder
    state: Mapped[ImportState] = mapped_column(default=ImportState.UPLOADED)
    mapping: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # our field → column
    subscribed: Mapped[str] = mapped_column(Text, default="")
    updates_existing: Mapped[bool] = mapped_column(default=False)
    # An import of opt-outs: the kinds of texting it opts everybody out of ("p2p,broadcast"), and
    # where the requests came from. "" for an import of contacts. It has no list.
    opts_out_of: Mapped[str] = mapped_column(String(20), default="")
    source_note: Mapped[str] = mapped_column(Text, default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    # Counts, kept as the work goes on; `counts` holds the rest of the result.
    rows: Mapped[int] = mapped_column(default=0)
    done_rows: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[str] = mapped_column(String(80), default="")  # last phone merged
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    finished_at: Mapped[datetime | None]


class ImportReject(Base):
    """A row of a file that could not be used, and why; kept for the rejects file."""

    __tablename__ = "import_reject"
    __table_args__ = ({"sqlite_with_rowid": False},)

    import_id: Mapped[int] = mapped_column(ForeignKey("contact_import.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)  # line of the file, the heading is 1
    column: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(Text)
    cells: Mapped[list[str]] = mapped_column(JSON)
