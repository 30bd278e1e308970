"""Data > Analytics: cards, charts with their tables, and files of them."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests import factories, past
from tests.client import Browser
from webapp.db import transaction, utc_now
from webapp.models import ActionKind, Campaign, MessageState, OptOutSource, User
from webapp.services import figures

PAGE = "/data/analytics"
SignIn = Callable[[User], Browser]


@pytest.fixture
def home() -> Campaign:
    return factories.campaign()


@pytest.fixture
def admin(home: Campaign, client_for: SignIn) -> Browser:
    return client_for(factories.admin(home))


def read(browser: Browser, home: Campaign, path: str = "") -> str:
    response = browser.get(f"/c/{home.slug}{PAGE}{path}")
    assert response.status_code == 200
    return response.text


def rows(browser: Browser, home: Campaign, query: str) -> list[list[str]]:
    response = browser.get(f"/c/{home.slug}{PAGE}/figures.csv?{query}")
    assert response.status_code == 200
    assert response.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(response.text)))


def busy(home: Campaign) -> None:
    """A hundred texts two days ago, a hundred 40 days ago, and an action of ten."""
    action = past.action(home, "=SUM(A1) canvass")
    small = past.action(home, "Thank you")
    lately, long_ago = (utc_now() - timedelta(days=days) for days in (2, 40))
    script_id = past.scripts_of(action)[0]
    texts = past.first_texts(action, 100, at=lately, script_id=script_id)
    past.replies(texts[:20], after=timedelta(minutes=5))
    past.opt_outs(texts[:3], OptOutSource.STOP_WORD, after=timedelta(minutes=9))
    past.first_texts(action, 25, at=lately, state=MessageState.UNDELIVERED, error_code="30006")
    earlier = past.first_texts(action, 100, at=long_ago)
    past.opt_outs(earlier[:5], OptOutSource.ADMIN, after=timedelta(minutes=9))
    past.first_texts(small, 10, at=lately)
    past.count()


def test_before_fifty_texts_there_are_no_charts(admin: Browser, home: Campaign) -> None:
    page = read(admin, home)
    assert "Charts start after 50 texts." in page
    assert "The first figures are counted within a minute or two." in page
    past.first_texts(past.action(home, "Canvass"), 49, at=utc_now())
    past.count()
    page = read(admin, home)
    assert "Charts start after 50 texts." in page
    assert "Figures as of" in page
    past.first_texts(past.action(home, "Canvass"), 1, at=utc_now())
    past.count()
    assert "Charts start after 50 texts." not in read(admin, home)


def test_four_cards_compare_with_the_days_before(admin: Browser, home: Campaign) -> None:
    busy(home)
    page = read(admin, home, "?days=30")
    assert "110 of 135 texts" in page
    assert "81.5%" in page
    assert "3 of 110 phones texted" in page
    assert "2.3 points down from the 30 days before" in page
    assert "18.5 points down from the 30 days before" in page
    assert "From the first text to the first reply" in page
    assert "days before" not in read(admin, home, "?days=all")
    assert "Fewer than 50 texts in the 7 days before" in read(admin, home, "?days=7")


def test_an_action_with_few_texts_has_no_rate(admin: Browser, home: Campaign) -> None:
    busy(home)
    page = read(admin, home)
    assert "Not enough texts yet (at least 50)" in page
    assert "3.0%" in page
    assert "A landline, or a carrier that can&#39;t be reached" in page
    assert "Show as table" in page
    assert page.count("<svg") > 24


def test_a_channel_shows_its_own_texts(admin: Browser, home: Campaign) -> None:
    busy(home)
    rally = past.action(home, "Rally", kind=ActionKind.BROADCAST)
    past.first_texts(rally, 60, at=utc_now() - timedelta(days=1))
    past.count()
    page = read(admin, home, "?channel=broadcast")
    assert "Rally" in page
    assert "canvass" not in page
    assert "170 of 195 texts" in read(admin, home, "?channel=both")


def test_what_is_no_choice_is_the_usual(admin: Browser, home: Campaign) -> None:
    busy(home)
    assert "110 of 135 texts" in read(admin, home, "?days=soon&channel=pigeon")


def test_each_chart_is_a_file(admin: Browser, home: Campaign) -> None:
    busy(home)
    found = rows(admin, home, "of=actions&days=30")
    assert found == [
        [
            *("Action", "Texted", "Opted out", "Opt-out rate (%)"),
            *("Replied", "Reply rate (%)", "Not delivered"),
        ],
        ["Thank you", "10", "0", "", "0", "", "0"],
        ["'=SUM(A1) canvass", "100", "3", "3.00", "20", "20.00", "25"],
    ]
    assert rows(admin, home, "of=failures&days=30")[1] == [
        *("A landline, or a carrier that can't be reached", "30006", "25")
    ]
    assert len(rows(admin, home, "of=hours")) == 25
    assert rows(admin, home, "of=opt-outs&days=all")[1:] == [
        ["Stop word", "3"],
        ["Report", "0"],
        ["Carrier", "0"],
        ["Logged by an admin", "5"],
        ["Import", "0"],
    ]
    for name in ("scripts", "lists", "texters"):
        assert rows(admin, home, f"of={name}")


def test_a_file_of_nothing_known_is_not_there(admin: Browser, home: Campaign) -> None:
    assert admin.get(f"/c/{home.slug}{PAGE}/figures.csv?of=secrets").status_code == 404


def test_another_campaign_has_its_own_figures(admin: Browser, home: Campaign) -> None:
    busy(factories.campaign())
    assert "Charts start after 50 texts." in read(admin, home, "?days=all")


def test_the_navigation_leads_here(admin: Browser, home: Campaign) -> None:
    assert f'href="/c/{home.slug}/data/analytics"' in admin.get(f"/c/{home.slug}/").text


def test_the_page_counts_no_texts(admin: Browser, home: Campaign) -> None:
    """What it shows was counted before: a text that no count has met is not on it."""
    busy(home)
    past.first_texts(past.action(home, "Unseen"), 60, at=utc_now())
    assert "Unseen" not in read(admin, home)
    figures.bring_up_to_date(transaction, now=utc_now())
    assert "Unseen" in read(admin, home)
