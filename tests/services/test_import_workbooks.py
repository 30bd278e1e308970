"""Contacts come out of an Excel workbook as they come out of a CSV file."""

import tracemalloc
import zipfile
from datetime import date
from pathlib import Path

import pytest

from tests.services import workbooks
from tests.services.importing import check, contacts, folder, run, start
from webapp.db import db
from webapp.errors import InvalidError
from webapp.models import ContactImport, ContactTag, ImportReject, ImportState
from webapp.services import import_reading, import_workbooks

DANA, ANA = "+13125550142", "+17735550101"
HEADING = ["First name", "Last name", "Phone", "Born", "Ward", "Opt Out (P2P)"]


def bring_in(file: Path) -> ContactImport:
    row = check(file)
    start(row, folder(file.parent))
    run(row.id, folder(file.parent))
    return db.session.get_one(ContactImport, row.id, populate_existing=True)


def test_numbers_dates_and_yes_are_read_as_a_csv_file_would_hold_them(tmp_path: Path) -> None:
    sheet = [
        HEADING,
        ["Dana", "Núñez & Söhne", 3125550142, date(1980, 2, 3), 25.0, True],
        ["Ana", "Ruiz", "(773) 555-0101", None, 4.5, False],
        ["Cy", "Young", 312555, None, None, None],
    ]
    row = bring_in(workbooks.write(tmp_path / "voters.xlsx", sheet, [["another", "sheet"]]))

    assert row.state is ImportState.DONE
    found = contacts()
    assert found[DANA].name == "Dana Núñez & Söhne"
    assert found[DANA].fields == {"born": "1980-02-03", "ward": "25"}
    assert found[ANA].fields == {"ward": "4.5"}
    assert [one.contact_id for one in db.session.query(ContactTag)] == [found[DANA].id]
    (reject,) = db.session.query(ImportReject)
    assert (reject.row, reject.column) == (4, "Phone")
    assert reject.cells == ["Cy", "Young", "312555", "", "", ""]


def test_rows_count_as_the_sheet_shows_them(tmp_path: Path) -> None:
    sheet = [["Name", "Phone"], ["Dana", "3125550142"], ["Bad", "555"]]
    row = check(workbooks.write(tmp_path / "voters.xlsx", sheet, skip=3))
    shape = import_reading.look_at(tmp_path / "voters.xlsx")
    assert shape.first_row == 5
    start(row, folder(tmp_path))
    run(row.id, folder(tmp_path))
    assert db.session.query(ImportReject).one().row == 6


def test_the_name_of_the_file_does_not_matter(tmp_path: Path) -> None:
    bring_in(workbooks.write(tmp_path / "upload.csv", [["Phone"], [3125550142]]))
    assert set(contacts()) == {DANA}


@pytest.mark.parametrize(
    ("sheet", "sentence"),
    [
        ([], "This file is empty"),
        ([["Phone"]], "a heading and no rows"),
        ([[f"c{n}" for n in range(501)]], "501 columns"),
    ],
)
def test_a_sheet_that_is_no_table_is_refused(
    tmp_path: Path, sheet: list[list[str]], sentence: str
) -> None:
    with pytest.raises(InvalidError, match=sentence) as refused:
        check(workbooks.write(tmp_path / "voters.xlsx", sheet))
    assert refused.value.field == "file"


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    whole = workbooks.write(tmp_path / "voters.xlsx", [["Phone"], [3125550142]])
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, part[:60] if "sheets/" in name else part)
    with pytest.raises(InvalidError, match="can't be read"):
        check(broken)
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(whole.read_bytes()[:400])
    with pytest.raises(InvalidError, match="damaged"):
        check(cut)


def test_a_workbook_that_would_be_huge_unpacked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_workbooks, "LARGEST_UNPACKED", 1_000)
    with pytest.raises(InvalidError, match="too large"):
        check(workbooks.write(tmp_path / "voters.xlsx", [["Phone"], [3125550142]]))


def test_rows_are_handed_on_one_by_one(tmp_path: Path) -> None:
    sheet = ([f"Name {n}", 3125550000 + n] for n in range(20_000))
    file = workbooks.write(tmp_path / "voters.xlsx", sheet)
    tracemalloc.start()
    assert sum(1 for _ in import_workbooks.rows(file)) == 20_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
