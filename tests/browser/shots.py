"""Pictures of every screen with the practice campaign: ./heed screenshots DIR [NAME…].

DIR gets one picture for each mock-up of the design, by its name, and DIR/pages every page of the
tour in both themes, at a desk and on a phone. Names (of mock-ups or of places in tour.PLACES)
ask for those alone. `--for-readme` writes the pictures of the README and of help instead.
"""

import logging
import re
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import servers
from tests.browser import pictures
from tests.browser.site import Site
from tests.browser.tour import FIRST_RUN, PLACES, World
from tests.browser.window import Window


@dataclass(frozen=True)
class Shot:
    """A picture: its name, the place in the tour, the window, and whether it is dark.

    Height 0 shows the page to its end.
    """

    name: str
    place: str
    width: int
    height: int
    theme: str = "light"
    scale: int = 1


# One line for each picture of the design. A screen that comes later gets its line here, and its
# place in tour.PLACES.
MOCK_UPS = (
    Shot("inbox", "thread", 1440, 900),
    Shot("inbox@2x", "thread", 1440, 900, scale=2),
    Shot("inbox-dark", "thread", 1440, 900, "dark"),
    Shot("inbox-stop", "thread closed", 1440, 900),
    Shot("phone-send-390", "send", 390, 844),
    Shot("phone-list-390", "inbox", 390, 844),
    Shot("phone-thread-390", "thread", 390, 844),
    Shot("phone-report-390", "report", 390, 844),
    Shot("phone-send-360", "send", 360, 844),
    Shot("phone-list-360", "inbox", 360, 844),
    Shot("phone-thread-360", "thread", 360, 844),
    Shot("phone-report-360", "report", 360, 844),
    Shot("phone-send-390-dark", "send", 390, 844, "dark"),
    Shot("phone-list-390-dark", "inbox", 390, 844, "dark"),
    Shot("phone-thread-390-dark", "thread", 390, 844, "dark"),
    Shot("phone-report-390-dark", "report", 390, 844, "dark"),
    Shot("tags", "tags refused", 1440, 1180),
    Shot("launch", "builder review", 1440, 1100),
    Shot("launch-dark", "builder review", 1440, 1100, "dark"),
    Shot("report-settings", "builder report settings", 1440, 1140),
    Shot("report-settings-removed", "builder report settings without tag", 1440, 1080),
    Shot("contact", "contact", 1440, 1180),
    Shot("contact-dark", "contact", 1440, 1180, "dark"),
    Shot("broadcast-live", "broadcast", 1440, 800),
    Shot("simulator", "demo", 1440, 880),
    Shot("admin-phone-tags", "tags refused", 360, 1560),
    Shot("admin-phone-launch", "builder review", 360, 1560),
    Shot("admin-phone-report-settings", "builder report settings", 360, 1560),
    Shot("admin-phone-contact", "contact", 360, 1560),
)
# The pictures of the design that show four screens beside each other: width, height, which.
PHONE = ("send", "list", "thread", "report")
STRIPS = {
    "phone": (1770, 960, [f"phone-{screen}-390" for screen in PHONE]),
    "phone-dark": (1770, 960, [f"phone-{screen}-390-dark" for screen in PHONE]),
    "phone-360": (1650, 960, [f"phone-{screen}-360" for screen in PHONE]),
    "admin-phone": (
        1570,
        1610,
        [f"admin-phone-{page}" for page in ("tags", "launch", "report-settings", "contact")],
    ),
}
# A thread shows its end; a window that was made smaller would show its middle.
TO_THE_END = """document.querySelectorAll("[data-keep-bottom]").forEach(
  (list) => { list.scrollTop = list.scrollHeight; })"""
WIDTHS = {1440: 900, 360: 800}
# Panes fill the window; other pages are shown to their end.
PANES = ("send", "inbox", "thread", "report", "panel", "admin inbox", "admin thread")


def pages_of(place: str) -> list[Shot]:
    """The four pictures that every place of the tour gets."""
    return [
        Shot(f"pages/{slug(place)}-{width}-{theme}", place, width, height * fills(place), theme)
        for width, height in WIDTHS.items()
        for theme in ("light", "dark")
    ]


def fills(place: str) -> bool:
    """Whether a page fills the window, instead of going on beneath it."""
    words = r"report (settings|correct)"
    return place.startswith(PANES) and not re.match(words, place)


