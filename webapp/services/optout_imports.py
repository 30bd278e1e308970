"""Opt-outs from another system: a file of phones that only ever adds opt-outs; it has no list."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from webapp.db import db
from webapp.errors import InvalidError
from webapp.models import (
    Campaign,
    ContactImport,
    Event,
    ImportState,
    Texting,
    User,
)
from webapp.services import import_endings, import_files, imports, optout_columns
from webapp.services.import_cells import stored
from webapp.services.import_columns import Matched
from webapp.services.imports import Table
from webapp.texting import lines

LONGEST_NOTE = 300


def begin(
    campaign: Campaign,
    kinds: Sequence[Texting],
    note: str,
    table: Table,
    *,
    file_name: str,
    folder: Path,
    by: User | None,
    now: datetime,
) -> ContactImport:
    """Guess the columns of a file of opt-outs; nothing is read into the campaign yet.

    `kinds` is what stops where a row does not say itself; `note` says where the requests came
    from and is kept with every opt-out as its proof. Raises InvalidError (fields "kinds",
    "source") without them.
    """
    note = lines.one_line(note)
    if not kinds:
        raise InvalidError("Choose what these people asked to stop.", field="kinds")
    if not note:
        raise InvalidError("Say where these requests came from.", field="source")
    if len(note) > LONGEST_NOTE:
        raise InvalidError(f"Use {LONGEST_NOTE} characters or fewer.", field="source")
    headings = table.shape.headings
    row = ContactImport(
        campaign_id=campaign.id,
        list_name="",
        file_name=stored(Path(file_name).name, imports.LONGEST_FILE_NAME) or "opt-outs",
        stored_as=import_files.stored_as(table.file, folder),
        mapping=optout_columns.guess(headings, table.sample),
        opts_out_of=",".join(kind.value for kind in Texting if kind in kinds),
        source_note=note,
        by_user_id=by.id if by else None,
        created_at=now,
        counts={"headings": list(headings)},
    )
    db.session.add(row)
    db.session.flush()
    return row


def match(row: ContactImport, matched: Matched, folder: Path) -> None:
    """Set which column is what; the rows are to be checked (again) by a worker.

    Raises InvalidError (field "mapping") when the phone is missing, and ConflictError once the
    import was started or cancelled.
    """
    headings: list[str] = row.counts["headings"]
    optout_columns.check(matched, headings)
    imports.move(
        row,
        imports.BEFORE_START,
        ImportState.CHECKING,
        mapping=matched,
        counts={"headings": headings},
        rows=0,
        done_rows=0,
    )
    import_files.scratch_of(row, folder).unlink(missing_ok=True)


def start(row: ContactImport, *, folder: Path, by: User | None) -> None:
    """Begin to record the opt-outs; from here on the import goes to its end.

    Raises ConflictError when it is not checked, was started already (two people pressed the
    button) or cancelled. Two files at once do no harm: each opt-out is added once.
    """
    counts = {name: row.counts[name] for name in imports.OF_THE_FILE if name in row.counts}
    imports.move(
        row,
        (ImportState.CHECKED,),
        ImportState.IMPORTING,
        counts=counts,
        cursor="",
        done_rows=0,
        by_user_id=by.id if by else row.by_user_id,
    )


def end_killed(campaign_id: int, folder: Path, *, now: datetime) -> None:
    """End what commands that were killed have left half-way; the next one begins anew."""
    left = db.session.scalars(
        select(ContactImport).where(
            ContactImport.campaign_id == campaign_id,
            ContactImport.opts_out_of != "",
            ContactImport.state == ImportState.IMPORTING,
        )
    )
    for row in left:
        if not import_files.is_upload(row) and not import_files.is_running(folder, row.id):
            said = "It was stopped half-way, and another import took its place."
            imports.fail(row, said, now=now)


def finish(row: ContactImport, *, now: datetime) -> None:
    """End an import: the trail says what came of it."""
    import_endings.done(row, Event.OPT_OUTS_IMPORTED, {"kinds": row.opts_out_of}, now=now)
