"""Reads a page as a critic would: headings, title, ids, labels, names, nothing inline."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
    # Shapes of drawings, which the icons and the charts close in place.
    | {"circle", "ellipse", "line", "path", "polygon", "polyline", "rect", "stop", "use"}
)
UNLABELLED = frozenset({"hidden", "submit", "button", "reset", "image"})
CONTROLS = frozenset({"input", "select", "textarea"})


@dataclass
class Element:
    """One element: its tag, its attributes, where it starts, what stands in it."""

    tag: str
    attributes: dict[str, str]
    line: int
    parent: Element | None = None
    text: list[str] = field(default_factory=list)

    def words(self) -> str:
        return " ".join("".join(self.text).split())

    def inside(self, tag: str) -> Element | None:
        """The nearest element around this one that has the tag."""
        around = self.parent
        while around is not None and around.tag != tag:
            around = around.parent
        return around

    def __str__(self) -> str:
        told = [
            f'{key}="{self.attributes[key]}"'
            for key in ("id", "name", "class", "href")
            if self.attributes.get(key)
        ]
        return f"<{' '.join([self.tag, *told])}> (line {self.line})"


class Page(HTMLParser):
    """Collects the elements of a document with the words that can be read in each."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.stray: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parent = self.open[-1] if self.open else None
        attributes = {key: value or "" for key, value in attrs}
        element = Element(tag, attributes, self.getpos()[0], parent)
        self.elements.append(element)
        if tag == "img":
            self._hear(attributes.get("alt", ""))
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1].tag == tag and tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        tags = [element.tag for element in self.open]
        if tag not in tags:
            self.stray.append(f"</{tag}> closes nothing (line {self.getpos()[0]})")
            return
        while self.open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._hear(data)

    def _hear(self, data: str) -> None:
        for element in reversed(self.open):
            element.text.append(data)
            if _says_nothing_outside(element):
                return


def _says_nothing_outside(element: Element) -> bool:
    """Whether the words in it are no part of a name around it: hidden, or a control's own."""
    return (
        "hidden" in element.attributes
        or element.attributes.get("aria-hidden") == "true"
        or element.tag in {"select", "textarea"}
    )


def inspect(html: str, *, url: str) -> list[str]:
    """Faults of a page or, when there is no <html>, of a part; each begins with the url.

    A full page has one h1, a title and a language. Pages and parts have unique ids, a label for
    every control, a name for every button and link, a text for every picture, show no markup as
    words, and carry no script, style or handler inline (they would die under the content
    security policy).
    """
    page = Page()
    page.feed(html)
    page.close()
    faults = [
        *page.stray,
        *_repeated_ids(page),
        *_inline(page),
        *_unlabelled(page),
        *_nameless(page),
        *_pictures(page),
        *_dangling(page),
        *_markup(page),
    ]
    if any(element.tag == "html" for element in page.elements):
        faults += _document(page)
    return [f"{url}: {fault}" for fault in faults]


def _document(page: Page) -> list[str]:
    faults = []
    headings = [element for element in page.elements if element.tag == "h1"]
    if len(headings) != 1:
        faults.append(f"has {len(headings)} h1, not one")
    faults += [f"{heading} says nothing" for heading in headings if not heading.words()]
    titles = [
        element
        for element in page.elements
        if element.tag == "title" and element.inside("svg") is None
    ]
    if len(titles) != 1 or not titles[0].words().removesuffix("– Heed").strip():
        faults.append("has no title of its own")
    if not next(e for e in page.elements if e.tag == "html").attributes.get("lang"):
        faults.append("<html> names no language")
    if not any(element.tag == "main" for element in page.elements):
        faults.append("has no <main>")
    return faults


def _repeated_ids(page: Page) -> list[str]:
    ids = Counter(
        element.attributes["id"] for element in page.elements if "id" in element.attributes
    )
    return [f'id "{name}" stands {times} times' for name, times in ids.items() if times > 1] + (
        ["an id is empty"] if "" in ids else []
    )


def _inline(page: Page) -> list[str]:
    faults = []
    for element in page.elements:
        if element.tag == "style" or (
            element.tag == "script" and not element.attributes.get("src")
        ):
            faults.append(f"{element} is inline")
        for name, value in element.attributes.items():
            if name == "style" or name.startswith(("on", "hx-on")):
                faults.append(f"{element} has {name}=")
            if name in {"href", "src", "action"} and value.strip().lower().startswith(
                "javascript:"
            ):
                faults.append(f"{element} has a javascript: address")
    return faults


def _named_by_others(element: Element, page: Page) -> bool:
    if element.attributes.get("aria-label", "").strip():
        return True
    wanted = element.attributes.get("aria-labelledby", "").split()
    named = {other.attributes.get("id"): other for other in page.elements}
    return any(named[name].words() for name in wanted if name in named)


def _unlabelled(page: Page) -> list[str]:
    labels = {
        element.attributes["for"]
        for element in page.elements
        if element.tag == "label" and element.attributes.get("for") and element.words()
    }
    faults = []
    for element in page.elements:
        if element.tag not in CONTROLS or element.attributes.get("type") in UNLABELLED:
            continue
        around = element.inside("label")
        if element.attributes.get("id") in labels or (around is not None and around.words()):
            continue
        if not _named_by_others(element, page):
            faults.append(f"{element} has no label")
    return faults


def _nameless(page: Page) -> list[str]:
    faults = []
    for element in page.elements:
        is_link = element.tag == "a" and "href" in element.attributes
        if not (is_link or element.tag in {"button", "summary", "legend", "caption"}):
            continue
        if not element.words() and not _named_by_others(element, page):
            faults.append(f"{element} has no name")
    return faults


def _pictures(page: Page) -> list[str]:
    """Said in words, and of a known size: nothing jumps when the picture arrives."""
    return [
        f"{element} has no {name}"
        for element in page.elements
        for name in ("alt", "width", "height")
        if element.tag == "img" and name not in element.attributes
    ]


def _dangling(page: Page) -> list[str]:
    """Labels and descriptions that point at nothing on a full page; parts may point outside."""
    if not any(element.tag == "html" for element in page.elements):
        return []
    ids = {element.attributes.get("id") for element in page.elements}
    faults = []
    for element in page.elements:
        for name in ("for", "aria-labelledby", "aria-describedby", "form"):
            for target in element.attributes.get(name, "").split():
                if target not in ids:
                    faults.append(f'{element} points at "{target}", which is not there')
    return faults


def _markup(page: Page) -> list[str]:
    """What was escaped twice, such as the time of a text: people would read the tags."""
    faults = []
    for element in page.elements:
        found = re.search("<(?:time|svg|span) ", element.words())
        if found and element.tag not in CONTROLS:
            faults.append(f"{element} shows {found[0].strip()}> as words")
    return faults
