"""A window of a browser that listens for everything the browser complains about."""

from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.site import Site
from webapp.models import User

# Told to the console, so that a violation is a complaint like any other.
TELLS_OF_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


class Window:
    """One person's window: `page` is Playwright's, addresses are those of the site."""

    def __init__(
        self,
        browser: Browser,
        site: Site,
        person: User | None = None,
        *,
        cookie: dict[str, str] | None = None,
        width: int = 1440,
        height: int = 900,
        **options: Any,
    ) -> None:
        self.context = browser.new_context(
            base_url=site.url, viewport={"width": width, "height": height}, **options
        )
        cookie = site.cookie_of(person) if person is not None else cookie
        if cookie is not None:
            self.context.add_cookies([cookie])  # type: ignore[list-item]
        self.context.add_init_script(TELLS_OF_VIOLATIONS)
        self.context.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self._expected: tuple[str, ...] = ()
        self.page = self.new_page()

    def new_page(self) -> Page:
        """Another tab of the same browser."""
        page = self.context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.location.get('url', '')}: {message.text}")

    def open(self, path: str) -> Page:
        """Open an address; returns the page."""
        self.page.goto(path)
        return self.page

    def expects(self, *words: str) -> None:
        """Complaints with one of these words in them belong to the test."""
        self._expected += words

    def told(self) -> list[str]:
        """What the browser complained about since this was last asked, save what is expected."""
        told, self.complaints = self.complaints, []
        return [one for one in told if not any(words in one for words in self._expected)]

    def close(self) -> None:
        """Close the window; fails when the browser had anything to complain about."""
        self.context.close()
        complaints = self.told()
        assert not complaints, "\n".join(complaints)
