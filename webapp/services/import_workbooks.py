"""Reading the first sheet of an Excel workbook (.xlsx), its cells as a CSV file would hold them."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from webapp.errors import InvalidError

ENCODING = "xlsx"  # stands for the encoding in the shape of such a file
BEGINNING = b"PK\x03\x04"
WORKBOOK = "xl/workbook.xml"
# What the parts of a workbook may come to unpacked; a small file can claim to hold terabytes.
LARGEST_UNPACKED = 1_000_000_000
SAVE_AS_CSV = "Open it in your spreadsheet program, save it as CSV and use that file."


def is_workbook(path: Path) -> bool:
    """Whether a file that begins like a ZIP file is a workbook that can be read.

    InvalidError (field "file") for one that would be too large unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        return False
    if not any(part.filename == WORKBOOK for part in parts):
        return False
    if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise _refusal(f"This workbook is too large to be read. {SAVE_AS_CSV}")
    return True


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Every row of the first sheet with its number, counted from 1 as the sheet shows it.

    InvalidError (field "file") for a workbook that is damaged, locked by a password or empty.
    """
    with path.open("rb") as file:
        sheet = _first_sheet(file)
    if sheet.start is None:
        return
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield number, [_text(cell) for cell in cells]


def _first_sheet(file: Any) -> CalamineSheet:
    try:
        workbook = CalamineWorkbook.from_filelike(file)
        return workbook.get_sheet_by_index(0)
    except (CalamineError, OSError, IndexError, ValueError) as error:
        raise _refusal(f"This Excel file can't be read. {SAVE_AS_CSV}") from error


def _text(cell: object) -> str:
    """A cell as text: numbers without ".0", dates as 2026-11-03, yes and no as true and false."""
    if isinstance(cell, str):
        return cell.replace("\0", "")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, int | timedelta) else ""


def _refusal(sentence: str) -> InvalidError:
    return InvalidError(sentence, field="file")
