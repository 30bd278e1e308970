"""Data > Contacts > Import: file, columns, preview, progress, result."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.client import Browser
from webapp.db import db, transaction
from webapp.jobs.queue import finish_import
from webapp.models import (
    Contact,
    ContactImport,
    ContactList,
    ContactTag,
    ImportState,
    Texting,
    User,
)
from webapp.services import import_files, optouts

SignIn = Callable[[User], Browser]
DANA, ANA = "+13125550142", "+17735550101"
CONTENT = """First,Last,Cell,Ward,DNC
Dana,Whitfield,(312) 555-0142,25,
Ana,Ruiz,773.555.0101,26,x
Cy,Young,(312) 555-01,27,
Dana,Again,3125550142,25,
"""


@pytest.fixture
def page() -> str:
    return f"/c/{factories.the_campaign().slug}/data/contacts/import"


@pytest.fixture
def browser(client_for: SignIn) -> Browser:
    return client_for(factories.admin())


@pytest.fixture(autouse=True)
def empty_folder(app: Flask) -> Path:
    """The folder of uploads, without those of other tests."""
    folder = import_files.folder_of(app.extensions["settings"])
    for file in folder.iterdir():
        file.unlink()
    return folder


def upload(
    browser: Browser, page: str, content: str | bytes = CONTENT, **values: str
) -> ContactImport:
    """A file that was taken; its columns are guessed."""
    answer = browser.post(page, form(content, **values))
    assert answer.status_code == 303, answer.text
    row = db.session.scalars(select(ContactImport).order_by(ContactImport.id.desc())).first()
    assert row is not None and answer.location == f"{page}/{row.id}/columns"
    return row


def form(
    content: str | bytes = CONTENT, *, name: str = "voters.csv", **values: str
) -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    return {"list_name": "Ward 25", "file": (io.BytesIO(data), name), **values}


def match(browser: Browser, page: str, row: ContactImport, *chosen: str) -> None:
    """Match the columns and let a worker check the rows."""
    columns = chosen or ("first_name", "last_name", "phone", "field", "opt_outs")
    given = {f"column-{place}": field for place, field in enumerate(columns)}
    answer = browser.post(f"{page}/{row.id}/columns", given)
    assert (answer.status_code, answer.location) == (303, f"{page}/{row.id}")


def state(row: ContactImport) -> ImportState:
    return db.session.get_one(ContactImport, row.id, populate_existing=True).state


def people() -> dict[str, Contact]:
    rows = db.session.scalars(select(Contact).execution_options(populate_existing=True))
    return {contact.phone: contact for contact in rows}


def test_a_file_goes_all_the_way(browser: Browser, page: str) -> None:
    assert "up to 100 MB" in browser.get(page).text
    row = upload(browser, page, subscribed="Rally, May 3")

    text = browser.get(f"{page}/{row.id}/columns").text
    assert "(312) 555-0142 · 773.555.0101" in text
    assert '<option value="phone" selected>' in text and '<option value="field" selected>' in text
    assert '<option value="opt_outs" selected>' in text
    assert browser.get(f"{page}/{row.id}").location == f"{page}/{row.id}/columns"
    match(browser, page, row)

    text = browser.get(f"{page}/{row.id}").text
    assert "Checking the rows" in text and 'hx-trigger="every 1s"' in text and "Refresh" in text
    part = browser.get(f"{page}/{row.id}", htmx=True)
    assert part.status_code == 200 and "<html" not in part.text
    finish_import(row.id)
    ended = browser.get(f"{page}/{row.id}", htmx=True)
    assert (ended.status_code, ended.headers["HX-Redirect"]) == (204, f"{page}/{row.id}")

    text = browser.get(f"{page}/{row.id}").text
    assert "Nothing is stored yet." in text and "Import 2 contacts" in text
    assert "“(312) 555-01” is too short" in text and "Same number as row 2" in text
    assert "Rally, May 3" in text and people() == {}
    assert "This file opts people out" in text and "for 1 person, " in text

    assert browser.post(f"{page}/{row.id}/start").status_code == 303
    text = browser.get(f"{page}/{row.id}").text
    assert "Importing to Ward 25" in text and "<progress" in text
    finish_import(row.id)

    text = browser.get(f"{page}/{row.id}").text
    assert "2 contacts are in Ward 25." in text and "2 new" in text
    assert "1 row couldn’t be used" in text and "Opted out by this file" in text
    assert {phone: one.name for phone, one in people().items()} == {
        DANA: "Dana Whitfield",
        ANA: "Ana Ruiz",
    }
    assert people()[DANA].subscribed == "Rally, May 3" and people()[DANA].fields == {"ward": "25"}
    assert not optouts.standing(people()[ANA])[Texting.BROADCAST].may_be_texted
    sheet = browser.get(f"{page}/{row.id}/rejects.csv")
    assert sheet.mimetype == "text/csv"
    assert sheet.text.splitlines() == [
        "First,Last,Cell,Ward,DNC,Reason",
        "Cy,Young,(312) 555-01,27,,“(312) 555-01” is too short",
    ]


def test_people_who_opted_out_are_counted_and_stay_opted_out(browser: Browser, page: str) -> None:
    gone = factories.contact(phone=DANA, first_name="D", last_name="", opted_out_of=Texting.P2P)
    row = upload(browser, page)
    match(browser, page, row)
    finish_import(row.id)
    text = browser.get(f"{page}/{row.id}").text
    assert "1 person of P2P" in text and "People who are already here" in text

    browser.post(f"{page}/{row.id}/start", {"existing": "update"})
    finish_import(row.id)

    assert "1 person of P2P" in browser.get(f"{page}/{row.id}").text
    assert people()[DANA].name == "Dana Whitfield"
    assert not optouts.standing(gone)[Texting.P2P].may_be_texted


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"PK\x03\x04xlsx", "voters.xlsx", "save it as CSV"),
        (b"", "empty.csv", "This file is empty."),
        (b"phone\n", "heading.csv", "a heading and no rows"),
        (b"\x00\x01\x02" * 900, "noise.bin", "not a text file"),
    ],
)
def test_a_wrong_file_is_refused_at_the_field_and_not_kept(
    browser: Browser, page: str, empty_folder: Path, content: bytes, name: str, sentence: str
) -> None:
    answer = browser.post(page, form(content, name=name))

    assert answer.status_code == 422 and sentence in answer.text
    assert "Ward 25" in answer.text  # What was typed is kept.
    assert [*empty_folder.iterdir()] == []


def test_an_upload_needs_a_file_and_a_list(browser: Browser, page: str) -> None:
    answer = browser.post(page, {"list_name": " "})
    assert answer.status_code == 422
    assert "Choose a CSV or Excel file." in answer.text and "Give the list a name." in answer.text


def test_columns_that_make_no_sense_are_refused(browser: Browser, page: str) -> None:
    row = upload(browser, page)
    address = f"{page}/{row.id}/columns"
    for columns, sentence in (
        ({"column-0": "first_name"}, "No column of this file holds phone numbers"),
        ({"column-1": "phone", "column-2": "phone"}, "Two columns are matched to Phone."),
        ({"column-2": "phone", "column-0": "tag:4711"}, "not one of this campaign"),
        ({"column-2": "phone", "column-0": "campaign_id"}, "There is no field"),
    ):
        answer = browser.post(address, columns)
        assert answer.status_code == 422 and sentence in answer.text
    assert state(row) is ImportState.UPLOADED


def test_a_cancelled_import_keeps_nothing(browser: Browser, page: str, empty_folder: Path) -> None:
    row = upload(browser, page)
    match(browser, page, row)
    finish_import(row.id)

    assert browser.post(f"{page}/{row.id}/cancel").status_code == 303

    assert (state(row), people()) == (ImportState.CANCELLED, {})
    assert [*empty_folder.iterdir()] == []
    assert "Nothing of the file is kept." in browser.get(f"{page}/{row.id}").text
    assert browser.post(f"{page}/{row.id}/start").status_code == 409
    assert browser.get(f"{page}/{row.id}/columns").status_code == 303


def test_the_columns_can_be_matched_again_after_the_preview(browser: Browser, page: str) -> None:
    row = upload(browser, page)
    match(browser, page, row)
    finish_import(row.id)
    match(browser, page, row, "", "", "phone", "", "")
    finish_import(row.id)
    browser.post(f"{page}/{row.id}/start")
    finish_import(row.id)

    assert people()[DANA].name == ""
    assert db.session.scalars(select(ContactTag)).all() == []


def test_the_start_pressed_twice_is_refused_the_second_time(browser: Browser, page: str) -> None:
    row = upload(browser, page)
    match(browser, page, row)
    assert browser.post(f"{page}/{row.id}/start").status_code == 409
    finish_import(row.id)
    assert browser.post(f"{page}/{row.id}/start").status_code == 303
    assert browser.post(f"{page}/{row.id}/start").status_code == 409
    assert browser.post(f"{page}/{row.id}/cancel").status_code == 409


def test_a_second_import_into_the_same_list_waits(browser: Browser, page: str) -> None:
    rows = [upload(browser, page) for _ in range(2)]
    for row in rows:
        match(browser, page, row)
        finish_import(row.id)
    assert browser.post(f"{page}/{rows[0].id}/start").status_code == 303

    answer = browser.post(f"{page}/{rows[1].id}/start")

    assert answer.status_code == 409 and "is under way" in answer.text
    finish_import(rows[0].id)
    assert browser.post(f"{page}/{rows[1].id}/start").status_code == 303
    finish_import(rows[1].id)
    assert db.session.scalars(select(ContactList.size)).all() == [2]


def test_a_failed_import_says_why(browser: Browser, page: str, empty_folder: Path) -> None:
    row = upload(browser, page)
    match(browser, page, row)
    for file in empty_folder.glob("*.csv"):
        file.unlink()
    finish_import(row.id)

    assert "The file is gone. Upload it again." in browser.get(f"{page}/{row.id}").text


def test_imports_of_other_campaigns_are_not_here(
    browser: Browser, page: str, client_for: SignIn
) -> None:
    row = upload(browser, page)
    elsewhere = factories.campaign()
    other = client_for(factories.admin(elsewhere))
    theirs = page.replace(factories.the_campaign().slug, elsewhere.slug)
    for rest in ("", "/columns", "/rejects.csv"):
        assert other.get(f"{theirs}/{row.id}{rest}").status_code == 404
        assert other.get(f"{page}/{row.id}{rest}").status_code == 404
    for rest in ("/columns", "/start", "/cancel"):
        assert other.post(f"{theirs}/{row.id}{rest}").status_code == 404
    with transaction():
        assert db.session.get_one(ContactImport, row.id).state is ImportState.UPLOADED


def test_an_import_is_taken_back_from_its_result(browser: Browser, page: str) -> None:
    row = upload(browser, page)
    match(browser, page, row)
    finish_import(row.id)
    browser.post(f"{page}/{row.id}/start")
    finish_import(row.id)
    here = f"{page}/{row.id}"
    assert f"{here}/reverse" in browser.get(here).text
    assert "this import alone has brought in" in browser.get(f"{here}/reverse").text

    assert browser.post(f"{here}/reverse").status_code == 303
    assert "Taking the import back" in browser.get(here).text
    finish_import(row.id)

    assert "was taken back" in browser.get(here).text
    assert "can’t be taken back" in browser.get(f"{here}/reverse").text
    assert browser.post(f"{here}/reverse").status_code == 409
