"""Deny by default, and everything of a page belongs to the campaign of its address."""

from collections.abc import Callable

import pytest
from flask import g, url_for

from tests import factories
from tests.client import Browser
from tests.web.conftest import Make
from webapp.db import transaction, utc_now
from webapp.models import Tag, User
from webapp.web.access import campaign_blueprint, for_admins, for_texters, is_local, load, me

SignIn = Callable[[User], Browser]


def test_a_view_that_says_nothing_is_refused_in_production(make_app: Make) -> None:
    app = make_app(testing=False)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secrets")

    assert app.test_client().get("/forgotten").status_code == 403


def test_a_view_that_says_nothing_fails_loudly_in_tests(make_app: Make) -> None:
    app = make_app()
    app.add_url_rule("/forgotten", "forgotten", lambda: "secrets")

    with pytest.raises(RuntimeError, match="does not say who may open it"):
        app.test_client().get("/forgotten")


def test_a_view_for_texters_outside_a_campaign_is_a_mistake(make_app: Make) -> None:
    app = make_app()
    app.add_url_rule("/stray", "stray", for_texters(lambda: "hello"))
    browser = app.test_client()
    browser.sign_in_as(factories.session_token(factories.texter()))

    with pytest.raises(RuntimeError, match="outside a campaign"):
        browser.get("/stray")


def test_the_slug_becomes_the_campaign_and_comes_back_in_addresses(make_app: Make) -> None:
    app, person = make_app(), factories.texter(name="Ana Ruiz")
    blueprint = campaign_blueprint("things", __name__)

    @blueprint.route("/things")
    @for_texters
    def index() -> dict[str, str]:
        role = g.membership.role
        return {
            "campaign": g.campaign.slug,
            "role": role,
            "me": me().name,
            "url": url_for(".index"),
        }

    app.register_blueprint(blueprint)
    browser = app.test_client()
    browser.sign_in_as(factories.session_token(person))
    slug = factories.the_campaign().slug

    assert browser.get(f"/c/{slug}/things").json == {
        "campaign": slug,
        "role": "texter",
        "me": "Ana Ruiz",
        "url": f"/c/{slug}/things",
    }


def test_a_row_is_loaded_within_the_campaign_alone(make_app: Make) -> None:
    app, blueprint = make_app(), campaign_blueprint("things", __name__)

    @blueprint.route("/things/<int:tag_id>")
    @for_admins
    def thing(tag_id: int) -> str:
        return load(Tag, tag_id).name

    app.register_blueprint(blueprint)
    mine, theirs = factories.campaign(), factories.campaign()
    browser = app.test_client()
    browser.sign_in_as(factories.session_token(factories.owner(mine)))
    tag, other = factories.tag("Needs a ride", of=mine), factories.tag(of=theirs)

    assert browser.get(f"/c/{mine.slug}/things/{tag.id}").text == "Needs a ride"
    for wrong in (other.id, 0, 2**31, 2**63 - 1, 2**63, 10**40):
        assert browser.get(f"/c/{mine.slug}/things/{wrong}").status_code == 404


def test_a_number_too_large_for_its_column_names_nothing(client_for: SignIn) -> None:
    browser, slug = client_for(factories.owner()), factories.the_campaign().slug

    for wrong in (2**31, 2**63 - 1, 2**63):
        assert browser.get(f"/c/{slug}/team/{wrong}").status_code == 404
        for filtered in ("data/reports?texter", "data/opt-outs/history?before"):
            answer = browser.get(f"/c/{slug}/{filtered}={wrong}0")
            assert answer.status_code in (200, 404), filtered


def test_an_archived_campaign_is_not_found(client_for: SignIn) -> None:
    owner, campaign = factories.owner(), factories.the_campaign()
    with transaction():
        campaign.archived_at = utc_now()

    assert client_for(owner).get(f"/c/{campaign.slug}/team").status_code == 404


def test_nobody_signed_in_is_sent_to_sign_in_and_back_again(client: Browser) -> None:
    campaign = factories.campaign()

    response = client.get(f"/c/{campaign.slug}/team?after=abc")

    assert response.status_code == 303
    assert response.location == f"/login?next=/c/{campaign.slug}/team?after%3Dabc"


def test_a_part_of_a_lapsed_session_sends_the_whole_page_to_sign_in(client: Browser) -> None:
    campaign = factories.campaign()
    page = f"http://localhost/c/{campaign.slug}/inbox?view=all"

    response = client.get(f"/c/{campaign.slug}/team", htmx=True, headers={"HX-Current-URL": page})

    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == f"/login?next=/c/{campaign.slug}/inbox?view%3Dall"


def test_a_form_of_a_lapsed_session_comes_back_to_the_page_that_held_it(client: Browser) -> None:
    campaign = factories.campaign()
    url = f"/c/{campaign.slug}/team/join-code"

    response = client.post(url, headers={"Referer": f"http://localhost{url}"})
    elsewhere = client.post(url, headers={"Referer": "https://evil.example/"})

    assert response.location == f"/login?next={url}"
    assert elsewhere.location == "/login"


@pytest.mark.parametrize("url", ["/", "/c/rivera/inbox?view=all", "/join/ABCDEF"])
def test_addresses_of_ours_are_local(url: str) -> None:
    assert is_local(url)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "evil.example",
        "///evil",
        "/a\\b",
        "http:/evil.example",
        " //evil.example",
    ],
)
def test_addresses_of_others_are_not(url: str | None) -> None:
    assert not is_local(url)
