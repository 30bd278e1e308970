"""Reading a table that somebody exported somewhere: CSV and its relatives, or a workbook."""

import codecs
import csv
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import TextIO

from webapp.errors import InvalidError
from webapp.services import import_workbooks
from webapp.services.import_cells import stored
from webapp.services.import_workbooks import SAVE_AS_CSV
from webapp.texting import phones

DELIMITERS = (",", ";", "\t", "|")
BLOCK = 1 << 20
MOST_COLUMNS = 500
LONGEST_HEADING = 100
MOST_UNPAIRED = 100
UNPAIRED = "A quote is opened in this row and never closed."
LONGEST_LINE = csv.field_size_limit()
# What people pick by mistake, by the first bytes.
MISTAKES = {
    b"PK\x03\x04": f"This is a ZIP file, or a damaged workbook. {SAVE_AS_CSV}",
    b"\xd0\xcf\x11\xe0": f"This is an old or a locked Excel file. {SAVE_AS_CSV}",
    b"%PDF": f"This is a PDF, not a CSV file. {SAVE_AS_CSV}",
    b"\x1f\x8b": "This file is compressed. Unpack it and use the CSV file inside.",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is written. `headings` are unique; without a heading they are "Column 1" …"""

    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    first_row: int  # the first row that is no heading; rows count from 1 as in a spreadsheet


def look_at(path: Path) -> Shape:
    """Find out how a file is written; InvalidError (field "file") when it is no such table."""
    encoding = _encoding(path)
    delimiter, said, found = "", False, import_workbooks.rows(path)
    if encoding != import_workbooks.ENCODING:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            sample = file.read(BLOCK).replace("\0", "")
        delimiter, said = _delimiter(sample)
        found = enumerate(_sample_rows(sample, delimiter), start=1)
    for number, cells in found:
        if (said and number == 1) or not any(cell.strip() for cell in cells):
            continue
        if len(cells) > MOST_COLUMNS:
            raise _refusal(f"This file has {len(cells):,} columns. Use a file with fewer.")
        has_heading = not any(phones.e164(cell) for cell in cells)
        named = headings(cells if has_heading else [""] * len(cells))
        return Shape(encoding, delimiter, named, number + has_heading)
    raise _refusal("This file is empty.")


def rows(
    path: Path, shape: Shape, *, unreadable: Callable[[int, str], None]
) -> Iterator[tuple[int, list[str]]]:
    """The rows below the heading with their numbers; memory stays flat.

    Rows may be ragged; a line that holds nothing gives []. A row whose quote is never closed
    would swallow the rows after it: it is handed to `unreadable` with its number and text, and
    reading goes on with the line after it. InvalidError when that happens too often.
    """
    if shape.encoding == import_workbooks.ENCODING:
        yield from (row for row in import_workbooks.rows(path) if row[0] >= shape.first_row)
        return
    with path.open(encoding=shape.encoding, errors="replace", newline="") as file:
        records = _records(file, shape, unreadable)
        for record in records:
            if record[0] >= shape.first_row:
                yield record
                break
        yield from records


def headings(cells: Iterable[str]) -> tuple[str, ...]:
    """Names for the columns: trimmed, each one different, "Column 3" where there is none."""
    taken: Counter[str] = Counter()
    named = []
    for place, cell in enumerate(cells, start=1):
        name = stored(cell, LONGEST_HEADING) or f"Column {place}"
        taken[name.casefold()] += 1
        while taken[name.casefold()] > 1:
            name = f"{name} ({taken[name.casefold()]})"
            taken[name.casefold()] += 1
        named.append(name)
    return tuple(named)


def _records(
    file: TextIO, shape: Shape, unreadable: Callable[[int, str], None]
) -> Iterator[tuple[int, list[str]]]:
    """Every record with its number. `seen` holds the lines of the record being read."""
    width, number, unpaired = len(shape.headings), 0, 0
    again: deque[str] = deque()
    seen: list[str] = []
    while True:
        reader = csv.reader(_lines(again, file, seen), delimiter=shape.delimiter, strict=True)
        try:
            for cells in reader:
                if len(seen) > 1 and len(cells) != width and number >= shape.first_row - 1:
                    break  # Several lines became one row that does not fit: a stray quote.
                seen.clear()
                number += 1
                yield number, cells
            else:
                return
        except csv.Error:
            pass
        first, rest = seen[0], seen[1:]
        again.extendleft(reversed(rest))
        seen.clear()
        number += 1
        loose = _one_line(first, shape.delimiter)
        if loose is not None:
            yield number, loose
            continue
        unpaired += 1
        if unpaired > MOST_UNPAIRED:
            raise _refusal(
                "The quotes in this file don't pair up. Export it again, or save it as CSV."
            )
        unreadable(number, first)


def _lines(again: deque[str], file: TextIO, seen: list[str]) -> Iterator[str]:
    while again:
        line = again.popleft()
        seen.append(line)
        yield line
    for line in file:
        if "\0" in line:
            line = line.replace("\0", "")
        seen.append(line)
        yield line


def _one_line(line: str, delimiter: str) -> list[str] | None:
    """A line read by itself and leniently ("Bob" Smith); None when its quote stays open."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return None
    return None if cells and cells[-1].endswith(("\n", "\r")) else cells


def _encoding(path: Path) -> str:
    """A workbook's, UTF-8 if all of it is, UTF-16 if it says so, else Windows-1252 as Excel
    writes it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = "utf-8-sig"
    with path.open("rb") as file:
        head = file.read(8)
        if head.startswith(import_workbooks.BEGINNING) and import_workbooks.is_workbook(path):
            return import_workbooks.ENCODING
        _refuse_mistakes(head)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        while block := file.read(BLOCK):
            if len(block) == BLOCK and b"\n" not in block and b"\r" not in block:
                raise _refusal(f"This doesn't look like a table with rows. {SAVE_AS_CSV}")
            if block.count(0) * 10 > len(block):
                raise _refusal(f"This is not a text file. {SAVE_AS_CSV}")
            if encoding == "utf-8-sig" and not _decodes(decoder, block):
                encoding = "cp1252"
    return encoding if encoding == "cp1252" or _decodes(decoder, b"", final=True) else "cp1252"


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_mistakes(head: bytes) -> None:
    if not head.strip():
        raise _refusal("This file is empty.")
    for beginning, sentence in MISTAKES.items():
        if head.startswith(beginning):
            raise _refusal(sentence)


def _delimiter(sample: str) -> tuple[str, bool]:
    """What parts the cells, and whether the first line only says so ("sep=;")."""
    first = sample.partition("\n")[0].strip()
    if first.casefold().startswith("sep=") and len(first) == 5:
        return first[4], True
    if first.casefold() == "sep=":
        return "\t", True
    return max(DELIMITERS, key=lambda one: _regularity(sample, one)), False


def _regularity(sample: str, delimiter: str) -> tuple[int, int]:
    """How many of the first rows have as many cells as the first one, if that has several."""
    widths = [len(cells) for cells in islice(_sample_rows(sample, delimiter), 20) if cells]
    if not widths or widths[0] == 1:
        return 0, 0
    return sum(width == widths[0] for width in widths), widths[0]


def _sample_rows(sample: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(StringIO(sample, newline=""), delimiter=delimiter)
    except csv.Error:
        return


def _refusal(sentence: str) -> InvalidError:
    return InvalidError(sentence, field="file")
