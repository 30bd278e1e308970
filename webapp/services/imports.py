"""Imports: a file of contacts on its way into a list; columns, check, start, cancel, end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from webapp.db import changed_rows, db, insert_once
from webapp.errors import ConflictError, InvalidError
from webapp.models import (
    Campaign,
    ContactImport,
    ContactList,
    Event,
    ImportState,
    ListMember,
    User,
)
from webapp.services import (
    import_columns,
    import_endings,
    import_files,
    import_reading,
    import_staging,
    tags,
)
from webapp.services.import_cells import stored
from webapp.services.import_columns import Column, Matched
from webapp.services.import_reading import Shape
from webapp.texting import lines

LONGEST_NAME = 80
LONGEST_FILE_NAME = 200
GONE = "The file is gone. Upload it again."
# How long a file that nobody imported is kept.
KEPT = timedelta(hours=24)
# Counts that a file keeps; the others are counted anew while it is brought in.
OF_THE_FILE = ("headings", "staged", "duplicates", "rejected", "words")
BEFORE_START = (ImportState.UPLOADED, ImportState.CHECKING, ImportState.CHECKED)


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read: how it is written, and its first rows."""

    file: Path
    shape: Shape
    sample: Sequence[list[str]]


def open_table(file: Path) -> Table:
    """Look at a file, which takes a second for a large one: no transaction should be open.

    Raises InvalidError (field "file") when it is no table, has no rows or is gone.
    """
    if not file.exists():
        raise InvalidError(GONE, field="file")
    shape = import_reading.look_at(file)
    sample = import_staging.sample(file, shape)
    if not sample:
        raise InvalidError("This file has a heading and no rows.", field="file")
    return Table(file, shape, sample)


def begin(
    campaign: Campaign,
    list_name: str,
    table: Table,
    *,
    file_name: str,
    folder: Path,
    subscribed: str = "",
    by: User | None,
    now: datetime,
) -> ContactImport:
    """Guess the columns of a file; nothing is read into the campaign yet.

    The file is an upload in the folder, or anywhere else when a command reads it in place.
    `subscribed` says where and when these people signed up for broadcasts; it is kept as their
    consent. Raises InvalidError (field "list_name") for the name of the list.
    """
    name = lines.one_line(list_name)
    if not name:
        raise InvalidError("Give the list a name.", field="list_name")
    if len(name) > LONGEST_NAME:
        raise InvalidError(
            f"The list's name can have {LONGEST_NAME} characters at most.", field="list_name"
        )
    headings = table.shape.headings
    row = ContactImport(
        campaign_id=campaign.id,
        list_name=name,
        file_name=stored(Path(file_name).name, LONGEST_FILE_NAME) or "contacts",
        stored_as=import_files.stored_as(table.file, folder),
        mapping=import_columns.guess(headings, table.sample, tags.all_of(campaign.id)),
        subscribed=lines.without_controls(subscribed).strip(),
        by_user_id=by.id if by else None,
        created_at=now,
        counts={"headings": list(headings)},
    )
    db.session.add(row)
    db.session.flush()
    return row


def columns(row: ContactImport, folder: Path) -> list[Column]:
    """The columns of the file with sample values and what they are matched to now."""
    table = open_table(import_files.file_of(row, folder))
    return import_columns.columns(table.shape.headings, table.sample, dict(row.mapping))


def match(row: ContactImport, matched: Matched, folder: Path) -> None:
    """Set which column is which field; the rows are to be checked (again) by a worker.

    Raises InvalidError (field "mapping") when the phone is missing or a column is unknown, and
    ConflictError once the import was started or cancelled.
    """
    headings: list[str] = row.counts["headings"]
    import_columns.check(matched, headings, tags.all_of(row.campaign_id))
    counts = {"headings": headings}
    move(
        row, BEFORE_START, ImportState.CHECKING, mapping=matched, counts=counts, rows=0, done_rows=0
    )
    import_files.scratch_of(row, folder).unlink(missing_ok=True)


