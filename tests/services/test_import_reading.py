"""Files as people really hand them in: every one is read, or refused in a plain sentence."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.services.importing import HEADING, bring_in, check, contacts, folder, write
from webapp.db import db
from webapp.errors import InvalidError
from webapp.models import ImportReject
from webapp.services import import_columns, import_preview, import_reading, import_staging

DANA, ANA = "+13125550142", "+17735550101"
TWO = "first_name,last_name,phone\nDana,Núñez,3125550142\nAna,Ruiz,7735550101\n"


def names() -> dict[str, str]:
    return {phone: contact.name for phone, contact in contacts().items()}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_usual_encodings_and_delimiters_are_read(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    content = TWO.replace(",", delimiter)
    data = ("\ufeff" + content if encoding == "utf-16-le" else content).encode(encoding)

    bring_in(tmp_path, data)

    assert names() == {DANA: "Dana Núñez", ANA: "Ana Ruiz"}


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_every_kind_of_line_end_is_read(tmp_path: Path, ending: str) -> None:
    bring_in(tmp_path, TWO.replace("\n", ending).encode())

    assert len(names()) == 2


def test_the_line_that_names_the_delimiter_is_no_heading(tmp_path: Path) -> None:
    bring_in(tmp_path, "sep=;\n" + TWO.replace(",", ";"))

    assert names() == {DANA: "Dana Núñez", ANA: "Ana Ruiz"}


def test_a_column_of_phones_needs_no_heading(tmp_path: Path) -> None:
    row = bring_in(tmp_path, "312 555 0142\n773 555 0101\n")

    assert (row.rows, set(names())) == (2, {DANA, ANA})


def test_a_table_without_a_heading_finds_its_phones(tmp_path: Path) -> None:
    bring_in(tmp_path, "Dana,Whitfield,(312) 555-0142\nAna,Ruiz,(773) 555-0101\n")

    assert set(names()) == {DANA, ANA}


def test_the_phone_is_found_by_its_values_when_no_heading_says_so(tmp_path: Path) -> None:
    bring_in(tmp_path, "Who,Reach at\nDana,3125550142\nAna,7735550101\n")

    assert set(names()) == {DANA, ANA}


def test_columns_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    row = bring_in(tmp_path, "phone,Ward,ward,\n3125550142,25,26,x\n")

    assert row.counts["headings"] == ["phone", "Ward", "ward (2)", "Column 4"]
    assert contacts()[DANA].fields == {"ward": "25", "ward_2": "26"}


def test_long_and_strange_headings_are_cut_and_told_apart(tmp_path: Path) -> None:
    long = "Vøter " * 80
    row = bring_in(tmp_path, f"phone,{long},{long},\x07\n3125550142,a,b,\nbad,a,b,\n")

    assert all(len(heading) < 110 for heading in row.counts["headings"])
    assert len(set(row.counts["headings"])) == 4
    assert [*contacts()[DANA].fields.values()] == ["a"]


def test_ragged_and_empty_rows_do_no_harm(tmp_path: Path) -> None:
    content = (
        "\n\nphone,first_name,last_name\n3125550142\n\n,,\n7735550101,Ana,Ruiz,more,cells\n , \n"
    )

    row = bring_in(tmp_path, content)

    assert names() == {DANA: "", ANA: "Ana Ruiz"}
    assert (row.rows, row.counts["rejected"]) == (2, 0)


def test_quotes_commas_and_line_breaks_inside_cells_are_kept_together(tmp_path: Path) -> None:
    content = (
        HEADING + '"Dana ""Dee""","Whitfield,\nJr.",3125550142\n"Ana",Ruiz,"+1 (773) 555-0101"\n'
    )

    bring_in(tmp_path, content)

    assert names() == {DANA: 'Dana "Dee" Whitfield, Jr.', ANA: "Ana Ruiz"}


