"""The settings pages."""

from collections.abc import Callable

import pytest

from tests import factories
from tests.client import Browser
from webapp.db import db
from webapp.models import Answerer, Campaign, NumberKind, User
from webapp.services import numbers

SignIn = Callable[[User], Browser]
TEXTING = {
    "hours": "10:00-20:00",
    "recontact_lock_hours": "6",
    "one_opt_out_stops_both": "y",
    "confirmation_text": "You are out.",
    "goodbye_text": "Goodbye.",
    "help_text": "Help is on the way.",
}


@pytest.fixture
def browser(client_for: SignIn) -> Browser:
    return client_for(factories.admin())


@pytest.fixture
def settings_url(browser: Browser) -> str:
    return f"/c/{factories.the_campaign().slug}/settings"


def campaign() -> Campaign:
    found = factories.the_campaign()
    db.session.refresh(found)
    return found


def test_settings_begin_with_the_campaign(browser: Browser, settings_url: str) -> None:
    assert browser.get(settings_url).location == f"{settings_url}/campaign"


def test_the_campaign_is_renamed_and_moved(browser: Browser, settings_url: str) -> None:
    typed = {"name": "Ward 25", "organization": "Rivera", "time_zone": "Pacific/Honolulu"}

    assert browser.post(f"{settings_url}/campaign", typed).status_code == 303

    found = campaign()
    assert (found.name, found.organization, found.time_zone) == tuple(typed.values())
    page = browser.get(f"{settings_url}/campaign").text
    assert "Saved." in page and '<option selected value="Pacific/Honolulu">' in page


def test_a_zone_that_is_none_is_refused(browser: Browser, settings_url: str) -> None:
    typed = {"name": "Ward 25", "organization": "Rivera", "time_zone": "Mars/Olympus"}
    assert browser.post(f"{settings_url}/campaign", typed).status_code == 422
    assert campaign().name != "Ward 25"


def test_texting_is_set(browser: Browser, settings_url: str) -> None:
    assert browser.post(f"{settings_url}/texting", TEXTING).status_code == 303

    found = campaign()
    assert str(found.hours) == "10:00-20:00"
    assert (found.recontact_lock_hours, found.one_opt_out_stops_both) == (6, True)
    assert found.replies_keep_hours is False  # Its box was not marked.
    assert found.confirmation_text == "You are out."
    assert 'value="10:00-20:00"' in browser.get(f"{settings_url}/texting").text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("hours", "nine to five", "Write it like 09:00-21:00."),
        ("recontact_lock_hours", "-1", "Use 0 (off) to 336 hours."),
        ("recontact_lock_hours", "soon", "Not a valid integer"),
        ("confirmation_text", "", "Use 1 to 300 characters."),
        ("goodbye_text", "x" * 301, "Use 1 to 300 characters."),
    ],
)
def test_a_wrong_value_is_said_at_its_field_and_kept(
    browser: Browser, settings_url: str, field: str, typed: str, said: str
) -> None:
    before = campaign().help_text

    page = browser.post(f"{settings_url}/texting", TEXTING | {field: typed})

    assert page.status_code == 422 and said in page.text
    assert "<title>Error: Texting settings" in page.text
    assert campaign().help_text == before


def test_saving_without_a_change_says_so(browser: Browser, settings_url: str) -> None:
    browser.post(f"{settings_url}/texting", TEXTING)
    browser.get(f"{settings_url}/texting")
    browser.post(f"{settings_url}/texting", TEXTING)
    assert "Nothing was changed." in browser.get(f"{settings_url}/texting").text


def test_a_number_is_added_and_retired(browser: Browser, settings_url: str) -> None:
    typed = {
        "phone": "(312) 555-0142",
        "kind": "p2p",
        "confirmation_by": "heed",
        "help_by": "nobody",
    }

    assert browser.post(f"{settings_url}/numbers", typed).status_code == 303

    (number,) = numbers.all_of(campaign())
    assert (number.phone, number.kind) == ("+13125550142", NumberKind.P2P)
    assert (number.confirmation_by, number.help_by) == (Answerer.HEED, Answerer.NOBODY)
    assert "(312) 555-0142" in browser.get(f"{settings_url}/numbers").text
    retire = f"{settings_url}/numbers/{number.id}/retire"
    assert "Retire (312) 555-0142?" in browser.get(retire).text
    browser.post(retire)
    assert numbers.all_of(campaign()) == []


def test_a_number_has_its_own_pace_or_the_usual_one(browser: Browser, settings_url: str) -> None:
    typed = {"phone": "(312) 555-0142", "kind": "both"}
    typed |= {"confirmation_by": "heed", "help_by": "heed"}
    browser.post(f"{settings_url}/numbers", typed | {"rate": "12.5"})
    assert numbers.all_of(campaign())[0].rate == 12.5
    assert ">12.5</td>" in browser.get(f"{settings_url}/numbers").text
    for rate in ("0", "-1", "1001", "nan", "quick"):
        page = browser.post(f"{settings_url}/numbers", typed | {"rate": rate})
        assert page.status_code == 422 and f'value="{rate}"' in page.text
    browser.post(f"{settings_url}/numbers", typed | {"rate": ""})
    db.session.rollback()
    assert numbers.all_of(campaign())[0].rate is None


def test_what_is_no_number_is_said_at_the_field(browser: Browser, settings_url: str) -> None:
    typed = {"phone": "12", "kind": "p2p", "confirmation_by": "heed", "help_by": "heed"}
    page = browser.post(f"{settings_url}/numbers", typed)
    assert page.status_code == 422 and "too short" in page.text
