"""The pictures of the README and of help: there, described, of known size, and made by a script."""

import re
from html.parser import HTMLParser

import pytest

from tests.browser import pictures
from tests.client import Browser
from webapp.web.assets import picture_size

ROOT = pictures.ROOT
README = (ROOT / "README.md").read_text(encoding="utf-8")
HELP_PAGES = ("/help", "/help/opt-outs")


class Images(HTMLParser):
    """Every picture of a page, as its attributes; those of a <source> included."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "img" or (tag == "source" and "srcset" in given):
            self.found.append({"src": given.get("srcset", "")} | given | {"tag": tag})


def shown_by_help(client: Browser) -> list[dict[str, str]]:
    return [one for url in HELP_PAGES for one in Images(client.get(url).text).found]


def file_of(address: str) -> str:
    return address.partition("?")[0].lstrip("/")


def test_the_script_writes_each_picture_that_is_shown_and_no_other(client: Browser) -> None:
    in_help = {file_of(one["src"]) for one in shown_by_help(client)}
    in_readme = {one["src"] for one in Images(README).found}

    assert in_help | in_readme == set(pictures.files())
    assert "![" not in README, "A picture in Markdown has no size; write <img width height>."


def test_no_other_picture_lies_about() -> None:
    kept = {
        str(file.relative_to(ROOT))
        for folder in (pictures.DOCS, pictures.HELP)
        for file in (ROOT / folder).iterdir()
    }
    assert kept == set(pictures.files())


def test_pictures_are_small_enough_to_be_kept_with_the_code() -> None:
    assert sum((ROOT / name).stat().st_size for name in pictures.files()) < pictures.MOST_BYTES


def test_pictures_are_described_and_the_page_keeps_room_for_them(client: Browser) -> None:
    for one in shown_by_help(client):
        size = (int(one["width"]), int(one["height"]))
        assert size == picture_size(file_of(one["src"]).removeprefix("static/"))
        assert one["tag"] == "source" or len(one["alt"]) > 20
    for one in Images(README).found:
        width, height = picture_size(f"../{one['src']}")
        assert abs(int(one["width"]) / int(one["height"]) - width / height) < 0.01
        assert len(one["alt"]) > 20


def test_a_picture_of_help_is_served_as_what_it_is(client: Browser) -> None:
    answer = client.get(shown_by_help(client)[0]["src"])

    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_help_shows_its_pictures_in_the_theme_that_was_chosen(client: Browser, theme: str) -> None:
    from flask import render_template_string

    with client.application.test_request_context():
        html = render_template_string(
            '{% import "macros/help.html" as shots %}{{ shots.picture("report", "…", theme) }}',
            theme=theme,
        )
    assert "<source" not in html and ("-dark" in html) is (theme == "dark")


def test_the_size_of_what_is_no_picture_is_an_error() -> None:
    with pytest.raises(ValueError, match="no WebP"):
        picture_size("css/app.css")
    with pytest.raises(FileNotFoundError):
        picture_size("help/of-nothing.webp")


def test_names_of_pictures_tell_what_they_show() -> None:
    assert all(re.fullmatch(r"[a-z-]+", one.name) for one in pictures.PICTURES)
    assert len(set(pictures.files())) == len(pictures.files())