@pytest.mark.parametrize(
    "broken",
    ['"Ann,Stray,3125550199', 'Ann,"Stray,3125550199', 'Ann,Stray,"3125550199'],
)
def test_a_quote_that_is_never_closed_costs_its_own_row_alone(tmp_path: Path, broken: str) -> None:
    good = 'Dana,"O\'Neill, Jr",3125550142\nAna,"Ruiz",7735550101\n'

    for content in (f"{HEADING}{broken}\n{good}", f"{HEADING}{good}{broken}\n"):
        row = bring_in(tmp_path, content)
        assert {DANA, ANA} == set(names())
        assert (row.rows, row.counts["rejected"]) == (3, 1)
        reject = db.session.get_one(ImportReject, (row.id, 2 if broken in content[:60] else 4))
        assert reject.reason == "A quote is opened in this row and never closed."


def test_sloppy_quotes_are_read_as_they_look(tmp_path: Path) -> None:
    bring_in(tmp_path, HEADING + '"Dana" "Dee",Whitfield,3125550142\nAna 6" tall,Ruiz,7735550101\n')

    assert names()[ANA] == 'Ana 6" tall Ruiz'
    assert names()[DANA].startswith("Dana")


def test_a_file_whose_quotes_never_pair_up_is_refused(tmp_path: Path) -> None:
    rows = "".join(f'"x{n},y,31255501{n % 100:02}\n' for n in range(300))

    with pytest.raises(InvalidError, match="The quotes in this file don't pair up"):
        bring_in(tmp_path, HEADING + rows)


