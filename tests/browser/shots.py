"""Pictures of the main pages with the practice campaign: python -m tests.browser.shots DIR.

Further arguments are names of places (tests/browser/tour.py). The README's picture of the inbox
is desktop-thread.png.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import servers
from tests.browser.site import Site
from tests.browser.tour import PLACES, World
from tests.browser.window import Window

MAIN = (
    "login",
    "text",
    "send",
    "inbox",
    "thread",
    "report",
    "home",
    "actions",
    "builder audience",
    "builder script",
    "builder report settings",
    "builder review",
    "action",
    "contacts",
    "contact",
    "opt-out remove",
    "import preview",
    "tags refused",
    "opt-outs",
    "reports",
    "team",
    "settings texting",
    "demo",
)
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
# Panes fill the window; other pages are shown to their end.
PANES = ("send", "inbox", "thread", "report", "panel", "admin inbox", "admin thread")


def main(folder: Path, names: list[str]) -> None:
    """Save each page as desktop-<name>.png and phone-<name>.png."""
    chromium = servers.chromium()
    if isinstance(chromium, servers.Missing):
        raise SystemExit(f"{chromium.reason} {chromium.how_to_get_it}")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        Site(Path(place)) as site,
        sync_playwright() as playwright,
    ):
        with site.app.app_context():
            world = World(site)
        browser = playwright.chromium.launch(
            executable_path=chromium.url, args=["--no-sandbox", "--disable-gpu"]
        )
        for size, (width, height) in SIZES.items():
            windows = {
                who: Window(browser, site, cookie=cookie, width=width, height=height)
                for who, cookie in {"": None, **world.cookies}.items()
            }
            for name in names:
                take(
                    windows[PLACES[name].who],
                    world,
                    name,
                    folder / f"{size}-{name.replace(' ', '-')}.png",
                )
        browser.close()


def take(window: Window, world: World, name: str, file: Path) -> None:
    """One picture."""
    page = window.open(world.address(name))
    if (act := PLACES[name].act) is not None:
        with world.site.app.app_context():
            act(page, world)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=file, full_page=not name.startswith(PANES))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or list(MAIN))
