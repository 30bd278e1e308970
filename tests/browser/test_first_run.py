"""The first run in a browser: each step can be used by everybody, also without scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.site import Site
from tests.browser.test_accessibility import look_over
from tests.browser.tour import FIRST_RUN
from tests.browser.window import Window


@pytest.fixture
def fresh(chromium_path: str, tmp_path: Path) -> Iterator[Site]:
    """A server of its own, with no campaign yet."""
    with Site(tmp_path) as running:
        yield running


def test_every_step_can_be_used_by_everybody(chromium: Browser, fresh: Site) -> None:
    window = Window(chromium, fresh)
    for step in FIRST_RUN.values():
        window.page.set_viewport_size({"width": 1440, "height": 900})
        step(window.page, fresh)
        assert look_over(window.page) == {}
    window.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_campaign_is_set_up_with_and_without_scripts(
    chromium: Browser, fresh: Site, scripts: bool
) -> None:
    window = Window(chromium, fresh, java_script_enabled=scripts)
    page = window.page
    page.goto("/")
    expect(page).to_have_url(f"{fresh.url}/setup")
    for step in list(FIRST_RUN.values())[1:]:
        step(page, fresh)
    page.get_by_label("Your name").fill("Maya Okafor")
    page.get_by_label("Email").fill("maya@example.org")
    page.get_by_label("Password", exact=True).fill("wandering ducks at noon")
    page.get_by_role("button", name="Make the campaign").click()
    page.get_by_role("button", name="Use this number").click()
    expect(page.get_by_role("heading", name="Rivera for Council is ready")).to_be_visible()
    page.get_by_role("button", name="Load sample data and try the demo phone").click()
    expect(page.get_by_role("heading", name="Demo phone")).to_be_visible()
    window.close()
    assert fresh.faults() == []
