"""The same address gives a page or a part."""

import pytest
from flask import Flask, Response
from jinja2 import ChoiceLoader, DictLoader

from tests.client import Browser
from tests.web.conftest import Make
from webapp.web.access import public
from webapp.web.htmx import part_or_redirect, render, see_other, wants_part


def save() -> Response:
    return part_or_redirect("auth/_hello.html", "/help", name="Ana")


def both() -> Response:
    return render("help/index.html", "auth/_hello.html", name="Ana")


@pytest.fixture
def browser(make_app: Make) -> Browser:
    app: Flask = make_app()
    hello = DictLoader({"auth/_hello.html": '<p id="hello">Hello {{ name }}</p>'})
    app.jinja_loader = ChoiceLoader([hello, app.jinja_loader])  # type: ignore[list-item]
    app.add_url_rule("/part", "part", public(lambda: str(wants_part())))
    app.add_url_rule("/go", "go", public(lambda: see_other("/help")), methods=["POST"])
    app.add_url_rule("/save", "save", public(save), methods=["POST"])
    app.add_url_rule("/both", "both", public(both))
    client = app.test_client()
    assert isinstance(client, Browser)
    return client


@pytest.mark.parametrize(
    ("headers", "part"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Boosted": "true"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_a_part_is_for_htmx_but_not_for_boosted_links_or_the_back_button(
    browser: Browser, headers: dict[str, str], part: bool
) -> None:
    assert browser.get("/part", headers=headers).text == str(part)


def test_after_a_write_a_browser_is_redirected_and_htmx_gets_the_part(browser: Browser) -> None:
    assert browser.post("/save").status_code == 303
    assert "Hello Ana" in browser.post("/save", htmx=True).text


def test_a_redirect_for_htmx_is_a_visit_of_the_whole_page(browser: Browser) -> None:
    assert browser.post("/go").location == "/help"
    response = browser.post("/go", htmx=True)
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, "/help")


def test_render_gives_page_or_part(browser: Browser) -> None:
    assert "<html" in browser.get("/both").text
    assert "<html" not in browser.get("/both", htmx=True).text
