"""Data > Opt-outs > Import: file, columns, preview, progress, result."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.client import Browser
from webapp.db import db
from webapp.jobs.queue import finish_import
from webapp.models import Contact, ContactImport, ContactTag, ImportState, Texting, User
from webapp.services import import_files, optouts

SignIn = Callable[[User], Browser]
DANA, ANA = "+13125550142", "+17735550101"
CONTENT = f"Number,Channel,Reason\n{DANA},both,Wrote STOP\n{ANA},,\n555,p2p,\n{ANA},fax,\n"
NOTE = "STOP list of our texting service"


@pytest.fixture
def page() -> str:
    return f"/c/{factories.the_campaign().slug}/data/opt-outs/import"


@pytest.fixture
def browser(client_for: SignIn) -> Browser:
    return client_for(factories.admin(name="Maya Okafor"))


@pytest.fixture(autouse=True)
def empty_folder(app: Flask) -> Path:
    folder = import_files.folder_of(app.extensions["settings"])
    for file in folder.iterdir():
        file.unlink()
    return folder


def form(content: str = CONTENT, **values: Any) -> dict[str, Any]:
    file = (io.BytesIO(content.encode()), "stops.csv")
    return {"file": file, "kinds": ["p2p"], "source": NOTE} | values


def upload(browser: Browser, page: str, content: str = CONTENT, **values: Any) -> ContactImport:
    answer = browser.post(page, form(content, **values))
    assert answer.status_code == 303, answer.text
    row = db.session.scalars(select(ContactImport).order_by(ContactImport.id.desc())).first()
    assert row is not None and answer.location == f"{page}/{row.id}/columns"
    return row


def match(browser: Browser, page: str, row: ContactImport, *chosen: str) -> None:
    columns = chosen or ("phone", "kind", "source")
    given = {f"column-{place}": field for place, field in enumerate(columns)}
    answer = browser.post(f"{page}/{row.id}/columns", given)
    assert (answer.status_code, answer.location) == (303, f"{page}/{row.id}")


def state(row: ContactImport) -> ImportState:
    return db.session.get_one(ContactImport, row.id, populate_existing=True).state


def test_a_file_goes_all_the_way(browser: Browser, page: str) -> None:
    factories.contact(phone=DANA, first_name="Dana")
    assert "up to 100 MB" in browser.get(page).text
    row = upload(browser, page)

    text = browser.get(f"{page}/{row.id}/columns").text
    for field in ("phone", "kind", "source"):
        assert f'<option value="{field}" selected>' in text
    assert browser.get(f"{page}/{row.id}").location == f"{page}/{row.id}/columns"
    match(browser, page, row)
    text = browser.get(f"{page}/{row.id}").text
    assert "Checking the rows" in text and 'hx-trigger="every 1s"' in text
    assert "<html" not in browser.get(f"{page}/{row.id}", htmx=True).text
    finish_import(row.id)
    ended = browser.get(f"{page}/{row.id}", htmx=True)
    assert (ended.status_code, ended.headers["HX-Redirect"]) == (204, f"{page}/{row.id}")

    text = browser.get(f"{page}/{row.id}").text
    assert "Opt out 2 numbers" in text and NOTE in text and "Wrote STOP" in text
    assert "Opt Out (P2P) for 2 numbers, Opt Out (Broadcast) for 1 number." in text
    assert "“fax” is no kind of texting" in text and "too short" in text
    assert "How we read the kinds of texting" in text and "Both kinds" in text
    assert "1 row opts nobody out" in text
    assert db.session.scalars(select(ContactTag)).all() == []

    answer = browser.post(f"{page}/{row.id}/start")
    assert (answer.status_code, state(row)) == (303, ImportState.IMPORTING)
    text = browser.get(f"{page}/{row.id}").text
    assert "Recording opt-outs" in text and "0 of" in text.replace(
        '<span class="num">', ""
    ).replace("</span>", "")
    finish_import(row.id)
    text = browser.get(f"{page}/{row.id}").text
    assert "2 numbers newly opted out." in text and "1 were not in contacts" in text
    assert "1 row opts nobody out" in text
    rejects = browser.get(f"{page}/{row.id}/rejects.csv").text
    assert rejects.splitlines()[0] == "Number,Channel,Reason,Reason" and "fax" in rejects
    ledger = browser.get(page.removesuffix("/import")).text
    assert f"{NOTE} – Wrote STOP" in ledger and "Maya Okafor" in ledger
    unknown = db.session.scalars(select(Contact).where(Contact.phone == ANA)).one()
    assert not optouts.standing(unknown)[Texting.P2P].may_be_texted


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kinds": []}, "Choose what these people asked to stop."),
        ({"source": " "}, "Say where these requests came from."),
        ({"file": ""}, "Choose a CSV file."),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    browser: Browser, page: str, changed: dict[str, Any], said: str
) -> None:
    answer = browser.post(page, form() | changed)
    assert answer.status_code == 422 and said in answer.text
    if "source" not in changed:
        assert NOTE in answer.text
    assert db.session.scalars(select(ContactImport)).all() == []


def test_a_file_that_is_no_table_is_refused_and_not_kept(
    browser: Browser, page: str, empty_folder: Path
) -> None:
    answer = browser.post(page, form("phone\n"))
    assert answer.status_code == 422 and "no rows" in answer.text
    assert [*empty_folder.iterdir()] == []


def test_a_file_that_says_yes_or_no_is_pointed_out(browser: Browser, page: str) -> None:
    row = upload(browser, page, f"Phone,Opt Out (P2P)\n{DANA},false\n")
    text = browser.get(f"{page}/{row.id}/columns").text
    assert "Every row of this file will be opted out" in text and "Opt Out (P2P)" in text


def test_the_phone_has_to_be_matched_once(browser: Browser, page: str) -> None:
    row = upload(browser, page)
    for columns, said in (
        ({"column-0": ""}, "No column of this file holds phone numbers."),
        ({"column-0": "phone", "column-1": "phone"}, "Two columns are matched to “Phone”."),
    ):
        answer = browser.post(f"{page}/{row.id}/columns", columns)
        assert answer.status_code == 422 and said in answer.text
    assert state(row) is ImportState.UPLOADED


def test_it_is_given_up_before_it_starts_and_not_after(browser: Browser, page: str) -> None:
    row = upload(browser, page)
    match(browser, page, row)
    finish_import(row.id)
    browser.post(f"{page}/{row.id}/cancel")
    assert state(row) is ImportState.CANCELLED
    assert "This import was cancelled" in browser.get(f"{page}/{row.id}").text
    assert browser.post(f"{page}/{row.id}/start").status_code == 409
    assert browser.get(f"{page}/{row.id}/columns").status_code == 303


def test_two_admins_start_it_once(browser: Browser, page: str) -> None:
    row = upload(browser, page)
    match(browser, page, row)
    assert browser.post(f"{page}/{row.id}/start").status_code == 409
    finish_import(row.id)
    assert browser.post(f"{page}/{row.id}/start").status_code == 303
    assert browser.post(f"{page}/{row.id}/start").status_code == 409
    assert browser.post(f"{page}/{row.id}/cancel").status_code == 409


def test_a_file_that_went_away_says_so(browser: Browser, page: str, empty_folder: Path) -> None:
    row = upload(browser, page)
    match(browser, page, row)
    for file in empty_folder.glob("*.csv"):
        file.unlink()
    finish_import(row.id)
    assert "The file is gone." in browser.get(f"{page}/{row.id}").text


def test_imports_of_contacts_have_other_pages(browser: Browser, page: str) -> None:
    row = upload(browser, page)
    assert browser.get(f"{page.replace('opt-outs', 'contacts')}/{row.id}").status_code == 404
    with factories.writing():
        db.session.get_one(ContactImport, row.id).opts_out_of = ""
    assert browser.get(f"{page}/{row.id}").status_code == 404
