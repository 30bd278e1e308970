"""The rows of a file on their way in: read, normalised and sorted into a scratch database.

The scratch file is SQLite whatever the database is. It is written without a journal and never
takes a lock of the real database; if the work is killed it is thrown away and made again.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from webapp.models import Texting
from webapp.services import import_cells, import_columns, optout_kinds
from webapp.services.import_cells import PERSON, PLACE
from webapp.services.import_columns import Matched
from webapp.services.import_reading import LONGEST_LINE, UNPAIRED, Shape, rows
from webapp.texting import phones

BATCH = 10_000
LONGEST_CELL = 2_000  # of a rejected row, which is kept to be mended
LONGEST_WORD = 40  # of a cell that names kinds of texting, as it is shown
MOST_WORDS = 1_000
COMPLETE = 1  # user_version of a scratch file that holds every row
_TABLES = f"""
CREATE TABLE read (row_no INTEGER PRIMARY KEY, phone, {", ".join(PERSON)}, place);
CREATE TABLE place (id INTEGER PRIMARY KEY, {", ".join(PLACE)});
CREATE TABLE rejected (row_no INTEGER PRIMARY KEY, "column", reason, cells);
CREATE TABLE mark (phone, field);
CREATE TABLE word (said, kinds, rows);
CREATE TABLE staged (phone PRIMARY KEY, row_no, {", ".join(PERSON)}, place) WITHOUT ROWID;
CREATE VIEW person AS SELECT * FROM staged CROSS JOIN place ON place.id = staged.place;
"""  # noqa: S608
# The first row of each phone stays, the others are left out.
_SORT = f"""
INSERT OR IGNORE INTO staged
SELECT phone, row_no, {", ".join(PERSON)}, place FROM read ORDER BY phone, row_no
"""  # noqa: S608
_OPT_OUT = "opt_out_"
_READ = f"INSERT INTO read VALUES ({', '.join('?' * (3 + len(PERSON)))})"  # noqa: S608


def stage(
    file: Path,
    scratch: Path,
    shape: Shape,
    matched: Matched,
    *,
    opts_out_of: str = "",
    progress: Callable[[int], None] = lambda rows: None,
) -> None:
    """Read a file into its scratch database; nothing happens if that is complete already.

    Afterwards `staged` has one row per phone, in phone order, from the first row that has it;
    `rejected` the rows that cannot be used, with the reason; `mark` the opt-outs and tags that
    any row of a phone asks for; `word` how each cell that names kinds of texting was read
    ("p2p,broadcast", "" for nonsense), and how many rows say so. `opts_out_of` are the kinds that
    a file of opt-outs means where a row names none ("p2p,broadcast"). Raises InvalidError when
    the file cannot be read.
    """
    if is_complete(scratch):
        return
    scratch.unlink(missing_ok=True)
    with closing(sqlite3.connect(scratch, isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-4000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.executescript(_TABLES)
        connection.execute("BEGIN")
        _Stage(connection, shape, matched, opts_out_of).fill(file, progress)
        connection.execute("CREATE INDEX mark_phone ON mark (phone)")
        connection.execute(_SORT)
        connection.execute(f"PRAGMA user_version={COMPLETE}")
        connection.execute("COMMIT")


def is_complete(scratch: Path) -> bool:
    """Whether a scratch database is there and holds every row."""
    if not scratch.exists():
        return False
    try:
        with closing(sqlite3.connect(scratch)) as connection:
            return bool(connection.execute("PRAGMA user_version").fetchone()[0] == COMPLETE)
    except sqlite3.DatabaseError:
        return False


def sample(file: Path, shape: Shape, *, limit: int = 50) -> Sequence[list[str]]:
    """The first rows of a file, to guess from and to show."""
    found = (cells for _, cells in rows(file, shape, unreadable=lambda number, line: None))
    return list(islice((cells for cells in found if any(cells)), limit))


class _Kinds(dict[str, tuple[str, ...] | None]):
    """A cell that names kinds of texting → the opt-outs that it marks; None for nonsense."""

    def __init__(self, otherwise: str) -> None:
        super().__init__()
        self.otherwise = tuple(Texting(kind) for kind in otherwise.split(",") if kind)
        self.said: Counter[str] = Counter()

    def __missing__(self, cell: str) -> tuple[str, ...] | None:
        kinds = optout_kinds.named(cell)
        found = None if kinds is None else tuple(map(field_of, kinds or self.otherwise))
        if len(self) < BATCH:
            self[cell] = found
        return found

    def count(self, cell: str) -> None:
        """Remember that one more row says this, if there are not too many such words."""
        if cell in self.said or len(self.said) < MOST_WORDS:
            self.said[cell] += 1

    def words(self) -> Iterator[tuple[str, str, int]]:
        """What rows said, the kinds that it was read as, and how many rows said it."""
        for cell, count in self.said.items():
            kinds = ",".join(field.removeprefix(_OPT_OUT) for field in self[cell] or ())
            yield import_cells.stored(cell, LONGEST_WORD), kinds, count


def field_of(kind: Texting) -> str:
    """The field by which a row is marked as opted out of a kind of texting."""
    return f"{_OPT_OUT}{kind.value}"


class _Stage:
    """One file being read into one scratch database."""

    def __init__(
        self, scratch: sqlite3.Connection, shape: Shape, matched: Matched, opts_out_of: str
    ) -> None:
        self.scratch = scratch
        self.shape = shape
        self.width = len(shape.headings)
        columns = {field: shape.headings.index(heading) for field, heading in matched.items()}
        self.phone, self.phone_heading = columns["phone"], matched["phone"]
        self.places = import_cells.Places()
        self.person = import_cells.person_of(columns, self.width, self.places)
        self.marks = [
            (at, import_columns.plain_field(field))
            for field, at in columns.items()
            if import_columns.marks(field)
        ]
        self.kind, self.kind_heading = columns.get("kind"), matched.get("kind", "")
        self.kinds = _Kinds(opts_out_of)
        self.rejected: list[tuple[int, str, str, str]] = []
        self.marked: list[tuple[str, str]] = []

    def fill(self, file: Path, progress: Callable[[int], None]) -> None:
        """Read every row, a batch at a time."""
        found = self._read(file)
        while batch := list(islice(found, BATCH)):
            self.scratch.executemany(_READ, batch)
            self._flush()
            progress(batch[-1][0])
        self._flush()
        self.scratch.executemany("INSERT INTO word VALUES (?, ?, ?)", self.kinds.words())

    def _flush(self) -> None:
        self.scratch.executemany("INSERT INTO rejected VALUES (?, ?, ?, ?)", self.rejected)
        self.scratch.executemany("INSERT INTO mark VALUES (?, ?)", self.marked)
        self.scratch.executemany("INSERT INTO place VALUES (?, ?, ?, ?, ?)", self.places.fresh)
        self.rejected.clear()
        self.marked.clear()
        self.places.fresh.clear()

    def _read(self, file: Path) -> Iterator[tuple[Any, ...]]:
        """(row number, phone, *PERSON, place) of each row that can be used."""
        at, width, person, marks = self.phone, self.width, self.person, self.marks
        e164 = phones.e164
        for number, cells in rows(file, self.shape, unreadable=self._unreadable):
            if len(cells) < width:
                cells += [""] * (width - len(cells))
            phone = e164(cells[at])
            if phone is None:
                self._reject(number, cells)
                continue
            if self.kind is not None and not self._names_kinds(number, phone, cells, self.kind):
                continue
            if marks:
                self._mark(phone, cells)
            yield number, phone, *person(phone, cells)

    def _reject(self, number: int, cells: list[str]) -> None:
        if not any(cell.strip() for cell in cells):
            return  # An empty row, as spreadsheets leave them behind.
        reason = phones.read(cells[self.phone]).reason or "No phone number"
        self._keep_reject(number, cells, self.phone_heading, reason)

    def _keep_reject(self, number: int, cells: list[str], heading: str, reason: str) -> None:
        kept = [cell[:LONGEST_CELL] for cell in cells[: self.width]]
        self.rejected.append((number, heading, reason, json.dumps(kept)))
        if len(self.rejected) >= BATCH:
            self._flush()

    def _unreadable(self, number: int, line: str) -> None:
        kept = json.dumps([line.strip()[:LONGEST_CELL]])
        reason = UNPAIRED if len(line) < LONGEST_LINE else "This row is too long."
        self.rejected.append((number, "", reason, kept))

    def _names_kinds(self, number: int, phone: str, cells: list[str], at: int) -> bool:
        """Mark the kinds of texting that a row of opt-outs names; False when it names nonsense."""
        fields = self.kinds[cells[at]]
        self.kinds.count(cells[at])
        if fields is None:
            said = cells[at].strip()[:LONGEST_WORD]
            reason = f"“{said}” is no kind of texting: use p2p, broadcast or both"
            self._keep_reject(number, cells, self.kind_heading, reason)
            return False
        self.marked.extend((phone, field) for field in fields)
        if len(self.marked) >= BATCH:
            self._flush()
        return True

    def _mark(self, phone: str, cells: list[str]) -> None:
        for at, field in self.marks:
            if cells[at] and import_columns.is_true(cells[at]):
                self.marked.append((phone, field))
                if len(self.marked) >= BATCH:
                    self._flush()
