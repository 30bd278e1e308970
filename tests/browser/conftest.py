"""One browser and one server for the whole folder; each test has a campaign of its own."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.shift import Shift
from tests.browser.site import Site
from tests.browser.window import Window
from webapp.db import db

ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """The browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server, asked for only where there is a browser to look at it."""
    with Site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def app(site: Site) -> Iterator[Flask]:
    """An application on the server's database, which the tests of this folder share."""
    with site.app.app_context():
        yield site.app
        db.session.rollback()


@pytest.fixture
def shift(app: Flask) -> Shift:
    """A campaign in the middle of texting, of this test alone."""
    return Shift()


@pytest.fixture
def window(chromium: Browser, site: Site) -> Iterator[Callable[..., Window]]:
    """Opens windows: window(person, width=390). Neither browser nor server may complain."""
    opened: list[Window] = []

    def made(*arguments: object, **options: object) -> Window:
        opened.append(Window(chromium, site, *arguments, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield made
    for one in opened:
        one.close()
    faults = site.faults()
    assert not faults, "\n".join(faults)