PIECES = st.sampled_from(
    [
        '"',
        '""',
        ",",
        ";",
        "\n",
        "\r",
        "\r\n",
        "\x00",
        "\t",
        "3125550142",
        "phone",
        "Dana",
        "é",
        "'=",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
def test_whatever_is_in_a_file_it_is_read_or_refused(
    tmp_path: Path, content: str, encoding: str
) -> None:
    file = write(tmp_path, f"phone,x\n{content}".encode(encoding))
    scratch = tmp_path / "scratch"
    scratch.unlink(missing_ok=True)
    try:
        shape = import_reading.look_at(file)
        matched = import_columns.guess(shape.headings, import_staging.sample(file, shape), [])
        import_columns.check(matched, shape.headings, [])
        import_staging.stage(file, scratch, shape, matched)
    except InvalidError as refusal:
        assert str(refusal).endswith(".")
    else:
        assert import_staging.is_complete(scratch)


def test_a_cell_of_a_hundred_thousand_letters_is_cut(tmp_path: Path) -> None:
    bring_in(tmp_path, f"{HEADING}{'D' * 100_000},{'é ' * 50_000},3125550142\n")

    assert len(contacts()[DANA].first_name) == 80
    assert len(contacts()[DANA].last_name) <= 80


def test_a_row_that_is_too_long_is_rejected(tmp_path: Path) -> None:
    row = bring_in(tmp_path, f"{HEADING}{'D' * 200_000},x,3125550142\nAna,Ruiz,7735550101\n")

    assert set(names()) == {ANA}
    assert db.session.get_one(ImportReject, (row.id, 2)).reason == "This row is too long."


def test_nul_and_control_characters_are_left_out(tmp_path: Path) -> None:
    bring_in(tmp_path, b"first_name,phone\nDa\x00na\x07,312555\x000142\n")

    assert names() == {DANA: "Dana"}


@pytest.mark.parametrize(
    "name", ["=cmd|'/C calc'!A0", "+1+1", "@SUM(A1)", "<b>Dana</b>", "{{ config }}", "-2+3"]
)
def test_formulas_and_markup_are_stored_as_they_are(tmp_path: Path, name: str) -> None:
    bring_in(tmp_path, f'first_name,phone\n"{name}",3125550142\n')

    assert names() == {DANA: name}


def test_what_we_exported_safely_comes_back_as_it_was(tmp_path: Path) -> None:
    bring_in(tmp_path, "first_name,phone\n'=1+1,'+13125550142\n'Dana,7735550101\n")

    assert names() == {DANA: "=1+1", ANA: "'Dana"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"\n\n  \n", "This file is empty."),
        (b"PK\x03\x04rest", "ZIP file, or a damaged workbook"),
        (b"\xd0\xcf\x11\xe0\xa1", "an old or a locked Excel file"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"a\x00b\x00c\x00d\x00" * 50, "not a text file"),
        (b"x" * (3 << 20), "doesn't look like a table"),
        (b"first_name,last_name,phone\n", "a heading and no rows"),
        (b"first_name,last_name\nDana,Whitfield\n", "No column of this file holds phone numbers"),
        (("c," * 600 + "phone\n").encode() + b"x\n", "601 columns"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    with pytest.raises(InvalidError, match=sentence):
        check(write(tmp_path, content))


def test_each_reject_keeps_its_row_its_cells_and_its_reason(tmp_path: Path) -> None:
    content = HEADING + "Dana,W,3125550142\nCy,Y,(312) 555-01\nEd,Z,\nFay,X,not a phone\n"

    row = bring_in(tmp_path, content)

    heading, rows = import_preview.rejects_sheet(row, import_preview.rejects(row))
    assert heading == ["first_name", "last_name", "phone", "Reason"]
    assert [*rows] == [
        ["Cy", "Y", "(312) 555-01", "“(312) 555-01” is too short"],
        ["Ed", "Z", "", "No phone number"],
        ["Fay", "X", "not a phone", "“not a phone” is not a phone number"],
    ]
    assert [problem.row for problem in import_preview.rejects(row, limit=2)] == [3, 4]


def test_the_file_of_rejects_can_be_mended_and_brought_in(tmp_path: Path) -> None:
    bring_in(tmp_path, HEADING + "Cy,Young,312555\n")

    row = bring_in(tmp_path, "first_name,last_name,phone,Reason\nCy,Young,3125550142,too short\n")

    assert (names(), row.counts["rejected"]) == ({DANA: "Cy Young"}, 0)
    assert contacts()[DANA].fields == {}


def test_the_preview_shows_what_will_be_stored_and_what_is_left_out(tmp_path: Path) -> None:
    factories.contact(phone=ANA, first_name="Ana")
    content = HEADING + "dana,W,312 555 0142\nAna,R,7735550101\nx,y,12\nDana,W,3125550142\n"

    row = check(write(tmp_path, content))
    shown = import_preview.of(row, folder(tmp_path))

    assert [one["phone"] for one in shown.rows] == [DANA, ANA]
    assert [(problem.row, problem.reason) for problem in shown.problems] == [
        (4, "“12” is too short"),
        (5, "Same number as row 2"),
    ]
    assert (row.rows, row.counts["staged"], row.counts["duplicates"]) == (4, 2, 1)


def test_the_guess_can_be_corrected_column_by_column() -> None:
    headings = ["First", "Home", "Cell phone", "Ward"]
    guessed = import_columns.guess(headings, [], [])
    assert guessed == {
        "phone": "Cell phone",
        "first_name": "First",
        "field:home": "Home",
        "field:ward": "Ward",
    }

    chosen = import_columns.merged(
        guessed, {"phone": "home", "state_abbrev": "Ward", "first_name": ""}, headings
    )

    assert chosen == {"phone": "Home", "state": "Ward"}
    with pytest.raises(InvalidError, match="no column “Mobile”"):
        import_columns.merged(guessed, {"phone": "Mobile"}, headings)


def test_a_tag_of_another_campaign_is_refused() -> None:
    stranger = factories.tag(of=factories.campaign())

    with pytest.raises(InvalidError, match="not one of this campaign's own"):
        import_columns.check({"phone": "p", f"tag:{stranger.id}": "t"}, ["p", "t"], [])


def test_memory_stays_flat_however_long_the_file_is(tmp_path: Path) -> None:
    """The rows are never held together: the reader is asked for one at a time."""
    file = write(tmp_path, "phone\n" + "3125550142\n" * 50_000)
    shape = import_reading.look_at(file)

    rows = import_reading.rows(file, shape, unreadable=lambda number, line: None)

    assert next(rows) == (2, ["3125550142"])
    assert len(import_staging.sample(file, shape, limit=7)) == 7