def slug(name: str) -> str:
    """A name as part of the name of a file."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def wanted(names: list[str]) -> dict[str, list[Shot]]:
    """The pictures that are asked for, by place, so that each place is opened once."""
    everywhere = [shot for place in (*FIRST_RUN, *PLACES) for shot in pages_of(place)]
    members = {member for name in names if name in STRIPS for member in STRIPS[name][2]}
    shots = [
        shot
        for shot in (*MOCK_UPS, *everywhere)
        if not names
        or shot.name in {*names, *members}
        or (shot.place in names and shot.name.startswith("pages/"))
    ]
    unknown = set(names) - {shot.name for shot in shots} - {shot.place for shot in shots}
    if unknown - STRIPS.keys():
        raise SystemExit(f"There is no picture {', '.join(sorted(unknown - STRIPS.keys()))}.")
    return {
        place: [shot for shot in shots if shot.place == place]
        for place in dict.fromkeys(shot.place for shot in shots)
    }


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    logging.disable(logging.INFO)  # Each request would be a line.
    chromium = servers.chromium()
    if isinstance(chromium, servers.Missing):
        raise SystemExit(f"{chromium.reason} {chromium.how_to_get_it}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.url, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


def for_readme() -> None:
    """Take the pictures of the README and of help, in their places."""
    with a_browser() as browser, scratch_site() as site:
        with site.app.app_context():
            world = World(site)
        written = pictures.take_all(browser, world)
    size = sum(file.stat().st_size for file in written)
    print(f"{len(written)} pictures are in their places, {size // 1000} KB in all.")


def main(folder: Path, names: list[str]) -> None:
    """Take the pictures."""
    began = time.monotonic()
    asked = wanted(names)
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    with a_browser() as browser:
        tour = {place: shots for place, shots in asked.items() if place in PLACES}
        first = {place: shots for place, shots in asked.items() if place in FIRST_RUN}
        if tour:
            take_tour(browser, folder, tour)
        if first:
            take_first_run(browser, folder, first)
        for name in STRIPS if not names else [name for name in names if name in STRIPS]:
            put_side_by_side(browser, folder, name)
    amount = sum(map(len, asked.values()))
    print(f"{amount} pictures are in {folder}, after {time.monotonic() - began:.0f} seconds.")


@contextmanager
def scratch_site() -> Iterator[Site]:
    """Heed with an empty database, in a folder and on a port of its own."""
    with tempfile.TemporaryDirectory() as place, Site(Path(place)) as site:
        yield site


def take_tour(browser: Browser, folder: Path, asked: dict[str, list[Shot]]) -> None:
    """The pictures of places in the practice campaign."""
    with scratch_site() as site:
        with site.app.app_context():
            world = World(site)
        windows: dict[tuple[str, int], Window] = {}
        for name, shots in asked.items():
            place = PLACES[name]
            for scale in sorted({shot.scale for shot in shots}):
                key = (place.who, scale)
                if key not in windows:
                    cookie = world.cookies.get(place.who)
                    windows[key] = Window(browser, site, cookie=cookie, device_scale_factor=scale)
                page = windows[key].page
                page.set_viewport_size({"width": 1440, "height": 900})
                page.goto(world.address(name))
                if place.act is not None:
                    with site.app.app_context():
                        place.act(page, world)
                take(page, folder, [shot for shot in shots if shot.scale == scale])


def take_first_run(browser: Browser, folder: Path, asked: dict[str, list[Shot]]) -> None:
    """The pictures of the steps before there is a campaign."""
    with scratch_site() as site:
        page = Window(browser, site).page
        for name, step in FIRST_RUN.items():
            page.set_viewport_size({"width": 1440, "height": 900})
            step(page, site)
            take(page, folder, asked.get(name, []))


def take(page: Page, folder: Path, shots: list[Shot]) -> None:
    """Pictures of the page that is open."""
    for shot in shots:
        page.set_viewport_size({"width": shot.width, "height": shot.height or WIDTHS[shot.width]})
        if not shot.height:  # As a window that is high enough, for what sticks to its edges.
            whole = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": shot.width, "height": max(whole, WIDTHS[shot.width])})
        page.emulate_media(color_scheme="dark" if shot.theme == "dark" else "light")
        page.evaluate("document.fonts.ready")
        page.evaluate(TO_THE_END)
        file = folder / f"{shot.name}.png"
        page.screenshot(path=file, animations="disabled")


def put_side_by_side(browser: Browser, folder: Path, name: str) -> None:
    """Several pictures in one, as the design shows them."""
    width, height, shots = STRIPS[name]
    page = browser.new_page(viewport={"width": width, "height": height})
    pictures = "".join(
        f'<img alt="{escape(shot)}" src="data:image/png;base64,'
        f'{b64encode((folder / f"{shot}.png").read_bytes()).decode()}">'
        for shot in shots
    )
    page.set_content(
        "<style>body{margin:0;height:100vh;display:flex;justify-content:space-evenly;"
        f"align-items:center;background:#e2e7e5}}img{{border-radius:16px}}</style>{pictures}"
    )
    page.screenshot(path=folder / f"{name}.png")
    page.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["--for-readme"]:
        for_readme()
        sys.exit()
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        raise SystemExit("Usage: ./heed screenshots DIR [NAME…], or --for-readme")
    main(Path(sys.argv[1]), sys.argv[2:])
