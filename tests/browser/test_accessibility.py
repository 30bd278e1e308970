"""Whoever opens a page can use it: axe finds nothing, and nothing has to be scrolled sideways."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser.site import Site
from tests.browser.tour import PLACES, World
from tests.browser.window import Window

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERYTHING: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": TAGS},
    "resultTypes": ["violations"],
}
# What a theme changes.
COLORS: dict[str, Any] = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
# Refusals are shown on purpose here.
REFUSED = ("the server responded with a status of 4", "Response Status Error Code 4")
# Parts that a page asks for by itself, files, redirects, and what machines ask.
NO_PAGES = {
    "actions.broadcasts_live",
    "actions.index_live",
    "actions.live",
    "analytics.download",
    "automations.list_live",
    "automations.live",
    "contacts.live",
    "contacts.rejects",
    "demo.live",
    "health.is_ready",
    "health.is_up",
    "home.live",
    "inbox.live",
    "pictures.show",
    "opt_outs.possible_news",
    "opt_outs.rejects",
    "reports.live",
    "settings.index",
    "settings.live_system",
    "text.list_live",
    "text.live",
    "training.index",
}
# These are there only while there is no campaign; see test_first_run.py.
FIRST_RUN_PAGES = {"setup.code", "setup.campaign", "setup.you"}
KNOWN = PLACES.keys() - {"not found"}
# Strips that scroll by themselves, and what is only read aloud.
MAY_BE_WIDE = ".canned, .tabs, svg, thead, .vh, .filters, .stepper, .sr"
TOO_WIDE = """allowed => {
  const width = document.documentElement.clientWidth;
  const out = [...document.querySelectorAll("body *")].filter((one) =>
    one.getBoundingClientRect().right > width + 1 && one.getClientRects().length
    && !one.closest(allowed));
  const names = out.slice(0, 3).map((one) => one.outerHTML.slice(0, 120));
  if (document.documentElement.scrollWidth > width) names.unshift("the page");
  return names;
}"""


@pytest.fixture(scope="session")
def world(site: Site) -> World:
    with site.app.app_context():
        return World(site)


@pytest.fixture(scope="session")
def windows(chromium: Browser, site: Site, world: World) -> Iterator[Callable[[str], Window]]:
    """One window per person, for all pages."""
    opened: dict[str, Window] = {}

    def window_of(who: str) -> Window:
        if who not in opened:
            opened[who] = Window(chromium, site, cookie=world.cookies.get(who))
            opened[who].expects(*REFUSED)
        return opened[who]

    yield window_of
    for one in opened.values():
        one.context.close()


def faults(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe finds, each with the first place where it does."""
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]} {_why(one['nodes'][0])}" for one in found
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in node["any"][:1] + node["all"][:1])


def look_over(page: Page) -> dict[str, list[str]]:
    """The faults of the page that is open, by how it was looked at."""
    page.evaluate(AXE_SCRIPT)
    seen: dict[str, list[str]] = {}
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        # A bar that sticks to the foot covers what can be scrolled out from under it.
        whole = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": max(height, whole)})
        seen[f"{width}"] = faults(page, EVERYTHING)
        page.emulate_media(color_scheme="dark")
        seen[f"{width} dark"] = faults(page, COLORS)
        page.emulate_media(color_scheme="light")
    for width in (360, 320):
        page.set_viewport_size({"width": width, "height": 640})
        seen[f"{width} wide"] = page.evaluate(TOO_WIDE, MAY_BE_WIDE)
    return {how: found for how, found in seen.items() if found}


@pytest.mark.parametrize("name", PLACES)
def test_a_page_can_be_used_by_everybody(
    app: Flask, windows: Callable[[str], Window], world: World, site: Site, name: str
) -> None:
    place = PLACES[name]
    window = windows(place.who)
    page = window.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(world.address(name))
    if place.act is not None:
        place.act(page, world)
    assert look_over(page) == {}
    assert window.told() == []
    assert site.faults() == []


def test_every_page_is_looked_at(app: Flask, world: World) -> None:
    """A new page needs a line in tour.PLACES."""
    urls = app.url_map.bind("")
    seen = {urls.match(urlsplit(world.address(name)).path)[0] for name in KNOWN}
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - seen - FIRST_RUN_PAGES == NO_PAGES


def test_what_somebody_wrote_stays_one_text_where_words_of_it_are_marked(
    windows: Callable[[str], Window], world: World
) -> None:
    page = windows("admin").open(world.address("possible"))
    quoted = page.locator("blockquote:has(mark)").first
    assert quoted.evaluate("quote => getComputedStyle(quote).display") == "block"


def test_faults_are_found_when_there_are_some(
    windows: Callable[[str], Window], world: World
) -> None:
    page = windows("admin").open(world.address("tags"))
    page.evaluate(
        """() => {
          document.querySelector("main h2").style.color = "#bbb";
          document.querySelector("main h1").style.width = "400px";
        }"""
    )
    found = look_over(page)
    windows("admin").told()  # The policy refuses none of this: it came by the debugger.
    assert found["1440"][0].startswith("color-contrast")
    assert found["390"][0].startswith("color-contrast")
    assert found["360 wide"][0] == "the page"
    assert "<h1" in found["320 wide"][1]
