"""The pictures of the README and of the help pages: ./heed screenshots --for-readme.

Each is taken from the practice campaign and written as WebP, small enough to live in the
repository. Help shows its pictures in both themes; the README has the light ones.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, Page, expect

from tests.browser.tour import PLACES, World
from tests.browser.window import Window
from webapp.services import demo_script

ROOT = Path(__file__).parents[2]
DOCS, HELP = "docs", "static/help"
MOST_BYTES = 600_000  # all of them together
QUALITY = 0.65
# Chromium writes WebP by itself: no library and no other program is needed for it.
TO_WEBP = """async ([png, quality]) => {
  const picture = new Image();
  picture.src = `data:image/png;base64,${png}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
  canvas.getContext("2d", { alpha: false }).drawImage(picture, 0, 0);
  return canvas.toDataURL("image/webp", quality).split(",")[1];
}"""


@dataclass(frozen=True)
class Picture:
    """A picture: its file, the place in the tour, the window, and what of the page it shows.

    `part` is a selector: the picture shows that element alone.
    """

    name: str
    place: str
    width: int
    height: int
    folder: str = HELP
    part: str = ""
    scale: float = 1.5
    act: Callable[[Page, World], None] | None = None  # instead of what the tour does there

    @property
    def themes(self) -> tuple[str, ...]:
        """What it is taken in."""
        return ("light", "dark") if self.folder == HELP else ("light",)

    def file(self, theme: str = "light") -> str:
        """Where it is kept, from the root of the repository."""
        return f"{self.folder}/{self.name}{'-dark' if theme == 'dark' else ''}.webp"


def _texts_stop(page: Page, world: World) -> None:
    """As Luis, who has answered a first text."""
    page.goto(f"{world.address('demo')}?phone={quote(demo_script.phone_of('Luis Ortega'))}")
    page.get_by_role("button", name="STOP", exact=True).click()
    expect(page.locator("#happened")).to_contain_text("Added Opt Out (P2P)")
    page.evaluate("document.activeElement.blur()")


# A picture of a phone is as wide as the phone; parts of admins' pages are as wide as the rail
# leaves them in a small window, which is high enough for them to stand above its sticky foot.
PICTURES = (
    Picture("inbox", "thread", 1440, 900, DOCS, scale=1),
    Picture("safeguard", "builder review", 1440, 900, DOCS, scale=1),
    Picture("report-settings", "builder report settings", 1440, 1100, DOCS, scale=1),
    Picture("first-text", "send", 390, 640),
    Picture("hint", "thread", 390, 640),
    Picture("report", "report", 390, 640),
    Picture("opt-out-in-report", "builder report settings", 1040, 1600, part=".oline"),
    Picture("review", "builder review", 1040, 1600, part="section.card"),
    Picture("possible", "possible", 1040, 1600, part="li.card"),
    Picture("can-we-text", "contact", 1040, 1600, part=".cons"),
    # The last one: it changes what the others show.
    Picture("demo-phone", "demo", 1440, 880, DOCS, scale=1, act=_texts_stop),
)


def files() -> list[str]:
    """Every file that is written."""
    return [one.file(theme) for one in PICTURES for theme in one.themes]


def take_all(browser: Browser, world: World, root: Path = ROOT) -> list[Path]:
    """Write all of them; returns the files."""
    converter = browser.new_page()
    written = []
    for picture in PICTURES:
        for theme, png in _taken(browser, world, picture):
            file = root / picture.file(theme)
            file.parent.mkdir(parents=True, exist_ok=True)
            encoded = converter.evaluate(TO_WEBP, [b64encode(png).decode(), QUALITY])
            file.write_bytes(b64decode(encoded))
            written.append(file)
    converter.close()
    return written


def _taken(browser: Browser, world: World, picture: Picture) -> Iterator[tuple[str, bytes]]:
    """The picture in each of its themes."""
    place = PLACES[picture.place]
    window = Window(
        browser,
        world.site,
        cookie=world.cookies.get(place.who),
        width=picture.width,
        height=picture.height,
        device_scale_factor=picture.scale,
    )
    page = window.open(world.address(picture.place))
    act = picture.act or place.act
    if act is not None:
        act(page, world)
    for theme in picture.themes:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.evaluate("document.fonts.ready")
        yield theme, _shot(page, picture)
    window.context.close()


def _shot(page: Page, picture: Picture) -> bytes:
    shown = page.locator(picture.part).first if picture.part else page
    return shown.screenshot(animations="disabled")
