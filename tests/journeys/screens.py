"""What somebody sees in a browser without scripts: words, links, and forms to fill in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from werkzeug.test import TestResponse

from tests.client import Browser
from tests.critic import Element, Page

Fields = list[tuple[str, str]]
UNCLICKED = frozenset({"submit", "image", "button", "reset", "file"})


@dataclass
class Screen:
    """One answer of Heed, as it can be read."""

    browser: Browser
    response: TestResponse
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.page = Page()
        if self.response.mimetype == "text/html":
            self.page.feed(self.response.text)
            self.page.close()

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        return self.response.request.path

    @property
    def words(self) -> str:
        """All that can be read, white space folded, typographic quotes made plain."""
        body = [one for one in self.page.elements if one.tag == "body"]
        text = body[0].words() if body else self.response.text
        return text.replace("’", "'").replace("“", '"').replace("”", '"')

    def says(self, *phrases: str) -> bool:
        """Whether all of these can be read."""
        return all(phrase in self.words for phrase in phrases)

    def links(self) -> dict[str, str]:
        """Addresses by the words of the link."""
        return {
            one.words(): one.attributes["href"]
            for one in self.page.elements
            if one.tag == "a" and "href" in one.attributes
        }

    def link_to(self, path: str) -> bool:
        """Whether anything leads to this path."""
        return any(urlsplit(href).path == path for href in self.links().values())

    def form(self, ending: str) -> Form:
        """The form whose address ends so; a form without an address posts to the page's own."""
        found = self.forms(ending)
        assert found, f"{self.path} ({self.status}) has no form for …{ending}"
        return found[0]

    def forms(self, ending: str) -> list[Form]:
        """All forms whose address ends so."""
        return [
            one for one in map(self._form, self.page.elements) if one and one.path.endswith(ending)
        ]

    def press(self, words: str, **changes: Any) -> Screen:
        """Press the button that says this, in its form."""
        button = next(
            (one for one in self.page.elements if one.tag == "button" and words in one.words()),
            None,
        )
        assert button is not None, f"{self.path} ({self.status}) has no button “{words}”"
        around = button.inside("form")
        if name := button.attributes.get("form"):
            around = next(e for e in self.page.elements if e.attributes.get("id") == name)
        assert around is not None, f"“{words}” stands in no form"
        form = self._form(around)
        assert form is not None
        form.address = urljoin(self.path, button.attributes.get("formaction", form.address))
        if "name" in button.attributes:
            changes = {button.attributes["name"]: button.attributes.get("value", ""), **changes}
        return form.send(**changes)

    def _form(self, element: Element) -> Form | None:
        if element.tag != "form":
            return None
        address = urljoin(self.path, element.attributes.get("action") or self.path)
        return Form(self, element, address)

    def open(self, href: str) -> Screen:
        """Follow a link."""
        return visit(self.browser, urljoin(self.path, href))


@dataclass
class Form:
    """A form of a screen, with what it holds already."""

    screen: Screen
    element: Element
    address: str

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    @property
    def method(self) -> str:
        return self.element.attributes.get("method", "get").upper()

    @property
    def words(self) -> str:
        return self.element.words()

    def controls(self) -> list[Element]:
        """Everything in it that has a name, also what stands elsewhere on the page."""
        name = self.element.attributes.get("id")
        return [
            one
            for one in self.screen.page.elements
            if one.tag in ("input", "select", "textarea", "button")
            and one.attributes.get("name")
            and (one.attributes["form"] == name if "form" in one.attributes else self._holds(one))
        ]

    def _holds(self, element: Element) -> bool:
        return element.inside("form") is self.element

    def filled(self) -> Fields:
        """What would be sent as it stands."""
        return [
            (one.attributes["name"], value)
            for one in self.controls()
            if "disabled" not in one.attributes
            for value in self._values(one)
        ]

    def offered(self, name: str) -> set[str]:
        """The values of the boxes or buttons with this name, marked or not."""
        return {
            one.attributes.get("value", "on")
            for one in self.controls()
            if one.attributes["name"] == name
        }

    def value(self, name: str) -> str:
        """What stands in one field."""
        return dict(self.filled()).get(name, "")

    def _values(self, one: Element) -> list[str]:
        if one.tag == "textarea":
            return ["".join(one.text).removeprefix("\n")]
        if one.tag == "select":
            return self._chosen(one)
        kind = one.attributes.get("type", "submit" if one.tag == "button" else "text")
        if kind in UNCLICKED:
            return []
        if kind in ("checkbox", "radio"):
            return [one.attributes.get("value", "on")] if "checked" in one.attributes else []
        return [one.attributes.get("value", "")]

    def _chosen(self, select: Element) -> list[str]:
        options = [
            one
            for one in self.screen.page.elements
            if one.tag == "option" and one.inside("select") is select
        ]
        chosen = [one for one in options if "selected" in one.attributes] or options[:1]
        return [one.attributes.get("value", one.words()) for one in chosen]

    def send(self, *, follow: bool = True, **changes: Any) -> Screen:
        """Fill in and send; a list stands for several values, None for leaving one out.

        A name may be written with _ in place of the - in it.
        """
        names = {name.replace("-", "_"): name for name, _ in self.filled()}
        names |= {
            one.attributes["name"].replace("-", "_"): one.attributes["name"]
            for one in self.controls()
        }
        changed = {names.get(name, name): value for name, value in changes.items()}
        fields = [(name, value) for name, value in self.filled() if name not in changed]
        for name, value in changed.items():
            several = value if isinstance(value, list | tuple | set) else [value]
            fields += [(name, str(one)) for one in several if one is not None]
        return post(self.screen.browser, self.address, fields, follow=follow)


def visit(browser: Browser, path: str, *, htmx: bool = False) -> Screen:
    """Open a page, following redirects."""
    return Screen(browser, browser.get(path, htmx=htmx, follow_redirects=not htmx))


def post(
    browser: Browser, path: str, fields: Fields, *, follow: bool = True, htmx: bool = False
) -> Screen:
    """Send fields to an address, and follow the redirect that answers a write."""
    grouped: dict[str, list[str]] = {}
    for name, value in fields:
        grouped.setdefault(name, []).append(value)
    response = browser.post(path, data=grouped, htmx=htmx)
    if follow and response.status_code == 303:
        return visit(browser, urljoin(path, response.headers["Location"]))
    return Screen(browser, response)
