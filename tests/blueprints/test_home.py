"""Home of a campaign."""

from collections.abc import Callable

from tests import factories
from tests.client import Browser
from webapp.db import transaction, utc_now
from webapp.models import OptOutSource, Texting, User
from webapp.services import optouts

SignIn = Callable[[User], Browser]


def home() -> str:
    return f"/c/{factories.the_campaign().slug}/"


def test_texters_land_on_their_texts(client_for: SignIn) -> None:
    answer = client_for(factories.texter()).get(home())
    assert (answer.status_code, answer.location) == (303, f"{home()}text")


def test_an_empty_campaign_shows_what_to_do(client_for: SignIn) -> None:
    text = client_for(factories.owner()).get(home()).text
    assert "Get ready to text" in text and "Two opt-out tags" in text
    assert text.count("To do: ") == 5
    assert "Nothing is running right now." in text


def test_the_list_is_checked_off_by_what_exists(client_for: SignIn) -> None:
    browser = client_for(factories.owner())
    factories.texter()
    factories.tag()
    text = browser.get(home()).text
    assert (text.count("Done: "), text.count("To do: ")) == (2, 3)

    factories.action(factories.contact())

    assert "Get ready to text" not in browser.get(home()).text


def test_home_counts_today_and_shows_what_runs(client_for: SignIn) -> None:
    factories.action(factories.contact(), name="Doorstep to Ballot")
    with transaction():
        optouts.record(factories.contact(), Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
    text = client_for(factories.admin()).get(home()).text
    assert "Doorstep to Ballot" in text and "0 of 1" in text
    assert "Opt-outs today" in text
