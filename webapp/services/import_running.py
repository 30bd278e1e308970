"""The long part of an import: check the rows, bring them in; a killed one goes on or begins anew.

Services never commit, and this takes many units of work: the edge hands in how to open one.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from sqlalchemy import update

from webapp.db import changed_rows, db
from webapp.errors import ConflictError, InvalidError
from webapp.models import ContactImport, ImportState
from webapp.services import (
    import_chunks,
    import_files,
    import_known,
    import_reading,
    import_reversing,
    import_staging,
    import_steps,
    imports,
    optout_merging,
)
from webapp.services.import_chunks import Chunk

UnitOfWork = Callable[[], AbstractContextManager[None]]
Clock = Callable[[], datetime]
Progress = Callable[[ImportState, int], None]  # how far: rows read, or contacts merged
SAYS_EVERY = 50_000  # rows between two notes of how far the check has come


def run_to_end(
    import_id: int,
    unit: UnitOfWork,
    clock: Clock,
    *,
    folder: Path,
    foreground: bool = False,
    progress: Progress = lambda state, rows: None,
) -> bool:
    """Go on with an import where it stopped, as far as it can go without a person.

    An import that is being checked ends as checked, one that was started ends as done, one
    that is taken back as reversed, one whose file cannot be read as failed. False when there was
    nothing to do, also when another process is at it. A worker leaves imports of commands alone;
    `foreground` is the command.
    """
    row = db.session.get(ContactImport, import_id)
    is_back = row is not None and row.state is ImportState.REVERSING
    if row is None or not (foreground or is_back or import_files.is_upload(row)):
        return False
    db.session.rollback()
    with import_files.only_one(folder, import_id) as alone:
        if not alone:
            return False
        run = Run(import_id, unit, clock, folder, foreground, progress)
        return run.check() | run.merge() | run.take_back()


class Run:
    """One import being worked on by one process, which holds its lock (only_one)."""

    def __init__(
        self,
        import_id: int,
        unit: UnitOfWork,
        clock: Clock,
        folder: Path,
        foreground: bool,
        progress: Progress,
    ) -> None:
        self.import_id, self.unit, self.clock = import_id, unit, clock
        self.folder, self.foreground, self.progress = folder, foreground, progress

    def row(self) -> ContactImport:
        """The import as it is now."""
        return db.session.get_one(ContactImport, self.import_id, populate_existing=True)

    def check(self) -> bool:
        """Read the rows into the scratch file and count; False when that is not to be done."""
        row = self.row()
        if row.state is not ImportState.CHECKING:
            return False
        if not self._stage(row):
            return True
        scratch = import_files.scratch_of(row, self.folder)
        counts = import_steps.count(scratch)
        if not self.foreground:
            counts |= self.look_up()
        with self.unit():
            row = self.row()
            if row.state is ImportState.CHECKING:
                row.counts = row.counts | counts
                row.rows = counts["staged"] + counts["duplicates"] + counts["rejected"]
                row.state, row.done_rows = ImportState.CHECKED, row.rows
        return True

    def merge(self) -> bool:
        """Bring the rows in; False when that is not to be done."""
        row = self.row()
        if row.state is not ImportState.IMPORTING:
            return False
        if not self._stage(row):
            return True
        scratch = import_files.scratch_of(row, self.folder)
        while self._one_chunk(scratch):
            pass
        import_files.forget(self.row(), self.folder)
        db.session.rollback()
        return True

    def take_back(self) -> bool:
        """Take an import back that somebody has reversed; False when that is not to be done."""
        if self.row().state is not ImportState.REVERSING:
            return False
        more = True
        while more:
            with self.unit():
                more = import_reversing.take_back_chunk(self.row(), now=self.clock())
        import_files.forget(self.row(), self.folder)
        db.session.rollback()
        return True

    def look_up(self) -> dict[str, int]:
        """What the preview counts besides the file: known contacts, and who opted out."""
        scratch = import_files.scratch_of(self.row(), self.folder)
        counts: dict[str, int] = {"known": 0, "opted_out": 0}
        counts |= {"opted_out_p2p": 0, "opted_out_broadcast": 0}
        cursor = import_steps.PHONES
        while chunk := import_chunks.next_chunk(scratch, cursor):
            for name, count in self._look_up(chunk).items():
                counts[name] = counts.get(name, 0) + count
            cursor = chunk.high
            db.session.rollback()  # Temporary tables of a chunk end with its transaction.
        db.session.rollback()
        return counts

    def _stage(self, row: ContactImport) -> bool:
        """Make sure that the scratch file is complete; False when the import fails on it."""
        file = import_files.file_of(row, self.folder)
        scratch = import_files.scratch_of(row, self.folder)
        matched, opts_out_of = dict(row.mapping), row.opts_out_of
        db.session.rollback()  # No transaction stays open while the file is read.
        if import_staging.is_complete(scratch):
            return True
        try:
            shape = import_reading.look_at(file)
            import_staging.stage(
                file, scratch, shape, matched, opts_out_of=opts_out_of, progress=self._has_read
            )
        except (InvalidError, FileNotFoundError) as problem:
            gone = isinstance(problem, FileNotFoundError)
            with self.unit():
                said = imports.GONE if gone else str(problem)
                imports.fail(self.row(), said, now=self.clock())
            return False
        return True

    def _has_read(self, rows: int) -> None:
        self.progress(ImportState.CHECKING, rows)
        if rows % SAYS_EVERY >= import_staging.BATCH:
            return
        with self.unit():
            changed_rows(
                update(ContactImport)
                .where(
                    ContactImport.id == self.import_id,
                    ContactImport.state == ImportState.CHECKING,
                )
                .values(done_rows=rows)
            )

    def _look_up(self, chunk: Chunk) -> dict[str, int]:
        row = self.row()
        if row.opts_out_of:
            return optout_merging.look_up(chunk, row)
        return import_known.look_up(chunk, row.campaign_id)

    def _one_chunk(self, scratch: Path) -> bool:
        """One transaction of the import; False after the last one."""
        with self.unit():
            row = self.row()
            if row.state is not ImportState.IMPORTING:
                raise ConflictError(f"This import was ended. {row.problem}".strip())
            if not row.cursor.startswith(import_steps.PHONES):
                import_steps.keep_rejects(row, scratch)
                return True
            merge = optout_merging.merge_chunk if row.opts_out_of else import_steps.merge_chunk
            merged = merge(row, scratch, now=self.clock())
        self.progress(ImportState.IMPORTING, row.done_rows)
        return merged
