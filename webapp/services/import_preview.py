"""What an import will store and what it leaves out, row by row."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from webapp.db import db
from webapp.models import ContactImport, ImportReject
from webapp.services import import_files, import_staging

SHOWN = 20
READ_AT_ONCE = 1_000
_FIRST_STORED = "SELECT * FROM person ORDER BY row_no LIMIT ?"
_FIRST_REJECTED = 'SELECT row_no, "column", reason, cells FROM rejected ORDER BY row_no LIMIT ?'
_FIRST_DUPLICATES = (
    "SELECT read.row_no, read.phone, staged.row_no FROM read JOIN staged USING (phone) "
    "WHERE read.row_no <> staged.row_no ORDER BY read.row_no LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that is left out, and why; rows count as in a spreadsheet, the heading is 1."""

    row: int
    column: str
    reason: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows as they will be stored, and the first ones that are left out."""

    rows: list[dict[str, Any]]
    problems: list[Problem]


def of(row: ContactImport, folder: Path) -> Preview:
    """The preview of a checked import; empty when its rows are not there (yet)."""
    scratch = import_files.scratch_of(row, folder)
    if not import_staging.is_complete(scratch):
        return Preview([], [])
    with closing(sqlite3.connect(scratch)) as rows:
        rows.row_factory = sqlite3.Row
        stored = [dict(one) for one in rows.execute(_FIRST_STORED, (SHOWN,))]
        for one in stored:
            one["fields"] = json.loads(one["fields"])
        return Preview(stored, _problems(rows, row))


def _problems(rows: sqlite3.Connection, row: ContactImport) -> list[Problem]:
    found = [
        Problem(number, column, reason, json.loads(cells))
        for number, column, reason, cells in rows.execute(_FIRST_REJECTED, (SHOWN,))
    ]
    if row.counts.get("duplicates"):
        for number, phone, first in rows.execute(_FIRST_DUPLICATES, (SHOWN,)):
            reason = f"Same number as row {first}"
            found.append(Problem(number, row.mapping["phone"], reason, [phone]))
    return sorted(found, key=lambda problem: problem.row)[:SHOWN]


def rejects(row: ContactImport, *, limit: int | None = None) -> Iterator[Problem]:
    """The rows that an import could not use, in order, read in steps."""
    after, left = 0, limit
    while left is None or left > 0:
        size = READ_AT_ONCE if left is None else min(left, READ_AT_ONCE)
        found = db.session.execute(
            select(ImportReject.row, ImportReject.column, ImportReject.reason, ImportReject.cells)
            .where(ImportReject.import_id == row.id, ImportReject.row > after)
            .order_by(ImportReject.row)
            .limit(size)
        ).all()
        yield from (Problem(*one) for one in found)
        if len(found) < size:
            return
        after, left = found[-1].row, None if left is None else left - size


def rejected(row: ContactImport, folder: Path) -> Iterator[Problem]:
    """The rows that a checked import cannot use, in order, from its scratch file."""
    with closing(sqlite3.connect(import_files.scratch_of(row, folder))) as rows:
        for number, column, reason, cells in rows.execute(_FIRST_REJECTED, (-1,)):
            yield Problem(number, column, reason, json.loads(cells))


def rejects_sheet(
    row: ContactImport, problems: Iterable[Problem]
) -> tuple[list[str], Iterator[list[str]]]:
    """Heading and rows of the file to mend and bring in again: its columns and the reason."""
    headings: list[str] = row.counts.get("headings", [])
    width = len(headings)
    return [*headings, "Reason"], (
        [*(list(problem.cells) + [""] * width)[:width], problem.reason] for problem in problems
    )
