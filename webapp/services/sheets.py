"""CSV as people open it in spreadsheets: no cell can act as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

# What a spreadsheet takes as the beginning of a formula (OWASP ASVS 1.2.10), full-width
# forms included: some programs read them as their plain ones.
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{cell}" if cell.startswith(_BEGINS_FORMULA) else cell


def plain(cell: str) -> str:
    """The cell as it was before `safe`, so that a file of ours can be brought in again."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_BEGINS_FORMULA) else cell


def lines(
    heading: Sequence[str], rows: Iterable[Sequence[str]], *, as_is: Sequence[str] = ("phone",)
) -> Iterator[str]:
    """A CSV line by line (CRLF at each end), the heading first; rows are read as they come.

    Columns named in `as_is` are written unchanged: a phone of ours is "+" and digits and
    nothing else, and programs that read the file rely on that form.
    """
    unchanged = [name in as_is for name in heading]
    yield _line([safe(name) for name in heading])  # A file may have brought its headings along.
    for row in rows:
        yield _line(
            [cell if kept else safe(cell) for cell, kept in zip(row, unchanged, strict=True)]
        )


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
