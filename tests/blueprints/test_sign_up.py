"""Sign-up forms: what anybody sees, and what admins see."""

import csv
import io
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.client import Browser
from webapp.db import db
from webapp.models import Campaign, Message, NumberKind, Signup, SignupForm, Texting, User

SignIn = Callable[[User], Browser]
ADMIN = "/c/rivera/actions/automated/sign-up-forms"
PAGE = "/f/rivera-rally-list"


@pytest.fixture
def home() -> Campaign:
    return factories.campaign(slug="rivera", organization="Rivera for Council")


@pytest.fixture
def number(home: Campaign) -> int:
    return factories.number(home, kind=NumberKind.BROADCAST, phone="+13125550107").id


@pytest.fixture
def browser(client_for: SignIn, home: Campaign) -> Browser:
    return client_for(factories.admin(home))


@pytest.fixture
def form(browser: Browser, number: int) -> str:
    """A form that an admin has made; the page of its entries."""
    typed = {"title": "Rally list", "intro": "About one text a week.", "keyword": "JOIN"}
    made = browser.post(f"{ADMIN}/new", {**typed, "number": number})
    assert made.status_code == 303
    return str(made.location)


@pytest.fixture
def stranger(app: Flask) -> Browser:
    visitor = app.test_client()
    assert isinstance(visitor, Browser)
    return visitor


def entries() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Signup)) or 0


def test_the_list_begins_empty(browser: Browser) -> None:
    assert "No sign-up forms yet." in browser.get(ADMIN).text
    assert "Your campaign has no number for broadcasts yet." in browser.get(f"{ADMIN}/new").text
    refused = browser.post(f"{ADMIN}/new", {"title": "Rally list", "keyword": "JOIN"})
    assert refused.status_code == 422


def test_anybody_signs_up_and_is_asked_to_text_the_keyword(form: str, stranger: Browser) -> None:
    page = stranger.get(PAGE).text
    assert "Rally list" in page and "About one text a week." in page
    assert "Rivera for Council" in page
    sent = stranger.post(PAGE, {"first_name": "Dana", "phone": "(312) 555-0142"})
    assert (sent.status_code, sent.location) == (303, f"{PAGE}/text-us")
    step = stranger.get(sent.location).text
    assert 'href="sms:+13125550107?&amp;body=JOIN"' in step
    assert "(312) 555-0107" in step
    assert entries() == 1
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_a_keyword_of_two_words_is_written_for_them_too(
    browser: Browser, form: str, stranger: Browser, number: int
) -> None:
    fields = {"title": "Rally list", "keyword": "OPT IN", "number": number}
    assert browser.post(f"{form}/edit", fields).status_code == 303
    assert "?&amp;body=OPT%20IN" in stranger.get(f"{PAGE}/text-us").text


@pytest.mark.parametrize("phone", ["", "555-01", "not a phone", "(312) 555-0142\x00"])
def test_a_phone_that_is_none_is_said_and_what_was_typed_kept(
    form: str, stranger: Browser, phone: str
) -> None:
    page = stranger.post(PAGE, {"first_name": "Dana", "phone": phone})
    assert page.status_code == 422
    assert "<title>Error: Rally list" in page.text and 'value="Dana"' in page.text
    assert entries() == 0


def test_known_unknown_and_opted_out_phones_see_the_same(
    home: Campaign, form: str, stranger: Browser
) -> None:
    known = factories.contact(of=home).phone
    gone = factories.contact(of=home, opted_out_of=Texting.BROADCAST).phone
    seen = set()
    for phone in (known, gone, "+13125550142", known):
        sent = stranger.post(PAGE, {"phone": phone})
        seen.add((sent.status_code, sent.location, sent.data))
    assert len(seen) == 1


def test_too_many_sign_ups_from_one_address_are_refused(form: str, stranger: Browser) -> None:
    codes = [stranger.post(PAGE, {"phone": factories.phone_of(n)}).status_code for n in range(31)]
    assert codes == [303] * 30 + [429]
    assert stranger.get(PAGE).status_code == 200


def test_a_post_without_the_token_is_refused(form: str, stranger: Browser) -> None:
    assert stranger.post(PAGE, {"phone": "(312) 555-0142"}, csrf=False).status_code == 400
    assert entries() == 0


def test_a_closed_form_says_so(browser: Browser, form: str, stranger: Browser) -> None:
    browser.post(f"{form}/close")
    for page in (PAGE, f"{PAGE}/text-us"):
        answer = stranger.get(page)
        assert answer.status_code == 410 and "This form is closed." in answer.text
    assert stranger.post(PAGE, {"phone": "(312) 555-0142"}).status_code == 410
    assert "Closed" in browser.get(ADMIN).text
    browser.post(f"{form}/open")
    assert stranger.get(PAGE).status_code == 200
    assert stranger.get("/f/nothing").status_code == 404


def test_admins_see_the_link_the_entries_and_who_is_opted_out(
    home: Campaign, browser: Browser, form: str, stranger: Browser
) -> None:
    assert "Nobody has signed up yet." in browser.get(form).text
    gone = factories.contact(of=home, opted_out_of=Texting.BROADCAST)
    stranger.post(PAGE, {"phone": gone.phone, "first_name": "Dana"})
    page = browser.get(form).text
    assert "http://127.0.0.1:8000/f/rivera-rally-list" in page
    assert "1 sign-up" in page and "Dana" in page and "Not yet" in page
    assert f"/data/contacts/{gone.id}" in page and "Opt Out (Broadcast)" in page
    assert "Rally list" in browser.get(ADMIN).text


def test_the_entries_are_taken_away_as_csv(browser: Browser, form: str, stranger: Browser) -> None:
    stranger.post(PAGE, {"phone": "(312) 555-0142", "first_name": "=1+1", "last_name": "Ö"})
    answer = browser.post(f"{form}/export")
    assert answer.headers["Content-Disposition"].endswith('"rivera-rally-list.csv"')
    heading, row = csv.reader(io.StringIO(answer.text))
    assert heading[:3] == ["phone", "first_name", "last_name"]
    assert row[:3] == ["+13125550142", "'=1+1", "Ö"] and row[4:] == ["", ""]


def test_a_form_is_renamed_and_keeps_its_address(
    browser: Browser, form: str, stranger: Browser, number: int
) -> None:
    assert browser.get(f"{form}/edit").status_code == 200
    fields = {"title": "Fall rally", "keyword": "START", "number": number}
    browser.post(f"{form}/edit", fields)
    assert "Fall rally" in stranger.get(PAGE).text
    assert browser.post(f"{form}/edit", {**fields, "keyword": "VOLUNTEER"}).status_code == 422


def test_a_keyword_that_opts_nobody_in_any_more_is_pointed_out(
    browser: Browser, form: str, stranger: Browser
) -> None:
    with factories.writing():
        db.session.scalars(select(SignupForm)).one().keyword = "GONE"
    assert "GONE doesn’t opt people in any more." in browser.get(form).text
    assert "Takes nobody in" in browser.get(ADMIN).text
    assert stranger.get(PAGE).status_code == 410