def start(
    row: ContactImport, *, updates_existing: bool, folder: Path, by: User | None, now: datetime
) -> None:
    """Begin to bring the checked rows in; from here on the import goes to its end.

    The list is made, or the one of this name gets more people; until the end it cannot be used
    (decision 27). Raises ConflictError when another import into it is under way, or when this
    one is not checked, was started already (two people pressed the button) or cancelled.
    """
    chosen = _claim_list(row, folder, now=now)
    counts = {name: row.counts[name] for name in OF_THE_FILE if name in row.counts}
    move(
        row,
        (ImportState.CHECKED,),
        ImportState.IMPORTING,
        counts=counts,
        updates_existing=updates_existing,
        list_id=chosen.id,
        cursor="",
        done_rows=0,
        by_user_id=by.id if by else row.by_user_id,
    )
    chosen.is_ready = False
    chosen.archived_at = None


def cancel(row: ContactImport, folder: Path, *, now: datetime) -> None:
    """Give an import up before it was started; nothing of the file is kept.

    A second time changes nothing; ConflictError once it was started.
    """
    if row.state is ImportState.CANCELLED:
        return
    move(row, (*BEFORE_START, ImportState.FAILED), ImportState.CANCELLED, finished_at=now)
    import_files.forget(row, folder)


def fail(row: ContactImport, problem: str, *, now: datetime) -> None:
    """End an import that cannot go on; `problem` is a sentence for the page."""
    row.state, row.problem, row.finished_at = ImportState.FAILED, problem, now


def finish(row: ContactImport, *, now: datetime) -> None:
    """End an import: its list can be used, and the trail says what came in."""
    chosen = db.session.get_one(ContactList, row.list_id)
    members = select(func.count()).where(ListMember.list_id == chosen.id)
    chosen.size = db.session.scalar(members) or 0
    chosen.is_ready = True
    import_endings.done(row, Event.IMPORTED, {"list": chosen.id}, now=now)


def tidy(folder: Path, *, now: datetime) -> int:
    """Cancel imports that were uploaded and left; returns how many. Their files are deleted."""
    left = db.session.scalars(
        select(ContactImport).where(
            ContactImport.state.in_((*BEFORE_START, ImportState.FAILED)),
            ContactImport.created_at < now - KEPT,
            ContactImport.finished_at.is_(None) | (ContactImport.state == ImportState.FAILED),
        )
    ).all()
    for row in left:
        if row.state is ImportState.FAILED:
            import_files.forget(row, folder)
        else:
            cancel(row, folder, now=now)
    return len(left)


def _claim_list(row: ContactImport, folder: Path, *, now: datetime) -> ContactList:
    """The list of this name, locked; made when there is none."""
    made = {"campaign_id": row.campaign_id, "name": row.list_name, "created_at": now}
    db.session.execute(insert_once(ContactList).values(**made, size=0, is_ready=False))
    chosen = db.session.scalars(
        select(ContactList)
        .where(ContactList.campaign_id == row.campaign_id, ContactList.name == row.list_name)
        .with_for_update()
    ).one()
    others = select(ContactImport).where(
        ContactImport.campaign_id == row.campaign_id,
        ContactImport.list_id == chosen.id,
        ContactImport.state.in_((ImportState.IMPORTING, ImportState.REVERSING)),
        ContactImport.id != row.id,
    )
    for other in db.session.scalars(others):
        if import_files.has_somebody(other, folder):
            busy = f"Another import into “{row.list_name}” is under way. Wait until it is done."
            raise ConflictError(busy)
        # A command that was killed: this import goes over the same people once more.
        fail(other, "It was stopped half-way, and another import took its place.", now=now)
    return chosen


def move(
    row: ContactImport, allowed: tuple[ImportState, ...], to: ImportState, **values: Any
) -> None:
    """Take an import on to another state, if it is in one that allows it; else ConflictError."""
    moved = changed_rows(
        update(ContactImport)
        .where(ContactImport.id == row.id, ContactImport.state.in_(allowed))
        .values(state=to, **values)
    )
    db.session.refresh(row)
    if not moved:
        said = {
            ImportState.CANCELLED: "This import was cancelled.",
            ImportState.CHECKING: "The rows are still being checked.",
            ImportState.UPLOADED: "Match the columns first.",
            ImportState.FAILED: f"This import failed. {row.problem}",
        }
        raise ConflictError(said.get(row.state, "This import was started already."))
