"""The first run: the code of the console, the first campaign, its owner, the sample data."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.client import Browser
from webapp.db import db, transaction, utc_now
from webapp.models import Campaign, Contact, Membership, Number, Role, SetupCode, Tag, User
from webapp.services import audit, demo_script, first_run, members

PASSWORD = "wandering ducks at noon"
CAMPAIGN = {
    "campaign": "Rivera for Council",
    "time_zone": "America/Chicago",
    "organization": "Friends of Rivera",
}
MAYA = {"name": "Maya Okafor", "email": "maya@example.org", "password": PASSWORD}


def printed() -> str:
    """A code as `serve` prints it."""
    with transaction():
        return first_run.make_code(now=utc_now())


def with_code(app: Flask) -> Browser:
    """The browser of somebody who has entered a code."""
    browser = app.test_client()
    assert isinstance(browser, Browser)
    assert browser.post("/setup", {"code": printed()}).location == "/setup/campaign"
    return browser


def made(app: Flask) -> Browser:
    """The browser of the owner, once the campaign is made."""
    browser = with_code(app)
    browser.post("/setup/campaign", CAMPAIGN)
    assert browser.post("/setup/you", MAYA).location == "/c/rivera-for-council/welcome/sending"
    return browser


def test_somebody_sets_heed_up_in_four_steps(app: Flask) -> None:
    browser = with_code(app)
    assert "Step 1 of 4" in browser.get("/setup/campaign").text
    assert browser.post("/setup/campaign", CAMPAIGN).location == "/setup/you"
    assert "You will own Rivera for Council" in browser.get("/setup/you").text

    sending = browser.post("/setup/you", MAYA).location
    page = browser.get(sending).text
    assert "Texts stay inside this app." in page and "Step 3 of 4" in page
    done = browser.post(sending, {"phone": "(312) 555-0100"}).location
    assert done == "/c/rivera-for-council/welcome"
    page = browser.get(done).text

    assert "We made two tags for you:" in page
    assert "Opt Out (P2P)" in page and "Opt Out (Broadcast)" in page
    home = db.session.scalars(select(Campaign)).one()
    assert (home.name, home.organization, home.time_zone) == tuple(
        CAMPAIGN[name] for name in ("campaign", "organization", "time_zone")
    )
    owner = db.session.scalars(select(User)).one()
    assert db.session.get_one(Membership, (home.id, owner.id)).role is Role.OWNER
    assert db.session.scalar(select(func.count()).select_from(Tag)) == 2
    assert db.session.scalars(select(Number.phone)).all() == ["+13125550100"]


def test_whoever_comes_before_the_set_up_is_led_to_it(client: Browser) -> None:
    assert client.get("/login").location == "/setup"
    assert "Set-up code" in client.get("/setup").text


@pytest.mark.parametrize("page", ["/setup/campaign", "/setup/you"])
def test_nobody_gets_past_the_first_page_without_the_code(client: Browser, page: str) -> None:
    printed()
    assert client.get(page).location == "/setup"
    assert client.post(page, CAMPAIGN | MAYA).location == "/setup"
    assert db.session.scalar(select(Campaign.id)) is None


def test_a_wrong_code_says_so_and_stays_in_its_field(client: Browser) -> None:
    printed()
    page = client.post("/setup", {"code": "K7TQ-2M9F"})
    assert page.status_code == 422
    assert "isn&#39;t the code" in page.text and 'value="K7TQ-2M9F"' in page.text


def test_a_code_is_read_in_any_letter_case_and_without_its_hyphen(client: Browser) -> None:
    code = printed()
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}", code)
    typed = f" {code.lower().replace('-', ' ')} "
    assert client.post("/setup", {"code": typed}).location == "/setup/campaign"


def test_a_code_is_kept_as_a_hash_and_those_of_other_processes_work_too(client: Browser) -> None:
    codes = [printed(), printed()]
    kept = db.session.scalars(select(SetupCode.code_hash)).all()
    assert len(kept) == 2 and not {code.replace("-", "") for code in codes} & set(kept)
    assert client.post("/setup", {"code": codes[0]}).location == "/setup/campaign"


def test_a_code_works_for_a_week(client: Browser) -> None:
    with transaction():
        code = first_run.make_code(now=utc_now() - timedelta(days=7))
    assert client.post("/setup", {"code": code}).status_code == 422


def test_codes_cannot_be_guessed_quickly(client: Browser) -> None:
    code = printed()
    for _ in range(10):
        assert client.post("/setup", {"code": "WRON-GWRN"}).status_code == 422
    assert client.post("/setup", {"code": code}).status_code == 429


def test_what_was_typed_stays(app: Flask) -> None:
    browser = with_code(app)
    browser.post("/setup/campaign", CAMPAIGN)
    again = browser.get("/setup/campaign").text
    assert 'value="Rivera for Council"' in again and 'value="Friends of Rivera"' in again
    assert re.search(r'<option selected value="America/Chicago"', again)

    page = browser.post("/setup/you", MAYA | {"password": "short"})
    assert page.status_code == 422
    assert 'value="maya@example.org"' in page.text and 'value="Maya Okafor"' in page.text
    assert "short" not in page.text.partition("<form")[2].partition("12 characters")[0]
    assert db.session.scalar(select(Campaign.id)) is None


@pytest.mark.parametrize(
    "wrong", [{"campaign": "  "}, {"campaign": "a\u200bb"}, {"time_zone": "Mars"}]
)
def test_a_campaign_that_could_not_be_made_is_refused_at_once(
    app: Flask, wrong: dict[str, str]
) -> None:
    page = with_code(app).post("/setup/campaign", CAMPAIGN | wrong)
    assert page.status_code == 422 and 'value="Friends of Rivera"' in page.text


def test_the_texts_are_from_the_campaign_if_no_organization_is_named(app: Flask) -> None:
    browser = with_code(app)
    browser.post("/setup/campaign", CAMPAIGN | {"organization": ""})
    browser.post("/setup/you", MAYA)
    assert db.session.scalars(select(Campaign.organization)).one() == "Rivera for Council"


def test_of_two_people_one_sets_up_and_the_other_is_told(app: Flask) -> None:
    maya, late = with_code(app), with_code(app)
    for browser in (maya, late):
        browser.post("/setup/campaign", CAMPAIGN)
    maya.post("/setup/you", MAYA)

    answer = late.post("/setup/you", MAYA | {"email": "late@example.org"})

    assert answer.status_code == 409
    assert "Somebody else has finished setting up Heed." in answer.text
    assert len(db.session.scalars(select(Campaign)).all()) == 1
    assert late.get("/setup").status_code == 404


def test_afterwards_the_set_up_is_not_there_and_no_code_works(app: Flask, client: Browser) -> None:
    code = printed()
    made(app)
    for page in ("/setup", "/setup/campaign", "/setup/you"):
        assert client.get(page).status_code == 404
        assert client.post(page, {"code": code}).status_code == 404
    assert db.session.scalar(select(SetupCode.id)) is None


def test_an_archived_campaign_opens_no_second_first_run(client: Browser) -> None:
    factories.campaign(archived_at=utc_now())
    printed()
    assert client.get("/setup").status_code == 404


def test_the_number_can_wait(app: Flask) -> None:
    browser = made(app)
    assert (
        'href="/c/rivera-for-council/welcome"'
        in browser.get("/c/rivera-for-council/welcome/sending").text
    )
    page = browser.post("/c/rivera-for-council/welcome/sending", {"phone": "555"})
    assert page.status_code == 422 and 'value="555"' in page.text


def test_sample_data_is_loaded_once_and_the_demo_phone_opens(app: Flask) -> None:
    browser = made(app)
    browser.post("/c/rivera-for-council/welcome/sending", {"phone": "(312) 555-0100"})
    for _ in range(2):
        answer = browser.post("/c/rivera-for-council/welcome/sample")
        assert answer.location == "/c/rivera-for-council/demo"

    people = db.session.scalar(select(func.count()).select_from(Contact))
    assert people == len(demo_script.rows())
    assert "Dana Whitfield" in browser.get("/c/rivera-for-council/demo").text
    assert "Dana Whitfield" in browser.get("/c/rivera-for-council/inbox").text
    assert "Try the demo phone" in browser.get("/c/rivera-for-council/welcome").text
    home = db.session.scalars(select(Campaign)).one()
    assert [person.user.name for person in members.people(home)] == ["Maya Okafor"]
    assert [check.name for check in audit.run() if not check.ok] == []


def test_sample_data_is_refused_among_real_contacts(app: Flask) -> None:
    browser = made(app)
    home = db.session.scalars(select(Campaign)).one()
    factories.contact(of=home)
    answer = browser.post("/c/rivera-for-council/welcome/sample")
    assert answer.status_code == 409 and "of its own" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 1
